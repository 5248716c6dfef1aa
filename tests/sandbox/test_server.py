"""The sockets: connections that stay, requests one after the other, and a stop that leaves nothing behind."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hubaction.errors import UsageError
from hubaction.sandbox import Sandbox

SUMMARY = "/api/account/summary"


def connect(box: Sandbox) -> socket.socket:
    address = urlsplit(box.url)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=10)


def answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of one answer with a Content-Length."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    assert len(body) == length
    return head, body


def test_a_connection_is_used_again(desk: Any) -> None:
    with connect(desk.box) as connection:
        for _ in range(3):
            connection.sendall(b"GET /api/account/summary HTTP/1.1\r\nHost: x\r\n\r\n")
            head, body = answer(connection)
            assert head.startswith(b"HTTP/1.1 401 ")
            assert b"error" in body


@pytest.mark.parametrize(
    "request_text",
    [
        b"POST /v1/auth HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + b"GET / HTTP/1.1\r\n" * 18750,
        b"POST /v1/auth HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n",
        b"POST /api/models HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_a_body_that_nobody_reads_is_no_next_request(desk: Any, request_text: bytes) -> None:
    with connect(desk.box) as connection:
        connection.sendall(request_text)
        if b"Expect" in request_text:
            assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert b" 401 " in answer(connection)[0]
        connection.sendall(b"GET /_sandbox/log HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer(connection)[0].startswith(b"HTTP/1.1 200 ")
    assert len(desk.box.log) == 2


def test_the_connection_ends_where_the_client_wants_it(desk: Any) -> None:
    for text in (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"):
        with connect(desk.box) as connection:
            connection.sendall(text)
            answer(connection)
            assert connection.recv(10) == b""


@pytest.mark.parametrize("length", [b"x", b"-1", b"9" * 5000])
def test_a_length_that_is_none(desk: Any, length: bytes) -> None:
    with connect(desk.box) as connection:
        connection.sendall(b"POST /v1/auth HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert desk.hub("POST", "/v1/auth").status_code == 200


def test_a_client_that_goes_away_hurts_nobody(desk: Any, capfd: pytest.CaptureFixture[str]) -> None:
    for text in (b"POST /v1/auth HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", b"GET /", b""):
        with connect(desk.box) as connection:
            connection.sendall(text)
    assert desk.hub("POST", "/v1/auth").status_code == 200
    desk.box.stop()
    assert "Traceback" not in capfd.readouterr().err


def test_a_head_has_no_body(desk: Any) -> None:
    with connect(desk.box) as connection:
        connection.sendall(b"HEAD /_sandbox/ HTTP/1.1\r\nHost: x\r\n\r\nGET /_sandbox/ HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        while received.count(b"HTTP/1.1 200") < 2 or not received.endswith(b"}"):
            received += connection.recv(65536)
    assert received.count(b'"about"') == 1


def test_many_ask_at_once(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(artifact_size=3 << 20)
    url, sizes = desk.finished()["file"]["downloadUrl"], []

    def fetch() -> None:
        import requests

        sizes.append(len(requests.get(url, timeout=20).content))

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes == [3 << 20] * 8


def test_nothing_is_left_after_a_stop(large: Callable[..., Any], open_desk: Callable[..., Any]) -> None:
    before = {thread for thread in threading.enumerate() if "sandbox" in thread.name}
    desk = open_desk()
    desk.ingested(large().zip())
    idle = connect(desk.box)
    with idle:
        idle.sendall(b"GET /_sandbox/ HTTP/1.1\r\nHost: x\r\n\r\n")
        answer(idle)
        folders = set(Path(tempfile.gettempdir()).glob("hubaction-sandbox-*"))
        desk.box.stop()
        assert idle.recv(10) == b""
    left = set(Path(tempfile.gettempdir()).glob("hubaction-sandbox-*"))
    assert len(folders - left) >= 1
    assert {thread for thread in threading.enumerate() if "sandbox" in thread.name} <= before
    with pytest.raises(ConnectionRefusedError):
        connect(desk.box)


def test_the_port_can_be_chosen_and_is_free_again_after_a_stop() -> None:
    with Sandbox() as box:
        port = urlsplit(box.url).port
        with pytest.raises(UsageError, match="Address already in use"):
            Sandbox(port=port)
    with Sandbox(port=port) as again:
        assert again.url == box.url
    with pytest.raises(UsageError, match="no such port"):
        Sandbox(port=70_000)


def test_all_addresses_are_reached_at_the_loopback() -> None:
    with Sandbox(host="0.0.0.0") as box:
        assert urlsplit(box.url).hostname == "127.0.0.1"
        connect(box).close()
