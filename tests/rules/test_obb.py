"""Family O at its thresholds."""

from __future__ import annotations

import pytest
from looking import look, said, view_of

from hubaction.rules.engine import Status


def right_trapezium(top: float) -> str:
    """A square of side 0.4 with a shorter top: it fills (1 + top / 0.4) / 2 of its rectangle, the square."""
    return f"0 0.2 0.2 {0.2 + top:.9f} 0.2 0.6 0.6 0.2 0.6"


@pytest.mark.parametrize(("top", "fires"), [(0.4, False), (0.2405, False), (0.2395, True), (0.1, True)])
def test_four_corners_must_fill_most_of_a_rectangle(top: float, fires: bool) -> None:
    assert said("O521", view_of("obb", right_trapezium(top))) == [("warning", 1, None)] * fires


def test_rectangles_are_those_of_pixels() -> None:
    row = "0 0.5 0.2 0.8 0.5 0.5 0.8 0.2 0.5"  # a square on its tip; in a wide image a rhombus
    assert said("O521", view_of("obb", row, size=(100, 100))) == []
    assert said("O521", view_of("obb", row, size=(400, 100))) == [("warning", 1, None)]


def test_images_of_unknown_size_are_left_out_and_the_rule_says_so() -> None:
    result = look("O521", view_of("obb", right_trapezium(0.1), size=(0, 0)))
    assert (result.status, result.reason) == (Status.NOT_RUN, "1 boxes lie in images whose size is unknown")


@pytest.mark.parametrize("row", ["0 0.2 0.2 0.6 0.6 0.6 0.2 0.2 0.6", "0 0.2 0.2 0.2 0.6 0.6 0.2 0.6 0.6"])
def test_bow_ties_concern_one_rule_alone(row: str) -> None:
    view = view_of("obb", row)
    assert said("O522", view) == [("error", 1, None)]
    assert said("O521", view) == []


@pytest.mark.parametrize(
    "row",
    [
        "0 0.2 0.2 0.6 0.2 0.6 0.6 0.2 0.6",
        "0 0.2 0.2 0.6 0.2 0.4 0.2 0.2 0.6",  # a corner on the opposite edge
        "0 0.2 0.2 0.2 0.2 0.6 0.6 0.6 0.2",  # two equal corners
        "0 0.2 0.2 0.6 0.2 0.3 0.3 0.2 0.6",  # not convex
    ],
)
def test_corners_in_order_do_not_cross(row: str) -> None:
    assert said("O522", view_of("obb", row)) == []


@pytest.mark.parametrize(
    ("x", "level"),
    [(1.0999, ""), (1.1001, "warning"), (1.4999, "warning"), (1.5001, "error"), (2, "error"), (2.001, "")],
)
def test_corners_may_stick_out_a_little(x: float, level: str) -> None:
    expected = [(level, 1, 5)] if level else []
    assert said("O523", view_of("obb", f"0 0.7 0.2 0.9 0.1 {x} 0.6 0.9 0.7")) == expected
    assert said("O523", view_of("obb", f"0 0.3 0.2 0.1 0.1 {1 - x:.9f} 0.6 0.1 0.7")) == expected


def test_boxes_of_no_area_are_left_to_another_rule() -> None:
    view = view_of("obb", "0 0.2 0.2 0.4 0.4 0.6 0.6 0.3 0.3")
    assert [said(rule, view) for rule in ("O521", "O522", "O523")] == [[], [], []]


@pytest.mark.parametrize(
    "row", ["", "0 1e308 1e308 -1e308 0 0 -1e308 1e308 0", "0 inf 1 2 3 4 5 6 7", "0 0.5 0.5 0.1 0.1"]
)
@pytest.mark.parametrize("rule", ["O521", "O522", "O523"])
def test_no_row_makes_a_rule_fail(rule: str, row: str) -> None:
    assert look(rule, view_of("obb", row)).status is not Status.CRASHED
