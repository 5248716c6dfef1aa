"""What the loader keeps of a split (reference, section 10 and 11): borders, duplicates, polygons, keypoints."""

from __future__ import annotations

from typing import Any

import pytest

SQUARE = "0 .1 .1 .3 .1 .3 .3 .1 .3\n"


def kept(maker: Any, text: str) -> bool:
    """Whether the image with this label remains."""
    return maker.label(text).rows() is not None


# --- borders ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("1", True),
        ("1.01", True),
        ("1.0100000000001", True),
        ("1.01000002", True),
        ("1.0100001", False),
        ("1.02", False),
        ("0", True),
        ("-0", True),
        ("-0.01", True),
        ("-0.0100000000001", True),
        ("-0.010000001", False),
        ("-0.011", False),
        ("inf", False),
        ("-inf", False),
        ("nan", False),
        ("1e39", False),
    ],
)
@pytest.mark.parametrize("column", [1, 2, 3, 4])
def test_borders_of_a_coordinate(detect: Any, column: int, value: str, good: bool) -> None:
    row = ["0", ".5", ".5", ".2", ".2"]
    row[column] = value
    assert kept(detect, " ".join(row)) is good


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("0", True),
        ("1", True),
        ("1.9", True),
        ("1.99999", True),
        ("1.99999999", False),
        ("2", False),
        ("-0.005", True),
        ("-0.01", True),
        ("-0.02", False),
        ("-1", False),
        ("inf", False),
        ("nan", False),
        ("1e20", False),
    ],
)
def test_borders_of_a_class(detect: Any, value: str, good: bool) -> None:
    assert kept(detect, f"{value} .5 .5 .2 .2") is good


@pytest.mark.parametrize(("value", "cls"), [("1.5", 1), ("0.999", 0), ("-0.005", 0), ("-0", 0), ("1e0", 1)])
def test_class_is_cut_toward_zero(detect: Any, value: str, cls: int) -> None:
    detect.label(f"{value} .5 .5 .2 .2")
    assert detect.rows() == [[cls, 0.5, 0.5, 0.2, 0.2]]


def test_zero_width_is_not_checked(detect: Any) -> None:
    assert detect.label("0 .5 .5 0 0\n1 .5 .5 -.005 0\n").kinds() == []


def test_box_that_reaches_over_the_edge_is_not_checked(detect: Any) -> None:
    assert detect.label("0 1 1 1 1\n").kinds() == []


def test_one_bad_row_drops_the_image(detect: Any) -> None:
    assert not kept(detect, "0 .5 .5 .2 .2\n0 .5 .5 .2 1.2\n0 .4 .4 .2 .2\n")


def test_number_of_bad_rows_is_told(detect: Any) -> None:
    (defect,) = detect.label("0 .5 .5 .2 .2\n0 2 .5 .2 .2\n0 3 .5 .2 .2\n").defects()
    assert (defect.line, defect.detail["rows"], defect.detail["value"]) == (2, 2, "2")


def test_class_is_compared_with_the_number_of_names(detect: Any) -> None:
    assert not kept(detect.keys(names={"0": "a", "00": "b"}), "1 .5 .5 .2 .2")


def test_coordinate_beyond_float32_is_the_one_to_blame(make: Any) -> None:
    (defect,) = make("segment").label("0 1e39 .1 1e39 .2 1e39 .3\n").defects()
    assert defect.column != 1


# --- duplicates -------------------------------------------------------------------------------------------------------


def test_without_repeats_the_order_of_the_file_stays(detect: Any) -> None:
    detect.label("1 .5 .5 .2 .2\n0 .9 .9 .2 .2\n0 .1 .1 .2 .2\n")
    assert [row[:2] for row in detect.rows()] == [[1, 0.5], [0, 0.9], [0, 0.1]]


def test_repeat_is_removed_and_the_rest_sorted(detect: Any) -> None:
    detect.label("1 .5 .5 .2 .2\n0 .9 .9 .2 .2\n1 .5 .5 .2 .2\n0 .1 .9 .2 .2\n0 .1 .1 .2 .2\n")
    assert detect.rows() == [
        [0, 0.1, 0.1, 0.2, 0.2],
        [0, 0.1, 0.9, 0.2, 0.2],
        [0, 0.9, 0.9, 0.2, 0.2],
        [1, 0.5, 0.5, 0.2, 0.2],
    ]


def test_repeat_is_told_with_its_line(detect: Any) -> None:
    (defect,) = detect.label("1 .5 .5 .2 .2\n\n0 .9 .9 .2 .2\n1 .50 .5 .2 .2\n1 .5 .5 .2 .2\n").defects()
    assert (defect.kind.name, defect.line, defect.detail["rows"]) == ("ROW_DUPLICATE", 4, 2)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0 .5 .5 .2 .2", "0 0.50 5e-1 .2 .2", True),
        ("0 .5 .5 0 .2", "-0 .5 .5 -0 .2", True),
        ("0 .5 .5 .2 .2", "0 .500000001 .5 .2 .2", True),
        ("0 .5 .5 .2 .2", "0 .5000001 .5 .2 .2", False),
        ("0 .5 .5 .2 .2", "1 .5 .5 .2 .2", False),
        ("0 .5 .5 .2 .2", "0.5 .5 .5 .2 .2", False),
    ],
    ids=["notation", "minus-zero", "float32-same", "float32-next", "class", "class-fraction"],
)
def test_rows_are_equal_in_float32(detect: Any, one: str, other: str, same: bool) -> None:
    assert len(detect.label(f"{one}\n{other}\n").rows()) == (1 if same else 2)


def test_of_equal_rows_the_first_remains(detect: Any) -> None:
    detect.label("0 .5 .5 -0 .2\n0 .5 .5 0 .2\n")
    assert str(detect.rows()[0][3]) == "-0.0"


def test_repeats_in_different_images_are_none(detect: Any) -> None:
    assert detect.label("0 .5 .5 .2 .2\n").label("0 .5 .5 .2 .2\n", "train/b").kinds() == []


def test_only_files_with_repeats_are_sorted(detect: Any) -> None:
    detect.label("1 .5 .5 .2 .2\n1 .5 .5 .2 .2\n").label("1 .5 .5 .2 .2\n0 .5 .5 .2 .2\n", "train/b")
    assert [row[0] for row in detect.rows("b.jpg")] == [1, 0]


def test_polygons_of_equal_class_and_box_are_repeats(make: Any) -> None:
    maker = make("segment").label("0 .1 .1 .3 .1 .3 .3\n0 .1 .3 .3 .3 .3 .1 .1 .1\n1 .1 .1 .3 .1 .3 .3\n")
    assert maker.kinds() == ["ROW_DUPLICATE"]
    assert maker.rows() == [[0, 0.1, 0.1, 0.3, 0.1, 0.3, 0.3], [1, 0.1, 0.1, 0.3, 0.1, 0.3, 0.3]]


def test_polygons_follow_their_sorted_rows(make: Any) -> None:
    maker = make("segment").label("1 .1 .1 .3 .1 .3 .3\n0 .1 .1 .5 .1 .5 .5\n1 .1 .1 .3 .1 .3 .3\n")
    assert maker.rows() == [[0, 0.1, 0.1, 0.5, 0.1, 0.5, 0.5], [1, 0.1, 0.1, 0.3, 0.1, 0.3, 0.3]]


def test_poses_that_differ_in_visibility_are_two(make: Any) -> None:
    one = "0 .5 .5 .2 .2 .4 .4 2 .6 .6 1\n"
    assert len(make("pose").label(one + one.replace(" 2 ", " 1 ")).rows()) == 2
    assert len(make("pose").label(one + one).rows()) == 1


# --- polygons ---------------------------------------------------------------------------------------------------------


def test_box_of_a_polygon_encloses_it(make: Any) -> None:
    split = make("segment").label("0 .125 .25 .625 .25 .375 .75\n").read().splits["train"]
    assert split.matrix[0].tolist() == [0, 0.375, 0.5, 0.5, 0.5]
    assert split.polygon.all()


@pytest.mark.parametrize("row", ["0 .5 .5", "0 .1 .1 .4 .4"], ids=["one-point", "two-points"])
def test_one_and_two_points_are_polygons(make: Any, row: str) -> None:
    rows = make("segment").label(f"{SQUARE}{row}\n").rows()
    assert [len(one) for one in rows] == [9, len(row.split())]


def test_box_among_polygons_is_read_as_two_points(make: Any) -> None:
    maker = make("segment").label(f"{SQUARE}0 .5 .5 .2 .4\n")
    (defect,) = maker.defects()
    assert (defect.kind.name, defect.line) == ("BOX_AMONG_POLYGONS", 2)
    assert (maker.check("hub").exit_code, maker.check("default").exit_code) == (0, 1)
    matrix = maker.read().splits["train"].matrix
    assert [round(float(value), 6) for value in matrix[1]] == [0, 0.35, 0.45, 0.3, 0.1]


def test_vertices_themselves_are_not_checked(make: Any) -> None:
    assert kept(make("segment"), "0 -.2 .5 .6 .5 .6 .6\n")
    assert kept(make("segment"), "0 .9 .5 1.1 .5 1.1 .6\n")


@pytest.mark.parametrize(
    "row", ["0 -.5 .5 .1 .5 .1 .6", "0 1.1 .5 1.2 .5 1.2 .6", "0 -1 .5 1 .5 1 .6", "2 .1 .1 .2 .1 .2 .2"]
)
def test_box_of_a_polygon_is_checked(make: Any, row: str) -> None:
    assert not kept(make("segment"), row)


def test_six_columns_make_no_polygon_file(make: Any) -> None:
    (defect,) = make("segment").label("0 .1 .1 .2 .2 .3\n").defects("COLUMN_COUNT")
    assert (defect.detail["found"], defect.detail["expected"]) == (6, 5)


def test_split_of_boxes_and_polygons_rejects_for_segment(make: Any) -> None:
    maker = make("segment").label("0 .5 .5 .2 .2\n", "train/b")
    (defect,) = maker.defects()
    assert (defect.kind.name, defect.path) == ("KINDS_MIXED", "labels/train/b.txt")
    assert (defect.detail["polygons"], defect.detail["boxes"]) == (2, 3)
    assert maker.check("hub").exit_code == 1


@pytest.mark.parametrize("task", ["detect", "obb"])
def test_otherwise_all_polygons_of_the_split_are_discarded(make: Any, task: str) -> None:
    maker = make(task).label("0 .5 .5 .2 .2\n").label(SQUARE, "train/b")
    (defect,) = maker.defects()
    assert (defect.kind.name, defect.path) == ("POLYGONS_DISCARDED", "labels/train/a.txt")
    assert maker.check("hub").exit_code == 0


def test_discarded_polygons_leave_their_boxes_in_detect(detect: Any) -> None:
    detect.label("0 .5 .5 .2 .2\n").label(SQUARE, "train/b")
    assert detect.rows("b.jpg") == [[0, 0.2, 0.2, 0.2, 0.2]]


def test_discarded_polygons_leave_nothing_in_obb(make: Any) -> None:
    maker = make("obb").label("0 .5 .5 .2 .2\n").label(SQUARE, "train/b")
    assert (maker.rows("a.jpg"), maker.rows("b.jpg")) == ([], [])
    assert maker.stats()["train"]["instance_stats"]["total"] == 2


def test_boxes_only_have_no_corners_in_obb(make: Any) -> None:
    maker = make("obb").label("0 .5 .5 .2 .2\n").label("1 .5 .5 .2 .2\n", "train/b")
    assert maker.kinds() == []
    assert maker.rows() == []
    assert maker.stats()["train"]["instance_stats"] == {"total": 2, "per_class": [1, 1]}


def test_boxes_only_reject_for_segment(make: Any) -> None:
    maker = make("segment").label("0 .5 .5 .2 .2\n").label("1 .5 .5 .2 .2\n", "train/b")
    assert maker.kinds() == ["KINDS_MIXED"]


@pytest.mark.parametrize("corners", [3, 4, 5])
def test_number_of_corners_is_not_checked(make: Any, corners: int) -> None:
    row = "0 " + " ".join(f".{i + 1} .{9 - i}" for i in range(corners)) + "\n"
    assert make("obb").label(row).kinds() == []


# --- keypoints --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "good"),
    [
        ("0 .5 .5 .2 .2 .4 .4 2 .6 .6 1", True),
        ("0 1.5 .5 9 .2 .4 .4 2 .6 .6 1", True),
        ("0 inf .5 .2 .2 .4 .4 2 .6 .6 1", True),
        ("0 .5 .5 .2 .2 .4 .4 99 .6 .6 inf", True),
        ("0 .5 .5 .2 .2 1.02 .4 2 .6 .6 1", False),
        ("0 .5 .5 .2 .2 .4 .4 2 .6 1.02 1", False),
        ("0 .5 .5 .2 .2 .4 .4 -1 .6 .6 1", False),
        ("0 -.5 .5 .2 .2 .4 .4 2 .6 .6 1", False),
        ("0 nan .5 .2 .2 .4 .4 2 .6 .6 1", False),
        ("0 .5 .5 .2 .2 .4 .4 nan .6 .6 1", False),
        ("0 .5 .5 .2 .2 .4 .4 2 .6 .6", False),
        ("0 .5 .5 .2 .2", False),
    ],
)
def test_ranges_of_a_pose(make: Any, row: str, good: bool) -> None:
    assert kept(make("pose"), row) is good


def test_keypoint_to_blame_has_its_column(make: Any) -> None:
    (defect,) = make("pose").label("0 .5 .5 .2 .2 .4 .4 2 .6 1.02 1\n").defects()
    assert (defect.kind.name, defect.column, defect.detail["value"]) == ("NOT_NORMALISED", 26, "1.02")


def test_two_dimensions_get_a_visibility(make: Any) -> None:
    maker = make("pose").keys(kpt_shape=[3, 2], flip_idx=[0, 1, 2])
    maker.label("0 .5 .5 .2 .2 .4 .4 -.005 .6 .6 -.005\n")
    assert maker.rows() == [[0, 0.5, 0.5, 0.2, 0.2, 0.4, 0.4, 1.0, -0.005, 0.6, 0.0, 0.6, -0.005, 0.0]]


def test_a_keypoint_on_the_edge_is_visible(make: Any) -> None:
    maker = make("pose").keys(kpt_shape=[1, 2], flip_idx=[0]).label("0 .5 .5 .2 .2 0 -0\n")
    assert maker.rows() == [[0, 0.5, 0.5, 0.2, 0.2, 0.0, 0.0, 1.0]]


def test_rows_are_of_the_wrong_length_for_pose(make: Any) -> None:
    (defect,) = make("pose").label("0 .5 .5 .2 .2\n").defects()
    assert (defect.detail["found"], defect.detail["expected"]) == (5, 11)


# --- the split as a whole ---------------------------------------------------------------------------------------------


def test_split_without_labels_rejects(detect: Any) -> None:
    assert detect.drop("labels/train").kinds() == ["LABEL_MISSING", "SPLIT_UNLABELLED"]
    assert detect.check("hub").exit_code == 1


def test_split_whose_labelled_images_are_all_broken_is_unlabelled(detect: Any) -> None:
    detect.image(b"").image(b"", "train/b.jpg")
    assert set(detect.kinds()) == {"IMAGE_UNREADABLE", "SPLIT_UNLABELLED"}


def test_split_without_a_usable_image_rejects(detect: Any) -> None:
    detect.label("x").label("x", "train/b")
    assert "SPLIT_NO_IMAGE_LEFT" in detect.kinds()
    assert detect.check("hub").exit_code == 1


def test_one_background_saves_a_split(detect: Any) -> None:
    detect.drop("labels/train/a").label("x", "train/b")
    assert "SPLIT_NO_IMAGE_LEFT" not in detect.kinds()
    assert detect.check("hub").exit_code == 0


@pytest.mark.parametrize("task", ["detect", "segment", "pose", "obb"])
def test_all_backgrounds_only_warn(make: Any, task: str) -> None:
    maker = make(task).label("").label("\n", "train/b")
    assert maker.kinds() == ["SPLIT_ALL_BACKGROUND"]
    report = maker.check("hub")
    assert (report.exit_code, report.warnings) == (0, 1)


def test_val_is_judged_like_train(detect: Any) -> None:
    (defect,) = detect.drop("labels/val").defects("SPLIT_UNLABELLED")
    assert defect.split == "val"


def test_unused_label_is_nothing(detect: Any) -> None:
    assert detect.label("x", "train/orphan").kinds() == []
