"""Polygons by the column agree with plain formulas by the piece."""

from __future__ import annotations

import itertools
import math
import os
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubaction.dataset import crossings
from hubaction.dataset.crossings import find_crossings
from hubaction.dataset.polygons import Polygons, enclosing_rectangle_areas, quad_areas

# Hypothesis would keep its notes in the project's folder, where pytest's collection trips over them.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(tempfile.gettempdir()) / "hubaction-hypothesis"))

Ring = list[tuple[float, float]]

grid = st.integers(-4, 20).map(lambda number: number / 16)  # exact in doubles, and full of coincidences
free = st.floats(-0.5, 1.5, width=32)


def rings(number: st.SearchStrategy[float], least: int = 3, most: int = 9) -> st.SearchStrategy[list[Ring]]:
    return st.lists(st.lists(st.tuples(number, number), min_size=least, max_size=most), min_size=1, max_size=5)


def polygons(*rings: Ring) -> Polygons:
    bounds = np.cumsum([0, *map(len, rings)])
    return Polygons(np.array([vertex for ring in rings for vertex in ring], dtype=float).reshape(-1, 2), bounds)


def exact_area(ring: list[tuple[Fraction, Fraction]]) -> Fraction:
    pairs = itertools.pairwise([*ring, ring[0]])
    return sum((x * v - u * y for (x, y), (u, v) in pairs), Fraction()) / 2


def exactly(ring: Ring) -> list[tuple[Fraction, Fraction]]:
    return [(Fraction(x), Fraction(y)) for x, y in ring]


def side(a, b, c):
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def plain_lobe(ring: Ring) -> float:
    """Every pair of edges, in fractions; -1 without a crossing."""
    points, best = exactly(ring), -1.0
    for i, j in itertools.combinations(range(len(points)), 2):
        a, b, c, d = points[i], points[i + 1], points[j], points[(j + 1) % len(points)]
        if side(a, b, c) * side(a, b, d) >= 0 or side(c, d, a) * side(c, d, b) >= 0:
            continue
        share = side(c, d, a) / (side(c, d, a) - side(c, d, b))
        meet = (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
        one = exact_area([meet, *points[i + 1 : j + 1]])
        other = exact_area([meet, *points[j + 1 :], *points[: i + 1]])
        lobe = min(abs(one), abs(other)) / (abs(one) + abs(other)) if one * other < 0 else 0
        best = max(best, float(lobe))
    return best


@given(rings(grid))
def test_areas_are_the_shoelace_sums(some: list[Ring]) -> None:
    expected = [float(exact_area(exactly(ring))) for ring in some]
    assert polygons(*some).areas == pytest.approx(expected, abs=1e-12)
    assert polygons(*some).has_no_area.tolist() == [area == 0 for area in expected]


@given(rings(grid))
def test_boxes_repeats_and_distinct_vertices(some: list[Ring]) -> None:
    found = polygons(*some)
    for index, ring in enumerate(some):
        xs, ys = zip(*ring, strict=True)
        assert found.limits[index].tolist() == [min(xs), min(ys), max(xs), max(ys)]
        assert found.reach_beyond(0.125)[index] == (max(0, -min(xs + ys), max(xs + ys) - 1) > 0.125)
        assert found.distinct(index) == len(set(ring))
        again = found.repeats[found.bounds[index] : found.bounds[index + 1]]
        assert again.tolist() == [False, *(a == b for a, b in itertools.pairwise(ring))]


@given(rings(grid, 3, 12))
def test_crossings_are_those_of_every_pair_of_edges(some: list[Ring]) -> None:
    assert find_crossings(polygons(*some)).lobe == pytest.approx([plain_lobe(ring) for ring in some], abs=1e-9)


@given(rings(grid, 3, 12))
def test_long_rings_have_the_same_crossings_as_short_ones(some: list[Ring]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crossings, "_FEW_VERTICES", 3)
        patch.setattr(crossings, "_BATCH", 20)
        swept = find_crossings(polygons(*some))
    short = find_crossings(polygons(*some))
    assert swept.lobe == pytest.approx(short.lobe, abs=1e-12)
    assert swept.tested.all()


@given(rings(free))
def test_no_lobe_is_beyond_a_half(some: list[Ring]) -> None:
    lobe = find_crossings(polygons(*some)).lobe
    assert ((lobe == -1) | ((lobe >= 0) & (lobe <= 0.5))).all()


BOW_TIE: Ring = [(0.2, 0.2), (0.6, 0.6), (0.6, 0.2), (0.2, 0.6)]
SQUARE: Ring = [(0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6)]


def circle(count: int) -> Ring:
    return [
        (0.5 + 0.3 * math.cos(2 * math.pi * k / count), 0.5 + 0.3 * math.sin(2 * math.pi * k / count))
        for k in range(count)
    ]


def test_a_bow_tie_has_a_lobe_of_a_half_at_its_first_edge() -> None:
    found = find_crossings(polygons(SQUARE, BOW_TIE, SQUARE[:3]))
    assert found.lobe == pytest.approx([-1, 0.5, -1])
    assert found.edge.tolist() == [0, 0, 0]


@pytest.mark.parametrize("count", [50, 200, 1000])
def test_a_long_ring_crosses_where_two_vertices_are_swapped(count: int) -> None:
    ring = circle(count)
    ring[7], ring[8] = ring[8], ring[7]
    found = find_crossings(polygons(circle(count), ring))
    assert found.lobe[0] == -1
    assert found.lobe[1] == pytest.approx(plain_lobe(ring), abs=1e-9) if count < 1000 else found.lobe[1] > 0
    assert found.edge[1] == 6


def test_an_edge_that_only_touches_has_no_lobe_though_rounding_makes_it_cross() -> None:
    ring = [(0.684357, 0.56302), (0.692073, 0.56694), (0.9, 0.9), (0.702388, 0.56106), (0.688215, 0.56498)]
    assert find_crossings(polygons(ring)).lobe.tolist() == [0.0]


def test_what_would_take_too_long_is_not_tested() -> None:
    many = [circle(100)] * 3
    assert find_crossings(polygons(*many, circle(1001))).tested.tolist() == [True, True, True, False]
    assert find_crossings(polygons(*many, SQUARE), most_pairs=10).tested.tolist() == [False, False, False, True]


@pytest.mark.parametrize("huge", [1e308, 1e200, 1e-310, 5e-324])
def test_numbers_at_the_ends_of_the_range_do_no_harm_to_their_neighbours(huge: float) -> None:
    odd: Ring = [(-huge, huge), (huge, 0), (0, -huge), (huge, huge), (0, huge)]
    found = polygons(BOW_TIE, odd, odd * 20, SQUARE)
    assert find_crossings(found).lobe[[0, 3]] == pytest.approx([0.5, -1])
    assert found.areas[[0, 3]] == pytest.approx([0, 0.16])
    assert found.fill[[0, 3]] == pytest.approx([0, 1])
    assert found.has_no_area[[0, 3]].tolist() == [True, False]


def test_no_ring_at_all() -> None:
    none = Polygons(np.zeros((0, 2)), np.zeros(1, dtype=np.int64))
    assert len(find_crossings(none).lobe) == len(none.fill) == len(none.has_no_area) == len(none.repeats) == 0


def plain_rectangle(corners: np.ndarray) -> float:
    """The smallest over many angles, and over those of all lines through two corners."""
    angles = [math.atan2(*(b - a)[::-1]) for a, b in itertools.combinations(corners, 2) if (a != b).any()]
    areas = []
    for angle in [*angles, *np.linspace(0, math.pi, 60)]:
        turned = corners @ np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        areas.append(np.prod(np.ptp(turned, axis=0)))
    return float(min(areas))


@given(st.lists(st.tuples(grid, grid), min_size=4, max_size=4))
def test_the_smallest_rectangle_is_that_of_all_angles(ring: Ring) -> None:
    corners = np.array([ring])
    assert enclosing_rectangle_areas(corners)[0] == pytest.approx(plain_rectangle(corners[0]), abs=1e-9)


@given(st.floats(0, 3.2), st.floats(1, 50), st.floats(1, 50))
def test_a_turned_rectangle_fills_its_rectangle(angle: float, width: float, height: float) -> None:
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    corners = (np.array(SQUARE) * [width, height] @ turn)[None]
    assert quad_areas(corners) / enclosing_rectangle_areas(corners) == pytest.approx(1)
