"""Family L just inside and just outside its bounds, and what it says."""

from __future__ import annotations

import numpy as np
import pytest
from looking import look, said, view_of

from hubaction.dataset.config import Keypoints
from hubaction.dataset.images import ImageFacts, ImageStatus
from hubaction.dataset.labels import LabelColumns
from hubaction.dataset.overlap import find_pairs, shared_areas
from hubaction.dataset.rows import Rows

SQUARE = "0 0.4 0.4 0.6 0.4 0.6 0.6 0.4 0.6"


def message(rule: str, task: str, text: str, keypoints: Keypoints | None = None) -> str:
    facts = look(rule, view_of(task, text, keypoints=keypoints)).facts
    return facts[0].message if facts else ""


def rows_of(task: str, *texts: str, pose_columns: int = -1) -> Rows:
    columns = LabelColumns()
    for text in texts:
        columns.add_text(text.encode())
    facts = [ImageFacts(ImageStatus.OK, "JPEG", 100, 100)] * len(texts)
    return Rows(task, columns.table(), facts, Keypoints(), pose_columns)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("0,0.5,0.5,0.1,0.1", "commas"),
        ("# a comment", "comments"),
        ("cat 0.5 0.5 0.1 0.1", "index, not by its name"),
        ("version https://git-lfs.github.com/spec/v1", "LFS"),
        ("0 nan 0.5 0.1 0.1", "nan is not a finite"),
    ],
)
def test_a_token_that_is_no_number_is_explained(text: str, hint: str) -> None:
    assert hint in message("L302", "detect", text)


@pytest.mark.parametrize("text", ["1.0e+00 5e-1 +.5 5. 0.1", "0\t0.5\t0.5 0.1 0.1", "00 0.5 0.5 0.1 0.1"])
def test_plain_numbers_are_silent(text: str) -> None:
    assert said("L302", view_of("detect", text)) == []


def test_rows_behind_a_byte_order_mark_are_looked_at() -> None:
    view = view_of("detect", "\ufeff0 0.5 0.5 0.1 0.1\n7 0.2 0.2 0.1 0.1\n")
    assert said("L301", view) == [("warning", 1, None)]
    assert said("L302", view) == []
    assert said("L306", view) == [("error", 2, 0)]


def test_what_is_wrong_behind_a_byte_order_mark_comes_first() -> None:
    view = view_of("detect", "\ufeff0 0.5 0.5 x 0.1\n")
    assert [(f.place.line, f.place.column) for f in look("L302", view).facts] == [(1, 12)]
    assert said("L301", view) == []


@pytest.mark.parametrize(
    ("task", "columns", "hint"),
    [
        ("detect", 4, ""),
        ("detect", 5, None),
        ("detect", 6, "confidence"),
        ("detect", 7, None),
        ("detect", 8, "x without a y"),
        ("detect", 10, "attributes"),
        ("segment", 3, ""),
        ("segment", 7, None),
        ("segment", 8, "x without a y"),
        ("obb", 6, "angle"),
        ("obb", 9, None),
        ("obb", 7, ""),
        ("obb", 11, ""),
        ("pose", 5, "without keypoints"),
        ("pose", 11, None),
        ("pose", 14, "3 keypoints instead of 2"),
        ("pose", 12, ""),
    ],
)
def test_columns_by_task(task: str, columns: int, hint: str | None) -> None:
    text = " ".join(["0", *["0.5"] * (columns - 1)])
    found = message("L303", task, text, Keypoints(2, 3))
    assert bool(found) == (hint is not None)
    assert (hint or "") in found


def test_a_large_sixth_column_is_no_confidence() -> None:
    assert "confidence" not in message("L303", "detect", "0 0.5 0.5 0.1 0.1 7")


def test_without_kpt_shape_columns_are_not_counted() -> None:
    result = look("L303", view_of("pose", "0 0.5 0.5 0.1 0.1 1 2 3"))
    assert not result.facts
    assert "kpt_shape" in result.reason


def test_a_pose_row_in_a_detect_run_is_its_box() -> None:
    rows = rows_of("detect", "0 0.5 0.5 0.1 0.2" + " 0.5 0.5 2" * 4, pose_columns=17)
    assert rows.box.tolist() == [[0.5, 0.5, 0.1, 0.2]]
    assert not rows.is_polygon.any()


def test_the_rarer_kind_of_a_mixed_file_is_pointed_at() -> None:
    box = "0 0.5 0.5 0.1 0.1"
    assert said("L304", view_of("obb", f"{SQUARE}\n{SQUARE}\n{box}\n")) == [("error", 3, None)]
    assert said("L304", view_of("obb", f"{box}\n{box}\n{SQUARE}\n")) == [("error", 3, None)]
    assert said("L305", view_of("obb", f"{box}\n{box}\n{SQUARE}\n")) == []


@pytest.mark.parametrize(
    ("cls", "level"),
    [("1", None), ("2", "error"), ("-1", "error"), ("-0.005", "error"), ("1.5", "error"), ("1.0", "warning")],
)
def test_classes(cls: str, level: str | None) -> None:
    found = said("L306", view_of("detect", f"{cls} 0.5 0.5 0.1 0.1\n0 0.1 0.1 0.1 0.1\n"))
    assert [one[0] for one in found] == [level] * bool(level)


def test_classes_that_count_from_one_are_recognised() -> None:
    assert "count from 1" in message("L306", "detect", "1 0.5 0.5 0.1 0.1\n2 0.1 0.1 0.1 0.1\n")


@pytest.mark.parametrize(("other", "fires"), [("0.50000001", True), ("0.5000005", False), ("0.500001", False)])
def test_rows_are_equal_in_32_bits(other: str, fires: bool) -> None:
    found = said("L307", view_of("detect", f"0 0.5 0.5 0.1 0.1\n0 {other} 0.5 0.1 0.1\n"))
    assert found == [("warning", 2, None)] * fires


def test_pose_rows_differ_by_their_keypoints() -> None:
    same, other = "0 0.5 0.5 0.1 0.1 0.5 0.5 2", "0 0.5 0.5 0.1 0.1 0.5 0.6 2"
    view = view_of("pose", f"{same}\n{other}\n{same}\n{same}\n", keypoints=Keypoints(1, 3))
    assert said("L307", view) == [("warning", 3, None), ("warning", 4, None)]
    assert "line 1" in look("L307", view).facts[1].message


@pytest.mark.parametrize(("width", "fires"), [(0.0951, True), (0.0949, False)])
@pytest.mark.parametrize(("rule", "cls"), [("L308", "0"), ("L309", "1")])
def test_objects_cover_each_other_by_95_percent(rule: str, cls: str, width: float, fires: bool) -> None:
    view = view_of("detect", f"0 0.5 0.5 0.1 0.1\n{cls} 0.5 0.5 {width} 0.1\n")
    assert [one[:2] for one in said(rule, view)] == [("warning", 2)] * fires


def test_oriented_boxes_are_compared_by_their_corners() -> None:
    """Two thin diagonals next to each other: their enclosing boxes cover each other, they do not."""
    thin, beside = "0 0.1 0.12 0.12 0.1 0.9 0.88 0.88 0.9", "0 0.115 0.105 0.135 0.085 0.915 0.865 0.895 0.885"
    view = view_of("obb", f"{thin}\n{beside}\n")
    assert len(find_pairs(view.splits["train"].rows, 0.5).first) == 0
    assert said("L308", view) == []
    same = " ".join(["1", *thin.split()[3:], *thin.split()[1:3]])
    assert [one[:2] for one in said("L309", view_of("obb", f"{thin}\n{same}\n"))] == [("warning", 2)]


@pytest.mark.parametrize("least", [0.5, 0.7, 0.95])
@pytest.mark.parametrize("crowd", [3, 60])
def test_no_pair_of_boxes_is_missed(crowd: int, least: float) -> None:
    random = np.random.default_rng(crowd)
    texts = []
    for _ in range(12):
        boxes = random.uniform(0.3, 0.7, (crowd, 4))
        boxes[1::2] = boxes[: crowd // 2] + random.normal(0, 0.004, (crowd // 2, 4))
        texts.append("\n".join("0 " + " ".join(f"{v:.6f}" for v in box) for box in boxes))
    rows = rows_of("detect", *texts)
    pairs = find_pairs(rows, least)
    low, high = rows.box[:, :2] - rows.box[:, 2:] / 2, rows.box[:, :2] + rows.box[:, 2:] / 2
    sides = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    both = np.maximum(sides, 0).prod(axis=2)
    area = rows.box[:, 2:].prod(axis=1)
    iou = both / (area[:, None] + area - both)
    expected = np.argwhere(np.triu((iou >= least) & (rows.image[:, None] == rows.image), 1))
    assert sorted(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == sorted(
        map(tuple, expected.tolist())
    )


def clipped_area(a: np.ndarray, b: np.ndarray) -> float:
    """Sutherland and Hodgman's way, one side after the other."""
    points = list(a)
    for start, stop in zip(b, np.roll(b, -1, axis=0), strict=True):
        side = stop - start
        inside = [side[0] * (p[1] - start[1]) - side[1] * (p[0] - start[0]) for p in points]
        kept = []
        for k, point in enumerate(points):
            if (inside[k - 1] < 0) != (inside[k] < 0):
                kept.append(points[k - 1] + (point - points[k - 1]) * inside[k - 1] / (inside[k - 1] - inside[k]))
            if inside[k] >= 0:
                kept.append(point)
        points = kept
    x, y = (np.array(points).reshape(-1, 2)).T
    return float(abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2)


def rectangle(random: np.random.Generator) -> np.ndarray:
    angle, (w, h), centre = random.uniform(0, 3.14), random.uniform(0.05, 0.4, 2), random.uniform(0.4, 0.6, 2)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2 @ turn + centre


def test_shared_areas_of_oriented_boxes() -> None:
    random = np.random.default_rng(5)
    a, b = (np.array([rectangle(random) for _ in range(500)]) for _ in range(2))
    expected = [clipped_area(one, other) for one, other in zip(a, b, strict=True)]
    assert np.allclose(shared_areas(a, b), expected, atol=1e-9)


@pytest.mark.parametrize(
    ("shift", "share"), [((0, 0), 1), ((1, 0), 0), ((0.5, 0), 0.5), ((0, -0.25), 0.75), ((0.5, 0.5), 0.25), ((3, 3), 0)]
)
def test_shared_areas_along_common_sides(shift: tuple[float, float], share: float) -> None:
    square = np.array([[[0.0, 0], [1, 0], [1, 1], [0, 1]]])
    assert shared_areas(square, square + np.array(shift)) == pytest.approx([share])
    assert shared_areas(square, np.roll(square, 1, axis=1) + np.array(shift)) == pytest.approx([share])


def test_no_pair_of_oriented_boxes_is_missed() -> None:
    random = np.random.default_rng(6)
    shapes = np.array([rectangle(random) for _ in range(60)])
    shapes = np.concatenate(
        [shapes, shapes + random.normal(0, 0.002, (60, 1, 2)), shapes + random.normal(0, 2e-3, (60, 4, 2))]
    )
    text = "\n".join("0 " + " ".join(f"{v:.6f}" for v in shape.ravel()) for shape in shapes)
    pairs = find_pairs(rows_of("obb", text), 0.9)
    found = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    for i in range(len(shapes)):
        for k in range(i):
            both = clipped_area(shapes[i], shapes[k])
            iou = both / (clipped_area(shapes[i], shapes[i]) + clipped_area(shapes[k], shapes[k]) - both)
            assert abs(iou - 0.9) < 1e-4 or ((k, i) in found) == (iou > 0.9)


def test_ten_thousand_objects_in_one_place_are_not_compared_one_by_one() -> None:
    random = np.random.default_rng(7)
    boxes = np.column_stack([0.5 + random.uniform(-5e-4, 5e-4, (10_000, 2)), np.full((10_000, 2), 0.1)])
    view = view_of("detect", "\n".join("0 " + " ".join(f"{v:.7f}" for v in box) for box in boxes))
    assert "compared in part" in look("L308", view).reason
