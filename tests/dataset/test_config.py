"""Classes, splits' raw values and keypoints, by the loader's conversions (reference, section 5 and 8)."""

from __future__ import annotations

from typing import Any

import pytest

SPLITS = "train: images/train\nval: images/val\n"


def outcome(maker: Any, text: str) -> tuple[list[str], list[str], int]:
    """Kinds of defects about names, the names and nc."""
    dataset = maker.yaml_text(SPLITS + text).read()
    kinds = [defect.kind.name for defect in dataset.defects if defect.kind.name.startswith("NAMES")]
    return kinds, dataset.names, dataset.nc


# --- names and nc -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [a, b]", ["a", "b"]),
        ("names: {0: a, 1: b}", ["a", "b"]),
        ("names: {1: b, 0: a}", ["b", "a"]),
        ("names: {'0': a, '1': b}", ["a", "b"]),
        ("names: {0.0: a, 1.9: b}", ["a", "b"]),
        ("names: {no: a, yes: b}", ["a", "b"]),
        ("names: [no, ~, 1, 1.5, 2024-01-01]", ["False", "None", "1", "1.5", "2024-01-01"]),
        ("names: [a, b]\nnc: 2", ["a", "b"]),
        ("names: [a, b]\nnc: '2'", ["a", "b"]),
        ("names: [a, b]\nnc: ' 2 '", ["a", "b"]),
        ("names: [a, b]\nnc: 2.0", ["a", "b"]),
        ("names: [a, b]\nnc: '2e0'", ["a", "b"]),
        ("names: [a]\nnc: true", ["a"]),
        ("names: [a, b, c, d, e, f, g, h, i, j]\nnc: '1_0'", list("abcdefghij")),
        ("names: [[x], {y: 1}]", ["['x']", "{'y': 1}"]),
    ],
)
def test_names_that_pass(detect: Any, text: str, names: list[str]) -> None:
    assert outcome(detect, text) == ([], names, len(names))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "names: ~",
        "names:",
        "names: []",
        "names: {}",
        "names: cat",
        "names: ''",
        "names: 5",
        "names: true",
        "names: 2.5",
        "names: {1: a, 2: b}",
        "names: {0: a, 2: b}",
        "names: {a: 0, b: 1}",
        "names: {~: a}",
        "names: {.inf: a}",
        "names: {.nan: a}",
        "names: {-1: a, 1: b}",
        "names: [a, b]\nnc: 3",
        "names: [a, b]\nnc: 1.9",
        "names: [a, b]\nnc: two",
        "names: [a, b]\nnc: ~",
        "names: [a, b]\nnc: [2]",
        "names: [a, b]\nnc: .inf",
        "names: [a, b]\nnc: .nan",
        "nc: 0",
        "nc: -3",
        "nc: true",
        "nc: x",
    ],
)
def test_names_that_reject(detect: Any, text: str) -> None:
    assert "NAMES_INVALID" in outcome(detect, text)[0]
    assert detect.check("hub").exit_code == 1


def test_names_made_from_nc(detect: Any) -> None:
    for text in ("nc: 3", "nc: 3\nnames: ~"):
        assert outcome(detect, text) == (["NAMES_GENERATED"], ["class_0", "class_1", "class_2"], 3)


def test_number_of_made_names_has_a_bound(detect: Any) -> None:
    assert len(outcome(detect, "nc: 999999999999")[1]) == 1_000_000


@pytest.mark.parametrize("text", ["names: {-1: a, 0: b, 1: c}", "names: {0: a, -5: b}"])
def test_negative_keys_pass_but_are_odd(detect: Any, text: str) -> None:
    assert outcome(detect, text)[0] == ["NAMES_KEYS_ODD"]


def test_keys_that_collapse_leave_nc_larger(detect: Any) -> None:
    assert outcome(detect, "names: {0: a, '0': b, 1: c}") == ([], ["b", "c"], 3)


def test_imagenet_codes_are_kept(detect: Any) -> None:
    found = outcome(detect, "names: [n01440764, n01443537]")
    assert found == (["NAMES_IMAGENET"], ["n01440764", "n01443537"], 2)


def test_imagenet_code_beside_a_name_rejects(detect: Any) -> None:
    assert outcome(detect, "names: [n01440764, dog]")[0] == ["NAMES_IMAGENET", "NAMES_INVALID"]


def test_names_that_only_later_start_like_codes(detect: Any) -> None:
    assert outcome(detect, "names: [cat, n01440764]")[0] == []


# --- train and val ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("missing", "kept"), [("train", "val"), ("val", "train")])
def test_both_splits_need_a_key(detect: Any, missing: str, kept: str) -> None:
    (defect,) = detect.keys(missing).defects("SPLIT_KEY_MISSING")
    assert defect.detail["key"] == missing
    assert detect.check("hub").exit_code == 1


def test_validation_is_taken_for_val(detect: Any) -> None:
    detect.keys("val", validation="images/val")
    assert detect.kinds() == ["VALIDATION_RENAMED"]
    assert detect.stats()["val"]["image_stats"]["total"] == 1
    assert detect.check("hub").verdict == "passed"


def test_val_wins_over_validation(detect: Any) -> None:
    assert detect.keys(validation="images/nowhere").kinds() == []


def test_valid_is_not_val(detect: Any) -> None:
    assert detect.keys("val", valid="images/val").kinds() == ["SPLIT_KEY_MISSING"]


@pytest.mark.parametrize("value", [None, ""], ids=["null", "empty"])
@pytest.mark.parametrize("split", ["train", "val"])
def test_split_without_value_passes_the_former_check_only(detect: Any, split: str, value: str | None) -> None:
    detect.keys(**{split: value})
    assert detect.kinds() == ["SPLIT_VALUE_EMPTY"]
    assert detect.stats()[split] is None
    assert (detect.check("hub").exit_code, detect.check("default").exit_code) == (0, 1)


def test_test_without_value_is_nothing_to_tell(detect: Any) -> None:
    assert detect.keys(test=None).kinds() == []


@pytest.mark.parametrize("value", [["images/val"], [], True, False, 0, 5, 1.5, {"a": 1}], ids=str)
@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_former_loader_wants_a_string(detect: Any, split: str, value: Any) -> None:
    (defect,) = detect.keys(**{split: value}).defects("SPLIT_TYPE")
    assert defect.split == split
    assert detect.check("hub").exit_code == 1


def test_minival_must_be_paths_too(detect: Any) -> None:
    assert detect.keys(minival=5).check("hub").exit_code == 1


def test_path_key_has_no_effect(detect: Any) -> None:
    expected = detect.stats()
    assert detect.keys(path="/somewhere/else").stats() == expected


# --- keypoints --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["detect", "segment", "obb", "pose"])
@pytest.mark.parametrize("shape", [None, 5, 1.5, True, [], [2], [2, 3, 1], "abc", {"a": 1}], ids=str)
def test_kpt_shape_must_have_two_values_for_every_task(make: Any, task: str, shape: Any) -> None:
    maker = make(task).keys(kpt_shape=shape)
    assert "KPT_SHAPE" in maker.kinds()
    assert maker.check("hub").exit_code == 1


@pytest.mark.parametrize("shape", ["17", "ab", [17, 3], ["a", None], {"a": 1, "b": 2}], ids=str)
def test_two_values_of_any_kind_do_outside_pose(detect: Any, shape: Any) -> None:
    assert detect.keys(kpt_shape=shape).kinds() == []


@pytest.mark.parametrize(
    "shape", [[0, 3], [-1, 3], [2, 4], [2, 1], [2, 0], "23", [2.0, 3], [2, 3.0], ["2", 3]], ids=str
)
def test_pose_needs_a_count_and_two_or_three(make: Any, shape: Any) -> None:
    assert make("pose").keys(kpt_shape=shape).check("hub").exit_code == 1


def test_pose_needs_kpt_shape(make: Any) -> None:
    (defect,) = make("pose").keys("kpt_shape").defects("KPT_SHAPE")
    assert "missing" in defect.detail["reason"]


def test_kpt_shape_matters_only_where_a_split_is_read(detect: Any) -> None:
    detect.keys(kpt_shape=None, train=None, val=None)
    assert "KPT_SHAPE" not in detect.kinds()


@pytest.mark.parametrize(
    ("flip", "kind"),
    [
        ([1, 0], None),
        ([99, -1], None),
        ("ab", None),
        ([], "FLIP_IDX_MISSING"),
        ("", "FLIP_IDX_MISSING"),
        ([0], "FLIP_IDX"),
        ([0, 1, 2], "FLIP_IDX"),
        (None, "FLIP_IDX"),
        (2, "FLIP_IDX"),
        (False, "FLIP_IDX"),
    ],
    ids=str,
)
def test_flip_idx(make: Any, flip: Any, kind: str | None) -> None:
    assert make("pose").keys(flip_idx=flip).kinds() == ([kind] if kind else [])


def test_flip_idx_missing_warns_once(make: Any) -> None:
    report = make("pose").keys("flip_idx").check("hub")
    assert [(finding.rule, finding.severity.word) for finding in report.findings] == [("Y212", "warning")]


def test_flip_idx_is_nothing_outside_pose(detect: Any) -> None:
    assert detect.keys(flip_idx=None).kinds() == []
