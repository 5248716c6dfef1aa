"""SARIF as code scanning reads it. That Microsoft's validator finds nothing is seen where it can run."""

from __future__ import annotations

import gzip
import json
import re
import urllib.parse
from typing import Any

import pytest

from hubaction._version import PROJECT_URL
from hubaction.report import sarif
from hubaction.report.escape import sarif_text
from hubaction.report.finding import Consequence, Finding, Place, Severity
from hubaction.report.model import RuleOutcome
from hubaction.report.sarif import MOST_RESULTS, render_sarif
from hubaction.rules import RULES

HOSTILE = {
    "line ends": "a\r\n::error::x\u2028\x85",
    "placeholder": "{0} {{ }}",
    "link": "[click](http://evil.example) ![x](javascript:0)",
    "link to a location": "[click](0)",
    "script": "<script>alert(1)</script>",
    "surrogates": "\ud800 \udcff",
    "control": "\x00\x1b[31m\x07",
    "direction": "\u202e\u200b",
    "markdown": "a|b`c`@you #1 **x**",
    "quotes": "\"'\\",
    "percent": "%0A%2e%2e/",
    "query": "a?b#c&d=e;f",
    "address": "http://evil.example/x",
    "no drive": "C:\\x",
    "letters": "é猫😺",
    "long": "x" * 10_000,
}


def run_of(report: Any) -> Any:
    log = json.loads(render_sarif(report))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    return log["runs"][0]


def uri_of(result: Any) -> str:
    text: str = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    return text


def test_nothing_found(report: Any) -> None:
    run = run_of(report())
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 0)
    assert invocation["toolExecutionNotifications"] == []


def test_the_tool(report: Any) -> None:
    driver = run_of(report())["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"], driver["informationUri"]) == ("hub-action", "9.9.9", PROJECT_URL)


def test_every_part_of_a_result(report: Any, finding: Any) -> None:
    one = Finding(
        "X1", Severity.ERROR, Consequence.DROPS, Place("labels/a.txt", 3, 7), "it is wrong", "0123456789abcdef"
    )
    (result,) = run_of(report([one]))["results"]
    assert result == {
        "ruleId": "X1",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "it is wrong. Fix it."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "sub/ds/labels/a.txt", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 3, "startColumn": 7},
                }
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": "0123456789abcdef:1"},
    }


def test_every_part_of_a_rule(report: Any, finding: Any) -> None:
    (rule,) = run_of(report([finding(severity=Severity.WARNING)]))["tool"]["driver"]["rules"]
    address = f"{PROJECT_URL}/blob/v1/docs/rules.md#x1-name-x1"
    assert rule == {
        "id": "X1",
        "name": "NameX1",
        "shortDescription": {"text": "What X1."},
        "fullDescription": {"text": "What X1. Why X1."},
        "help": {
            "text": "What X1. Why X1. Fix it.",
            "markdown": f"What X1.\n\n**Why:** Why X1.\n\n**Fix:** Fix it.\n\n[X1 name-x1]({address})",
        },
        "helpUri": address,
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["dataset", "yolo"], "problem.severity": "warning", "precision": "very-high"},
    }


@pytest.mark.parametrize(
    ("severity", "level", "problem"),
    [
        (Severity.ERROR, "error", "error"),
        (Severity.WARNING, "warning", "warning"),
        (Severity.NOTE, "note", "recommendation"),
    ],
)
def test_levels(report: Any, finding: Any, severity: Severity, level: str, problem: str) -> None:
    run = run_of(report([finding(severity=severity)]))
    assert run["results"][0]["level"] == level
    assert run["tool"]["driver"]["rules"][0]["properties"]["problem.severity"] == problem


def test_a_rule_has_the_level_of_its_worst_finding(report: Any, finding: Any) -> None:
    findings = [finding("a", severity=Severity.NOTE), finding("b", severity=Severity.ERROR)]
    (rule,) = run_of(report(findings))["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"]["level"] == "error"


@pytest.mark.parametrize(
    ("consequence", "precision"),
    [("DOUBTFUL", "medium"), ("NOTE", "medium"), ("HARMS", "high"), ("CHANGES", "very-high"), ("REJECTS", "very-high")],
)
def test_what_the_loader_does_is_certain(report: Any, consequence: str, precision: str) -> None:
    one = Finding("X1", Severity.NOTE, Consequence[consequence], Place("a"), "m")
    (rule,) = run_of(report([one]))["tool"]["driver"]["rules"]
    assert rule["properties"]["precision"] == precision


def test_results_refer_to_their_rules(report: Any, finding: Any) -> None:
    findings = [finding(f"{number}", rule=rule) for number, rule in enumerate("BABCA")]
    run = run_of(report(findings))
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert sorted(ids) == ["A", "B", "C"]
    assert [ids[result["ruleIndex"]] for result in run["results"]] == [result["ruleId"] for result in run["results"]]


@pytest.mark.parametrize(
    ("changes", "path", "uri"),
    [
        ({}, "images/a.jpg", "sub/ds/images/a.jpg"),
        ({}, "", "sub/ds"),
        ({"data_yaml": "conf/data.yaml"}, "", "sub/ds/conf/data.yaml"),
        ({"location": "."}, "a b.txt", "a%20b.txt"),
        ({"location": "."}, "", "."),
        ({"is_archive": True, "location": "x/d s.zip"}, "labels/a.txt", "x/d%20s.zip"),
        ({"is_archive": True, "location": "x/ds.zip", "data_yaml": "data.yaml"}, "", "x/ds.zip"),
        ({}, "//evil.example/x", "sub/ds/evil.example/x"),
    ],
)
def test_places(report: Any, finding: Any, changes: Any, path: str, uri: str) -> None:
    (result,) = run_of(report([finding(path)], **changes))["results"]
    location = result["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 1}}


def test_a_dataset_outside_of_a_repository(report: Any, finding: Any) -> None:
    (result,) = run_of(report([finding("a.txt")], location="/data/my set"))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///data/my%20set/a.txt"}


def test_a_member_of_an_archive_is_named(report: Any, finding: Any) -> None:
    (result,) = run_of(report([finding("labels/a.txt", 3, 7)], is_archive=True, location="ds.zip"))["results"]
    assert result["message"]["text"] == "labels/a.txt:3:7: it is wrong. Fix it."
    assert result["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "labels/a.txt", "kind": "resource"}]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_equal_fingerprints_are_counted(report: Any) -> None:
    findings = [
        Finding("X1", Severity.ERROR, Consequence.DROPS, Place("a", line), "m", fingerprint)
        for line, fingerprint in enumerate(["aa", "bb", "aa", "aa"], start=1)
    ]
    hashes = [one["partialFingerprints"]["primaryLocationLineHash"] for one in run_of(report(findings))["results"]]
    assert hashes == ["aa:1", "bb:1", "aa:2", "aa:3"]


def test_two_datasets_of_a_workflow_have_categories_of_their_own(report: Any) -> None:
    ids = [run_of(report(location=location))["automationDetails"]["id"] for location in ("a/x y", "b")]
    assert ids == ["hub-action/a/x%20y/", "hub-action/b/"]


# what the baseline knows


def known(rule: str = "X1") -> Finding:
    return Finding(rule, Severity.ERROR, Consequence.DROPS, Place("k"), "m", "cc", known=True)


def test_without_a_baseline_nobody_speaks_of_one(report: Any, finding: Any) -> None:
    (result,) = run_of(report([finding()]))["results"]
    assert result.keys().isdisjoint({"baselineState", "suppressions"})


def test_with_a_baseline_every_result_says_whether_it_is_known(report: Any, finding: Any) -> None:
    outcome = RuleOutcome("X1", "name-x1", "findings", {Severity.ERROR: 1}, 2, known=1)
    results = run_of(report([known(), finding("z")], rules_run={"X1": outcome}))["results"]
    assert [(one["baselineState"], len(one["suppressions"])) for one in results] == [("new", 0), ("unchanged", 1)]
    assert results[1]["suppressions"][0]["kind"] == "external"


# what did not run


def test_rules_that_crashed_or_did_not_run(report: Any, finding: Any) -> None:
    outcomes = [
        RuleOutcome("X1", "name-x1", "crashed", reason="boom [a](b)"),
        RuleOutcome("Y1", "name-y1", "not run", reason="no base"),
        RuleOutcome("Z1", "name-z1", "findings", {Severity.ERROR: 1}, 1, "half"),
        RuleOutcome("P1", "name-p1", "passed"),
        RuleOutcome("D1", "name-d1", "disabled", reason="ignore: D"),
    ]
    crash = finding("", message="the rule itself failed")
    one = report([crash, finding(rule="Z1")], rules_run={out.id: out for out in outcomes}, exit_code=5)
    run = run_of(one)
    assert [result["ruleId"] for result in run["results"]] == ["Z1"], "a crash is no alert about the code"
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 5)
    told = [
        (note["level"], note["associatedRule"]["id"], note["message"]["text"])
        for note in invocation["toolExecutionNotifications"]
    ]
    assert told == [
        ("error", "X1", "X1 name-x1: boom [a] (b)."),
        ("note", "Y1", "Y1 name-y1 was not run: no base."),
        ("note", "Z1", "Z1 name-z1 was run in part: half."),
    ]


@pytest.mark.parametrize(("code", "successful"), [(0, True), (1, True), (3, True), (5, False), (130, False)])
def test_the_execution(report: Any, code: int, successful: bool) -> None:
    assert run_of(report(exit_code=code))["invocations"][0]["executionSuccessful"] is successful


def test_what_was_not_looked_at(report: Any) -> None:
    (note,) = run_of(report(not_run=("all rules",)))["invocations"][0]["toolExecutionNotifications"]
    assert note == {"level": "warning", "message": {"text": "Not looked at: all rules."}}


# limits of GitHub


def test_no_more_results_than_github_keeps(report: Any, finding: Any) -> None:
    more = MOST_RESULTS + 7
    outcome = RuleOutcome("X1", "name-x1", "findings", {Severity.NOTE: more}, more, known=1)
    findings = [finding(f"{number:05}", severity=Severity.NOTE) for number in range(more)]
    run = run_of(report([known(), *findings], rules_run={"X1": outcome}))
    assert len(run["results"]) == MOST_RESULTS
    assert {one["baselineState"] for one in run["results"]} == {"new"}, "what is known goes first"
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("8 findings left out")


def test_no_more_bytes_than_github_takes(report: Any, finding: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_BYTES", 100_000)
    findings = [finding(f"{number:03}{'猫' * 1300}") for number in range(100)]
    one = report(findings)
    text = render_sarif(one)
    assert 50_000 < len(text) < 105_000
    assert len(gzip.compress(text.encode())) < len(text)
    left = 100 - len(run_of(one)["results"])
    (note,) = run_of(one)["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith(f"{left} findings left out")


def test_texts_of_all_rules_fit() -> None:
    for rule in RULES:
        assert len(f"{rule.what} {rule.why}") <= 1024, rule.id
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
        for text in (rule.what, rule.why, rule.fix):
            assert len(text) <= 300, f"{rule.id}: the middle would be left out"
            assert text.isprintable()


# hostile names


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("is_archive", [False, True])
def test_hostile_names(report: Any, finding: Any, text: str, is_archive: bool) -> None:
    rendered = render_sarif(
        report([finding(text, 1, 2, message=text)], is_archive=is_archive, path=text, location=text)
    )
    assert rendered.isascii()
    (run,) = json.loads(rendered)["runs"]
    (result,) = run["results"]
    assert re.fullmatch(r"[A-Za-z0-9_.~/%-]+", uri_of(result))
    assert not uri_of(result).startswith("/")
    told = result["message"]["text"]
    assert told.isprintable()
    assert len(told) < 1000
    assert not re.search(r"\]\(", told)
    assert re.fullmatch(r"[A-Za-z0-9_.~/%-]+", run["automationDetails"]["id"])
    names = result["locations"][0].get("logicalLocations", [{"fullyQualifiedName": ""}])
    assert names[0]["fullyQualifiedName"].isprintable()


@pytest.mark.parametrize("path", ["a b", "a%20b", "é猫😺", "a?b#c", "q'\"\\", "new\nline", "\x1b"])
def test_a_uri_leads_back_to_the_file(report: Any, finding: Any, path: str) -> None:
    (result,) = run_of(report([finding(path)], location="."))["results"]
    assert urllib.parse.unquote(uri_of(result)) == path


def test_bytes_that_are_no_text_stay_bytes(report: Any, finding: Any) -> None:
    (result,) = run_of(report([finding("a\udcff.txt")], location="."))["results"]
    assert uri_of(result) == "a%FF.txt"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a [b](c)", "a [b] (c)"), ("[a]\n(b)", "[a]\\n(b)"), ("](](", "] (] ("), ("{0}", "{0}"), ("a", "a")],
)
def test_sarif_text(text: str, expected: str) -> None:
    assert sarif_text(text) == expected
