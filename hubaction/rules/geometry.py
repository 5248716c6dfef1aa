"""Family G: the geometry of boxes. Here where they lie; ``sizes`` has the rest."""

from __future__ import annotations

import functools
import itertools
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules import sizes
from hubaction.rules.collector import Collector
from hubaction.rules.notes import DROPPED
from hubaction.rules.rule import Case, Need, Option, Options, Repair, Rule
from hubaction.rules.view import View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.dataset.rows import Rows

_HIGHEST = 1.01
_LOWEST = -0.01
_FARTHEST = 1.0  # overshoot of a vertex that cannot be meant
_FLAT = 1e-12  # area, as a share of the image, of corners on one line: their six decimals resolve no less
_CORNER_PAIRS = 0.9
_CORNER_PAIRS_OUTSIDE = 0.05
_SIDES = ("x centre", "y centre", "width", "height")


def _not_normalised(view: View, _: Options, out: Collector) -> None:
    for split in view.splits.values():
        rows = split.rows
        wrong = np.flatnonzero((rows.highest > _HIGHEST) | _has_far_vertex(rows))
        out.add_rows(split, wrong, Severity.ERROR, partial(_too_large_message, rows), partial(_farthest_token, rows))


def _has_far_vertex(rows: Rows) -> NDArray[np.bool_]:
    """bool (m,): polygons with a vertex above 2 or below -1; nowhere for detect, which makes boxes of them."""
    far = np.zeros(len(rows), dtype=bool)
    if rows.task != "detect" and len(rows.polygon_rows):
        x1, y1, x2, y2 = rows.polygon_bounds
        far[rows.polygon_rows] = (np.minimum(x1, y1) < -_FARTHEST) | (np.maximum(x2, y2) > 1 + _FARTHEST)
    return far


def _numbers(rows: Rows, row: int) -> NDArray[np.float64]:
    """The box, or the vertices of a polygon, as they stand in the row."""
    stop = rows.starts[row + 1] if rows.is_polygon[row] else rows.starts[row] + 5
    return rows.values[rows.starts[row] + 1 : stop]


def _farthest_token(rows: Rows, row: int) -> int:
    numbers = _numbers(rows, row)
    return 1 + int(np.argmax(np.abs(numbers - 0.5) if rows.is_polygon[row] else numbers))


def _too_large_message(rows: Rows, row: int) -> str:
    numbers, token = _numbers(rows, row), _farthest_token(rows, row)
    value = f"{numbers[token - 1]:g}"
    pixels = ": these look like pixels" if numbers.max() > 2 and not (numbers % 1).any() else ""
    if rows.is_polygon[row]:
        loaded = DROPPED if (rows.box[row] > _HIGHEST).any() else "; the loader trains on the outline that remains"
        return f"a vertex with {'x' if token % 2 else 'y'} = {value} is far outside the image (0 to 1){pixels}{loaded}"
    loaded = "; for pose the loader does not look and trains on it" if rows.task == "pose" else DROPPED
    return f"{_SIDES[token - 1]} {value} is above 1{pixels}{loaded}"


def _negative_value(view: View, _: Options, out: Collector) -> None:
    for split in view.splits.values():
        rows = split.rows
        bad = (rows.lowest < _LOWEST) | (rows.box[:, 2] < 0) | (rows.box[:, 3] < 0)
        token = partial(_lowest_token, rows)
        out.add_rows(split, np.flatnonzero(bad), Severity.ERROR, partial(_negative_message, rows), token)
        slight = ~bad & (rows.lowest < 0)
        out.add_rows(split, np.flatnonzero(slight), Severity.WARNING, partial(_negative_message, rows), token)


def _lowest_token(rows: Rows, row: int) -> int:
    return 1 + int(np.argmin(_numbers(rows, row)))


def _negative_message(rows: Rows, row: int) -> str:
    token, box = _lowest_token(rows, row), rows.box[row]
    name = "the enclosing box of the polygon begins at" if rows.is_polygon[row] else _SIDES[token - 1]
    value = f"{name} {_numbers(rows, row)[token - 1]:g}"
    if (box < _LOWEST).any():
        return f"{value}, its centre is outside the image{DROPPED}" if rows.is_polygon[row] else value + DROPPED
    if (box[2:] < 0).any():
        return f"{value}; today's loader drops the image, older ones train on a box turned inside out"
    return f"{value}; loaders tolerate centres down to -0.01, others do not"


@np.errstate(over="ignore", invalid="ignore")
def overshoot(rows: Rows) -> NDArray[np.float64]:
    """float64 (m,): by how much, as a share of the image, each box leaves it; 0 where another rule says why."""
    cx, cy, w, h = rows.box.T
    beyond = np.maximum(w / 2 + np.maximum(-cx, cx - 1), h / 2 + np.maximum(-cy, cy - 1))
    judged = (rows.highest <= _HIGHEST) & (rows.lowest >= 0)
    return np.asarray(np.where(judged, np.maximum(beyond, 0), 0))


def _box_outside(view: View, options: Options, out: Collector) -> None:
    beyond = {name: overshoot(split.rows) for name, split in view.splits.items()}
    if _report_corner_pairs(view, beyond, options["warning"], out):
        return
    for name, split in view.splits.items():
        far = beyond[name] > options["warning"]
        near = ~far & (beyond[name] > options["note"])
        message = partial(_outside_message, split.rows, beyond[name])
        out.add_rows(split, np.flatnonzero(far), Severity.WARNING, message)
        out.add_rows(split, np.flatnonzero(near), Severity.NOTE, message)


def _outside_message(rows: Rows, beyond: NDArray[np.float64], row: int) -> str:
    cx, cy, w, h = rows.box[row].tolist()
    sides = {"left": w / 2 - cx, "top": h / 2 - cy, "right": cx + w / 2 - 1, "bottom": cy + h / 2 - 1}
    edge = max(sides, key=lambda side: sides[side])
    length = "width" if edge in {"left", "right"} else "height"
    share = f"{beyond[row]:.1%} of the image's {length}"
    return f"the box reaches {share} beyond the {edge} edge; loaders cut it off there, so another box is trained on"


def _report_corner_pairs(view: View, beyond: dict[str, NDArray[np.float64]], least: float, out: Collector) -> bool:
    """Whether nearly all boxes of the set read better as x1 y1 x2 y2; then that is the one thing to say."""
    boxes, corners, outside, first = 0, 0, 0, None
    for name, split in view.splits.items():
        rows = split.rows
        plain = rows.usable & ~rows.is_polygon
        boxes += int(plain.sum())
        x1, y1, x2, y2 = rows.box.T
        corners += int((plain & (x2 > x1) & (y2 > y1)).sum())
        far = np.flatnonzero(plain & (beyond[name] > least))
        outside += len(far)
        if len(far) and first is None:
            first = split, int(far[0])
    if first is None or corners < _CORNER_PAIRS * boxes or outside < _CORNER_PAIRS_OUTSIDE * boxes:
        return False
    split, row = first
    message = (
        f"looks like x1 y1 x2 y2: so do {corners:,} of {boxes:,} boxes, and read as x y w h {outside:,} leave the "
    )
    message += "image; training gets wrong boxes throughout"
    path, line = split.labels[int(split.rows.image[row])], int(split.rows.line[row])
    out.add(Severity.ERROR, message, path, line=line, split=split.name, key="corner pairs")
    return True


def _zero_area(view: View, _: Options, out: Collector) -> None:
    for split in view.splits.values():
        rows = split.rows
        flat = (rows.box[:, 2] == 0) | (rows.box[:, 3] == 0)
        if view.task == "segment":
            flat &= ~rows.is_polygon
        if view.task == "obb":
            flat |= _corners_on_a_line(rows)
        out.add_rows(split, np.flatnonzero(flat), Severity.ERROR, partial(_zero_message, rows))


@np.errstate(over="ignore", invalid="ignore")
def _corners_on_a_line(rows: Rows) -> NDArray[np.bool_]:
    """bool (m,): oriented boxes without area. One that only crosses itself has area on either side."""
    flat = np.zeros(len(rows), dtype=bool)
    if len(rows.polygon_rows):
        (ax, ay), *others = (rows.vertices[corner::4].T for corner in range(4))
        ways = [(x - ax, y - ay) for x, y in others]
        areas = [np.abs(x * v - y * u) for (x, y), (u, v) in itertools.combinations(ways, 2)]
        twice = functools.reduce(np.maximum, areas)
        flat[rows.polygon_rows] = twice < 2 * _FLAT
    return flat


def _zero_message(rows: Rows, row: int) -> str:
    if rows.is_polygon[row] and rows.task == "obb":
        return "the four corners lie on one line; nothing can be learned from an object without area"
    width, height = rows.box[row, 2:].tolist()
    return f"{width:g} wide and {height:g} high; nothing can be learned from an object without area"


RULES = (
    Rule(
        id="G401",
        name="not-normalised",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="A coordinate is larger than 1: it is not divided by the image's width or height.",
        why="The loader drops the whole image, not only the row; for pose it trains on the wrong box.",
        fix="Divide x and w by the width, y and h by the height.",
        bad="0 320 240 64 48",
        good="0 0.5 0.5 0.1 0.1",
        source="1.01 is the loader's own bound, for the enclosing box. Vertices may lie outside a little (dota8 has "
        "1.0566), so they count beyond 2 and -1 only.",
        repair=Repair.UNSAFE,
        cases={Kind.NOT_NORMALISED: Case(Consequence.DROPS, "{value} is above 1.01; the whole image is dropped{more}")},
        check=_not_normalised,
    ),
    Rule(
        id="G402",
        name="negative-value",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="A centre, width or height is negative.",
        why="Below -0.01, and for any negative width or height, the loader drops the whole image.",
        fix="Clip the box to the image, or correct the export.",
        bad="0 -0.02 0.50 0.20 0.30",
        good="0 0.04 0.50 0.08 0.30",
        source="-0.01 is the loader's own bound; 8.4.190 wants width and height of 0 or more.",
        repair=Repair.SAFE,
        cases={
            Kind.NEGATIVE_VALUE: Case(Consequence.DROPS, "{value} is below -0.01; the whole image is dropped{more}")
        },
        check=_negative_value,
    ),
    Rule(
        id="G403",
        name="box-outside-image",
        tasks="dp",
        needs=(Need.TEXT, Need.CROSS),
        what="A box reaches beyond the image, or most boxes of the set are corner pairs instead of centre and size.",
        why="Loaders keep such boxes and cut them at the edge, so another box is trained on than the one written.",
        fix="Clip the box to the image. Corner pairs: x = (x1 + x2) / 2, y = (y1 + y2) / 2, w = x2 - x1, h = y2 - y1.",
        bad="0 0.95 0.50 0.20 0.30",
        good="0 0.925 0.50 0.15 0.30",
        source="0.001 as in cvflow; at most 5e-7 in the official examples. Corner pairs: nine in ten rows are valid as "
        "such and one in twenty leaves the image as a box.",
        repair=Repair.SAFE,
        options={
            "warning": Option(0.01, "overshoot that warns, as a share of the image's side"),
            "note": Option(0.001, "overshoot that is noted, as a share of the image's side"),
        },
        check=_box_outside,
    ),
    Rule(
        id="G404",
        name="zero-area",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="An object has no width or no height.",
        why="It matches no prediction; in the loss it is a box of nothing.",
        fix="Delete the row, or draw the object again.",
        bad="0 0.50 0.50 0.00 0.30",
        good="0 0.50 0.50 0.20 0.30",
        source="Exactly 0; corners of oriented boxes on one line to 1e-12 of the image.",
        repair=Repair.UNSAFE,
        check=_zero_area,
    ),
    *sizes.RULES,
)
