"""The whole check: what the report says, and what it does not depend on."""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hubaction.dataset.statistics import statistics
from hubaction.errors import DatasetError, DatasetUnreadable, UsageError
from hubaction.operations.check_dataset import CheckOptions, check, raise_if_failed
from hubaction.operations.report_files import ReportFile
from hubaction.policy.verdict import FailOn
from hubaction.report.json_report import as_dict
from hubaction.report.model import Report

TASKS = ["detect", "segment", "pose", "obb", "classify"]
PROFILES = ["hub", "default"]
OF_TINY_SETS = {"D851", "D852", "I608", "I611", "S504", "X953"}
"""What is rightly said of any few tiny drawings without a licence; of truly sound sets nothing is (see tests/rules)."""


def comparable(report: Report) -> dict[str, Any]:
    """The report and the statistics without paths, timing and the container."""
    found = as_dict(report) | {"stats": report.stats}
    del found["seconds"], found["dataset"]["path"], found["dataset"]["location"], found["dataset"]["is_archive"]
    return found


def spoil(maker: Any) -> Any:
    """Several defects, in every file type."""
    folder = "train/cat" if maker.task == "classify" else "images/train"
    maker.put(f"{folder}/empty.jpg", b"").put(f"{folder}/text.png", b"words").put(f"{folder}/anim.jpg", b"GIF89a")
    return maker.put("labels/train/b.txt", b"0 .5 .5 x\n").put("labels/val/c.txt", b"9 9 9 9 9\n")


@pytest.fixture
def large(detect: Any, draw: Any) -> Any:
    """Three hundred images, of which some are broken, so that processes are really started."""
    for index in range(300):
        data = draw(seed=index % 7) if index % 50 else b"words"
        text = f"{index % 3} .5 .5 .{index % 9 + 1} .2\n" * (index % 4)
        detect.image(data, f"train/{index:03}.jpg").label(text, f"train/{index:03}")
    return detect


# --- what it does not depend on ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_folder", [False, True], ids=["zip", "folder"])
def test_number_of_workers_makes_no_difference(large: Any, in_folder: bool) -> None:
    large.in_folder = in_folder
    path = large.write()
    one, three = (check(CheckOptions(path, "detect", workers=workers)) for workers in (1, 3))
    assert len(one.findings) > 50
    assert comparable(one) == comparable(three)


@pytest.mark.parametrize("workers", [1, 3])
def test_each_of_many_images_has_its_own_finding(large: Any, workers: int) -> None:
    report = check(CheckOptions(large.zip(), "detect", "hub", workers=workers))
    broken = [finding.place.path for finding in report.findings if finding.rule == "I601"]
    assert broken == [f"images/train/{index:03}.jpg" for index in range(0, 300, 50)]


def test_damage_in_other_members_is_found_by_any_number_of_workers(large: Any) -> None:
    for index in range(30):
        large.put(f"notes/{index:02}.md", b"note").set_field(f"notes/{index:02}.md", "crc", 7)
    path = large.zip()
    one, three = (check(CheckOptions(path, "detect", workers=workers)) for workers in (1, 3))
    assert sum(finding.rule == "A106" for finding in one.findings) == 30
    assert comparable(one) == comparable(three)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("spoilt", [False, True], ids=["sound", "spoilt"])
@pytest.mark.parametrize("task", TASKS)
def test_zip_and_folder_give_the_same_report(make: Any, task: str, spoilt: bool, profile: str) -> None:
    maker = spoil(make(task)) if spoilt else make(task)
    packed = maker.check(profile, path=maker.zip())
    lying = maker.check(profile, path=maker.folder())
    assert (packed.is_archive, lying.is_archive) == (True, False)
    assert comparable(packed) == comparable(lying)
    assert bool({finding.rule for finding in packed.findings} - OF_TINY_SETS) == spoilt


@pytest.mark.parametrize("task", TASKS)
def test_second_run_says_the_same(make: Any, task: str) -> None:
    path = spoil(make(task)).zip()
    assert comparable(check(CheckOptions(path, task))) == comparable(check(CheckOptions(path, task)))


def test_messages_hold_no_addresses(detect: Any) -> None:
    report = detect.image(b"\xff\xd8\xff").check()
    assert not [finding for finding in report.findings if " object at 0x" in finding.message]


def test_place_of_the_zip_makes_no_difference(detect: Any, tmp_path: Path) -> None:
    near = detect.check()
    far = tmp_path / "images" / "deep"
    far.mkdir(parents=True)
    detect.home = far
    assert comparable(detect.check()) == comparable(near)


def test_folder_beside_the_zip_is_not_looked_at(detect: Any) -> None:
    path = detect.zip()
    detect.label("x").label("x", "train/b").folder()
    assert detect.check("default", path=path).verdict == "passed"


def test_progress_ends_with_all_files(large: Any) -> None:
    told: list[tuple[int, int]] = []
    check(CheckOptions(large.zip(), "detect", workers=2, progress=lambda done, total: told.append((done, total))))
    assert told[-1][0] == told[-1][1] >= 300
    assert [done for done, _ in told] == sorted(done for done, _ in told)


# --- the input stays as it is -----------------------------------------------------------------------------------------


def state(root: Path) -> dict[str, tuple[bytes, int, int]]:
    """Bytes, time of change and mode of every file and folder below."""
    found = {}
    for path in sorted([root, *root.rglob("*")]):
        about = path.lstat()
        found[str(path)] = (path.read_bytes() if path.is_file() else b"", about.st_mtime_ns, about.st_mode)
    return found


def close_to_writing(root: Path) -> Callable[[], None]:
    """Take the right to write from everything below; gives the way back."""
    paths = [root, *root.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(modes[path] & 0o555)
    return lambda: [path.chmod(mode) for path, mode in modes.items()] and None


@pytest.mark.parametrize("read_only", [False, True], ids=["writable", "read-only"])
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("in_folder", [False, True], ids=["zip", "folder"])
@pytest.mark.parametrize("task", TASKS)
def test_check_changes_nothing(
    make: Any, draw: Any, tmp_path: Path, task: str, in_folder: bool, profile: str, read_only: bool
) -> None:
    maker = spoil(make(task))
    maker.in_folder = in_folder
    folder = "train/cat" if task == "classify" else "images/train"
    maker.put(f"{folder}/tail.jpg", draw() + b"\0").put("labels/train.cache", b"\x80stale")
    path = maker.write()
    give_back = close_to_writing(tmp_path) if read_only else lambda: None
    before = state(tmp_path)
    report = maker.check(profile, path=path)
    assert report.stats["nc"] == 2
    after = state(tmp_path)
    give_back()
    assert after == before


# --- the report -------------------------------------------------------------------------------------------------------


def test_counts_of_the_report(detect: Any) -> None:
    report = detect.label("x").label("", "val/c").pair("train/e.jpg").check("default")
    summary = {name: split and dataclasses.astuple(split) for name, split in report.splits.items()}
    assert summary == {"train": (3, 2, 0, 4, (2, 2)), "val": (1, 1, 1, 0, (0, 0)), "test": None}
    assert (report.images, report.instances) == (4, 4)
    assert (report.errors, report.warnings, report.notes) == (2, 4, 2)
    assert Counter((finding.rule, finding.severity.word) for finding in report.findings) == {
        ("L302", "error"): 1,
        ("P706", "error"): 1,
        ("I608", "warning"): 4,
        ("I611", "note"): 1,
        ("X953", "note"): 1,
    }
    assert (report.files, report.bytes) == (len(detect.files), sum(map(len, detect.files.values())))


def test_report_names_the_rules_that_fired(detect: Any) -> None:
    report = detect.label("x").check("default", select=("A", "Y", "L", "P"))
    assert report.rules.keys() == {"L302"}
    assert report.rules["L302"].name == "token-not-number"


@pytest.mark.parametrize("profile", PROFILES)
def test_report_names_its_judge(detect: Any, profile: str) -> None:
    report = detect.check(profile, fail_on=FailOn.WARNING)
    assert (report.profile, report.fail_on, report.task) == (profile, "warning", "detect")


@pytest.mark.parametrize(("fail_on", "code"), [(FailOn.ERROR, 0), (FailOn.WARNING, 1), (FailOn.NEVER, 0)], ids=str)
def test_fail_on_reaches_the_gate(detect: Any, fail_on: FailOn, code: int) -> None:
    assert detect.label("0 .5 .5 .2 .2\n" * 2).check("default", fail_on=fail_on).exit_code == code


def test_never_failing_still_tells_what_is_unreadable(detect: Any) -> None:
    detect.raw = b"no zip"
    assert detect.check("default", fail_on=FailOn.NEVER).exit_code == 3


def test_statistics_are_made_on_demand(detect: Any) -> None:
    assert detect.check().stats == statistics(detect.read())


def test_nothing_stays_open(detect: Any) -> None:
    path = detect.zip()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        check(CheckOptions(path, "detect", workers=1))
        gc.collect()
    assert [str(warning.message) for warning in told if "unclosed" in str(warning.message)] == []


# --- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "near"),
    [
        ("Detect", "Did you mean detect? "),
        ("detection", "Did you mean detect? "),
        ("classify ", "Did you mean classify? "),
        ("x", ""),
    ],
)
def test_unknown_task(detect: Any, task: str, near: str) -> None:
    detect.task = task
    with pytest.raises(UsageError, match="There is no task") as caught:
        detect.check()
    assert caught.value.fix == f"{near}Use one of detect, segment, pose, obb, classify."


def test_unknown_profile(detect: Any) -> None:
    with pytest.raises(UsageError, match="There is no profile 'strikt'") as caught:
        detect.check("strikt")
    assert caught.value.fix == "Did you mean strict? Use one of default, strict, hub, platform."


def test_unknown_task_is_told_before_the_dataset_is_sought(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        check(CheckOptions(tmp_path / "none.zip", "none"))


def test_missing_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnreadable, match="There is no file or folder"):
        check(CheckOptions(tmp_path / "none.zip", "detect"))


def test_failure_lists_the_worst_findings(detect: Any) -> None:
    report = detect.label("0 .5 .5 x .2\n").check("default")
    with pytest.raises(DatasetError, match=r"labels/train/a\.txt:1:9: L302 'x' is not a number") as caught:
        raise_if_failed(report)
    assert caught.value.report is report
    assert caught.value.exit_code == 1


def test_failure_lists_twenty_of_many(detect: Any) -> None:
    for index in range(30):
        detect.image(b"", f"train/z{index}.jpg")
    with pytest.raises(DatasetError) as caught:
        raise_if_failed(detect.check("default"))
    lines = str(caught.value).split("\n")
    assert len(lines) == 1 + 20 + 1
    assert lines[-1] == "  and 10 more, see error.report.findings"


def test_passed_report_raises_nothing(detect: Any) -> None:
    raise_if_failed(detect.check())
    assert detect.check().exit_code == 0


# --- output files -----------------------------------------------------------------------------------------------------


def test_files_that_were_asked_for(detect: Any, tmp_path: Path) -> None:
    out = tmp_path / "out" / "deep"
    report = detect.check(reports=(ReportFile("json", out / "r.json"),), stats=out / "s.json")
    assert sorted(os.listdir(out)) == ["r.json", "s.json"]
    assert json.loads((out / "r.json").read_text()) == as_dict(report)
    assert json.loads((out / "s.json").read_text()) == report.stats


def test_files_are_written_for_a_failed_check_too(detect: Any, tmp_path: Path) -> None:
    detect.raw = b"no zip"
    assert detect.check(reports=(ReportFile("json", tmp_path / "r.json"),), stats=tmp_path / "s.json").exit_code == 3
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "unreadable"
    assert json.loads((tmp_path / "s.json").read_text())["nc"] == 0


def test_output_is_not_the_dataset_itself(detect: Any) -> None:
    path = detect.zip()
    before = path.read_bytes()
    for options in ({"reports": (ReportFile("html", path),)}, {"stats": path}):
        with pytest.raises(UsageError, match="lies in the dataset"):
            detect.check(path=path, **options)
    assert path.read_bytes() == before


def test_link_to_the_dataset_is_the_dataset(detect: Any, tmp_path: Path) -> None:
    path = detect.zip()
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(UsageError, match="lies in the dataset"):
        detect.check(path=path, reports=(ReportFile("json", tmp_path / "link"),))


@pytest.mark.parametrize("name", ["data.yaml", "images/train/a.jpg", "labels/train/new.txt"])
def test_output_is_not_inside_the_dataset(detect: Any, name: str) -> None:
    root = detect.folder()
    before = state(root)
    with pytest.raises(UsageError):
        detect.check(path=root, reports=(ReportFile("sarif", root / name),))
    assert state(root) == before
