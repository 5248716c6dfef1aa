"""Which images belong to a split, and where their labels are sought (reference, section 5.7, 6 and 7)."""

from __future__ import annotations

from typing import Any

import pytest

from hubaction.dataset.datayaml import Loader
from hubaction.dataset.layout import has_image_suffix, label_path


def total(maker: Any, split: str = "train", loader: Loader = Loader.FORMER) -> int | None:
    """Images of a split in the statistics; None for a split without images."""
    part = maker.stats(loader)[split]
    return None if part is None else part["image_stats"]["total"]


# --- split paths ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "images/train",
        "./images/train",
        "images/train/",
        "images//train",
        "images/./train",
        "images/val/../train",
        "../images/train",
        "../set/images/train",
        "../../set/images/train",
        "./images/../images/train/.",
        "images",
        ".",
        "./",
    ],
)
def test_train_path_that_leads_somewhere(detect: Any, value: str) -> None:
    assert detect.keys(train=value).kinds() == []
    assert (total(detect) or 0) >= 2


@pytest.mark.parametrize(
    "value",
    [
        "images/nowhere",
        "Images/Train",
        "images\\train",
        "../../images/train",
        "/images/train",
        "/set/images/train",
        "~/images/train",
        " images/train",
        "..",
        "../..",
        "../nowhere",
    ],
)
def test_train_path_that_leads_nowhere(detect: Any, value: str) -> None:
    assert "SPLIT_MISSING" in detect.keys(train=value).kinds()
    assert total(detect) is None
    assert detect.check("hub").exit_code == 0
    assert detect.check("default").exit_code == 1


def test_val_path_that_leads_nowhere_rejects(detect: Any) -> None:
    (defect,) = detect.keys(val="images/nowhere").defects()
    assert (defect.kind.name, defect.split, defect.detail["value"]) == ("VAL_PATH_MISSING", "val", "images/nowhere")
    assert detect.check("hub").exit_code == 1


def test_test_path_that_leads_nowhere_is_doubtful(detect: Any) -> None:
    assert detect.keys(test="images/test").kinds() == ["TEST_MISSING"]
    assert detect.check("default").exit_code == 0


@pytest.mark.parametrize("value", ["Images/Train", "images\\train", "/images/train/", "IMAGES/TRAIN"])
def test_hint_names_the_path_that_is_meant(detect: Any, value: str) -> None:
    (defect,) = detect.keys(train=value).defects("SPLIT_MISSING")
    assert defect.detail["hint"] == "images/train"


def test_paths_are_relative_to_data_yaml(detect: Any) -> None:
    maker = detect.keys(train="../images/train", val="../images/val")
    maker.put("conf/data.yaml", maker.files.pop("data.yaml"))
    assert maker.kinds() == []
    assert total(maker) == 2


def test_absolute_path_of_the_set_itself_is_followed_in_a_folder_only(detect: Any) -> None:
    root = detect.folder()
    detect.keys(train=str(root / "images/train")).folder()
    assert detect.check("default", path=root).splits["train"].images == 2
    assert detect.check("default", path=detect.zip()).splits["train"] is None


def test_absolute_path_beside_the_set_is_not_followed(detect: Any) -> None:
    beside = detect.folder("set-beside")
    detect.in_folder = True
    assert detect.keys(train=str(beside / "images/train")).kinds() == ["SPLIT_ELSEWHERE"]
    assert total(detect) is None


def test_val_may_be_a_file(detect: Any) -> None:
    assert detect.keys(val="images/val/c.jpg").kinds() == ["SPLIT_EMPTY"]
    assert total(detect, "val") is None


# --- listing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", "avif bmp dng heic heif jp2 jpeg jpg mpo png tif tiff webp JPG Png TIFF".split())
def test_suffixes_of_images(suffix: str) -> None:
    assert has_image_suffix(f"a/b.{suffix}")


@pytest.mark.parametrize("name", ["a.gif", "a.jpg.txt", "jpg", "a.jpe", "a.jpg/b", "a", "a.", "a.jfif"])
def test_names_of_no_images(name: str) -> None:
    assert not has_image_suffix(name)


def test_images_at_any_depth(detect: Any) -> None:
    assert total(detect.pair("train/x/y/z.jpg")) == 3


@pytest.mark.parametrize("name", ["train/.h.jpg", "train/.h/a.jpg", "train/x/.h/y/a.jpg"])
def test_hidden_images_are_left_out(detect: Any, name: str) -> None:
    assert detect.pair(name).kinds() == []
    assert total(detect) == 2


def test_hidden_split_folder_itself_is_read(detect: Any) -> None:
    detect.pair(".h/a.jpg")
    assert total(detect.keys(train="images/.h")) == 1


def test_only_hidden_images_reject(detect: Any) -> None:
    detect.drop("images/train").pair("train/.h.jpg")
    assert detect.kinds() == ["SPLIT_ONLY_HIDDEN"]
    assert detect.check("hub").exit_code == 1


def test_a_file_called_just_the_suffix_is_no_image(detect: Any) -> None:
    detect.drop("images/train").pair("train/.jpg", "")
    assert detect.kinds() == ["SPLIT_EMPTY"]


@pytest.mark.parametrize("split", ["train", "val"])
def test_folder_without_images_passes_the_former_check(detect: Any, split: str) -> None:
    detect.drop(f"images/{split}/").put(f"images/{split}/notes.txt")
    assert detect.kinds() == ["SPLIT_EMPTY"]
    assert detect.stats()[split] is None
    assert detect.check("hub").exit_code == 0


def test_folder_named_like_an_image_is_dropped(detect: Any) -> None:
    detect.put("images/train/f.jpg/readme.md")
    assert detect.kinds() == ["IMAGE_UNREADABLE"]
    assert total(detect) == 2


def test_order_is_that_of_code_points(detect: Any) -> None:
    detect.drop("images/train", "labels/train")
    for name in ("a.jpg", "a/b.jpg", "a-b.jpg", "B.jpg", "ä.jpg", "Z/0.jpg", "a b.jpg"):
        detect.pair(f"train/{name}")
    names = [next(iter(label)) for label in detect.stats()["train"]["labels"]]
    assert names == ["B.jpg", "0.jpg", "a b.jpg", "a-b.jpg", "a.jpg", "b.jpg", "ä.jpg"]


def test_one_folder_may_be_two_splits(detect: Any) -> None:
    stats = detect.keys(val="images/train", test="images/train").stats()
    assert stats["train"] == stats["val"] == stats["test"]


# --- lists ------------------------------------------------------------------------------------------------------------


def test_former_loader_ignores_a_list_of_images(detect: Any) -> None:
    detect.put("train.txt", "images/train/a.jpg\n").keys(train="train.txt")
    assert detect.kinds() == ["SPLIT_LIST_IGNORED"]
    assert total(detect) is None


@pytest.mark.parametrize("entry", ["images/train/a.jpg", "./images/train/a.jpg", "  images/train/a.jpg  "])
def test_current_loader_reads_a_list_of_images(detect: Any, entry: str) -> None:
    detect.put("train.txt", f"\ufeff{entry}\r\n\n./images/val/c.jpg\n").keys(train="train.txt")
    (blank,) = detect.defects(loader=Loader.CURRENT)
    assert (blank.kind.name, blank.path, blank.line) == ("LIST_ENTRY_BLANK", "train.txt", 2)
    assert total(detect, loader=Loader.CURRENT) == 2


def test_list_is_relative_to_its_own_folder_or_the_root(detect: Any) -> None:
    detect.put("images/train.txt", "./train/a.jpg\nimages/train/b.jpg\n").keys(train="images/train.txt")
    assert detect.kinds(Loader.CURRENT) == []
    assert total(detect, loader=Loader.CURRENT) == 2


def test_missing_entry_of_a_list_has_its_line(detect: Any) -> None:
    detect.put("train.txt", "images/train/a.jpg\n\nimages/train/gone.jpg\n/etc/passwd\n").keys(train="train.txt")
    missing = detect.defects("LIST_ENTRY_MISSING", loader=Loader.CURRENT)
    found = [(d.path, d.line, d.detail["value"]) for d in missing]
    assert found == [("train.txt", 3, "images/train/gone.jpg"), ("train.txt", 4, "/etc/passwd")]


def test_entry_of_a_list_cannot_leave_the_set(detect: Any) -> None:
    (detect.home / "outside.jpg").write_bytes(detect.files["images/val/c.jpg"])
    detect.in_folder = True
    detect.put("train.txt", "images/train/a.jpg\n../outside.jpg\n").keys(train="train.txt")
    assert total(detect, loader=Loader.CURRENT) == 1


def test_current_loader_reads_a_list_of_folders(detect: Any) -> None:
    detect.keys(train=["images/train", "images/val", "images/train"])
    assert detect.kinds(Loader.CURRENT) == []
    assert total(detect, loader=Loader.CURRENT) == 3


def test_missing_folder_of_a_list_is_named_with_its_line(detect: Any) -> None:
    text = "train:\n- images/train\n- images/gone\nval: images/val\nnames: [a, b]\n"
    (defect,) = detect.yaml_text(text).defects(loader=Loader.CURRENT)
    assert (defect.line, defect.detail["value"]) == (3, "images/gone")
    assert total(detect, loader=Loader.CURRENT) == 2


@pytest.mark.parametrize("value", [[1], ["images/train", None], {"a": "b"}, 5], ids=str)
def test_current_loader_wants_strings(detect: Any, value: Any) -> None:
    assert "SPLIT_TYPE" in detect.keys(train=value).kinds(Loader.CURRENT)


def test_empty_list_is_no_value_for_the_current_loader(detect: Any) -> None:
    assert detect.keys(train=[]).kinds(Loader.CURRENT) == ["SPLIT_VALUE_EMPTY"]
    assert detect.kinds(Loader.FORMER) == ["SPLIT_TYPE"]


def test_nested_list_is_refused(detect: Any) -> None:
    assert "SPLIT_TYPE" in detect.keys(train=[["images/train"]]).kinds(Loader.CURRENT)


# --- labels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("top", "image", "label"),
    [
        ("set", "images/train/a.jpg", "labels/train/a.txt"),
        ("set", "images/train/a.b.jpg", "labels/train/a.b.txt"),
        ("set", "images/images/a.jpg", "images/labels/a.txt"),
        ("set", "images/train/images/a.jpg", "images/train/labels/a.txt"),
        ("set", "train/images/a.jpg", "train/labels/a.txt"),
        ("set", "Images/a.jpg", "Images/a.txt"),
        ("set", "myimages/a.jpg", "myimages/a.txt"),
        ("set", "train/a.PNG", "train/a.txt"),
        ("images", "images/a.jpg", "labels/a.txt"),
        ("images", "train/a.jpg", ""),
        ("set", "images/a.d/b", "labels/a.txt"),
    ],
)
def test_where_the_label_is_sought(top: str, image: str, label: str) -> None:
    assert label_path(top, image) == label


def test_labels_beside_the_images(detect: Any) -> None:
    files = {path: data for path, data in detect.files.items() if path != "data.yaml"}
    detect.files = {path.replace("images/", "data/").replace("labels/", "data/"): files[path] for path in files}
    assert detect.keys(train="data/train", val="data/val").kinds() == []
    assert len(detect.rows() or []) == 2


def test_folder_where_a_label_should_be_is_told(detect: Any) -> None:
    detect.drop("labels/train/a").put("labels/train/a.txt/x")
    assert "LABEL_IS_FOLDER" in detect.kinds()
    assert detect.rows() == []


def test_label_with_capital_suffix_is_not_found(detect: Any) -> None:
    detect.put("labels/train/a.TXT", detect.files.pop("labels/train/a.txt"))
    (defect,) = detect.defects()
    assert (defect.kind.name, defect.detail["label"]) == ("LABEL_MISSING", "labels/train/a.txt")


def test_missing_labels_are_one_note_with_their_number(detect: Any) -> None:
    (defect,) = detect.pair("train/x.jpg").drop("labels/train/a", "labels/train/x").defects()
    assert (defect.kind.name, defect.path, defect.detail["count"]) == ("LABEL_MISSING", "images/train/a.jpg", 2)
    assert detect.check("default").verdict == "passed"
