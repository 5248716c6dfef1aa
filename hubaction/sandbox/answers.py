"""How each service words an answer that is not the one asked for."""

from __future__ import annotations

import datetime
import enum
import json
from collections.abc import Mapping

from flask import Response
from markupsafe import escape

LOST_PAGE = "<!DOCTYPE html><html><head><title>404</title></head><body>404: This page could not be found.</body></html>"


class Dialect(enum.Enum):
    """Whose words a route speaks."""

    PLATFORM = "platform"
    HUB = "hub"
    STORAGE = "storage"
    CONTROL = "control"


_PREFIXES = {"/api/": Dialect.PLATFORM, "/storage/": Dialect.STORAGE, "/_sandbox/": Dialect.CONTROL}


def dialect_of(path: str) -> Dialect:
    """The dialect that a path belongs to; HUB's has no prefix of its own."""
    return next((dialect for prefix, dialect in _PREFIXES.items() if path.startswith(prefix)), Dialect.HUB)


class Refusal(Exception):
    """A request that is not granted: the status, and the words for the body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(body), status, headers, content_type="application/json")


def refused(dialect: Dialect, status: int, message: str) -> Response:
    """A refusal in the form of a dialect: ``error`` on the Platform, ``message`` on HUB, XML from the storage."""
    if dialect is Dialect.STORAGE:
        xml = f"<?xml version='1.0'?><Error><Code>{status}</Code><Message>{escape(message)}</Message></Error>"
        return Response(xml, status, content_type="application/xml")
    if dialect is Dialect.HUB:
        return answer({"success": False, "message": message}, status)
    return answer({"error": message}, status)


def limited(dialect: Dialect, wait: int, now: float, most: int) -> Response:
    """A 429 in the form of a dialect: HUB tells unix seconds in four headers, the Platform ISO time and a body.

    Args:
        wait: whole seconds until the next request is admitted.
        now: seconds since 1970.
        most: requests that the window admits.
    """
    headers = {"Retry-After": str(wait)}
    if dialect is Dialect.HUB:
        remaining = {"X-RateLimit-Limit": str(most), "X-RateLimit-Remaining": "0"}
        headers |= remaining | {"X-RateLimit-Reset": str(int(now) + wait)}
        return answer({"success": False, "message": "Too many requests"}, 429, headers)
    reset = iso(now + wait)
    body = {"error": "Rate limit exceeded", "retryAfter": wait, "resetAt": reset}
    return answer(body, 429, headers | {"X-RateLimit-Reset": reset})


def iso(seconds: float) -> str:
    """Seconds since 1970 as both services write a time."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
