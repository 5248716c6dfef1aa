"""Text from inputs and flags as typed values."""

from __future__ import annotations

import dataclasses

import pytest

from hubaction.dataset.limits import Limits
from hubaction.errors import UsageError
from hubaction.operations.settings import (
    parse_arguments,
    parse_fail_on,
    parse_flag,
    parse_limits,
    parse_minutes,
    parse_workers,
    split_lines,
    words,
)
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


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False), ("", False)],
)
def test_flags(text: str, value: bool) -> None:
    assert parse_flag(text, "The input wait") is value


@pytest.mark.parametrize("text", ["yes", "no", "1", "0", "on", "tRUE", " true", "true\n"])
def test_other_words_are_no_flag(text: str) -> None:
    with pytest.raises(UsageError, match="The input wait is") as caught:
        parse_flag(text, "The input wait")
    assert caught.value.fix == "Use true or false."


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("55", 3300), ("55m", 3300), ("90s", 90), ("2h", 7200), ("1.5h", 5400), ("0.5", 30), ("120h", 432_000)],
)
def test_times_are_minutes_unless_they_say_otherwise(text: str, seconds: float) -> None:
    assert parse_minutes(text, "--timeout") == seconds


@pytest.mark.parametrize(
    "text",
    ["", "0", "0s", "-1", "121h", "999999999999", "inf", "nan", "1e3", "55 m", "55min", "m", "1.", ".5", "٣", "1d"],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="--timeout is"):
        parse_minutes(text, "--timeout")


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("", {}),
        (" imgsz = 640 \r\n\nname=a=b", {"imgsz": "640", "name": "a=b"}),
        (' {"imgsz": 640, "nms": true}', {"imgsz": 640, "nms": True}),
        ("{}", {}),
    ],
)
def test_arguments(text: str, arguments: dict[str, object]) -> None:
    assert parse_arguments(text, "--arg") == arguments


@pytest.mark.parametrize("text", ["imgsz", "imgsz=", "=640", "imgsz=640\nimgsz=320"])
def test_lines_that_are_no_arguments(text: str) -> None:
    with pytest.raises(UsageError, match="--arg has the line"):
        parse_arguments(text, "--arg")


@pytest.mark.parametrize("text", ["{", '{"a": }', "{" * 100_000, '{"a":' * 100_000])
def test_what_is_no_json_object(text: str) -> None:
    with pytest.raises(UsageError, match="--arg is no JSON object"):
        parse_arguments(text, "--arg")


@pytest.mark.parametrize("text", ["a, b,,c", "a b\nc\r\n", " a\tb , c "])
def test_words(text: str) -> None:
    assert words(text) == words("a", None, "b c") == ("a", "b", "c")


@pytest.mark.parametrize("name", ["check-dataset", "check_dataset"])
def test_operation_by_either_spelling(name: str) -> None:
    assert operation_named(name) is OPERATIONS["check-dataset"]


def test_unknown_operation() -> None:
    with pytest.raises(UsageError, match="There is no operation 'train'"):
        operation_named("train")
