"""The quick reader of zip directories says what the standard library says, or leaves it to it."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hubaction.dataset import zip_directory
from hubaction.dataset.zip_directory import Entry, read_directory


def archive(path: Path, comment: bytes = b"") -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.comment = comment
        for name, method in [("a/b.txt", 0), ("a/ü.jpg", 8), ("c/", 0), ("d.bin", 12), ("e.bin", 14)]:
            file.writestr(zipfile.ZipInfo(name), name * 50, compress_type=method)
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "a/b.txt")
        stamped = zipfile.ZipInfo("stamped")
        stamped.extra = b"UT\x05\x00\x01\x00\x00\x00\x00"
        file.writestr(stamped, b"x")
    return path


def by_library(path: Path) -> list[Entry]:
    with zipfile.ZipFile(path) as file:
        return [zip_directory._from_library(info) for info in file.infolist()]


def test_an_ordinary_directory_is_read_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path / "a.zip")
    expected = by_library(path)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert read_directory(path) == expected


@pytest.mark.parametrize("oddity", ["comment", "leading bytes", "trailing bytes"])
def test_an_odd_one_is_left_to_the_library(oddity: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", b"hello" if oddity == "comment" else b"")
    data = path.read_bytes()
    path.write_bytes({"leading bytes": b"junk" + data, "trailing bytes": data + b"\n"}.get(oddity, data))
    assert zip_directory._read_ordinary(path) is None
    assert [entry.name for entry in read_directory(path)] == [entry.name for entry in by_library(path)]


def test_more_entries_than_the_plain_format_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for number in range(65_600):
            file.writestr(f"{number}", b"")
    path = tmp_path / "many.zip"
    path.write_bytes(out.getvalue())
    expected = by_library(path)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert read_directory(path) == expected
    assert len(expected) == 65_600


def archive64(path: Path) -> Path:
    """A small archive with the records that an archive of over 4 GiB has: every number of a directory elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        for limit in ("ZIP64_LIMIT", "ZIP_FILECOUNT_LIMIT"):
            patch.setattr(zipfile, limit, 1)
        return archive(path)


def test_a_zip64_directory_is_read_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive64(tmp_path / "a.zip")
    expected = by_library(path)
    assert path.read_bytes().count(b"PK\6\6") == 1
    assert sum(entry.offset > 1 for entry in expected) == 6
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert read_directory(path) == expected


@pytest.mark.parametrize("make", [archive, archive64])
@pytest.mark.parametrize("seed", range(150))
def test_a_damaged_directory_is_never_read_otherwise_than_by_the_library(
    seed: int, make: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = make(tmp_path / "a.zip")
    data = bytearray(path.read_bytes())
    start = data.index(b"PK\1\2")
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 3)):
        data[chance.randrange(start, len(data))] = chance.randrange(256)
    path.write_bytes(data)
    quick = zip_directory._read_ordinary(path)
    if quick is not None:
        assert quick == by_library(path)
