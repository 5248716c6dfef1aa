"""A dataset in a folder. Links that leave the root, or run in circles, are not followed."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from hubaction.dataset.defects import Defect, Kind
from hubaction.dataset.limits import Limits
from hubaction.dataset.source import OUTPUT_FOLDER, DatasetSource, Member, Reader, ReadError, is_junk, junk_defects

_NOT_DATA = frozenset({".git", ".hubaction.yml", OUTPUT_FOLDER})


def open_folder(path: Path, limits: Limits) -> DatasetSource:
    """The members of a folder, at any depth; ``.git`` and our own report folder at its top are left out."""
    root = path.resolve()
    source = DatasetSource(path, False, root.name or "dataset", {}, set(), functools.partial(FolderReader, root))
    total = 0
    for member in _walk(root, source):
        source.files[member.path] = member
        total += member.size
        if len(source.files) + len(source.folders) > limits.max_members or total > limits.max_total_bytes:
            return _too_large(source, len(source.files), total)
    return source


def _too_large(source: DatasetSource, count: int, total: int) -> DatasetSource:
    reason = f"at least {count:,} files of {total:,} bytes, more than max_members or max_total_bytes"
    source.defects.append(Defect(Kind.ARCHIVE_TOO_LARGE, detail={"reason": reason}))
    source.files.clear()
    return source


def _walk(root: Path, source: DatasetSource) -> Iterator[Member]:
    """All files below the root, depth first, without recursion (a hostile tree may be thousands deep).

    Behind one link no further link is followed: links to links could multiply without end.
    """
    todo = [("", False)]
    while todo:
        folder, behind_link = todo.pop()
        for entry in _entries(root, folder, source):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if is_junk(path):
                source.defects += junk_defects([path])
            elif folder or entry.name not in _NOT_DATA:
                yield from _visit(root, entry, path, source, todo, behind_link=behind_link)


def _visit(
    root: Path,
    entry: os.DirEntry[str],
    path: str,
    source: DatasetSource,
    todo: list[tuple[str, bool]],
    *,
    behind_link: bool,
) -> Iterator[Member]:
    try:
        linked = entry.is_symlink()
        if linked and (behind_link or not _may_follow(root, entry)):
            source.defects.append(_link(Kind.LINK_NOT_FOLLOWED, path, entry))
        elif entry.is_dir():
            source.folders.add(path)
            todo.append((path, behind_link or linked))
            source.defects += [_link(Kind.FOLDER_IS_LINK, path, entry)] if linked else []
        elif entry.is_file():
            yield Member(path, entry.stat().st_size)
    except OSError as error:
        source.defects.append(_unreadable(path, error))


def _link(kind: Kind, path: str, entry: os.DirEntry[str]) -> Defect:
    return Defect(kind, path, detail={"target": os.readlink(entry.path)})


def _entries(root: Path, folder: str, source: DatasetSource) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        source.defects.append(_unreadable(folder, error))
        return []


def _unreadable(path: str, error: OSError) -> Defect:
    return Defect(Kind.FILE_UNREADABLE, path, detail={"reason": error.strerror or str(error)})


def _may_follow(root: Path, entry: os.DirEntry[str]) -> bool:
    """A link is followed when its target lies below the root and not above the link itself."""
    target = Path(os.path.realpath(entry.path))
    return target.exists() and target.is_relative_to(root) and not Path(entry.path).is_relative_to(target)


class FolderReader(Reader):
    """Reads files below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """No file stays open between two reads."""

    def read(self, member: Member) -> bytes:
        """All bytes of the file. Raises ReadError when it cannot be read."""
        try:
            with open(f"{self._root}/{member.path}", "rb", buffering=0) as file:
                return file.read()
        except OSError as error:
            raise ReadError(Kind.FILE_UNREADABLE, error.strerror or str(error)) from error

    def verify(self, member: Member) -> None:
        """A folder stores no checksums: there is nothing to check."""
