"""Text from inputs and flags as typed values."""

from __future__ import annotations

import dataclasses

import pytest

from hubaction.dataset.limits import Limits
from hubaction.errors import UsageError
from hubaction.operations.settings import parse_fail_on, parse_limits, parse_workers, split_lines
from hubaction.operations.table import OPERATIONS, operation_named
from hubaction.policy.verdict import FailOn


@pytest.mark.parametrize("word", ["error", "warning", "never"])
def test_fail_on(word: str) -> None:
    assert parse_fail_on(word, "--fail-on") is FailOn(word)


@pytest.mark.parametrize("word", ["", "Error", "errors", "none"])
def test_fail_on_of_another_word(word: str) -> None:
    with pytest.raises(UsageError, match="--fail-on is") as caught:
        parse_fail_on(word, "--fail-on")
    assert caught.value.fix == "Use one of error, warning, never."


@pytest.mark.parametrize(("text", "number"), [("1", 1), (" 8 ", 8), ("1024", 1024)])
def test_workers(text: str, number: int) -> None:
    assert parse_workers(text, "--workers") == number


@pytest.mark.parametrize("text", ["0", "-1", "1025", "two", "", "1.5"])
def test_workers_out_of_range(text: str) -> None:
    with pytest.raises(UsageError, match="--workers is"):
        parse_workers(text, "--workers")


def test_lines_of_an_input() -> None:
    assert split_lines(" a=1 \n\n\r\nb=2\n") == ["a=1", "b=2"]


@pytest.mark.parametrize("field", dataclasses.fields(Limits), ids=lambda field: field.name)
def test_every_limit_can_be_set(field: dataclasses.Field[int]) -> None:
    limits = parse_limits([f"{field.name} = 12_345"], "--limit")
    assert getattr(limits, field.name) == 12_345
    assert dataclasses.replace(limits, **{field.name: field.default}) == Limits()


def test_no_limit_is_the_default() -> None:
    assert parse_limits([], "--limit") == Limits()


def test_unknown_limit_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="'max_member', which is no limit") as caught:
        parse_limits(["max_member=3"], "--limit")
    assert caught.value.fix == "Did you mean max_members?"


@pytest.mark.parametrize("text", ["max_ratio", "max_ratio=", "max_ratio=-1", "max_ratio=1e3", "max_ratio=ten"])
def test_limit_without_a_number(text: str) -> None:
    with pytest.raises(UsageError, match="sets max_ratio to"):
        parse_limits([text], "--limit")


@pytest.mark.parametrize("text", ["max_ratio=1__0", "max_ratio=_1", "max_ratio=1_", "max_ratio=" + "9" * 5000])
def test_limit_with_an_odd_number(text: str) -> None:
    with pytest.raises(UsageError):
        parse_limits([text], "--limit")


@pytest.mark.parametrize("name", ["check-dataset", "check_dataset"])
def test_operation_by_either_spelling(name: str) -> None:
    assert operation_named(name) is OPERATIONS["check-dataset"]


def test_unknown_operation() -> None:
    with pytest.raises(UsageError, match="There is no operation 'train'"):
        operation_named("train")
