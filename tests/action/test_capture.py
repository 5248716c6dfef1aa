"""What libraries print: it neither reaches the runner raw nor gets lost."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from hubaction.action.capture import captured, runner_stream
from hubaction.operations import table
from hubaction.operations.outcome import Context, Outcome

HOSTILE = "::error::pwned\n##[add-mask]pwned\r\x1b[31m::stop-commands::x\n"


def child() -> None:
    subprocess.run([sys.executable, "-c", f"import os; os.write(2, {HOSTILE.encode()!r})"], check=True)


def fork() -> None:
    if not (pid := os.fork()):
        os.write(1, HOSTILE.encode())
        os._exit(0)
    os.waitpid(pid, 0)


def from_c() -> None:
    library = ctypes.CDLL(None)
    library.puts(HOSTILE.encode())
    library.fflush(None)


WAYS: dict[str, Callable[[], object]] = {
    "print": lambda: sys.__stdout__ and print(HOSTILE, file=sys.__stdout__),
    "print to the error stream, unflushed": lambda: sys.__stderr__ and sys.__stderr__.write(HOSTILE),
    "descriptor 1": lambda: os.write(1, HOSTILE.encode()),
    "descriptor 2": lambda: os.write(2, HOSTILE.encode()),
    "C": from_c,
    "another program": child,
    "a child process": fork,
    "no text": lambda: os.write(1, HOSTILE.encode() + b"\xff\x00\xd8"),
}


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_way_to_print(way: Callable[[], object], shown: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    with captured(shown.append):
        way()
    assert capfd.readouterr() == ("", "")
    (text,) = shown
    assert text.startswith(f"Libraries printed:\n{HOSTILE.rstrip()}")


@pytest.fixture
def buffered(monkeypatch: pytest.MonkeyPatch) -> Iterator[IO[str]]:
    """Standard output with a buffer of its own, as where it is no terminal."""
    with open(1, "w", encoding="utf-8", closefd=False) as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        yield stream


def test_what_waits_in_a_buffer_goes_where_it_belongs(
    capfd: pytest.CaptureFixture[str], buffered: IO[str], shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", buffered)
    buffered.write("before")
    with captured(shown.append):
        buffered.write("inside")
    assert capfd.readouterr().out == "before"
    assert shown == ["Libraries printed:\ninside"]


def test_nothing_printed_is_nothing_shown(shown: list[str]) -> None:
    with captured(shown.append):
        pass
    assert shown == []


def test_afterwards_the_streams_are_as_before(shown: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    with captured(shown.append):
        os.write(1, b"inside")
    os.write(1, b"out")
    os.write(2, b"err")
    assert capfd.readouterr() == ("out", "err")
    assert before == (len(os.listdir("/proc/self/fd")) if before else 0)


def test_an_exception_takes_nothing_away(shown: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        with captured(shown.append):
            os.write(1, b"last words")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert shown == ["Libraries printed:\nlast words"]
    os.write(1, b"out")
    assert capfd.readouterr() == ("out", "")


@pytest.mark.parametrize(("size", "more"), [(65_536, []), (65_537, ["and 1 more byte, left out here."])])
def test_only_so_much_is_shown(shown: list[str], size: int, more: list[str]) -> None:
    with captured(shown.append):
        os.write(1, b"x" * size)
    assert shown == ["Libraries printed:\n" + "x" * 65_536, *more]


def test_the_runners_stream_is_not_captured(shown: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    with runner_stream() as stream, captured(shown.append):
        print("a\r\nä", file=stream, flush=True)
    assert capfd.readouterr().out.encode() == "a\r\nä\n".encode()
    assert shown == []


def noisy(then: Callable[[], Outcome]) -> Callable[..., Outcome]:
    def operation(_inputs: object, _context: Context) -> Outcome:
        os.write(2, HOSTILE.encode())
        return then()

    return operation


def test_in_a_step_it_is_plain_text_before_the_rest(step: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = Outcome(1, "the report", "", [], {})
    monkeypatch.setitem(table.OPERATIONS, "check-dataset", noisy(lambda: outcome))
    result = step.run()
    assert result.stream.names == ["error"]
    assert result.stream.plain == [
        "Libraries printed:",
        "| ::error::pwned",
        "##\\[add-mask]pwned\\r\\x1b[31m::stop-commands::x",
        "the report",
    ]


def test_in_a_step_that_crashes_too(step: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(table.OPERATIONS, "check-dataset", noisy(lambda: sys.exit(0)))
    result = step.run()
    assert (result.code, result.stream.names) == (5, ["error"])
    assert "SystemExit" in result.annotations[0].message
    assert "| ::error::pwned" in result.stream.plain
