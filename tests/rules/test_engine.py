"""The engine: each rule on its own, what is not selected not at all, and exact counts however much is found."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hubaction.dataset.defects import Defect, Kind
from hubaction.dataset.limits import Depth
from hubaction.policy.catalogue import Catalogue
from hubaction.policy.config import Config, PathIgnore
from hubaction.policy.given import Given
from hubaction.policy.policy import resolve
from hubaction.policy.tolerance import Extent
from hubaction.policy.verdict import FailOn, Verdict, judge
from hubaction.report.finding import Consequence, Severity
from hubaction.rules.collector import STORED, Collector
from hubaction.rules.engine import RuleResult, Selected, Status, run_rules
from hubaction.rules.rule import Case, Need, Option, Rule

UNREADABLE = {
    Kind.ARCHIVE_EMPTY: Case(Consequence.UNREADABLE, "nothing in it", Severity.ERROR),
    Kind.ENTRY_DAMAGED: Case(Consequence.REJECTS, "damaged", Severity.ERROR),
}


def rule(check: Callable[[Any, Any, Collector], None] | None = None, id: str = "L306", **more: Any) -> Rule:
    return Rule(id, f"name-{id.lower()}", "d", (Need.TEXT,), "", "", "", "", "", check=check, **more)


def view(*kinds: Kind, task: str = "detect") -> Any:
    return SimpleNamespace(task=task, defects=[Defect(kind, "a") for kind in kinds], depth=Depth.DECODE)


def run(*rules: Rule, seen: Any = None, stored: int | None = STORED, **config: Any) -> tuple[list[RuleResult], Verdict]:
    policy = resolve(Given(fail_on=FailOn.NEVER), Config(**config), Catalogue(rules))
    results = run_rules(seen or view(), policy.selection(rules), former=False, stored=stored)
    return results, judge(results, policy, Extent())


def crash(view: Any, options: Any, out: Collector) -> None:
    out.add(Severity.NOTE, "before the crash")
    raise ZeroDivisionError("oops")


def finds(number: int) -> Callable[[Any, Any, Collector], None]:
    def check(view: Any, options: Any, out: Collector) -> None:
        for index in range(number):
            out.add(Severity.ERROR, "m", f"file{index % 400}")

    return check


def test_a_crash_costs_one_rule_and_ends_with_code_5() -> None:
    results, verdict = run(rule(crash), rule(finds(2), "L307"))
    assert [one.status for one in results] == [Status.CRASHED, Status.FINDINGS]
    assert "ZeroDivisionError: oops" in results[0].reason
    assert (verdict.word, verdict.exit_code) == ("failed", 5)
    assert [one.rule for one in verdict.findings] == ["L306", "L307", "L307"]


@pytest.mark.parametrize("off", [{"ignore": ("L306",)}, {"select": ("V8",)}, {"severity": {"L3": None}}])
def test_a_disabled_rule_is_never_called(off: dict[str, Any]) -> None:
    called = []
    other = rule(lambda *_: called.append("other"), "V801")
    results, verdict = run(rule(lambda *_: called.append("disabled")), other, **off)
    assert called == ["other"]
    assert [one.status for one in results] == [Status.DISABLED, Status.PASSED]
    assert results[0].reason
    assert verdict.exit_code == 0


def test_counts_are_exact_beyond_what_is_kept() -> None:
    (result,), verdict = run(rule(finds(1203)))
    assert (len(result.facts), sum(result.counts.values()), result.files) == (1000, 1203, 400)
    assert len(verdict.findings) == 1000
    assert verdict.rules[0].counts == {Severity.ERROR: 1203}
    (result,), verdict = run(rule(finds(1203)), stored=None)
    assert len(result.facts) == 1203
    assert (len(verdict.findings), verdict.rules[0].counts) == (1000, {Severity.ERROR: 1203})


@pytest.mark.parametrize(
    "config",
    [
        {"ignore": ("A106",)},
        {"select": ("L306",)},
        {"severity": {"A1": None}},
        {"severity": {"A106": Severity.NOTE}},
        {"per_path_ignores": (PathIgnore(("**",), ("A",), "x"),)},
    ],
    ids=str,
)
def test_that_nothing_can_be_read_cannot_be_ignored(config: dict[str, Any]) -> None:
    both = view(Kind.ARCHIVE_EMPTY, Kind.ENTRY_DAMAGED)
    results, verdict = run(rule(id="A106", cases=UNREADABLE), rule(id="L306"), seen=both, **config)
    assert (verdict.word, verdict.exit_code) == ("unreadable", 3)
    assert [one.severity for one in verdict.findings if one.message == "nothing in it"] == [Severity.ERROR]
    if "severity" not in config or config["severity"].get("A1", 0) is None:
        assert [fact.message for fact in results[0].facts] == ["nothing in it"]


def test_a_disabled_rule_says_nothing_else() -> None:
    results, _ = run(rule(id="A106", cases=UNREADABLE), seen=view(Kind.ENTRY_DAMAGED), ignore=("A106",))
    assert (results[0].status, results[0].facts) == (Status.DISABLED, ())


def test_what_lies_on_an_ignored_path_is_counted_apart() -> None:
    ignore = PathIgnore(("file1",), ("L306",), "x")
    (result,), verdict = run(rule(finds(800)), per_path_ignores=(ignore,))
    assert (result.ignored, sum(result.counts.values()), result.files) == (2, 798, 399)
    assert verdict.rules[0].ignored == 2


def test_rows_of_an_ignored_file_are_counted_apart() -> None:
    rows = SimpleNamespace(image=np.array([0, 1, 1]), line=np.array([1, 1, 2]), key=str)
    split: Any = SimpleNamespace(name="train", labels=["a.txt", "b.txt"], rows=rows)
    out = Collector("L306", ignored=lambda path: path == "b.txt")
    out.add_rows(split, np.array([0, 1, 2]), Severity.ERROR, lambda row: f"row {row}")
    assert ([fact.message for fact in out.facts], out.ignored, out.files) == (["row 0"], 2, {"a.txt"})


def test_given_options_lie_over_the_rules_own() -> None:
    seen: list[dict[str, float]] = []
    one = rule(lambda view, options, out: seen.append(dict(options)), options={"a": Option(1, ""), "b": Option(2, "")})
    run_rules(view(), [Selected(one, {"b": 3})], former=False)
    assert seen == [{"a": 1, "b": 3}]


def test_not_run_is_not_passed() -> None:
    def blind(view: Any, options: Any, out: Collector) -> None:
        out.not_run = "nothing to look at"

    results, _ = run(rule(blind), rule(later="needs a base", id="R901"), rule(id="L307"), rule(finds(1), "L308"))
    assert [(one.status, one.reason) for one in results] == [
        (Status.NOT_RUN, "nothing to look at"),
        (Status.NOT_RUN, "needs a base"),
        (Status.PASSED, ""),
        (Status.FINDINGS, ""),
    ]
    results, _ = run(rule(finds(1)), seen=view(task="classify"))
    assert results[0].status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    "kind", [Kind.ARCHIVE_UNREADABLE, Kind.ARCHIVE_EMPTY, Kind.ARCHIVE_TOO_LARGE, Kind.ROOT_NOT_FOLDER], ids=str
)
@pytest.mark.parametrize("former", [False, True], ids=["today", "former"])
def test_where_nothing_was_read_only_the_rule_that_says_so_has_run(kind: Kind, former: bool) -> None:
    called = []
    rules = [
        rule(id="A106", cases={kind: Case(Consequence.UNREADABLE, "nothing", Severity.ERROR)}),
        rule(lambda *_: called.append("check"), "L306"),
        rule(id="L307", cases={Kind.ENTRY_DAMAGED: Case(Consequence.DROPS, "damaged", Severity.ERROR)}),
        rule(id="R901", later="needs a base"),
    ]
    results = run_rules(view(kind), [Selected(one) for one in rules], former=former)
    statuses = [one.status for one in results]
    assert statuses == [Status.FINDINGS, Status.NOT_RUN, Status.NOT_RUN, Status.NOT_RUN]
    assert called == []
    assert all("archive" in one.reason for one in results[1:3])
    assert results[3].reason == "needs a base"
    off = run_rules(view(kind), [Selected(rules[1], disabled="ignore: L306")], former=former)
    assert [(one.status, one.reason) for one in off] == [(Status.DISABLED, "ignore: L306")]
