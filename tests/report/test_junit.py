"""JUnit XML as dashboards read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubaction.report.escape import visible, xml_text
from hubaction.report.finding import Consequence, Finding, Place, Severity
from hubaction.report.junit import render_junit
from hubaction.report.model import RuleOutcome

HOSTILE = {
    "line ends": "a\r\n\u2028\x85\t",
    "markup": '<failure message="x">&amp;</failure>',
    "end of the section": "]]>",
    "comment": "<!-- x -->",
    "quotes": "\"'",
    "control": "\x00\x01\x08\x0b\x1b\x7f\x9b",
    "surrogates": "\ud800 \udcff",
    "no characters": "\ufffe\uffff",
    "direction": "\u202e\u200b",
    "entity": "&#0; &xxe;",
    "long": "x" * 10_000,
}


def parse(report: Any) -> ET.Element:
    return ET.fromstring(render_junit(report))


def cases(report: Any) -> list[tuple[str, str, list[str]]]:
    """Suite, name and what stands inside, of each case."""
    return [
        (case.get("classname", ""), case.get("name", ""), [inside.tag for inside in case])
        for case in parse(report).iter("testcase")
    ]


def outcomes(*rules: RuleOutcome) -> dict[str, RuleOutcome]:
    return {rule.id: rule for rule in rules}


def found(rule: str = "X1", number: int = 1, severity: Severity = Severity.ERROR, **more: Any) -> RuleOutcome:
    return RuleOutcome(rule, f"name-{rule.lower()}", "findings", {severity: number}, number, **more)


def test_a_rule_that_passed_is_a_case_that_passed(report: Any) -> None:
    one = report(rules_run=outcomes(RuleOutcome("X1", "name-x1", "passed")))
    assert cases(one) == [("X1 name-x1", "all files", [])]


@pytest.mark.parametrize("status", ["not run", "not applicable", "disabled"])
def test_a_rule_that_did_not_run_is_skipped(report: Any, status: str) -> None:
    one = report(rules_run=outcomes(RuleOutcome("X1", "name-x1", status, reason="why <not>")))
    assert cases(one) == [("X1 name-x1", "all files", ["skipped"])]
    skipped = parse(one).find(".//skipped")
    assert skipped is not None
    assert skipped.get("message") == f"{status}: why <not>"


def test_a_case_for_each_file(report: Any, finding: Any) -> None:
    findings = [finding("b.txt"), finding("a.txt", 3), finding("a.txt", 2), finding("")]
    one = report(findings, rules_run=outcomes(found(number=4)))
    assert cases(one) == [("X1 name-x1", name, ["failure"]) for name in ("the dataset", "a.txt", "b.txt")]


def test_every_part_of_a_failure(report: Any, finding: Any) -> None:
    root = parse(report([finding("a.txt", 3, 7), finding("a.txt", 9)], rules_run=outcomes(found(number=2))))
    case = root.find(".//testcase")
    assert case is not None
    assert case.attrib == {
        "classname": "X1 name-x1",
        "name": "a.txt",
        "file": "sub/ds/a.txt",
        "line": "3",
        "time": "0",
    }
    assert case[0].attrib == {"message": "error: a.txt:3:7: it is wrong (and 1 more)"}
    assert case[0].text == "error: a.txt:3:7: it is wrong\nerror: a.txt:9: it is wrong\nfix: Fix it."


def test_numbers_add_up(report: Any, finding: Any) -> None:
    rules = outcomes(
        found(number=2),
        found("W1", severity=Severity.WARNING),
        RuleOutcome("P1", "name-p1", "passed"),
        RuleOutcome("S1", "name-s1", "not run", reason="x"),
        RuleOutcome("C1", "name-c1", "crashed", reason="boom"),
    )
    findings = [finding("a"), finding("b"), finding("c", rule="W1", severity=Severity.WARNING), finding("", rule="C1")]
    root = parse(report(findings, rules_run=rules))
    numbers = ("tests", "failures", "errors", "skipped")
    assert [root.get(name) for name in numbers] == ["6", "2", "1", "1"]
    assert root.get("time") == "1.234"
    for suite in root:
        inside = [[case.find(tag) is not None for case in suite] for tag in ("failure", "error", "skipped")]
        assert [suite.get(name) for name in numbers] == [str(len(suite)), *(str(sum(one)) for one in inside)]


@pytest.mark.parametrize(
    ("severity", "fail_on", "fails"),
    [
        (Severity.ERROR, "error", True),
        (Severity.WARNING, "error", False),
        (Severity.WARNING, "warning", True),
        (Severity.NOTE, "warning", False),
        (Severity.ERROR, "never", False),
    ],
)
def test_what_does_not_fail_the_gate_does_not_fail(
    report: Any, finding: Any, severity: Severity, fail_on: str, fails: bool
) -> None:
    one = report([finding(severity=severity)], fail_on=fail_on, rules_run=outcomes(found(severity=severity)))
    assert cases(one) == [("X1 name-x1", "labels/a.txt", ["failure" if fails else "system-out"])]


def test_what_is_tolerated_passes(report: Any, finding: Any) -> None:
    one = report([finding()], rules_run=outcomes(found(tolerated=1)))
    assert [inside for *_, inside in cases(one)] == [["system-out"]]


def test_what_is_known_passes_and_does_not_hide_what_is_new(report: Any, finding: Any) -> None:
    known = Finding("X1", Severity.ERROR, Consequence.DROPS, Place("a.txt", 1), "old", known=True)
    other = Finding("X1", Severity.ERROR, Consequence.DROPS, Place("b.txt", 1), "old", known=True)
    root = parse(report([known, other, finding("a.txt", 2)], rules_run=outcomes(found(known=2))))
    by_file = {case.get("name"): case[0] for case in root.iter("testcase")}
    assert by_file["a.txt"].attrib == {"message": "error: a.txt:2: it is wrong (and 1 more)"}
    assert (by_file["b.txt"].tag, by_file["b.txt"].text) == (
        "system-out",
        "error, known: b.txt:1: old\nfix: Fix it.",
    )


def test_nothing_readable_fails_whatever_was_said(report: Any) -> None:
    one = Finding("X1", Severity.ERROR, Consequence.UNREADABLE, Place(), "no zip")
    assert cases(report([one], fail_on="never", rules_run=outcomes(found())))[0][2] == ["failure"]


def test_a_crash_is_an_error_and_not_a_failure(report: Any, finding: Any) -> None:
    rules = outcomes(RuleOutcome("X1", "name-x1", "crashed", {Severity.ERROR: 1}, reason="boom"))
    assert cases(report([finding("")], fail_on="never", rules_run=rules)) == [("X1 name-x1", "the dataset", ["error"])]


def test_what_the_report_only_counts_is_a_case_too(report: Any, finding: Any) -> None:
    one = report([finding()], rules_run=outcomes(found(number=1201)))
    assert cases(one)[1:] == [("X1 name-x1", "1,200 more findings that the report only counts", ["failure"])]
    warnings = report(
        [finding(severity=Severity.WARNING)], rules_run=outcomes(found(number=3, severity=Severity.WARNING))
    )
    assert [inside for *_, inside in cases(warnings)] == [["system-out"], ["system-out"]]


def test_what_is_only_counted_and_tolerated_passes(report: Any, finding: Any) -> None:
    one = report([finding()], rules_run=outcomes(found(number=7, tolerated=7)))
    assert [inside for *_, inside in cases(one)] == [["system-out"], ["system-out"]]


def test_in_an_archive_the_file_is_the_archive(report: Any, finding: Any) -> None:
    case = parse(report([finding("a.txt", 3)], is_archive=True, location="x/ds.zip")).find(".//testcase")
    assert case is not None
    assert (case.get("name"), case.get("file"), case.get("line")) == ("a.txt", "x/ds.zip", None)


def test_an_interrupted_check_is_an_error(report: Any) -> None:
    one = report(verdict="interrupted", exit_code=130, not_run=("all rules, for SIGINT ended the check",))
    assert cases(one) == [("hub-action", "the whole check", ["error"])]
    assert "all rules, for SIGINT" in render_junit(one)


# hostile names


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names(report: Any, finding: Any, text: str) -> None:
    rules = outcomes(found(), RuleOutcome("S1", "name-s1", "not run", reason=text))
    one = report([finding(text, message=text)], path=text, location=text, rules_run=rules)
    root = parse(one)
    assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "failure", "skipped"}
    case = root.find(".//testcase")
    assert case is not None
    assert case.get("name") == visible(text)
    assert visible(text)[:100] in (case[0].text or "")


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_xml_text_is_text(text: str) -> None:
    element = ET.fromstring(f'<a b="{xml_text(text)}">{xml_text(text)}</a>')
    assert (element.get("b"), element.text or "", list(element)) == (visible(text), visible(text), [])


@pytest.mark.parametrize("task", ["detect", "classify"])
def test_the_parser_of_others_reads_it(make: Callable[..., Any], task: str) -> None:
    junitparser: Any = pytest.importorskip("junitparser")
    maker = make(task)
    maker.put("train/cat/empty.jpg", b"").put("labels/train/b.txt", b"0 .5 .5 x\n")
    report = maker.check("default")
    read = junitparser.JUnitXml.fromstring(render_junit(report).encode())
    assert (read.failures + read.errors > 0) == (report.exit_code != 0)
    assert sum(len(list(suite)) for suite in read) == read.tests
    assert len(list(read)) == len(report.rules_run)
