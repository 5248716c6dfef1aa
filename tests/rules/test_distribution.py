"""Family D just inside and just outside its bounds."""

from __future__ import annotations

import pytest
from looking import look
from many import boxes, view_of_many

from hubaction.report.finding import Severity
from hubaction.rules.engine import Status


def test_a_class_that_only_test_has_is_used() -> None:
    view = view_of_many(train=[boxes(3)], val=[boxes(3)], test=[boxes(1, cls=1)])
    assert look("D851", view).status is Status.PASSED


def test_classes_count_where_rows_are_valid() -> None:
    texts = [boxes(3)] * 9 + ["1 0.5 0.5 0.1"]
    assert [f.key for f in look("D851", view_of_many(train=texts)).facts] == ["dog"]


@pytest.mark.parametrize(("invalid", "runs"), [(3, True), (4, False)])
@pytest.mark.parametrize("rule", ["D851", "D852", "D853", "V807", "V809"])
def test_too_many_invalid_label_files(rule: str, invalid: int, runs: bool) -> None:
    texts = ["0 0.5 0.5 0.1"] * invalid + [boxes(100)] * (10 - invalid)
    result = look(rule, view_of_many(train=texts, val=[boxes(50)] * 5))
    assert ("cannot be used" not in result.reason) == runs


@pytest.mark.parametrize(
    ("number", "level"), [(0, None), (1, "warning"), (9, "warning"), (10, "note"), (99, "note"), (100, None)]
)
def test_scarce(number: int, level: str | None) -> None:
    facts = look("D852", view_of_many(train=[boxes(100), boxes(number, cls=1)])).facts
    assert [(f.weight.level.word, f.weight.small) for f in facts] == [(level, Severity.NOTE)] * bool(level)


@pytest.mark.parametrize(("most", "fires"), [(149, False), (150, True)])
def test_fifty_times_as_many(most: int, fires: bool) -> None:
    assert bool(look("D853", view_of_many(train=[boxes(most), boxes(3, cls=1)])).facts) == fires


def test_images_count_for_classify() -> None:
    view = view_of_many("classify", train=["cat"] * 150 + ["dog"] * 3)
    assert [(f.weight.level.word, f.place.path) for f in look("D852", view).facts] == [("warning", "train/dog")]
    assert "150" in look("D853", view).facts[0].message


@pytest.mark.parametrize("rule", ["D852", "D853"])
def test_without_train_there_is_nothing_to_count(rule: str) -> None:
    assert look(rule, view_of_many(val=[boxes(3)])).status is Status.NOT_RUN
