"""When a request is repeated, and after how long."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime

import pytest
from wire import FakeClock

from hubaction.hub.answer import Answer
from hubaction.hub.broken import Broken, lasting
from hubaction.hub.retry import ATTEMPTS, Patience, may_repeat, told_wait, wait_before

NOW = 1_800_000_000.0
SENT, UNSENT = Broken("cut", ""), Broken("refused", "", unsent=True)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_repeated(status: int) -> None:
    assert may_repeat(Answer(status), repeatable=True)
    assert may_repeat(Answer(status), repeatable=False) is (status == 429)


@pytest.mark.parametrize("status", [200, 201, 204, 301, 400, 401, 402, 403, 404, 409, 422, 501])
def test_an_answer_is_an_answer(status: int) -> None:
    assert not may_repeat(Answer(status), repeatable=True)


def test_broken_connections() -> None:
    assert may_repeat(SENT, repeatable=True)
    assert not may_repeat(SENT, repeatable=False)
    assert may_repeat(UNSENT, repeatable=False)
    assert not may_repeat(lasting("", ""), repeatable=True)


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@pytest.mark.parametrize(
    ("headers", "body", "status", "seconds"),
    [
        ({"Retry-After": "12"}, None, 429, 12),
        ({"Retry-After": "0"}, None, 503, 0),
        ({"Retry-After": email.utils.formatdate(NOW + 30, usegmt=True)}, None, 503, 30),
        ({"Retry-After": email.utils.formatdate(NOW - 30, usegmt=True)}, None, 503, 0),
        ({}, {"retryAfter": 7}, 429, 7),
        ({}, {"retryAfter": 7.5}, 503, 7.5),
        ({}, {"resetAt": iso(NOW + 20)}, 429, 20),
        ({}, {"resetAt": iso(NOW + 20).replace("+00:00", "Z")}, 429, 20),
        ({}, {"resetAt": iso(NOW + 20).replace("+00:00", "")}, 429, 20),
        ({"X-RateLimit-Reset": str(int(NOW + 25))}, None, 429, 25),
        ({"X-RateLimit-Reset": iso(NOW + 25)}, None, 429, 25),
        ({"X-RateLimit-Reset": str(int(NOW + 25))}, None, 503, None),
        ({"Retry-After": "5", "X-RateLimit-Reset": str(int(NOW + 25))}, {"retryAfter": 9}, 429, 5),
        ({"Retry-After": "soon"}, {"retryAfter": 9}, 429, 9),
        ({"Retry-After": "-5"}, {"retryAfter": 9}, 429, 9),
        ({"Retry-After": "99999999999"}, None, 429, 99999999999),
        *[
            ({"Retry-After": odd}, None, 429, None)
            for odd in ("", "-1", "nan", "inf", "1e999", "soon", "\u0661x", "9" * 400)
        ],
        *[({}, {"retryAfter": odd}, 429, None) for odd in (-1, True, "7", None, [7], float("nan"), 10**400)],
        *[({}, {"resetAt": odd}, 429, None) for odd in ("", "tomorrow", 5, "9999-99-99T00:00:00Z")],
        *[({"X-RateLimit-Reset": odd}, None, 429, None) for odd in ("", "nan", "-5", "never")],
        ({}, "retryAfter", 429, None),
        ({}, None, 429, None),
    ],
)
def test_what_the_server_tells(headers: dict[str, str], body: object, status: int, seconds: float | None) -> None:
    assert told_wait(Answer(status, headers, body), NOW) == seconds


def test_a_broken_connection_tells_nothing() -> None:
    assert told_wait(SENT, NOW) is None


@pytest.mark.parametrize(("attempt", "most"), [(1, 0.5), (2, 1), (3, 2), (4, 4), (5, 8), (9, 8)])
def test_waits_are_drawn_from_a_range_that_doubles(attempt: int, most: float) -> None:
    assert wait_before(attempt, None, lambda low, high: high) == most
    assert wait_before(attempt, None, lambda low, high: low) == 0


def test_no_wait_is_below_what_was_told_nor_above_a_minute() -> None:
    assert wait_before(1, 12, lambda low, high: low) == 12
    assert wait_before(1, 12, lambda low, high: high) == 12.5
    assert wait_before(1, 99999999999, lambda low, high: high) == wait_before(5, 59, lambda low, high: high) == 60


def test_every_wait_is_told_and_they_end() -> None:
    clock, lines = FakeClock(), []
    patience = Patience("host", clock, lines.append)
    attempts = 1
    while patience.waits(Answer(429, {"Retry-After": "12"}), attempts):
        attempts += 1
    assert attempts == ATTEMPTS == 5
    assert len(lines) == len(clock.slept) == 4
    assert all(wait >= 12 for wait in clock.slept)
    assert lines[0].startswith("host answered 429. Trying again in 12.")
    assert lines[-1].endswith(" s (attempt 5 of 5).")


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    clock, lines = FakeClock(), []
    patience = Patience("host", clock, lines.append, deadline=clock.time + 12)
    assert not patience.waits(Answer(429, {"Retry-After": "12"}), 1)
    assert not lines
    assert not clock.slept
    assert patience.waits(Answer(429, {"Retry-After": "11"}), 1)


def test_a_line_names_the_cause() -> None:
    lines: list[str] = []
    assert Patience("host", FakeClock(), lines.append).waits(Broken("The wire is cut.", ""), 1)
    assert lines[0].startswith("The wire is cut. Trying again in ")
