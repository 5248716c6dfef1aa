"""Requests to the API of a service: the key, retries, waits and errors in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

from hubaction.errors import ServiceError, TimedOut, Unreachable
from hubaction.hub.address import host_of, is_loopback, path_of
from hubaction.hub.answer import Answer
from hubaction.hub.body import read_answer
from hubaction.hub.broken import Broken
from hubaction.hub.clock import Clock, SystemClock
from hubaction.hub.failures import failure_of
from hubaction.hub.http_client import AuthHeaders, HttpClient, Request, Timeouts
from hubaction.hub.retry import Patience
from hubaction.hub.service import Notify
from hubaction.hub.stream import Stream

TIMEOUTS: Timeouts = (10.0, 60.0)
"""Seconds to connect and between two pieces of an answer; the reference client has 60 for both."""

FOREVER = float("inf")

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOST = "The service may have carried it out all the same, so look before you repeat it."


class Options(TypedDict, total=False):
    """What a request has besides its method and path.

    Attributes:
        query: of the address; ``body`` is sent as JSON, ``stream`` in its place piece by piece.
        repeatable: whether the request changes nothing, or nothing more when it is sent twice. Without it, the method
            decides: GET is repeatable, every other one is not.
        deadline: of the clock's ``monotonic``.
        doing: what an error says could not be done, such as 'start the export'.
    """

    query: Mapping[str, object] | None
    body: Mapping[str, object] | None
    stream: Stream | None
    repeatable: bool
    deadline: float
    doing: str


class Transport:
    """The API of one service.

    Attributes:
        root: checked address without a trailing slash; ``host`` is what messages show of it.
    """

    def __init__(
        self,
        root: str,
        headers: AuthHeaders,
        *,
        notify: Notify,
        clock: Clock | None = None,
        timeouts: Timeouts = TIMEOUTS,
    ) -> None:
        self.root = root
        self.host = host_of(root)
        self._headers = headers
        self._notify = notify
        self._clock = clock or SystemClock()
        self._timeouts = timeouts
        self._client = HttpClient()
        self._has_warned = not root.startswith("http:") or is_loopback(root)

    def call(self, method: str, path: str | Sequence[str], **options: Unpack[Options]) -> Answer:
        """Send a request; the answer of a service that has done it.

        Args:
            method: GET, POST and so on.
            path: below the root; a sequence of parts is percent-encoded part by part.
            **options: see Options.

        Raises:
            ServiceError: the kind of it that fits the answer; Unreachable without an answer; TimedOut.
        """
        answer = self.ask(method, path, **options)
        if answer.ok:
            return answer
        raise self.failure(answer, options.get("doing", ""))

    def ask(self, method: str, path: str | Sequence[str], **options: Unpack[Options]) -> Answer:
        """The same, and an answer of any status comes back once it is final.

        Raises:
            Unreachable: no answer, or one that is no JSON although the service has done it.
            TimedOut: the deadline was reached.
        """
        where = path_of(path)
        stream = options.get("stream")
        request = Request(
            method,
            self.root + where,
            {"Content-Type": stream.content_type} if stream else {},
            query=options.get("query"),
            json=options.get("body"),
            stream=stream,
        )
        deadline = options.get("deadline", FOREVER)
        repeatable = options.get("repeatable", method in _SAFE)
        found = self._repeat(request, where, Patience(self.host, self._clock, self._notify, deadline, repeatable))
        if isinstance(found, Answer):
            return found
        doing = f"Could not {options.get('doing') or f'call {where}'}"
        if self._clock.monotonic() >= deadline:
            raise TimedOut(f"{doing} in time. {found.cause}", found.fix)
        raise Unreachable(
            f"{doing}. {found.cause}", found.fix if repeatable or found.unsent else f"{found.fix} {_LOST}"
        )

    def failure(self, answer: Answer, doing: str) -> ServiceError:
        """The error for an answer: its kind by the status, with the server's own words and the request's id."""
        return failure_of(answer, self.host, doing or f"call {answer.path}")

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _repeat(self, request: Request, path: str, patience: Patience) -> Answer | Broken:
        attempt = 1
        while patience.waits(found := self._send(request, path, patience.deadline), attempt):
            attempt += 1
        return found

    def _send(self, request: Request, path: str, deadline: float) -> Answer | Broken:
        self._warn_once()
        left = deadline - self._clock.monotonic()
        if left <= 0:
            raise TimedOut(f"The time for {request.method} {path} was over before it was sent.", "Allow more time.")
        timeouts = (min(self._timeouts[0], left), min(self._timeouts[1], left))
        found = self._client.send(request, timeouts, self._headers)
        return found if isinstance(found, Broken) else read_answer(found, path, self._clock, timeouts)

    def _warn_once(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            self._notify(f"Warning: the key travels unencrypted to {self.host}; use https.")
