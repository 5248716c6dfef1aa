"""The gate: from which finding on a dataset fails."""

from __future__ import annotations

import itertools

import pytest

from hubaction.policy.profiles import profile_named
from hubaction.policy.verdict import FailOn, judge
from hubaction.report.finding import Consequence, Fact, Place, Severity

NOTE, WARNING, ERROR = Consequence.NOTE, Consequence.CHANGES, Consequence.REJECTS


def fact(consequence: Consequence = ERROR, rule: str = "L301", path: str = "a", line: int | None = 1) -> Fact:
    return Fact(rule, consequence, Place(path, line), "message")


def verdict(*consequences: Consequence, fail_on: FailOn = FailOn.ERROR, profile: str = "default") -> tuple[str, int]:
    found = judge([fact(one) for one in consequences], profile_named(profile), fail_on)
    return found.word, found.exit_code


@pytest.mark.parametrize("fail_on", FailOn)
def test_nothing_found_passes(fail_on: FailOn) -> None:
    assert verdict(fail_on=fail_on) == ("passed", 0)


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [(FailOn.ERROR, {ERROR}), (FailOn.WARNING, {ERROR, WARNING}), (FailOn.NEVER, set())],
    ids=["error", "warning", "never"],
)
@pytest.mark.parametrize("consequence", [NOTE, WARNING, ERROR], ids=["note", "warn", "err"])
def test_fail_on(fail_on: FailOn, failing: set[Consequence], consequence: Consequence) -> None:
    expected = ("failed", 1) if consequence in failing else ("passed", 0)
    assert verdict(NOTE, consequence, fail_on=fail_on) == expected


@pytest.mark.parametrize("profile", ["default", "hub"])
@pytest.mark.parametrize("fail_on", FailOn)
def test_unreadable_is_never_passed(fail_on: FailOn, profile: str) -> None:
    found = verdict(NOTE, Consequence.UNREADABLE, ERROR, fail_on=fail_on, profile=profile)
    assert found == ("unreadable", 3)


def test_profile_decides() -> None:
    assert verdict(Consequence.DROPS, profile="hub") == ("passed", 0)
    assert verdict(Consequence.DROPS, profile="default") == ("failed", 1)
    assert verdict(Consequence.DROPS, profile="hub", fail_on=FailOn.WARNING) == ("failed", 1)


def test_findings_carry_the_fact() -> None:
    (found,) = judge([fact(WARNING, "Y201", "x.yaml", 7)], profile_named("hub"), FailOn.ERROR).findings
    assert (found.rule, found.severity, found.consequence) == ("Y201", Severity.WARNING, WARNING)
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
        findings = judge(shuffled, profile_named("default"), FailOn.NEVER).findings
        assert [(one.rule, one.place) for one in findings] == expected


def test_column_and_message_break_ties() -> None:
    facts = [Fact("L301", ERROR, Place("a", 1, column), text) for column, text in ((2, "a"), (1, "b"), (1, "a"))]
    findings = judge(facts, profile_named("default"), FailOn.ERROR).findings
    assert [(one.place.column, one.message) for one in findings] == [(1, "a"), (1, "b"), (2, "a")]
