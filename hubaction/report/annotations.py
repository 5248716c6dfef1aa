"""Findings as annotations on files and lines: at most ten of each level, the runner shows no more per step."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from hubaction.report.escape import visible
from hubaction.report.finding import Finding, Severity
from hubaction.report.model import Report, headline

PER_LEVEL = 10
"""Annotations of one level that a step may show (actions/runner 2.336.0)."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation; ``file`` is relative to the repository, '' for none."""

    command: str
    title: str
    message: str
    file: str = ""
    line: int | None = None
    column: int | None = None


def render_annotations(report: Report) -> list[Annotation]:
    """At most ten of each level: first one of each rule, then the rest, and a count of what is left out.

    Of an interrupted check there is one, which says so: the runner itself is silent about a non-zero exit code.
    """
    if report.verdict == "interrupted":
        message = ". ".join([headline(report), *(f"Not looked at: {line}" for line in report.not_run)])
        return [Annotation("error", "Interrupted", visible(f"Interrupted{message.removeprefix('interrupted')}."))]
    shown: list[Annotation] = []
    for severity in sorted(Severity, reverse=True):
        findings = [finding for finding in report.findings if finding.severity is severity]
        chosen = _one_per_rule_first(findings)[:PER_LEVEL]
        left = report.counts.get(severity, 0) - len(chosen)
        for finding in chosen:
            more = f" ({left:,} more of this level in the job summary)" if left and finding is chosen[-1] else ""
            shown.append(_annotation(report, finding, more))
    return shown


def _one_per_rule_first(findings: list[Finding]) -> list[Finding]:
    seen: set[str] = set()
    first: list[Finding] = []
    rest: list[Finding] = []
    for finding in findings:
        (rest if finding.rule in seen else first).append(finding)
        seen.add(finding.rule)
    return first + rest


def _annotation(report: Report, finding: Finding, more: str) -> Annotation:
    """The message repeats place and rule, since the list of annotations on a run shows neither.

    A finding about a whole file, such as an image, stands at its first line: without a line a pull request shows none.
    """
    place = finding.place
    rule = report.rules[finding.rule]
    message = f"{visible(str(place))} {finding.rule}: {visible(finding.message)}. {rule.fix}{more}"
    title = f"{finding.rule} {rule.name}"
    if report.is_archive or not place.path:
        file, line = (report.location, 1) if report.is_archive else ("", None)
        return Annotation(_COMMANDS[finding.severity], title, message, file, line)
    file = posixpath.normpath(posixpath.join(report.location, place.path))
    return Annotation(_COMMANDS[finding.severity], title, message, file, place.line or 1, place.column)
