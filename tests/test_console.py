"""What the faces print besides the report: progress, errors, the terminal's size."""

from __future__ import annotations

import gc
import io
import os
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from hubaction import console
from hubaction.errors import DatasetError, DatasetUnreadable, HubActionError, UsageError


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the time that the console sees."""
    now = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(console, "time", SimpleNamespace(monotonic=lambda: now.seconds))
    return lambda seconds: setattr(now, "seconds", 1000.0 + seconds)


def test_a_log_gets_a_line_every_five_seconds(clock: Callable[[float], None]) -> None:
    stream = io.StringIO()
    with console.progress(stream) as show:
        for seconds, done in [(0, 1), (4.9, 100), (5, 1200), (6, 1300), (9.9, 1400), (12, 25000), (30, 30000)]:
            clock(seconds)
            show(done, 30000)
    assert stream.getvalue() == "checked 1,200 of 30,000 files\nchecked 25,000 of 30,000 files\n"


def test_a_short_check_says_nothing(clock: Callable[[float], None]) -> None:
    stream = io.StringIO()
    with console.progress(stream) as show:
        show(1, 2)
        clock(60)
        show(2, 2)
    assert stream.getvalue() == ""


def test_bytes_are_told_as_megabytes(clock: Callable[[float], None]) -> None:
    stream = io.StringIO()
    with console.progress(stream, "onnx downloaded:", "bytes") as show:
        for seconds, done, total in [(5, 1_250_000, 2_500_000_000), (10, 2_500_000, 0), (15, 9, 9)]:
            clock(seconds)
            show(done, total)
    assert stream.getvalue() == "onnx downloaded: 1.2 of 2,500.0 MB\nonnx downloaded: 2.5 MB\n"


def test_what_was_done_is_no_command_in_a_log(clock: Callable[[float], None]) -> None:
    stream = io.StringIO()
    with console.progress(stream, "::error::x\n", "bytes") as show:
        clock(5)
        show(1, 2)
    assert stream.getvalue().startswith("| ::error::x")


@pytest.mark.parametrize("total", [0, 100])
def test_a_terminal_gets_a_bar_of_bytes(monkeypatch: pytest.MonkeyPatch, total: int) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with console.progress(stream, "[b]onnx[/b] downloaded:", "bytes") as show:
        show(50, total)
        assert "[b]onnx[/b] downloaded:" in stream.getvalue()
        assert ("50/100 bytes" in stream.getvalue()) is bool(total)


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["log", "terminal"])
def test_quiet_means_no_progress_at_all(stream: io.StringIO) -> None:
    with console.progress(stream, quiet=True) as show:
        show(1, 2)
    assert stream.getvalue() == ""


def test_a_terminal_gets_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with console.progress(stream) as show:
        show(50, 100)
        assert "50%" in stream.getvalue()
    assert "\x1b[2K" in stream.getvalue().rpartition("50%")[2]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (UsageError("Cause.", "Fix."), ("Cause.", "Fix.", 2)),
        (DatasetError("Cause."), ("Cause.", "", 1)),
        (DatasetUnreadable("a\nb\x1b", "c\nd"), ("a\nb\\x1b", "c\\nd", 3)),
        (HubActionError("Cause."), ("Cause.", "", 5)),
        (KeyboardInterrupt(), ("Interrupted before the end; nothing was written.", "", 130)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_as_cause_cure_and_code(error: BaseException, expected: tuple[str, str, int]) -> None:
    assert console.describe(error) == expected


def test_long_causes_are_shortened_line_by_line() -> None:
    cause, cure, _ = console.describe(UsageError("x" * 600 + "\nshort", "y" * 600))
    assert [len(line) for line in cause.split("\n")] == [501, 5]
    assert len(cure) == 501


def test_a_bug_asks_to_be_reported() -> None:
    cause, cure, code = console.describe(ZeroDivisionError("1\n::error::x"))
    assert (cause, code) == ("This is a bug in hub-action: ZeroDivisionError: 1\\n::error::x", 5)
    assert "HUBACTION_DEBUG=1" in cure


@pytest.mark.parametrize(("value", "shown"), [("1", True), ("0", False), ("", False), (None, False)])
def test_tracebacks_only_for_debugging(monkeypatch: pytest.MonkeyPatch, value: str | None, shown: bool) -> None:
    monkeypatch.delenv("HUBACTION_DEBUG", raising=False)
    if value is not None:
        monkeypatch.setenv("HUBACTION_DEBUG", value)
    with pytest.raises(ValueError, match="here") as raised:
        int("here")
    trace = console.debug_traceback(raised.value)
    assert trace.startswith("Traceback") is shown
    assert ("ValueError: invalid literal" in trace) is shown


@pytest.fixture
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("thresholds")
def test_one_thread_a_process_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    console.set_up_process()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    console.set_up_process()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "✓ ä\\udcff\n"), ("ascii", "\\u2713 \\xe4\\udcff\n"), ("cp1252", "\\u2713 ä\\udcff\n")],
)
def test_what_a_stream_cannot_hold_is_escaped(encoding: str, shown: str) -> None:
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding, newline="\n") as stream:
        console.write("✓ ä\udcff", stream)
        assert raw.getvalue().decode(encoding) == shown


def test_a_terminal_is_no_log() -> None:
    log, terminal = io.StringIO(), Terminal()
    for stream in (log, terminal):
        console.write("::error::m\n##[error]m", stream)
    assert log.getvalue() == "| ::error::m\n##\\[error]m\n"
    assert terminal.getvalue() == "::error::m\n##[error]m\n"


def test_a_log_is_wide_and_plain() -> None:
    assert console.terminal_size(io.StringIO()) == (160, False)


@pytest.mark.parametrize(("columns", "width"), [(200, 200), (20, 60)])
@pytest.mark.parametrize("no_color", [False, True])
def test_a_terminal(monkeypatch: pytest.MonkeyPatch, columns: int, width: int, no_color: bool) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(console.os, "get_terminal_size", lambda _number: os.terminal_size((columns, 24)))
    stream = Terminal()
    stream.fileno = lambda: 1  # type: ignore[method-assign]
    assert console.terminal_size(stream) == (width, not no_color)
