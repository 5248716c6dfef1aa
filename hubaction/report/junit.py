"""Findings as JUnit XML for dashboards of test results: a suite for each rule, a case for each file.

The elements are those that the schemas of Jenkins and of https://github.com/testmoapp/junitxml have in common.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from hubaction.report.escape import xml_text
from hubaction.report.finding import Finding
from hubaction.report.model import Report, RuleOutcome, count, fails, headline, is_crash, reaches

_NOT_LOOKED = {"not run", "not applicable", "disabled"}


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case. ``kind``: failure, error or skipped, '' for a pass; ``text`` are lines for people."""

    name: str
    attributes: Mapping[str, str]
    kind: str = ""
    message: str = ""
    text: Sequence[str] = ()


def render_junit(report: Report) -> str:
    """A rule that passed is one passing case; one that did not run is skipped, never passed.

    A case fails where the gate fails because of it. Other findings, warnings mostly, stand in the case's output: it
    passes, for a dashboard that counted them as failures would contradict the verdict.
    """
    suites = list(_suites(report))
    cases = [case for _, inside in suites for case in inside]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    seconds = {"time": f"{report.seconds:.3f}"}
    lines.append(_start("testsuites", {"name": f"hub-action: {report.path}", **_numbers(cases), **seconds}))
    for name, inside in suites:
        lines.append(_start(" testsuite", {"name": name, **_numbers(inside), "time": "0"}))
        lines += [line for case in inside for line in _lines(name, case)]
        lines.append(" </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _suites(report: Report) -> Iterator[tuple[str, list[_Case]]]:
    if report.verdict == "interrupted":
        yield "hub-action", [_Case("the whole check", {}, "error", headline(report), report.not_run)]
    groups: dict[str, list[Finding]] = {}
    for finding in report.findings:
        groups.setdefault(finding.rule, []).append(finding)
    for rule in dict.fromkeys([*report.rules_run, *groups]):
        outcome = report.outcome(rule)
        yield f"{rule} {outcome.name}", list(_cases(report, outcome, groups.get(rule, [])))


def _cases(report: Report, outcome: RuleOutcome, findings: list[Finding]) -> Iterator[_Case]:
    if outcome.status in _NOT_LOOKED:
        yield _Case("all files", {}, "skipped", f"{outcome.status}: {outcome.reason}")
    elif not findings:
        yield _Case("all files", {})
    ordered = sorted(findings, key=lambda finding: finding.place.path)
    for path, group in groupby(ordered, key=lambda finding: finding.place.path):
        yield _file(report, path, sorted(group, key=lambda finding: not fails(report, finding)))
    if left_out := _left_out(report, outcome, findings):
        yield left_out


def _file(report: Report, path: str, findings: list[Finding]) -> _Case:
    """All findings of a rule in one file, those that fail first."""
    first = findings[0]
    file = report.location if report.is_archive else posixpath.normpath(f"{report.location}/{path}")
    line = {} if report.is_archive or first.place.line is None else {"line": str(first.place.line)}
    kind = "error" if is_crash(report, first) else "failure"
    more = f" (and {len(findings) - 1:,} more)" if len(findings) > 1 else ""
    text = [_told(finding) for finding in findings] + [f"fix: {report.rules[first.rule].fix}"]
    message = f"{_told(first)}{more}"
    name = path or "the dataset"
    return _Case(name, {"file": file, **line}, kind if fails(report, first) else "", message, text)


def _told(finding: Finding) -> str:
    known = ", known" if finding.known else ""
    return f"{finding.severity.word}{known}: {finding.place}: {finding.message}"


def _left_out(report: Report, outcome: RuleOutcome, findings: list[Finding]) -> _Case | None:
    """A case for the findings of a rule that the report only counts; it fails where one of them fails the gate."""
    kept = [finding for finding in findings if not finding.known]
    if outcome.status == "crashed" or outcome.found <= len(kept):
        return None
    name = f"{count(outcome.found - len(kept), 'more finding')} that the report only counts"
    failing = sum(number for severity, number in outcome.counts.items() if reaches(report, severity))
    shown = sum(reaches(report, finding.severity) for finding in kept)
    fail = failing > shown and not outcome.tolerated
    return _Case(name, {}, "failure" if fail else "", name, [name])


def _numbers(cases: Sequence[_Case]) -> dict[str, str]:
    kinds = [case.kind for case in cases]
    names = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(cases)), **{name: str(kinds.count(kind)) for name, kind in names.items()}}


def _lines(suite: str, case: _Case) -> Iterator[str]:
    attributes = {"classname": suite, "name": case.name, **case.attributes, "time": "0"}
    text = "\n".join(map(xml_text, case.text))
    if not case.kind and not text:
        yield _start("  testcase", attributes, "/")
        return
    yield _start("  testcase", attributes)
    if not case.kind:
        yield f"   <system-out>{text}</system-out>"
    elif not text:
        yield _start(f"   {case.kind}", {"message": case.message}, "/")
    else:
        yield f"{_start(f'   {case.kind}', {'message': case.message})}{text}</{case.kind}>"
    yield "  </testcase>"


def _start(name: str, attributes: Mapping[str, str], end: str = "") -> str:
    """A start tag, indented as its name is."""
    indent = " " * (len(name) - len(name.lstrip()))
    inside = "".join(f' {key}="{xml_text(value)}"' for key, value in attributes.items())
    return f"{indent}<{name.lstrip()}{inside}{end}>"
