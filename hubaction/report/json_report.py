"""The report as JSON, for machines. Its shape is versioned: keys are added, never renamed, within one version."""

from __future__ import annotations

import json
from typing import Any

from hubaction.report.finding import Finding
from hubaction.report.model import Report, SplitSummary

SCHEMA = "hubaction/report/1"


def render_json(report: Report) -> str:
    """JSON text of the report, ending in a newline; lone surrogates are escaped, so any encoder takes it."""
    return json.dumps(as_dict(report), indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "schema": SCHEMA,
        "version": report.version,
        "dataset": {
            "path": report.path,
            "is_archive": report.is_archive,
            "files": report.files,
            "bytes": report.bytes,
            "names": list(report.names),
        },
        "task": report.task,
        "task_reason": report.task_reason,
        "profile": report.profile,
        "fail_on": report.fail_on,
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "errors": report.errors,
        "warnings": report.warnings,
        "notes": report.notes,
        "splits": {name: _split(split) for name, split in report.splits.items()},
        "findings": [_finding(finding) for finding in report.findings],
        "rules": {
            rule.id: {"name": rule.name, "what": rule.what, "why": rule.why, "fix": rule.fix}
            for rule in report.rules.values()
        },
        "not_run": list(report.not_run),
        "seconds": round(report.seconds, 3),
    }


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
    }
