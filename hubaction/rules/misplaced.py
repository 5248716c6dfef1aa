"""Label files that the loader does not find: without an image, under another name, in another folder."""

from __future__ import annotations

import re
import unicodedata
import weakref
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubaction.rules.view import View

_NO_LABELS = {"classes.txt", "obj.names", "notes.json"}
_LABEL_FOLDER = re.compile(r"label|annot|(^|/)(txt|yolo)(/|$)", re.IGNORECASE)
_MOST_CANDIDATES = 100  # files of one name among which the nearest is sought
_IMAGE_SUFFIXES = frozenset("avif bmp dng heic heif jp2 jpeg jpg mpo png tif tiff webp".split())


@dataclass(slots=True)
class Pairing:
    """Where labels are, against where the loader looks for them.

    Attributes:
        orphans: label files with no image of their stem, which no image lacks either.
        misnamed: (split, label file expected, the file there is instead).
        beside: (split, folder, .txt files beside its images, images of those without the label expected, first file).
        flat: (split, first label) of splits whose labels are read from beside the images.
    """

    orphans: list[str] = field(default_factory=list)
    misnamed: list[tuple[str, str, str]] = field(default_factory=list)
    beside: list[tuple[str, str, int, int, str]] = field(default_factory=list)
    flat: list[tuple[str, str]] = field(default_factory=list)


_KNOWN: weakref.WeakKeyDictionary[View, Pairing] = weakref.WeakKeyDictionary()


def pairing(view: View) -> Pairing:
    """Computed once for all rules of the family."""
    if view not in _KNOWN:
        _KNOWN[view] = _Search(view).run()
    return _KNOWN[view]


def folder_of(path: str) -> str:
    """The path up to its last part; '' in the root."""
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    """The last part of a path."""
    return path.rpartition("/")[2]


def _stem(path: str) -> str:
    """The path without its suffix."""
    cut = path.rfind(".")
    return path[:cut] if cut > path.rfind("/") + 1 else path


class _Search:
    """Goes through the images that lack a label, and the label files that lack an image."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.found = Pairing()
        self.expected = {label for split in view.splits.values() for label in split.labels}
        self.folders = {folder_of(label) for label in self.expected}
        self.taken: set[str] = set()

    def run(self) -> Pairing:
        lacking = list(self._lacking())
        self._look_beside()
        spare = self._spare()
        self._match(lacking, spare)
        self.found.orphans = self._orphans(spare)
        return self.found

    def _orphans(self, spare: list[str]) -> list[str]:
        """Of the spare files in label folders, those without an image, or anything, of their stem."""
        labels = [p for p in spare if p not in self.taken and (folder_of(p) in self.folders or "/labels/" in f"/{p}")]
        stems = {_stem(path) for path in self.view.files if not path.casefold().endswith(".txt")} if labels else set()
        return [path for path in labels if _image_stem(path) not in stems]

    def _lacking(self) -> Iterator[tuple[str, str, str]]:
        """(split, image, expected label) of images without a label file."""
        for split in self.view.splits.values():
            for at in (~split.has_label).nonzero()[0].tolist():
                if split.labels[at]:
                    yield split.name, split.images[at], split.labels[at]

    def _look_beside(self) -> None:
        files = self.view.files
        for split in self.view.splits.values():
            groups: dict[str, list[tuple[str, bool]]] = defaultdict(list)
            flat = ""
            for image, label, has_label in zip(split.images, split.labels, split.has_label.tolist(), strict=True):
                near = f"{_stem(image)}.txt"
                if near == label:
                    flat = flat or (label if has_label else "")
                elif near in files:
                    groups[folder_of(image)].append((near, has_label))
            for folder, nears in groups.items():
                self.taken.update(near for near, _ in nears)
                missing = sum(not has_label for _, has_label in nears)
                self.found.beside.append((split.name, folder, len(nears), missing, nears[0][0]))
            if flat:
                self.found.flat.append((split.name, flat))

    def _spare(self) -> list[str]:
        """Label files that no image of a split claims, sorted: where labels are sought, or in folders of such names."""
        return sorted(
            path
            for path in self.view.files.keys() - self.expected - self.taken
            if path.rstrip().casefold().endswith(".txt")
            and not _is_no_label(name_of(path))
            and folder_of(path) not in self.expected  # a folder in the place of a label, of which L301 speaks
            and (folder_of(path) in self.folders or _LABEL_FOLDER.search(folder_of(path)))
        )

    def _match(self, lacking: list[tuple[str, str, str]], spare: list[str]) -> None:
        """For each image without a label the one spare file that must be meant; none where several could be."""
        by_stem: dict[str, list[str]] = defaultdict(list)
        by_folder: dict[tuple[str, str], list[str]] = defaultdict(list)
        for path in spare:
            by_stem[_plain(name_of(path))].append(path)
            by_folder[_plain(name_of(path)), name_of(folder_of(path))].append(path)
        for name, image, label in lacking:
            if f"{_stem(image)}.txt" in self.taken:
                continue
            stem = _plain(name_of(label))
            candidates = by_folder.get((stem, name_of(folder_of(label)))) or by_stem.get(stem, [])
            best = _closest(label, candidates) if len(candidates) <= _MOST_CANDIDATES else ""
            if best and best not in self.taken:
                self.taken.add(best)
                self.found.misnamed.append((name, label, best))


def _is_no_label(name: str) -> bool:
    return name.casefold() in _NO_LABELS or name.casefold().startswith("readme")


def _plain(name: str) -> str:
    """A label's name as far as slips leave it alone: NFC, lower case, no blanks at its ends, no image suffix."""
    stem = _stem(unicodedata.normalize("NFC", name).strip()).strip().casefold()
    head, _, suffix = stem.rpartition(".")
    return head if head and suffix in _IMAGE_SUFFIXES else stem


def _closest(label: str, candidates: list[str]) -> str:
    """The only candidate that shares the most folders with the label's path, counted from its end."""
    if len(candidates) < 2:
        return candidates[0] if candidates else ""
    scores = [(_shared(folder_of(label), folder_of(path)), path) for path in candidates]
    top = max(scores)
    return top[1] if sum(score[0] == top[0] for score in scores) == 1 else ""


def _shared(one: str, other: str) -> int:
    if one == other:
        return 1000
    pairs = zip(reversed(one.split("/")), reversed(other.split("/")), strict=False)
    count = 0
    for a, b in pairs:
        if a != b:
            break
        count += 1
    return count


def _image_stem(label: str) -> str:
    """The path, without suffix, at which the image of a label would lie."""
    head, found, tail = f"/{label}".rpartition("/labels/")
    return _stem((f"{head}/images/{tail}" if found else f"/{label}")[1:])
