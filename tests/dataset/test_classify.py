"""Class folders (reference, section 12)."""

from __future__ import annotations

from typing import Any

import pytest


def train_labels(maker: Any, split: str = "train") -> list[tuple[str, int]]:
    return [item for label in maker.stats()[split]["labels"] for item in label.items()]


def exit_codes(maker: Any) -> tuple[int, int]:
    """Of the profiles hub and default."""
    return maker.check("hub").exit_code, maker.check("default").exit_code


# --- what is loaded ---------------------------------------------------------------------------------------------------


def test_sound_tree(classify: Any) -> None:
    assert classify.kinds() == []
    assert classify.stats() == {
        "nc": 2,
        "names": ["cat", "dog"],
        "train": {
            "instance_stats": {"total": 4, "per_class": [2, 2]},
            "image_stats": {"total": 4, "unlabelled": 0, "per_class": [2, 2]},
            "labels": [{"a.jpg": 0}, {"b.jpg": 0}, {"c.jpg": 1}, {"d.jpg": 1}],
        },
        "val": {
            "instance_stats": {"total": 2, "per_class": [1, 1]},
            "image_stats": {"total": 2, "unlabelled": 0, "per_class": [1, 1]},
            "labels": [{"e.jpg": 0}, {"f.jpg": 1}],
        },
        "test": None,
    }


@pytest.mark.parametrize("suffix", "jpg jpeg png ppm bmp pgm tif tiff webp JPG JpEg".split())
def test_suffixes_that_count(classify: Any, suffix: str) -> None:
    assert ("z." + suffix, 0) in train_labels(classify.put(f"train/cat/z.{suffix}", b""))


@pytest.mark.parametrize("suffix", "avif heic heif jp2 mpo dng gif txt".split())
def test_suffixes_that_do_not_count(classify: Any, suffix: str) -> None:
    assert len(train_labels(classify.put(f"train/cat/z.{suffix}", b""))) == 4


def test_images_at_any_depth_and_hidden_ones(classify: Any, draw: Any) -> None:
    for name in ("x/y/z.jpg", ".h.jpg", ".h/a.jpg", ".jpg"):
        classify.put(f"train/cat/{name}", draw())
    assert [name for name, _ in train_labels(classify)[:6]] == [".h.jpg", ".jpg", "a.jpg", "b.jpg", "a.jpg", "z.jpg"]


def test_folders_are_walked_in_order_before_names(classify: Any, draw: Any) -> None:
    classify.drop("train/cat/")
    for name in ("b.jpg", "a/z.jpg", "a-/y.jpg", "c.jpg"):
        classify.put(f"train/cat/{name}", draw())
    assert [name for name, index in train_labels(classify) if index == 0] == ["b.jpg", "c.jpg", "z.jpg", "y.jpg"]


def test_classes_are_sorted_by_code_point(classify: Any, draw: Any) -> None:
    for name in ("B", "ä", ".hidden", "a b"):
        classify.put(f"train/{name}/x.jpg", draw())
    assert classify.stats()["names"] == [".hidden", "B", "a b", "cat", "dog", "ä"]


def test_no_image_is_opened_by_the_former_check(classify: Any) -> None:
    for name, data in (("zero", b""), ("text", b"words"), ("cut", b"\xff\xd8\xff"), ("gif", b"GIF89a")):
        classify.put(f"train/cat/{name}.jpg", data)
    assert classify.stats()["train"]["image_stats"]["total"] == 8
    report = classify.check("hub")
    assert (report.exit_code, report.warnings, report.notes) == (0, 0, 4)
    assert classify.check("default").errors == 4


@pytest.mark.parametrize(("folder", "used"), [("val", True), ("validation", True), ("valid", True), ("vali", False)])
def test_names_of_the_validation_folder(classify: Any, folder: str, used: bool) -> None:
    classify.files = {path.replace("val/", f"{folder}/"): data for path, data in classify.files.items()}
    assert (classify.stats()["val"] is not None) is used


def test_val_wins_over_validation(classify: Any, draw: Any) -> None:
    classify.put("validation/cat/x.jpg", draw())
    assert len(train_labels(classify, "val")) == 2


def test_test_folder_is_read(classify: Any, draw: Any) -> None:
    classify.put("test/cat/x.jpg", draw()).put("test/dog/y.jpg", draw())
    assert train_labels(classify, "test") == [("x.jpg", 0), ("y.jpg", 1)]


def test_a_file_named_val_is_no_split(classify: Any) -> None:
    assert classify.drop("val").put("val", b"").stats()["val"] is None
    assert classify.check("hub").exit_code == 0


def test_data_yaml_is_nothing_to_classify(classify: Any) -> None:
    assert classify.put("data.yaml", "{[").kinds() == []


def test_names_of_an_ndjson_export(classify: Any) -> None:
    assert classify.put(".ndjson.yaml", "names: {0: katze, 1: hund}\n").stats()["names"] == ["katze", "hund"]


# --- what rejects -----------------------------------------------------------------------------------------------------


def test_empty_class_folder_rejects(classify: Any) -> None:
    (defect,) = classify.put("train/cow/readme.txt", b"").defects("CLASS_FOLDER_EMPTY")
    assert (defect.path, defect.split, defect.detail["name"]) == ("train/cow", "train", "cow")
    assert classify.check("hub").exit_code == 1


def test_hidden_folder_of_a_notebook_rejects(classify: Any) -> None:
    assert classify.put("train/.ipynb_checkpoints/x.txt", b"").check("hub").exit_code == 1


def test_class_of_avif_only_is_empty(classify: Any, draw: Any) -> None:
    assert "CLASS_FOLDER_EMPTY" in classify.put("train/cow/x.avif", draw("AVIF")).kinds()


def test_train_without_any_image_rejects(classify: Any) -> None:
    classify.drop("train").put("train/cat/x.txt", b"").put("train/dog/y.txt", b"")
    assert "NO_TRAINING_IMAGE" in classify.kinds()
    assert exit_codes(classify) == (1, 1)


def test_train_with_nothing_but_a_suffix_rejects(classify: Any, draw: Any) -> None:
    assert classify.drop("train").put("train/cat/.jpg", draw()).check("hub").exit_code == 1


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_images_without_class_folder_reject(classify: Any, draw: Any, split: str) -> None:
    classify.drop(f"{split}/").put(f"{split}/x.jpg", draw())
    assert "NO_CLASS_FOLDER" in classify.kinds()
    assert exit_codes(classify) == (1, 1)


def test_images_beside_class_folders_are_nothing(classify: Any, draw: Any) -> None:
    classify.put("train/x.jpg", draw())
    assert len(train_labels(classify)) == 4
    assert classify.kinds() == ["CLASS_COUNT_DIFFERS"]


def test_val_without_images_passes_the_former_check(classify: Any) -> None:
    classify.drop("val").put("val/cat/x.txt", b"")
    assert classify.kinds() == ["SPLIT_EMPTY"]
    assert classify.stats()["val"] is None
    assert exit_codes(classify) == (0, 1)


def test_without_val_and_test(classify: Any) -> None:
    assert classify.drop("val").kinds() == ["SPLIT_MISSING"]
    assert exit_codes(classify) == (0, 1)


# --- classes that differ ----------------------------------------------------------------------------------------------


def test_class_missing_in_val_shifts_the_indexes(classify: Any) -> None:
    classify.drop("val/cat")
    (shift,) = classify.defects("CLASS_ORDER_SHIFTS")
    assert (shift.path, shift.detail["lacking"], shift.detail["only"]) == ("val", "cat", "")
    assert train_labels(classify, "val") == [("f.jpg", 0)]
    assert classify.stats()["val"]["instance_stats"]["per_class"] == [1]
    assert exit_codes(classify) == (0, 0)
    assert ("C531", "warning") in [(one.rule, one.severity.word) for one in classify.check("default").findings]


def test_class_only_in_val(classify: Any, draw: Any) -> None:
    (shift,) = classify.put("val/ant/x.jpg", draw()).defects("CLASS_ORDER_SHIFTS")
    assert shift.detail["only"] == "ant"
    assert train_labels(classify, "val") == [("x.jpg", 0), ("e.jpg", 1), ("f.jpg", 2)]
    assert exit_codes(classify) == (0, 1)


def test_number_of_parent_folders_is_compared(classify: Any, draw: Any) -> None:
    (defect,) = classify.put("train/cat/more/x.jpg", draw()).defects()
    assert (defect.kind.name, defect.detail["found"], defect.detail["expected"]) == ("CLASS_COUNT_DIFFERS", 3, 2)
    assert exit_codes(classify) == (0, 0)


# --- no folder train --------------------------------------------------------------------------------------------------


@pytest.fixture
def flat(classify: Any, draw: Any) -> Any:
    """Two folders of five images and nothing called train."""
    classify.files = {f"{name}/{i}.jpg": draw() for name in ("cat", "dog") for i in range(5)}
    return classify


def test_random_split_has_counts_only(flat: Any) -> None:
    stats = flat.stats()
    assert stats["train"]["instance_stats"] == {"total": 8, "per_class": [4, 4]}
    assert stats["val"]["instance_stats"] == {"total": 2, "per_class": [1, 1]}
    assert stats["train"]["labels"] is None
    assert stats["names"] == ["cat", "dog"]


def test_random_split_passes_the_former_check_and_fails_the_gate(flat: Any) -> None:
    assert flat.kinds() == ["RANDOM_SPLIT"]
    assert exit_codes(flat) == (0, 1)


@pytest.mark.parametrize(("count", "train"), [(2, 1), (3, 2), (4, 3), (6, 4), (10, 8), (11, 8)])
def test_four_of_five_go_to_train(flat: Any, draw: Any, count: int, train: int) -> None:
    flat.drop("cat").files.update({f"cat/{i}.jpg": draw() for i in range(count)})
    assert flat.stats()["train"]["instance_stats"]["per_class"] == [train, 4]


def test_class_of_one_file_rejects(flat: Any) -> None:
    flat.drop("cat/1", "cat/2", "cat/3", "cat/4")
    assert flat.kinds() == ["TRAIN_FOLDER_MISSING"]
    assert exit_codes(flat) == (1, 1)


@pytest.mark.parametrize(
    "paths",
    [["a.jpg", "b.jpg"], ["cat/0/a.jpg", "cat/0/b.jpg"], ["cat/a.JPG", "cat/b.JPG"], ["cat/a.txt", "cat/b.txt"], []],
    ids=["top", "deep", "capitals", "text", "none"],
)
def test_no_train_folder_and_no_class_rejects(flat: Any, draw: Any, paths: list[str]) -> None:
    flat.files = {"notes.md": b""} | {path: draw() for path in paths}
    assert flat.kinds() == ["TRAIN_FOLDER_MISSING"]
    assert exit_codes(flat) == (1, 1)


def test_a_file_named_train_is_no_folder(flat: Any) -> None:
    assert flat.put("train", b"").kinds() == ["RANDOM_SPLIT"]
    assert flat.drop("cat", "dog").kinds() == ["TRAIN_FOLDER_MISSING"]


def test_capital_train_is_not_train(flat: Any, classify: Any) -> None:
    flat.files = {f"Train/{path}": data for path, data in flat.files.items()}
    assert flat.kinds() == ["TRAIN_FOLDER_MISSING"]
