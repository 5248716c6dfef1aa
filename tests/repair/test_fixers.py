"""Each fixer mends its defect, changes nothing else, and finds nothing to do the second time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cases import CASES, Case
from mending import changed_lines, mend, read, sound, write

from hubaction.repair.table import FIXERS
from hubaction.rules.rule import Repair

TASKS = ("detect", "segment", "pose", "obb", "classify")
ids = [f"{case.rule}-{case.id}-{case.task}" for case in CASES]


@pytest.mark.parametrize("archive", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("case", CASES, ids=ids)
def test_mends_and_nothing_else(case: Case, archive: bool, tmp_path: Path) -> None:
    files = sound(case.task)
    path = write(case.planted(files), tmp_path, archive=archive)
    before = read(path)
    report = mend(path, case.task, case.rule, unsafe=case.unsafe)
    folders = sum(line.endswith("/") for line in report.diff)
    assert report.edits == {case.rule: case.edits + folders}
    where = report.written or path
    assert read(where) == case.mended(files)
    assert sorted(line for line in changed_lines(report) if line[-1:] != "/") == sorted(_shown(case, archive))
    if archive:
        assert read(path) == before
    again = mend(where, case.task, unsafe=True)
    assert (again.edits, again.written, read(where)) == ({}, None, case.mended(files))


def _shown(case: Case, archive: bool) -> list[str]:
    """In an archive, paths begin with the top folder."""
    if not archive:
        return case.diff
    told = re.compile(r"^(deleted: |renamed: (?P<old>.*) -> |binary: )")
    return [told.sub(_below_top, line) for line in case.diff]


def _below_top(found: re.Match[str]) -> str:
    return found[0].replace("renamed: ", "renamed: set/") + "set/"


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_without_being_asked_nothing_unsafe_happens(case: Case, tmp_path: Path) -> None:
    path = write(case.planted(sound(case.task)), tmp_path)
    before = read(path)
    report = mend(path, case.task, dry_run=True)
    assert read(path) == before
    if case.unsafe:
        assert case.rule not in report.edits
    assert report.exit_code == bool(report.edits)


@pytest.mark.parametrize("archive", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("task", TASKS)
def test_a_sound_set_is_left_alone(task: str, archive: bool, tmp_path: Path) -> None:
    path = write(sound(task), tmp_path, archive=archive)
    report = mend(path, None, unsafe=True)
    assert (report.edits, report.left_alone, report.diff, report.exit_code) == ({}, {}, [], 0)
    assert read(path) == sound(task)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_every_fixer_is_tried_here_or_with_archives() -> None:
    tried = {(case.rule, case.unsafe) for case in CASES} | {("A103", False), ("A104", False)}
    assert {(fixer.rule, fixer.repair is Repair.UNSAFE) for fixer in FIXERS} == tried


def test_every_fixer_says_what_it_proves() -> None:
    for fixer in FIXERS:
        assert fixer.rule in (fixer.mend.__doc__ or "")
        assert "Proves" in (fixer.mend.__doc__ or "")
