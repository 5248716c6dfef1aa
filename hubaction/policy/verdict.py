"""The gate: results of rules become findings with a severity, and findings become a verdict."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hubaction.policy.profiles import Profile
from hubaction.report.finding import Consequence, Fact, Finding, Severity
from hubaction.rules.engine import RuleResult, Status


class FailOn(enum.Enum):
    """From which severity on a finding fails the gate."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"

    def reached_by(self, severity: Severity) -> bool:
        """Whether a finding of that severity fails the gate."""
        return self is not FailOn.NEVER and severity >= Severity[self.name]


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule's result after weighing: exact counts by severity, and its share in the verdict."""

    rule: str
    status: Status
    counts: Mapping[Severity, int] = field(default_factory=Counter)
    files: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings, worst first, and what follows from them. ``word`` is passed, failed or unreadable."""

    word: str
    exit_code: int
    findings: tuple[Finding, ...]
    rules: tuple[Judged, ...]


def judge(results: Sequence[RuleResult], profile: Profile, fail_on: FailOn, *, small_set: bool) -> Verdict:
    """Weigh results by a profile. A dataset that cannot be read is never passed, whatever ``fail_on`` says."""
    findings = [_weigh(fact, profile, small_set) for result in results for fact in result.facts]
    judged = tuple(_judge_rule(result, profile, small_set) for result in results)
    word, code = _outcome(findings, judged, fail_on)
    return Verdict(word, code, tuple(sorted(findings, key=Finding.sort_key)), judged)


def _outcome(findings: Sequence[Finding], judged: Sequence[Judged], fail_on: FailOn) -> tuple[str, int]:
    if any(finding.consequence is Consequence.UNREADABLE for finding in findings):
        return "unreadable", 3
    if any(one.status is Status.CRASHED for one in judged):
        return "failed", 5
    failed = any(fail_on.reached_by(severity) for one in judged for severity in one.counts)
    return ("failed", 1) if failed else ("passed", 0)


def _weigh(fact: Fact, profile: Profile, small_set: bool) -> Finding:
    severity = profile.severity(fact.rule, fact.weight, small_set=small_set)
    return Finding(fact.rule, severity, fact.weight.consequence, fact.place, fact.message, fact.fingerprint)


def _judge_rule(result: RuleResult, profile: Profile, small_set: bool) -> Judged:
    counts: Counter[Severity] = Counter()
    for weight, number in result.counts.items():
        counts[profile.severity(result.rule, weight, small_set=small_set)] += number
    return Judged(result.rule, result.status, counts, result.files, result.reason)
