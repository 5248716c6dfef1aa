"""The sockets: HTTP/1.1 with connections kept alive, which a fault can end, and a clean stop."""

from __future__ import annotations

import itertools
import os
import re
import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wsgi import ClosingIterator, LimitedStream

from hubaction.errors import UsageError

_PIECE = 1 << 16
_BODILESS = {204, 304}


class Handler(WSGIRequestHandler):
    """One connection.

    werkzeug's own handler closes it after each answer; the services do not, and a client that reuses connections is to
    be seen doing so. An OSError out of the body of an answer ends the connection there and then: so faults do it.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60.0

    def run_wsgi(self) -> None:
        """Answer one request, then read what is left of its body, so that the next one starts where it should."""
        environ = self.make_environ()
        length = environ.get("CONTENT_LENGTH") or "0"
        if not re.fullmatch(r"[0-9]{1,18}", length):
            self.send_error(400)
            return
        if not environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = LimitedStream(cast("BinaryIO", self.rfile), int(length))
        try:
            self._answer(environ)
            while environ["wsgi.input"].read(_PIECE):
                pass
        except (OSError, ClientDisconnected):
            self.close_connection = True  # the client has gone, or a fault is at work

    def _answer(self, environ: dict[str, Any]) -> None:
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Any:
            head.append((status, headers))

        with_close = ClosingIterator(self.server.app(environ, start_response))
        try:
            chunks = iter(with_close)
            first = next(chunks, b"")  # before the head is sent, for a fault may end the connection here
            self._send(*head[-1], itertools.chain([first], chunks))
        finally:
            with_close.close()

    def _send(self, status: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), None)
        bodiless = self.command == "HEAD" or int(code) in _BODILESS
        if length is None and not bodiless:
            self.send_header("Transfer-Encoding", "chunked")
            chunks = _framed(chunks)
        self.end_headers()
        sent = 0
        for chunk in chunks:
            self.wfile.write(chunk)
            sent += len(chunk)
        if length not in {None, sent} and not bodiless:
            self.close_connection = True

    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing: the sandbox keeps a log of its own, without secrets."""


def _framed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in filter(None, chunks):
        yield b"%x\r\n%b\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


class Server(ThreadedWSGIServer):
    """A thread per connection, all of which end when it stops."""

    daemon_threads = False

    def __init__(self, listening: socket.socket, app: Any) -> None:
        host, port = listening.getsockname()[:2]
        super().__init__(host, port, app, Handler, fd=listening.fileno())
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="sandbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take no more connections, end those that are open, and wait for their threads."""
        self.shutdown()
        with self._lock:
            for connection in self._open:
                _end(connection)
        self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection; one that a fault resets is not to be closed politely first."""
        with self._lock:
            self._open.discard(request)
        linger = request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
        if struct.unpack("ii", linger)[0]:
            self.close_request(request)
        else:
            super().shutdown_request(request)


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # ended by the other side meanwhile


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises UsageError where it cannot be had."""
    if not 0 <= port <= 65535:
        raise UsageError(f"The sandbox cannot listen on port {port}: there is no such port.", "Choose another port.")
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise UsageError(f"The sandbox cannot listen on {host}:{port}: {why}.", "Choose another port.") from None
