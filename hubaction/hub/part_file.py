"""A file that is still coming in: it lies beside its place under a name of its own, so that a later run can go on."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from hubaction.errors import UsageError

_MOST_VALIDATOR = 400
_READ = 1 << 20
_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class PartFile:
    """The bytes of a file so far, and what tells whether the rest still belongs to them.

    Attributes:
        size: bytes so far.
        validator: of the file in storage that they come from; '' for none, and then they are of no use.
    """

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle
        self._side = path.with_name(f"{path.name}.etag")
        self.size = os.fstat(handle).st_size
        self.validator = self._read_validator() if self.size else ""

    def begin(self, start: int, validator: str) -> None:
        """Keep the bytes before ``start``, which come from the file with this validator, and drop the others."""
        os.ftruncate(self._handle, start)
        os.lseek(self._handle, start, os.SEEK_SET)
        self.size = start
        if not start:
            self.validator = validator
            self._write_validator()

    def write(self, block: bytes) -> None:
        """Add bytes. Raises OSError; what was written until then counts."""
        rest = memoryview(block)
        while rest:
            written = os.write(self._handle, rest)
            self.size += written
            rest = rest[written:]

    def digest(self) -> str:
        """SHA-256 of all bytes as they lie on the disk, those of an earlier run too."""
        found = hashlib.sha256()
        at = 0
        while block := os.pread(self._handle, _READ, at):
            found.update(block)
            at += len(block)
        return found.hexdigest()

    def publish(self, path: Path) -> None:
        """Give the complete file its name at once, in place of what had it. A link there is replaced, not followed."""
        umask = os.umask(0)
        os.umask(umask)
        os.fchmod(self._handle, 0o666 & ~umask)
        os.fsync(self._handle)
        os.replace(self.path, path)
        self._side.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove it."""
        self.path.unlink(missing_ok=True)
        self._side.unlink(missing_ok=True)

    def _read_validator(self) -> str:
        try:
            with _opened(self._side, os.O_RDONLY) as handle:
                return os.read(handle, _MOST_VALIDATOR).decode("ascii", "replace")
        except FileNotFoundError:
            return ""

    def _write_validator(self) -> None:
        with _opened(self._side, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as handle:
            os.write(handle, self.validator.encode("ascii"))


@contextmanager
def open_part(path: Path) -> Iterator[PartFile]:
    """The part file, for this process alone; what holds no bytes in the end is removed.

    Raises:
        UsageError: another run has it, something that is no plain file has its name, or the disk fails or is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path) as handle:
            part = PartFile(path, handle)
            try:
                yield part
            finally:
                if not part.size:
                    part.discard()
    except OSError as error:
        _refuse(path, error)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """A descriptor of the file that has the name and that nobody else writes to."""
    while True:
        with _opened(path, _OPEN) as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                cause = f"Another run is downloading to {str(path.parent)!r} the same file at this moment."
                raise UsageError(cause, "Wait for it, or choose another folder.") from None
            if _has_name(handle, path):
                yield handle
                return


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            raise OSError(errno.ELOOP, "it is a link or no plain file")
        yield handle
    finally:
        os.close(handle)


def _has_name(handle: int, path: Path) -> bool:
    """Whether it is still so called: another run may have completed it between the opening and the lock."""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except FileNotFoundError:
        return False


def _refuse(path: Path, error: OSError) -> NoReturn:
    """Raise the error of the disk as a sentence. What has arrived is kept: with more room, another run goes on."""
    if error.errno in _FULL:
        cause = f"The disk with {str(path.parent)!r} is full."
        raise UsageError(cause, "Make room and run it again: it goes on where it stopped.") from None
    raise UsageError(f"{str(path)!r} cannot be written: {error.strerror}.", "Choose another folder.") from None
