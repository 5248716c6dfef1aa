"""The job summary: what it says, and that it stays within what the runner takes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hubaction.report.finding import Severity
from hubaction.report.model import RuleOutcome, SplitSummary
from hubaction.report.picture import Bar, Charts
from hubaction.report.summary import BUDGET, render_summary

HOSTILE = "a|b`c`\n<script>@you[x](y)\\**z**\u202e\ud800"


def test_sections_of_a_clean_dataset(report: Any, page: Any) -> None:
    rendered = page.Page(render_summary(report()))
    assert rendered.text.startswith("✅ Dataset check: ds\npassed: no findings in 1,210 images, 4,020 objects")
    assert ["train", "1,200", "1,198", "2", "3", "4,000"] in rendered.rows
    assert ["index", "class", "objects", "train", "val", ""] in rendered.rows
    assert ["0", "cat", "3,000", "3,000", "0", "█" * 20] in rendered.rows
    assert ["1", "dog", "1,020", "1,000", "20", "█" * 7] in rendered.rows
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


@pytest.mark.parametrize(
    ("number", "more"),
    [(20, None), (21, "1 more; the JSON report lists 21"), (1520, "1,500 more; the JSON report lists 1,520")],
)
def test_twenty_findings_of_a_rule(report: Any, finding: Any, page: Any, number: int, more: str | None) -> None:
    rows = page.Page(render_summary(report([finding(f"{index:05}.txt") for index in range(number)]))).rows
    shown = [row for row in rows if row[1:] == ["it is wrong"]]
    assert len(shown) == 20
    last = [row[1] for row in rows if row[0] == "…"]
    assert last == ([more] if more else [])


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
    assert any(row[1] == shown for row in rendered.rows)
    assert rendered.text.count(shown) == 6
    assert not rendered.references
    assert rendered.emphasis[-2:] == [f"Not looked at: {shown}.", "hub-action 9.9.9, 2,421 files in 1.2 s."]
    assert summary.encode("utf-8")


def test_thirty_classes_the_most_frequent_first(report: Any, page: Any) -> None:
    counts = tuple(range(40))
    splits = {"train": SplitSummary(1, 1, 0, sum(counts), counts), "val": None, "test": None}
    summary = render_summary(report(names=tuple(f"n{index}" for index in range(39)), splits=splits))
    rows = [row[1] for row in page.Page(summary).rows if row[-1].startswith("█")]
    assert rows == ["class 39", *(f"n{index}" for index in range(38, 9, -1))]
    assert "\n10 more classes.\n" in summary
    assert "(40 classes)" in summary


@pytest.mark.parametrize(
    ("errors", "warnings", "note"),
    [
        (10, 10, ""),
        (11, 2, "Annotations show 10 of 11 errors, one of each rule first."),
        (1500, 20, "Annotations show 10 of 1,500 errors, 10 of 20 warnings, one of each rule first."),
    ],
)
def test_how_many_annotations_there_are(
    report: Any, finding: Any, page: Any, errors: int, warnings: int, note: str
) -> None:
    found = [finding(f"{index}") for index in range(errors)]
    found += [finding(f"{index}", rule="W1", severity=Severity.WARNING) for index in range(warnings)]
    text = page.Page(render_summary(report(found))).text
    assert ("Annotations show" in text) is bool(note)
    assert note in text


def test_counts_are_exact_where_the_report_holds_only_the_first(report: Any, finding: Any, page: Any) -> None:
    outcome = RuleOutcome("X1", "x", "findings", {Severity.ERROR: 5000}, 4000)
    kept = [finding(f"{index:02}") for index in range(30)]
    rendered = page.Page(render_summary(report(kept, rules_run={"X1": outcome})))
    assert ["🔴 error", "X1 name-x1", "5,000", "Fix it."] in rendered.rows
    assert ["…", "4,980 more; the JSON report lists 30"] in rendered.rows
    assert "5,000 findings in 4,000 files, 30 kept" in rendered.text


def test_an_interrupted_check(report: Any, page: Any) -> None:
    whole = report(verdict="interrupted", splits={}, names=(), not_run=("all rules, for SIGINT ended the check",))
    rendered = page.Page(render_summary(whole))
    assert rendered.text.startswith("⏹️ Dataset check: ds\ninterrupted before anything was judged")
    assert rendered.emphasis[1] == "Not looked at: all rules, for SIGINT ended the check."
    assert rendered.charts == []


# charts


def test_classes_as_a_chart(report: Any, page: Any) -> None:
    splits = {"train": SplitSummary(1, 1, 0, 6, (1, 5, 0, 3)), "val": SplitSummary(1, 1, 0, 4, (2, 0, 0, 2))}
    summary = render_summary(report(names=("cat", "a|b", "dog", "cat"), splits=splits))
    rendered = page.Page(summary)
    (chart,) = rendered.charts
    assert chart == (
        '%%{init: {"xyChart": {"height": 176}, "themeVariables": {"xyChart": {"plotColorPalette": "#2f81f7"}}}}%%\n'
        "xychart-beta horizontal\n"
        '    x-axis ["(1)", "cat", "(0)", "dog"]\n'
        '    y-axis "objects" 0 --> 5\n'
        "    bar [5, 5, 3, 0]\n"
    )
    table = [row[:3] for row in rendered.rows if len(row) == 6 and row[0].isdigit()]
    assert table == [["1", "a|b", "5"], ["3", "cat", "5"], ["0", "cat", "3"], ["2", "dog", "0"]]
    assert summary.index("```mermaid") < summary.index("<details><summary>Objects per class (4 classes)")


def test_a_chart_has_twenty_bars(report: Any, page: Any) -> None:
    splits = {"train": SplitSummary(1, 1, 0, 40, (1,) * 40)}
    (chart,) = page.Page(render_summary(report(names=tuple(f"n{i}" for i in range(40)), splits=splits))).charts
    assert chart.count('"n') == 20
    assert f"bar [{', '.join('1' * 20)}]" in chart


@pytest.mark.parametrize("per_class", [(7,), (0, 0), ()], ids=["one class", "no object", "no class"])
def test_nothing_to_compare_is_no_chart(report: Any, page: Any, per_class: tuple[int, ...]) -> None:
    splits = {"train": SplitSummary(1, 1, 0, sum(per_class), per_class)}
    rendered = page.Page(render_summary(report(splits=splits)))
    assert rendered.charts == []
    assert ("Classes" in rendered.text) is bool(sum(per_class))


def test_sizes(report: Any, page: Any) -> None:
    charts = Charts(object_sizes=(Bar("below 1 %", 0), Bar("1 to 2 %", 4), Bar('x"]', 8)))
    rendered = page.Page(render_summary(report(charts=charts)))
    assert '    x-axis ["below 1 %", "1 to 2 %", "(2)"]\n' in rendered.charts[1]
    assert "    bar [0, 4, 8]\n" in rendered.charts[1]
    assert [row for row in rendered.rows if row[0].endswith("%") or row[0] == 'x"]'] == [
        ["below 1 %", "0", ""],
        ["1 to 2 %", "4", "█" * 10],
        ['x"]', "8", "█" * 20],
    ]


@pytest.mark.parametrize("charts", [None, Charts(), Charts(object_sizes=(Bar("a", 0), Bar("b", 0)))])
def test_no_sizes(report: Any, charts: Charts | None) -> None:
    assert "Sizes" not in render_summary(report(charts=charts))


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
    note, last = summary.splitlines()[-3], summary.splitlines()[-1]
    found = re.fullmatch(
        r"_(\d+) sections left out, since a job summary holds 1 MiB: (R\d\d(?:, R\d\d){19}) and ([\d,]+) more\. "
        r"The JSON report has everything\._",
        note,
    )
    assert found
    assert last.startswith("_hub-action 9.9.9")
    assert summary.count("<details") == summary.count("</details>") > 10
    left_out = int(found[1])
    assert left_out == 20 + int(found[3])
    rules = re.findall(r"<b>(R\d\d) ", summary)
    assert rules == [f"R{index:02}" for index in range(60 - left_out)], "the worst are kept"
    assert found[2].split(", ")[0] == f"R{60 - left_out:02}"
    assert "### Classes" in summary, "a small section behind a large one still fits"
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
    assert len(sections(summary)) == 2 + 30 + 2
