"""The gate: results of rules become findings with a severity, and findings become a verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hubaction.policy.baseline import Baseline, Known, identity, may_be_known
from hubaction.policy.policy import Policy
from hubaction.policy.profiles import FailOn
from hubaction.policy.tolerance import Extent
from hubaction.report.finding import Consequence, Fact, Finding, Severity, Weight
from hubaction.rules.collector import STORED
from hubaction.rules.engine import RuleResult, Status

__all__ = ["FailOn", "Judged", "Verdict", "judge"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule's result after weighing: exact counts, and its share in the verdict.

    Attributes:
        counts: findings by severity, without those that the baseline knows.
        files: paths touched, known findings included.
        known: findings that the baseline knows. ignored: facts on paths that the rule is not to speak about.
        failing: findings that would fail the gate. tolerated: whether they are put up with.
        lowered: whether some weigh less because the set is small.
    """

    rule: str
    status: Status
    counts: Mapping[Severity, int] = field(default_factory=Counter)
    files: int = 0
    reason: str = ""
    known: int = 0
    ignored: int = 0
    failing: int = 0
    tolerated: bool = False
    lowered: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings, worst first, and what follows from them. ``word`` is passed, failed or unreadable.

    ``stale`` are entries of the baseline that match nothing any more.
    """

    word: str
    exit_code: int
    findings: tuple[Finding, ...]
    rules: tuple[Judged, ...]
    stale: tuple[Known, ...] = ()


def judge(results: Sequence[RuleResult], policy: Policy, extent: Extent, baseline: Baseline | None = None) -> Verdict:
    """Weigh results. A dataset that cannot be read is never passed, whatever ``fail_on`` says.

    Args:
        extent: size of the dataset, for tolerances in percent and for small sets.
        baseline: known findings; the results then have to hold all facts, not only the first of each rule.
    """
    baseline = baseline or Baseline()
    left = Counter(baseline.counts)
    judged, findings = [], []
    for result in results:
        one, found = _judge_rule(result, policy, extent, left)
        judged.append(one)
        findings += found
    word, code = _outcome(results, judged)
    stale = tuple(baseline.stale(left, results))
    return Verdict(word, code, tuple(sorted(findings, key=Finding.sort_key)), tuple(judged), stale)


def _outcome(results: Sequence[RuleResult], judged: Sequence[Judged]) -> tuple[str, int]:
    if any(weight.consequence is Consequence.UNREADABLE for result in results for weight in result.counts):
        return "unreadable", 3
    if any(one.status is Status.CRASHED for one in judged):
        return "failed", 5
    return ("failed", 1) if any(one.failing and not one.tolerated for one in judged) else ("passed", 0)


def _judge_rule(
    result: RuleResult, policy: Policy, extent: Extent, left: Counter[Known]
) -> tuple[Judged, list[Finding]]:
    findings = [_weigh(fact, result, policy, extent, known=_take(fact, result, left)) for fact in result.facts]
    known = Counter(finding.severity for finding in findings if finding.known)
    counts = _counts(result, policy, extent) - known
    failing = sum(number for severity, number in counts.items() if policy.fail_on.reached_by(severity))
    judged = Judged(
        result.rule,
        result.status,
        counts,
        result.files,
        result.reason,
        known.total(),
        result.ignored,
        failing,
        tolerated=failing > 0 and policy.tolerates(result.rule, failing, extent),
        lowered=any(policy.lowers(result.rule, weight, small=extent.small) for weight in result.counts),
    )
    return judged, sorted(findings, key=lambda finding: finding.known)[:STORED]


def _take(fact: Fact, result: RuleResult, left: Counter[Known]) -> bool:
    """Whether the baseline knows one more of these; it then knows one less."""
    knowable = left and result.status is not Status.CRASHED and may_be_known(fact)
    key = identity(fact) if knowable else None
    if key is None or left[key] <= 0:
        return False
    left[key] -= 1
    return True


def _weigh(fact: Fact, result: RuleResult, policy: Policy, extent: Extent, *, known: bool) -> Finding:
    severity = _severity(result, fact.weight, policy, extent)
    return Finding(fact.rule, severity, fact.weight.consequence, fact.place, fact.message, fact.fingerprint, known)


def _counts(result: RuleResult, policy: Policy, extent: Extent) -> Counter[Severity]:
    """Exact number of findings by severity, known ones included."""
    counts: Counter[Severity] = Counter()
    for weight, number in result.counts.items():
        counts[_severity(result, weight, policy, extent)] += number
    return counts


def _severity(result: RuleResult, weight: Weight, policy: Policy, extent: Extent) -> Severity:
    """A crash is an error in every profile: it is about us, not about the data."""
    crashed = result.status is Status.CRASHED
    return Severity.ERROR if crashed else policy.severity(result.rule, weight, small=extent.small)
