"""Where the bytes come from: a zip that is read in place, or a folder. Nothing is extracted, nothing is written."""

from __future__ import annotations

import difflib
import os
import stat
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, Self

from hubaction.dataset.defects import Defect, Kind, shown
from hubaction.dataset.limits import Limits
from hubaction.errors import DatasetUnreadable

IMAGE_SUFFIXES = frozenset("avif bmp dng heic heif jp2 jpeg jpg mpo png tif tiff webp".split())
"""Suffixes (lower case) under which the loader looks for images (ultralytics 8.4.114)."""

OUTPUT_FOLDER = "hub-action-report"
"""Default folder of our own reports; never part of a dataset that it happens to lie in."""


class Member(NamedTuple):
    """One file of a dataset: its path relative to the root, its size in bytes and, in a zip, where it lies.

    ``offset`` is that of the local header, ``packed`` the size there, ``method`` the zip compression method,
    ``stored_name`` the name as the archive has it, b'' where that is the top folder and the path.
    """

    path: str
    size: int
    crc: int = 0
    offset: int = 0
    packed: int = 0
    method: int = 0
    stored_name: bytes = b""


class ReadError(Exception):
    """A member cannot be read; ``kind`` says why. Never leaves the package ``dataset``."""

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class Reader(Protocol):
    """Reads members; one per process, since it holds an open file, and to be used in a ``with`` block."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def read(self, member: Member) -> bytes:
        """All bytes of the member, checked against its size and CRC. Raises ReadError."""

    def fetch(self, member: Member) -> tuple[bytes, int]:
        """All bytes of the member and the CRC-32 that they should have, for ``checked``. Raises ReadError."""
        data = self.read(member)  # where no other is stored, that of the bytes is right
        return data, zlib.crc32(data)

    def verify(self, member: Member) -> None:
        """Check the member in bounded memory without keeping it. Raises ReadError."""


def checked(data: bytes, crc: int) -> bytes:
    """The data, if they have that CRC-32. Raises ReadError."""
    if zlib.crc32(data) != crc:
        raise ReadError(Kind.ENTRY_DAMAGED, "its CRC-32 is wrong")
    return data


@dataclass(slots=True)
class DatasetSource:
    """A dataset as it lies there.

    Attributes:
        path: the zip or folder.
        is_archive: True for a zip.
        top: name of the root folder as a loader would see it (the archive's only top folder, else the zip's stem).
        files: readable members by their path relative to the root.
        folders: all folders, relative to the root, without the root itself.
        defects: what is wrong with the container.
        checksummed: whether the container stores a checksum per member (a zip does).
        yaml_path: data.yaml, where the caller named it.
        prefix: what stands before every member's path in the archive: its only top folder and a slash, or nothing.
        open: makes a Reader.
    """

    path: Path
    is_archive: bool
    top: str
    files: dict[str, Member]
    folders: set[str]
    open: Callable[[], Reader]
    defects: list[Defect] = field(default_factory=list)
    yaml_path: str | None = None
    prefix: str = ""

    def read(self, path: str) -> bytes:
        """One file of the dataset. Raises ReadError; KeyError where there is no such file."""
        member = self.files[path]
        with self.open() as reader:
            return reader.read(member)

    def under(self, folder: str) -> list[str]:
        """Paths of all files below a folder ('' = the root), in code point order."""
        prefix = f"{folder}/" if folder else ""
        return sorted(path for path in self.files if path.startswith(prefix))


def junk_defects(names: Iterable[str], prefix: str = "") -> list[Defect]:
    """What of the ignored names to tell: each macOS folder once, with its number of entries, and each Finder file."""
    counts: Counter[str] = Counter()
    for name in names:
        path = name.removeprefix(prefix)
        at = path.find("__MACOSX")
        stop = path.find("/", at) if at >= 0 else -1
        counts[path[:stop] if stop >= 0 else path] += 1
    return [Defect(Kind.OS_JUNK, path, detail={"entries": count}) for path, count in counts.items()]


def is_junk(path: str) -> bool:
    """Whether the loader ignores a zip entry altogether: macOS resource forks and Finder files."""
    return "__MACOSX" in path or ".DS_Store" in path


def parents_of(path: str) -> list[str]:
    """All folders above a relative path, innermost first."""
    found = []
    while (cut := path.rfind("/")) > 0:
        path = path[:cut]
        found.append(path)
    return found


def open_source(path: str | Path, limits: Limits | None = None) -> DatasetSource:
    """Open a zip (any suffix, judged by its content), a folder, or a data.yaml inside a folder.

    Raises:
        DatasetUnreadable: nothing lies at the path.
    """
    from hubaction.dataset.texts import check_texts

    source = _open(Path(path), limits or Limits())
    source.defects += check_texts(source)
    return source


def _open(path: Path, limits: Limits) -> DatasetSource:
    from hubaction.dataset.archive import open_archive
    from hubaction.dataset.folder import open_folder

    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise DatasetUnreadable(f"There is no file or folder at {str(path)!r}.", _nearest(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DatasetUnreadable(f"{shown(str(path), 200)} cannot be opened: {reason}.", "Check the path.") from error
    if is_folder:
        return open_folder(path, limits)
    if is_data_yaml(path):
        source = open_folder(path.parent, limits)
        source.yaml_path = path.name
        return source
    return open_archive(path, limits)


def is_data_yaml(path: Path) -> bool:
    """Whether a path names a data.yaml, and by it the folder around it."""
    return path.suffix.lower() in {".yaml", ".yml"} and not os.path.isdir(path)


def _nearest(path: Path) -> str:
    fix = "Give the path of a zip, a folder or a data.yaml."
    if not path.parent.is_dir():
        return f"{fix} Its folder {str(path.parent)!r} does not exist either."
    close = difflib.get_close_matches(path.name, sorted(p.name for p in path.parent.iterdir()), n=1)
    return f"{fix} Did you mean {str(path.parent / close[0])!r}?" if close else fix
