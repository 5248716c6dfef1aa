"""Family S at its thresholds."""

from __future__ import annotations

import math

import pytest
from looking import look, said, view_of

from hubaction.rules.engine import Status

RECTANGLE = "0 0.2 0.2 0.6 0.2 0.6 0.6 0.2 0.6"
TRIANGLE = "0 0.2 0.2 0.6 0.2 0.4 0.6"
BOW_TIE = "0 0.2 0.2 0.6 0.6 0.6 0.2 0.2 0.6"


def circle(count: int) -> str:
    angles = [2 * math.pi * k / count for k in range(count)]
    return "0 " + " ".join(f"{0.5 + 0.4 * math.cos(a):.9f} {0.5 + 0.4 * math.sin(a):.9f}" for a in angles)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("0 0.3 0.3 0.3 0.3 0.3 0.3", "all vertices are equal"),
        ("0 0.3 0.3 0.5 0.6 0.3 0.3 0.5 0.6", "only two different vertices"),
        ("0 0.1 0.1 0.2 0.2 0.3 0.3", "no area"),
        ("0 0.1 0.7 0.2 0.9 0.1 0.7 0.4 0.7", "no area"),
    ],
)
def test_degenerate_polygons_concern_one_rule_alone(row: str, why: str) -> None:
    view = view_of("segment", f"{TRIANGLE}\n{row}\n")
    facts = look("S501", view).facts
    assert [(f.weight.level.word, f.place.line) for f in facts] == [("error", 2)]
    assert why in facts[0].message
    assert [said(rule, view) for rule in ("S502", "S503", "S504", "S505")] == [[], [], [], []]


@pytest.mark.parametrize("row", [TRIANGLE, BOW_TIE, "0 0.1 0.1 0.2 0.2 0.3 0.300001"])
def test_what_has_an_area_is_not_degenerate(row: str) -> None:
    assert said("S501", view_of("segment", row)) == []


def knotted(lobe: float) -> str:
    """A bow tie with sides of 0.4 and less: its triangles are alike, so their areas go with the squares."""
    less = 0.4 * math.sqrt(lobe / (1 - lobe))
    return f"0 0.2 0.2 0.6 {0.2 + less:.9f} 0.6 0.2 0.2 0.6"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (BOW_TIE, [("warning", 1, 1)]),
        (TRIANGLE, []),
        ("0 0.2 0.2 0.6 0.2 0.6 0.6 0.4 0.2 0.2 0.6", []),  # touches its own edge
        (knotted(0.0199), [("note", 1, 1)]),
        (knotted(0.0201), [("warning", 1, 1)]),
    ],
)
def test_crossings_weigh_by_their_lobe(row: str, expected: list[object]) -> None:
    assert said("S502", view_of("segment", row)) == expected


def test_the_lobe_is_an_option() -> None:
    assert said("S502", view_of("segment", BOW_TIE), {"lobe": 0.51}) == [("note", 1, 1)]


def test_rings_of_over_a_thousand_vertices_are_not_tested_and_the_rule_says_so() -> None:
    assert look("S502", view_of("segment", circle(1000))).status is Status.PASSED
    result = look("S502", view_of("segment", circle(1001)))
    assert (result.status, result.reason) == (Status.NOT_RUN, "1 polygons have over 1,000 vertices")


@pytest.mark.parametrize(("x", "fires"), [("1.01", False), ("1.011", True), ("-0.0099", False), ("-0.0101", True)])
def test_a_vertex_may_be_a_hundredth_outside(x: str, fires: bool) -> None:
    assert said("S503", view_of("segment", f"0 0.5 0.2 {x} 0.5 0.5 0.6")) == [("warning", 1, 3)] * fires


@pytest.mark.parametrize(("x", "fires"), [("2", True), ("2.001", False), ("-1.001", False)])
def test_coordinates_that_are_not_normalised_belong_to_another_rule(x: str, fires: bool) -> None:
    assert bool(said("S503", view_of("segment", f"0 0.5 0.2 {x} 0.5 0.5 0.6"))) == fires


def cut(share: float) -> str:
    """A square of side 0.4 that lacks a triangle at a corner, so that it fills ``share`` of its box."""
    leg = 0.4 * math.sqrt(2 * (1 - share))
    return f"0 0.2 0.2 {0.6 - leg:.9f} 0.2 0.6 {0.2 + leg:.9f} 0.6 0.6 0.2 0.6"


def sliver(share: float) -> str:
    """A thin triangle along the diagonal of a square of side 0.4."""
    return f"0 0.2 0.2 0.6 0.6 {0.6 - 0.4 * share * 2:.9f} 0.6"


@pytest.mark.parametrize(
    ("row", "level"),
    [(cut(0.979), []), (cut(0.981), ["note"]), (sliver(0.051), []), (sliver(0.049), ["warning"])],
)
def test_masks_between_sliver_and_box_are_fine(row: str, level: list[str]) -> None:
    found = said("S504", view_of("segment", "\n".join([row, TRIANGLE, TRIANGLE])))
    assert [(word, line) for word, line, _ in found] == [(word, 1) for word in level]


@pytest.mark.parametrize(("boxes", "levels"), [(2, ["note", "note"]), (3, ["warning"])])
def test_a_split_whose_masks_are_mostly_boxes_is_warned_about_once(boxes: int, levels: list[str]) -> None:
    rows = [RECTANGLE] * boxes + [TRIANGLE] * 2
    found = said("S504", view_of("segment", TRIANGLE, val="\n".join(rows)))
    assert [word for word, _, _ in found] == levels


def test_loops_that_cancel_out_are_no_sliver() -> None:
    assert said("S504", view_of("segment", BOW_TIE)) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (circle(1000), []),
        (circle(1001), [("note", 1, 1)]),
        ("0 0.2 0.2 0.6 0.2 0.6 0.2 0.4 0.6", [("note", 1, 5)]),
        ("0 0.2 0.2 0.6 0.2 0.4 0.6 0.2 0.2", []),  # a ring closed by hand
    ],
)
def test_overdense_outlines(row: str, expected: list[object]) -> None:
    assert said("S505", view_of("segment", row)) == expected


@pytest.mark.parametrize(
    "row", ["", "0 1e308 1e308 -1e308 0 0 -1e308 1e308 0", "0 nan 1 2 3 4 5", "0 0.5 0.5 0.1 0.1", "5"]
)
@pytest.mark.parametrize("rule", ["S501", "S502", "S503", "S504", "S505"])
def test_no_row_makes_a_rule_fail(rule: str, row: str) -> None:
    assert look(rule, view_of("segment", row)).status is not Status.CRASHED
