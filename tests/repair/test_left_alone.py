"""What looks mendable and is not certain stays as it is, and the report says why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cases import JPEG, LIST, OTHER, A, B, D, P, Q, S, Y, exif_segment, with_gps, without_end
from mending import Files, mend, picture, read, sound, write

DOUBTS: list[tuple[str, str, Files, str]] = [
    ("Y201", "detect", {"data.yaml": b"train: images/train\nval: images/val\nnames:\n  a: 1\n\tb: 2\n"}, "tabs"),
    ("Y204", "detect", {"data.yaml": b"path: coco8\n" + Y}, "certain"),
    ("Y204", "detect", {"data.yaml": b"{path: ., train: images/train, val: images/val, names: [a, b]}\n"}, "meaning"),
    ("Y206", "detect", {"data.yaml": Y + b"nc: 3\n", A: b"2 0.5 0.5 0.1 0.1\n"}, "prove"),
    ("Y206", "detect", {"data.yaml": Y + b"nc: 3\n", A: b"\xff"}, "prove"),
    ("Y208", "detect", {"data.yaml": Y.replace(b"cat", b"")}, "empty"),
    ("L301", "detect", {A: b"0 0.5 0.5 0.25 0.25\xff\n"}, "encoding"),
    ("L301", "detect", {A: "0 0.5 0.5 0.25 zw\u00f6lf".encode("utf-16")}, "encoding"),
    ("G403", "detect", {A: b"0 0.9 0.5 0.30 0.25\n"}, "more than a pixel"),
    ("G403", "detect", {A: b"0 0.9 0.5 0.22 0.25\n", "images/train/a.jpg": b"x"}, "size"),
    ("G403", "detect", {A: b"0 0.5 0.5 0.9 0.9\n", B: b"0 0.6 0.6 0.95 0.9\n", "labels/val/c.txt": b""}, "x1 y1"),
    ("S503", "segment", {A: b"0 -0.3 0.1 0.5 0.1 0.3 0.5\n"}, "more than a pixel"),
    ("S505", "segment", {A: b"0 0.1 0.1 0.1 0.1 0.3 0.5\n"}, "fewer than 3"),
    ("O522", "obb", {A: b"0 0.1 0.1 0.9 0.1 0.3 0.3 0.1 0.9\n"}, ""),
    ("I602", "detect", {"images/train/a.jpg": JPEG[:-200]}, "end marker"),
    ("I602", "detect", {"images/train/a.jpg": JPEG[: len(JPEG) // 2]}, "end marker"),
    ("I604", "detect", {"images/train/a.jpg": JPEG + OTHER + b"\n"}, "another picture"),
    ("I604", "detect", {"images/train/a.jpg": JPEG + b"\0\0\0\x18ftypmp42" + b"x" * 99}, "film"),
    ("I605", "detect", {"images/train/a.jpg": picture(format="PNG"), "images/train/a.PNG": OTHER}, "exists"),
    ("P703", "detect", {A: b"", "labels/train/x.txt": D}, ""),
    ("P704", "detect", {A: b"", "images/train/a.txt": b"a caption"}, ""),
    ("A110", "detect", {"mine.cache": b"text"}, "pickle"),
    ("A107", "detect", {"images/train/._a.jpg": JPEG}, "picture"),
]


@pytest.mark.parametrize(("rule", "task", "files", "reason"), DOUBTS)
def test_doubt(rule: str, task: str, files: Files, reason: str, tmp_path: Path) -> None:
    path = write({**sound(task), **files}, tmp_path)
    before = read(path)
    report = mend(path, task, rule)
    assert report.edits == {}
    assert read(path) == before
    told = [why for _, why in report.left_alone.get(rule, [])]
    assert any(reason in why for why in told) if reason else not told


def test_two_candidates_for_one_label(tmp_path: Path) -> None:
    files = sound("detect")
    del files[A]
    path = write({**files, "labels/x/a.txt": D, "labels/y/a.txt": D}, tmp_path)
    report = mend(path, "detect", "P703", "P701", unsafe=True)
    assert report.edits == {}
    assert list(report.left_alone) == ["P703"]


def test_a_lost_label_is_no_orphan(tmp_path: Path) -> None:
    files = sound("detect")
    del files[A]
    path = write({**files, "labels/train/a.jpg.txt": b"0 0.5 0.5 0.2 0.2 0.9 0.9\n"}, tmp_path)
    report = mend(path, "detect", "P", unsafe=True)
    assert (report.edits, sorted(report.left_alone)) == ({}, ["P701", "P703"])


def test_a_caption_is_no_label(tmp_path: Path) -> None:
    files = sound("detect")
    del files[A]
    path = write({**files, "images/train/a.txt": b"a caption\n"}, tmp_path)
    report = mend(path, "detect", "P704")
    assert (report.edits, list(report.left_alone)) == ({}, ["P704"])


def test_copies_with_other_labels_or_in_a_list_stay(tmp_path: Path) -> None:
    files = {**sound("detect"), "images/train/b.jpg": JPEG}
    other = write({**files, B: D[:20]}, tmp_path)
    assert mend(other, "detect", "V805", unsafe=True).edits == {}
    (tmp_path / "list").mkdir()
    listed = {**files, "train.txt": LIST, "data.yaml": Y.replace(b"images/train", b"train.txt")}
    assert mend(write(listed, tmp_path / "list"), "detect", "V805", unsafe=True).edits == {}


def test_a_progressive_picture_without_its_last_scan_stays(tmp_path: Path) -> None:
    whole = picture(3, progressive=True)
    last = whole.rindex(b"\xff\xda")
    while whole[last - 2 : last] and whole.rindex(b"\xff\xc4", 0, last) > whole.rindex(b"\xff\xda", 0, last):
        last = whole.rindex(b"\xff\xc4", 0, last)
    path = write({**sound("detect"), "images/train/a.jpg": whole[:last]}, tmp_path)
    assert mend(path, "detect", "I602").edits == {}


def test_rows_of_more_than_rows_keep_their_predictions(tmp_path: Path) -> None:
    path = write({**sound("detect"), A: b"0 0.5 0.5 0.1 0.1 7\n"}, tmp_path)
    assert mend(path, "detect", "L303", unsafe=True).edits == {}


@pytest.mark.parametrize("row", [b"0,5 0,5\n", b"a,b\n", b"0,1,1,1,1,1\n"])
def test_commas_that_fit_no_task_stay(row: bytes, tmp_path: Path) -> None:
    path = write({**sound("detect"), A: row}, tmp_path)
    report = mend(path, "detect", "L302", unsafe=True)
    assert (report.edits, list(report.left_alone)) == ({}, ["L302"])


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("format", "name"), [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp")])
def test_gps_goes_and_nothing_else(format: str, name: str, order: str, tmp_path: Path) -> None:
    import io

    from PIL import Image

    old = with_gps(format, order)
    files = {**sound("detect"), f"images/train/{name}": old}
    path = write(files, tmp_path)
    assert mend(path, "detect", "X951").edits == {"X951": 1}
    new = (path / f"images/train/{name}").read_bytes()
    before, after = (Image.open(io.BytesIO(one)) for one in (old, new))
    assert 0x8825 in before.getexif()
    assert 0x8825 not in after.getexif()
    assert {k: v for k, v in before.getexif().items() if k != 0x8825} == dict(after.getexif())
    assert before.getexif().get_ifd(0x8769) == after.getexif().get_ifd(0x8769) != {}
    assert before.tobytes() == after.tobytes()
    assert len(old) == len(new)
    assert b"\x00\x00\x00\x33" not in re.findall(rb"Exif.*", new)
    if format == "JPEG":
        start, stop = exif_segment(old)
        assert old[:start] + old[stop:] == new[:start] + new[stop:]
    assert mend(path, "detect").edits == {}


def test_without_gps_nothing_of_the_place_remains(tmp_path: Path) -> None:
    from hubaction.repair.gps_fixes import without_gps

    new = without_gps(with_gps(), "JPEG")
    assert new is not None
    start, stop = exif_segment(new)
    for order in "<>":
        import struct

        assert struct.pack(f"{order}II", 25, 2) not in new[start:stop]


def test_damaged_exif_is_left_alone() -> None:
    from hubaction.repair.gps_fixes import without_gps

    old = with_gps()
    start, stop = exif_segment(old)
    for at in range(start, stop):
        for value in (0, 1, 8, 127, 255):
            broken = old[:at] + bytes([value]) + old[at + 1 :]
            new = without_gps(broken, "JPEG")
            assert new is None or (
                len(new) == len(broken) and new[:start] + new[stop:] == broken[:start] + broken[stop:]
            )


def test_rows_of_pose_and_polygons_with_nothing_wrong_stay(tmp_path: Path) -> None:
    for task, rows in (("pose", P.replace(b" 2 ", b" 2.000000 ")), ("segment", S), ("obb", Q)):
        (tmp_path / task).mkdir()
        path = write({**sound(task), A: rows}, tmp_path / task)
        assert mend(path, task, unsafe=True).edits == {}


def test_no_end_is_no_trailing(tmp_path: Path) -> None:
    path = write({**sound("detect"), "images/train/a.jpg": without_end()}, tmp_path)
    assert mend(path, "detect", "I604").edits == {}
