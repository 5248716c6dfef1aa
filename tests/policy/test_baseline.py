"""Known findings: a counted multiset that hides as many as it counts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from hubaction.errors import UsageError
from hubaction.policy.baseline import SCHEMA, Baseline, read_baseline, stale_remark
from hubaction.policy.policy import default_policy
from hubaction.policy.tolerance import Extent
from hubaction.policy.verdict import Verdict, judge
from hubaction.report.finding import Consequence, Fact, Place, Severity, Weight
from hubaction.rules.engine import RuleResult, Status

ERROR = Weight(Severity.ERROR)


def fact(path: str = "a.txt", line: int = 1, key: str = "0 1 2", weight: Weight = ERROR) -> Fact:
    return Fact("L306", weight, Place(path, line), "message", key)


def result(*facts: Fact, status: Status = Status.FINDINGS) -> RuleResult:
    return RuleResult("L306", status, facts, Counter(one.weight for one in facts), len(facts))


def judged(known: list[Fact], found: list[Fact]) -> Verdict:
    return judge([result(*found)], default_policy(), Extent(), Baseline.of([result(*known)]))


def test_a_known_finding_is_kept_and_marked_and_does_not_count() -> None:
    verdict = judged([fact(line=1)], [fact(line=7)])
    assert (verdict.exit_code, [one.known for one in verdict.findings]) == (0, [True])
    assert verdict.rules[0].counts == {}
    assert verdict.rules[0].known == 1


def test_one_entry_hides_one_finding() -> None:
    verdict = judged([fact()], [fact(line=1), fact(line=2)])
    assert (verdict.exit_code, [one.known for one in verdict.findings]) == (1, [True, False])
    assert verdict.rules[0].counts == {Severity.ERROR: 1}
    assert judged([fact(), fact()], [fact(line=1), fact(line=2)]).exit_code == 0


@pytest.mark.parametrize("other", [fact(path="b.txt"), fact(key="1 1 2")])
def test_another_path_or_object_is_new(other: Fact) -> None:
    assert judged([fact()], [other]).exit_code == 1


def test_entries_left_over_are_stale() -> None:
    verdict = judged([fact(), fact(), fact("b.txt")], [fact()])
    assert [one.path for one in verdict.stale] == ["a.txt", "b.txt"]
    assert stale_remark(verdict.stale).startswith("2 entries of the baseline match nothing any more (the first: L306")
    assert stale_remark(()) == ""


@pytest.mark.parametrize("status", [Status.DISABLED, Status.NOT_RUN, Status.NOT_APPLICABLE, Status.CRASHED])
def test_a_rule_that_did_not_look_leaves_no_stale_entries(status: Status) -> None:
    baseline = Baseline.of([result(fact())])
    assert judge([result(status=status)], default_policy(), Extent(), baseline).stale == ()
    assert judge([result(status=Status.PASSED)], default_policy(), Extent(), baseline).stale != ()


def test_unreadable_and_crashes_can_never_be_known() -> None:
    unreadable = fact(weight=Weight(Severity.ERROR, None, Consequence.UNREADABLE))
    assert judged([unreadable], [unreadable]).exit_code == 3
    crash = result(fact(), status=Status.CRASHED)
    assert Baseline.of([crash]).counts == {}
    assert judge([crash], default_policy(), Extent(), Baseline.of([result(fact())])).exit_code == 5


def test_new_findings_come_before_known_ones_where_not_all_are_kept() -> None:
    facts = [fact(f"{index:04}") for index in range(1500)]
    verdict = judged(facts[:1400], facts)
    assert len(verdict.findings) == 1000
    assert sum(not one.known for one in verdict.findings) == 100
    assert (verdict.rules[0].known, verdict.rules[0].counts) == (1400, {Severity.ERROR: 100})


def test_the_file_is_sorted_and_comes_back(tmp_path: Path) -> None:
    facts = [fact("b"), fact("a"), fact("b"), fact("\udc80\n")]
    baseline = Baseline.of([result(*facts)])
    assert baseline.render() == Baseline.of([result(*reversed(facts))]).render()
    path = tmp_path / "known.json"
    path.write_text(baseline.render(), encoding="utf-8")
    assert read_baseline(path) == baseline
    content = json.loads(baseline.render())
    assert content["schema"] == SCHEMA
    assert [(one["path"], one["count"]) for one in content["entries"]] == [("a", 1), ("b", 2), ("\udc80\n", 1)]
    assert "line" not in content["entries"][0]
    path.write_text(Baseline().render(), encoding="utf-8")
    assert read_baseline(path) == Baseline()


ENTRY = {"rule": "L306", "path": "a", "fingerprint": "0" * 16, "count": 1}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        "[" * 100_000,
        b"\xff",
        {"schema": "other", "entries": []},
        {"schema": SCHEMA},
        {"schema": SCHEMA, "entries": {}},
        {"schema": SCHEMA, "entries": ["x"]},
        {"schema": SCHEMA, "entries": [{**ENTRY, "count": 0}]},
        {"schema": SCHEMA, "entries": [{**ENTRY, "count": True}]},
        {"schema": SCHEMA, "entries": [{**ENTRY, "count": "1"}]},
        {"schema": SCHEMA, "entries": [{**ENTRY, "path": None}]},
        {"schema": SCHEMA, "entries": [{**ENTRY, "path": []}]},
        {"schema": SCHEMA, "entries": [{**ENTRY, "fingerprint": "x"}]},
        {"schema": SCHEMA, "entries": [{"rule": "L306"}]},
        {"schema": SCHEMA, "entries": [ENTRY, ENTRY]},
    ],
    ids=str,
)
def test_a_malformed_file_never_passes_for_empty(content: object, tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    text = json.dumps(content) if isinstance(content, dict) else content
    path.write_bytes(text if isinstance(text, bytes) else str(text).encode())
    with pytest.raises(UsageError, match="is no baseline of schema"):
        read_baseline(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        read_baseline(tmp_path / "none.json")
