"""Signed addresses of a storage: files come and go there without the key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hubaction.errors import ServiceError, TimedOut, Unreachable
from hubaction.hub.address import host_of, is_loopback, split_address
from hubaction.hub.answer import Answer
from hubaction.hub.body import pieces, read_answer
from hubaction.hub.broken import NETWORK_ERRORS, Broken, lasting, why_broken
from hubaction.hub.clock import Clock, SystemClock
from hubaction.hub.failures import storage_failure
from hubaction.hub.http_client import HttpClient, Request, Timeouts
from hubaction.hub.retry import Patience
from hubaction.hub.secret import Secret
from hubaction.hub.service import Notify, Progress
from hubaction.hub.stream import BLOCK, Stream, stream_of

if TYPE_CHECKING:
    import requests

FOREVER = float("inf")
TIMEOUTS: Timeouts = (10.0, 60.0)
PUT_TIMEOUTS: Timeouts = (60.0, 600.0)
"""While a file is sent the first one is for each piece of it; the storage then takes its time to store it."""

PUT_ATTEMPTS = 3
"""As the reference client has them."""

_SLOWEST = 64 << 10  # bytes that have to come within _WINDOW seconds: below that a connection only seems alive
_WINDOW = 60.0
_LONGEST_VALIDATOR = 200
_SIZE = re.compile(r"\d{1,16}")
_NAME = re.compile(r"[A-Za-z0-9-]{1,100}")
_RANGE = re.compile(r"bytes (\d{1,16})-\d{1,16}/(\d{1,16}|\*)")
_NOT_OURS = frozenset("authorization x-api-key cookie host content-length transfer-encoding connection".split())


@dataclass(frozen=True, slots=True)
class Piece:
    """A file in storage, from one byte on.

    Attributes:
        start: first byte that comes, 0 where the storage gives the whole file whatever was asked for.
        total: size of the whole file, None where the storage does not say.
        validator: changes when the file does; '' where the storage has none.
    """

    start: int
    total: int | None
    validator: str
    blocks: Iterator[bytes]


class CutError(Exception):
    """The connection broke while a file came in. Never leaves the package ``hub``."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(broken.cause)
        self.broken = broken


class Storage:
    """Reads and writes files at signed addresses. It knows no key, so it cannot send one."""

    def __init__(self, notify: Notify, clock: Clock | None = None, timeouts: Timeouts = TIMEOUTS) -> None:
        self.notify = notify
        self.clock = clock or SystemClock()
        self._timeouts = timeouts
        self._client = HttpClient()
        self._warned: set[str] = set()

    @contextmanager
    def open(
        self, url: Secret, start: int = 0, validator: str = "", deadline: float = FOREVER
    ) -> Iterator[Piece | Answer | Broken]:
        """A file from a byte on; an Answer where the storage refuses, Broken where there is none.

        The range is asked for on condition that the file still has this validator. Reading ``blocks`` raises CutError.
        """
        headers = {"Range": f"bytes={start}-", "If-Range": validator} if start and validator else {}
        timeouts = self._bounded(self._timeouts, deadline)
        found = self._send(Request("GET", url.reveal(), headers), timeouts)
        if isinstance(found, Broken):
            yield found
            return
        with found as response:
            if response.status_code in {200, 206} and _is_page(response):
                yield lasting(f"{host_of(response.url)} gives a web page in place of the file.", _PROXY)
            elif response.status_code in {200, 206}:
                yield _piece(response, self._blocks(response, timeouts, deadline), start)
            else:
                yield read_answer(response, "", self.clock, timeouts)

    def put(
        self, url: Secret, file: Path, headers: Mapping[str, str], progress: Progress, *, deadline: float = FOREVER
    ) -> None:
        """Send a whole file in one request; again where that can help, since the address takes one file only once.

        Raises:
            Rejected, Forbidden, NotFound: the storage does not take it.
            Unreachable: there was no answer to the end. TimedOut: the deadline was reached.
            UsageError: there is no such file, or it changes meanwhile.
        """
        stream = stream_of(file, progress)
        request = Request("PUT", url.reveal(), _put_headers(headers, stream), stream=stream)
        patience = Patience(host_of(url.reveal()), self.clock, self.notify, deadline, attempts=PUT_ATTEMPTS)
        attempt, may_be_there = 1, False
        while True:
            found = self._put_once(request, deadline)
            if isinstance(found, Answer) and (found.ok or (found.status in {409, 412} and may_be_there)):
                return  # in the second case an earlier attempt had brought the file, whatever came of it
            may_be_there |= isinstance(found, Answer) or not found.unsent
            if not patience.waits(found, attempt):
                raise self.failure(found, url, f"send {file.name!r}", deadline)
            attempt += 1

    def failure(self, found: Answer | Broken, url: Secret, doing: str, deadline: float = FOREVER) -> ServiceError:
        """The error for what is final."""
        if isinstance(found, Answer):
            return storage_failure(found, host_of(url.reveal()), doing)
        if self.clock.monotonic() >= deadline:
            return TimedOut(f"Could not {doing} in time. {found.cause}", found.fix)
        return Unreachable(f"Could not {doing}. {found.cause}", found.fix)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _put_once(self, request: Request, deadline: float) -> Answer | Broken:
        timeouts = self._bounded(PUT_TIMEOUTS, deadline)
        found = self._send(request, timeouts)
        if isinstance(found, Broken):
            return found
        with found as response:
            return Answer(response.status_code) if response.ok else read_answer(response, "", self.clock, timeouts)

    def _send(self, request: Request, timeouts: Timeouts) -> requests.Response | Broken:
        if split_address(request.url) is None:
            return lasting("The service gave an address that is none.", "Try again later.")
        host = host_of(request.url)
        if request.url.startswith("http:") and not is_loopback(request.url) and host not in self._warned:
            self._warned.add(host)
            self.notify(f"Warning: the file travels unencrypted between {host} and this machine.")
        return self._client.send(request, timeouts)

    def _bounded(self, timeouts: Timeouts, deadline: float) -> Timeouts:
        left = deadline - self.clock.monotonic()
        if left <= 0:
            raise TimedOut("The time for the file was over before its transfer began.", "Allow more time.")
        return min(timeouts[0], left), min(timeouts[1], left)

    def _blocks(self, response: requests.Response, timeouts: Timeouts, deadline: float) -> Iterator[bytes]:
        """The body as it arrives. Raises CutError, also for one that drips in; TimedOut."""
        host = host_of(response.url)
        since, got = self.clock.monotonic(), 0
        try:
            for piece in pieces(response, BLOCK):
                yield piece
                got += len(piece)
                now = self.clock.monotonic()
                if now >= deadline:
                    raise TimedOut(f"The file from {host} did not arrive in time.", "Allow more time: it will go on.")
                if now - since > _WINDOW:
                    if got < _SLOWEST:
                        raise CutError(Broken(f"Next to nothing arrives from {host}.", "Try again later."))
                    since, got = now, 0
        except NETWORK_ERRORS as error:
            raise CutError(why_broken(error, host, timeouts)) from None


_PROXY = "Check whether a proxy on the way wants a login, and run it again."


def _is_page(response: requests.Response) -> bool:
    """What a proxy or a login page answers with; no export is one."""
    return response.headers.get("Content-Type", "").strip().lower().startswith("text/html")


def _piece(response: requests.Response, blocks: Iterator[bytes], asked: int) -> Piece | Answer:
    """What the headers tell; an encoded body has another length and other ranges than the file."""
    headers = response.headers
    is_encoded = headers.get("Content-Encoding", "identity").lower() != "identity"
    validator = "" if is_encoded else _validator(headers)
    if response.status_code == 200:
        length = headers.get("Content-Length", "")
        return Piece(0, int(length) if _SIZE.fullmatch(length) and not is_encoded else None, validator, blocks)
    found = _RANGE.fullmatch(headers.get("Content-Range", ""))
    if found is None or int(found[1]) != asked or is_encoded:
        return Answer(416)  # another part than was asked for is as good as a refusal of this one
    return Piece(asked, None if found[2] == "*" else int(found[2]), validator, blocks)


def _validator(headers: Mapping[str, str]) -> str:
    """The strong entity tag, else the time of the last change: what ``If-Range`` takes (RFC 9110, 13.1.5)."""
    tag = headers.get("ETag", "")
    found = tag if tag.startswith('"') else headers.get("Last-Modified", "")
    return found if len(found) <= _LONGEST_VALIDATOR and found.isascii() and found.isprintable() else ""


def _put_headers(given: Mapping[str, str], stream: Stream) -> dict[str, str]:
    """The headers that the service wants to be sent, as far as they are its to choose."""
    chosen = {
        name: value
        for name, value in given.items()
        if _NAME.fullmatch(name) and name.lower() not in _NOT_OURS and value.isascii() and value.isprintable()
    }
    has_type = any(name.lower() == "content-type" for name in chosen)
    return chosen if has_type else {**chosen, "Content-Type": stream.content_type}
