"""Family K: keypoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.rows import Rows
from hubaction.report.finding import Severity
from hubaction.rules.collector import Collector
from hubaction.rules.engine import enough_valid_labels
from hubaction.rules.memo import Memo
from hubaction.rules.rule import Need, Option, Options, Repair, Rule
from hubaction.rules.view import SplitView, View

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOW, _HIGH = -0.01, 1.01
"""Coordinates that the loader takes (ultralytics 8.4.114 and 8.4.190)."""


class _Points:
    """The keypoints of a split: q objects with k keypoints each, of ``dims`` values.

    Attributes:
        rows: int (q,), rows of the objects. box: float64 (q, 4), cx cy w h.
        x, y: float64 (q, k). flag: float64 (q, k), visibility; without any 0 at 0 0, else 1.
        visible: bool (q, k), the loader counts the point. outside: bool (q, k), not within the loader's bounds.
        at_origin: bool (q, k), exactly 0 0.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = np.flatnonzero(rows.usable & rows.is_pose)
        self.box = rows.box[self.rows]
        self.dims: int = rows.points.shape[2]
        self.x, self.y = (np.ascontiguousarray(rows.points[:, :, axis]) for axis in (0, 1))
        self.at_origin = (self.x == 0) & (self.y == 0)
        self.flag = np.ascontiguousarray(rows.points[:, :, 2]) if self.dims == 3 else np.where(self.at_origin, 0.0, 1.0)
        self.visible = self.flag > 0
        self.outside = (self.x < _LOW) | (self.x > _HIGH) | (self.y < _LOW) | (self.y > _HIGH)

    def first(self, which: NDArray[np.bool_], row: int) -> tuple[int, int, int]:
        """Of the marked keypoints (q, k) of a row: index of the object, of the first of them, and their number."""
        at = int(np.searchsorted(self.rows, row))
        return at, int(np.argmax(which[at])), int(which[at].sum())

    def describe(self, which: NDArray[np.bool_], row: int) -> str:
        """Words for the marked keypoints of a row: the first with its place."""
        at, keypoint, count = self.first(which, row)
        more = f" (and {count - 1} more)" if count > 1 else ""
        return f"keypoint {keypoint}{more} at {self.x[at, keypoint]:g} {self.y[at, keypoint]:g}"

    def token(self, which: NDArray[np.bool_], row: int) -> int:
        """Index, in the row, of the coordinate to blame: the one outside, else x."""
        at, keypoint, _ = self.first(which, row)
        only_y = bool(self.outside[at, keypoint]) and _LOW <= self.x[at, keypoint] <= _HIGH
        return 5 + keypoint * self.dims + int(only_y)


_points = Memo(_Points)


def _splits(view: View, out: Collector, *, flags: bool = False) -> Iterator[tuple[SplitView, _Points]]:
    """Keypoints of every split with rows. Without ``kpt_shape``, or ``flags`` where they are needed, none."""
    if view.keypoints.count <= 0:
        out.not_run = "kpt_shape in data.yaml is missing or wrong (Y211), so rows cannot be told apart"
    elif flags and view.keypoints.dims != 3:
        out.not_run = "kpt_shape says 2 values per keypoint, so there is no visibility"
    else:
        yield from ((split, _points(split.rows)) for split in view.splits.values() if len(split.rows))


def _visible_outside(view: View, options: Options, out: Collector) -> None:  # noqa: ARG001 - the loader's own bounds
    for split, points in _splits(view, out):
        _tell_outside(split, points, points.visible & points.outside, out)


def _tell_outside(split: SplitView, points: _Points, wrong: NDArray[np.bool_], out: Collector) -> None:
    def message(row: int) -> str:
        return f"{points.describe(wrong, row)} lies outside the image; the whole image is dropped"

    rows = points.rows[wrong.any(axis=1)]
    out.add_rows(split, rows, Severity.ERROR, message, lambda row: points.token(wrong, row))


def _hidden_with_coordinates(view: View, options: Options, out: Collector) -> None:  # noqa: ARG001 - no threshold
    for split, points in _splits(view, out, flags=True):
        hidden = (points.flag == 0) & ~points.at_origin
        _tell_hidden(split, points, hidden, out)


def _tell_hidden(split: SplitView, points: _Points, hidden: NDArray[np.bool_], out: Collector) -> None:
    dropped = hidden & points.outside
    is_dropped = dropped.any(axis=1)

    def error(row: int) -> str:
        return f"hidden {points.describe(dropped, row)} lies outside the image; the whole image is dropped all the same"

    def warning(row: int) -> str:
        return f"hidden {points.describe(hidden, row)}: training ignores it, other readers take it for a real point"

    rows = points.rows[is_dropped]
    out.add_rows(split, rows, Severity.ERROR, error, lambda row: points.token(dropped, row))
    rows = points.rows[hidden.any(axis=1) & ~is_dropped]
    out.add_rows(split, rows, Severity.WARNING, warning, lambda row: points.token(hidden, row))


def _visibility_value(view: View, options: Options, out: Collector) -> None:  # noqa: ARG001 - no threshold
    for split, points in _splits(view, out, flags=True):
        _tell_flags(split, points, (points.flag != 0) & (points.flag != 1) & (points.flag != 2), out)


def _tell_flags(split: SplitView, points: _Points, wrong: NDArray[np.bool_], out: Collector) -> None:
    def message(row: int) -> str:
        at, keypoint, count = points.first(wrong, row)
        more = f" (and {count - 1} more)" if count > 1 else ""
        value = points.flag[at, keypoint]
        effect = "the whole image is dropped" if value < _LOW else "training only asks whether it is 0"
        return f"keypoint {keypoint}{more} has visibility {value:g}, which is none of 0, 1 and 2; {effect}"

    def token(row: int) -> int:
        return 5 + 3 * points.first(wrong, row)[1] + 2

    out.add_rows(split, points.rows[wrong.any(axis=1)], Severity.ERROR, message, token)


def _at_origin(view: View, options: Options, out: Collector) -> None:  # noqa: ARG001 - no threshold
    numbers: Counter[int] = Counter()
    first: dict[int, tuple[SplitView, int]] = {}
    objects = 0
    for split, points in _splits(view, out):
        wrong = points.at_origin & (points.visible | (view.keypoints.dims == 2))
        objects += len(points.rows)
        for keypoint in np.flatnonzero(wrong.any(axis=0)).tolist():
            numbers[keypoint] += int(wrong[:, keypoint].sum())
            first.setdefault(keypoint, (split, int(points.rows[np.argmax(wrong[:, keypoint])])))
    for keypoint, (split, row) in sorted(first.items()):
        text = (
            f"keypoint {keypoint} lies at 0 0 and counts as visible in {numbers[keypoint]} of {objects} objects;"
            " training learns that it sits in the top left corner of the image"
        )
        _add_at(out, split, row, text, f"keypoint {keypoint}")


def _add_at(out: Collector, split: SplitView, row: int, text: str, key: str) -> None:
    """A warning about the whole set, at the row that shows it first or best."""
    path, line = split.labels[int(split.rows.image[row])], int(split.rows.line[row])
    out.add(Severity.WARNING, text, path, line=line, split=split.name, key=key)


def _far_from_box(view: View, options: Options, out: Collector) -> None:
    far = visible = 0
    worst: tuple[float, SplitView, int] | None = None
    for split, points in _splits(view, out):
        objects, distances = _far_points(points, options["distance"])
        visible += int(points.visible.sum())
        far += len(objects)
        if len(objects) and (worst is None or distances.max() > worst[0]):
            worst = float(distances.max()), split, int(points.rows[objects[np.argmax(distances)]])
    enough = visible >= options["keypoints"] and far > options["share"] * visible
    if worst is None or not enough or not enough_valid_labels(view, out):
        return
    text = (
        f"{far} of {visible} visible keypoints ({far / visible:.1%}) lie over {options['distance']:g} box sides outside"
        f" their own box, this object's by {worst[0]:.3g}; training learns points of other objects or wrong boxes"
    )
    _add_at(out, *worst[1:], text, "far keypoints")


def _far_points(points: _Points, least: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Objects and distances (in sides of the box, along the worse axis) of visible keypoints that lie more than
    ``least`` sides beyond it. Points and boxes of which another rule says that they are wrong do not count.
    """
    cx, cy, w, h = (side[:, None] for side in points.box.T)
    sound = np.all((points.box >= _LOW) & (points.box <= _HIGH), axis=1)[:, None] & (w > 0) & (h > 0)
    with np.errstate(over="ignore", invalid="ignore"):
        far = (np.abs(points.x - cx) > (0.5 + least) * w) | (np.abs(points.y - cy) > (0.5 + least) * h)
    objects, keypoints = np.nonzero(far & sound & points.visible & ~points.outside & ~points.at_origin)
    beyond = [
        np.abs(values[objects, keypoints] - middle[objects, 0]) / side[objects, 0] - 0.5
        for values, middle, side in ((points.x, cx, w), (points.y, cy, h))
    ]
    return objects, np.maximum(*beyond)


RULES: tuple[Rule, ...] = (
    Rule(
        id="K511",
        name="visible-kpt-outside",
        tasks="p",
        needs=(Need.TEXT,),
        what="A visible keypoint lies outside the image.",
        why="The loader drops the whole image, with all its objects. Where keypoints have no visibility, every point"
        " but 0 0 counts.",
        fix="Move the point into the image, or mark it hidden: 0 0 0.",
        bad="0 0.5 0.5 0.2 0.2 1.2 0.5 2",
        good="0 0.5 0.5 0.2 0.2 0 0 0",
        source="The loader takes coordinates from -0.01 to 1.01.",
        repair=Repair.UNSAFE,
        check=_visible_outside,
    ),
    Rule(
        id="K512",
        name="hidden-kpt-coordinates",
        tasks="p",
        needs=(Need.TEXT,),
        what="A keypoint with visibility 0 has coordinates.",
        why="Training ignores it, but readers that know no visibility take it for a point; and outside the image it has"
        " the whole image dropped although it is hidden.",
        fix="Write 0 0 0 for keypoints that are not labelled, or visibility 1 for hidden ones that are.",
        bad="0 0.5 0.5 0.2 0.2 0.45 0.5 0",
        good="0 0.5 0.5 0.2 0.2 0 0 0",
        source="cvat#9756 (an exporter that writes such points); the loader's bounds -0.01 and 1.01.",
        repair=Repair.SAFE,
        check=_hidden_with_coordinates,
    ),
    Rule(
        id="K513",
        name="visibility-value",
        tasks="p",
        needs=(Need.TEXT,),
        what="A visibility is none of 0 (not labelled), 1 (hidden) and 2 (visible).",
        why="Training only asks whether it is 0; another value shows that columns are shifted or that it means"
        " something else, such as a confidence.",
        fix="Write 0, 1 or 2 as the third value of every keypoint.",
        bad="0 0.5 0.5 0.2 0.2 0.45 0.5 0.87",
        good="0 0.5 0.5 0.2 0.2 0.45 0.5 2",
        source="The keypoint format of COCO; no other value in coco8-pose.",
        check=_visibility_value,
    ),
    Rule(
        id="K514",
        name="kpt-at-origin",
        tasks="p",
        needs=(Need.TEXT,),
        what="A keypoint that counts as visible lies at 0 0, where exporters put points that they do not know.",
        why="Training learns that the point sits in the top left corner. Without visibility (kpt_shape [n, 2]) every"
        " point at 0 0 counts as visible.",
        fix="Give missing points visibility 0; with kpt_shape [n, 2] change to [n, 3].",
        bad="0 0.5 0.5 0.2 0.2 0 0 2",
        good="0 0.5 0.5 0.2 0.2 0 0 0",
        source="ultralytics#20118.",
        check=_at_origin,
    ),
    Rule(
        id="K515",
        name="kpt-far-from-box",
        tasks="p",
        needs=(Need.TEXT,),
        what="Too many visible keypoints lie far outside the box of their own object.",
        why="Keypoints and boxes belong to different objects, or one of them is in another format; training learns both"
        " together.",
        fix="Look at the object named here, then at the step that joined keypoints and boxes.",
        bad="0 0.5 0.5 0.1 0.1 0.9 0.9 2",
        good="0 0.5 0.5 0.1 0.1 0.52 0.48 2",
        source="coco8-pose: of 208 visible keypoints 23 lie outside at all, 5 beyond 0.25 of the side, 1 beyond 0.5.",
        options={
            "distance": Option(0.5, "distance outside the box, in sides of the box, above which a point is far"),
            "share": Option(0.02, "share of the visible keypoints that may be far"),
            "keypoints": Option(50, "number of visible keypoints below which nothing is said"),
        },
        check=_far_from_box,
    ),
)
