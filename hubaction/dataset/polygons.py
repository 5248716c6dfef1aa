"""Polygons as flat columns: extent, area and repeated vertices of all of them at once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROUNDING = 16 * np.finfo(float).eps
"""A double nearest to a decimal, and a difference of two of them, are off by a few units in the last place."""


class Polygons:
    """p rings with v vertices in all; the last vertex of a ring is joined to its first.

    Attributes:
        x, y: float64 (v,), all vertices, one ring after the other.
        bounds: int (p + 1,), ring i has the vertices ``[bounds[i], bounds[i + 1])``, at least one.
    """

    def __init__(self, vertices: NDArray[np.float64], bounds: NDArray[np.int64]) -> None:
        self.x = np.ascontiguousarray(vertices[:, 0])
        self.y = np.ascontiguousarray(vertices[:, 1])
        self.bounds = bounds

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @functools.cached_property
    def counts(self) -> NDArray[np.int64]:
        """int (p,): vertices of each ring."""
        return np.diff(self.bounds)

    @functools.cached_property
    def limits(self) -> NDArray[np.float64]:
        """float64 (p, 4): lowest x, lowest y, highest x, highest y."""
        firsts = self.bounds[:-1]
        low = [np.minimum.reduceat(values, firsts) for values in (self.x, self.y)]
        high = [np.maximum.reduceat(values, firsts) for values in (self.x, self.y)]
        return np.column_stack([*low, *high])

    @functools.cached_property
    def sides(self) -> NDArray[np.float64]:
        """float64 (p, 2): width and height of the enclosing boxes."""
        with np.errstate(over="ignore"):
            sides: NDArray[np.float64] = self.limits[:, 2:] - self.limits[:, :2]
        return sides

    def reach_beyond(self, margin: float) -> NDArray[np.bool_]:
        """bool (p,): a vertex lies outside the unit square by more than a margin."""
        x1, y1, x2, y2 = self.limits.T
        beyond: NDArray[np.bool_] = (np.minimum(x1, y1) < -margin) | (np.maximum(x2, y2) > 1 + margin)
        return beyond

    @functools.cached_property
    def unit(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """float64 (v,) twice: x and y from the ring's first vertex, in lengths of its longer side, from -1 to 1; signs
        of turns and ratios of areas are those of the ring itself. 0 where the ring has no extent, or none in doubles.
        """
        extent = self.sides.max(axis=1)
        scale = np.repeat(np.where(np.isfinite(extent) & (extent > 0), extent, np.inf), self.counts)
        firsts = self.bounds[:-1]
        with np.errstate(over="ignore", invalid="ignore"):
            x, y = ((values - np.repeat(values[firsts], self.counts)) / scale for values in (self.x, self.y))
        return np.nan_to_num(x, copy=False), np.nan_to_num(y, copy=False)

    @functools.cached_property
    def rounding(self) -> NDArray[np.float64]:
        """float64 (p,): what rounding can make of a zero when two ``unit`` vectors are multiplied crosswise."""
        extent = self.sides.max(axis=1)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            error: NDArray[np.float64] = _ROUNDING * (1 + np.abs(self.limits).max(axis=1) / extent)
        return error

    @functools.cached_property
    def following(self) -> NDArray[np.int64]:
        """int (v,): index of the next vertex of the same ring."""
        following = np.arange(1, len(self.x) + 1)
        following[self.bounds[1:] - 1] = self.bounds[:-1]
        return following

    @functools.cached_property
    def turns(self) -> NDArray[np.float64]:
        """float64 (v,): cross product of each vertex and the next, in ``unit`` lengths; their sum is twice the area."""
        x, y = self.unit
        crosswise: NDArray[np.float64] = x * y[self.following] - x[self.following] * y
        return crosswise

    @functools.cached_property
    def turns_before(self) -> NDArray[np.float64]:
        """float64 (v + 1,): sum of the ``turns`` of all vertices before each one."""
        return np.concatenate([[0], np.cumsum(self.turns)])

    @functools.cached_property
    def unit_areas(self) -> NDArray[np.float64]:
        """float64 (p,): signed areas in squares of the longer side."""
        return np.add.reduceat(self.turns, self.bounds[:-1]) / 2

    @functools.cached_property
    def areas(self) -> NDArray[np.float64]:
        """float64 (p,): signed areas, by the sum of cross products."""
        with np.errstate(over="ignore", invalid="ignore"):
            areas: NDArray[np.float64] = self.unit_areas * self.sides.max(axis=1) ** 2
        return areas

    @functools.cached_property
    def has_no_area(self) -> NDArray[np.bool_]:
        """bool (p,): the signed area is 0, as far as doubles can tell. Two loops may also cancel out."""
        with np.errstate(invalid="ignore"):
            zero = np.abs(self.unit_areas) <= self.rounding * self.counts
        none: NDArray[np.bool_] = (zero & np.isfinite(self.sides).all(axis=1)) | (self.sides == 0).any(axis=1)
        return none

    @functools.cached_property
    def fill(self) -> NDArray[np.float64]:
        """float64 (p,): area as a share of the enclosing box; NaN where that has none."""
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            share: NDArray[np.float64] = np.abs(self.areas) / self.sides.prod(axis=1)
        return np.where(np.isfinite(share), share, np.nan)

    @functools.cached_property
    def repeats(self) -> NDArray[np.bool_]:
        """bool (v,): the vertex equals the one before it in its ring. The first is not compared with the last: to
        close a ring by hand is usual.
        """
        same = np.zeros(len(self.x), dtype=bool)
        same[1:] = (self.x[1:] == self.x[:-1]) & (self.y[1:] == self.y[:-1])
        same[self.bounds[:-1]] = False
        return same

    def distinct(self, polygon: int) -> int:
        """Number of different vertices of one ring."""
        part = slice(self.bounds[polygon], self.bounds[polygon + 1])
        return len(np.unique(np.stack([self.x[part], self.y[part]]), axis=1).T)

    def take(self, which: NDArray[np.int64]) -> Polygons:
        """Some of the rings, in the given order."""
        counts = self.counts[which]
        bounds = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
        at = np.repeat(self.bounds[which] - bounds[:-1], counts) + np.arange(bounds[-1])
        return Polygons(np.stack([self.x[at], self.y[at]], axis=1), bounds)


def quad_areas(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (q,): areas of quadrilaterals without crossing, given by their corners (q, 4, 2)."""
    x, y = _columns(corners)
    areas: NDArray[np.float64] = np.abs((x[2] - x[0]) * (y[3] - y[1]) - (y[2] - y[0]) * (x[3] - x[1])) / 2
    return areas


def enclosing_rectangle_areas(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (q,): area of the smallest rectangle, at any angle, around each four corners (q, 4, 2).

    One of its sides lies along the hull, so along a line through two corners: the best of all six is the smallest.
    0 where all corners are equal.
    """
    best = np.full(len(corners), np.inf)
    for pair in ((0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (1, 3)):
        best = np.fmin(best, rectangle_areas_along(corners, *pair))  # NaN between equal corners does not count
    return np.where(np.isinf(best), 0, best)


def rectangle_areas_along(corners: NDArray[np.float64], one: int, other: int) -> NDArray[np.float64]:
    """float64 (q,): area of the smallest rectangle around each four corners (q, 4, 2) with a side along the line
    through two of them; NaN where these are equal.
    """
    x, y = _columns(corners)
    along_x, along_y = x[other] - x[one], y[other] - y[one]
    along = x * along_x + y * along_y
    across = y * along_x - x * along_y
    with np.errstate(divide="ignore", invalid="ignore"):
        areas: NDArray[np.float64] = np.ptp(along, axis=0) * np.ptp(across, axis=0) / (along_x**2 + along_y**2)
    return areas


def _columns(corners: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """float64 (4, q) twice: x and y of the first, second ... corners."""
    return np.ascontiguousarray(corners[:, :, 0].T), np.ascontiguousarray(corners[:, :, 1].T)
