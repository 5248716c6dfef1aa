"""A zip read in place: every way in which it can be packed, odd, damaged or hostile."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from hubaction.dataset.limits import Limits
from hubaction.dataset.source import ReadError, open_source

METHODS = {"stored": 0, "deflated": 8, "bzip2": 12, "lzma": 14}
IMAGE = "images/train/a.jpg"


def link_entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def zip64_field(name: bytes, at: int, value: int) -> Any:
    """Write a 64-bit value for the field at this offset of an entry of the directory."""

    def change(data: bytearray) -> None:
        central = data.find(b"PK\x01\x02")
        while data[central + 46 : central + 46 + len(name)] != name:
            central = data.find(b"PK\x01\x02", central + 4)
        extra = struct.pack("<HHQ", 1, 8, value)
        struct.pack_into("<I", data, central + at, 0xFFFFFFFF)
        struct.pack_into("<H", data, central + 30, len(extra))
        data[central + 46 + len(name) : central + 46 + len(name)] = extra
        end = data.rfind(b"PK\x05\x06")
        size = struct.unpack_from("<I", data, end + 12)[0]
        struct.pack_into("<I", data, end + 12, size + len(extra))

    return change


# --- what is read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_compression_method_makes_no_difference(detect: Any, method: int) -> None:
    expected = detect.stats()
    detect.method = method
    assert detect.kinds() == []
    assert detect.stats() == expected


@pytest.mark.parametrize("name", ["set.ZIP", "set.Zip", "set.dat", "set", "set.tar.gz"])
def test_content_decides_not_the_suffix(detect: Any, name: str) -> None:
    assert detect.check(path=detect.zip(name)).verdict == "passed"


@pytest.mark.parametrize("size", [1, 1000, 70_000])
def test_leading_junk_bytes_are_tolerated(detect: Any, size: int) -> None:
    assert detect.check(path=detect.zip(prefix=b"#!sh\n" * size)).verdict == "passed"


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_members_read_back_as_they_were_packed(detect: Any, method: int) -> None:
    detect.method = method
    source = open_source(detect.zip())
    with source.open() as reader:
        assert {path: reader.read(member) for path, member in source.files.items()} == detect.files


def test_top_folder_is_taken_off_the_paths(detect: Any) -> None:
    source = open_source(detect.zip())
    assert source.top == "set"
    assert "data.yaml" in source.files
    assert source.folders == {"images", "images/train", "images/val", "labels", "labels/train", "labels/val"}


def test_without_top_folder_the_stem_names_the_root(detect: Any) -> None:
    detect.top = ""
    source = open_source(detect.zip("mine.v1.zip"))
    assert source.top == "mine.v1"
    assert "data.yaml" in source.files


def test_dot_components_belong_to_no_name(detect: Any) -> None:
    detect.entries = [(f"./set/.//{path}", data) for path, data in detect.files.items()]
    detect.files = {}
    assert set(open_source(detect.zip()).files) == set(detect.read().source.files)
    assert "data.yaml" in detect.read().source.files


def test_finder_files_are_ignored_altogether(detect: Any) -> None:
    detect.entry("__MACOSX/set/._a.jpg", b"x").entry("set/images/.DS_Store", b"x")
    source = open_source(detect.zip())
    assert source.top == "set"
    assert set(source.files) == set(detect.files)


def test_backslash_stays_in_the_name(detect: Any) -> None:
    detect.put("images\\train\\z.jpg", b"")
    assert "images\\train\\z.jpg" in open_source(detect.zip()).files


def test_extra_field_longer_than_the_spare_is_read(detect: Any) -> None:
    info = zipfile.ZipInfo("set/images/train/far.jpg")
    info.extra = struct.pack("<HH", 0xCAFE, 4000) + bytes(4000)
    detect.entry(info, detect.files[IMAGE]).label("", "train/far")
    assert detect.kinds() == []


def test_a_name_of_many_levels(detect: Any) -> None:
    dataset = detect.put("d/" * 1900 + "x.txt", b"deep").put("LICENSE", "MIT").read()
    assert dataset.defects == []
    assert len(dataset.source.folders) == 6 + 1900


@pytest.mark.parametrize("levels", [3000, 30_000])
def test_a_name_longer_than_any_path_is_not_unfolded(detect: Any, levels: int) -> None:
    dataset = detect.put("d/" * levels + "x.txt", b"deep").put("LICENSE", "MIT").read()
    assert [defect.kind.name for defect in dataset.defects] == ["ENTRY_NAME_TOO_LONG"]
    assert len(dataset.source.folders) == 6


def test_reader_is_shared_by_no_other(detect: Any) -> None:
    source = open_source(detect.zip())
    with source.open() as one, source.open() as other:
        assert one is not other
        assert one.read(source.files[IMAGE]) == other.read(source.files[IMAGE])


# --- what is no dataset archive ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "the file is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
        (b"<!DOCTYPE html><title>404</title>", "web page"),
        (b"\n <html>", "web page"),
        (b"<?xml version='1.0'?>", "web page"),
        (b"PK\x03\x04 and no end", "its end is missing"),
        (b"hello", "not a zip"),
        (bytes(100), "not a zip"),
    ],
    ids=["empty", "lfs", "html", "html-blank", "xml", "cut", "text", "zeros"],
)
def test_reason_says_what_the_file_is_instead(detect: Any, raw: bytes, reason: str) -> None:
    detect.raw = raw
    (defect,) = detect.defects()
    assert defect.kind.name == "ARCHIVE_UNREADABLE"
    assert reason in defect.detail["reason"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_truncated_archive_is_unreadable(detect: Any, share: float) -> None:
    whole = detect.zip().read_bytes()
    detect.raw = whole[: int(len(whole) * share)]
    report = detect.check()
    assert (report.verdict, report.exit_code) == ("unreadable", 3)
    assert [finding.rule for finding in report.findings] == ["A106"]


def test_archive_without_entries_is_empty(detect: Any) -> None:
    detect.files = {}
    assert detect.kinds() == ["ARCHIVE_EMPTY"]


def test_archive_of_junk_only_is_empty(detect: Any) -> None:
    detect.files = {}
    assert detect.entry("__MACOSX/x", b"").entry(".DS_Store", b"").kinds() == ["ARCHIVE_EMPTY", "OS_JUNK", "OS_JUNK"]


def test_a_single_file_is_no_root(detect: Any) -> None:
    detect.files = {}
    assert detect.entry("data.yaml", b"x: 1").kinds() == ["ROOT_NOT_FOLDER"]


# --- entries that are unsafe or cannot be unpacked --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../evil.txt", "/tmp/evil.txt", "set/../../evil", "set/images/..", "..", "//x"])
def test_entry_that_leaves_the_folder_is_left_out(detect: Any, name: str) -> None:
    dataset = detect.entry(name, b"evil").read()
    assert [defect.path for defect in dataset.defects if defect.kind.name == "ENTRY_UNSAFE"] == [name]
    assert not any("evil" in path or ".." in path for path in dataset.source.files)


def test_absolute_name_after_a_file_at_the_top_is_unsafe(detect: Any) -> None:
    detect.top = ""
    assert detect.entry("/evil.txt").kinds() == ["ENTRY_UNSAFE"]


def test_one_unsafe_entry_shifts_the_root_but_the_set_is_found(detect: Any) -> None:
    dataset = detect.entry("../evil.txt").read()
    assert dataset.source.top == "set"
    assert "set/data.yaml" in dataset.source.files
    assert dataset.splits["train"] is not None


def test_unsafe_entry_only_warns(detect: Any) -> None:
    report = detect.entry("../evil.txt").check()
    assert report.verdict == "passed"
    assert [finding.severity.word for finding in report.findings] == ["warning"]


def test_symbolic_link_is_told_and_holds_its_target(detect: Any) -> None:
    dataset = detect.entry(link_entry("set/images/train/l.jpg"), b"a.jpg").read()
    kinds = {defect.kind.name for defect in dataset.defects if defect.path == "images/train/l.jpg"}
    assert kinds == {"ENTRY_SYMLINK", "IMAGE_UNREADABLE"}


def test_encrypted_entry_rejects(detect: Any) -> None:
    report = detect.set_field(IMAGE, "flags", 1).check()
    assert report.exit_code == 1
    assert "encrypted" in " ".join(finding.message for finding in report.findings)


def test_encrypted_entry_is_no_file(detect: Any) -> None:
    assert IMAGE not in detect.set_field(IMAGE, "flags", 1).read().source.files


def test_unknown_compression_is_named(detect: Any) -> None:
    (defect,) = detect.set_field(IMAGE, "method", 98).defects("ENTRY_UNSUPPORTED")
    assert defect.path == IMAGE
    assert "98" in defect.detail["reason"]


def test_of_a_name_given_twice_the_last_counts(detect: Any) -> None:
    found = detect.entry("set/labels/train/a.txt", b"1 .5 .5 .1 .1\n").defects()
    assert [(d.kind.name, d.path) for d in found] == [("ENTRY_DUPLICATE", "labels/train/a.txt")]
    assert detect.rows() == [[1, 0.5, 0.5, 0.1, 0.1]]


def test_folder_entries_may_repeat(detect: Any) -> None:
    assert detect.entry("set/images/").entry("set/images/").kinds() == []


@pytest.mark.parametrize(
    "name", ["set/data.yaml/x", "set/images", "set/data.yaml/", "set/data.yaml/a/b/c"], ids=lambda name: name
)
def test_file_and_folder_of_one_name_conflict(detect: Any, name: str) -> None:
    assert "ENTRY_CONFLICT" in detect.entry(name, b"").kinds()


@pytest.mark.parametrize(("name", "kinds"), [("n" * 255, []), ("n" * 256, ["ENTRY_NAME_TOO_LONG"])])
def test_part_of_a_name_has_at_most_255_bytes(detect: Any, name: str, kinds: list[str]) -> None:
    assert detect.entry(f"set/{name}").kinds() == kinds


def test_length_of_a_name_counts_bytes_not_characters(detect: Any) -> None:
    assert detect.entry("set/" + "ü" * 128).kinds() == ["ENTRY_NAME_TOO_LONG"]


# --- damage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_wrong_crc_is_damage(detect: Any, method: int) -> None:
    detect.method = method
    (defect,) = detect.set_field(IMAGE, "crc", 1).defects("ENTRY_DAMAGED")
    assert defect.path == IMAGE
    assert "CRC" in defect.detail["reason"]


@pytest.mark.parametrize("path", ["README.md", "labels/val/c.txt", "images/val/c.jpg"])
def test_every_member_is_checked(detect: Any, path: str) -> None:
    report = detect.put(path, detect.files.get(path, b"read me")).set_field(path, "crc", 1).check()
    assert ("A106", path) in {(finding.rule, finding.place.path) for finding in report.findings}
    assert report.exit_code == 1


def test_damaged_data_yaml_is_unreadable(detect: Any) -> None:
    assert detect.set_field("data.yaml", "crc", 1).check().exit_code == 3


def damage(name: str) -> Any:
    def change(data: bytearray) -> None:
        start = data.find(name.encode()) + len(name)
        for at in range(start + 20, start + 60):
            data[at] ^= 0x5A

    return change


@pytest.mark.parametrize(
    "method",
    [
        0,
        8,
        12,
        14,
    ],
    ids=METHODS,
)
def test_damaged_bytes_are_a_finding(detect: Any, method: int) -> None:
    detect.method = method
    assert "ENTRY_DAMAGED" in detect.patch(damage(f"set/{IMAGE}")).kinds()


def test_name_in_the_local_header_must_match(detect: Any) -> None:
    def rename(data: bytearray) -> None:
        at = data.find(b"images/train/a.jpg")
        data[at : at + 6] = b"imbges"

    (defect,) = detect.patch(rename).defects("ENTRY_DAMAGED")
    assert "differ" in defect.detail["reason"]


def test_missing_local_header_is_damage(detect: Any) -> None:
    (defect,) = detect.set_field(IMAGE, "offset", 5).defects("ENTRY_DAMAGED")
    assert "local header is missing" in defect.detail["reason"]


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_offset_beyond_the_end_is_damage(detect: Any, method: int) -> None:
    detect.method = method
    assert "ENTRY_DAMAGED" in detect.set_field(IMAGE, "offset", 0xFFFFFFF0).kinds()


@pytest.mark.parametrize(("at", "value"), [(20, 1 << 60), (20, 1 << 63), (42, 1 << 63)], ids=["2^60", "2^63", "offset"])
def test_huge_64_bit_fields_are_damage(detect: Any, at: int, value: int) -> None:
    assert "ENTRY_DAMAGED" in detect.patch(zip64_field(f"set/{IMAGE}".encode(), at, value)).kinds()


@pytest.mark.parametrize("change", [-7, -1], ids=str)
@pytest.mark.parametrize("method", [0, 8], ids=["stored", "deflated"])
def test_member_must_not_be_larger_than_declared(detect: Any, method: int, change: int) -> None:
    detect.method = method
    size = len(detect.files[IMAGE]) + change
    assert "ENTRY_DAMAGED" in detect.set_field(IMAGE, "size", size, where="central").kinds()


@pytest.mark.parametrize("path", [IMAGE, "notes.bin"])
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_member_smaller_than_declared_unpacks_all_the_same(detect: Any, method: int, path: str) -> None:
    detect.method = method
    detect.put("notes.bin", bytes(range(256)) * 8192)
    assert detect.set_field(path, "size", len(detect.files[path]) + 9, where="central").kinds() == []


def test_large_other_member_is_verified(detect: Any) -> None:
    detect.put("notes.bin", bytes(range(256)) * 8192)
    assert detect.kinds() == []
    assert detect.set_field("notes.bin", "crc", 1).kinds() == ["ENTRY_DAMAGED"]


# --- bombs and limits -------------------------------------------------------------------------------------------------


def test_bomb_is_not_read(detect: Any) -> None:
    dataset = detect.put("zeros.bin", bytes(200_000)).put("LICENSE", "MIT").limit(ratio_floor=100_000).read()
    (defect,) = dataset.defects
    assert (defect.kind.name, defect.path) == ("ENTRY_BOMB", "zeros.bin")
    assert "zeros.bin" not in dataset.source.files


@pytest.mark.parametrize(
    ("limits", "kinds"),
    [
        ({"ratio_floor": 100_000}, ["ENTRY_BOMB"]),
        ({"ratio_floor": 200_000}, []),
        ({"ratio_floor": 100_000, "max_ratio": 2000}, []),
        ({}, []),
    ],
    ids=["above-floor", "at-floor", "ratio-allowed", "default"],
)
def test_bomb_limits(detect: Any, limits: dict[str, int], kinds: list[str]) -> None:
    assert detect.put("zeros.bin", bytes(200_000)).limit(**limits).kinds() == kinds


def test_real_bomb_is_found_by_the_default_limits(detect: Any) -> None:
    assert detect.put("zeros.bin", bytes(11 << 20)).kinds() == ["ENTRY_BOMB"]


@pytest.mark.parametrize("count", [6, 7])
def test_number_of_entries_is_limited(detect: Any, count: int) -> None:
    assert len(detect.files) == 7
    assert detect.limit(max_members=count).kinds() == ([] if count == 7 else ["ARCHIVE_TOO_LARGE"])


def test_total_size_is_limited(detect: Any) -> None:
    total = sum(map(len, detect.files.values()))
    assert detect.limit(max_total_bytes=total).kinds() == []
    (defect,) = detect.limit(max_total_bytes=total - 1).defects()
    assert f"max_total_bytes = {total - 1:,}" in defect.detail["reason"]


def test_archive_beyond_the_limits_is_unreadable(detect: Any) -> None:
    assert detect.limit(max_members=1).check("default").exit_code == 3


def test_limits_of_single_files(detect: Any) -> None:
    assert "IMAGE_TOO_LARGE" in detect.limit(max_image_bytes=100).kinds()
    assert "LABEL_TOO_LARGE" in detect.limit(max_image_bytes=1 << 20, max_label_bytes=10).kinds()
    assert "YAML_TOO_LARGE" in detect.limit(max_yaml_bytes=10).kinds()


def test_default_limits_take_the_largest_platform_dataset() -> None:
    assert Limits().max_total_bytes == 50_000_000_000
    assert Limits().max_members >= 1_000_000


# --- the reader -------------------------------------------------------------------------------------------------------


def test_read_error_names_its_kind(detect: Any) -> None:
    source = open_source(detect.set_field(IMAGE, "crc", 1).zip())
    with pytest.raises(ReadError) as caught:
        source.read(IMAGE)
    assert caught.value.kind.name == "ENTRY_DAMAGED"


def test_archive_that_vanishes_after_opening_is_no_silent_pass(detect: Any, tmp_path: Path) -> None:
    source = open_source(detect.zip())
    source.path.unlink()
    with pytest.raises(OSError, match=r"set\.zip"):
        source.open()
