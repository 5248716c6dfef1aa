"""Which names belong together, and which copies are leaks."""

from __future__ import annotations

from pathlib import Path

import pytest
import test_plants
from plants import Plant
from plants.splits import TRAIN, copied, label, renamed

from hubaction.rules.sequences import Sequence, neighbours, sequence_key, source_key

FAMILY = {"V801", "V803", "V804", "V805", "V806"}


def found(change: object, tmp_path: Path, task: str = "detect", **size: int) -> list[tuple[str, str]]:
    findings = test_plants.checked(Plant("", "", "", task, change, size=size), tmp_path).findings
    return [(f.rule, f.severity.word) for f in findings if f.rule in FAMILY]


@pytest.mark.parametrize(
    ("stem", "key"),
    [
        ("clip_000123", "clip"),
        ("video3-frame-0045", "video3"),
        ("P1142__1024__0___824", "P1142"),
        ("P1142__1024__0___-824", "P1142"),
        ("P1142__1024__-24___824", "P1142"),
        ("frame_00012", "frame"),
        ("IMG0007", "IMG"),
        ("000000000009", ""),
        ("im00001", "im"),
        ("cam2_20240131_235959", "cam2"),
        ("cam2-2024-01-31T23-59-59-123", "cam2"),
        ("2024-01-31_23-59-59", ""),
        ("clip_000123_jpg.rf.0a1b2c3d4e5f", "clip"),
        ("street", ""),
        ("", ""),
        ("___", ""),
    ],
)
def test_what_names_belong_together(stem: str, key: str) -> None:
    assert sequence_key(stem)[0] == key


@pytest.mark.parametrize(
    ("stem", "key"),
    [
        ("street_jpg.rf.0a1b2c3d4e5f", "street"),
        ("street.png.rf.0a1b2c", "street"),
        ("a_b_jpeg.rf.ABCDEF123", "a_b"),
        ("street_jpg.rf.0a1b2", ""),
        ("street_gif.rf.0a1b2c3d", ""),
        ("street.rf.0a1b2c3d", ""),
    ],
)
def test_what_roboflow_calls_its_pictures(stem: str, key: str) -> None:
    assert source_key(stem) == key


def test_a_long_name_takes_no_time() -> None:
    assert sequence_key("1" * 100_000)[0] == ""
    assert sequence_key("a_jpg.rf." * 10_000)[0] == ""


@pytest.mark.parametrize(("frames", "near"), [([5], 1), ([105], 0), ([45], 1), ([41, 200], 1)])
def test_neighbours_lie_within_one_sampling_step(frames: list[int], near: int) -> None:
    one = Sequence("clip")
    one.images["train"], one.indexes["train"] = [""] * 5, [0, 10, 20, 30, 40]
    one.images["val"], one.indexes["val"] = [""] * len(frames), frames
    assert neighbours(one, "val") == near


def series(count: int, per: int, split: tuple[str, ...] = ("train", "val")) -> object:
    names = ["clip", "walk", "night", "road"][:count]
    stems = {"train": [f"{name}_{index:04}" for name in names for index in range(per - 1)]}
    stems["val"] = [f"{name}_{999:04}" if "val" in split else f"{name}val" for name in names]
    return renamed(stems)


@pytest.mark.parametrize(
    ("count", "per", "expected"),
    [(3, 5, [("V804", "warning")] * 3), (2, 5, [("V804", "note")] * 2), (3, 4, []), (0, 5, [])],
)
def test_three_series_of_five_are_needed(count: int, per: int, expected: object, tmp_path: Path) -> None:
    assert found(series(count, per), tmp_path, train=16, val=4) == expected


def test_series_within_one_split_are_no_leak(tmp_path: Path) -> None:
    assert found(series(3, 5, ("train",)), tmp_path, train=16, val=4) == []


def test_a_class_named_like_its_pictures_is_no_video(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        for number, path in enumerate([path for path in files if path.endswith(".jpg")]):
            folder, _, _ = path.rpartition("/")
            files[f"{folder}/{folder.rpartition('/')[2]}.{number}.jpg"] = files.pop(path)

    assert found(change, tmp_path, "classify") == []


def test_a_copy_with_the_same_rows_in_another_order_is_only_a_copy(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        copied(TRAIN, "images/train/zzzpic.jpg")(files)
        rows = files[label(TRAIN)].splitlines(keepends=True)
        files["labels/train/zzzpic.txt"] = b"".join(reversed(rows))

    assert found(change, tmp_path) == [("V805", "warning")]


def test_rows_equal_to_six_decimals_are_the_same(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        copied(TRAIN, "images/train/zzzpic.jpg")(files)
        files["labels/train/zzzpic.txt"] = files[label(TRAIN)].replace(b" 0.", b" 0.", 1).replace(b"\n", b"0\n", 1)

    assert found(change, tmp_path) == [("V805", "warning")]


@pytest.mark.parametrize("extra", [b"0 0.5 0.5 0.00001 0.1\n"])
def test_another_row_is_another_label(extra: bytes, tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        copied(TRAIN, "images/train/zzzpic.jpg")(files)
        files["labels/train/zzzpic.txt"] += extra

    assert ("V806", "error") in found(change, tmp_path)


def test_equal_size_alone_is_no_copy(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        data = bytearray(files[TRAIN])
        at = data.index(b"\xff\xfe") if b"\xff\xfe" in data else len(data) // 2
        data[at + 6] ^= 1
        files["images/train/zzzpic.jpg"] = bytes(data)
        files["labels/train/zzzpic.txt"] = files[label(TRAIN)]

    assert found(change, tmp_path) == [("V805", "note")]  # nearly a copy


def test_one_folder_for_two_splits_is_no_copy(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["data.yaml"] = files["data.yaml"].replace(b"images/val", b"images/train")

    assert found(change, tmp_path) == []


def test_a_copy_whose_label_cannot_be_read_is_not_compared(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        copied(TRAIN, "images/train/zzzpic.jpg")(files)
        files["labels/train/zzzpic.txt"] = b"not a number\n"

    assert found(change, tmp_path) == [("V805", "warning")]
