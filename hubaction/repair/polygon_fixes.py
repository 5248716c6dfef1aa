"""Fixers of families S and O: polygons and oriented boxes."""

from __future__ import annotations

import math
from collections.abc import Iterator

from hubaction.repair.edits import Proposal
from hubaction.repair.label_fixes import Changes, each_label, fits_count
from hubaction.repair.labeltext import Row, written
from hubaction.repair.view import Label, View

_OVERSHOOT = 0.01  # above it rule S503 speaks
_PIXEL = 1.0 + 1e-6  # the most that may be clipped, with room for rounding in the text
_AREA_ERROR = 1e-15  # twice the area, normalised, that rounding leaves of nothing

Point = tuple[float, float]


def _polygons(label: Label) -> Iterator[tuple[Row, list[Point]]]:
    """Rows of the task's width with their vertices."""
    for row in label.text.rows():
        if row.values and fits_count(len(row.values), label.view):
            yield row, list(zip(row.values[1::2], row.values[2::2], strict=True))


def degenerate(view: View) -> Iterator[Proposal]:
    """S501, and G404 of oriented boxes, unsafe: rows without area go. Proves fewer than 3 distinct vertices, or that
    all of them lie on one line.
    """

    def decide(label: Label) -> tuple[Changes, str]:
        return {row.at: None for row, points in _polygons(label) if _is_flat(points)}, ""

    return each_label(view, decide)


def _is_flat(points: list[Point]) -> bool:
    """Whether every vertex lies on the line through the first and the one farthest from it."""
    first = points[0]
    far = max(points, key=lambda point: math.dist(first, point))
    return all(abs(_cross(first, far, point)) <= _AREA_ERROR for point in points)


def _cross(a: Point, b: Point, c: Point) -> float:
    """Twice the signed area of a triangle."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def clip_vertices(view: View) -> Iterator[Proposal]:
    """S503: vertices that overshoot the image by at most one pixel are clipped, in rows that overshoot by more than 1 %
    (so only in images of less than 100 pixels). Proves the overshoot of every vertex of the row in pixels.
    """

    def decide(label: Label) -> tuple[Changes, str]:
        changes: Changes = {}
        left = ""
        for row, points in _polygons(label):
            if max(max(-v, v - 1) for point in points for v in point) <= _OVERSHOOT:
                continue
            size = label.size
            if size is None or any(_pixels_outside(point, size) > _PIXEL for point in points):
                left = "a vertex overshoots by more than a pixel" if size else "the size of its image is not known"
            else:
                changes[row.at] = row.with_tokens(_clipped(row))
        return changes, left

    return each_label(view, decide)


def _pixels_outside(point: Point, size: tuple[int, int]) -> float:
    return max(max(-value, value - 1) * side for value, side in zip(point, size, strict=True))


def _clipped(row: Row) -> dict[int, str]:
    values = row.values or ()
    return {
        at: written(min(1.0, max(0.0, value)), row.tokens[at])
        for at, value in enumerate(values)
        if at and not 0 <= value <= 1
    }


def repeated_vertices(view: View) -> Iterator[Proposal]:
    """S505: a vertex equal to the one before it goes. Proves that at least 3 distinct vertices remain; the last may
    equal the first, as rings are often closed by hand.
    """

    def decide(label: Label) -> tuple[Changes, str]:
        changes: Changes = {}
        left = ""
        for row, points in _polygons(label):
            again = [at for at in range(1, len(points)) if points[at] == points[at - 1]]
            if again and (len(set(points)) < 3 or len(points) - len(again) < 3):
                left = "a polygon would have fewer than 3 vertices"
            elif again:
                changes[row.at] = row.without_tokens({token for at in again for token in (1 + 2 * at, 2 + 2 * at)})
        return changes, left

    return each_label(view, decide)


def crossed_corners(view: View) -> Iterator[Proposal]:
    """O522: corners in the order of a bow-tie are put in order around their centre, starting with the first.

    Proves that two opposite edges cross. Then no corner lies within the triangle of the others, and only one order of
    the four makes a ring.
    """

    def decide(label: Label) -> tuple[Changes, str]:
        crossed = [(row, points) for row, points in _polygons(label) if _crosses(points)]
        return {row.at: row.with_tokens(_in_order(row, points)) for row, points in crossed}, ""

    return each_label(view, decide)


def _in_order(row: Row, points: list[Point]) -> dict[int, str]:
    order = _around_centre(points)
    return {
        1 + 2 * to + axis: row.tokens[1 + 2 * at + axis] for to, at in enumerate(order) for axis in (0, 1) if to != at
    }


def _crosses(points: list[Point]) -> bool:
    """Whether one of the two pairs of opposite edges of a ring of four crosses properly."""
    a, b, c, d = points
    return _cut(a, b, c, d) or _cut(b, c, d, a)


def _cut(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _cross(a, b, c) * _cross(a, b, d) < 0 and _cross(c, d, a) * _cross(c, d, b) < 0


def _around_centre(points: list[Point]) -> list[int]:
    """Indexes by angle around the centre, clockwise as one sees it, rotated so that the first corner stays first."""
    x, y = (sum(point[axis] for point in points) / 4 for axis in (0, 1))
    order = sorted(range(4), key=lambda at: math.atan2(points[at][1] - y, points[at][0] - x))
    start = order.index(0)
    return order[start:] + order[:start]
