"""Where rings cross themselves, and how much of the area is in the loops that turn the other way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.polygons import Polygons

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_VERTICES = 1000
"""Rings with more are not tested (rules catalogue, S502)."""

_MOST_PAIRS = 20_000_000
"""Pairs of edges, of rings too long to test all pairs, after which testing ends: some seconds of work."""

_FEW_VERTICES = 80  # up to here all pairs of edges are tested; above, those whose ranges overlap
_BATCH = 1 << 16  # vertices looked at together: arrays of this length stay in the cache


@dataclass(frozen=True, slots=True)
class Crossings:
    """Crossings of p rings with themselves.

    At a crossing the ring falls into two loops with signed areas A1 and A2. If their signs differ, its lobe is
    min(|A1|, |A2|) / (|A1| + |A2|), else 0.

    Attributes:
        lobe: float64 (p,), the largest lobe of the ring; -1 where it does not cross itself.
        edge: int (p,), the ring's vertex at which the first edge of that crossing begins.
        tested: bool (p,), False where there were too many vertices or edges.
    """

    lobe: NDArray[np.float64]
    edge: NDArray[np.int64]
    tested: NDArray[np.bool_]


Pairs = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.int64]"]
"""Index of the ring, of the first edge's and of the second edge's first vertex within it."""

Points = tuple["NDArray[np.float64]", "NDArray[np.float64]"]


def find_crossings(polygons: Polygons, most_pairs: int = _MOST_PAIRS) -> Crossings:
    """Proper crossings of edges that are not neighbours: each edge has an end on either side of the other."""
    counts = polygons.counts
    found = Crossings(np.full(len(counts), -1.0), np.zeros(len(counts), dtype=np.int64), counts <= MOST_VERTICES)
    with np.errstate(over="ignore", invalid="ignore"):
        for pairs in _pairs_of_few(polygons):
            _keep_largest(found, polygons, pairs)
        _find_in_long(found, polygons, most_pairs)
    return found


def _find_in_long(found: Crossings, polygons: Polygons, most_pairs: int) -> None:
    """Look at rings with many vertices, as long as there are no more than ``most_pairs`` pairs to test."""
    counts = polygons.counts
    long = np.flatnonzero((counts > _FEW_VERTICES) & found.tested)
    for rings in _batches(long, counts):
        edges = _SortedEdges(polygons, rings)
        most_pairs -= edges.pairs
        if most_pairs < 0:
            found.tested[rings] = False
            continue
        for pairs in edges.crossing_pairs():
            _keep_largest(found, polygons, pairs)


def _batches(rings: NDArray[np.int64], counts: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The rings in groups of about ``_BATCH`` vertices."""
    if len(rings):
        group = np.cumsum(counts[rings]) // _BATCH
        yield from np.split(rings, np.flatnonzero(np.diff(group)) + 1)


# all pairs, for rings of equal length together


def _pairs_of_few(polygons: Polygons) -> Iterator[Pairs]:
    """Crossing pairs of rings with few vertices."""
    counts = polygons.counts
    order = np.argsort(counts, kind="stable")
    for count in range(4, _FEW_VERTICES + 1):
        start, stop = np.searchsorted(counts, [count, count + 1], sorter=order)
        for rings in _batches(order[start:stop], counts):
            yield from _all_pairs(polygons, rings, count)


def _all_pairs(polygons: Polygons, rings: NDArray[np.int64], count: int) -> Iterator[Pairs]:
    """Crossing pairs of rings that all have ``count`` vertices: edge i against edge i + step, for all steps."""
    parts = _parted(polygons, rings, count)
    for step in range(2, count // 2 + 1):
        back = parts[count - step]
        both = parts[step] & np.concatenate([back[step:], back[:step]])
        if both.any():
            first, ring = np.nonzero(both)
            second = (first + step) % count
            yield rings[ring], np.minimum(first, second), np.maximum(first, second)


def _parted(polygons: Polygons, rings: NDArray[np.int64], count: int) -> dict[int, NDArray[np.bool_]]:
    """By step, bool (count, rings): the line of edge i parts the two ends of edge i + step."""
    at = polygons.bounds[rings] + np.arange(count)[:, None]
    x, y = (np.concatenate([values[at], values[at]]) for values in (polygons.x, polygons.y))
    along_x, along_y = x[1 : count + 1] - x[:count], y[1 : count + 1] - y[:count]
    parts = {}
    left = right = np.zeros((count, len(rings)), dtype=bool)
    for step in range(2, count):
        side = along_x * (y[step : step + count] - y[:count])
        side -= along_y * (x[step : step + count] - x[:count])
        was_left, was_right = left, right
        left, right = side > 0, side < 0
        parts[step - 1] = (was_left & right) | (was_right & left)
    return parts


# pairs that overlap, for long rings


class _SortedEdges:
    """Edges of some rings in order of their lower end along the ring's longer side."""

    def __init__(self, polygons: Polygons, rings: NDArray[np.int64]) -> None:
        self.rings = rings
        self.polygons = polygons.take(rings)
        counts = self.polygons.counts
        self.ring = np.repeat(np.arange(len(rings)), counts)
        x, y = self.polygons.unit
        upright = (self.polygons.sides[:, 1] > self.polygons.sides[:, 0])[self.ring]
        low, high = self._range(np.where(upright, y, x))
        apart = 4.0 * self.ring  # unit coordinates lie in [-1, 1], so rings do not meet on this axis
        self.order = np.argsort(low + apart)
        stops = np.searchsorted((low + apart)[self.order], (high + apart)[self.order] + 1e-9, side="right")
        self.overlapping = stops - 1 - np.arange(len(stops))
        self.pairs = int(self.overlapping.sum())
        self.low, self.high = self._range(np.where(upright, x, y))

    def _range(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        other = values[self.polygons.following]
        return np.minimum(values, other), np.maximum(values, other)

    def crossing_pairs(self) -> Iterator[Pairs]:
        """Every edge against the next, the next but one, ... as long as their ranges overlap."""
        active = np.flatnonzero(self.overlapping > 0)
        step = 1
        while len(active):
            one, other = self.order[active], self.order[active + step]
            meet = (self.low[one] <= self.high[other]) & (self.low[other] <= self.high[one])
            one, other = one[meet], other[meet]
            cross = self._cross(np.minimum(one, other), np.maximum(one, other))
            if len(cross[0]):
                yield cross
            step += 1
            active = active[self.overlapping[active] >= step]

    def _cross(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> Pairs:
        """Those of the pairs that cross properly; neighbours share an end and never do."""
        points = self.polygons.x, self.polygons.y
        following = self.polygons.following
        crossing = _are_parted(points, following, one, other) & _are_parted(points, following, other, one)
        one, other = one[crossing], other[crossing]
        first = self.polygons.bounds[self.ring[one]]
        return self.rings[self.ring[one]], one - first, other - first


# areas


def _sides(
    points: Points, following: NDArray[np.int64], line: NDArray[np.int64], edge: NDArray[np.int64]
) -> list[NDArray[np.float64]]:
    """Cross products that say on which side of a line the start and the end of an edge lie."""
    x, y = points
    along_x, along_y = x[following[line]] - x[line], y[following[line]] - y[line]
    return [along_x * (y[end] - y[line]) - along_y * (x[end] - x[line]) for end in (edge, following[edge])]


def _are_parted(
    points: Points, following: NDArray[np.int64], line: NDArray[np.int64], edge: NDArray[np.int64]
) -> NDArray[np.bool_]:
    start, end = _sides(points, following, line, edge)
    parted: NDArray[np.bool_] = (np.minimum(start, end) < 0) & (np.maximum(start, end) > 0)
    return parted


def _keep_largest(found: Crossings, polygons: Polygons, pairs: Pairs) -> None:
    ring, first, _ = pairs
    lobes = _lobes(polygons, pairs)
    order = np.lexsort((-first, lobes))
    ring, first, lobes = ring[order], first[order], lobes[order]
    larger = lobes > found.lobe[ring]
    found.edge[ring[larger]] = first[larger]  # of several for one ring the last stays: the largest
    found.lobe[ring[larger]] = lobes[larger]


def _lobes(polygons: Polygons, pairs: Pairs) -> NDArray[np.float64]:
    """float64 (pairs,): lobe of each crossing."""
    ring, first, second = pairs
    i, j = polygons.bounds[ring] + first, polygons.bounds[ring] + second
    x, y = polygons.unit
    with np.errstate(all="ignore"):
        cross_x, cross_y, only_touch = _meeting_point(polygons, i, j, polygons.rounding[ring])
        loop = polygons.turns_before[j] - polygons.turns_before[i + 1]
        loop += cross_x * y[i + 1] - x[i + 1] * cross_y + x[j] * cross_y - cross_x * y[j]
        rest = 2 * polygons.unit_areas[ring] - loop
        share = np.minimum(np.abs(loop), np.abs(rest)) / (np.abs(loop) + np.abs(rest))
        return np.where((loop * rest < 0) & ~only_touch, share, 0.0)


def _meeting_point(
    polygons: Polygons, i: NDArray[np.int64], j: NDArray[np.int64], rounding: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """x and y, in ``unit`` lengths, of the crossing of the edges that begin at i and at j, and whether an end of one
    lies on the other but for rounding: then they only touch, and the loops may be parts that share an edge.
    """
    x, y = polygons.unit
    sides = [*_sides((x, y), polygons.following, j, i), *_sides((x, y), polygons.following, i, j)]
    share = sides[0] / (sides[0] - sides[1])
    end = polygons.following[i]
    touch = np.min(np.abs(sides), axis=0) <= rounding
    return x[i] + share * (x[end] - x[i]), y[i] + share * (y[end] - y[i]), touch
