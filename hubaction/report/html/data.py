"""The findings as data for the page's script, which shows and filters them."""

from __future__ import annotations

from typing import Any

from hubaction.report.escape import visible
from hubaction.report.finding import Finding
from hubaction.report.html.drawing import COLOURS, class_name
from hubaction.report.html.gallery import described
from hubaction.report.model import Report
from hubaction.report.picture import Picture

MOST_FINDINGS = 20_000
"""Findings listed in the page, worst first; all of them are in the JSON report."""


class _Table:
    """Texts that many findings share, each once; made fit to be shown."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        if text not in self._numbers:
            self._numbers[text] = len(self.texts)
            self.texts.append(visible(text))
        return self._numbers[text]


def page_data(report: Report) -> dict[str, Any]:
    """Plain values, all of them fit to be shown as text.

    A finding is ``[rule, severity, path, line, column, split, class, message]``: numbers of entries in the lists beside
    it, -1 or 0 for none, and the message.
    """
    paths, splits = _Table(), _Table()
    findings = report.new_findings[:MOST_FINDINGS]
    classes = report.gallery.classes[: len(findings)] or (-1,) * len(findings)
    rules = {rule: number for number, rule in enumerate(dict.fromkeys(finding.rule for finding in findings))}
    rows = [_row(one, rules, paths, splits, cls) for one, cls in zip(findings, classes, strict=True)]
    used = sorted({cls for cls in classes if cls >= 0})
    return {
        "rules": [[rule, report.rules[rule].name, report.rules[rule].fix] for rule in rules],
        "paths": paths.texts,
        "splits": splits.texts,
        "classes": [[index, visible(class_name(report, index))] for index in used],
        "findings": rows,
        "pictures": [_picture(report, one, len(rows)) for one in report.gallery.pictures],
    }


def _row(finding: Finding, rules: dict[str, int], paths: _Table, splits: _Table, cls: int) -> list[Any]:
    place = finding.place
    return [
        rules[finding.rule],
        int(finding.severity),
        paths.number(place.path) if place.path else -1,
        place.line or 0,
        place.column or 0,
        splits.number(place.split) if place.split else -1,
        cls,
        visible(finding.message),
    ]


def _picture(report: Report, picture: Picture, listed: int) -> dict[str, Any]:
    """What the enlarged picture tells: its name, its findings and the classes drawn on it."""
    counts: dict[int, int] = {}
    for shape in picture.shapes:
        if shape.kind.value != "keypoints":
            counts[shape.index] = counts.get(shape.index, 0) + 1
    return {
        "path": visible(picture.path),
        "about": described(picture) + (f" {picture.more:,} objects are not drawn." if picture.more else ""),
        "label": visible(picture.label),
        "findings": [number for number in picture.findings if number < listed],
        "classes": [
            [index % COLOURS if index >= 0 else -1, visible(class_name(report, index)), number]
            for index, number in sorted(counts.items())
        ],
    }
