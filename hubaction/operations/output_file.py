"""Files that an operation writes: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from hubaction.errors import UsageError


def write_file(path: Path, write: Callable[[IO[str]], object]) -> None:
    """Write a text file whole or not at all: through a temporary file beside it.

    Raises:
        UsageError: the place cannot be written.
    """
    with _whole(path, mode="w", encoding="utf-8", newline="\n") as file:
        write(file)


def write_bytes(path: Path, data: bytes) -> None:
    """The same for bytes. Raises UsageError."""
    with _whole(path, mode="wb") as file:
        file.write(data)


@contextmanager
def _whole(path: Path, **how: str) -> Iterator[IO[Any]]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False, **how) as file:  # type: ignore[call-overload]
            try:
                yield file
                file.flush()
                os.chmod(file.name, 0o666 & ~_umask())
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be written: {error.strerror}.", "Choose another folder.") from error


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
