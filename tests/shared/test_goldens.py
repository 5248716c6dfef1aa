"""The official example datasets have exactly the statistics of the reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubaction import check_dataset
from hubaction.cli import main
from hubaction.report.finding import Severity

TASKS = {"coco8": "detect", "coco8-seg": "segment", "coco8-pose": "pose", "imagenet10": "classify"}


def same(one: Any, other: Any) -> bool:
    """Equal values, types, order of keys and signs of zero."""
    return json.dumps(one) == json.dumps(other)


@pytest.fixture(params=TASKS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def golden(shared_data: Path, name: str) -> Any:
    return json.loads((shared_data / "datasets" / "golden" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def path(shared_data: Path, name: str) -> Path:
    return shared_data / "datasets" / f"{name}.zip"


@pytest.mark.parametrize("profile", ["hub", "default"])
def test_statistics_of_the_api(path: Path, name: str, golden: Any, profile: str) -> None:
    report = check_dataset(path, TASKS[name], profile=profile)
    assert same(report.stats, golden)
    copies = 2 if (profile, name) == ("default", "imagenet10") else 0  # two of its files are called "... copy.JPEG"
    assert (report.errors, report.warnings) == (0, copies)
    assert [f.rule for f in report.findings if f.severity is not Severity.NOTE] == ["V805"] * copies
    assert profile == "default" or not report.findings


def test_statistics_of_the_command_line(path: Path, name: str, golden: Any, tmp_path: Path) -> None:
    files = ["--stats", str(tmp_path / "s.json"), "--report-json", str(tmp_path / "r.json")]
    assert main(["check-dataset", str(path), "--task", TASKS[name], "--quiet", *files]) == 0
    assert same(json.loads((tmp_path / "s.json").read_text()), golden)
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["verdict"] == "passed"
    assert report["splits"]["train"]["kept"] == golden["train"]["image_stats"]["total"]
    assert report["splits"]["train"]["per_class"] == golden["train"]["instance_stats"]["per_class"]


def test_task_is_inferred(path: Path, name: str) -> None:
    assert check_dataset(path).task == TASKS[name]
