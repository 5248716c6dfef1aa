"""Where labels may lie, and which file is meant when one is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import test_plants
from plants import Plant
from plants.pairing import LABEL, copy, listed, move, move_all

FAMILY = {"P701", "P702", "P703", "P704", "P707"}


def found(change: object, tmp_path: Path, task: str = "detect") -> list[tuple[str, str, str]]:
    findings = test_plants.checked(Plant("", "", "", task, change), tmp_path).findings
    return [(f.rule, f.severity.word, f.place.path) for f in findings if f.rule in FAMILY]


def swap_folders(files: dict[str, bytes]) -> None:
    """Roboflow's layout: train/images and train/labels."""
    for split in ("train", "val"):
        for kind in ("images", "labels"):
            move_all(f"{kind}/{split}/", f"{split}/{kind}/")(files)
            files["data.yaml"] = files["data.yaml"].replace(
                b"images/%s" % split.encode(), b"%s/images" % split.encode()
            )


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.update({"labels/classes.txt": b"cat\ndog\n"}),
        lambda files: files.update({"labels/train/README.txt": b"text"}),
        lambda files: files.update({"labels/train.cache": b"x"}) or files.pop("labels/train.cache"),
        lambda files: files.update({"notes/aaapic.txt": b"text"}),
        lambda files: files.update({"images/test/zzzpic.data": b"x", "labels/test/zzzpic.txt": b""}),
        swap_folders,
        lambda files: files.pop(LABEL),
        listed("./images/val/aakpic.jpg"),
    ],
    ids=[
        "classes.txt",
        "README",
        "cache",
        "elsewhere",
        "image of any suffix",
        "split first",
        "missing",
        "list with an image of another folder",
    ],
)
def test_what_is_no_flaw(change: object, tmp_path: Path) -> None:
    assert found(change, tmp_path) == []


def test_the_nearest_of_several_files_is_meant(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["label/train/aaapic.txt"] = files.pop(LABEL)
        files["label/val/aaapic.txt"] = b""

    assert found(change, tmp_path) == [("P703", "error", "label/train/aaapic.txt")]


def test_of_two_equally_near_none_is_meant(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["label/aaapic.txt"] = files["annotations/aaapic.txt"] = files.pop(LABEL)

    assert found(change, tmp_path) == []


@pytest.mark.parametrize(
    ("image", "label"),
    [("images/train/aaapic.jpg", "labels/train/aaapic .txt"), ("images/train/aaapic.jpg", "labels/train/ aaapic.txt")],
)
def test_blanks_around_a_name(image: str, label: str, tmp_path: Path) -> None:
    assert ("P703", "error", label) in found(move(LABEL, label), tmp_path)


def test_two_ways_to_write_an_umlaut(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["images/train/\u00fcber.jpg"] = files.pop("images/train/aaapic.jpg")
        files["labels/train/u\u0308ber.txt"] = files.pop(LABEL)

    assert found(change, tmp_path) == [("P703", "error", "labels/train/u\u0308ber.txt")]


def test_an_image_with_both_labels_has_an_orphan_beside_it(tmp_path: Path) -> None:
    change = copy(LABEL, "labels/train/aaapic.jpg.txt")
    assert found(change, tmp_path) == [("P701", "warning", "labels/train/aaapic.jpg.txt")]


def test_suffixes_that_differ_in_case_collide(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["images/train/aaapic.JPG"] = files["images/train/aabpic.jpg"]

    assert ("P702", "error", "images/train/aaapic.JPG") in found(change, tmp_path)


def test_a_thousand_files_of_one_name_are_no_trouble(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        label = files.pop(LABEL)
        files.update({f"label/{index}/aaapic.txt": label for index in range(1000)})

    assert [rule for rule, _, _ in found(change, tmp_path)] == []
