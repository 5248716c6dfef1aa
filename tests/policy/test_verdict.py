"""The gate: from which finding on a dataset fails."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable

import pytest

from hubaction.policy.config import Config
from hubaction.policy.given import Given
from hubaction.policy.policy import resolve
from hubaction.policy.tolerance import Extent
from hubaction.policy.verdict import FailOn, Verdict, judge
from hubaction.report.finding import Consequence, Fact, Place, Severity, Weight
from hubaction.rules.engine import RuleResult, Status

NOTE = Weight(Severity.NOTE, None, Consequence.NOTE)
WARNING = Weight(Severity.WARNING, None, Consequence.CHANGES)
ERROR = Weight(Severity.ERROR, None, Consequence.REJECTS)
UNREADABLE = Weight(Severity.ERROR, None, Consequence.UNREADABLE)
DROPS = Weight(Severity.ERROR, None, Consequence.DROPS)


def fact(weight: Weight = ERROR, rule: str = "L301", path: str = "a", line: int | None = 1) -> Fact:
    return Fact(rule, weight, Place(path, line), "message")


def judged(facts: Iterable[Fact], fail_on: FailOn = FailOn.ERROR, profile: str = "default") -> Verdict:
    """The verdict about facts, each rule's in the order given."""
    by_rule: dict[str, list[Fact]] = {}
    for one in facts:
        by_rule.setdefault(one.rule, []).append(one)
    results = [
        RuleResult(rule, Status.FINDINGS, found, Counter(one.weight for one in found))
        for rule, found in by_rule.items()
    ]
    return judge(results, resolve(Given(profile=profile, fail_on=fail_on), Config()), Extent(1000, 1000, False))


def verdict(*weights: Weight, fail_on: FailOn = FailOn.ERROR, profile: str = "default") -> tuple[str, int]:
    found = judged(map(fact, weights), fail_on, profile)
    return found.word, found.exit_code


@pytest.mark.parametrize("fail_on", FailOn)
def test_nothing_found_passes(fail_on: FailOn) -> None:
    assert verdict(fail_on=fail_on) == ("passed", 0)


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [(FailOn.ERROR, {ERROR}), (FailOn.WARNING, {ERROR, WARNING}), (FailOn.NEVER, set())],
    ids=["error", "warning", "never"],
)
@pytest.mark.parametrize("weight", [NOTE, WARNING, ERROR], ids=["note", "warn", "err"])
def test_fail_on(fail_on: FailOn, failing: set[Weight], weight: Weight) -> None:
    expected = ("failed", 1) if weight in failing else ("passed", 0)
    assert verdict(NOTE, weight, fail_on=fail_on) == expected


@pytest.mark.parametrize("profile", ["default", "hub"])
@pytest.mark.parametrize("fail_on", FailOn)
def test_unreadable_is_never_passed(fail_on: FailOn, profile: str) -> None:
    found = verdict(NOTE, UNREADABLE, ERROR, fail_on=fail_on, profile=profile)
    assert found == ("unreadable", 3)


def test_profile_decides() -> None:
    assert verdict(DROPS, profile="hub") == ("passed", 0)
    assert verdict(DROPS, profile="default") == ("failed", 1)
    assert verdict(DROPS, profile="hub", fail_on=FailOn.WARNING) == ("failed", 1)


def test_findings_carry_the_fact() -> None:
    (found,) = judged([fact(WARNING, "Y201", "x.yaml", 7)], profile="hub").findings
    assert (found.rule, found.severity, found.consequence) == ("Y201", Severity.WARNING, Consequence.CHANGES)
    assert (found.place, found.message) == (Place("x.yaml", 7), "message")


def test_findings_sort_worst_first_then_by_rule_path_and_line() -> None:
    ordered = [
        fact(ERROR, "A101", "z", 9),
        fact(ERROR, "L301", "B", 1),
        fact(ERROR, "L301", "a", None),
        fact(ERROR, "L301", "a", 2),
        fact(ERROR, "L301", "a", 10),
        fact(ERROR, "L301", "a-b", 1),
        fact(ERROR, "L301", "a/b", 1),
        fact(WARNING, "A101", "a", 1),
        fact(NOTE, "A101", "a", 1),
    ]
    expected = [(one.rule, one.place) for one in ordered]
    for shuffled in itertools.islice(itertools.permutations(ordered), 0, 50_000, 997):
        findings = judged(shuffled, FailOn.NEVER).findings
        assert [(one.rule, one.place) for one in findings] == expected


def test_column_and_message_break_ties() -> None:
    facts = [Fact("L301", ERROR, Place("a", 1, column), text) for column, text in ((2, "a"), (1, "b"), (1, "a"))]
    findings = judged(facts).findings
    assert [(one.place.column, one.message) for one in findings] == [(1, "a"), (1, "b"), (2, "a")]
