"""Files to and from signed addresses, over real sockets, without the key."""

from __future__ import annotations

import contextlib
import gzip
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wire import FakeClock, Reply, Server, free_port, serving

from hubaction.errors import Forbidden, Rejected, ServiceError, TimedOut, Unreachable, UsageError
from hubaction.hub import storage as storage_module
from hubaction.hub.answer import Answer
from hubaction.hub.broken import Broken, lasting
from hubaction.hub.secret import Secret
from hubaction.hub.storage import CutError, Piece, Storage

SIGNATURE = "signature=topsecret"
DATA = bytes(range(256)) * 1000
REFUSED = Broken("refused", "", unsent=True)
TAGGED = Reply(200, DATA, {"ETag": '"v1"'}, ranges=True)


def signed(server: Server) -> Secret:
    return Secret(f"{server.url}/file?{SIGNATURE}")


class Kept(Storage):
    """A storage with all that it says and all the time that it waits."""

    def __init__(self, step: float = 0.0) -> None:
        self.told: list[str] = []
        self.fake = FakeClock(step=step)
        super().__init__(self.told.append, self.fake, (5.0, 5.0))


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.zip"
    path.write_bytes(DATA)
    return path


def nothing(_done: int, _total: int) -> None:
    pass


@contextlib.contextmanager
def opened(server: Server, *arguments: Any, storage: Storage | None = None) -> Iterator[Piece]:
    with (storage or Kept()).open(signed(server), *arguments) as found:
        assert isinstance(found, Piece)
        yield found


def test_a_whole_file() -> None:
    with serving(TAGGED) as server, opened(server) as piece:
        assert (piece.start, piece.total, piece.validator) == (0, len(DATA), '"v1"')
        assert b"".join(piece.blocks) == DATA
    assert server.seen[0].headers["Range"] is None
    assert server.seen[0].headers["Accept-Encoding"] == "identity"
    assert server.seen[0].headers["Authorization"] is None


def test_a_file_from_a_byte_on() -> None:
    with serving(TAGGED) as server, opened(server, 1000, '"v1"') as piece:
        assert (piece.start, piece.total, piece.validator) == (1000, len(DATA), '"v1"')
        assert b"".join(piece.blocks) == DATA[1000:]
    assert server.seen[0].headers["If-Range"] == '"v1"'


def test_no_range_without_a_condition() -> None:
    with serving(TAGGED) as server, opened(server, 1000, "") as piece:
        assert piece.start == 0
    assert server.seen[0].headers["Range"] is None


def test_a_storage_that_knows_no_ranges() -> None:
    with serving(Reply(200, DATA)) as server, opened(server, 1000, '"v1"') as piece:
        assert (piece.start, piece.validator) == (0, "")


@pytest.mark.parametrize(
    "told", ["", "bytes 999-1000/2000", "bytes 1001-2000/3000", "bytes */2000", "nonsense", "bytes 1000-x/1"]
)
def test_another_part_than_was_asked_for(told: str) -> None:
    reply = Reply(206, DATA, {"Content-Range": told})
    with serving(reply) as server, Kept().open(signed(server), 1000, '"v1"') as found:
        assert isinstance(found, Answer)
        assert found.status == 416


def test_a_part_of_a_file_of_unknown_size() -> None:
    reply = Reply(206, DATA, {"Content-Range": "bytes 1000-1999/*"})
    with serving(reply) as server, opened(server, 1000, '"v1"') as piece:
        assert (piece.start, piece.total) == (1000, None)


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"ETag": 'W/"v1"'}, ""),
        ({"ETag": 'W/"v1"', "Last-Modified": "Tue, 24 Nov 2026 00:00:00 GMT"}, "Tue, 24 Nov 2026 00:00:00 GMT"),
        ({"ETag": '"' + "v" * 200 + '"'}, ""),
        ({"ETag": '"\xe4"'}, ""),
        ({}, ""),
    ],
)
def test_what_tells_one_file_from_another(headers: dict[str, str], validator: str) -> None:
    with serving(Reply(200, DATA, headers)) as server, opened(server) as piece:
        assert piece.validator == validator


def test_an_encoded_file_has_no_size_that_we_know() -> None:
    reply = Reply(200, gzip.compress(DATA), {"Content-Encoding": "gzip", "ETag": '"v1"'})
    with serving(reply) as server, opened(server) as piece:
        assert (piece.total, piece.validator) == (None, "")
        assert b"".join(piece.blocks) == DATA


def test_refusals_come_back() -> None:
    with serving(Reply(403, b"<Error>AccessDenied</Error>")) as server, Kept().open(signed(server)) as found:
        assert isinstance(found, Answer)
        assert found.status == 403


def test_no_connection() -> None:
    with Kept().open(Secret(f"http://127.0.0.1:{free_port()}/f?{SIGNATURE}")) as found:
        assert isinstance(found, Broken)
        assert SIGNATURE not in found.cause


@pytest.mark.parametrize("url", ["", "nonsense", "file:///etc/passwd", "http://a b", "https://h\n/x"])
def test_an_address_that_is_none(url: str) -> None:
    with Kept().open(Secret(url)) as found:
        assert isinstance(found, Broken)
        assert found.lasting


def test_a_redirect_is_followed() -> None:
    with serving(TAGGED) as other, serving(Reply(302)) as server:
        server.script[0] = Reply(302, b"", {"Location": f"{other.url}/x?{SIGNATURE}"})
        with opened(server, 1000, '"v1"') as piece:
            assert b"".join(piece.blocks) == DATA[1000:]


@pytest.mark.parametrize("reply", [Reply(200, DATA, cut=5000), Reply(200, DATA, {"Content-Length": "999999"})])
def test_a_connection_that_breaks(reply: Reply) -> None:
    got: list[bytes] = []
    with serving(reply) as server, opened(server) as piece, pytest.raises(CutError) as raised:
        got.extend(piece.blocks)
    assert "was cut" in raised.value.broken.cause
    assert b"".join(got) == DATA[: reply.cut]


def test_a_file_that_only_drips_in() -> None:
    storage = Kept(step=70)
    reply = Reply(200, DATA[:100])
    with serving(reply) as server, opened(server, storage=storage) as piece, pytest.raises(CutError) as raised:
        list(piece.blocks)
    assert "Next to nothing arrives" in raised.value.broken.cause


def test_a_slow_file_that_comes_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_module, "_SLOWEST", 1)
    storage = Kept(step=70)
    with serving(Reply(200, DATA)) as server, opened(server, storage=storage) as piece:
        assert b"".join(piece.blocks) == DATA


def test_a_file_that_comes_too_late() -> None:
    storage = Kept(step=1)
    with serving(Reply(200, DATA)) as server:
        with opened(server, 0, "", storage.fake.time + 2.5, storage=storage) as piece, pytest.raises(TimedOut):
            list(piece.blocks)
        with pytest.raises(TimedOut), opened(server, 0, "", storage.fake.time, storage=storage):
            pass
    assert server.count == 1


def test_a_file_is_sent_whole(file: Path) -> None:
    seen: list[tuple[int, int]] = []
    with serving(Reply(200, b"<html>stored</html>")) as server:
        Kept().put(signed(server), file, {}, lambda done, total: seen.append((done, total)))
    one = server.seen[0]
    assert (one.method, one.body, one.headers["Content-Type"]) == ("PUT", DATA, "application/octet-stream")
    assert one.headers["Content-Length"] == str(len(DATA))
    assert one.headers["Authorization"] is one.headers["Transfer-Encoding"] is None
    assert seen == [(len(DATA), len(DATA))]


def test_headers_that_the_service_wants(file: Path) -> None:
    wanted = {
        "content-type": "application/zip",
        "x-goog-if-generation-match": "0",
        "Authorization": "Bearer x",
        "Host": "elsewhere",
        "Content-Length": "1",
        "x-api-key": "x",
        "bad name": "1",
        "x-bad": "a\r\nX-Injected: 1",
    }
    with serving(Reply(200)) as server:
        Kept().put(signed(server), file, wanted, nothing)
    headers = server.seen[0].headers
    assert (headers["Content-Type"], headers["x-goog-if-generation-match"]) == ("application/zip", "0")
    assert headers["Content-Length"] == str(len(DATA))
    assert headers["Host"].startswith("127.0.0.1")
    assert {headers[name] for name in ("Authorization", "x-api-key", "bad name", "x-bad", "X-Injected")} == {None}


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_sent_again(file: Path, status: int) -> None:
    storage = Kept()
    with serving(Reply(status), Reply(status), Reply(200)) as server:
        storage.put(signed(server), file, {}, nothing)
    assert [len(seen.body) for seen in server.seen] == [len(DATA)] * 3
    assert len(storage.told) == 2
    with serving(Reply(status)) as server, pytest.raises(ServiceError) as raised:
        storage.put(signed(server), file, {}, nothing)
    assert server.count == 3
    assert raised.value.status == status


@pytest.mark.parametrize(("status", "kind"), [(403, Forbidden), (412, Rejected), (409, Rejected), (307, Unreachable)])
def test_what_is_refused_is_not_sent_again(file: Path, status: int, kind: type[ServiceError]) -> None:
    reply = Reply(status, b"<Error>no</Error>", {"Location": "http://127.0.0.1:1/"})
    with serving(reply) as server, pytest.raises(ServiceError) as raised:
        Kept().put(signed(server), file, {}, nothing)
    assert type(raised.value) is kind
    assert server.count == 1
    assert SIGNATURE not in "".join(traceback.format_exception(raised.value))
    assert raised.value.cause == f"Could not send 'data.zip': the storage at {server.url[7:]} answered {status}."


def test_a_file_that_had_arrived_when_the_answer_was_lost(file: Path) -> None:
    with serving(Reply(200, b"x" * 9, cut=0), Reply(412)) as server:
        server.script[0] = Reply(hang=True)
        storage = Kept()
        server.over.set()  # it hangs up at once, without an answer
        storage.put(signed(server), file, {}, nothing)
    assert server.count == 2


@pytest.mark.parametrize(("first", "is_there"), [(Answer(503), True), (Broken("cut", ""), True), (REFUSED, False)])
def test_a_file_that_is_there_by_the_second_attempt(
    file: Path, monkeypatch: pytest.MonkeyPatch, first: Answer | Broken, is_there: bool
) -> None:
    storage, answers = Kept(), [first, Answer(412)]
    monkeypatch.setattr(storage, "_put_once", lambda *_: answers.pop(0))
    with contextlib.nullcontext() if is_there else pytest.raises(Rejected):
        storage.put(Secret("http://127.0.0.1:1"), file, {}, nothing)
    assert not answers


def test_no_storage_at_all(file: Path) -> None:
    with pytest.raises(Unreachable, match="refuses the connection") as raised:
        Kept().put(Secret(f"http://127.0.0.1:{free_port()}/f?{SIGNATURE}"), file, {}, nothing)
    assert SIGNATURE not in "".join(traceback.format_exception(raised.value))
    assert raised.value.__context__ is None


def test_time_for_sending(file: Path) -> None:
    storage = Kept()
    with serving(Reply(503, b"", {"Retry-After": "30"})) as server:
        with pytest.raises(Unreachable):
            storage.put(signed(server), file, {}, nothing, deadline=storage.fake.time + 31)
        assert server.count <= 2
        with pytest.raises(TimedOut):
            storage.put(signed(server), file, {}, nothing, deadline=storage.fake.time)


def test_timeouts_end_with_the_deadline(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage, seen = Kept(), []

    def send(_request: object, timeouts: tuple[float, float]) -> Broken:
        seen.append(timeouts)
        return lasting("No.", "None.")

    monkeypatch.setattr(storage, "_send", send)
    url = Secret("http://127.0.0.1:9")
    for left in (4, 10_000):
        with storage.open(url, deadline=storage.fake.time + left), pytest.raises(Unreachable):
            storage.put(url, file, {}, nothing, deadline=storage.fake.time + left)
    assert seen == [(4, 4), (4, 4), (5, 5), (60, 600)]


def test_no_file_to_send(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        Kept().put(Secret("http://127.0.0.1:1"), tmp_path / "none", {}, nothing)


def test_files_in_the_clear_are_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(TAGGED) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        storage = Kept()
        for _ in range(2):
            with storage.open(Secret("http://storage.invalid/f")) as found:
                assert isinstance(found, Piece)
    assert storage.told == ["Warning: the file travels unencrypted between storage.invalid and this machine."]


def test_no_log_has_an_address(caplog: pytest.LogCaptureFixture, file: Path) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(TAGGED) as server, opened(server) as piece:
        list(piece.blocks)
        Kept().put(signed(server), file, {}, nothing)
    assert SIGNATURE not in caplog.text


def test_netrc_is_not_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(TAGGED) as server, opened(server):
        pass
    assert server.seen[0].headers["Authorization"] is None
