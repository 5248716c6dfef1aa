"""A dataset as it lies there, every file of it: also the junk and the odd entries that a check leaves out."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from hubaction.dataset.defects import Kind
from hubaction.dataset.limits import Limits
from hubaction.dataset.source import DatasetSource, Member, Reader, ReadError, open_source
from hubaction.errors import DatasetUnreadable

_UNREADABLE = {Kind.ARCHIVE_UNREADABLE, Kind.ARCHIVE_TOO_LARGE, Kind.ARCHIVE_EMPTY, Kind.ROOT_NOT_FOLDER}
_MOST_BYTES = 256 << 20  # of a file that is read to be mended

Stamp = tuple[int, int]


@dataclass(slots=True)
class Origin:
    """Where the files come from; nothing is ever written through it.

    Attributes:
        source: as a check opens it.
        members: every file that can be named safely, by its whole path; folders end in a slash and have None.
        locked: paths that must not be touched, and why.
        unplaced: entries of an archive that no path stands for (they leave the folder, are encrypted, come twice ...).
        stamps: size and modification time (ns) of a folder's files when they were listed; of an archive its own, at ''.
        digests: SHA-256 of files that were read.
        entries: of an archive, the index in its directory for each path.
    """

    source: DatasetSource
    members: dict[str, Member | None] = field(default_factory=dict)
    locked: dict[str, str] = field(default_factory=dict)
    unplaced: list[str] = field(default_factory=list)
    stamps: dict[str, Stamp] = field(default_factory=dict)
    digests: dict[str, bytes] = field(default_factory=dict)
    entries: dict[str, int] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The folder, links resolved."""
        return self.source.path.resolve()

    def open(self) -> AbstractContextManager[Reader]:
        return self.source.open()

    def read(self, reader: Reader, path: str) -> bytes | None:
        """The bytes of a file; None where it cannot be read, or is too large to be mended."""
        member = self.members[path]
        if member is None or member.size > _MOST_BYTES:
            return None
        try:
            data = reader.read(member)
        except ReadError:
            return None
        self.digests.setdefault(path, hashlib.sha256(data).digest())
        return data


def open_origin(path: Path, limits: Limits | None = None) -> Origin:
    """List a folder or a zip. Raises DatasetUnreadable where there is nothing that could be mended."""
    stamps = {"": stamp_of(path)} if path.is_file() else {}
    source = open_source(path, limits)
    for defect in source.defects:
        if defect.kind in _UNREADABLE:
            reason = defect.detail.get("reason", "it holds no file of a dataset")
            raise DatasetUnreadable(f"{str(path)!r} cannot be mended: {reason}.", "Make it again.")
    origin = Origin(source, stamps=stamps)
    if source.is_archive:
        _list_archive(origin)
    else:
        source.path = path if path.is_dir() else path.parent
        _list_folder(origin)
    return origin


def stamp_of(path: Path) -> Stamp:
    """Size and modification time of a file, of a link its own."""
    found = os.lstat(path)
    return found.st_size, found.st_mtime_ns


def _list_archive(origin: Origin) -> None:
    source = origin.source
    by_offset = {member.offset: member for member in source.files.values()}
    with zipfile.ZipFile(source.path) as archive:
        infos = archive.infolist()
    for index, info in enumerate(infos):
        name = "/".join(part for part in info.filename.split("/") if part not in {"", "."})
        member = by_offset.get(info.header_offset)
        if not _is_placed(info, name) or (member is None and not (info.is_dir() or _is_os_junk(name))):
            origin.unplaced.append(info.filename)
            continue
        path = f"{name}/" if info.is_dir() else name
        origin.members[path] = member or (None if info.is_dir() else _member_of(info, name))
        origin.entries[path] = index
        if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            origin.locked[path] = "it is a link or a special file in the archive"


def _is_placed(info: zipfile.ZipInfo, name: str) -> bool:
    return bool(name) and not info.filename.startswith("/") and ".." not in name.split("/")


def _is_os_junk(name: str) -> bool:
    """What the reader of archives leaves out."""
    return "__MACOSX" in name or ".DS_Store" in name


def _member_of(info: zipfile.ZipInfo, name: str) -> Member:
    stored = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
    return Member(name, info.file_size, info.CRC, info.header_offset, info.compress_size, info.compress_type, stored)


def _list_folder(origin: Origin) -> None:
    source, root = origin.source, origin.root
    origin.members.update(source.files)
    origin.members.update({f"{folder}/": None for folder in source.folders})
    linked = tuple(f"{d.path}/" for d in source.defects if d.kind is Kind.FOLDER_IS_LINK)
    for defect in source.defects:
        if defect.kind is Kind.OS_JUNK:
            origin.members.update(_walk(root, defect.path))
    for path in origin.members:
        whole = root / path.rstrip("/")
        origin.stamps[path] = stamp_of(whole)
        if whole.is_symlink() or path.startswith(linked):
            origin.locked[path] = "it is reached through a symbolic link"


def _walk(root: Path, path: str) -> Iterator[tuple[str, Member | None]]:
    """A file, or a folder with everything in it; links are not followed."""
    whole = root / path
    if whole.is_symlink() or not whole.is_dir():
        yield path, Member(path, os.lstat(whole).st_size)
        return
    yield f"{path}/", None
    for name in sorted(os.listdir(whole)):
        yield from _walk(root, f"{path}/{name}")
