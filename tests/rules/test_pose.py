"""Family K at its thresholds."""

from __future__ import annotations

import pytest
from looking import look, said, view_of

from hubaction.dataset.config import Keypoints
from hubaction.rules.engine import Status
from hubaction.rules.view import View

BOX = "0 0.5 0.5 0.2 0.4"
RULES = ["K511", "K512", "K513", "K514", "K515"]


def posed(*points: str, dims: int = 3, rows: int = 1) -> View:
    """Objects with the same keypoints, each written as x y and visibility."""
    text = "\n".join([f"{BOX} {' '.join(points)}"] * rows)
    return view_of("pose", text, keypoints=Keypoints(len(points), dims))


@pytest.mark.parametrize(
    ("point", "fires", "token"),
    [
        ("1.01 0.5 2", False, 8),
        ("1.0101 0.5 2", True, 8),
        ("0.5 1.0101 1", True, 9),
        ("0.5 -0.01 2", False, 9),
        ("0.5 -0.0101 2", True, 9),
        ("1.2 0.5 0", False, 8),
    ],
)
def test_visible_points_must_lie_in_the_image(point: str, fires: bool, token: int) -> None:
    assert said("K511", posed("0.5 0.5 2", point)) == [("error", 1, token)] * fires


def test_without_visibility_every_point_but_the_origin_is_visible() -> None:
    assert said("K511", posed("0.5 0.5", "0.2 1.2", dims=2)) == [("error", 1, 8)]
    assert said("K511", posed("0 0", "0.5 0.5", dims=2)) == []


@pytest.mark.parametrize(
    ("point", "level"),
    [("0 0 0", ""), ("0.3 0 0", "warning"), ("0 1.01 0", "warning"), ("0 1.0101 0", "error"), ("-0.0101 0 0", "error")],
)
def test_hidden_points_have_no_coordinates(point: str, level: str) -> None:
    found = said("K512", posed("0.5 0.5 2", point))
    assert [word for word, _, _ in found] == ([level] if level else [])


@pytest.mark.parametrize("value", ["0", "1", "2", "2.0"])
def test_the_three_values_of_visibility(value: str) -> None:
    assert said("K513", posed(f"0 0 {value}")) == []


@pytest.mark.parametrize(("value", "effect"), [("3", "whether it is 0"), ("0.5", "whether it is 0"), ("-1", "dropped")])
def test_any_other_visibility_is_an_error(value: str, effect: str) -> None:
    view = posed("0.5 0.5 1", f"0.5 0.5 {value}")
    assert said("K513", view) == [("error", 1, 10)]
    assert effect in look("K513", view).facts[0].message


def test_a_point_at_the_origin_is_told_once_for_each_keypoint() -> None:
    facts = look("K514", posed("0 0 2", "0.5 0.5 2", "0 0 1", "0 0 0", rows=5)).facts
    assert [(f.weight.level.word, f.key) for f in facts] == [("warning", "keypoint 0"), ("warning", "keypoint 2")]
    assert "in 5 of 5 objects" in facts[0].message


@pytest.mark.parametrize(("point", "fires"), [("0 0", True), ("0 0.000001", False)])
def test_without_visibility_the_origin_counts_as_visible(point: str, fires: bool) -> None:
    assert [level for level, _, _ in said("K514", posed(point, dims=2))] == ["warning"] * fires


def far(share_far: int, of: int, x: float = 0.71) -> View:
    """``of`` objects with one keypoint; that of the first ones lies at ``x``, the box's side of 0.2 ends at 0.6."""
    rows = [f"{BOX} {x if index < share_far else 0.5} 0.5 2" for index in range(of)]
    return view_of("pose", "\n".join(rows), keypoints=Keypoints(1, 3))


@pytest.mark.parametrize(
    ("view", "fires"),
    [
        (far(2, 50), True),
        (far(1, 50), False),  # exactly 2 %
        (far(2, 49), False),  # too few keypoints
        (far(2, 50, 0.699), False),  # less than half a side
        (far(2, 50, 1.2), False),  # outside the image: K511
    ],
)
def test_many_points_far_from_their_box(view: View, fires: bool) -> None:
    assert [level for level, _, _ in said("K515", view)] == ["warning"] * fires


def test_boxes_that_are_wrong_themselves_do_not_count() -> None:
    rows = ["0 5.0 0.5 0.2 0.4 0.5 0.5 2", "0 0.5 0.5 0 0.4 0.9 0.5 2"] * 30
    assert said("K515", view_of("pose", "\n".join(rows), keypoints=Keypoints(1, 3))) == []


@pytest.mark.parametrize("rule", RULES)
def test_without_kpt_shape_nothing_can_be_told(rule: str) -> None:
    result = look(rule, view_of("pose", f"{BOX} 5 5 7"))
    assert (result.status, "kpt_shape" in result.reason) == (Status.NOT_RUN, True)


@pytest.mark.parametrize("rule", ["K512", "K513"])
def test_without_visibility_its_rules_do_not_run(rule: str) -> None:
    result = look(rule, posed("0.5 0.5", dims=2))
    assert (result.status, "no visibility" in result.reason) == (Status.NOT_RUN, True)


@pytest.mark.parametrize("row", ["", "0 1e308 -1e308 1e308 5e-324 1e308 -1e308 1e308", "0 1 1 1 1 nan 1 2", "0", BOX])
@pytest.mark.parametrize("rule", RULES)
def test_no_row_makes_a_rule_fail(rule: str, row: str) -> None:
    assert look(rule, view_of("pose", row, keypoints=Keypoints(1, 3))).status is not Status.CRASHED
