"""``import hubaction``: a drop-in for the former check, and one tree of errors."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import hubaction
from hubaction import DatasetError, DatasetUnreadable, HubActionError, UsageError, check_dataset


def test_public_names_exist() -> None:
    assert all(hasattr(hubaction, name) for name in hubaction.__all__)
    assert "check_dataset" in hubaction.__all__


def test_signature_takes_the_former_arguments() -> None:
    parameters = list(inspect.signature(check_dataset).parameters)
    assert parameters[:2] == ["path", "task"]


@pytest.mark.parametrize("task", ["detect", "segment", "pose", "obb", "classify"])
def test_sound_dataset_passes(make: Any, task: str) -> None:
    report = check_dataset(str(make(task).zip()), task)
    assert report.verdict == "passed"
    assert report.stats["train"]["image_stats"]["total"] == (4 if task == "classify" else 2)


@pytest.mark.parametrize("kind", [str, Path])
def test_path_may_be_text(detect: Any, kind: type) -> None:
    assert check_dataset(kind(detect.folder()), task="detect").stats["nc"] == 2


def test_profile_is_hub_unless_told_otherwise(detect: Any) -> None:
    path = detect.label("x").zip()
    assert check_dataset(path, "detect").profile == "hub"
    with pytest.raises(DatasetError):
        check_dataset(path, "detect", profile="default")


@pytest.mark.parametrize("text", ["profile: strict\nseverity: {X: error}\n", "select: []\n", "no configuration", "{["])
def test_no_configuration_file_is_looked_for(detect: Any, text: str) -> None:
    path = detect.put(".hubaction.yml", text).folder()
    report = check_dataset(path, "detect")
    assert (report.verdict, report.profile, report.config) == ("passed", "hub", "")
    assert {outcome.status for outcome in check_dataset(path, "detect", profile="default").rules_run.values()} == {
        "passed",
        "findings",
        "not applicable",
        "not run",
    }


def test_failure_lists_the_findings(detect: Any) -> None:
    path = detect.keys(val="images/nowhere").zip()
    with pytest.raises(DatasetError, match=r"data\.yaml:2: Y203 'val' points to images/nowhere") as caught:
        check_dataset(path, "detect")
    assert "Y203" in caught.value.args[0]
    assert caught.value.report.findings[0].rule == "Y203"
    assert caught.value.report.stats["nc"] == 2


def test_failure_is_one_printable_text(detect: Any) -> None:
    path = detect.keys(val="nowhere\x1b[31m\n::error::x").zip()
    with pytest.raises(DatasetError) as caught:
        check_dataset(path, "detect")
    assert "\x1b" not in str(caught.value)
    assert not [line for line in str(caught.value).split("\n") if line.lstrip().startswith("::")]


@pytest.mark.parametrize("raw", [b"", b"no zip"])
def test_unreadable_dataset(detect: Any, raw: bytes) -> None:
    detect.raw = raw
    with pytest.raises(DatasetUnreadable) as caught:
        check_dataset(detect.zip(), "detect")
    assert caught.value.exit_code == 3
    assert caught.value.report.verdict == "unreadable"


def test_missing_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnreadable, match="There is no file or folder"):
        check_dataset(tmp_path / "none.zip", "detect")


def test_unknown_task(detect: Any) -> None:
    with pytest.raises(UsageError, match="There is no task 'detection'"):
        check_dataset(detect.zip(), "detection")


def test_unknown_profile(detect: Any) -> None:
    with pytest.raises(UsageError, match="There is no profile 'none'"):
        check_dataset(detect.zip(), "detect", profile="none")


def test_task_is_inferred(make: Any) -> None:
    report = check_dataset(make("segment").zip())
    assert report.task == "segment"
    assert report.task_reason


def test_workers_may_be_given(detect: Any) -> None:
    assert check_dataset(detect.zip(), "detect", workers=2).verdict == "passed"


@pytest.mark.parametrize(
    ("error", "code", "parents"),
    [
        (HubActionError, 5, [Exception]),
        (UsageError, 2, [HubActionError]),
        (DatasetError, 1, [HubActionError]),
        (DatasetUnreadable, 3, [DatasetError, HubActionError]),
    ],
)
def test_tree_of_errors(error: type[HubActionError], code: int, parents: list[type]) -> None:
    assert error.exit_code == code
    assert all(issubclass(error, parent) for parent in parents)


@pytest.mark.parametrize(("cause", "fix", "text"), [("A.", "B.", "A. B."), ("A.", "", "A.")])
def test_error_says_cause_and_fix(cause: str, fix: str, text: str) -> None:
    error = UsageError(cause, fix)
    assert (str(error), error.cause, error.fix) == (text, cause, fix)
