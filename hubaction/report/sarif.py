"""Findings as SARIF 2.1.0 for code scanning, within the limits of GitHub's upload.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import json
import posixpath
import urllib.parse
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from hubaction._version import PROJECT_URL
from hubaction.report.escape import sarif_text, visible
from hubaction.report.finding import Consequence, Finding, Severity
from hubaction.report.model import Report, RuleText, count, headline, is_crash

MOST_RESULTS = 5_000
"""Results that GitHub keeps of a run; with more than 25,000 it refuses the file."""

MOST_BYTES = 9_000_000
"""Of all results together. GitHub takes 10 MB after gzip, so this holds whatever the names of the files are."""

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
_PRECISIONS = {Consequence.NOTE: "medium", Consequence.DOUBTFUL: "medium", Consequence.HARMS: "high"}

Node = dict[str, Any]


def render_sarif(report: Report) -> str:
    """One run with its rules and results, the worst first. Rules that crashed or did not run are notifications."""
    findings = sorted((one for one in report.findings if not is_crash(report, one)), key=lambda one: one.known)
    rules = list(dict.fromkeys(finding.rule for finding in findings))
    results = list(_within_limits(_results(report, findings, rules)))
    run: Node = {
        "tool": {"driver": _driver(report, rules, findings)},
        "automationDetails": {"id": f"hub-action/{_uri(report.location)}/"},
        "invocations": [_invocation(report, left_out=len(findings) - len(results))],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root folder of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


# the tool


def _driver(report: Report, rules: list[str], findings: list[Finding]) -> Node:
    worst: dict[str, Finding] = {}
    for finding in findings:
        worst.setdefault(finding.rule, finding)
    return {
        "name": "hub-action",
        "organization": "hub-action contributors",
        "semanticVersion": report.version,
        "informationUri": PROJECT_URL,
        "rules": [_rule(report.rules[rule], worst[rule]) for rule in rules],
    }


def _rule(rule: RuleText, worst: Finding) -> Node:
    """GitHub sorts alerts by the level, the severity of the problem and how sure the tool is of it."""
    address = f"{PROJECT_URL}/blob/v1/docs/rules.md#{rule.id.lower()}-{rule.name}"
    what, why, fix = map(visible, (rule.what, rule.why, rule.fix))
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": what},
        "fullDescription": {"text": f"{what} {why}"},
        "help": {
            "text": f"{what} {why} {fix}",
            "markdown": f"{what}\n\n**Why:** {why}\n\n**Fix:** {fix}\n\n[{rule.id} {rule.name}]({address})",
        },
        "helpUri": address,
        "defaultConfiguration": {"level": _LEVELS[worst.severity]},
        "properties": {
            "tags": ["dataset", "yolo"],
            "problem.severity": _PROBLEMS[worst.severity],
            "precision": _PRECISIONS.get(worst.consequence, "very-high"),
        },
    }


# results


def _results(report: Report, findings: list[Finding], rules: list[str]) -> Iterator[Node]:
    index = {rule: number for number, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.fingerprint] += 1
        yield {
            "ruleId": finding.rule,
            "ruleIndex": index[finding.rule],
            "level": _LEVELS[finding.severity],
            "message": {"text": _message(report, finding)},
            "locations": [_location(report, finding)],
            "partialFingerprints": {"primaryLocationLineHash": f"{finding.fingerprint}:{seen[finding.fingerprint]}"},
            **(_known(finding) if report.known else {}),
        }


def _message(report: Report, finding: Finding) -> str:
    """A member of an archive has no place of its own in the repository, so the message names it."""
    place = f"{finding.place}: " if report.is_archive else ""
    return f"{sarif_text(place)}{sarif_text(finding.message)}. {visible(report.rules[finding.rule].fix)}"


def _location(report: Report, finding: Finding) -> Node:
    """What lies in an archive is found at the archive; what concerns the whole dataset, at its data.yaml."""
    place = finding.place
    path = "" if report.is_archive else place.path or report.data_yaml
    region = {"startLine": 1}
    if not report.is_archive:
        region = {"startLine": place.line or 1, **({"startColumn": place.column} if place.column else {})}
    location: Node = {"physicalLocation": {"artifactLocation": _artifact(report, path), "region": region}}
    if place.path and report.is_archive:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(place.path), "kind": "resource"}]
    return location


def _artifact(report: Report, path: str) -> Node:
    uri = _uri(f"{report.location}/{path}")
    return {"uri": f"file://{uri}"} if posixpath.isabs(report.location) else {"uri": uri, "uriBaseId": _ROOT}


def _uri(path: str) -> str:
    """A path as the URI reference of a file: what is no UTF-8 stays the byte that it is on the disk."""
    whole = posixpath.normpath(path)
    try:
        return urllib.parse.quote(whole.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # a surrogate that stands for no byte: no file system gave that name
        return urllib.parse.quote(whole.encode("utf-8", "backslashreplace"))


def _known(finding: Finding) -> Node:
    """All results of a run say whether the baseline knows them, or none does (sections 3.27.23 and 3.27.24)."""
    suppression = {"kind": "external", "justification": "The baseline lists it."}
    return {
        "baselineState": "unchanged" if finding.known else "new",
        "suppressions": [suppression] if finding.known else [],
    }


def _within_limits(results: Iterator[Node]) -> Iterator[Node]:
    size = 0
    for number, result in enumerate(results, start=1):
        size += len(json.dumps(result, indent=1))
        if number > MOST_RESULTS or size > MOST_BYTES:
            return
        yield result


# the run


def _invocation(report: Report, left_out: int) -> Node:
    notes = [*_about_rules(report), *(_notification("warning", f"Not looked at: {line}.") for line in report.not_run)]
    if left_out:
        text = f"{count(left_out, 'finding')} left out, since code scanning takes no more. The JSON report has them."
        notes.append(_notification("warning", text))
    return {
        "executionSuccessful": report.exit_code in {0, 1, 3},
        "exitCode": report.exit_code,
        "exitCodeDescription": headline(report),
        "toolExecutionNotifications": notes,
    }


def _about_rules(report: Report) -> Iterator[Node]:
    """Rules that crashed, and those that looked at nothing or only at a part, with the reason."""
    for outcome in report.rules_run.values():
        rule: Mapping[str, Any] = {"associatedRule": {"id": outcome.id}}
        if outcome.status == "crashed":
            yield _notification("error", f"{outcome.id} {outcome.name}: {outcome.reason}.", **rule)
        elif outcome.status == "not run" or (outcome.status == "findings" and outcome.reason):
            how = "not run" if outcome.status == "not run" else "run in part"
            yield _notification("note", f"{outcome.id} {outcome.name} was {how}: {outcome.reason}.", **rule)


def _notification(level: str, text: str, **more: Any) -> Node:
    return {"level": level, "message": {"text": sarif_text(text)}, **more}
