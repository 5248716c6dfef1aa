"""What a rule sees of a dataset: values only, no files. Everything costly is computed on first use and kept."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from hubaction.dataset.rows import Rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hubaction.dataset.classify import ClassTree
    from hubaction.dataset.config import Keypoints
    from hubaction.dataset.dataset import Dataset, SplitFiles
    from hubaction.dataset.datayaml import DataYaml
    from hubaction.dataset.defects import Defect, Kind
    from hubaction.dataset.images import ImageFacts
    from hubaction.dataset.labels import LabelNote, LabelProblem
    from hubaction.dataset.near_copies import Likeness, NearCopies
    from hubaction.dataset.source import Member
    from hubaction.dataset.strays import Stray

SMALL_SET = 200
"""Distinct images below which rules about distributions only inform (rules catalogue, section 4)."""


class SplitView:
    """One split: its images, labels and rows.

    Attributes:
        images: paths in the loader's order; ``labels``, ``facts`` and ``has_label`` run in parallel.
        classes: for classify, the class folder of each image.
        problems: label files whose text is not numbers. notes: oddities of label files.
    """

    def __init__(self, files: SplitFiles, view: View) -> None:
        self._files = files
        self._view = view
        self.name = files.name
        self.images: list[str] = files.images
        self.labels: list[str] = files.labels
        self.facts: list[ImageFacts] = files.facts
        self.classes: list[str] = files.classes
        self.problems: list[LabelProblem] = files.table.problems
        self.notes: list[LabelNote] = files.table.notes

    @functools.cached_property
    def has_label(self) -> NDArray[np.bool_]:
        """bool (images,): a regular file lies where the loader looks for the label."""
        import numpy as np

        return np.array([label in self._view.files for label in self.labels], dtype=bool)

    @functools.cached_property
    def rows(self) -> Rows:
        view = self._view
        return Rows(view.task, self._files.table, self.facts, view.keypoints, view.pose_columns)

    @functools.cached_property
    def row_class(self) -> NDArray[np.int64]:
        """int (rows,): class index of each row, -1 where it is none of the dataset's."""
        return self.rows.class_index(len(self._view.names))


class View:
    """A dataset for rules.

    Attributes:
        task: detect, segment, pose, obb or classify.
        is_archive, top: whether it is a zip, and the name of its root folder.
        prefix: what the names in a zip have before the paths: its only top folder with a slash, or ''.
        files, folders: everything in it, by path relative to the root.
        names: class names. keypoints: kpt_shape, zeros outside pose.
        data: data.yaml; None for classify. tree: class folders; None otherwise.
        splits: train, val, test as far as they have images.
        defects: what reading recorded.
        copies: groups of images with the same bytes, sorted, as are the paths of each.
        strays: pictures among the images that the loader passes over.
        depth: how deep the images were looked into.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.task = dataset.task
        self.is_archive = dataset.source.is_archive
        self.top = dataset.source.top
        self.prefix = dataset.source.prefix
        self.stem = dataset.source.path.stem
        self.files: Mapping[str, Member] = dataset.source.files
        self.folders: Collection[str] = dataset.source.folders
        self.names: list[str] = dataset.names
        self.nc = dataset.nc
        self.keypoints: Keypoints = dataset.keypoints
        self.data: DataYaml | None = dataset.data
        self.tree: ClassTree | None = dataset.tree
        self.defects: list[Defect] = dataset.defects
        self.copies: list[tuple[str, ...]] = dataset.copies
        self.strays: list[Stray] = dataset.strays
        self.depth = dataset.depth
        self.splits: dict[str, SplitView] = {name: SplitView(files, self) for name, files in dataset.read.items()}
        self._near: dict[Likeness, NearCopies] = {}

    def near_copies(self, likeness: Likeness) -> NearCopies:
        """Images that look alike, of those that were decoded."""
        from hubaction.dataset.near_copies import Picture, find_near_copies

        if likeness not in self._near:
            pictures = [
                Picture(path, split.name, facts.pixels.fingerprint)
                for split, path, facts in self.readable_images
                if facts.pixels and facts.pixels.fingerprint
            ]
            self._near[likeness] = find_near_copies(pictures, self.copies, likeness)
        return self._near[likeness]

    def stored_name(self, path: str) -> bytes:
        """The name of a file as the zip has it."""
        return self.files[path].stored_name or (self.prefix + path).encode()

    def defects_of(self, *kinds: Kind) -> list[Defect]:
        """The recorded defects of these kinds."""
        return [defect for defect in self.defects if defect.kind in kinds]

    @functools.cached_property
    def distinct_images(self) -> set[str]:
        """Paths of the images of all splits."""
        return {image for split in self.splits.values() for image in split.images}

    @functools.cached_property
    def readable_images(self) -> list[tuple[SplitView, str, ImageFacts]]:
        """Each distinct image with a sound header once, with the first split that lists it, in the order of splits."""
        first: dict[str, tuple[SplitView, str, ImageFacts]] = {}
        for split in self.splits.values():
            for path, facts in zip(split.images, split.facts, strict=True):
                if facts.width and facts.height and path not in first:
                    first[path] = (split, path, facts)
        return list(first.values())

    @property
    def is_small(self) -> bool:
        """Whether distributions say little: fewer than 200 distinct images."""
        return len(self.distinct_images) < SMALL_SET

    @functools.cached_property
    def pose_columns(self) -> int:
        """Columns of a pose row by the kpt_shape in data.yaml, whatever the task; -1 without a valid one."""
        shape = self.data.values.get("kpt_shape") if self.data else None
        if not isinstance(shape, list) or len(shape) != 2 or not all(type(number) is int for number in shape):
            return -1
        count, dims = shape
        return 5 + count * dims if count > 0 and dims in {2, 3} else -1

    @functools.cached_property
    def invalid_label_share(self) -> float:
        """Share (0 to 1) of label files with a row or token that cannot be used."""
        import numpy as np

        files = invalid = 0
        for split in self.splits.values():
            files += int(split.has_label.sum())
            bad = {problem.file for problem in split.problems if not problem.value.startswith("\ufeff")}
            rows = split.rows
            bad |= set(np.unique(rows.image[~rows.usable & (rows.count > 0)]).tolist())
            invalid += len(bad)
        return invalid / files if files else 0.0
