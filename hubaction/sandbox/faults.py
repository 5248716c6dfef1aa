"""Faults at work: answers in place of the service's, and its true answers bent."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Response

from hubaction.sandbox.answers import Dialect, answer, limited, refused
from hubaction.sandbox.knobs import Fault, Kind

_ACTIVE = {"queued", "starting", "running"}
_BLOCK = b"x" * 65536
_LIMIT_HEADERS = ("Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a fault strikes: the connection, what ends all waiting, the dialect, and the time since 1970."""

    connection: socket.socket
    stopping: threading.Event
    dialect: Dialect
    now: float


def instead(fault: Fault, scene: Scene) -> Response | None:
    """The answer in place of the service's; None for a fault that bends the true one."""
    make = _INSTEAD.get(fault.kind)
    return make(fault.value, scene) if make else None


def bent(fault: Fault, scene: Scene, response: Response) -> Response:
    """The true answer as the fault leaves it."""
    bend = _BENT.get(fault.kind)
    return bend(fault.value, scene, response) if bend else response


def _status(value: str, scene: Scene) -> Response:
    status = int(value or 503)
    return refused(scene.dialect, status, f"The sandbox was told to answer {status}")


def _limit(value: str, scene: Scene) -> Response:
    response = limited(scene.dialect, int(value) if value.isdecimal() else 1, scene.now, 1)
    for name in _LIMIT_HEADERS if value in {"bare", "odd"} else ():
        response.headers.remove(name)
        if value == "odd":
            response.headers[name] = "soon"
    if value in {"bare", "odd"}:
        response.set_data(json.dumps({"error": "Rate limit exceeded", "message": "Too many requests"}))
    return response


def _html(value: str, _: Scene) -> Response:
    page = f"<html><body><h1>{int(value or 502)}</h1><script>alert(1)</script></body></html>"
    return Response(page, int(value or 502), content_type="text/html; charset=utf-8")


def _garbled(_value: str, _: Scene) -> Response:
    return Response('{"success": true, "data": {"id"', 200, content_type="application/json")


def _empty(value: str, _: Scene) -> Response:
    return Response(b"", int(value or 200), content_type="application/json")


def _huge(value: str, _: Scene) -> Response:
    size = int(value or 64 << 20)

    def text() -> Iterator[bytes]:
        yield b'{"data":"'
        for start in range(11, size, len(_BLOCK)):
            yield _BLOCK[: size - start]
        yield b'"}'

    return Response(text(), 200, {"Content-Length": str(max(size, 11))}, content_type="application/json")


class _Broken:
    """A body that ends the connection as soon as it is asked for, which is before the head is sent."""

    def __init__(self, first: Callable[[], object]) -> None:
        self._first = first

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self._first()
        raise ConnectionAbortedError


def _hang(value: str, scene: Scene) -> Response:
    return Response(_Broken(lambda: scene.stopping.wait(float(value or 3600))))


def _reset(_value: str, scene: Scene) -> Response:
    at_once = struct.pack("ii", 1, 0)
    return Response(_Broken(lambda: scene.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)))


def _close(_value: str, _: Scene) -> Response:
    return Response(_Broken(lambda: None))


def _redirect(value: str, _: Scene) -> Response:
    return Response(b"", 307, {"Location": value})


def _drip(value: str, scene: Scene, response: Response) -> Response:
    body = response.get_data()

    def slowly() -> Iterator[bytes]:
        for byte in body:
            yield bytes([byte])
            if scene.stopping.wait(float(value or 1)):
                raise ConnectionAbortedError

    response.response = slowly()
    response.headers["Content-Length"] = str(len(body))
    return response


def _cut(value: str, _: Scene, response: Response) -> Response:
    length = response.content_length or len(response.get_data())
    chunks = response.iter_encoded()
    most = int(value) if value else length // 2

    def part() -> Iterator[bytes]:
        left = most
        for chunk in chunks:
            yield chunk[:left]
            left -= len(chunk)
            if left <= 0:
                raise ConnectionAbortedError

    response.response = part()
    response.headers["Content-Length"] = str(length)
    return response


def _length(value: str, _: Scene, response: Response) -> Response:
    length = response.content_length or len(response.get_data())
    response.headers["Content-Length"] = str(max(0, length + int(value or 10)))
    return response


def _drop(value: str, _: Scene, response: Response) -> Response:
    gone = value or "downloadUrl"
    return _mapped(response, lambda one: {name: item for name, item in one.items() if name != gone})


def _extra(_value: str, _: Scene, response: Response) -> Response:
    return _mapped(response, lambda one: {**one, "xFutureField": {"why": ["the API grows", None, 1.5]}})


def _state(value: str, _: Scene, response: Response) -> Response:
    word = value or "provisioning"
    return _mapped(response, lambda one: {**one, "status": word} if one.get("status") in _ACTIVE else one)


def _mapped(response: Response, change: Callable[[dict[str, object]], dict[str, object]]) -> Response:
    """The response with every object of its JSON changed."""
    if not response.is_json:
        return response

    def walk(value: object) -> object:
        if isinstance(value, dict):
            return change({name: walk(item) for name, item in value.items()})
        return [walk(item) for item in value] if isinstance(value, list) else value

    return answer(walk(response.get_json()), response.status_code)


_INSTEAD: dict[Kind, Callable[[str, Scene], Response]] = {
    Kind.STATUS: _status,
    Kind.LIMIT: _limit,
    Kind.HTML: _html,
    Kind.GARBLED: _garbled,
    Kind.EMPTY: _empty,
    Kind.HUGE: _huge,
    Kind.HANG: _hang,
    Kind.REDIRECT: _redirect,
    Kind.RESET: _reset,
    Kind.CLOSE: _close,
}
_BENT: dict[Kind, Callable[[str, Scene, Response], Response]] = {
    Kind.DRIP: _drip,
    Kind.CUT: _cut,
    Kind.LENGTH: _length,
    Kind.DROP: _drop,
    Kind.EXTRA: _extra,
    Kind.STATE: _state,
}
