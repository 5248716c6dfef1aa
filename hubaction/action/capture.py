"""What libraries print while the action works: kept off the runner's stream, and shown there afterwards as text."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import IO, TextIO

from hubaction.report.model import count

_MOST = 65_536  # bytes that are shown; the rest is counted


@contextlib.contextmanager
def runner_stream() -> Iterator[TextIO]:
    """Standard output as it is now, for this package alone: UTF-8, one line end, whatever becomes of descriptor 1."""
    with open(os.dup(1), "w", encoding="utf-8", newline="\n") as stream:
        yield stream


@contextlib.contextmanager
def captured(show: Callable[[str], None]) -> Iterator[None]:
    """Take what anyone writes to the descriptors 1 and 2, in child processes and in C too, and show it at the end.

    A temporary file holds it: a pipe would need a thread, and processes are forked meanwhile.
    """
    from tempfile import TemporaryFile

    with TemporaryFile() as file:
        try:
            with _redirected(1, file), _redirected(2, file):
                yield
        finally:
            _show(file, show)


@contextlib.contextmanager
def _redirected(descriptor: int, file: IO[bytes]) -> Iterator[None]:
    _flush()
    before = os.dup(descriptor)
    os.dup2(file.fileno(), descriptor)
    try:
        yield
    finally:
        _flush()
        os.dup2(before, descriptor)
        os.close(before)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def _show(file: IO[bytes], show: Callable[[str], None]) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    text = file.read(_MOST).decode("utf-8", "replace").rstrip()
    if text:
        show(f"Libraries printed:\n{text}")
    if size > _MOST:
        show(f"and {count(size - _MOST, 'more byte')}, left out here.")
