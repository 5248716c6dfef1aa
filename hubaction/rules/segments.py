"""Family S: polygons."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.crossings import MOST_VERTICES, Crossings, find_crossings
from hubaction.dataset.polygons import Polygons
from hubaction.dataset.rows import Rows
from hubaction.report.finding import Severity
from hubaction.rules.collector import Collector
from hubaction.rules.memo import Memo
from hubaction.rules.outside import NOT_OF_THIS_IMAGE, worst_token, worst_vertex
from hubaction.rules.rule import Need, Option, Options, Repair, Rule
from hubaction.rules.view import SplitView, View

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Rings:
    """The polygons of a split. ``rows`` int (p,) are their rows; ``degenerate`` ones concern S501 alone."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows.polygon_rows
        self.polygons = Polygons(rows.vertices, rows.vertex_bounds)

    @functools.cached_property
    def degenerate(self) -> NDArray[np.bool_]:
        """bool (p,): nothing is enclosed. A bow tie has a signed area of 0 as well, but S502 speaks about it."""
        degenerate = self.polygons.has_no_area.copy()
        flat = np.flatnonzero(degenerate)
        degenerate[flat[find_crossings(self.polygons.take(flat)).lobe > 0]] = False
        return degenerate

    @functools.cached_property
    def crossings(self) -> Crossings:
        return find_crossings(self.polygons)

    def index(self, row: int) -> int:
        """Which of the polygons stands in a row."""
        return int(np.searchsorted(self.rows, row))

    def rows_where(self, which: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Rows of those polygons that are also not degenerate."""
        return self.rows[which & ~self.degenerate]


_rings = Memo(_Rings)


def _splits(view: View) -> Iterator[tuple[SplitView, _Rings]]:
    """Every split with a polygon."""
    for split in view.splits.values():
        if len(split.rows.polygon_rows):
            yield split, _rings(split.rows)


def _degenerate(view: View, options: Options, out: Collector) -> None:  # noqa: ARG001 - no threshold
    def message(row: int) -> str:
        different = rings.polygons.distinct(rings.index(row))
        few = ("all vertices are equal", "it has only two different vertices")
        reason = few[different - 1] if different < 3 else "its outline encloses no area"
        return f"{reason}; the loader keeps the object and trains on an empty mask"

    for split, rings in _splits(view):
        out.add_rows(split, rings.rows[rings.degenerate], Severity.ERROR, message)


def _self_crossing(view: View, options: Options, out: Collector) -> None:
    def message(row: int) -> str:
        lobe = crossings.lobe[rings.index(row)]
        if lobe >= options["lobe"]:
            effect = f"and a loop with {lobe:.1%} of the area turns the other way; the mask gets holes or flaps"
        else:
            effect = f"but only {lobe:.1%} of the area turns the other way; the mask hardly changes"
        return f"the outline crosses itself, {effect}"

    def token(row: int) -> int:
        return 1 + 2 * int(crossings.edge[rings.index(row)])

    too_many = untested = 0
    for split, rings in _splits(view):
        crossings = rings.crossings
        crossed = crossings.lobe >= 0
        large = crossings.lobe >= options["lobe"]
        out.add_rows(split, rings.rows_where(crossed & large), Severity.WARNING, message, token)
        out.add_rows(split, rings.rows_where(crossed & ~large), Severity.NOTE, message, token)
        long = rings.polygons.counts > MOST_VERTICES
        too_many += int(long.sum())
        untested += int((~crossings.tested & ~long).sum())
    _tell_untested(out, too_many, untested)


def _tell_untested(out: Collector, too_many: int, untested: int) -> None:
    reasons = [f"{too_many} polygons have over {MOST_VERTICES:,} vertices"] if too_many else []
    if untested:
        reasons.append(f"{untested} polygons remain, as testing all their edges would take too long")
    out.not_run = "; ".join(reasons)


def _vertex_outside(view: View, options: Options, out: Collector) -> None:
    def token(row: int) -> int:
        return worst_token(split, row)

    def message(row: int) -> str:
        effect = "the loader only looks at the enclosing box, and training cuts the mask at the border"
        return f"vertex {worst_vertex(split, row)}; {effect}"

    for split, rings in _splits(view):
        beyond = rings.polygons.reach_beyond
        outside = beyond(options["overshoot"]) & ~beyond(NOT_OF_THIS_IMAGE)
        out.add_rows(split, rings.rows_where(outside), Severity.WARNING, message, token)


def _mask_is_box(view: View, options: Options, out: Collector) -> None:
    def message(row: int) -> str:
        share = rings.polygons.fill[rings.index(row)]
        if share <= options["sliver_share"]:
            return f"the mask fills only {share:.3g} of its enclosing box: a sliver, hardly any pixel to learn from"
        return f"the mask fills {share:.3g} of its enclosing box: it teaches no more than a box"

    for split, rings in _splits(view):
        fill = rings.polygons.fill
        boxes = rings.rows_where(fill >= options["box_share"])
        if len(boxes) > options["split_share"] * len(fill):
            _tell_boxes(split, len(boxes), len(fill), out)
        else:
            out.add_rows(split, boxes, Severity.NOTE, message)
        out.add_rows(split, _slivers(rings, options["sliver_share"]), Severity.WARNING, message)


def _tell_boxes(split: SplitView, boxes: int, masks: int, out: Collector) -> None:
    text = f"{boxes} of {masks} masks of {split.name} are just boxes; training learns boxes instead of outlines"
    first = split.labels[int(split.rows.image[split.rows.polygon_rows[0]])]
    out.add(Severity.WARNING, text, first, split=split.name, key=f"boxes in {split.name}")


def _slivers(rings: _Rings, share: float) -> NDArray[np.int64]:
    """Rows of thin masks, but for those whose area is small because their loops cancel out (S502)."""
    thin = np.flatnonzero((rings.polygons.fill <= share) & ~rings.degenerate)
    return rings.rows[thin[find_crossings(rings.polygons.take(thin)).lobe <= 0]]


def _overdense(view: View, options: Options, out: Collector) -> None:
    def message(row: int) -> str:
        count, again = rings.polygons.counts[rings.index(row)], repeats[rings.index(row)]
        if count > options["vertices"]:
            return f"{count:,} vertices; before training an outline is resampled to 1,000 points, the rest is lost"
        verb = "vertices repeat" if again > 1 else "vertex repeats"
        return f"{again} {verb} the one before; that adds nothing to the mask, training only carries it along"

    def token(row: int) -> int:
        polygon = rings.index(row)
        again = rings.polygons.repeats[rings.polygons.bounds[polygon] : rings.polygons.bounds[polygon + 1]]
        return 1 + 2 * int(np.argmax(again))

    for split, rings in _splits(view):
        repeats = np.add.reduceat(rings.polygons.repeats, rings.polygons.bounds[:-1], dtype=np.int64)
        dense = (rings.polygons.counts > options["vertices"]) | (repeats > 0)
        out.add_rows(split, rings.rows_where(dense), Severity.NOTE, message, token)


RULES: tuple[Rule, ...] = (
    Rule(
        id="S501",
        name="polygon-degenerate",
        tasks="s",
        needs=(Need.TEXT,),
        what="A polygon has fewer than three different vertices, or encloses no area.",
        why="The loader tests only the enclosing box, so the object stays and its mask is empty: the model is taught"
        " that there is something without a single pixel.",
        fix="Delete the row, or draw the object again.",
        bad="0 0.2 0.2 0.4 0.4 0.6 0.6",
        good="0 0.2 0.2 0.4 0.4 0.2 0.6",
        source="By definition; an area counts as 0 where it is no larger than the rounding of doubles.",
        repair=Repair.UNSAFE,
        check=_degenerate,
    ),
    Rule(
        id="S502",
        name="polygon-self-crossing",
        tasks="s",
        needs=(Need.TEXT,),
        what="Edges of a polygon cross, so that a part of it turns the other way.",
        why="What lies in such a loop is filled, cut out or counted negative, depending on who draws the mask. Thin"
        " spikes do no harm.",
        fix="Put the vertices in order along the outline, or split the object into parts that do not overlap.",
        bad="0 0.2 0.2 0.6 0.6 0.6 0.2 0.2 0.6",
        good="0 0.2 0.2 0.6 0.2 0.6 0.6 0.2 0.6",
        source="At a crossing the outline falls into two loops of signed areas A1, A2; lobe = min(|A1|, |A2|) / (|A1| +"
        " |A2|) if their signs differ, else 0. A bow tie has 0.5, spikes in coco8-seg 0.0.",
        options={"lobe": Option(0.02, "share of the area (0 to 0.5) in the smaller loop from which it is a warning")},
        check=_self_crossing,
    ),
    Rule(
        id="S503",
        name="vertex-outside",
        tasks="s",
        needs=(Need.TEXT,),
        what="A vertex lies outside the image.",
        why="The loader tests only the enclosing box, so a vertex may lie far outside without a word; training cuts the"
        " mask off, and box and mask disagree.",
        fix="Clip the polygon to the image, or correct the export.",
        bad="0 1.2 0.3 0.9 0.4 0.9 0.2",
        good="0 1.0 0.3 0.9 0.4 0.9 0.2",
        source="The loader's own tolerance of 0.01 for boxes. No vertex of coco8-seg is outside. Above 2 or below -1"
        " coordinates are not normalised at all, which G401 says.",
        repair=Repair.SAFE,
        options={"overshoot": Option(0.01, "share of the image's side that a vertex may lie outside")},
        check=_vertex_outside,
    ),
    Rule(
        id="S504",
        name="mask-is-box",
        tasks="s",
        needs=(Need.TEXT,),
        what="A mask fills its enclosing box, or hardly any of it.",
        why="Masks made from boxes teach a segmenter to draw boxes; slivers leave no pixel to learn from once the mask"
        " is scaled down.",
        fix="Draw real outlines, or train a detector. Delete slivers that are leftovers of editing.",
        bad="0 0.2 0.2 0.6 0.2 0.6 0.6 0.2 0.6",
        good="0 0.4 0.2 0.6 0.3 0.5 0.6 0.2 0.5",
        source="Area / enclosing box from 0.98 and up to 0.05 as in cvflow 0.0.3; a warning when over half of a split's"
        " masks are boxes. No mask of coco8-seg is either.",
        options={
            "box_share": Option(0.98, "area of the mask / area of its enclosing box from which it is a box"),
            "sliver_share": Option(0.05, "area of the mask / area of its enclosing box up to which it is a sliver"),
            "split_share": Option(0.5, "share of a split's masks above which boxes are a warning"),
        },
        check=_mask_is_box,
    ),
    Rule(
        id="S505",
        name="polygon-overdense",
        tasks="s",
        needs=(Need.TEXT,),
        what="A polygon has more vertices than training uses, or repeats one.",
        why="Training resamples outlines to 1,000 points, so further detail is lost and only makes files slow to read.",
        fix="Simplify the outline and drop repeated vertices.",
        bad="0 0.2 0.2 0.2 0.2 0.6 0.2 0.4 0.6",
        good="0 0.2 0.2 0.6 0.2 0.4 0.6",
        source="1,000 points: ultralytics#18131. Four rows of coco8-seg repeat vertices.",
        repair=Repair.SAFE,
        options={"vertices": Option(1000, "number of vertices above which an outline is too dense")},
        check=_overdense,
    ),
)
