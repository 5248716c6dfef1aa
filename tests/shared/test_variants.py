"""Each of the 152 variants has the reference's verdict and counts under the profile hub."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from variant_table import variants

from hubaction.cli import main
from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.report.model import Report

DEVIATIONS = {
    "y-train-abs": "train names an absolute folder outside the zip, which existed where the reference ran",
}
"""Variants whose statistics differ on purpose, and why."""


@cache
def report_of(path: Path, task: str, profile: str) -> Report:
    return check(CheckOptions(path, task, profile, workers=1))


def counts(splits: Any) -> dict[str, dict[str, int] | None]:
    """Images kept, images without object and objects, by split, from a report's JSON."""
    return {
        name: split and {"images": split["kept"], "unlabelled": split["unlabelled"], "objects": split["instances"]}
        for name, split in splits.items()
    }


def counts_of_statistics(stats: dict[str, Any]) -> dict[str, dict[str, int] | None]:
    return {
        name: stats[name]
        and {
            "images": stats[name]["image_stats"]["total"],
            "unlabelled": stats[name]["image_stats"]["unlabelled"],
            "objects": stats[name]["instance_stats"]["total"],
        }
        for name in ("train", "val", "test")
    }


@pytest.mark.parametrize("variant", variants())
def test_verdict(shared_data: Path, variant: dict[str, Any]) -> None:
    report = report_of(shared_data / "variants" / variant["file"], variant["task"], "hub")
    assert (report.exit_code != 0) == variant["reference"]["raises"], [f.message for f in report.findings]


@pytest.mark.parametrize("variant", variants(lambda variant: not variant["reference"]["raises"]))
def test_counts(shared_data: Path, variant: dict[str, Any]) -> None:
    report = report_of(shared_data / "variants" / variant["file"], variant["task"], "hub")
    same = counts_of_statistics(report.stats) == variant["reference"]["splits"]
    assert same == (variant["id"] not in DEVIATIONS)


@pytest.mark.parametrize("variant", variants())
def test_command_line_says_the_same(shared_data: Path, tmp_path: Path, variant: dict[str, Any]) -> None:
    path, out = shared_data / "variants" / variant["file"], tmp_path / "report.json"
    code = main(
        [
            "check-dataset",
            str(path),
            "--task",
            variant["task"],
            "--profile",
            "hub",
            "--quiet",
            "--report-json",
            str(out),
        ]
    )
    report = json.loads(out.read_text())
    assert report["exit_code"] == code
    assert (code != 0) == variant["reference"]["raises"]
    if code == 0 and variant["id"] not in DEVIATIONS:
        assert counts(report["splits"]) == variant["reference"]["splits"]


@pytest.mark.parametrize("variant", variants(lambda variant: variant["kind"] in {"control", "benign"}))
def test_what_is_sound_has_no_error_in_the_gate(shared_data: Path, variant: dict[str, Any]) -> None:
    report = report_of(shared_data / "variants" / variant["file"], variant["task"], "default")
    assert [f"{f.rule} {f.place} {f.message}" for f in report.findings if f.severity.word == "error"] == []


def test_deviations_are_variants(shared_data: Path) -> None:
    lines = (shared_data / "variants" / "variants.jsonl").read_text(encoding="utf-8").splitlines()
    known = {json.loads(line)["id"] for line in lines}
    assert DEVIATIONS.keys() <= known
    assert len(known) == 152
