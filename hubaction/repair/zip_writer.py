"""Applies a plan to an archive: a new one is written; what does not change is copied without being unpacked."""

from __future__ import annotations

import contextlib
import os
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import IO

from hubaction.errors import UsageError
from hubaction.repair.origin import stamp_of
from hubaction.repair.plan import Plan
from hubaction.report.escape import visible

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_BLOCK = 1 << 20
_DESCRIPTOR, _ENCRYPTED, _UTF8 = 0x8, 0x1, 0x800  # flag bits
_ZIP64 = 1  # id of the extra field that the library writes itself where it is needed


class _Kept(zipfile.ZipInfo):
    """An entry whose name is written as the bytes that it had, whatever its encoding."""

    __slots__ = ("is_utf8",)

    is_utf8: bool

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the library's own name
        if self.is_utf8:
            return self.orig_filename.encode("utf-8"), self.flag_bits | _UTF8
        return self.orig_filename.encode("cp437"), self.flag_bits


def write_zip(plan: Plan, target: Path) -> None:
    """Write the new archive whole or not at all: same order, methods, times and attributes.

    Raises:
        UsageError: the target exists or cannot be written, or the archive changed since it was read.
    """
    if os.path.lexists(target):
        raise UsageError(f"The output {str(target)!r} exists already.", "Remove it, or name another with --output.")
    try:
        _write_beside(plan, target)
    except (OSError, zipfile.BadZipFile, struct.error) as error:
        reason = visible(str(error))
        raise UsageError(f"{str(target)!r} was not written: {reason}.", "The archive is untouched.") from error


def _write_beside(plan: Plan, target: Path) -> None:
    """Through a temporary file in the folder of the target."""
    origin = plan.tree.origin
    source = origin.source.path
    handle, name = tempfile.mkstemp(prefix=".hubaction-", suffix=".tmp", dir=target.parent)
    try:
        with open(handle, "w+b") as file, source.open("rb") as old:
            _write(plan, old, file)
            file.flush()
            os.fsync(file.fileno())
        if stamp_of(source) != origin.stamps[""]:
            raise UsageError(f"{str(source)!r} was changed since it was read; nothing was written.", "Run it again.")
        os.chmod(name, os.stat(source).st_mode & 0o777)
        os.replace(name, target)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)


def _write(plan: Plan, old: IO[bytes], new: IO[bytes]) -> None:
    by_entry = {plan.tree.origin.entries[first]: (path, first) for path, first in plan.tree.now.items()}
    known = set(plan.tree.origin.entries.values())
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w", allowZip64=True) as archive:
        archive.comment = source.comment
        for index, info in enumerate(source.infolist()):
            if index in known and index not in by_entry:
                continue  # deleted
            path, first = by_entry.get(index, ("", ""))
            data = plan.tree.new_bytes(first) if first else None
            entry = _renamed(info, path) if path != first else _as_it_was(info)
            if data is None:
                _copy(old, info, archive, entry)
            else:
                _compress(archive, entry, data)


def _as_it_was(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    return _like(_Kept(info.filename, info.date_time), info)


def _renamed(info: zipfile.ZipInfo, name: str) -> zipfile.ZipInfo:
    return _like(zipfile.ZipInfo(name, info.date_time), info)


def _like(entry: zipfile.ZipInfo, info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    for name in (
        "compress_type comment create_system create_version extract_version reserved flag_bits volume internal_attr"
        " external_attr CRC compress_size file_size"
    ).split():
        setattr(entry, name, getattr(info, name))
    if isinstance(entry, _Kept):
        entry.orig_filename, entry.is_utf8 = info.orig_filename, bool(info.flag_bits & _UTF8)
    entry.extra = _without_zip64(info.extra)
    return entry


def _without_zip64(extra: bytes) -> bytes:
    """The extra fields but those that the library makes itself; as they are from where they are no longer sound."""
    kept, at = b"", 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if at + 4 + size > len(extra):
            break
        kept += extra[at : at + 4 + size] if kind != _ZIP64 else b""
        at += 4 + size
    return kept + extra[at:]


def _copy(old: IO[bytes], info: zipfile.ZipInfo, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """The packed bytes as they are, behind a new local header."""
    new = archive.fp
    if new is None:
        raise zipfile.BadZipFile("the archive is closed")
    old.seek(info.header_offset)
    fields = _LOCAL.unpack(old.read(_LOCAL.size))
    old.seek(fields[9], os.SEEK_CUR)
    central, entry.extra = entry.extra, _without_zip64(old.read(fields[10]))
    if not entry.flag_bits & _ENCRYPTED:
        entry.flag_bits &= ~_DESCRIPTOR  # sizes and CRC are known, so they stand in the header
    entry.header_offset = new.tell()
    new.write(entry.FileHeader())
    left = info.compress_size
    while left and (block := old.read(min(left, _BLOCK))):
        new.write(block)
        left -= len(block)
    if entry.flag_bits & _DESCRIPTOR:
        large = max(entry.file_size, entry.compress_size) > zipfile.ZIP64_LIMIT
        sizes = (entry.CRC, entry.compress_size, entry.file_size)
        new.write(b"PK\7\x08" + struct.pack("<IQQ" if large else "<III", *sizes))
    entry.extra = central
    archive.filelist.append(entry)
    archive.start_dir = new.tell()


def _compress(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, data: bytes) -> None:
    attributes = entry.external_attr  # the library would give 0o600 to an entry without any
    archive.writestr(entry, data, compress_type=entry.compress_type)
    entry.external_attr = attributes
