"""Writing: whole or not at all, never through links, never over what changed meanwhile; the command itself."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest
from cases import A, B, D, Y
from mending import mend, read, sound, write

from hubaction.cli_fix import add_fix
from hubaction.errors import UsageError
from hubaction.operations import fix as operation
from hubaction.repair import folder_writer
from hubaction.repair.origin import open_origin
from hubaction.repair.plan import planned
from hubaction.repair.table import FIXERS

FLOATS = D.replace(b"1 0", b"1.0 0")


def broken() -> dict[str, bytes]:
    return {**sound("detect"), A: FLOATS, B: FLOATS, "data.yaml": b"\xef\xbb\xbf" + Y, "junk/Thumbs.db": b"x"}


def test_a_failure_in_the_middle_leaves_whole_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(broken(), tmp_path)
    calls = []

    def replace(old: str, new: str) -> None:
        calls.append(new)
        if len(calls) == 2:
            raise OSError("the disk is full")
        os.rename(old, new)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(UsageError, match="the disk is full"):
        mend(path, "detect")
    monkeypatch.undo()
    now = read(path)
    assert now.keys() == broken().keys()
    whole = {A: (FLOATS, D), B: (FLOATS, D), "data.yaml": (b"\xef\xbb\xbf" + Y, Y)}
    assert all(data in whole.get(name, (broken()[name],)) for name, data in now.items())
    assert mend(path, "detect").exit_code == 0
    assert read(path)[B] == D


def test_a_failure_while_staging_touches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(broken(), tmp_path)
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(UsageError, match="no space"):
        mend(path, "detect")
    assert read(path) == broken()


def test_modes_are_kept(tmp_path: Path) -> None:
    path = write(broken(), tmp_path)
    (path / A).chmod(0o640)
    mend(path, "detect")
    assert (path / A).stat().st_mode & 0o777 == 0o640


def test_a_read_only_file_stops_everything(tmp_path: Path) -> None:
    path = write(broken(), tmp_path)
    (path / B).chmod(0o444)
    with pytest.raises(UsageError, match=r"labels/train/b\.txt is read-only; nothing was changed"):
        mend(path, "detect")
    assert read(path) == broken()


@pytest.mark.parametrize("same_time", [False, True])
def test_a_file_that_changed_meanwhile_stops_everything(same_time: bool, tmp_path: Path) -> None:
    path = write(broken(), tmp_path)
    with planned(open_origin(path), FIXERS, "detect", "set") as plan:
        old = (path / B).stat()
        (path / B).write_bytes(FLOATS.replace(b"1.0", b"0.0"))
        if same_time:
            os.utime(path / B, ns=(old.st_atime_ns, old.st_mtime_ns))
        with pytest.raises(UsageError, match="changed since it was read"):
            folder_writer.apply_to_folder(plan)
    assert read(path) == {**broken(), B: FLOATS.replace(b"1.0", b"0.0")}


def test_nothing_is_written_through_links(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_bytes(FLOATS)
    path = write({**broken(), "more/a.txt": FLOATS}, tmp_path)
    (path / A).unlink()
    (path / A).symlink_to(path / "more/a.txt")
    (path / B).unlink()
    (path / B).symlink_to(outside)
    (path / "labels/val").rename(path / "elsewhere")
    (path / "labels/val").symlink_to(path / "elsewhere")
    (path / "elsewhere/c.txt").write_bytes(FLOATS)
    report = mend(path, "detect", "L306")
    assert report.edits == {}
    assert [reason for _, reason in report.left_alone["L306"]] == ["it is reached through a symbolic link"] * 2
    assert outside.read_bytes() == (path / "elsewhere/c.txt").read_bytes() == FLOATS
    assert (path / A).is_symlink()


def test_a_link_planted_after_reading_stops_everything(tmp_path: Path) -> None:
    path = write(broken(), tmp_path)
    with planned(open_origin(path), FIXERS, "detect", "set") as plan:
        (path / "labels").rename(tmp_path / "labels")
        (path / "labels").symlink_to(tmp_path / "labels")
        with pytest.raises(UsageError, match="symbolic link"):
            folder_writer.apply_to_folder(plan)
    assert (tmp_path / A).read_bytes() == FLOATS


HOSTILE = ["::error::x", "a\nb", "\x1b[31m", "\u202etxt", "##[group]", "%0A", "-- a", "$(x)", "*"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("archive", [False, True])
def test_hostile_names(name: str, archive: bool, tmp_path: Path) -> None:
    files = {
        **sound("detect"),
        f"images/train/{name}.jpg": b"",
        f"labels/train/{name}.txt": FLOATS,
        f"{name}/Thumbs.db": b"x",
    }
    report = mend(write(files, tmp_path, archive=archive), "detect")
    assert report.edits["L306"] == 1
    for line in [*report.diff, *report.summary]:
        assert line.isprintable()
        assert not line.strip().startswith("::")
        assert "##[" not in line


def test_hostile_text(tmp_path: Path) -> None:
    path = write({**sound("detect"), "data.yaml": Y + b"::set-output name=x::y: 1\nnc: 9\n"}, tmp_path)
    report = mend(path, "detect", "Y206")
    assert any("::set-output" in line for line in report.diff)
    assert not any(line.strip().startswith("::") for line in report.diff)


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_fix(parser.add_subparsers(required=True))
    args = parser.parse_args(["fix", *words])
    return int(args.run(args))


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(broken(), tmp_path)
    assert run(str(path), "--dry-run", "--select", "L306,Y2") == 1
    shown = capsys.readouterr().out
    assert "+++ b/labels/train/a.txt" in shown
    assert "\nL306: 2 edits in 2 files\n" in shown
    assert shown.endswith(f"{path}: 3 defects in 3 files would be mended\n")
    assert read(path) == broken()
    assert run(str(path / "data.yaml"), "--task", "detect") == 0
    assert read(path) == sound("detect")
    assert run(str(path)) == 0
    assert capsys.readouterr().out.endswith(f"{path}: nothing to mend\n")


def test_what_the_command_does_not_take(tmp_path: Path) -> None:
    path = write(broken(), tmp_path)
    for options in (
        ["--select", "Z9"],
        ["--select", "K511"],
        ["--task", "sing"],
        ["--output", str(tmp_path / "n.zip")],
    ):
        with pytest.raises(UsageError):
            run(str(path), *options)
    assert read(path) == broken()


def test_a_task_that_cannot_be_inferred(tmp_path: Path) -> None:
    files = {name: data for name, data in broken().items() if not name.endswith(".txt")}
    path = write(files, tmp_path)
    with pytest.raises(UsageError, match="cannot be inferred"):
        mend(path, None)
    assert read(path) == files
    assert mend(path, None, "A107").exit_code == 0


def test_colours() -> None:
    report = operation.FixReport(0, diff=["--- a/x", "+++ b/x", "@@ -1 +1 @@", " 0", "-1", "+2", "deleted: y"])
    assert operation.render_fix(report, "x", dry_run=False, color=True).splitlines()[3:7] == [
        " 0",
        "\x1b[31m-1\x1b[0m",
        "\x1b[32m+2\x1b[0m",
        "deleted: y",
    ]
