"""What was asked, without secrets; and whether a secret came along where it does not belong."""

from __future__ import annotations

import dataclasses
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from hubaction.sandbox.answers import Dialect, dialect_of

MOST = 64 << 10
"""Bytes of a JSON body that are kept; of any other body only the size is."""
LONGEST = 100_000
"""Requests that are kept."""
_HIDDEN = re.compile(r"(signature=)[^&]*")
_AUTH = ("authorization", "x-api-key")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that the sandbox accepts."""

    platform: str
    hub: str

    def hidden(self, text: str) -> str:
        """The text with ``***`` for each key."""
        return text.replace(self.platform, "***").replace(self.hub, "***")

    def within(self, text: str) -> bool:
        return self.platform in text or self.hub in text


@dataclass(frozen=True, slots=True)
class Entry:
    """One request.

    Attributes:
        id: the ``x-request-id`` of its answer.
        query: as sent, but for signatures. headers: names, in lower case.
        auth: ``platform key``, ``hub key``, ``other`` or ``none``, and the header that it came in.
        body: JSON as text, or the number of bytes of another body in angle brackets; no key in either.
        leaks: where a key was found that should not be there.
        status: of the answer; 0 while there is none.
        fault: kind of the fault that struck; '' for none.
        agent: the User-Agent. seconds: since 1970.
    """

    id: str
    method: str
    path: str
    query: str
    headers: tuple[str, ...]
    auth: str
    body: str
    leaks: tuple[str, ...]
    agent: str
    seconds: float
    status: int = 0
    fault: str = ""

    @property
    def json(self) -> object:
        """The body as JSON. Raises ValueError where it is none."""
        return json.loads(self.body)


class Log:
    """The last requests, in the order in which they came. Safe to use from every connection at once."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._lock = threading.Lock()

    @property
    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._entries.values())

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries[entry.id] = entry
            if len(self._entries) > LONGEST:
                del self._entries[next(iter(self._entries))]

    def finish(self, id: str, status: int, fault: str) -> None:
        """Note how a request was answered."""
        with self._lock:
            if id in self._entries:
                self._entries[id] = dataclasses.replace(self._entries[id], status=status, fault=fault)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def hidden_query(query: str, keys: Keys) -> str:
    """A query without signatures and keys."""
    return keys.hidden(_HIDDEN.sub(r"\1***", query))


def auth_of(headers: Mapping[str, str], keys: Keys) -> str:
    """What a request shows to be let in, in words."""
    shown = [f"{_whose(headers[name], keys)} in {name}" for name in _AUTH if name in headers]
    return " and ".join(shown) or "none"


def _whose(value: str, keys: Keys) -> str:
    if value in {keys.hub, f"Bearer {keys.hub}"}:
        return "hub key"
    return "platform key" if value in {keys.platform, f"Bearer {keys.platform}"} else "other"


def leaks_of(path: str, query: str, headers: Mapping[str, str], body: str, keys: Keys) -> tuple[str, ...]:
    """Where a request holds a key but for the header that is meant for it, and ``apiKey``, which HUB's get-export has.

    Args:
        headers: by name in lower case.
    """
    found = [name for name, value in headers.items() if keys.within(value) and not _allowed(name, path)]
    if keys.within(unquote(path)):
        found.append("path")
    if keys.within(unquote(query)):
        found.append("query")
    if keys.within(_without_api_key(body) if path == "/get-export" else body):
        found.append("body")
    return tuple(found)


def _allowed(name: str, path: str) -> bool:
    return name in _AUTH and dialect_of(path) is not Dialect.STORAGE


def _without_api_key(body: str) -> str:
    return re.sub(r'"apiKey"\s*:\s*"[^"]*"', "", body)
