"""Label rows as shapes to be drawn, also where something is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np

from hubaction.report.picture import Shape, ShapeKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.dataset.rows import Rows
    from hubaction.rules.view import SplitView

MOST_SHAPES = 100
"""Shapes drawn on one picture; more of them hide it."""

MOST_POINTS = 1_500
"""Points of all shapes on one picture, so that outlines of thousands of vertices do not fill the report."""

_MOST_OUTLINE = 100  # vertices of one polygon; a thumbnail shows no more
_PIXELS = 2.0  # a coordinate above it is taken for pixels, to show what was meant
_MARGIN = 0.08  # share of the image beyond its edges that can be drawn; the page leaves 0.1 of the longer side


def shapes_of(split: SplitView, image: int, bad_lines: Collection[int]) -> tuple[tuple[Shape, ...], int]:
    """The shapes of one image (an index), bad ones last, and how many rows are left out.

    Args:
        bad_lines: lines (from 1) of its label file that findings blame.
    """
    rows = split.rows
    first, stop = np.searchsorted(rows.image, [image, image + 1]).tolist()
    order = sorted(range(first, stop), key=lambda row: int(rows.line[row]) not in bad_lines)
    drawn: list[Shape] = []
    points = used = 0
    for row in order[:MOST_SHAPES]:
        drawn += (new := list(_row_shapes(split, row, bad=int(rows.line[row]) in bad_lines)))
        points += sum(len(shape.points) // 2 for shape in new)
        used += 1
        if points >= MOST_POINTS:
            break
    return tuple(sorted(drawn, key=lambda shape: shape.bad)), stop - first - used


def _row_shapes(split: SplitView, row: int, *, bad: bool) -> Iterator[Shape]:
    """None for a row that lacks numbers for a box, or holds one that is not finite."""
    rows = split.rows
    values = rows.values[rows.starts[row] : rows.starts[row + 1]]
    if len(values) < 5 or not rows.finite[row]:
        return
    for kind, points in _outlines(rows, row, values):
        flat = np.clip(points.ravel(), -_MARGIN, 1 + _MARGIN).round(4).tolist()
        yield Shape(kind, tuple(flat), int(split.row_class[row]), int(rows.line[row]), bad)


@np.errstate(over="ignore", invalid="ignore")
def _outlines(rows: Rows, row: int, values: NDArray[np.float64]) -> Iterator[tuple[ShapeKind, NDArray[np.float64]]]:
    """float64 (n, 2) points."""
    size = rows.size[row]
    if rows.is_polygon[row]:
        corners = _normalised(values[1:].reshape(-1, 2), size)
        kind = ShapeKind.ORIENTED if rows.task == "obb" else ShapeKind.POLYGON
        yield kind, corners[:: -(-len(corners) // _MOST_OUTLINE)]
        return
    centre, sides = _normalised(values[1:5].reshape(2, 2), size)
    yield ShapeKind.BOX, np.stack([centre - sides / 2, centre + sides / 2])
    if rows.is_pose[row] and rows.keypoints:
        points = values[5 : 5 + rows.keypoints.columns].reshape(rows.keypoints.count, rows.keypoints.dims)
        placed = points[:, 2] > 0 if rows.keypoints.dims == 3 else points.any(axis=1)
        if placed.any():
            yield ShapeKind.KEYPOINTS, _normalised(points[placed, :2], size)[:_MOST_OUTLINE]


def _normalised(points: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """x y pairs, of which numbers that can only be pixels are divided by the image's width or height, if known."""
    pixels = (np.abs(points) > _PIXELS) & np.isfinite(size)
    return np.where(pixels, points / size, points)
