"""The gate: facts become findings with a severity, and findings become a verdict."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from hubaction.policy.profiles import Profile
from hubaction.report.finding import Consequence, Fact, Finding, Severity


class FailOn(enum.Enum):
    """From which severity on a finding fails the gate."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judged findings, worst first, and what follows from them. ``word`` is passed, failed or unreadable."""

    word: str
    exit_code: int
    findings: tuple[Finding, ...]


def judge(facts: Iterable[Fact], profile: Profile, fail_on: FailOn) -> Verdict:
    """Weigh facts by a profile. A dataset that cannot be read is never passed, whatever ``fail_on`` says."""
    findings = tuple(sorted((_weigh(fact, profile) for fact in facts), key=Finding.sort_key))
    if any(finding.consequence is Consequence.UNREADABLE for finding in findings):
        return Verdict("unreadable", 3, findings)
    bar = {FailOn.ERROR: Severity.ERROR, FailOn.WARNING: Severity.WARNING}.get(fail_on)
    failed = bar is not None and any(finding.severity >= bar for finding in findings)
    return Verdict("failed", 1, findings) if failed else Verdict("passed", 0, findings)


def _weigh(fact: Fact, profile: Profile) -> Finding:
    severity = profile.severities[fact.consequence]
    return Finding(fact.rule, severity, fact.consequence, fact.place, fact.message)
