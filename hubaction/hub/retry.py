"""When a request is sent again, and how long to wait before."""

from __future__ import annotations

import email.utils
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from hubaction.hub.answer import Answer
from hubaction.hub.broken import Broken
from hubaction.hub.clock import Clock
from hubaction.hub.service import Notify

ATTEMPTS = 5
LONGEST_WAIT = 60.0
"""Seconds before one more attempt, at most: the service counts requests by the minute."""

_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
_FIRST, _LONGEST_DRAW = 0.5, 8.0  # seconds, as in the reference client


def may_repeat(found: Answer | Broken, *, repeatable: bool) -> bool:
    """Whether to send a request again.

    A request that changes something (``repeatable`` is false) is only sent again where it cannot have been carried
    out: on 429, and where the connection failed before it was sent. 409 is an answer.
    """
    if isinstance(found, Broken):
        return not found.lasting and (repeatable or found.unsent)
    return found.status in _TRANSIENT if repeatable else found.status == 429


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request may be tried.

    Attributes:
        host: what the lines about it name. deadline: of the clock's ``monotonic``.
        repeatable: whether the request may be sent twice.
    """

    host: str
    clock: Clock
    notify: Notify
    deadline: float = float("inf")
    repeatable: bool = True
    attempts: int = ATTEMPTS

    def waits(self, found: Answer | Broken, attempt: int) -> bool:
        """Wait before one more attempt, and say so in one line; False where there is to be none."""
        if attempt >= self.attempts or not may_repeat(found, repeatable=self.repeatable):
            return False
        wait = wait_before(attempt, told_wait(found, self.clock.now()))
        if self.clock.monotonic() + wait >= self.deadline:
            return False
        cause = found.cause if isinstance(found, Broken) else f"{self.host} answered {found.status}."
        self.notify(f"{cause} Trying again in {wait:.1f} s (attempt {attempt + 1} of {self.attempts}).")
        self.clock.sleep(wait)
        return True


def wait_before(attempt: int, told: float | None, draw: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds before the attempt that follows this one (from 1 on): full jitter, never below what the server told."""
    drawn = draw(0.0, min(_LONGEST_DRAW, _FIRST * 2 ** (attempt - 1)))
    return min(LONGEST_WAIT, (told or 0.0) + drawn)


def told_wait(found: Answer | Broken, now: float) -> float | None:
    """Seconds to wait as the server tells them in any of its forms; None where it does not, or tells nonsense.

    Forms: ``Retry-After`` in seconds or as a date; ``retryAfter`` (seconds) and ``resetAt`` (ISO 8601) of the body;
    and, on 429, ``X-RateLimit-Reset`` in seconds since 1970 or as ISO 8601. ``now`` is in seconds since 1970.
    """
    if isinstance(found, Broken):
        return None
    retry_after = found.headers.get("Retry-After", "")
    reset = found.headers.get("X-RateLimit-Reset", "") if found.status == 429 else ""
    forms = (
        _number(retry_after),
        _until(_http_date(retry_after), now),
        found.number_at("retryAfter"),
        _until(_iso_date(found.text_at("resetAt")), now),
        _until(_number(reset), now),
        _until(_iso_date(reset), now),
    )
    return next((seconds for seconds in forms if seconds is not None and seconds >= 0), None)


def _until(moment: float | None, now: float) -> float | None:
    """Seconds until a moment, 0 where it has passed."""
    return None if moment is None or moment < 0 else max(0.0, moment - now)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _http_date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _iso_date(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
