"""A real server on a real socket that answers what a test tells it, and a clock that nobody waits for."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer. ``cut``: bytes of the body after which the connection is reset; ``hang``: it never comes."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    hang: bool = False
    chunked: bool = False
    ranges: bool = False


def as_json(value: object, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


@dataclass(frozen=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str
    headers: Any
    body: bytes


@dataclass
class Server:
    """``script`` holds the answers in order; the last one is given again and again."""

    url: str
    script: list[Reply]
    seen: list[Seen] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def next(self) -> Reply:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    @property
    def count(self) -> int:
        return len(self.seen)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def _serve(self) -> None:
        told: Server = self.server.told
        length = int(self.headers.get("Content-Length") or 0)
        told.seen.append(Seen(self.command, self.path, self.headers, self.rfile.read(length)))
        reply = told.next()
        if reply.hang:
            told.over.wait(30)
            self.close_connection = True
            return
        self._answer(_part(reply, self.headers.get("Range", "")) if reply.ranges else reply)

    def _answer(self, reply: Reply) -> None:
        headers = {"Content-Length": str(len(reply.body)), **reply.headers}
        if reply.chunked:
            headers = {"Transfer-Encoding": "chunked", **reply.headers}
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(reply.body), reply.body) if reply.chunked else reply.body
        with contextlib.suppress(OSError):
            self.wfile.write(body if reply.cut is None else body[: reply.cut])
            if reply.cut is not None or headers.get("Content-Length") not in {None, str(len(reply.body))}:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _part(reply: Reply, asked: str) -> Reply:
    """The range of a file that was asked for. ``cut`` then counts from its beginning."""
    if not asked:
        return reply
    start = int(asked.removeprefix("bytes=").partition("-")[0])
    if start >= len(reply.body):
        return Reply(416)
    headers = {**reply.headers, "Content-Range": f"bytes {start}-{len(reply.body) - 1}/{len(reply.body)}"}
    return Reply(206, reply.body[start:], headers, reply.cut)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    told: Server

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that goes away is what these tests are about


@contextlib.contextmanager
def serving(*script: Reply, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on a free port of this machine."""
    listener = _Listener(("127.0.0.1", 0), _Handler)
    if tls:
        listener.socket = tls.wrap_socket(listener.socket, server_side=True)
    listener.told = Server(f"http{'s' if tls else ''}://127.0.0.1:{listener.server_address[1]}", list(script))
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield listener.told
    finally:
        listener.told.over.set()
        listener.shutdown()
        thread.join()
        listener.server_close()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class FakeClock:
    """Time passes while somebody sleeps, and by ``step`` each time that somebody looks."""

    time: float = 1_000.0
    step: float = 0.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        self.time += self.step
        return self.time

    def now(self) -> float:
        return self.time + 1_800_000_000

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
