"""What a fixer sees: the files as they are by now, by paths relative to the dataset's root."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from hubaction.dataset.classify import load_class_tree
from hubaction.dataset.config import Keypoints, read_keypoints
from hubaction.dataset.datayaml import Loader
from hubaction.dataset.images import END_OF_IMAGE, ImageFacts, inspect_image
from hubaction.dataset.layout import Layout, load_layout
from hubaction.dataset.limits import Limits
from hubaction.repair.edits import Delete, LeftAlone, Rename, WriteBytes
from hubaction.repair.labeltext import LabelText
from hubaction.repair.tree import Tree

_FIRST_TURNED = 5  # EXIF orientations 5 to 8 swap width and height


@dataclass(frozen=True, slots=True)
class Picture:
    """What one look at an image told. ``ends``: with the end marker of a JPEG."""

    facts: ImageFacts
    ends: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A label file and what is known of its image: size in pixels after EXIF orientation, None where not sure."""

    path: str
    text: LabelText
    image: str
    view: View

    @property
    def size(self) -> tuple[int, int] | None:
        return self.view.size(self.path)


Cache = dict[tuple[str, int], Picture]


class View:
    """The dataset between two edits.

    Attributes:
        task: None where it is not known.
        source: the files as a check would open them.
        pictures: what is known of images by first path and version; outlives the view.
        final_stem: stem of the archive that will be written.
    """

    def __init__(self, tree: Tree, task: str | None, pictures: Cache, final_stem: str = "") -> None:
        self.tree = tree
        self.task = task
        self.source = tree.as_source()
        self.pictures = pictures
        self.final_stem = final_stem
        self.limits = Limits()

    @functools.cached_property
    def layout(self) -> Layout:
        """Splits, images and labels by today's loader."""
        return load_layout(self.source, Loader.CURRENT, self.limits)

    @functools.cached_property
    def pairs(self) -> dict[str, str]:
        """Each image of a split, sorted, and the label expected for it."""
        splits = [split for split in self.layout.splits.values() if split] if self.task != "classify" else []
        return dict(sorted(pair for split in splits for pair in zip(split.images, split.labels, strict=True)))

    @functools.cached_property
    def images(self) -> list[str]:
        """Images of all splits, sorted."""
        if self.task != "classify":
            return list(self.pairs)
        tree = load_class_tree(self.source, self.limits)
        return sorted({image for split in tree.splits.values() if split for image in split.images})

    @functools.cached_property
    def owners(self) -> dict[str, str]:
        """Each existing label and its image; '' where several images share it."""
        counts = Counter(self.pairs.values())
        files = self.source.files
        return {label: image if counts[label] == 1 else "" for image, label in self.pairs.items() if label in files}

    @functools.cached_property
    def lists(self) -> list[str]:
        """Text files that list the images of a split."""
        found: dict[str, None] = {}
        folder = self.layout.data.folder
        for key in ("train", "val", "test"):
            value = self.layout.data.values.get(key)
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str) and one.endswith(".txt"):
                    path = _plain(f"{folder}/{one}")
                    found.update({path: None} if path in self.source.files else {})
        return list(found)

    @functools.cached_property
    def keypoints(self) -> Keypoints:
        return read_keypoints(self.layout.data, self.task or "") or Keypoints()

    @property
    def class_count(self) -> int:
        """Number of classes; 0 where it is not known."""
        return len(self.layout.classes.names)

    def read(self, path: str) -> bytes | None:
        return self.tree.read(self.tree.prefix + path)

    def labels(self) -> Iterator[Label]:
        """The label files of all splits that are plain text; those in doubt are left to L301."""
        for path, image in self.owners.items():
            if self.source.files[path].size <= self.limits.max_label_bytes:
                text = LabelText.parse(self.read(path))
                if text is not None:
                    yield Label(path, text, image, self)

    def size(self, label: str) -> tuple[int, int] | None:
        """Width and height of a label's image after EXIF orientation; None where it has no image, or no sound one."""
        image = self.owners.get(label, "")
        picture = self.picture(image) if image else None
        if picture is None or not picture.facts.width or not picture.facts.height:
            return None
        size = picture.facts.width, picture.facts.height
        return size if picture.facts.orientation < _FIRST_TURNED else size[::-1]

    def picture(self, path: str) -> Picture | None:
        """Header and end of an image; None where it cannot be read."""
        first = self.tree.now[self.tree.prefix + path]
        key = first, self.tree.version.get(first, 0)
        if key not in self.pictures:
            data = self.read(path)
            if data is None:
                return None
            self.pictures[key] = Picture(inspect_image(data), data.endswith(END_OF_IMAGE))
        return self.pictures[key]

    def write(self, path: str, data: bytes, places: int = 1, note: str = "") -> WriteBytes:
        return WriteBytes(self.tree.prefix + path, data, places, note)

    def rename(self, path: str, new: str) -> Rename:
        return Rename(self.tree.prefix + path, self.tree.prefix + new)

    def delete(self, path: str) -> Delete:
        return Delete(self.tree.prefix + path)

    def leave(self, path: str, reason: str) -> LeftAlone:
        return LeftAlone(self.tree.prefix + path, reason)


def _plain(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in {"", "."})
