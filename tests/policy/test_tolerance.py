"""Findings that are put up with: listed, and not failing."""

from __future__ import annotations

from collections import Counter

import pytest

from hubaction.policy.catalogue import Catalogue
from hubaction.policy.config import Config
from hubaction.policy.given import Given
from hubaction.policy.policy import Policy, resolve
from hubaction.policy.profiles import FailOn
from hubaction.policy.tolerance import Extent, Tolerance
from hubaction.policy.verdict import Verdict, judge
from hubaction.report.finding import Consequence, Fact, Place, Severity, Weight
from hubaction.rules.engine import RuleResult, Status
from hubaction.rules.rule import Need, Rule

ERROR, WARNING = Weight(Severity.ERROR), Weight(Severity.WARNING)
RULES = (
    Rule("L306", "row", "d", (Need.TEXT,), "", "", "", "", ""),
    Rule("I608", "image", "d", (Need.HEADER,), "", "", "", "", ""),
)


def policy(fail_on: FailOn = FailOn.ERROR, **tolerance: Tolerance) -> Policy:
    return resolve(Given(fail_on=fail_on), Config(tolerance=tolerance), Catalogue(RULES))


def result(rule: str, *weights: Weight) -> RuleResult:
    facts = [Fact(rule, weight, Place(f"{index}"), "m") for index, weight in enumerate(weights)]
    return RuleResult(rule, Status.FINDINGS, facts, Counter(weights), len(weights))


def judged(rule: str, number: int, tolerance: Tolerance, weight: Weight = ERROR) -> Verdict:
    return judge([result(rule, *[weight] * number)], policy(**{rule: tolerance}), Extent(images=200, objects=1000))


@pytest.mark.parametrize(
    ("rule", "tolerance", "most"),
    [
        ("L306", Tolerance(most=5), 5),
        ("L306", Tolerance(most=0), 0),
        ("L306", Tolerance(percent=1), 10),
        ("I608", Tolerance(percent=1), 2),
        ("I608", Tolerance(percent=0), 0),
    ],
)
def test_up_to_the_tolerance_it_passes(rule: str, tolerance: Tolerance, most: int) -> None:
    if most:
        within = judged(rule, most, tolerance)
        assert (within.word, within.exit_code, len(within.findings)) == ("passed", 0, most)
        assert within.rules[0].tolerated
    beyond = judged(rule, most + 1, tolerance)
    assert (beyond.word, beyond.exit_code) == ("failed", 1)
    assert not beyond.rules[0].tolerated


def test_only_findings_that_would_fail_use_the_tolerance_up() -> None:
    mixed = result("L306", ERROR, WARNING, WARNING)
    assert judge([mixed], policy(L306=Tolerance(most=1)), Extent()).exit_code == 0
    assert judge([mixed], policy(FailOn.WARNING, L306=Tolerance(most=1)), Extent()).exit_code == 1


def test_one_rules_tolerance_is_not_anothers() -> None:
    results = [result("L306", ERROR), result("I608", ERROR)]
    assert judge(results, policy(L306=Tolerance(most=9)), Extent()).exit_code == 1


def test_unreadable_and_crashes_are_never_tolerated() -> None:
    unreadable = Weight(Severity.ERROR, None, Consequence.UNREADABLE)
    assert judged("I608", 1, Tolerance(most=9), unreadable).exit_code == 3
    crash = RuleResult("I608", Status.CRASHED, [Fact("I608", ERROR, Place(), "m")], {ERROR: 1})
    for fail_on in FailOn:
        verdict = judge([crash], policy(fail_on, I608=Tolerance(most=9)), Extent())
        assert (verdict.word, verdict.exit_code) == ("failed", 5)


def test_a_crash_is_an_error_in_every_profile() -> None:
    crash = RuleResult("I608", Status.CRASHED, [Fact("I608", ERROR, Place(), "m")], {ERROR: 1})
    verdict = judge([crash], resolve(Given(profile="hub"), Config()), Extent())
    assert [finding.severity for finding in verdict.findings] == [Severity.ERROR]
    assert verdict.rules[0].counts == {Severity.ERROR: 1}
