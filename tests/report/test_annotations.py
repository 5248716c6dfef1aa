"""Which findings become annotations, and where they lie."""

from __future__ import annotations

from typing import Any

import pytest

from hubaction.report.annotations import Annotation, render_annotations
from hubaction.report.finding import Severity
from hubaction.report.model import RuleOutcome


def test_nothing_found(report: Any) -> None:
    assert render_annotations(report()) == []


def test_every_part_of_one(report: Any, finding: Any) -> None:
    assert render_annotations(report([finding("labels/a.txt", 3, 7)])) == [
        Annotation("error", "X1 name-x1", "labels/a.txt:3:7 X1: it is wrong. Fix it.", "sub/ds/labels/a.txt", 3, 7)
    ]


@pytest.mark.parametrize(
    ("severity", "command"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.NOTE, "notice")]
)
def test_levels(report: Any, finding: Any, severity: Severity, command: str) -> None:
    (one,) = render_annotations(report([finding(severity=severity)]))
    assert one.command == command


@pytest.mark.parametrize(
    ("changes", "path", "line", "expected"),
    [
        ({}, "a.txt", None, ("sub/ds/a.txt", 1)),
        ({}, "", None, ("", None)),
        ({"is_archive": True, "location": "x/ds.zip"}, "a.txt", 7, ("x/ds.zip", 1)),
        ({"is_archive": True, "location": "x/ds.zip"}, "", None, ("x/ds.zip", 1)),
    ],
    ids=["whole file", "whole dataset", "member of an archive", "whole archive"],
)
def test_places(report: Any, finding: Any, changes: Any, path: str, line: Any, expected: Any) -> None:
    (one,) = render_annotations(report([finding(path, line)], **changes))
    assert (one.file, one.line) == expected


@pytest.mark.parametrize(("number", "more"), [(10, ""), (11, "1 more"), (1210, "1,200 more")])
def test_ten_of_each_level_and_a_count(report: Any, finding: Any, number: int, more: str) -> None:
    findings = [finding(f"{index:05}", severity=severity) for severity in Severity for index in range(number)]
    shown = render_annotations(report(findings))
    assert [one.command for one in shown] == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    assert [f"({more} of this level in the job summary)" in one.message for one in shown] == (
        [False] * 9 + [bool(more)]
    ) * 3


def test_the_rest_counts_findings_that_the_report_does_not_hold(report: Any, finding: Any) -> None:
    outcome = RuleOutcome("X1", "x", "findings", {Severity.ERROR: 5000, Severity.NOTE: 3}, 5000, known=7)
    kept = [finding(f"{index}") for index in range(12)]
    shown = render_annotations(report(kept, rules_run={"X1": outcome}))
    assert len(shown) == 10
    assert "(4,990 more of this level in the job summary)" in shown[-1].message


def test_one_of_each_rule_first(report: Any, finding: Any) -> None:
    findings = [finding(f"{index}", rule=rule) for index, rule in enumerate("AAABBBC")]
    shown = render_annotations(report(findings))
    assert [(one.title[0], one.file[-1]) for one in shown] == list(zip("ABCAABB", "0361245", strict=True))


def test_long_and_invisible_text(report: Any, finding: Any) -> None:
    (one,) = render_annotations(report([finding("p\n" * 900, 1, message="m\u202e" * 900)]))
    assert len(one.message) < 1000
    assert one.message.isprintable()
    assert one.file == "sub/ds/" + "p\n" * 900  # the file's own name, else no pull request would show it
