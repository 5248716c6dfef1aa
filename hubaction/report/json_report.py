"""The report as JSON, for machines. Its shape is versioned: keys are added, never renamed, within one version."""

from __future__ import annotations

import json
from typing import Any

from hubaction.report.finding import Finding, Severity
from hubaction.report.model import Report, RuleOutcome, RuleText, SplitSummary

SCHEMA = "hubaction/report/1"


def render_json(report: Report) -> str:
    """JSON text of the report, ending in a newline; lone surrogates are escaped, so any encoder takes it."""
    return json.dumps(as_dict(report), indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "schema": SCHEMA,
        "version": report.version,
        "dataset": _dataset(report),
        "task": report.task,
        "task_reason": report.task_reason,
        "profile": report.profile,
        "fail_on": report.fail_on,
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "errors": report.errors,
        "warnings": report.warnings,
        "notes": report.notes,
        "known": report.known,
        "tolerated": report.tolerated,
        "splits": {name: _split(split) for name, split in report.splits.items()},
        "findings": [_finding(finding) for finding in report.findings],
        "rules": {rule.id: _text(rule) for rule in report.rules.values()},
        "rules_run": {outcome.id: _outcome(outcome) for outcome in report.rules_run.values()},
        "not_run": list(report.not_run),
        "remarks": list(report.remarks),
        "config": report.config,
        "seconds": round(report.seconds, 3),
    }


def _dataset(report: Report) -> dict[str, Any]:
    return {
        "path": report.path,
        "is_archive": report.is_archive,
        "files": report.files,
        "bytes": report.bytes,
        "names": list(report.names),
    }


def _text(rule: RuleText) -> dict[str, str]:
    return {"name": rule.name, "what": rule.what, "why": rule.why, "fix": rule.fix}


def _split(split: SplitSummary | None) -> dict[str, Any] | None:
    if split is None:
        return None
    return {
        "images": split.images,
        "kept": split.kept,
        "unlabelled": split.unlabelled,
        "instances": split.instances,
        "per_class": list(split.per_class),
    }


def _outcome(outcome: RuleOutcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "status": outcome.status,
        "reason": outcome.reason,
        **{f"{severity.word}s": outcome.counts.get(severity, 0) for severity in sorted(Severity, reverse=True)},
        "files": outcome.files,
        "known": outcome.known,
        "ignored": outcome.ignored,
        "tolerated": outcome.tolerated,
        "lowered": outcome.lowered,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "rule": finding.rule,
        "severity": finding.severity.word,
        "consequence": finding.consequence.name.lower(),
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "split": place.split,
        "message": finding.message,
        "fingerprint": finding.fingerprint,
        "known": finding.known,
    }
