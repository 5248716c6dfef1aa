"""Family O: oriented boxes."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.crossings import find_crossings
from hubaction.dataset.polygons import Polygons, enclosing_rectangle_areas, quad_areas, rectangle_areas_along
from hubaction.dataset.rows import Rows
from hubaction.report.finding import Severity
from hubaction.rules.collector import Collector
from hubaction.rules.memo import Memo
from hubaction.rules.outside import NOT_OF_THIS_IMAGE, worst_token, worst_vertex
from hubaction.rules.rule import Need, Option, Options, Repair, Rule
from hubaction.rules.view import SplitView, View

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Quads:
    """Four corners each: ``rows`` int (q,), ``corners`` float64 (q, 4, 2) normalised. Rows whose values are not
    normalised are left out.
    """

    def __init__(self, rows: Rows) -> None:
        polygons = Polygons(rows.vertices, rows.vertex_bounds)
        sound = ~polygons.reach_beyond(NOT_OF_THIS_IMAGE)
        self.rows = rows.polygon_rows[sound]
        self.corners = rows.vertices.reshape(-1, 4, 2)[sound]
        self.polygons = polygons if sound.all() else polygons.take(np.flatnonzero(sound))

    @functools.cached_property
    def crossed(self) -> NDArray[np.bool_]:
        return find_crossings(self.polygons).lobe > 0


_quads = Memo(_Quads)


def _splits(view: View) -> Iterator[tuple[SplitView, _Quads]]:
    """Every split with oriented boxes."""
    for split in view.splits.values():
        if len(split.rows.polygon_rows):
            yield split, _quads(split.rows)


def _not_rectangle(view: View, options: Options, out: Collector) -> None:
    def message(row: int) -> str:
        share = fill[np.searchsorted(quads.rows, row)]
        return (
            f"the four corners cover {share:.3g} of the smallest rectangle around them;"
            " training takes that rectangle, so the box becomes larger than the object"
        )

    without_size = 0
    for split, quads in _splits(view):
        size = split.rows.size[quads.rows]
        without_size += int(np.isnan(size[:, 0]).sum())
        fill = _fill(quads.corners * size[:, None, :], options["fill"])
        low = np.flatnonzero((fill < options["fill"]) & ~quads.crossed)  # crossed: O522, without area: G404
        low = low[~quads.polygons.take(low).has_no_area]
        out.add_rows(split, quads.rows[low], Severity.WARNING, message)
    if without_size:
        out.not_run = f"{without_size} boxes lie in images whose size is unknown"


def _fill(corners: NDArray[np.float64], enough: float) -> NDArray[np.float64]:
    """float64 (q,): area as a share of the smallest rectangle, where it may be below ``enough``; elsewhere of some
    rectangle, which says that it is not. NaN where the size of the image is unknown.
    """
    areas = quad_areas(corners)
    with np.errstate(divide="ignore", invalid="ignore"):
        fill = areas / rectangle_areas_along(corners, 0, 1)
        doubtful = ~(fill >= enough)
        fill[doubtful] = areas[doubtful] / enclosing_rectangle_areas(corners[doubtful])
    return fill


def _crossed(view: View, options: Options, out: Collector) -> None:  # noqa: ARG001 - no threshold
    def message(row: int) -> str:  # noqa: ARG001 - all there is to say
        return "two edges cross, as the corners are not in order around the object; its two halves cancel out in area"

    for split, quads in _splits(view):
        out.add_rows(split, quads.rows[quads.crossed], Severity.ERROR, message)


def _outside(view: View, options: Options, out: Collector) -> None:
    def token(row: int) -> int:
        return worst_token(split, row)

    def message(row: int) -> str:
        effect = "the loader does not test corners, so training asks for what is not in the picture"
        return f"corner {worst_vertex(split, row)}; {effect}"

    for split, quads in _splits(view):
        far = quads.polygons.reach_beyond(options["error"])
        out.add_rows(split, quads.rows[far], Severity.ERROR, message, token)
        near = quads.polygons.reach_beyond(options["warning"]) & ~far
        out.add_rows(split, quads.rows[near], Severity.WARNING, message, token)


RULES: tuple[Rule, ...] = (
    Rule(
        id="O521",
        name="obb-not-rectangle",
        tasks="o",
        needs=(Need.TEXT, Need.HEADER),
        what="The four corners are far from a rectangle.",
        why="Training takes the smallest rectangle around the corners, so the box that is learned is larger than the"
        " one that was drawn, and often turned differently.",
        fix="Draw the box as a rectangle, or correct the corner that slipped.",
        bad="0 0.2 0.2 0.6 0.2 0.8 0.6 0.4 0.6",
        good="0 0.2 0.2 0.6 0.2 0.6 0.6 0.2 0.6",
        source="Area / area of the smallest rectangle, in pixels. The lowest of dota8's 133 boxes is 0.859; 5 are below"
        " 0.90. A test of corner angles within 5 degrees would flag 44 of them.",
        options={"fill": Option(0.80, "area / area of the smallest rectangle around it, below which it is a warning")},
        check=_not_rectangle,
    ),
    Rule(
        id="O522",
        name="obb-crossed",
        tasks="o",
        needs=(Need.TEXT,),
        what="The corners are in the order of a bow tie: two edges cross.",
        why="Whatever takes the corners in turn, such as areas, overlaps and drawings, gets two triangles that cancel"
        " out.",
        fix="Write the corners in order around the object.",
        bad="0 0.2 0.2 0.6 0.6 0.6 0.2 0.2 0.6",
        good="0 0.2 0.2 0.6 0.2 0.6 0.6 0.2 0.6",
        source="By definition; none of dota8's 133 boxes.",
        repair=Repair.SAFE,
        check=_crossed,
    ),
    Rule(
        id="O523",
        name="obb-outside",
        tasks="o",
        needs=(Need.TEXT,),
        what="A corner lies far outside the image.",
        why="Boxes at the border of a tile may stick out a little; further out, labels belong to another image or size,"
        " and training learns what it cannot see.",
        fix="Cut or drop boxes that lie mostly outside their tile; check the size that the labels were divided by.",
        bad="0 1.3 0.2 1.4 0.3 0.8 0.6 0.7 0.5",
        good="0 1.03 0.2 1.0 0.3 0.8 0.4 0.83 0.3",
        source="dota8: 10 of 133 boxes beyond 0.01, at most 0.0723, all legal. Above 2 or below -1 coordinates are not"
        " normalised at all, which G401 says.",
        options={
            "warning": Option(0.10, "share of the image's side outside above which it is a warning"),
            "error": Option(0.50, "share of the image's side outside above which it is an error"),
        },
        check=_outside,
    ),
)
