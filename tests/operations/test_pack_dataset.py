"""A folder as an archive to send: the same dataset for every reader, and nothing else of the folder."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubaction.dataset.limits import Limits
from hubaction.dataset.source import open_source
from hubaction.errors import DatasetUnreadable, UsageError
from hubaction.operations import pack_dataset
from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.operations.pack_dataset import pack
from hubaction.report.model import Report

TASKS = ["detect", "segment", "pose", "obb", "classify"]


def packed(path: Path, task: str, home: Path) -> Path:
    target = home / "packed.zip"
    pack(open_source(path), task, Limits(), target)
    return target


def facts(report: Report) -> tuple[Any, ...]:
    return report.exit_code, report.names, report.splits, report.stats["nc"]


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def data(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        loaded: dict[str, Any] = yaml.safe_load(archive.read("dataset/data.yaml"))
        return loaded


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("profile", ["hub", "platform"])
def test_the_archive_is_judged_as_the_folder_is(make: Any, tmp_path: Path, task: str, profile: str) -> None:
    folder = make(task).folder()
    archive = packed(folder, task, tmp_path)
    options = {"profile": profile, "config": None, "workers": 1}
    assert facts(check(CheckOptions(archive, task, **options))) == facts(check(CheckOptions(folder, task, **options)))


def test_its_members(detect: Any, tmp_path: Path) -> None:
    detect.put("notes.txt", "private").put(".git/config", "private").put("images/train/Thumbs.db", b"x")
    detect.put("labels/train/stray.txt", "").put("runs/best.pt", b"x").put("labels/train.cache", b"x")
    detect.keys(path="/home/ada/ds", download="https://example.com/x.zip", author="ada")
    archive = packed(detect.folder(), "detect", tmp_path)
    assert names(archive) == [
        "dataset/data.yaml",
        "dataset/images/train/a.jpg",
        "dataset/images/train/b.jpg",
        "dataset/images/val/c.jpg",
        "dataset/labels/train/a.txt",
        "dataset/labels/train/b.txt",
        "dataset/labels/val/c.txt",
    ]
    assert data(archive) == {"train": "images/train", "val": "images/val", "names": {0: "cat", 1: "dog"}}


def test_keypoints_go_along(make: Any, tmp_path: Path) -> None:
    values = data(packed(make("pose").folder(), "pose", tmp_path))
    assert (values["kpt_shape"], values["flip_idx"]) == ([2, 3], [1, 0])


def test_images_are_stored_and_texts_deflated(detect: Any, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed(detect.folder(), "detect", tmp_path)) as archive:
        methods = {info.filename: info.compress_type for info in archive.infolist()}
    assert methods["dataset/images/train/a.jpg"] == zipfile.ZIP_STORED
    assert methods["dataset/labels/train/a.txt"] == methods["dataset/data.yaml"] == zipfile.ZIP_DEFLATED


def test_equal_datasets_give_equal_archives(detect: Any, tmp_path: Path) -> None:
    first = packed(detect.folder("one"), "detect", tmp_path).read_bytes()
    for path in (tmp_path / "one").rglob("*"):
        path.chmod(0o755)
        path.touch()
    assert packed(tmp_path / "one", "detect", tmp_path).read_bytes() == first


@pytest.mark.parametrize(
    "layout",
    [
        {"train": "train/images", "val": "val/images"},
        {"train": ["train/images", "more/images"], "val": "val/images"},
        {"train": "train.txt", "val": "val/images"},
        {"train": ".", "val": "val/images"},
        {"train": "train/images", "val": "train/images"},
        {"train": "../ds/train/images", "val": "./val//images"},
    ],
    ids=["roboflow", "list of folders", "image list", "everything", "same twice", "odd paths"],
)
def test_every_way_to_name_splits(tmp_path: Path, draw: Any, layout: dict[str, Any]) -> None:
    root = tmp_path / "ds"
    for index, name in enumerate(("train/images/x", "train/images/deep/y", "more/images/x", "val/images/z")):
        image = root / f"{name}.jpg"
        label = root / f"{name.replace('/images/', '/labels/')}.txt"
        for path, content in ((image, draw(seed=index)), (label, f"{index % 2} 0.5 0.5 0.25 0.25\n".encode())):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    (root / "train.txt").write_text("train/images/x.jpg\n./more/images/x.jpg\n")
    (root / "data.yaml").write_text(yaml.safe_dump({**layout, "names": ["a", "b"]}))
    options = {"profile": "default", "config": None, "workers": 1, "select": ("L",)}
    folder, archive = (
        check(CheckOptions(path, "detect", **options)) for path in (root, packed(root, "detect", tmp_path))
    )
    assert folder.splits == archive.splits
    assert sum(split.instances for split in archive.splits.values() if split) == sum(
        split.images for split in archive.splits.values() if split
    )


def test_images_without_labels_stay_so(detect: Any, tmp_path: Path) -> None:
    detect.put("images/train/bare.jpg", b"x")
    listed = names(packed(detect.folder(), "detect", tmp_path))
    assert "dataset/images/train/bare.jpg" in listed
    assert "dataset/labels/train/bare.txt" not in listed


def test_a_named_data_yaml_is_the_one(detect: Any, tmp_path: Path) -> None:
    other = detect.folder() / "other.yaml"
    other.write_text("train: images/val\nval: images/val\nnames: [x, y]\n")
    assert data(packed(other, "detect", tmp_path))["names"] == {0: "x", 1: "y"}


def test_classes_without_splits_keep_their_folders(tmp_path: Path, draw: Any) -> None:
    for index, name in enumerate(("cat/a", "cat/b", "dog/a", "dog/b")):
        path = tmp_path / "ds" / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(draw(seed=index))
    (tmp_path / "ds/LICENSE").write_text("MIT")
    listed = names(packed(tmp_path / "ds", "classify", tmp_path))
    assert listed == ["dataset/cat/a.jpg", "dataset/cat/b.jpg", "dataset/dog/a.jpg", "dataset/dog/b.jpg"]


def test_another_name_of_the_folder_val(classify: Any, tmp_path: Path) -> None:
    folder = classify.folder()
    (folder / "val").rename(folder / "valid")
    assert "dataset/val/cat/e.jpg" in names(packed(folder, "classify", tmp_path))


def test_a_link_out_of_the_dataset_is_not_followed(detect: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("private")
    detect.link("labels/train/a.txt", secret).link("images/train/x.jpg", secret)
    del detect.files["labels/train/a.txt"]
    listed = names(packed(detect.folder(), "detect", tmp_path))
    assert "dataset/labels/train/a.txt" not in listed
    assert "dataset/images/train/x.jpg" not in listed


def test_a_file_that_goes_away(detect: Any, tmp_path: Path) -> None:
    source = open_source(detect.folder())
    (source.path / "images/train/a.jpg").unlink()
    with pytest.raises(DatasetUnreadable, match=r"images/train/a\.jpg cannot be read any more"):
        pack(source, "detect", Limits(), tmp_path / "packed.zip")


def test_a_name_that_no_archive_holds(detect: Any, tmp_path: Path) -> None:
    detect.put("images/train/\udce9.jpg", b"x")
    with pytest.raises(UsageError, match=r"The file name images/train/\\udce9\.jpg is no UTF-8"):
        packed(detect.folder(), "detect", tmp_path)


def test_a_disk_that_is_full(detect: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pack_dataset, "_add", full)
    with pytest.raises(UsageError, match="cannot be written: No space left on device"):
        packed(detect.folder(), "detect", tmp_path)
