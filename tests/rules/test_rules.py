"""Statements about all rules at once."""

from __future__ import annotations

import re
import string

import pytest

from hubaction.dataset.defects import Defect, Kind
from hubaction.report.finding import Consequence
from hubaction.rules import RULES
from hubaction.rules.engine import run_rules

FAMILIES = "AYLGCIP"
CASES = [(rule, kind, case) for rule in RULES for kind, case in rule.cases.items()]


def test_ids_and_names_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


def test_every_kind_belongs_to_exactly_one_rule() -> None:
    assert sorted(kind.name for _, kind, _ in CASES) == sorted(kind.name for kind in Kind)


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
def test_rule_has_a_case(rule: object) -> None:
    assert rule.cases  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "message"), [(kind, case.message) for _, kind, case in CASES], ids=lambda x: getattr(x, "name", "")
)
def test_message_has_plain_fields_only(kind: Kind, message: str) -> None:
    for _, name, _, conversion in string.Formatter().parse(message):
        assert name is None or name.isidentifier()
        assert conversion in {None, "r"}


def test_hint_and_number_of_rows_are_said_only_where_there_are_some() -> None:
    def message(kind: Kind, **detail: str | int) -> str:
        (fact,) = run_rules("detect", [Defect(kind, split="train", detail=detail)])
        return fact.message

    assert message(Kind.SPLIT_MISSING, value="a", hint="").endswith("not in the dataset")
    assert message(Kind.SPLIT_MISSING, value="a", hint="b").endswith("(did you mean b?)")
    assert message(Kind.ROW_DUPLICATE, rows=1) == "repeats an earlier row"
    assert message(Kind.ROW_DUPLICATE, rows=3) == "repeats an earlier row (3 rows of this file)"


def test_braces_in_values_are_not_fields() -> None:
    (fact,) = run_rules("detect", [Defect(Kind.NAMES_INVALID, detail={"reason": "{0} {x} {reason}"})])
    assert fact.message == "{0} {x} {reason}"


def test_place_is_that_of_the_defect() -> None:
    (fact,) = run_rules("detect", [Defect(Kind.ROW_DUPLICATE, "labels/a.txt", 3, 4, "val", {"rows": 1})])
    assert (fact.place.path, fact.place.line, fact.place.column, fact.place.split) == ("labels/a.txt", 3, 4, "val")
    assert str(fact.place) == "labels/a.txt:3:4"


@pytest.mark.parametrize(("task", "consequence"), [("detect", Consequence.DROPS), ("classify", Consequence.HARMS)])
def test_classify_drops_no_image_but_training_does(task: str, consequence: Consequence) -> None:
    (fact,) = run_rules(task, [Defect(Kind.IMAGE_UNREADABLE, "a.jpg", detail={"reason": "it is empty"})])
    assert fact.consequence is consequence


def test_facts_come_in_the_order_of_the_defects() -> None:
    defects = [Defect(kind, str(kind)) for kind in (Kind.ARCHIVE_EMPTY, Kind.LFS_POINTER, Kind.ARCHIVE_EMPTY)]
    assert [fact.place.path for fact in run_rules("detect", defects)] == [str(defect.kind) for defect in defects]
