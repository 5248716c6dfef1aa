"""Family G just inside and just outside its bounds."""

from __future__ import annotations

import pytest
from looking import look, said, view_of
from many import boxes, view_of_many

from hubaction.dataset.config import Keypoints


def levels(rule: str, row: str, task: str = "detect", size: tuple[int, int] = (100, 100)) -> list[str]:
    return [level for level, _, _ in said(rule, view_of(task, row, size=size))]


@pytest.mark.parametrize(
    ("task", "row", "fires"),
    [
        ("detect", "0 1.01 0.5 0.1 0.1", False),
        ("detect", "0 1.0100001 0.5 0.1 0.1", True),
        ("detect", "0 0.5 0.5 0.1 1.02", True),
        ("segment", "0 0.9 0.9 1.1 0.9 1.1 1.1", False),
        ("segment", "0 0.97 0.9 1.06 0.9 1.06 1.0", True),
        ("obb", "0 0.1 0.1 1.99 0.1 1.99 0.2 0.1 0.2", True),
        ("obb", "0 -0.05 0.1 0.5 0.1 0.5 0.2 -0.05 0.2", False),
        ("obb", "0 0.1 0.1 1.0566 0.1 1.0566 0.2 0.1 0.2", False),
        ("segment", "0 -1.1 0.1 -0.2 0.1 -0.2 0.2", True),
        ("segment", "0 -0.9 0.1 0.2 0.1 0.2 0.2", True),
        ("segment", "0 -0.9 0.1 0.1 0.1 0.1 0.2", False),
    ],
)
def test_not_normalised(task: str, row: str, fires: bool) -> None:
    assert levels("G401", row, task) == ["error"] * fires


@pytest.mark.parametrize(
    ("row", "pixels"), [("0 320 240 64 48", True), ("0 32.5 24 64 48", False), ("0 2 1 1 1", False)]
)
def test_whole_numbers_look_like_pixels(row: str, pixels: bool) -> None:
    assert ("pixels" in look("G401", view_of("detect", row)).facts[0].message) == pixels


def test_a_pose_box_is_judged_by_its_box_alone() -> None:
    view = view_of("pose", "0 0.5 0.5 0.1 0.1 1.5 0.5 2\n0 5 0.5 0.1 0.1 0.5 0.5 2\n", keypoints=Keypoints(1, 3))
    assert said("G401", view) == [("error", 2, 1)]


@pytest.mark.parametrize(
    ("row", "level"),
    [
        ("0 0 0.5 0.1 0.1", []),
        ("0 -0.0 0.5 0.1 0.1", []),
        ("0 -0.000001 0.5 0.1 0.1", ["warning"]),
        ("0 -0.01 0.5 0.1 0.1", ["warning"]),
        ("0 -0.010001 0.5 0.1 0.1", ["error"]),
        ("0 0.5 0.5 -0.000001 0.1", ["error"]),
    ],
)
def test_negative_values(row: str, level: list[str]) -> None:
    assert levels("G402", row) == level


@pytest.mark.parametrize(("x", "level"), [(-0.02, []), (-0.07, ["warning"]), (-0.13, ["error"])])
def test_polygons_are_negative_by_the_centre_of_their_box(x: float, level: list[str]) -> None:
    assert levels("G402", f"0 {x} 0.1 0.06 0.1 0.06 0.2", "segment") == level


@pytest.mark.parametrize(
    ("width", "level"), [(0.2, []), (0.2019, []), (0.2021, ["note"]), (0.2199, ["note"]), (0.2201, ["warning"])]
)
@pytest.mark.parametrize("place", ["0.1 0.5 {} 0.1", "0.9 0.5 {} 0.1", "0.5 0.1 0.1 {}", "0.5 0.9 0.1 {}"])
def test_overshoot(place: str, width: float, level: list[str]) -> None:
    assert levels("G403", f"0 {place.format(width)}\n0 0.6 0.6 0.1 0.1") == level


@pytest.mark.parametrize(("pairs", "others", "level"), [(18, 2, "error"), (17, 3, "warning")])
def test_nine_in_ten_rows_are_corner_pairs(pairs: int, others: int, level: str) -> None:
    rows = ["0 0.6 0.6 0.9 0.9", *["0 0.1 0.1 0.15 0.15"] * (pairs - 1), *["0 0.5 0.5 0.1 0.1"] * others]
    assert levels("G403", "\n".join(rows)) == [level]


@pytest.mark.parametrize(("rows", "level"), [(20, "error"), (21, "warning")])
def test_one_in_twenty_corner_pairs_leaves_the_image(rows: int, level: str) -> None:
    assert levels("G403", "\n".join(["0 0.6 0.6 0.9 0.9", *["0 0.1 0.1 0.15 0.15"] * (rows - 1)])) == [level]


@pytest.mark.parametrize(
    ("task", "row", "fires"),
    [
        ("detect", "0 0.5 0.5 0 0.1", True),
        ("detect", "0 0.5 0.5 0.000001 0.1", False),
        ("detect", "0 0.5 0.5 0.5 0.6 0.5 0.7", True),
        ("segment", "0 0.5 0.5 0.5 0.6 0.5 0.7", False),
        ("obb", "0 0.1 0.1 0.2 0.2 0.3 0.3 0.15 0.15", True),
        ("obb", "0 0.1 0.1 0.2 0.1 0.1 0.2 0.2 0.2", False),
        ("obb", "0 0.1 0.1 0.100002 0.1 0.100002 0.100002 0.1 0.100002", False),
    ],
)
def test_zero_area(task: str, row: str, fires: bool) -> None:
    assert levels("G404", row, task) == ["error"] * fires


@pytest.mark.parametrize(("height", "fires"), [(0.0101, False), (0.01, False), (0.0099, True), (0, False)])
def test_below_one_pixel(height: float, fires: bool) -> None:
    assert levels("G405", f"0 0.5 0.5 0.5 {height}") == ["warning"] * fires


def test_pixels_of_an_unknown_image_are_not_counted() -> None:
    row = "0 0.5 0.5 0.5 0.0001"
    assert [levels(rule, row, size=(0, 0)) for rule in ("G405", "G406", "G407")] == [[], [], []]


@pytest.mark.parametrize(
    ("side", "level"), [(8.001, []), (7.999, ["note"]), (2.001, ["note"]), (1.999, ["warning"]), (1.599, [])]
)
def test_too_small_at_imgsz(side: float, level: list[str]) -> None:
    """The image is 400 pixels wide, so 2 pixels at imgsz 640 are 1.25; what has less than one is G405's."""
    height = side / 640 * 400 / 200
    assert levels("G406", f"0 0.5 0.5 0.5 {height:.9f}", size=(400, 200)) == level


def test_small_objects_are_counted_by_class() -> None:
    rows = "0 0.5 0.5 0.01 0.01\n0 0.2 0.2 0.01 0.01\n0 0.2 0.6 0.2 0.2\n1 0.7 0.7 0.01 0.01\n"
    facts = look("G406", view_of("detect", rows, size=(200, 200))).facts
    assert [(f.place.line, f.key) for f in facts] == [(1, "note cat"), (4, "note dog")]
    assert "2 of 3 objects (67%)" in facts[0].message


@pytest.mark.parametrize(
    ("box", "level"),
    [
        ("0.5 0.5 1 0.00999", ["warning"]),
        ("0.5 0.5 1 0.01001", ["note"]),
        ("0.5 0.5 1 0.0499", ["note"]),
        ("0.5 0.5 1 0.0501", []),
        ("0.5 0.5 1 0.9", []),
        ("0.5 0.5 1 0.9001", ["note"]),
    ],
)
def test_extreme_shapes(box: str, level: list[str]) -> None:
    assert levels("G407", f"0 {box}", size=(1000, 1000)) == level


def test_shape_is_that_of_pixels() -> None:
    assert levels("G407", "0 0.5 0.5 0.1 0.1", size=(3000, 100)) == ["note"]


@pytest.mark.parametrize(("number", "fires"), [(300, False), (301, True)])
def test_more_objects_than_predictions_hold(number: int, fires: bool) -> None:
    view = view_of_many(train=[boxes(number)] * 20)
    assert bool(look("G409", view).facts) == fires


@pytest.mark.parametrize(("number", "fires"), [(9, False), (10, True)])
def test_crowded_begins_at_ten(number: int, fires: bool) -> None:
    view = view_of_many(train=[*[boxes(1)] * 40, boxes(number)])
    assert [f.place.path for f in look("G409", view).facts] == ["labels/train/40.txt"] * fires


@pytest.mark.parametrize(("number", "fires"), [(15, False), (40, True)])
def test_crowded_is_three_sigma_above_the_others(number: int, fires: bool) -> None:
    view = view_of_many(train=[*[boxes(6), boxes(10)] * 30, boxes(number)])
    assert bool(look("G409", view).facts) == fires


def test_one_object_more_is_no_crowd() -> None:
    assert not look("G409", view_of_many(train=[*[boxes(24)] * 50, boxes(25)])).facts


@pytest.mark.parametrize(
    ("same", "images", "fires"), [(9, 20, False), (10, 20, True), (10, 200, False), (11, 200, True)]
)
def test_the_same_box_in_many_images(same: int, images: int, fires: bool) -> None:
    others = [f"0 0.5 0.5 0.3 {0.3 + at / 1000}" for at in range(images - same)]
    facts = look("G410", view_of_many(train=[*others, *["0 0.5 0.5 0.3 0.25"] * same])).facts
    assert [f.place.path for f in facts] == [f"labels/train/{images - same}.txt"] * fires


def test_the_same_box_ten_times_in_one_image_is_one_image() -> None:
    texts = ["0 0.5 0.5 0.3 0.3\n" * 12, *[f"0 0.5 0.5 0.3 0.{at}" for at in range(40, 60)]]
    assert not look("G410", view_of_many(train=texts)).facts


def test_the_same_box_of_other_classes_is_another() -> None:
    texts = [f"{at % 2} 0.5 0.5 0.3 0.3" for at in range(18)]
    assert not look("G410", view_of_many(train=texts)).facts
