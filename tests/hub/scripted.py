"""A transport that answers from a table, and a clock that never waits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from hubaction.errors import ServiceError
from hubaction.hub.address import path_of
from hubaction.hub.answer import Answer
from hubaction.hub.failures import failure_of

Reply = Answer | Exception | Callable[["Sent"], Answer]


class ScriptedClock:
    """Time passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.time

    def now(self) -> float:
        return self.time + 1.7e9

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@dataclasses.dataclass
class Sent:
    """A request that was sent, and when."""

    method: str
    path: str
    options: dict[str, Any]
    time: float

    @property
    def body(self) -> Any:
        return self.options.get("body")


class ScriptedTransport:
    """Answers by method and path. The last of several replies is repeated for ever."""

    root = "https://service.example.org"
    host = "service.example.org"

    def __init__(self, clock: ScriptedClock) -> None:
        self.clock = clock
        self.sent: list[Sent] = []
        self._replies: dict[tuple[str, str], list[Reply]] = {}

    def on(self, method: str, path: str, *replies: Reply) -> None:
        self._replies[method, path] = list(replies)

    def ask(self, method: str, path: str | Sequence[str], **options: Any) -> Answer:
        where = path_of(path)
        sent = Sent(method, where, options, self.clock.time)
        self.sent.append(sent)
        replies = self._replies[method, where]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        return dataclasses.replace(reply if isinstance(reply, Answer) else reply(sent), path=where)

    def call(self, method: str, path: str | Sequence[str], **options: Any) -> Answer:
        answer = self.ask(method, path, **options)
        if answer.ok:
            return answer
        raise self.failure(answer, options.get("doing", ""))

    def failure(self, answer: Answer, doing: str) -> ServiceError:
        return failure_of(answer, self.host, doing)

    def requests(self) -> list[str]:
        return [f"{sent.method} {sent.path}" for sent in self.sent]


def ok(data: Any, status: int = 200) -> Answer:
    return Answer(status, data=data)


def refused(status: int, words: str = "no") -> Answer:
    return Answer(status, data={"error": words})
