"""A dataset's files with all edits planned so far laid over them. The originals are only read."""

from __future__ import annotations

import functools
import tempfile
import zlib
from typing import Self

from hubaction.dataset.defects import Kind
from hubaction.dataset.source import DatasetSource, Member, Reader, ReadError, is_junk, parents_of
from hubaction.repair.edits import Delete, Edit, Rename, WriteBytes
from hubaction.repair.origin import Origin

_IN_MEMORY = 256 << 20  # bytes of planned content that are kept in memory; more goes to a temporary file


class Store:
    """Planned content, kept out of memory where there is much of it."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by its owner
        self._places: dict[str, tuple[int, int]] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def put(self, key: str, data: bytes) -> None:
        start = self._file.seek(0, 2)
        self._file.write(data)
        self._places[key] = (start, len(data))

    def get(self, key: str) -> bytes:
        start, size = self._places[key]
        self._file.seek(start)
        return self._file.read(size)

    def size(self, key: str) -> int:
        return self._places[key][1]

    def close(self) -> None:
        self._file.close()


class Tree:
    """The files as they would be after the edits.

    Attributes:
        now: for each path, the path at which the file lay; folders, where they are listed, end in a slash.
        version: for each file (by its first path), how often its bytes were changed.
    """

    def __init__(self, origin: Origin, reader: Reader) -> None:
        self.origin = origin
        self._reader = reader
        self._new = Store()
        self.now: dict[str, str] = {path: path for path in origin.members}
        self.version: dict[str, int] = {}

    def close(self) -> None:
        self._new.close()

    @functools.cached_property
    def prefix(self) -> str:
        """``top/`` of an archive whose files all lie in one folder, else ''. Valid until a path changes."""
        if not self.origin.source.is_archive:
            return ""
        names = [*self.now, *(name.lstrip("/") if ".." in name else name for name in self.origin.unplaced)]
        tops = {name.partition("/")[0] for name in names if not is_junk(name)}
        top = next(iter(tops)) if len(tops) == 1 else ""
        return f"{top}/" if top and top not in self.now else ""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file by now; None where it cannot be read or is no file."""
        first = self.now[path]
        return self._new.get(first) if first in self._new else self.origin.read(self._reader, first)

    def new_bytes(self, first: str) -> bytes | None:
        """Changed bytes of a file, by its first path; None where they are the old ones."""
        return self._new.get(first) if first in self._new else None

    def why_not(self, edit: Edit) -> str:
        """Why an edit must not be made; '' where it may."""
        first = self.now[edit.path]
        if first in self.origin.locked:
            return self.origin.locked[first]
        if isinstance(edit, Rename):
            return self._why_no_rename(edit)
        if isinstance(edit, Delete) and edit.path.endswith("/"):
            rest = [path for path in self.now if path.startswith(edit.path) and path != edit.path]
            return "it still holds files" if rest else ""
        return ""

    def _why_no_rename(self, edit: Rename) -> str:
        plain = edit.new.rstrip("/")
        taken = {plain, f"{plain}/"} - {edit.path}
        if any(path in self.now or path in self.origin.members for path in taken) or plain in self._known_folders:
            return f"{edit.new} exists"
        if any(above in self.now for above in parents_of(plain)):
            return f"a folder of {edit.new} is a file"
        if any(f"{above}/" in self.origin.locked for above in parents_of(plain)):
            return "its new place is reached through a symbolic link"
        return ""

    def apply(self, edit: Edit) -> None:
        """Lay an edit over the files."""
        first = self.now[edit.path]
        if isinstance(edit, WriteBytes):
            self._new.put(first, edit.data)
            self.version[first] = self.version.get(first, 0) + 1
            return
        self.__dict__.pop("prefix", None)
        del self.now[edit.path]
        if isinstance(edit, Rename):
            self.now[edit.new] = first
            self._known_folders.update(parents_of(edit.new.rstrip("/")))

    @functools.cached_property
    def _known_folders(self) -> set[str]:
        """All folders that there are or were; kept up to date by ``apply``."""
        return self._folders()

    def _folders(self) -> set[str]:
        listed = {path.rstrip("/") for path in self.now if path.endswith("/")}
        files = {path.rpartition("/")[0] for path in self.now}
        return {up for path in (listed | files) - {""} for up in (path, *parents_of(path))}

    def as_source(self) -> DatasetSource:
        """The files as a check would open them."""
        old, prefix = self.origin.source, self.prefix
        files = {}
        for path in self.now:
            if not path.endswith("/") and not is_junk(path):
                files[path.removeprefix(prefix)] = self._member(path, path.removeprefix(prefix))
        top = (prefix.rstrip("/") or old.path.stem) if old.is_archive else old.top
        folders = {folder.removeprefix(prefix) for folder in self._folders() if f"{folder}/" != prefix}
        folders = {folder for folder in folders if not is_junk(folder)}
        opener = functools.partial(_TreeReader, self, prefix)
        return DatasetSource(old.path, old.is_archive, top, files, folders, opener, yaml_path=old.yaml_path)

    def _member(self, path: str, shown: str) -> Member:
        first = self.now[path]
        member = self.origin.members[first] or Member(shown, 0)
        if first not in self._new:
            return member._replace(path=shown)
        crc = zlib.crc32(self._new.get(first)) if self.origin.source.is_archive else 0
        return member._replace(path=shown, size=self._new.size(first), crc=crc)


class _TreeReader(Reader):
    """Reads the files as they would be."""

    def __init__(self, tree: Tree, prefix: str) -> None:
        self._tree = tree
        self._prefix = prefix

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """The tree keeps its own reader open."""

    def read(self, member: Member) -> bytes:
        data = self._tree.read(self._prefix + member.path)
        if data is None:
            raise ReadError(Kind.FILE_UNREADABLE, "it cannot be read")
        return data

    def verify(self, member: Member) -> None:
        self.read(member)
