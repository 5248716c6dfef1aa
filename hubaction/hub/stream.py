"""A file as the body of a request: read in pieces while it is sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hubaction.errors import UsageError
from hubaction.hub.service import Progress

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stream:
    """A file of ``size`` bytes, between two texts for a multipart form.

    Attributes:
        content_type: of the whole body.
        progress: told how many bytes of the file have been handed to the connection.
    """

    file: Path
    size: int
    progress: Progress
    content_type: str = "application/octet-stream"
    before: bytes = b""
    after: bytes = b""

    def __len__(self) -> int:
        return len(self.before) + self.size + len(self.after)

    def __iter__(self) -> Iterator[bytes]:
        if self.before:
            yield self.before
        done = 0
        for block in _blocks(self.file):
            done += len(block)
            if done > self.size:
                break
            yield block
            self.progress(done, self.size)
        if done != self.size:
            raise UsageError(f"{str(self.file)!r} was changed while it was sent.", "Send it again when it rests.")
        if self.after:
            yield self.after


def _blocks(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            while block := opened.read(BLOCK):
                yield block
    except OSError as error:
        raise _unreadable(file, error) from None


def stream_of(file: Path, progress: Progress) -> Stream:
    """A whole file. Raises UsageError where there is none."""
    try:
        return Stream(file, os.stat(file).st_size, progress)
    except OSError as error:
        raise _unreadable(file, error) from None


def _unreadable(file: Path, error: OSError) -> UsageError:
    return UsageError(f"{str(file)!r} cannot be read: {error.strerror}.", "Check the path.")
