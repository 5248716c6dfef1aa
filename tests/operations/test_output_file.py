"""Files are written whole or not at all, and only where they may."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from hubaction.errors import UsageError
from hubaction.operations import output_file
from hubaction.operations.check_dataset import run
from hubaction.operations.outcome import Context
from hubaction.operations.output_file import write_file

INPUTS = {
    "dataset_path": "set",
    "formats": "json,html",
    "report_dir": "",
    "report_images": "60",
    "output_dir": "hub-action-report",
    "task": "",
    "profile": "default",
    "fail_on": "error",
    "limits": "",
    "workers": "1",
    "pixels": "",
    "cache_dir": "",
    "config": "",
    "select": "",
    "ignore": "",
    "baseline": "",
}


def hello(file: Any) -> None:
    file.write("hello\n")


def test_text_is_written_as_utf8_with_plain_newlines(tmp_path: Path) -> None:
    write_file(tmp_path / "a" / "b" / "x", lambda file: file.write("ü\n"))
    assert (tmp_path / "a" / "b" / "x").read_bytes() == b"\xc3\xbc\n"


def test_earlier_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a much longer text than before")
    write_file(tmp_path / "x", hello)
    assert (tmp_path / "x").read_text() == "hello\n"


def test_others_may_read_what_was_written(tmp_path: Path) -> None:
    before = os.umask(0o022)
    write_file(tmp_path / "x", hello)
    os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
def test_failure_half_way_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def fail(file: Any) -> None:
        file.write("half")
        raise error

    with pytest.raises(error):
        write_file(tmp_path / "x", fail)
    assert list(tmp_path.iterdir()) == []


def test_failure_half_way_leaves_the_earlier_file(tmp_path: Path) -> None:
    def fail(file: Any) -> None:
        file.write("half")
        raise ValueError

    write_file(tmp_path / "x", hello)
    with pytest.raises(ValueError, match=r"^$"):
        write_file(tmp_path / "x", fail)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"x": "hello\n"}


def test_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    def fail(file: Any) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(UsageError, match="cannot be written: No space left on device"):
        write_file(tmp_path / "x", fail)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_file(tmp_path / "x" / "report.json", hello)


def test_place_taken_by_a_folder_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(UsageError):
        write_file(tmp_path / "x", hello)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_link_in_the_place_of_the_file_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "x").symlink_to(tmp_path / "victim")
    write_file(tmp_path / "x", hello)
    assert (tmp_path / "victim").read_text() == "mine"
    assert not (tmp_path / "x").is_symlink()


def test_file_appears_only_when_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = os.replace

    def replace(source: str, target: Path) -> None:
        seen.append(Path(source).read_text())
        assert not Path(target).exists()
        real(source, target)

    monkeypatch.setattr(output_file.os, "replace", replace)
    write_file(tmp_path / "x", hello)
    assert seen == ["hello\n"]


# --- the folder of the reports ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["out", "out/deep", "./out", "a/../out", "."])
def test_folder_of_the_workspace(tmp_path: Path, name: str) -> None:
    assert Context(tmp_path).output_folder(name).is_relative_to(tmp_path)


@pytest.mark.parametrize("name", ["..", "../out", "a/../../out", "/tmp", "/"])
def test_folder_outside_the_workspace_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="outside the workspace"):
        Context(tmp_path / "workspace").output_folder(name)


@pytest.mark.parametrize("name", ["link", "link/deep", "a/../link"])
def test_folder_through_a_link_is_refused(tmp_path: Path, name: str) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (workspace / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="symbolic link"):
        Context(workspace).output_folder(name)


def test_workspace_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Context(tmp_path / "link").output_folder("out") == tmp_path.resolve() / "real" / "out"


# --- the operation ----------------------------------------------------------------------------------------------------


def test_operation_writes_its_files_and_says_where(detect: Any, tmp_path: Path) -> None:
    detect.folder()
    outcome = run(INPUTS, Context(tmp_path))
    assert sorted(os.listdir(tmp_path / "hub-action-report")) == ["report.html", "report.json", "stats.json"]
    assert outcome.exit_code == 0
    assert outcome.outputs == {
        "verdict": "passed",
        "errors": "0",
        "warnings": "3",  # each of the drawings is tiny
        "images": "3",
        "instances": "6",
        "task": "detect",
        "report_json": "hub-action-report/report.json",
        "report_html": "hub-action-report/report.html",
        "stats_file": "hub-action-report/stats.json",
    }


def test_operation_with_a_planted_link_writes_nothing(detect: Any, tmp_path: Path) -> None:
    detect.folder()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "hub-action-report").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="symbolic link"):
        run(INPUTS, Context(tmp_path))
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_reports_in_the_dataset_are_no_part_of_it(detect: Any, tmp_path: Path) -> None:
    workspace = detect.folder()
    first = run(INPUTS | {"dataset_path": "."}, Context(workspace))
    second = run(INPUTS | {"dataset_path": "."}, Context(workspace))
    assert first.outputs == second.outputs
    report = json.loads((workspace / "hub-action-report" / "report.json").read_text())
    assert report["dataset"]["files"] == len(detect.files)


def test_operation_reads_its_limits(detect: Any, tmp_path: Path) -> None:
    detect.folder()
    outcome = run(INPUTS | {"limits": "max_members=2\n", "task": "detect"}, Context(tmp_path))
    assert (outcome.exit_code, outcome.outputs["verdict"]) == (3, "unreadable")


def test_place_in_the_repository(tmp_path: Path) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    context = Context(tmp_path)
    assert context.in_repository(tmp_path / "repo" / "data" / "set.zip") == "data/set.zip"
    assert context.in_repository(tmp_path / "other" / "set.zip") == "other/set.zip"
    assert context.in_workspace(tmp_path / "repo" / "x") == "repo/x"
