"""What a path can name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hubaction.dataset.source import is_junk, open_source, parents_of
from hubaction.errors import DatasetUnreadable


def test_data_yaml_names_its_folder(detect: Any) -> None:
    source = open_source(detect.folder() / "data.yaml")
    assert not source.is_archive
    assert source.yaml_path == "data.yaml"
    assert source.files.keys() == detect.files.keys()


@pytest.mark.parametrize("name", ["other.yaml", "other.yml", "OTHER.YAML"])
def test_the_yaml_that_was_named_is_the_one(detect: Any, name: str) -> None:
    root = detect.put(name, "train: images/val\nval: images/val\nnames: [cat, dog, cow]\n").folder()
    assert detect.check(path=root / name).names == ("cat", "dog", "cow")


def test_yaml_is_found_from_within_its_folder(detect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(detect.folder())
    assert detect.check(path=Path("data.yaml")).verdict == "passed"


def test_missing_path_names_the_nearest(detect: Any, tmp_path: Path) -> None:
    detect.zip("coco8.zip")
    with pytest.raises(DatasetUnreadable) as caught:
        open_source(tmp_path / "coco9.zip")
    assert f"Did you mean {str(tmp_path / 'coco8.zip')!r}?" in caught.value.fix


def test_missing_path_without_a_neighbour(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnreadable) as caught:
        open_source(tmp_path / "coco9.zip")
    assert caught.value.fix == "Give the path of a zip, a folder or a data.yaml."


def test_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnreadable, match="does not exist either"):
        open_source(tmp_path / "nowhere" / "coco8.zip")


def test_missing_yaml_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnreadable, match="There is no file or folder"):
        open_source(tmp_path / "data.yaml")


def test_path_that_is_too_long_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnreadable):
        open_source(tmp_path / ("x" * 300))


def test_path_with_a_zero_byte_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnreadable):
        open_source(tmp_path / "a\0b.zip")


def test_symbolic_link_to_a_zip(detect: Any, tmp_path: Path) -> None:
    (tmp_path / "link.zip").symlink_to(detect.zip())
    assert detect.check(path=tmp_path / "link.zip").verdict == "passed"


@pytest.mark.parametrize(
    ("path", "junk"),
    [("__MACOSX/a", True), ("a/.DS_Store", True), ("x.DS_Storey", True), ("MACOSX/a", False), ("a/DS_Store", False)],
)
def test_junk(path: str, junk: bool) -> None:
    assert is_junk(path) is junk


@pytest.mark.parametrize(("path", "parents"), [("a", []), ("a/b", ["a"]), ("a/b/c", ["a/b", "a"])])
def test_parents(path: str, parents: list[str]) -> None:
    assert parents_of(path) == parents
