"""A dataset in a folder, and links in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from hubaction.dataset import folder as folder_module
from hubaction.dataset.source import Member, ReadError, open_source


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside"
    path.mkdir()
    (path / "secret.jpg").write_bytes(b"secret")
    return path


@pytest.mark.parametrize("task", ["detect", "segment", "pose", "obb", "classify"])
def test_folder_and_zip_hold_the_same(make: Any, task: str) -> None:
    maker = make(task)
    packed, lying = open_source(maker.zip()), open_source(maker.folder())
    assert lying.top == packed.top
    assert lying.folders == packed.folders
    assert {m.path: m.size for m in lying.files.values()} == {m.path: m.size for m in packed.files.values()}


def test_empty_folder_has_no_data_yaml(detect: Any) -> None:
    detect.files, detect.in_folder = {}, True
    detect.folder().mkdir()
    assert detect.kinds() == ["YAML_MISSING"]


@pytest.mark.parametrize("name", [".git", "hub-action-report"])
def test_folders_of_others_at_the_top_are_left_out(detect: Any, name: str) -> None:
    source = open_source(detect.put(f"{name}/x.yaml").put(f"images/{name}/y.yaml").folder())
    assert [path for path in source.files if name in path] == [f"images/{name}/y.yaml"]


def test_files_below_a_folder_come_in_code_point_order(detect: Any) -> None:
    for name in ("a.jpg", "a-b.jpg", "a/b.jpg", "B.jpg", "ä.jpg"):
        detect.put(f"images/train/{name}")
    found = open_source(detect.drop("images/train/b").folder()).under("images/train")
    assert found == [f"images/train/{name}" for name in ("B.jpg", "a-b.jpg", "a.jpg", "a/b.jpg", "ä.jpg")]


def test_number_and_size_of_files_are_limited(detect: Any) -> None:
    detect.in_folder = True
    assert detect.limit(max_members=6).kinds() == ["ARCHIVE_TOO_LARGE"]
    assert detect.limit(max_members=7, max_total_bytes=100).kinds() == ["ARCHIVE_TOO_LARGE"]


def test_link_inside_is_followed(detect: Any) -> None:
    detect.link("images/train/l.jpg", "a.jpg").link("labels/train/l.txt", "a.txt")
    assert detect.kinds() == []
    assert len(detect.rows("l.jpg") or []) == 2


def test_link_to_a_folder_inside_is_followed(detect: Any) -> None:
    detect.link("images/train/more", "../val").label("", "train/more/c")
    assert detect.kinds() == ["FOLDER_IS_LINK"]
    assert detect.stats()["train"]["image_stats"]["total"] == 3


def test_link_that_leaves_the_root_is_not_followed(detect: Any, outside: Path) -> None:
    dataset = detect.link("images/train/out", outside).link("images/train/s.jpg", outside / "secret.jpg").read()
    assert [d.path for d in dataset.defects if d.kind.name == "LINK_NOT_FOLLOWED"] == [
        "images/train/out",
        "images/train/s.jpg",
    ]
    assert not any("secret" in path or path.endswith("s.jpg") for path in dataset.source.files)


def test_link_that_leaves_the_root_is_an_error_of_the_gate(detect: Any, outside: Path) -> None:
    assert detect.link("images/x.jpg", outside / "secret.jpg").check("default").exit_code == 1


@pytest.mark.parametrize("target", ["missing.jpg", "l.jpg", "/nowhere/at/all"], ids=["dangling", "self", "absolute"])
def test_link_to_nothing_is_a_finding(detect: Any, target: str) -> None:
    (defect,) = detect.link("images/train/l.jpg", target).defects()
    assert defect.kind.name == "LINK_NOT_FOLLOWED"
    assert defect.detail["target"] == target


@pytest.mark.parametrize("target", [".", "..", "../..", "../../images/train"])
def test_circular_link_is_not_followed(detect: Any, target: str) -> None:
    assert detect.link("images/train/round", target).kinds() == ["LINK_NOT_FOLLOWED"]


def test_two_folders_that_link_to_each_other_end(detect: Any) -> None:
    detect.put("b/x").put("c/x").link("b/y", "../c").link("c/z", "../b")
    assert set(detect.kinds()) == {"FOLDER_IS_LINK", "LINK_NOT_FOLLOWED"}


def test_circle_entered_from_elsewhere_ends(detect: Any) -> None:
    detect.put("a/x").put("b/x").put("c/x").link("a/l", "../b").link("b/l", "../c").link("c/l", "../b")
    assert "LINK_NOT_FOLLOWED" in detect.kinds()


def test_folder_is_walked_once_however_many_links_lead_there(detect: Any) -> None:
    for level in range(8):
        detect.put(f"l{level}/x")
        for side in "ab" if level < 7 else "":
            detect.link(f"l{level}/{side}", f"../l{level + 1}")
    assert len(detect.read().source.folders) <= 8 * 3 + 6


def test_tree_of_many_levels_is_walked(detect: Any) -> None:
    depth = min(900, (os.pathconf("/", "PC_PATH_MAX") - 300) // 2)
    detect.put("d/" * depth + "x.txt")
    assert len(open_source(detect.folder()).folders) == 6 + depth


def test_file_that_cannot_be_read_is_a_finding(detect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, *rest: Any, **options: Any) -> Any:
        if path.endswith("a.jpg"):
            raise PermissionError(13, "Permission denied")
        return open(path, *rest, **options)

    monkeypatch.setattr(folder_module, "open", refuse, raising=False)
    detect.in_folder = True
    (defect,) = detect.defects()
    assert (defect.kind.name, defect.path) == ("FILE_UNREADABLE", "images/train/a.jpg")
    assert defect.detail["reason"] == "Permission denied"


def test_folder_that_cannot_be_listed_is_a_finding(detect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("labels/val"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(folder_module.os, "scandir", refuse)
    detect.in_folder = True
    assert [d.path for d in detect.defects("FILE_UNREADABLE")] == ["labels/val"]


def test_file_that_vanishes_is_a_finding(detect: Any) -> None:
    detect.in_folder, detect.removed_late = True, ["labels/train/a.txt"]
    assert detect.kinds() == ["FILE_UNREADABLE"]
    assert detect.check("default", path=detect.home / "set").verdict == "passed"


def test_reader_tells_what_is_gone(detect: Any) -> None:
    source = open_source(detect.folder())
    with pytest.raises(ReadError, match="No such file"):
        source.open().read(Member("images/gone.jpg", 3))


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes only on Linux")
def test_name_that_is_no_unicode_is_told(detect: Any) -> None:
    root = detect.folder()
    Path(os.fsdecode(os.fsencode(root) + b"/images/train/\xff.jpg")).write_bytes(b"no image")
    report = detect.check(path=root)
    assert [finding.rule for finding in report.findings if "\udcff" in finding.place.path] != []
