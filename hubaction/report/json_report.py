"""The report as JSON, for machines, and back. Its shape is that of ``report/document.py``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from hubaction.report.document import (
    SCHEMA,
    DatasetPart,
    Document,
    FindingPart,
    OutcomePart,
    RulePart,
    SplitPart,
)
from hubaction.report.finding import Consequence, Finding, Place, Severity
from hubaction.report.model import Report, RuleOutcome, RuleText, SplitSummary
from hubaction.report.typed_json import Malformed, from_json, to_json

__all__ = ["SCHEMA", "Malformed", "as_dict", "read_report", "render_json"]


def render_json(report: Report) -> str:
    """JSON text of the report, ending in a newline; lone surrogates are escaped, so any encoder takes it."""
    return json.dumps(as_dict(report), indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    plain: dict[str, Any] = to_json(_document(report))
    return plain


def read_report(text: str | bytes) -> Report:
    """The report that ``render_json`` wrote, but for the statistics, which stand in a file of their own.

    Raises:
        Malformed: the text is no report of version 1.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = f" from line {error.lineno} on" if isinstance(error, json.JSONDecodeError) else ""
        raise Malformed(f"it is no JSON{line}") from error
    if not isinstance(values, dict) or values.get("schema") != SCHEMA:
        raise Malformed(f"it is not of schema {SCHEMA}")
    report = _report(from_json(Document, values))
    _check_gallery(report)
    return report


def _check_gallery(report: Report) -> None:
    """Raise Malformed where a picture refers to a finding that is not there, or a shape has half a point."""
    last = len(report.new_findings) - 1
    gallery = report.gallery
    if len(gallery.classes) not in {0, last + 1}:
        raise Malformed("gallery has not one class for each finding")
    pairs = (picture for pair in gallery.pairs for picture in (pair.left, pair.right))
    for picture in (*gallery.pictures, *pairs):
        if not all(0 <= index <= last for index in picture.findings):
            raise Malformed("gallery refers to a finding that is not there")
        if any(len(shape.points) % 2 or not shape.points for shape in picture.shapes):
            raise Malformed("gallery has a shape with half a point, or none")


def _document(report: Report) -> Document:
    return Document(
        schema=SCHEMA,
        version=report.version,
        dataset=_dataset(report),
        task=report.task,
        task_reason=report.task_reason,
        profile=report.profile,
        fail_on=report.fail_on,
        verdict=report.verdict,
        exit_code=report.exit_code,
        errors=report.errors,
        warnings=report.warnings,
        notes=report.notes,
        known=report.known,
        tolerated=report.tolerated,
        splits={name: _split(split) for name, split in report.splits.items()},
        findings=tuple(_finding(finding) for finding in report.findings),
        rules={rule.id: RulePart(rule.name, rule.what, rule.why, rule.fix) for rule in report.rules.values()},
        rules_run={outcome.id: _outcome(outcome) for outcome in report.rules_run.values()},
        not_run=report.not_run,
        remarks=report.remarks,
        config=report.config,
        seconds=round(report.seconds, 3),
        gallery=report.gallery,
        charts=report.charts,
    )


def _dataset(report: Report) -> DatasetPart:
    return DatasetPart(
        report.path,
        report.is_archive,
        report.files,
        report.bytes,
        report.names,
        report.location,
        report.data_yaml,
    )


def _split(split: SplitSummary | None) -> SplitPart | None:
    if split is None:
        return None
    return SplitPart(split.images, split.kept, split.unlabelled, split.instances, split.per_class)


def _outcome(outcome: RuleOutcome) -> OutcomePart:
    return OutcomePart(
        name=outcome.name,
        status=outcome.status,
        reason=outcome.reason,
        errors=outcome.counts.get(Severity.ERROR, 0),
        warnings=outcome.counts.get(Severity.WARNING, 0),
        notes=outcome.counts.get(Severity.NOTE, 0),
        files=outcome.files,
        known=outcome.known,
        ignored=outcome.ignored,
        tolerated=outcome.tolerated,
        lowered=outcome.lowered,
    )


def _finding(finding: Finding) -> FindingPart:
    place = finding.place
    return FindingPart(
        finding.rule,
        finding.severity.word,
        finding.consequence.name.lower(),
        place.path,
        place.line,
        place.column,
        place.split,
        finding.message,
        finding.fingerprint,
        finding.known,
    )


def _report(document: Document) -> Report:
    dataset = document.dataset
    return Report(
        version=document.version,
        path=dataset.path,
        location=dataset.location,
        is_archive=dataset.is_archive,
        task=document.task,
        task_reason=document.task_reason,
        profile=document.profile,
        fail_on=document.fail_on,
        verdict=document.verdict,
        exit_code=document.exit_code,
        findings=tuple(map(_read_finding, document.findings)),
        rules=_read_rules(document.rules, [finding.rule for finding in document.findings]),
        names=dataset.names,
        splits={name: _read_split(part) for name, part in document.splits.items()},
        files=dataset.files,
        bytes=dataset.bytes,
        seconds=document.seconds,
        not_run=document.not_run,
        rules_run={id_: _read_outcome(id_, part) for id_, part in document.rules_run.items()},
        remarks=document.remarks,
        config=document.config,
        data_yaml=dataset.data_yaml,
        gallery=document.gallery,
        charts=document.charts,
    )


def _read_finding(part: FindingPart) -> Finding:
    return Finding(
        part.rule,
        Severity[part.severity.upper()],
        Consequence[part.consequence.upper()],
        Place(part.path, part.line, part.column, part.split),
        part.message,
        part.fingerprint,
        part.known,
    )


def _read_rules(parts: Mapping[str, RulePart], fired: Iterable[str]) -> dict[str, RuleText]:
    for rule in fired:
        if rule not in parts:
            raise Malformed(f"rules.{rule} is missing")
    return {id_: RuleText(id_, part.name, part.what, part.why, part.fix) for id_, part in parts.items()}


def _read_split(part: SplitPart | None) -> SplitSummary | None:
    if part is None:
        return None
    return SplitSummary(part.images, part.kept, part.unlabelled, part.instances, part.per_class)


def _read_outcome(id_: str, part: OutcomePart) -> RuleOutcome:
    numbers = {Severity.ERROR: part.errors, Severity.WARNING: part.warnings, Severity.NOTE: part.notes}
    counts = {severity: number for severity, number in numbers.items() if number}
    flags = (part.known, part.ignored, part.tolerated, part.lowered)
    return RuleOutcome(id_, part.name, part.status, counts, part.files, part.reason, *flags)
