"""Limits that only the Ultralytics Platform sets: errors in its profile, silent in ``default``."""

from __future__ import annotations

from pathlib import Path

import pytest
from sets import sound
from test_plants import write

from hubaction.operations.check_dataset import CheckOptions, check


def said(names: str, profile: str, folder: Path) -> list[str]:
    files = sound("detect")
    head = files["data.yaml"].split(b"names:")[0]
    files["data.yaml"] = head + names.encode()
    report = check(CheckOptions(write(files, folder), "detect", profile, config=None))
    return [finding.message for finding in report.findings if finding.rule == "Y206"]


@pytest.mark.parametrize(
    ("length", "messages"),
    [(100, []), (101, ["the name of class 1 has 101 characters, more than 100"])],
)
def test_a_long_name(length: int, messages: list[str], tmp_path: Path) -> None:
    names = f"names: {{0: cat, 1: {'d' * length}}}\n"
    assert said(names, "platform", tmp_path / "a") == messages
    assert said(names, "default", tmp_path / "b") == []


@pytest.mark.parametrize(
    ("number", "messages"), [(25_000, []), (25_001, ["25,001 classes, more than the 25,000 that are taken"])]
)
def test_many_classes(number: int, messages: list[str], tmp_path: Path) -> None:
    names = "names:\n" + "".join(f"- c{index}\n" for index in range(number))
    assert said(names, "platform", tmp_path / "a") == messages
    assert said(names, "default", tmp_path / "b") == []
