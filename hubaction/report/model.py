"""The report: everything that a check found out. Every renderer is a function of it and of nothing else."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hubaction.report.finding import Consequence, Finding, Severity
from hubaction.report.picture import Charts, Gallery


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


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What became of one rule.

    Attributes:
        status: passed, findings, not applicable, disabled, not run or crashed; ``reason`` says why.
        counts: exact number of findings by severity, without known ones; a report holds the first 1,000 of them.
        files: paths touched.
        known: findings that the baseline knows. ignored: findings on paths that the configuration takes out.
        tolerated: findings that would fail the gate but for the rule's tolerance.
        lowered: whether some weigh less because the set is small.
    """

    id: str
    name: str
    status: str
    counts: Mapping[Severity, int] = field(default_factory=dict)
    files: int = 0
    reason: str = ""
    known: int = 0
    ignored: int = 0
    tolerated: int = 0
    lowered: bool = False

    @property
    def found(self) -> int:
        """Findings, without known ones."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Report:
    """The result of a check.

    Attributes:
        path: the dataset as it was named; ``location`` is the same relative to the repository, for annotations.
        task_reason: how the task was inferred; '' where it was given.
        verdict: passed, failed, unreadable, or interrupted: a signal ended the check before it judged anything.
        findings: worst first.
        rules: texts of the rules that fired, by id.
        splits: counts by split; None for a split without images.
        not_run: what was not looked at, and why.
        make_stats: computes ``stats``.
        rules_run: what became of every rule, by id.
        remarks: what else a reader has to know, a line each.
        config: the configuration file that was used; '' for none.
        data_yaml: path of the data.yaml that was read, relative to the dataset; '' for none.
        gallery, charts: for formats that show pictures; empty and None where nobody asked for them.
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
    rules_run: Mapping[str, RuleOutcome] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    config: str = ""
    data_yaml: str = ""
    gallery: Gallery = field(default_factory=Gallery)
    charts: Charts | None = None

    @functools.cached_property
    def stats(self) -> dict[str, Any]:
        """The statistics that ``HUBDatasetStats(path, task).get_json()`` returned, value for value."""
        return self.make_stats()

    @functools.cached_property
    def counts(self) -> Mapping[Severity, int]:
        """Exact number of findings by severity, without those that the baseline knows."""
        if not self.rules_run:
            return Counter(finding.severity for finding in self.new_findings)
        totals: Counter[Severity] = Counter()
        for outcome in self.rules_run.values():
            totals.update(outcome.counts)
        return totals

    @functools.cached_property
    def new_findings(self) -> tuple[Finding, ...]:
        """Findings that the baseline does not know."""
        return tuple(finding for finding in self.findings if not finding.known)

    @property
    def known(self) -> int:
        """Number of findings that the baseline knows."""
        return sum(outcome.known for outcome in self.rules_run.values())

    @property
    def tolerated(self) -> int:
        """Number of findings that would fail the gate but for a tolerance."""
        return sum(outcome.tolerated for outcome in self.rules_run.values())

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
        """Findings that are not known, by rule, the rule with the worst finding first."""
        groups: dict[str, list[Finding]] = {}
        for finding in self.new_findings:
            groups.setdefault(finding.rule, []).append(finding)
        return groups

    def outcome(self, rule: str) -> RuleOutcome:
        """What became of a rule; counted from the findings where the report does not say."""
        if rule in self.rules_run:
            return self.rules_run[rule]
        findings = [finding for finding in self.new_findings if finding.rule == rule]
        files = len({finding.place.path for finding in findings})
        counts = Counter(finding.severity for finding in findings)
        return RuleOutcome(rule, self.rules[rule].name, "findings", counts, files)


def fails(report: Report, finding: Finding) -> bool:
    """Whether a finding fails the gate: its rule crashed, nothing could be read, or it weighs enough and is neither
    known nor tolerated.
    """
    if finding.consequence is Consequence.UNREADABLE or is_crash(report, finding):
        return True
    enough = reaches(report, finding.severity)
    return enough and not finding.known and not report.outcome(finding.rule).tolerated


def reaches(report: Report, severity: Severity) -> bool:
    """Whether a finding of that severity weighs enough to fail the gate."""
    return report.fail_on != "never" and severity >= Severity[report.fail_on.upper()]


def is_crash(report: Report, finding: Finding) -> bool:
    """Whether it is about a rule that failed, not about the dataset."""
    return report.outcome(finding.rule).status == "crashed"


def count(number: int, noun: str) -> str:
    """'1 image', '1,200 images'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def headline(report: Report) -> str:
    """The verdict in one line: what, how many, in which time."""
    if report.verdict == "interrupted":
        return f"interrupted before anything was judged (profile {report.profile})"
    found = ", ".join(
        count(number, noun)
        for number, noun in ((report.errors, "error"), (report.warnings, "warning"), (report.notes, "note"))
        if number
    )
    found = found or "no findings"
    found += f" ({', '.join(_uncounted(report))})" if _uncounted(report) else ""
    held = f"{count(report.images, 'image')}, {count(report.instances, 'object')}"
    return f"{report.verdict}: {found} in {held} ({report.task}, profile {report.profile})"


def _uncounted(report: Report) -> list[str]:
    """What was found and does not fail the gate, by permission."""
    numbers = ((report.tolerated, "tolerated"), (report.known, "more known"))
    return [f"{number:,} {word}" for number, word in numbers if number]


def amount(outcome: RuleOutcome, kept: int) -> str:
    """'1,203 findings in 400 files, 1,000 kept'; ``kept`` is how many of them the report holds."""
    parts = f"{count(outcome.found, 'finding')} in {count(outcome.files, 'file')}"
    return parts if kept >= outcome.found else f"{parts}, {kept:,} kept"


def coverage(report: Report) -> list[str]:
    """What was looked at and what was not, then remarks; a line each. NOT RUN is not PASSED."""
    lines = [_rules_line(report), *_reasons(report)] if report.rules_run else []
    lines += [f"not looked at: {line}" for line in report.not_run]
    lines += report.remarks
    return [*lines, f"configuration: {report.config}"] if report.config else lines


def _rules_line(report: Report) -> str:
    by_status = Counter(outcome.status for outcome in report.rules_run.values())
    ran = by_status["passed"] + by_status["findings"]
    parts = [f"{count(ran, 'rule')} ran"]
    others = ("crashed", "not applicable", "disabled", "not run")
    parts += [f"{by_status[word]:,} {word}" for word in others if by_status[word]]
    lowered = sum(outcome.lowered for outcome in report.rules_run.values())
    ignored = sum(outcome.ignored for outcome in report.rules_run.values())
    parts += [f"{count(lowered, 'rule')} lowered: small set"] if lowered else []
    parts += [f"{count(ignored, 'finding')} ignored by path"] if ignored else []
    return ", ".join(parts)


def _reasons(report: Report) -> list[str]:
    """Why rules did not run, or only in part: a line a reason, the most frequent first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for outcome in report.rules_run.values():
        partly = "partly " if outcome.status == "findings" and outcome.reason else ""
        if partly or outcome.status == "not run":
            groups.setdefault((partly, outcome.reason), []).append(outcome.id)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [f"{partly}not run: {', '.join(rules)}: {reason}" for (partly, reason), rules in ordered]
