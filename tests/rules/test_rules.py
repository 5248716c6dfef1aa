"""Statements about all rules at once."""

from __future__ import annotations

import math
import re
import string
from types import SimpleNamespace
from typing import Any

import pytest

from hubaction.dataset.defects import Defect, Kind
from hubaction.report.finding import Consequence, Fact
from hubaction.rules import RULES
from hubaction.rules.engine import Selected, run_rules
from hubaction.rules.rule import ALL_TASKS, Need

FAMILIES = "AYLGSKOCIPVDRX"
CASES = [(rule, kind, case) for rule in RULES for kind, case in rule.cases.items()]
BY_CHECK_ONLY = {Kind.LICENCE_MISSING: "X953"}
"""Kinds without a case, since profile ``hub`` must say nothing of them; the check of the rule tells them."""


def facts(task: str, *defects: Defect) -> list[Fact]:
    """What the cases say of these defects, as profile ``hub`` hears it."""
    view: Any = SimpleNamespace(task=task, defects=list(defects))
    return [fact for one in run_rules(view, map(Selected, RULES), former=True) for fact in one.facts]


def test_ids_and_names_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


def test_every_kind_belongs_to_exactly_one_rule() -> None:
    assert sorted([kind.name for _, kind, _ in CASES] + [kind.name for kind in BY_CHECK_ONLY]) == sorted(
        kind.name for kind in Kind
    )


@pytest.mark.parametrize(("kind", "id"), BY_CHECK_ONLY.items(), ids=lambda x: getattr(x, "name", x))
def test_kind_without_a_case_is_told_by_a_check(kind: Kind, id: str) -> None:
    rule = next(rule for rule in RULES if rule.id == id)
    said = []
    view: Any = SimpleNamespace(defects_of=lambda *kinds: [Defect(one) for one in kinds if one is kind], data=None)
    out: Any = SimpleNamespace(add=lambda level, message, *rest, **more: said.append(message))
    assert rule.check is not None
    rule.check(view, {}, out)
    assert len(said) == 1


def test_rules_come_by_family_and_number() -> None:
    keys = [(FAMILIES.index(rule.id[0]), rule.id) for rule in RULES]
    assert keys == sorted(keys)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_id_is_a_letter_and_three_digits(rule: object) -> None:
    assert re.fullmatch(f"[{FAMILIES}][1-9][0-9]{{2}}", rule.id)  # type: ignore[attr-defined]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_name_is_in_kebab_case(rule: object) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)  # type: ignore[attr-defined]


@pytest.mark.parametrize("field", ["what", "why", "fix"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_texts_are_sentences(rule: object, field: str) -> None:
    text = getattr(rule, field)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) <= 160


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_has_an_example_of_either_kind(rule: Any) -> None:
    assert rule.bad.strip()
    assert rule.good.strip()
    assert rule.bad != rule.good


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_looks_or_says_why_not(rule: Any) -> None:
    assert bool(rule.cases or rule.check) != bool(rule.later)
    assert rule.needs
    assert rule.later or Need.BASE not in rule.needs


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_concerns_some_task(rule: Any) -> None:
    assert rule.tasks
    assert set(rule.tasks) <= set(ALL_TASKS)
    assert len(rule.task_names) == len(rule.tasks)
    assert [rule.applies_to(task) for task in rule.task_names] == [True] * len(rule.tasks)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.options], ids=lambda rule: rule.id)
def test_thresholds_have_a_source_and_a_meaning(rule: Any) -> None:
    assert rule.source
    for name, option in rule.options.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
        assert option.help
        assert math.isfinite(option.default)
        assert option.default >= 0


@pytest.mark.parametrize(
    ("kind", "message"), [(kind, case.message) for _, kind, case in CASES], ids=lambda x: getattr(x, "name", "")
)
def test_message_has_plain_fields_only(kind: Kind, message: str) -> None:
    for _, name, _, conversion in string.Formatter().parse(message):
        assert name is None or name.isidentifier()
        assert conversion in {None, "r"}


def test_hint_and_number_of_rows_are_said_only_where_there_are_some() -> None:
    def message(kind: Kind, **detail: str | int) -> str:
        (fact,) = facts("detect", Defect(kind, split="train", detail=detail))
        return fact.message

    assert message(Kind.SPLIT_MISSING, value="a", hint="").endswith("not in the dataset")
    assert message(Kind.SPLIT_MISSING, value="a", hint="b").endswith("(did you mean b?)")
    assert message(Kind.ROW_DUPLICATE, rows=1) == "repeats an earlier row"
    assert message(Kind.ROW_DUPLICATE, rows=3) == "repeats an earlier row (3 rows of this file)"


def test_braces_in_values_are_not_fields() -> None:
    (fact,) = facts("detect", Defect(Kind.NAMES_INVALID, detail={"reason": "{0} {x} {reason}"}))
    assert fact.message == "{0} {x} {reason}; the loader stops"


def test_place_is_that_of_the_defect() -> None:
    (fact,) = facts("detect", Defect(Kind.ROW_DUPLICATE, "labels/a.txt", 3, 4, "val", {"rows": 1}))
    assert (fact.place.path, fact.place.line, fact.place.column, fact.place.split) == ("labels/a.txt", 3, 4, "val")
    assert str(fact.place) == "labels/a.txt:3:4"


@pytest.mark.parametrize(("task", "consequence"), [("detect", Consequence.DROPS), ("classify", Consequence.HARMS)])
def test_classify_drops_no_image_but_training_does(task: str, consequence: Consequence) -> None:
    (fact,) = facts(task, Defect(Kind.IMAGE_UNREADABLE, "a.jpg", detail={"reason": "it is empty"}))
    assert fact.weight.consequence is consequence


def test_facts_come_by_rule_and_then_in_the_order_of_the_defects() -> None:
    kinds = (Kind.LFS_POINTER, Kind.ARCHIVE_EMPTY, Kind.YAML_MISSING, Kind.ARCHIVE_EMPTY)
    defects = [Defect(kind, f"{number}", detail={"found": ""}) for number, kind in enumerate(kinds)]
    assert [(fact.rule, fact.place.path) for fact in facts("detect", *defects)] == [
        ("A101", "2"),
        ("A106", "1"),
        ("A106", "3"),
        ("A109", "0"),
    ]
