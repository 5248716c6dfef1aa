"""Archives: names, order, methods and times; a new file is written, the old one stays."""

from __future__ import annotations

import os
import stat
import warnings
import zipfile
from pathlib import Path

import pytest
from cases import OTHER, A, D
from mending import Files, mend, read, sound, write

from hubaction.errors import DatasetUnreadable, UsageError
from hubaction.operations.fix import FixOptions, fix
from hubaction.repair.origin import open_origin
from hubaction.repair.plan import planned
from hubaction.repair.table import FIXERS
from hubaction.repair.zip_writer import write_zip


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def pack(path: Path, files: Files) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some names come twice on purpose
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    return path


@pytest.mark.parametrize("top", ["", "other/", "set/set/", "a/b/"])
@pytest.mark.parametrize("task", ["detect", "classify"])
def test_one_top_folder(top: str, task: str, tmp_path: Path) -> None:
    path = pack(tmp_path / "set.zip", {f"{top}{name}": data for name, data in sound(task).items()})
    report = mend(path, task, "A103")
    assert report.written == tmp_path / "set-fixed.zip"
    assert read(report.written) == sound(task)
    assert all(name.startswith("set/") for name in names(report.written))
    assert mend(report.written, task).edits == {}
    named = fix(FixOptions(path, task, output=tmp_path / "new.zip"))
    assert named.written is not None
    assert all(name.startswith("new/") for name in names(named.written))
    assert mend(named.written, task).edits == {}


@pytest.mark.parametrize("bad", ["../evil.txt", "/tmp/evil.txt", "set/../../evil.txt"])
def test_entries_that_leave_the_folder_are_neither_placed_nor_dropped(bad: str, tmp_path: Path) -> None:
    path = pack(tmp_path / "set.zip", {**sound("detect"), A: b"0.0 0.5 0.5 0.2 0.2\n", bad: b"x"})
    report = mend(path, "detect", "A103", "L306")
    assert report.edits == {"L306": 1}
    assert list(report.left_alone) == ["A103"]
    assert report.written is not None
    assert names(report.written) == names(path)


def test_two_sets_are_not_put_together(tmp_path: Path) -> None:
    both = {f"{top}/{name}": data for top in ("one", "two") for name, data in sound("detect").items()}
    path = pack(tmp_path / "set.zip", both)
    assert mend(path, "detect").edits == {}


def test_backslashes(tmp_path: Path) -> None:
    files = {f"set\\{name}".replace("/", "\\"): data for name, data in sound("detect").items()}
    path = pack(tmp_path / "set.zip", {"set\\images\\": b"", **files})
    report = mend(path, "detect", "A104")
    assert report.written is not None
    assert read(report.written) == sound("detect")
    assert "set/images/" in names(report.written)
    assert mend(report.written, "detect").edits == {}


@pytest.mark.parametrize("bad", ["set\\..\\..\\evil.txt", "C:\\evil.txt", "\\evil.txt"])
def test_backslashes_that_would_leave_the_folder(bad: str, tmp_path: Path) -> None:
    path = pack(tmp_path / "set.zip", {**{f"set/{name}": data for name, data in sound("detect").items()}, bad: b"x"})
    report = mend(path, "detect", "A104")
    assert report.edits == {}
    assert report.left_alone["A104"][0][1] == "its name would leave the folder"


def test_what_does_not_change_is_copied(tmp_path: Path) -> None:
    files = {**sound("detect"), A: b"0.0 0.5 0.5 0.2 0.2\n", "n\u00e4me.md": b"x" * 999}
    path = write(files, tmp_path, archive=True)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"a comment"
        archive.mkdir("set/empty")
        archive.writestr("set/lzma.md", b"y" * 999, zipfile.ZIP_LZMA)
    report = mend(path, "detect", "L306")
    assert report.written is not None
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(report.written) as new:
        assert old.namelist() == new.namelist()
        assert new.comment == b"a comment"
        kept = "date_time compress_type external_attr flag_bits create_system".split()
        for one, other in zip(old.infolist(), new.infolist(), strict=True):
            assert [getattr(one, name) for name in kept] == [getattr(other, name) for name in kept]
            if one.filename != f"set/{A}":
                assert (one.compress_size, old.read(one)) == (other.compress_size, new.read(other))
        assert new.read(f"set/{A}") == b"0 0.5 0.5 0.2 0.2\n"


def test_names_in_another_encoding_streams_and_repeats_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with path.open("wb") as file, zipfile.ZipFile(_Stream(file), "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data in {**sound("detect"), "n_me.md": b"x", A: b"0.0 0.5 0.5 0.2 0.2\n"}.items():
            archive.writestr(f"set/{name}", data)
        archive.writestr(f"set/{A}", b"1.0 0.5 0.5 0.2 0.2\n")
    path.write_bytes(path.read_bytes().replace(b"set/n_me.md", b"set/n\x84me.md"))
    report = mend(path, "detect", "L306")
    assert report.written is not None
    assert report.written.read_bytes().count(b"set/n\x84me.md") == 2
    with zipfile.ZipFile(report.written) as new:
        assert new.testzip() is None
        assert [new.read(info) for info in new.infolist() if info.filename.endswith("a.txt")] == [
            b"0.0 0.5 0.5 0.2 0.2\n",
            b"1 0.5 0.5 0.2 0.2\n",
        ]


class _Stream:
    """A file that cannot be read or sought, for which zip writers put the sizes behind the data."""

    def __init__(self, file) -> None:
        self.write, self.flush = file.write, file.flush


def test_links_in_an_archive_are_not_followed_or_changed(tmp_path: Path) -> None:
    path = write(sound("detect"), tmp_path, archive=True)
    info = zipfile.ZipInfo("set/images/train/._z.jpg")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    report = mend(path, "detect")
    assert (report.edits, list(report.left_alone)) == ({}, ["A107"])


def test_the_output_is_never_the_archive_itself(tmp_path: Path) -> None:
    path = write({**sound("detect"), A: b"0.0 0.5 0.5 0.2 0.2\n"}, tmp_path, archive=True)
    before = path.read_bytes()
    for output in (path, tmp_path, tmp_path / "no" / "such.zip"):
        with pytest.raises(UsageError):
            fix(FixOptions(path, "detect", output=output))
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["set.zip"]


def test_an_archive_that_changed_meanwhile_stops_everything(tmp_path: Path) -> None:
    path = write({**sound("detect"), A: b"0.0 0.5 0.5 0.2 0.2\n"}, tmp_path, archive=True)
    with planned(open_origin(path), FIXERS, "detect", "set") as plan:
        os.utime(path, (1, 1))
        with pytest.raises(UsageError, match="changed since it was read"):
            write_zip(plan, tmp_path / "new.zip")
    assert [one.name for one in tmp_path.iterdir()] == ["set.zip"]


def test_a_failure_leaves_no_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write({**sound("detect"), A: b"0.0 0.5 0.5 0.2 0.2\n"}, tmp_path, archive=True)
    monkeypatch.setattr(os, "replace", lambda old, new: (_ for _ in ()).throw(OSError("the disk is full")))
    with pytest.raises(UsageError, match="the disk is full"):
        mend(path, "detect")
    assert [one.name for one in tmp_path.iterdir()] == ["set.zip"]


def test_a_damaged_entry_is_left_as_it_is(tmp_path: Path) -> None:
    path = write({**sound("detect"), A: b"0.0 0.5 0.5 0.2 0.2\n", "b.md": b"some text"}, tmp_path, archive=True)
    path.write_bytes(path.read_bytes().replace(b"some text", b"some test"))
    report = mend(path, "detect")
    assert report.edits == {"L306": 1}


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"<html>", OTHER])
def test_no_archive(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "set.zip").write_bytes(data)
    with pytest.raises(DatasetUnreadable):
        mend(tmp_path / "set.zip", "detect")


def test_pictures_in_archives_are_read_once_more_for_the_diff(tmp_path: Path) -> None:
    path = write({**sound("detect"), "images/train/a.jpg": OTHER + b"\n", A: D + b"\n"}, tmp_path, archive=True)
    assert mend(path, "detect", dry_run=True).exit_code == 1
    assert [one.name for one in tmp_path.iterdir()] == ["set.zip"]
