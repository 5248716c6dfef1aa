"""The report: everything that a check found out. Every renderer is a function of it and of nothing else."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hubaction.report.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule has to say to people."""

    id: str
    name: str
    what: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """Counts of one split: images listed, images that the loader keeps, those without an object, and objects."""

    images: int
    kept: int
    unlabelled: int
    instances: int
    per_class: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """The result of a check.

    Attributes:
        path: the dataset as it was named; ``location`` is the same relative to the repository, for annotations.
        task_reason: how the task was inferred; '' where it was given.
        verdict: passed, failed or unreadable.
        findings: worst first.
        rules: texts of the rules that fired, by id.
        splits: counts by split; None for a split without images.
        not_run: what was not looked at, and why.
        make_stats: computes ``stats``.
    """

    version: str
    path: str
    location: str
    is_archive: bool
    task: str
    task_reason: str
    profile: str
    fail_on: str
    verdict: str
    exit_code: int
    findings: tuple[Finding, ...]
    rules: Mapping[str, RuleText]
    names: tuple[str, ...]
    splits: Mapping[str, SplitSummary | None]
    files: int
    bytes: int
    seconds: float
    not_run: tuple[str, ...] = ()
    make_stats: Callable[[], dict[str, Any]] = field(default=dict, repr=False, compare=False)

    @functools.cached_property
    def stats(self) -> dict[str, Any]:
        """The statistics that ``HUBDatasetStats(path, task).get_json()`` returned, value for value."""
        return self.make_stats()

    @functools.cached_property
    def counts(self) -> Mapping[Severity, int]:
        """Number of findings by severity."""
        return Counter(finding.severity for finding in self.findings)

    @property
    def errors(self) -> int:
        return self.counts.get(Severity.ERROR, 0)

    @property
    def warnings(self) -> int:
        return self.counts.get(Severity.WARNING, 0)

    @property
    def notes(self) -> int:
        return self.counts.get(Severity.NOTE, 0)

    @property
    def images(self) -> int:
        """Images listed in all splits."""
        return sum(split.images for split in self.splits.values() if split)

    @property
    def instances(self) -> int:
        """Objects that the loader keeps in all splits."""
        return sum(split.instances for split in self.splits.values() if split)

    def by_rule(self) -> dict[str, list[Finding]]:
        """Findings by rule, the rule with the worst finding first."""
        groups: dict[str, list[Finding]] = {}
        for finding in self.findings:
            groups.setdefault(finding.rule, []).append(finding)
        return groups


def count(number: int, noun: str) -> str:
    """'1 image', '1,200 images'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def headline(report: Report) -> str:
    """The verdict in one line: what, how many, in which time."""
    found = ", ".join(
        count(number, noun)
        for number, noun in ((report.errors, "error"), (report.warnings, "warning"), (report.notes, "note"))
        if number
    )
    held = f"{count(report.images, 'image')}, {count(report.instances, 'object')}"
    return f"{report.verdict}: {found or 'no findings'} in {held} ({report.task}, profile {report.profile})"
