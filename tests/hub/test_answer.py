"""Getters of an answer, which tolerate anything."""

from __future__ import annotations

import json
import math

import pytest

from hubaction.hub.answer import Answer

SIGNED = "https://storage.example/f?signature=abc"


def answer(data: object, status: int = 200) -> Answer:
    return Answer(status, {}, data)


@pytest.mark.parametrize("data", [None, 1, "text", [], {}, {"a": None}, {"a": 3}, {"a": []}, {"a": {"c": 1}}])
def test_what_is_not_there_has_a_default(data: object) -> None:
    one = answer(data)
    assert one.text_at("a", "b", default="none") == "none"
    assert (one.object_at("a", "b"), one.list_at("a", "b")) == ({}, [])
    assert one.number_at("a", "b") is one.count_at("a", "b") is one.flag_at("a", "b") is None


def test_what_is_there() -> None:
    one = answer({"a": {"text": "x", "object": {"k": 1}, "list": [1], "number": -1.5, "count": 3, "flag": False}})
    assert (one.text_at("a", "text"), one.object_at("a", "object"), one.list_at("a", "list")) == ("x", {"k": 1}, [1])
    assert (one.number_at("a", "number"), one.count_at("a", "count"), one.flag_at("a", "flag")) == (-1.5, 3, False)


@pytest.mark.parametrize("value", [True, "3", math.nan, math.inf, -math.inf, 10**400, 2**54, None])
def test_no_number(value: object) -> None:
    assert answer({"n": value}).number_at("n") is None
    assert answer({"n": value}).count_at("n") is None


@pytest.mark.parametrize(("value", "count"), [(0, 0), (7.0, 7), (2**53, 2**53), (-1, None), (1.5, None)])
def test_counts_are_whole_and_not_negative(value: float, count: int | None) -> None:
    assert answer({"n": value}).count_at("n") == count


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"error": "no"}, "no"),
        ({"message": "no"}, "no"),
        ({"error": {"message": "no"}}, "no"),
        ({"detail": "no"}, "no"),
        ({"error": "", "message": "no"}, "no"),
        ({"error": ["no"]}, ""),
        ("no", ""),
        (None, ""),
        ({"error": "x" * 600}, "x" * 500),
    ],
)
def test_the_servers_own_words(data: object, words: str) -> None:
    assert answer(data).words == words


@pytest.mark.parametrize(
    ("status", "ok"), [(199, False), (200, True), (201, True), (204, True), (299, True), (300, False)]
)
def test_done(status: int, ok: bool) -> None:
    assert answer(None, status).ok is ok


def test_what_may_be_signed_is_not_printed() -> None:
    data = {"url": SIGNED}
    shown = repr(Answer(200, {"Location": SIGNED}, data, json.dumps(data)))
    assert "signature" not in shown
