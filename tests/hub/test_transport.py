"""Requests to a service over real sockets: the key, retries, waits, redirects, and every way in which it can fail."""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from wire import FakeClock, Reply, Server, as_json, free_port, serving

from hubaction.errors import (
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    TimedOut,
    Unauthorised,
    Unreachable,
    UsageError,
)
from hubaction.hub import body as body_module
from hubaction.hub.broken import Broken, lasting, why_broken
from hubaction.hub.secret import Secret
from hubaction.hub.stream import Stream, stream_of
from hubaction.hub.transport import Transport

KEY = "ul_" + "0123456789" * 4
OK = as_json({"fine": True})
PEM = Path(__file__).parent / "tls" / "loopback.pem"


class Line:
    """A transport with all that it says and all the time that it waits."""

    def __init__(self, root: str, timeouts: tuple[float, float] = (10.0, 10.0), step: float = 0.0) -> None:
        self.told: list[str] = []
        self.clock = FakeClock(step=step)
        key = Secret(KEY)
        self.transport = Transport(
            root,
            lambda: {"Authorization": f"Bearer {key.reveal()}"},
            notify=self.told.append,
            clock=self.clock,
            timeouts=timeouts,
        )

    def call(self, method: str = "GET", path: Any = "/api/x", **options: Any) -> Any:
        return self.transport.call(method, path, **options)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)


def refused(line: Line, kind: type[ServiceError], method: str = "GET", **options: Any) -> ServiceError:
    """The error of a call, which holds neither the key nor an address, in all that belongs to it."""
    with pytest.raises(ServiceError) as raised:
        line.call(method, **options)
    assert type(raised.value) is kind
    trace = "".join(traceback.format_exception(raised.value))
    assert KEY not in trace + repr(raised.value) + "".join(line.told)
    assert raised.value.__cause__ is raised.value.__context__ is None
    assert raised.value.cause.endswith(".")
    assert raised.value.fix.endswith(".")
    return raised.value


def test_a_request_and_its_answer() -> None:
    with serving(as_json({"a": [1]}, x_request_id="r-1")) as server:
        line = Line(server.url + "/base")
        answer = line.call("POST", ("api", "a/b"), query={"limit": 5}, body={"k": "v"})
    assert (answer.status, answer.data, answer.request_id, answer.path) == (200, {"a": [1]}, "r-1", "/api/a%2Fb")
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.body) == ("POST", "/base/api/a%2Fb?limit=5", b'{"k": "v"}')
    assert seen.headers["Authorization"] == f"Bearer {KEY}"
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["User-Agent"].startswith("hub-action/")
    assert not line.told


def test_headers_are_found_in_any_case() -> None:
    with serving(as_json({}, retry_after="5")) as server:
        assert Line(server.url).call().headers["RETRY-AFTER"] == "5"


def test_connections_are_kept() -> None:
    with serving(OK) as server:
        line = Line(server.url)
        sockets = set()
        for _ in range(3):
            line.call()
            sockets.add(server.seen[-1].headers["Connection"])
        pool = next(iter(line.transport._client._session.adapters["http://"].poolmanager.pools._container.values()))
        assert (server.count, pool.num_connections, sockets) == (3, 1, {"keep-alive"})


def test_no_cookie_is_sent_back() -> None:
    with serving(Reply(200, b"{}", {"Set-Cookie": "track=1"})) as server:
        line = Line(server.url)
        line.call()
        line.call()
    assert server.seen[1].headers["Cookie"] is None


def test_an_empty_answer_is_one() -> None:
    with serving(Reply(204)) as server:
        assert Line(server.url).call("DELETE").data is None


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (400, Rejected, "as the service asks"),
        (401, Unauthorised, "create a new one"),
        (402, Forbidden, "no credit"),
        (403, Forbidden, "rights"),
        (404, NotFound, "this key may not see it"),
        (409, Rejected, "as the service asks"),
        (413, Rejected, "as the service asks"),
        (422, Rejected, "as the service asks"),
        (408, Unreachable, "Try again later"),
        (429, RateLimited, "Wait a minute"),
        (500, Unreachable, "support"),
        (501, Unreachable, "support"),
        (503, Unreachable, "support"),
        (300, Unreachable, "never follows"),
    ],
)
def test_every_refusal_has_its_kind(status: int, kind: type[ServiceError], said: str) -> None:
    with serving(as_json({"error": "Not\x1b today."}, status, x_request_id="r-7")) as server:
        error = refused(Line(server.url), kind, doing="start the export")
    host = server.url.removeprefix("http://")
    assert error.cause == f"Could not start the export: {host} answered {status}: Not\\x1b today (request r-7)."
    assert said in error.fix
    assert (error.status, error.request_id) == (status, "r-7")


def test_a_refusal_without_words() -> None:
    with serving(Reply(400, b"<html>no</html>")) as server:
        error = refused(Line(server.url), Rejected)
    assert error.cause.endswith(" answered 400.")
    assert error.cause.startswith("Could not call /api/x: ")


def test_the_servers_words_are_bounded() -> None:
    with serving(as_json({"error": "w" * 5000, "x": "y" * 10}, 400, x_request_id="i" * 5000)) as server:
        error = refused(Line(server.url), Rejected)
    assert error.cause.count("w") < 505
    assert len(error.request_id) == 100


@pytest.mark.parametrize("body", [b"<html>Not Found</html>", b"", b"{}", b'{"error": ""}', b"[1]"])
def test_a_404_without_words_means_that_the_route_is_gone(body: bytes) -> None:
    with serving(Reply(404, body)) as server:
        error = refused(Line(server.url), NotFound)
    assert error.fix == "The service's routes may have changed: nothing answers at /api/x."


def test_ask_gives_any_final_answer() -> None:
    with serving(as_json({"error": "x"}, 409), as_json({}, 404)) as server:
        transport = Line(server.url).transport
        assert [transport.ask("POST", "/a").status, transport.ask("GET", "/a").status] == [409, 404]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_once_is_not_for_ever(status: int) -> None:
    with serving(Reply(status), Reply(status), OK) as server:
        line = Line(server.url)
        assert line.call().data == {"fine": True}
    assert server.count == 3
    assert len(line.told) == len(line.clock.slept) == 2
    assert f" answered {status}. Trying again in " in line.told[0]


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_what_changes_something_is_sent_once(method: str) -> None:
    with serving(Reply(503)) as server:
        refused(Line(server.url), Unreachable, method)
    assert server.count == 1


def test_what_is_known_to_be_repeatable_is_repeated() -> None:
    with serving(Reply(503), OK) as server:
        assert Line(server.url).call("POST", repeatable=True).ok
    with serving(Reply(503), OK) as server:
        refused(Line(server.url), Unreachable, repeatable=False)


def test_a_rate_limit_stops_nobody_from_asking_again() -> None:
    with serving(Reply(429, b"{}", {"Retry-After": "7"}), OK) as server:
        line = Line(server.url)
        assert line.call("POST").ok
    assert 7 <= line.clock.slept[0] <= 7.5


def test_attempts_end() -> None:
    with serving(as_json({"error": "Rate limit exceeded", "retryAfter": 3}, 429)) as server:
        error = refused(Line(server.url), RateLimited)
    assert server.count == 5
    assert "Rate limit exceeded" in error.cause


def test_a_deadline_is_kept() -> None:
    with serving(Reply(429, b"{}", {"Retry-After": "50"})) as server:
        line = Line(server.url)
        refused(line, RateLimited, deadline=line.clock.time + 60)
    assert server.count == 2
    assert len(line.clock.slept) == 1


def test_no_request_after_the_deadline() -> None:
    with serving(OK) as server:
        line = Line(server.url)
        error = refused(line, TimedOut, deadline=line.clock.time)
    assert server.count == 0
    assert error.fix == "Allow more time."


def test_a_deadline_bounds_the_silence_of_a_server() -> None:
    with serving(Reply(hang=True)) as server:
        line = Line(server.url)
        line.clock = line.transport._clock = _Real()
        error = refused(line, TimedOut, doing="look", deadline=time.monotonic() + 0.2)
    assert error.cause.startswith("Could not look in time. 127.0.0.1:")


def test_timeouts_end_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    line, seen = Line("http://127.0.0.1:9"), []

    def send(_request: object, timeouts: tuple[float, float], _auth: object) -> Broken:
        seen.append(timeouts)
        return lasting("No.", "None.")

    monkeypatch.setattr(line.transport._client, "send", send)
    refused(line, Unreachable, deadline=line.clock.time + 4)
    refused(line, Unreachable)
    assert seen == [(4, 4), (10, 10)]


class _Real(FakeClock):
    def monotonic(self) -> float:
        return time.monotonic()


def test_a_silent_server() -> None:
    with serving(Reply(hang=True)) as server:
        error = refused(Line(server.url, (5, 0.1)), Unreachable)
    assert error.cause.endswith(" was silent for 0.1 s.")
    assert server.count == 5


def test_a_lost_answer_to_a_change_says_so() -> None:
    with serving(Reply(hang=True)) as server:
        error = refused(Line(server.url, (5, 0.1)), Unreachable, "POST")
    assert "may have carried it out" in error.fix
    assert server.count == 1


def test_a_refused_connection() -> None:
    line = Line(f"http://127.0.0.1:{free_port()}")
    error = refused(line, Unreachable, "POST")
    assert " refuses the connection." in error.cause
    assert "carried" not in error.fix
    assert len(line.told) == 4  # nothing was sent, so that a change can be tried again too


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_options: object) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    line = Line("https://hub.example.org")
    error = refused(line, Unreachable)
    assert "The name of hub.example.org cannot be resolved (DNS)." in error.cause
    assert len(line.told) == 4
    assert "unencrypted" not in "".join(line.told)


@pytest.mark.parametrize("fault", [OSError(113, "No route to host"), TimeoutError()])
def test_a_network_that_is_down(monkeypatch: pytest.MonkeyPatch, fault: OSError) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise fault

    monkeypatch.setattr(socket.socket, "connect", fail)
    error = refused(Line("http://127.0.0.1:9", (3, 5)), Unreachable)
    expected = "took no connection within 3 s." if isinstance(fault, TimeoutError) else "cannot be reached."
    assert expected in error.cause


@pytest.mark.parametrize("reply", [Reply(200, b'{"a": 1}', cut=4), Reply(200, b"{}", {"Content-Length": "9"})])
def test_an_answer_that_is_cut_is_asked_for_again(reply: Reply) -> None:
    with serving(reply, OK) as server:
        line = Line(server.url)
        assert line.call().data == {"fine": True}
    assert "was cut before the answer was complete. Trying again" in line.told[0]
    with serving(reply) as server:
        assert "was cut" in refused(Line(server.url), Unreachable).cause


@pytest.mark.parametrize(
    "body", [b"<html>Sign in</html>", b"{", b"\xff\xfe", b"[" * 100_000, b"9" * 5000, b'{"a": 1} x'], ids=range(6)
)
def test_an_answer_in_a_form_that_nobody_expects(body: bytes) -> None:
    with serving(Reply(200, body)) as server:
        error = refused(Line(server.url), Unreachable)
    assert "something that is no JSON" in error.cause
    assert server.count == 1


def test_an_answer_without_end() -> None:
    with serving(Reply(200, b" " * (body_module.MOST_BODY + 1))) as server:
        error = refused(Line(server.url), Unreachable)
    assert "too long" in error.cause
    assert server.count == 1


def test_of_a_long_refusal_only_the_beginning_is_read() -> None:
    with serving(Reply(400, b"x" * 3_000_000)) as server:
        answer = Line(server.url).transport.ask("GET", "/a")
    assert (answer.status, len(answer.text)) == (400, 4000)


def test_an_answer_that_drips_in() -> None:
    with serving(Reply(200, b" " * 1000, chunked=True)) as server:
        error = refused(Line(server.url, step=130), Unreachable)
    assert "comes too slowly" in error.cause


def test_a_redirect_within_the_service_keeps_the_key() -> None:
    with serving(Reply(302, b"", {"Location": "/api/new?x=1"}), OK) as server:
        assert Line(server.url).call(query={"limit": 1}).ok
    assert [seen.path for seen in server.seen] == ["/api/x?limit=1", "/api/new?x=1"]
    assert server.seen[1].headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_drops_the_key_for_good(status: int) -> None:
    with serving(OK) as other, serving(Reply(status), OK) as server:
        server.script[0] = Reply(status, b"", {"Location": f"{other.url}/back"})
        other.script[:] = [Reply(status, b"", {"Location": f"{server.url}/again"})]
        assert Line(server.url).call().ok
    assert [seen.headers["Authorization"] for seen in (*server.seen, *other.seen)] == [f"Bearer {KEY}", None, None]
    assert other.seen[0].headers["x-api-key"] is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_change_never_follows(method: str) -> None:
    with serving(OK) as other, serving(Reply(307, b"", {"Location": other.url})) as server:
        error = refused(Line(server.url), Unreachable, method)
    assert (server.count, other.count) == (1, 0)
    assert "a key never follows a redirect" in error.fix


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("/api/x", "without end"),
        ("file:///etc/passwd", "an address that is none"),
        ("http://[::1", "an address that is none"),
        ("http://a b/", "an address that is none"),
    ],
)
def test_redirects_to_nowhere(location: str, said: str) -> None:
    with serving(Reply(302, b"", {"Location": location})) as server:
        error = refused(Line(server.url), Unreachable)
    assert said in error.cause
    assert server.count <= 6


def test_a_redirect_without_an_address() -> None:
    with serving(Reply(302)) as server:
        refused(Line(server.url), Unreachable)


def test_netrc_is_not_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(OK) as other, serving(Reply(302, b"", {"Location": f"{other.url}/"})) as server:
        Line(server.url).call()
    assert server.seen[0].headers["Authorization"] == f"Bearer {KEY}"
    assert other.seen[0].headers["Authorization"] is None


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(OK) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        Line("http://hub.invalid").call()
    assert proxy.seen[0].path == "http://hub.invalid/api/x"


def test_a_proxy_of_a_kind_that_is_not_supported() -> None:
    broken = why_broken(requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support."), "h", (1, 1))
    assert broken.cause == "The proxy on the way to h cannot be used."


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:{port}", "nonsense://"])
def test_a_proxy_that_is_none(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.format(port=free_port()))
    error = refused(Line("http://hub.invalid"), Unreachable)
    assert "The proxy on the way to hub.invalid cannot be used." in error.cause


@pytest.fixture
def encrypted() -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    with serving(OK, tls=context) as server:
        yield server


def test_a_certificate_of_ones_own(encrypted: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(encrypted.url)
    error = refused(line, Unreachable)
    assert "The TLS certificate of 127.0.0.1:" in error.cause
    assert "REQUESTS_CA_BUNDLE" in error.fix
    assert not line.told  # no second try can help
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(PEM))
    assert Line(encrypted.url).call().ok


def test_certificates_that_are_missing(encrypted: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    error = refused(Line(encrypted.url), Unreachable)
    assert "file of trusted certificates" in error.cause
    (tmp_path / "none.pem").write_text("nonsense")
    assert "No TLS connection" in refused(Line(encrypted.url), Unreachable).cause


def test_no_way_back_from_encryption(encrypted: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(PEM))
    with serving(OK) as plain:
        encrypted.script[:] = [Reply(302, b"", {"Location": plain.url})]
        error = refused(Line(encrypted.url), Unreachable)
    assert "without encryption" in error.cause
    assert plain.count == 0


def test_encryption_where_there_is_none() -> None:
    with serving(OK) as server:
        error = refused(Line(server.url.replace("http", "https")), Unreachable)
    assert "No TLS connection to 127.0.0.1:" in error.cause


def test_a_key_in_the_clear_is_warned_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(OK) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        line = Line("http://hub.invalid")
        line.call()
        line.call()
    assert line.told == ["Warning: the key travels unencrypted to hub.invalid; use https."]


def test_an_address_that_only_looks_like_one() -> None:
    assert "cannot be used" in refused(Line("http://" + "a" * 70 + ".example"), Unreachable).cause
    with pytest.raises(UsageError):
        Line("http://127.0.0.1").call("GET", ("api", ".."))


def test_a_file_is_streamed(tmp_path: Path) -> None:
    file = tmp_path / "f.zip"
    file.write_bytes(b"z" * 2_500_000)
    seen: list[tuple[int, int]] = []
    stream = stream_of(file, lambda done, total: seen.append((done, total)))
    form = Stream(file, stream.size, stream.progress, "multipart/form-data; boundary=b", b"--b\r\n", b"\r\n--b--")
    with serving(OK) as server:
        Line(server.url).call("POST", stream=form)
    assert server.seen[0].body == b"--b\r\n" + b"z" * 2_500_000 + b"\r\n--b--"
    assert server.seen[0].headers["Content-Length"] == str(2_500_000 + 12)
    assert server.seen[0].headers["Content-Type"] == "multipart/form-data; boundary=b"
    assert seen == [(1048576, 2500000), (2097152, 2500000), (2500000, 2500000)]


@pytest.mark.parametrize("change", [b"longer than it was", b"s", None])
def test_a_file_that_changes_meanwhile(tmp_path: Path, change: bytes | None) -> None:
    file = tmp_path / "f.zip"
    file.write_bytes(b"zzzz")
    stream = stream_of(file, lambda _done, _total: None)
    file.unlink() if change is None else file.write_bytes(change)
    with serving(OK) as server, pytest.raises(UsageError, match=r"f\.zip") as raised:
        Line(server.url).call("POST", stream=stream)
    assert ("cannot be read" in raised.value.cause) is (change is None)


def test_no_byte_more_than_was_promised_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "f.zip"
    file.write_bytes(b"zzzzz")
    sent: list[bytes] = []
    with pytest.raises(UsageError):
        sent.extend(Stream(file, 4, lambda _done, _total: None))
    assert not sent


def test_no_log_has_an_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(Reply(302, b"", {"Location": "/signed?signature=abc"}), OK) as server:
        Line(server.url).call(query={"limit": 1})
    assert "signature" not in caplog.text
    assert KEY not in caplog.text
    logging.getLogger("urllib3.connectionpool").debug("others still log")
    assert "others still log" in caplog.text


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    assert http.client.HTTPConnection.debuglevel == 0
    with serving(Reply(503), OK) as server:
        Line(server.url).call()
    assert capfd.readouterr() == ("", "")
