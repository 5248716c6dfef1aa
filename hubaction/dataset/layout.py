"""Which images belong to which split, and where the loader looks for each one's label."""

from __future__ import annotations

import bisect
import os
import posixpath
import re
from dataclasses import dataclass, field
from typing import Any

from hubaction.dataset.config import ClassNames, could_be_paths, read_names, read_split_values
from hubaction.dataset.datayaml import DataYaml, Loader, read_data_yaml
from hubaction.dataset.defects import Defect, Detail, Kind, shown
from hubaction.dataset.limits import Limits
from hubaction.dataset.source import IMAGE_SUFFIXES, DatasetSource, ReadError
from hubaction.dataset.texts import find_secrets

NOT_PORTABLE = re.compile(r"^(?:/|~|[A-Za-z]:)|\\")
"""Paths that mean something on one machine only: absolute, with a drive letter, a home folder or backslashes."""


@dataclass(slots=True)
class Split:
    """One split. ``images`` and ``labels`` run in parallel, in the loader's order: code points of the whole path.

    A label path is where the loader looks; whether a file lies there, ``DatasetSource.files`` tells.
    """

    name: str
    images: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Layout:
    """A detect, segment, pose or obb dataset before any image or label is read. A split without images is None."""

    data: DataYaml
    classes: ClassNames
    splits: dict[str, Split | None] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)


def load_layout(source: DatasetSource, loader: Loader, limits: Limits) -> Layout:
    """Read data.yaml and list the images of every split."""
    data = read_data_yaml(source, loader, limits)
    layout = Layout(data, ClassNames(), defects=data.defects)
    if not data.loaded:
        return layout
    layout.classes = read_names(data)
    finder = _Finder(source, loader, data)
    for name, value in read_split_values(data).items():
        layout.splits[name] = finder.split(name, value)
    return layout


def label_path(top: str, image: str) -> str:
    """Where the loader looks for an image's label: the last ``/images/`` becomes ``/labels/``, the suffix ``.txt``.

    The root folder's own name counts (a set whose top folder is called ``images``); a path that thereby leaves the
    root is returned as ''.
    """
    path = f"/{top}/{image}"
    head, found, tail = path.rpartition("/images/")
    if found:
        path = f"{head}/labels/{tail}"
    path = path[: path.rfind(".")] + ".txt" if "." in path else path + ".txt"
    root = f"/{top}/"
    return path[len(root) :] if path.startswith(root) else ""


def has_image_suffix(path: str) -> bool:
    """Whether the loader would list a file of this name as an image."""
    name = path[path.rfind("/") + 1 :]
    return "." in name and name[name.rfind(".") + 1 :].lower() in IMAGE_SUFFIXES


def has_stem(path: str) -> bool:
    """Whether there is a name before the suffix. Of a file called just ``.jpg`` the loader's first look sees none."""
    return path[path.rfind("/") + 1 :].rfind(".") > 0


class _Finder:
    """Resolves the split values of one data.yaml."""

    def __init__(self, source: DatasetSource, loader: Loader, data: DataYaml) -> None:
        self.source = source
        self.loader = loader
        self.data = data
        self.paths = sorted([*source.files, *source.folders])

    def split(self, name: str, value: Any) -> Split | None:
        """The images of one split; None, mostly with a defect, where the loader would find none."""
        if value is None or value == "" or (value == [] and self.loader is Loader.CURRENT):
            self._note_empty(name)
            return None
        values = value if isinstance(value, list) and self.loader is Loader.CURRENT else [value]
        if not values or not all(isinstance(one, str) for one in values):
            if could_be_paths(value):  # else config has said so
                self.data.add(Kind.SPLIT_TYPE, name, split=name, value=shown(value))
            return None
        images: list[str] = []
        for index, one in enumerate(values):
            images += self._images(name, one, (name, index) if isinstance(value, list) else (name,))
        if not images:
            return None
        images = sorted(set(images))
        labels = (label_path(self.source.top, image) for image in images)
        files = self.source.files
        return Split(name, images, [files[label].path if label in files else label for label in labels])

    def _note_empty(self, name: str) -> None:
        known = self.data.values
        if name != "test" and (name in known or (name == "val" and "validation" in known)):
            self.data.add(Kind.SPLIT_VALUE_EMPTY, name, split=name)

    def _images(self, name: str, value: str, keys: tuple[Any, ...]) -> list[str]:
        path = self._resolve(value)
        if path is None and self._lies_elsewhere(value):
            self.data.add(Kind.SPLIT_ELSEWHERE, *keys, split=name, value=value)
            return []
        if path is None:
            self.data.add(self._missing_kind(name), *keys, split=name, value=value, hint=self._hint(value))
            return []
        if path in self.source.files:
            return self._listed(name, path, keys)
        return self._below(name, path, value, keys)

    @staticmethod
    def _missing_kind(name: str) -> Kind:
        return {"train": Kind.SPLIT_MISSING, "val": Kind.VAL_PATH_MISSING}.get(name, Kind.TEST_MISSING)

    def _resolve(self, value: str) -> str | None:
        """Path relative to the root of something that exists. A leading ``../`` may be one too many (Roboflow)."""
        for attempt in (value, value.removeprefix("../")):
            path = self._inside(attempt)
            if path is not None and (not path or path in self.source.files or path in self.source.folders):
                return path
        return None

    def _lies_elsewhere(self, value: str) -> bool:
        """Whether an absolute path of a folder dataset exists outside of it. Nothing there is read."""
        return not self.source.is_archive and value.startswith("/") and os.path.exists(value)

    def _inside(self, value: str) -> str | None:
        """The value joined to data.yaml's folder with ``.`` and ``..`` worked out; None outside the root."""
        if value.startswith("/"):
            return self._below_root(value)
        top = self.source.top
        parts: list[str] = []
        for part in f"{top}/{self.data.folder}/{value}".split("/"):
            if part == "..":
                if not parts:
                    return None
                parts.pop()
            elif part not in {"", "."}:
                parts.append(part)
        return "/".join(parts[1:]) if parts[:1] == [top] else None

    def _below_root(self, value: str) -> str | None:
        """An absolute path relative to the root of a folder dataset; None elsewhere, and for archives."""
        root, path = os.path.realpath(self.source.path), os.path.normpath(value)
        if self.source.is_archive or not f"{path}/".startswith(f"{root}/"):
            return None
        return path[len(root) + 1 :]

    def _hint(self, value: str) -> str:
        """A path that differs only in case or slashes, or that lies deeper."""
        wanted = value.replace("\\", "/").strip("./ ").casefold()
        near = [path for path in self.paths if wanted and path.casefold().endswith(wanted)]
        deeper = next((path for path in near if path.casefold().endswith(f"/{wanted}")), "")
        hint = next((path for path in near if path.casefold() == wanted), deeper)
        return posixpath.relpath(hint, self.data.folder or ".") if hint else ""

    def _below(self, name: str, folder: str, value: str, keys: tuple[Any, ...]) -> list[str]:
        """Images below a folder, hidden ones left out."""
        prefix = f"{folder}/" if folder else ""
        start = bisect.bisect_left(self.paths, prefix)
        stop = bisect.bisect_left(self.paths, f"{prefix}\U0010ffff") if prefix else len(self.paths)
        listed = [path for path in self.paths[start:stop] if has_image_suffix(path)]
        seen = [path for path in listed if path[len(prefix)] != "." and "/." not in path[len(prefix) :]]
        if not seen and any(map(has_stem, listed)):
            self.data.add(Kind.SPLIT_ONLY_HIDDEN, *keys, split=name, value=value)
        elif not seen:
            self.data.add(Kind.TEST_MISSING if name == "test" else Kind.SPLIT_EMPTY, *keys, split=name, value=value)
        return seen

    def _listed(self, name: str, path: str, keys: tuple[Any, ...]) -> list[str]:
        """Images named in a text file, one a line, relative to that file's folder or to the root."""
        if not path.endswith(".txt"):
            self.data.add(Kind.TEST_MISSING if name == "test" else Kind.SPLIT_EMPTY, *keys, split=name, value=path)
            return []
        if self.loader is Loader.FORMER:
            self.data.add(Kind.SPLIT_LIST_IGNORED, *keys, split=name, value=path)
            return []
        found: dict[str, None] = {}
        lines = self._lines(path)
        for number, entry in enumerate(lines, 1):
            image = self._entry(path, entry) if entry else None
            if kind := self._odd_entry(entry, image, found):
                self.data.defects.append(Defect(kind, path, number, split=name, detail={"value": entry}))
            if image is not None and has_image_suffix(image):
                found[image] = None
        self._check_list(name, path, lines, keys)
        return list(found)

    @staticmethod
    def _odd_entry(entry: str, image: str | None, found: dict[str, None]) -> Kind | None:
        if not entry:
            return Kind.LIST_ENTRY_BLANK
        if image is None:
            return Kind.LIST_ENTRY_MISSING
        if image in found:
            return Kind.LIST_ENTRY_DUPLICATE
        return None if has_image_suffix(image) else Kind.LIST_ENTRY_UNLOADABLE

    def _check_list(self, name: str, path: str, lines: list[str], keys: tuple[Any, ...]) -> None:
        """What concerns an image list as a whole: that it is empty, and paths that only work on one machine."""
        if not any(lines):
            self.data.add(Kind.TEST_MISSING if name == "test" else Kind.SPLIT_EMPTY, *keys, split=name, value=path)
        bound = [number for number, entry in enumerate(lines, 1) if NOT_PORTABLE.search(entry)]
        if bound:
            detail: dict[str, Detail] = {"rows": len(bound)}
            self.data.defects.append(Defect(Kind.LIST_NOT_PORTABLE, path, bound[0], split=name, detail=detail))
        if "/" in path:  # what lies in the root has been searched
            self.data.defects += find_secrets(path, "\n".join(lines))

    def _lines(self, path: str) -> list[str]:
        """The lines of an image list without outer white space; nothing follows the last line end."""
        try:
            text = self.source.read(path)
        except ReadError:
            return []  # the scan reads every file and reports what cannot be read
        lines = text.decode("utf-8-sig", errors="replace").rstrip("\n")
        return [line.strip() for line in lines.split("\n")] if lines else []

    def _entry(self, list_path: str, entry: str) -> str | None:
        folder = list_path.rpartition("/")[0]
        for base in (folder, ""):
            parts = [part for part in f"{base}/{entry}".split("/") if part not in {"", "."}]
            path = "/".join(parts)
            if path in self.source.files:
                return path
        return None
