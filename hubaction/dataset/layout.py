"""Which images belong to which split, and where the loader looks for each one's label."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from typing import Any

from hubaction.dataset.config import ClassNames, could_be_paths, read_names, read_split_values
from hubaction.dataset.datayaml import DataYaml, Loader, read_data_yaml
from hubaction.dataset.defects import Defect, Kind, shown
from hubaction.dataset.limits import Limits
from hubaction.dataset.source import IMAGE_SUFFIXES, DatasetSource, ReadError


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
        if value is None or value == "":
            if name != "test" and name in self.data.values:
                self.data.add(Kind.SPLIT_MISSING, name, split=name, value="nothing")
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

    def _images(self, name: str, value: str, keys: tuple[Any, ...]) -> list[str]:
        path = self._resolve(value)
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

    def _inside(self, value: str) -> str | None:
        """The value joined to data.yaml's folder with ``.`` and ``..`` worked out; None outside the root."""
        if value.startswith("/"):
            return None
        top = self.source.top
        parts: list[str] = []
        for part in f"{top}/{self.data.folder}/{value}".split("/"):
            if part == ".." and parts:
                parts.pop()
            elif part not in {"", ".", ".."}:
                parts.append(part)
        return "/".join(parts[1:]) if parts[:1] == [top] else None

    def _hint(self, value: str) -> str:
        """A path that differs only in case or slashes."""
        wanted = value.replace("\\", "/").strip("./ ").casefold()
        return next((path for path in self.paths if path.casefold() == wanted), "")

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
        found = []
        for number, entry in enumerate(self._lines(path), 1):
            if entry and (image := self._entry(path, entry)) is None:
                self.data.defects.append(
                    Defect(Kind.LIST_ENTRY_MISSING, path, number, split=name, detail={"value": entry})
                )
            elif entry and image:
                found.append(image)
        return found

    def _lines(self, path: str) -> list[str]:
        try:
            text = self.source.read(path)
        except ReadError:
            return []  # the scan reads every file and reports what cannot be read
        return [line.strip() for line in text.decode("utf-8-sig", errors="replace").split("\n")]

    def _entry(self, list_path: str, entry: str) -> str | None:
        folder = list_path.rpartition("/")[0]
        for base in (folder, ""):
            parts = [part for part in f"{base}/{entry}".split("/") if part not in {"", "."}]
            path = "/".join(parts)
            if path in self.source.files:
                return path
        return None
