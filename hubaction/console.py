"""What the faces print: progress and errors, escaped and flushed. The report itself comes from a renderer."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from types import FrameType
from typing import IO, NoReturn

from hubaction.errors import HubActionError, Terminated, signal_code
from hubaction.report.escape import log_line, visible

_EVERY = 5.0  # seconds between lines in a log

Progress = Callable[[int, int], None]


@contextlib.contextmanager
def progress(stream: IO[str], verb: str = "checked", unit: str = "files", *, quiet: bool = False) -> Iterator[Progress]:
    """A bar on a terminal, a line every few seconds in a log, nothing when quiet.

    ``verb`` says what has been done to the units of an activity, of which there are 'files' and 'bytes'.
    """
    if quiet:
        yield _nothing
    elif stream.isatty():
        with _bar(stream, verb, unit) as bar:
            yield bar
    else:
        yield _Lines(stream, verb, unit)


def _nothing(_done: int, _total: int) -> None:
    """Progress that nobody is to see."""


@contextlib.contextmanager
def _bar(stream: IO[str], verb: str, unit: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    text = TextColumn("{task.description}", markup=False)
    amount = DownloadColumn() if unit == "bytes" else TaskProgressColumn()
    columns = (text, BarColumn(), amount, TimeRemainingColumn())
    with Bar(*columns, console=Console(file=stream), transient=True, auto_refresh=False) as bar:
        task = bar.add_task(visible(verb), total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None, refresh=True)

        yield show


class _Lines:
    """Progress for a log: quiet for the first seconds, then a line now and again."""

    def __init__(self, stream: IO[str], verb: str, unit: str) -> None:
        self.stream = stream
        self.verb = verb
        self.amount = _of_bytes if unit == "bytes" else _of_files
        self.last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.last >= _EVERY and (done < total or not total):
            self.last = now
            write(f"{self.verb} {self.amount(done, total)}", self.stream)


def _of_files(done: int, total: int) -> str:
    return f"{done:,} of {total:,} files"


def _of_bytes(done: int, total: int) -> str:
    return f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB" if total else f"{done / 1e6:,.1f} MB"


def write(text: str, stream: IO[str]) -> None:
    """Print text. Outside a terminal it may end up in the log of a job, where no line may pass for a command.

    What the stream's encoding does not hold is printed as an escape.
    """
    if not stream.isatty():
        text = "\n".join(map(log_line, text.split("\n")))
    encoding = getattr(stream, "encoding", None) or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)


def describe(error: BaseException) -> tuple[str, str, int]:
    """Cause, cure and exit code of any error, each in printable text; a bug of ours says how to report it."""
    if isinstance(error, HubActionError):
        lines = [visible(line, most=500) for line in error.cause.split("\n")]
        return "\n".join(lines), visible(error.fix, most=500), error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted before the end; nothing was written.", "", signal_code(error)
    cause = f"This is a bug in hub-action: {type(error).__name__}: {visible(str(error))}"
    return (
        cause,
        "Please report it with the output of the same command under HUBACTION_DEBUG=1.",
        HubActionError.exit_code,
    )


def debug_traceback(error: BaseException) -> str:
    """The traceback when HUBACTION_DEBUG=1 asks for it, else '': problem matchers in a log would act on it."""
    if os.environ.get("HUBACTION_DEBUG") != "1":
        return ""
    return "".join(traceback.format_exception(error))


def set_up_process() -> None:
    """Settings for a process that does one check and ends: faces call it first, a library never.

    numpy's linear algebra is not to start a thread per core, since work is spread over processes; and the garbage
    collector is to look seldom, since a check makes many small objects and next to no cycles. SIGTERM is to end it as
    an interrupt does, so that files are closed and a report is left; process 1 of a container would ignore it.
    """
    signal.signal(signal.SIGTERM, _terminate)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(100_000, 50, 50)


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


def terminal_size(stream: IO[str]) -> tuple[int, bool]:
    """Width in characters and whether colours are wanted (https://no-color.org)."""
    if not stream.isatty():
        return 160, False
    return max(60, os.get_terminal_size(stream.fileno()).columns), "NO_COLOR" not in os.environ
