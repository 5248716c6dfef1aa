"""Every kind of fault, as it arrives at the other end of a socket."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.exceptions import ChunkedEncodingError, ReadTimeout

from hubaction.errors import UsageError
from hubaction.sandbox import Fault, Kind, parse_fault

SUMMARY = "/api/account/summary"
EXPORTS = "/api/models/demo/shapes/yolo11n/exports"


@pytest.fixture
def strike(desk: Any) -> Callable[..., requests.Response]:
    """``strike(kind, value)``: the answer to a request that a fault meets."""

    def ask(kind: Kind, value: str = "", path: str = SUMMARY) -> requests.Response:
        desk.box.faults.add(Fault(path, kind, value))
        response: requests.Response = desk.platform("GET", path)
        return response

    return ask


def arrived(desk: Any, url: str, start: int) -> bytes:
    """What comes of a download from some byte on before its connection breaks."""
    received = b""
    with desk.session.get(url, headers={"Range": f"bytes={start}-"}, stream=True, timeout=10) as response:
        try:
            for piece in response.iter_content(1000):
                received += piece
        except ChunkedEncodingError:
            return received
    raise AssertionError("the download came to its end")


def raw(desk: Any, path: str = SUMMARY) -> bytes:
    """All bytes that come until the connection ends."""
    address = urlsplit(desk.box.url)
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk.box.platform_key}\r\n\r\n"
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall(head.encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return received


def test_a_status(strike: Callable[..., requests.Response], desk: Any) -> None:
    assert strike(Kind.STATUS).status_code == 503
    refused = strike(Kind.STATUS, "409")
    assert (refused.status_code, set(refused.json())) == (409, {"error"})
    desk.box.faults.add(Fault("/v1/auth", Kind.STATUS, "500"), Fault("/storage/*", Kind.STATUS, "500"))
    assert set(desk.hub("POST", "/v1/auth").json()) == {"success", "message"}
    assert desk.ask("GET", "/storage/files/a/b").text.startswith("<?xml")


def test_a_limit_with_headers_without_and_with_odd_ones(strike: Callable[..., requests.Response], desk: Any) -> None:
    full = strike(Kind.LIMIT, "7")
    assert (full.status_code, full.headers["Retry-After"], full.json()["retryAfter"]) == (429, "7", 7)
    bare = strike(Kind.LIMIT, "bare")
    assert (bare.status_code, "retryAfter" in bare.json()) == (429, False)
    assert not {"Retry-After", "X-RateLimit-Reset"} & set(bare.headers)
    odd = strike(Kind.LIMIT, "odd")
    assert (odd.headers["Retry-After"], odd.headers["X-RateLimit-Reset"]) == ("soon", "soon")
    desk.box.faults.add(Fault("/v1/auth", Kind.LIMIT, "bare"))
    assert not [name for name in desk.hub("POST", "/v1/auth").headers if "RateLimit" in name]


def test_bodies_that_are_no_json(strike: Callable[..., requests.Response]) -> None:
    page = strike(Kind.HTML)
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert strike(Kind.HTML, "200").status_code == 200
    empty = strike(Kind.EMPTY)
    assert (empty.status_code, empty.content) == (200, b"")
    assert strike(Kind.EMPTY, "204").status_code == 204
    with pytest.raises(ValueError, match="Expecting"):
        strike(Kind.GARBLED).json()


@pytest.mark.parametrize("size", [11, 12, 65547, 200_000])
def test_a_huge_body(strike: Callable[..., requests.Response], size: int) -> None:
    response = strike(Kind.HUGE, str(size))
    assert len(response.content) == size
    assert set(response.json()["data"]) <= {"x"}


def test_a_redirect_keeps_nothing_back(strike: Callable[..., requests.Response]) -> None:
    response = strike(Kind.REDIRECT, "http://example.invalid/there")
    assert (response.status_code, response.headers["Location"]) == (307, "http://example.invalid/there")


def test_a_hang_is_silence(desk: Any) -> None:
    desk.box.faults.add(Fault(SUMMARY, Kind.HANG))
    with pytest.raises(ReadTimeout):
        requests.get(desk.box.url + SUMMARY, timeout=0.3)
    desk.box.faults.add(Fault(SUMMARY, Kind.HANG, "0"))
    assert raw(desk) == b""


def test_a_hang_ends_with_the_sandbox(open_desk: Callable[..., Any]) -> None:
    desk = open_desk()
    desk.box.faults.add(Fault(SUMMARY, Kind.HANG))
    address = urlsplit(desk.box.url)
    connection = socket.create_connection((address.hostname or "", address.port or 0), timeout=20)
    with connection:
        connection.sendall(b"GET /api/account/summary HTTP/1.1\r\nHost: x\r\n\r\n")
        while not desk.box.log:
            time.sleep(0.01)
        desk.box.stop()
        assert connection.recv(10) == b""


def test_a_connection_is_closed_or_reset_before_any_byte(desk: Any) -> None:
    desk.box.faults.add(Fault(SUMMARY, Kind.CLOSE))
    assert raw(desk) == b""
    desk.box.faults.add(Fault(SUMMARY, Kind.RESET))
    with pytest.raises(ConnectionResetError):
        raw(desk)


def test_a_reset_resets_its_own_connection_only(desk: Any) -> None:
    desk.box.faults.add(Fault(SUMMARY, Kind.RESET))
    with pytest.raises(requests.exceptions.ConnectionError):
        desk.platform("GET", SUMMARY)
    assert desk.platform("GET", SUMMARY).status_code == 200


def test_an_answer_is_cut(strike: Callable[..., requests.Response], desk: Any) -> None:
    with pytest.raises(ChunkedEncodingError):
        strike(Kind.CUT, "20")
    whole = desk.platform("GET", SUMMARY).content
    desk.box.faults.add(Fault(SUMMARY, Kind.CUT, "20"))
    head, _, body = raw(desk).partition(b"\r\n\r\n")
    assert body == whole[:20]
    assert b"Content-Length: %d" % len(whole) in head
    desk.box.faults.add(Fault(SUMMARY, Kind.CUT))
    assert raw(desk).partition(b"\r\n\r\n")[2] == whole[: len(whole) // 2]


def test_a_download_is_cut_where_it_should_be(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(artifact_size=300_000)
    url = desk.finished()["file"]["downloadUrl"]
    desk.box.faults.add(Fault("/storage/*", Kind.CUT, "200000", 2))
    for start, length in ((0, 200_000), (50_000, 200_000)):
        received = arrived(desk, url, start)
        assert length - 1000 < len(received) <= length
    assert len(desk.ask("GET", url).content) == 300_000


@pytest.mark.parametrize(("value", "off"), [("", 10), ("+3", 3), ("-3", -3), ("-99999", None)])
def test_a_wrong_length(desk: Any, value: str, off: int | None) -> None:
    whole = desk.platform("GET", SUMMARY).content
    desk.box.faults.add(Fault(SUMMARY, Kind.LENGTH, value))
    head, _, body = raw(desk).partition(b"\r\n\r\n")
    assert body == whole
    told = 0 if off is None else len(whole) + off
    assert b"Content-Length: %d\r\n" % told in head + b"\r\n"


def test_an_answer_drips(strike: Callable[..., requests.Response], desk: Any) -> None:
    whole = desk.platform("GET", SUMMARY).json()
    assert strike(Kind.DRIP, "0").json() == whole
    desk.box.faults.add(Fault(SUMMARY, Kind.DRIP, "0.2"))
    headers = {"Authorization": f"Bearer {desk.box.platform_key}"}
    with requests.get(desk.box.url + SUMMARY, headers=headers, stream=True, timeout=5) as response:
        assert len(response.raw.read1()) == 1


def test_ranges_are_ignored(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(artifact_size=1000)
    url = desk.finished()["file"]["downloadUrl"]
    desk.box.faults.add(Fault("/storage/*", Kind.WHOLE))
    assert desk.ask("GET", url, headers={"Range": "bytes=5-"}).status_code == 200
    assert desk.ask("GET", url, headers={"Range": "bytes=5-"}).status_code == 206


def test_fields_are_missing_or_unknown(strike: Callable[..., requests.Response], desk: Any) -> None:
    one = desk.finished()["id"]
    path = f"{EXPORTS}/{one}"
    assert set(strike(Kind.DROP, path=path).json()["export"]["file"]) == {"size", "downloadFilename"}
    assert "file" not in strike(Kind.DROP, "file", path).json()["export"]
    grown = strike(Kind.EXTRA, path=EXPORTS).json()
    assert "xFutureField" in grown
    assert "xFutureField" in grown["exports"][0]["file"]


def test_a_state_that_nobody_knows(strike: Callable[..., requests.Response], desk: Any) -> None:
    done, active = desk.finished()["id"], desk.export()
    assert strike(Kind.STATE, path=f"{EXPORTS}/{active}").json()["export"]["status"] == "provisioning"
    assert strike(Kind.STATE, "odd", f"{EXPORTS}/{active}").json()["export"]["status"] == "odd"
    assert strike(Kind.STATE, path=f"{EXPORTS}/{done}").json()["export"]["status"] == "completed"
    assert desk.shown(active)["status"] == "queued"


def test_a_bent_answer_keeps_its_status(desk: Any) -> None:
    desk.box.faults.add(Fault(EXPORTS, Kind.EXTRA))
    assert desk.platform("POST", EXPORTS, {"format": "onnx"}).status_code == 201
    url = desk.finished("pb")["file"]["downloadUrl"]
    desk.box.faults.add(Fault("/storage/*", Kind.EXTRA))
    assert desk.ask("GET", url).status_code == 200


def test_faults_strike_as_often_as_told_and_one_at_a_time(desk: Any) -> None:
    desk.box.faults.add(Fault("/api/*", Kind.STATUS, "500", 2), Fault("*", Kind.STATUS, "502", method="POST"))
    statuses = [desk.platform("GET", SUMMARY).status_code for _ in range(3)]
    assert statuses == [500, 500, 200]
    assert [desk.platform("POST", EXPORTS, {}).status_code for _ in range(2)] == [502, 400]
    desk.box.faults.add(Fault(SUMMARY, Kind.STATUS, times=None))
    assert [desk.platform("GET", SUMMARY).status_code for _ in range(4)] == [503] * 4
    desk.box.faults.clear()
    assert desk.platform("GET", SUMMARY).status_code == 200


def test_a_fault_does_not_touch_what_it_answers_for(desk: Any) -> None:
    desk.box.faults.add(Fault(EXPORTS, Kind.STATUS))
    desk.platform("POST", EXPORTS, {"format": "onnx"})
    assert desk.platform("GET", EXPORTS).json()["exports"] == []
    desk.box.faults.add(Fault(EXPORTS, Kind.CUT))
    with pytest.raises(ChunkedEncodingError):
        desk.platform("POST", EXPORTS, {"format": "onnx"})
    assert len(desk.platform("GET", EXPORTS).json()["exports"]) == 1


def test_the_log_names_the_fault(desk: Any) -> None:
    desk.box.faults.add(Fault(SUMMARY, Kind.STATUS, "500"))
    desk.platform("GET", SUMMARY)
    desk.platform("GET", SUMMARY)
    assert [(entry.status, entry.fault) for entry in desk.box.log] == [(500, "status"), (200, "")]


def test_the_control_routes_are_never_struck(desk: Any) -> None:
    desk.box.faults.add(Fault("*", Kind.CLOSE, times=None))
    assert desk.ask("GET", "/_sandbox/log").status_code == 200


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("GET /storage/* cut=1000 2", Fault("/storage/*", Kind.CUT, "1000", 2, "GET")),
        ("* /v1/* html always", Fault("/v1/*", Kind.HTML, "", None)),
        ("post /a reset", Fault("/a", Kind.RESET, "", 1, "POST")),
        ("* * redirect=http://x/?a=b 1", Fault("*", Kind.REDIRECT, "http://x/?a=b")),
    ],
)
def test_faults_in_words(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not METHOD PATH KIND"),
        ("GET /a", "is not METHOD PATH KIND"),
        ("GET /a cut 1 2", "is not METHOD PATH KIND"),
        ("GET /a explode", "no kind of fault 'explode'"),
        ("GET /a cut often", "strikes 'often' times"),
        ("GET /a cut -1", "strikes '-1' times"),
        ("GET /a cut=ten", "cannot have the value 'ten'"),
        ("GET /a status=999", "cannot have the value '999'"),
        ("GET /a limit=never", "cannot have the value 'never'"),
        ("GET /a redirect", "cannot have the value ''"),
        ("GET /a hang=-1", "cannot have the value '-1'"),
    ],
)
def test_faults_that_there_are_not(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_fault(text)
