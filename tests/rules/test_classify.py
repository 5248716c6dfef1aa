"""Where the rules about class folders keep silent."""

from __future__ import annotations

from pathlib import Path

import pytest
import test_plants
from plants import Plant
from plants.classify import put, rename, without


def found(change: object, tmp_path: Path) -> list[tuple[str, str]]:
    findings = test_plants.checked(Plant("", "", "", "classify", change), tmp_path).findings
    return [(f.rule, f.severity.word) for f in findings]


@pytest.mark.parametrize(
    "change",
    [
        rename("val/", "valid/"),
        rename("val/", "validation/"),
        lambda files: files.update({"train/cat/notes.txt": b"text"}),
        lambda files: files.update({"README.md": b"text"}),
    ],
    ids=["valid", "validation", "text in a class", "text at the top"],
)
def test_what_is_no_flaw(change: object, tmp_path: Path) -> None:
    assert [rule for rule, _ in found(change, tmp_path) if rule.startswith("C")] == []


def test_a_class_of_suffixes_that_today_loads_is_not_empty(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        rename("val/dog/", "val/dog/")(files)
        for path in [path for path in files if path.startswith("val/dog/")]:
            files[path.replace(".jpg", ".avif")] = files.pop(path)

    assert "C532" not in dict(found(change, tmp_path))


def test_left_over_notebook_folders_are_no_class(tmp_path: Path) -> None:
    rules = dict(found(put("train/.ipynb_checkpoints/zzpic.jpg"), tmp_path))
    assert not {rule for rule in rules if rule.startswith("C")}


def test_two_classes_are_enough(tmp_path: Path) -> None:
    assert "C534" not in dict(found(lambda files: None, tmp_path))


@pytest.mark.parametrize("folder", ["val/\n", "val/a:b", "val/\U0001f600", "val/-", "val/%s"])
def test_hostile_folder_names_are_values(folder: str, tmp_path: Path) -> None:
    rules = dict(found(put(f"{folder}/zzpic.jpg"), tmp_path))
    assert rules["C531"] == "error"


def test_no_train_folder_leaves_nothing_to_compare(tmp_path: Path) -> None:
    assert not [rule for rule, _ in found(without("train/"), tmp_path) if rule.startswith("C")]
