"""An answer of a service. What it holds is untrusted: every getter takes any shape and gives a default."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_WORDS = 500
"""Characters of a server's own words that are shown (what the reference client shows)."""

_MOST_COUNT = 2**53  # what JSON numbers hold exactly; a larger one is no size and no count of anything


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read to its end.

    Attributes:
        headers: names in any case where it comes from the transport.
        data: the JSON value, None where the body is empty or is none. It may hold signed addresses: never print it.
        text: the first 4,000 characters of the body.
        request_id: what the service calls the request, '' where it does not say.
        path: of the request, without its query.
        host: that gave the answer: a redirect may have led to another one than was asked. '' where nobody noted it.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    data: object = field(default=None, repr=False)
    text: str = field(default="", repr=False)
    request_id: str = ""
    path: str = ""
    host: str = ""

    @property
    def ok(self) -> bool:
        """Whether the service has done what was asked (2xx)."""
        return 200 <= self.status < 300

    @property
    def words(self) -> str:
        """The server's own words about a failure, else '' (untrusted, 500 characters at most)."""
        places = (("error",), ("message",), ("error", "message"), ("detail",))
        return next((words for place in places if (words := self.text_at(*place).strip())), "")[:MOST_WORDS]

    def text_at(self, *keys: str, default: str = "") -> str:
        return text_at(self.data, *keys, default=default)

    def object_at(self, *keys: str) -> Mapping[str, object]:
        return object_at(self.data, *keys)

    def list_at(self, *keys: str) -> list[object]:
        return list_at(self.data, *keys)

    def number_at(self, *keys: str) -> float | None:
        return number_at(self.data, *keys)

    def count_at(self, *keys: str) -> int | None:
        return count_at(self.data, *keys)

    def flag_at(self, *keys: str) -> bool | None:
        return flag_at(self.data, *keys)


def value_at(value: object, *keys: str) -> object:
    """What lies under nested keys; None where there is nothing."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text_at(value: object, *keys: str, default: str = "") -> str:
    """The text under nested keys, else the default."""
    found = value_at(value, *keys)
    return found if isinstance(found, str) else default


def object_at(value: object, *keys: str) -> Mapping[str, object]:
    """The object under nested keys, else an empty one."""
    found = value_at(value, *keys)
    return found if isinstance(found, dict) else {}


def list_at(value: object, *keys: str) -> list[object]:
    """The list under nested keys, else an empty one."""
    found = value_at(value, *keys)
    return found if isinstance(found, list) else []


def number_at(value: object, *keys: str) -> float | None:
    """The finite number under nested keys, else None. A truth value is no number."""
    found = value_at(value, *keys)
    if isinstance(found, bool) or not isinstance(found, int | float) or abs(found) > _MOST_COUNT:
        return None
    return float(found) if math.isfinite(found) else None


def count_at(value: object, *keys: str) -> int | None:
    """The whole number from 0 on under nested keys (a size, a count), else None."""
    found = number_at(value, *keys)
    if found is None or found < 0 or not found.is_integer():
        return None
    return int(found)


def flag_at(value: object, *keys: str) -> bool | None:
    """The truth value under nested keys, else None."""
    found = value_at(value, *keys)
    return found if isinstance(found, bool) else None
