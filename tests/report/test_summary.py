"""The job summary: what it says, and that it stays within what the runner takes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hubaction.report.finding import Severity
from hubaction.report.model import SplitSummary
from hubaction.report.summary import BUDGET, render_summary

HOSTILE = "a|b`c`\n<script>@you[x](y)\\**z**\u202e\ud800"


def test_sections_of_a_clean_dataset(report: Any, page: Any) -> None:
    rendered = page.Page(render_summary(report()))
    assert rendered.text.startswith("✅ Dataset check: ds\npassed: no findings in 1,210 images, 4,020 objects")
    assert ["train", "1,200", "1,198", "2", "3", "4,000"] in rendered.rows
    assert ["cat", "3,000", "3,000", "0", "█" * 20] in rendered.rows
    assert ["dog", "1,020", "1,000", "20", "█" * 7] in rendered.rows
    assert "Findings" not in rendered.text
    assert rendered.text.endswith("hub-action 9.9.9, 2,421 files in 1.2 s.\n")


def test_rules_worst_first_with_their_findings(report: Any, finding: Any, page: Any) -> None:
    findings = [finding("a.txt", 2, 3, rule="C1"), finding("w.txt", rule="B1", severity=Severity.WARNING)]
    summary = render_summary(report(findings))
    rendered = page.Page(summary)
    assert ["🔴 error", "C1 name-c1", "1", "Fix it."] in rendered.rows
    assert rendered.rows.index(["a.txt:2:3", "it is wrong"]) < rendered.rows.index(["w.txt", "it is wrong"])
    assert summary.count("<details open>") == 1
    assert summary.count("<details") == summary.count("</details>") == 3


@pytest.mark.parametrize(("number", "more"), [(20, None), (21, "1 more in the JSON report"), (1520, "1,500 more")])
def test_twenty_findings_of_a_rule(report: Any, finding: Any, page: Any, number: int, more: str | None) -> None:
    rows = page.Page(render_summary(report([finding(f"{index:05}.txt") for index in range(number)]))).rows
    shown = [row for row in rows if row[1:] == ["it is wrong"]]
    assert len(shown) == 20
    last = [row[1] for row in rows if row[0] == "…"]
    assert [text.startswith(more or "") for text in last] == ([True] if more else [])


def test_a_few_errors_are_open_many_are_not(report: Any, finding: Any) -> None:
    assert "<details open>" in render_summary(report([finding(f"{index}") for index in range(5)]))
    assert "<details open>" not in render_summary(report([finding(f"{index}") for index in range(6)]))


def test_hostile_text_everywhere(report: Any, finding: Any, page: Any) -> None:
    whole = report(
        [finding(HOSTILE, 1, message=HOSTILE)],
        path=HOSTILE,
        names=(HOSTILE, "dog"),
        task_reason=HOSTILE,
        not_run=(HOSTILE,),
    )
    summary = render_summary(whole)
    rendered = page.Page(summary)
    assert not rendered.foreign
    assert not page.broken_rows(summary)
    shown = "a|b`c`\\n<script>@you[x](y)\\**z**\\u202e\\ud800"
    assert [f"{shown}:1", shown] in rendered.rows
    assert any(row[0] == shown for row in rendered.rows)
    assert rendered.text.count(shown) == 6
    assert rendered.emphasis[-2:] == [f"Not looked at: {shown}.", "hub-action 9.9.9, 2,421 files in 1.2 s."]
    assert summary.encode("utf-8")


def test_thirty_classes_the_most_frequent_first(report: Any, page: Any) -> None:
    counts = tuple(range(40))
    splits = {"train": SplitSummary(1, 1, 0, sum(counts), counts), "val": None, "test": None}
    summary = render_summary(report(names=tuple(f"n{index}" for index in range(39)), splits=splits))
    rows = [row[0] for row in page.Page(summary).rows if row[-1].startswith("█")]
    assert rows == ["class 39", *(f"n{index}" for index in range(38, 9, -1))]
    assert "\n10 more classes.\n" in summary
    assert "(40 classes)" in summary


# size


def sections(summary: str) -> list[str]:
    """Headings and folded parts, in order."""
    return re.findall(r"^(?:## |### |<details)", summary, re.MULTILINE)


def test_twenty_thousand_findings_of_long_names(report: Any, finding: Any, page: Any) -> None:
    name = "|" * 300
    findings = [
        finding(name + str(index), index, rule=f"R{index % 60:02}", message=name, severity=Severity.WARNING)
        for index in range(20_000)
    ]
    summary = render_summary(report(findings, names=(name, name), path=name))
    size = len(summary.encode("utf-8"))
    assert BUDGET - 100_000 < size < BUDGET == 1_000_000
    assert re.fullmatch(
        r"_\d+ sections left out: a job summary holds 1 MiB\. The JSON report has everything\._",
        summary.splitlines()[-1],
    )
    assert summary.count("<details") == summary.count("</details>") > 10
    left_out = int(summary.splitlines()[-1].split()[0].strip("_"))
    assert len(sections(summary)) - 2 + left_out == 60 + 2  # the rules, the classes and the last line
    assert not page.broken_rows(summary)
    assert not page.Page(summary).foreign


@pytest.mark.parametrize("character", ["é", "猫", "😺", "\ud800", "`"])
def test_bytes_count_not_characters(report: Any, finding: Any, character: str) -> None:
    name = character * 400
    findings = [finding(name + str(index), rule=f"R{index % 90:02}", message=name) for index in range(2000)]
    summary = render_summary(report(findings))
    size = len(summary.encode("utf-8"))
    assert size < BUDGET
    assert ("left out" in summary) is (size > BUDGET - 100_000)


def test_a_summary_below_the_budget_is_whole(report: Any, finding: Any) -> None:
    summary = render_summary(report([finding(f"{index}", rule=f"R{index % 30}") for index in range(3000)]))
    assert "left out" not in summary
    assert len(sections(summary)) == 2 + 30 + 1
