"""A zip read in place: its directory by the standard library, its members by offset, nothing ever extracted."""

from __future__ import annotations

import functools
import lzma
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Self

from hubaction.dataset.defects import Defect, Kind
from hubaction.dataset.limits import Limits
from hubaction.dataset.source import (
    DatasetSource,
    Member,
    Reader,
    ReadError,
    checked,
    is_junk,
    junk_defects,
    parents_of,
)
from hubaction.dataset.zip_directory import Entry, read_directory

_LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")
_SPARE_EXTRA = 64  # the extra field of a local header may be longer than that of the directory; most are not
_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_NOT_PLAIN_DATA = 0x60  # flag bits 5 and 6: patched data, strong encryption
_LONGEST_PATH = 4000  # bytes below which every path could be written beside the zip (PATH_MAX is 4,096 on Linux)
_DOTS = {"", ".", ".."}
_UNIX = 3  # the system that wrote an entry, by APPNOTE 4.4.2
_ORDINARY = frozenset({0, stat.S_IFREG >> 12, stat.S_IFDIR >> 12})
_SPECIAL = {stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket"}
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)  # what damaged bytes make the readers raise
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}


def open_archive(path: Path, limits: Limits) -> DatasetSource:
    """The members of a zip; what is wrong with it lies in ``defects``."""
    source = DatasetSource(path, True, path.stem, {}, set(), functools.partial(ZipReader, path))
    listed = _directory(path, source, limits)
    junk = [entry.name for entry in listed if is_junk(entry.name)]
    entries = [entry for entry in listed if not is_junk(entry.name)] if junk else listed
    source.top = _top(entries, path.stem)
    extraction = _Extraction(source, limits)
    extraction.add_all(entries)
    source.defects += junk_defects(junk, extraction.prefix)
    return source


def _directory(path: Path, source: DatasetSource, limits: Limits) -> list[Entry]:
    try:
        entries = read_directory(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as error:
        source.defects.append(Defect(Kind.ARCHIVE_UNREADABLE, detail={"reason": _why_no_zip(path, error)}))
        return []
    if all(is_junk(entry.name) for entry in entries):
        source.defects.append(Defect(Kind.ARCHIVE_EMPTY, detail={"entries": len(entries)}))
    if problem := _beyond_limits(entries, limits):
        source.defects.append(Defect(Kind.ARCHIVE_TOO_LARGE, detail={"reason": problem}))
        return []
    if entries and entries[0].offset and (before := min(entry.offset for entry in entries)):
        source.defects.append(Defect(Kind.ARCHIVE_PREFIXED, detail={"bytes": before}))
    return entries


def _why_no_zip(path: Path, error: Exception) -> str:
    """A word on what the file is instead, where its first bytes tell."""
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as denied:
        return denied.strerror or str(denied)
    if not head:
        return "the file is empty"
    if head.startswith(b"version https://git-lfs"):
        return "it is a Git LFS pointer, check out with lfs: true"
    if head.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "it is a web page, perhaps an error page saved under this name"
    if head.startswith(b"PK"):
        return "it starts like a zip but its end is missing, so the upload or download was cut"
    return f"it is not a zip ({error})" if str(error) else "it is not a zip"


def _beyond_limits(entries: list[Entry], limits: Limits) -> str:
    if len(entries) > limits.max_members:
        return f"{len(entries):,} entries, more than max_members = {limits.max_members:,}"
    total = sum(entry.size for entry in entries)
    if total > limits.max_total_bytes:
        return f"{total:,} bytes unpacked, more than max_total_bytes = {limits.max_total_bytes:,}"
    return ""


def _top(entries: list[Entry], stem: str) -> str:
    """Name of the root folder: the only first part of all names, else the zip's stem (as the loader unpacks it)."""
    tops = {_first_part(entry.name) for entry in entries}
    only = next(iter(tops)) if len(tops) == 1 else ""
    return only if only not in {"", "/", ".."} else stem


def _first_part(name: str) -> str:
    first = name.partition("/")[0]
    if first not in {"", "."}:
        return first
    if name.startswith("/"):
        return "/"
    return next((part for part in name.split("/") if part not in {"", "."}), "")


class _Extraction:
    """Decides, entry by entry, what an unpacker would have written where; fills the source instead of a disk."""

    def __init__(self, source: DatasetSource, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.prefix = ""
        self.is_folder: dict[str, bool] = {}
        self.sound_folders: set[str] = set()  # folders of entries that passed every test: their next file is no news

    def add_all(self, entries: list[Entry]) -> None:
        top = self.source.top
        if entries and all(_first_part(entry.name) == top for entry in entries):
            self.prefix = self.source.prefix = f"{top}/"
            self.source.open = functools.partial(ZipReader, self.source.path, self.prefix)
        entries.reverse()
        while entries:  # each entry is given back as soon as its member is made: there may be a million
            self._add(entries.pop())
        if self.prefix and self.is_folder.get(top) is False:
            self._note(Kind.ROOT_NOT_FOLDER, top)
            self.source.files.clear()

    def _add(self, entry: Entry) -> None:
        name = entry.name
        folder, _, last = name.rpartition("/")
        usual = folder in self.sound_folders and name not in self.is_folder and not name.startswith("/")
        if usual and last not in _DOTS and len(last) <= 63:
            self.is_folder[name] = False
            self._add_file(name.removeprefix(self.prefix), entry)
        else:
            self._add_unusual(name, entry)

    def _add_unusual(self, name: str, entry: Entry) -> None:
        """An entry that is a folder, the first one of its folder, or odd."""
        is_folder = name.endswith("/")
        parts = [part for part in name.split("/") if part not in {"", "."}]
        if name.startswith("/") or ".." in parts:
            self._note(Kind.ENTRY_UNSAFE, name)
            return
        whole = "/".join(parts)
        if self._cannot_be_written(whole, is_folder):
            return
        self._add_folders(whole, is_folder)
        if not is_folder:
            self._add_file(whole.removeprefix(self.prefix), entry)
            if whole == name:
                self.sound_folders.add(name.rpartition("/")[0])

    def _cannot_be_written(self, whole: str, is_folder: bool) -> bool:
        """Whether an unpacker would stop at this entry."""
        path = whole.removeprefix(self.prefix)
        if not whole or _is_too_long(whole):
            self._note(Kind.ENTRY_NAME_TOO_LONG if whole else Kind.ENTRY_CONFLICT, path)
            return True
        before = self.is_folder.get(whole)
        blocked = before is not None and before != is_folder
        if blocked or any(self.is_folder.get(above) is False for above in parents_of(whole)):
            self._note(Kind.ENTRY_CONFLICT, path)
            return True
        if before is False:
            self._note(Kind.ENTRY_DUPLICATE, path)
        return False

    def _add_folders(self, whole: str, is_folder: bool) -> None:
        self.is_folder[whole] = is_folder
        for above in ([whole] if is_folder else []) + parents_of(whole):
            self.is_folder[above] = True
            path = above.removeprefix(self.prefix)
            if path in self.source.folders:
                break
            if f"{above}/" != self.prefix:
                self.source.folders.add(path)

    def _add_file(self, path: str, entry: Entry) -> None:
        if entry.attributes >> 28 not in _ORDINARY:
            self._note_special(path, entry)
        if problem := self._unreadable(entry):
            self._note(problem[0], path, problem[1])
            self.source.files.pop(path, None)
            return
        stored = b"" if (self.prefix + path).encode() == entry.stored_name else entry.stored_name
        packed = entry.size if entry.packed == entry.size else entry.packed  # one number less to keep
        self.source.files[path] = Member(path, entry.size, entry.crc, entry.offset, packed, entry.method, stored)

    def _note_special(self, path: str, entry: Entry) -> None:
        mode = entry.attributes >> 16
        if stat.S_ISLNK(mode):
            self._note(Kind.ENTRY_SYMLINK, path)
        elif entry.system == _UNIX and (what := _SPECIAL.get(stat.S_IFMT(mode))):
            self._note(Kind.ENTRY_SPECIAL, path, what)

    def _unreadable(self, entry: Entry) -> tuple[Kind, str] | None:
        if entry.flags & _NOT_PLAIN_DATA:
            return Kind.ENTRY_UNSUPPORTED, "it holds patched data or is strongly encrypted"
        if entry.flags & _ENCRYPTED:
            return Kind.ENTRY_ENCRYPTED, "it is encrypted"
        if entry.method not in _METHODS:
            return Kind.ENTRY_UNSUPPORTED, f"compression method {entry.method} is not supported"
        packed, size = entry.packed, entry.size
        if size > self.limits.ratio_floor and size > self.limits.max_ratio * packed:
            return Kind.ENTRY_BOMB, f"{packed:,} bytes unpack to {size:,}, over max_ratio = {self.limits.max_ratio}"
        return None

    def _note(self, kind: Kind, path: str, reason: str = "") -> None:
        self.source.defects.append(Defect(kind, path, detail={"reason": reason} if reason else {}))


def _is_too_long(path: str) -> bool:
    """Whether no file system takes the name: a part over 255 bytes, or all of it near the limit of a path."""
    if len(path) <= 63:
        return False
    parts = [len(part.encode("utf-8", "replace")) for part in path.split("/")]
    return max(parts) > 255 or sum(parts) + len(parts) > _LONGEST_PATH


class ZipReader(Reader):
    """Reads members by offset: one seek and one read each, instead of the standard library's several."""

    def __init__(self, path: Path, prefix: str = "") -> None:
        self._path = path
        self._prefix = prefix
        self._file = path.open("rb", buffering=0)
        self._size = self._file.seek(0, 2)
        self._slow: zipfile.ZipFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()
        if self._slow:
            self._slow.close()

    def read(self, member: Member) -> bytes:
        """All bytes of the member. Raises ReadError where size, CRC or local header disagree."""
        return checked(*self.fetch(member))

    def fetch(self, member: Member) -> tuple[bytes, int]:
        """All bytes of the member, not yet checked by their CRC. Raises ReadError where size or header disagree."""
        try:
            data = self._unpack(member)
        except _DAMAGE as error:
            raise ReadError(Kind.ENTRY_DAMAGED, str(error) or type(error).__name__) from error
        if len(data) > member.size:
            raise ReadError(Kind.ENTRY_DAMAGED, f"it unpacks to more than the {member.size:,} bytes declared")
        return data, member.crc

    def verify(self, member: Member) -> None:
        """Check size and CRC; members over a mebibyte in chunks."""
        if max(member.size, member.packed) <= _CHUNK:
            self.read(member)
            return
        try:
            with self._library().open(self._info(member)) as stream:
                while stream.read(_CHUNK):
                    pass
        except _DAMAGE as error:
            raise ReadError(Kind.ENTRY_DAMAGED, str(error) or type(error).__name__) from error

    def _unpack(self, member: Member) -> bytes:
        if member.method == zipfile.ZIP_STORED:
            return self._raw(member)
        if member.method == zipfile.ZIP_DEFLATED:
            return zlib.decompressobj(-15).decompress(self._raw(member), member.size + 1)
        with self._library().open(self._info(member)) as stream:
            return stream.read(member.size + 1)

    def _raw(self, member: Member) -> bytes:
        """The packed bytes, after the local header has proved to be that of this member."""
        if member.offset + member.packed > self._size:
            raise zipfile.BadZipFile("it would lie beyond the end of the archive")
        name = member.stored_name or (self._prefix + member.path).encode()
        self._file.seek(member.offset)
        data = self._read_exactly(_LOCAL_HEADER.size + len(name) + _SPARE_EXTRA + member.packed)
        if len(data) < _LOCAL_HEADER.size or not data.startswith(b"PK\x03\x04"):
            raise zipfile.BadZipFile("its local header is missing")
        fields = _LOCAL_HEADER.unpack_from(data)
        name_end = _LOCAL_HEADER.size + fields[9]
        start, stop = name_end + fields[10], name_end + fields[10] + member.packed
        if data[_LOCAL_HEADER.size : name_end] != name:
            raise zipfile.BadZipFile("its name in the directory and in the local header differ")
        if stop > len(data):
            data += self._read_exactly(stop - len(data))
        return data[start:stop]

    def _read_exactly(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer only at the end of the file."""
        data = self._file.read(size) or b""
        while len(data) < size and (more := self._file.read(size - len(data))):
            data += more
        return data

    def _library(self) -> zipfile.ZipFile:
        self._slow = self._slow or zipfile.ZipFile(self._path)
        return self._slow

    def _info(self, member: Member) -> zipfile.ZipInfo:
        """The standard library's own entry: of duplicate names the last, as for every unpacker."""
        return next(i for i in reversed(self._library().infolist()) if i.header_offset == member.offset)
