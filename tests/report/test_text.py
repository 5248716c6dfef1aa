"""The report for a terminal or a log."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hubaction.report.finding import Severity
from hubaction.report.text import render_text


def test_a_clean_dataset(report: Any) -> None:
    assert render_text(report()) == (
        "✓ ds\n"
        "  passed: no findings in 1,210 images, 4,020 objects (detect, profile default)\n"
        "\n"
        "  split  images   kept  without object  objects\n"
        "  train   1,200  1,198               3    4,000\n"
        "  val        10     10               0       20\n"
    )


def test_findings_by_rule_worst_first(report: Any, finding: Any) -> None:
    note = finding("n.txt", rule="A1", severity=Severity.NOTE)
    warning = finding("w.txt", rule="B1", severity=Severity.WARNING)
    errors = [finding("b.txt", 2, 7, rule="C1"), finding("a.txt", 10, rule="C1"), finding("a.txt", 9, rule="C1")]
    text = render_text(report([note, *errors, warning]))
    assert text.splitlines()[1] == (
        "  failed: 3 errors, 1 warning, 1 note in 1,210 images, 4,020 objects (detect, profile default)"
    )
    assert re.findall(r"^  (error|warning|note) (\w+)", text, re.MULTILINE) == [
        ("error", "C1"),
        ("warning", "B1"),
        ("note", "A1"),
    ]
    assert re.findall(r"^ {6}(\S+)  it is wrong$", text, re.MULTILINE) == [
        "a.txt:9",
        "a.txt:10",
        "b.txt:2:7",
        "w.txt",
        "n.txt",
    ]
    assert "  error C1 name-c1  What C1.\n" in text
    assert text.count("    why: Why C1.\n    fix: Fix it.\n") == 1


@pytest.mark.parametrize(
    ("number", "more"),
    [
        (10, ""),
        (11, "and 1 more; 11 in 6 files, all in the JSON report"),
        (2500, "and 2,490 more; 2,500 in 1,250 files"),
    ],
)
def test_more_than_ten_of_a_rule(report: Any, finding: Any, number: int, more: str) -> None:
    text = render_text(report([finding(f"{index // 2:04}.txt", index + 1) for index in range(number)]))
    assert len(re.findall("it is wrong", text)) == 10
    assert ("more; " in text) is bool(more)
    assert more in text


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [60, 120, 160])
def test_no_trailing_blanks_and_no_control_characters(report: Any, finding: Any, width: int, color: bool) -> None:
    hostile = "a\r::error::b\n##[error]c\x1b[31m\u200b\u202e\ud800 " + "long name " * 30
    findings = [finding(hostile, 1, message=hostile), finding(hostile, 2, severity=Severity.NOTE, rule="N1")]
    text = render_text(
        report(findings, path=hostile, task_reason=hostile, not_run=(hostile,)), width=width, color=color
    )
    assert text.encode("utf-8")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text) if color else text
    assert (plain != text) is color
    assert [line for line in plain.split("\n") if not line.isprintable()] == []
    assert [line for line in text.split("\n") if line != line.rstrip()] == []
    assert max(map(len, plain.split("\n"))) <= width
    assert "a\\r::error::b\\n##[error]c\\x1b[31m\\u200b\\u202e\\ud800" in "".join(plain.split())


def test_why_the_task_and_what_was_not_looked_at(report: Any) -> None:
    lines = render_text(report(task_reason="every row has 5 columns", not_run=("pixels",))).splitlines()
    assert lines[2] == "  task detect inferred: every row has 5 columns"
    assert lines[-1] == "  not looked at: pixels"


def test_a_split_without_images(report: Any) -> None:
    whole = report()
    assert "  val      none" in render_text(report(splits={**whole.splits, "val": None}))
    assert "split" not in render_text(report(splits={"train": None, "val": None, "test": None}))


def test_markup_in_names_is_text(report: Any, finding: Any) -> None:
    text = render_text(report([finding("[bold]x[/bold].txt", message=":smile: [link=a]b[/link]")]), color=True)
    assert "[bold]x[/bold].txt" in text
    assert ":smile: [link=a]b[/link]" in text


@pytest.mark.parametrize(("verdict", "mark"), [("passed", "✓"), ("failed", "✗"), ("unreadable", "✗")])
def test_marks(report: Any, verdict: str, mark: str) -> None:
    assert render_text(report(verdict=verdict)).startswith(f"{mark} ds\n  {verdict}: ")
