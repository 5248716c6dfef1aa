"""Reads an answer's body in bounded memory and bounded time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hubaction.hub.address import host_of
from hubaction.hub.answer import Answer
from hubaction.hub.broken import NETWORK_ERRORS, Broken, lasting, why_broken
from hubaction.hub.clock import Clock
from hubaction.hub.http_client import Timeouts
from hubaction.report.escape import visible

if TYPE_CHECKING:
    import requests

MOST_BODY = 8 << 20
"""Bytes of an answer that are read at most. The largest that we ask for, a page of a list, has less than one MiB."""

_MOST_REFUSAL = 64 << 10  # of an answer that is no 2xx only the first words matter
_MOST_TEXT = 4000
_MOST_ID = 100
_PIECE = 64 << 10
_SECONDS = 120.0  # for one whole body: the read timeout alone begins anew with every byte that drips in


def read_answer(response: requests.Response, path: str, clock: Clock, timeouts: Timeouts) -> Answer | Broken:
    """The answer with its body, or why there is none to use. The response is closed."""
    host = host_of(response.url)
    try:
        body = _read(response, clock)
    except NETWORK_ERRORS as error:
        return why_broken(error, host, timeouts)
    finally:
        response.close()
    if body is None:
        return lasting(f"The answer of {host} is too long to be one, or comes too slowly.", _FORM)
    data, is_json = _parsed(body)
    if response.ok and not is_json:
        return lasting(f"{host} answered {response.status_code} with something that is no JSON.", _FORM)
    words = body[:_MOST_TEXT].decode("utf-8", "replace")
    request_id = visible(response.headers.get("x-request-id", "")[:_MOST_ID])
    return Answer(response.status_code, response.headers, data, words, request_id, path, host)


_FORM = "Check the address: a proxy or another server may have answered in place of the service."


def _read(response: requests.Response, clock: Clock) -> bytes | None:
    """The body; of a refusal its beginning. None for a body beyond every bound."""
    body = bytearray()
    ends = clock.monotonic() + _SECONDS
    for piece in pieces(response):
        body += piece
        if not response.ok and len(body) >= _MOST_REFUSAL:
            break
        if len(body) > MOST_BODY or clock.monotonic() > ends:
            return None
    return bytes(body)


def pieces(response: requests.Response, most: int = _PIECE) -> Iterator[bytes]:
    """The body as it arrives, never waiting for more than the connection has. Raises NETWORK_ERRORS."""
    while piece := response.raw.read1(most, decode_content=True):
        yield piece


def _parsed(body: bytes) -> tuple[object, bool]:
    """The JSON value, and whether it is one; an empty body is as good as none."""
    if not body.strip():
        return None, True
    try:
        return json.loads(body), True
    except (ValueError, RecursionError):
        return None, False
