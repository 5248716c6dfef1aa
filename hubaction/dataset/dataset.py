"""A dataset after one pass over its files: what it holds, what the loader keeps of it, and every defect met."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hubaction.dataset.cache import ImageCache
from hubaction.dataset.classify import ClassSplit, ClassTree, check_images, load_class_tree
from hubaction.dataset.config import Keypoints, check_flip_idx, read_keypoints
from hubaction.dataset.copies import find_copies
from hubaction.dataset.datayaml import DataYaml, Loader
from hubaction.dataset.defects import Defect, Kind
from hubaction.dataset.images import ImageFacts
from hubaction.dataset.labels import LabelTable
from hubaction.dataset.layout import Layout, Split, load_layout
from hubaction.dataset.limits import Depth, Limits
from hubaction.dataset.scan import Progress, Scan, Wanted, scan
from hubaction.dataset.shipped_cache import check_caches
from hubaction.dataset.source import DatasetSource
from hubaction.dataset.strays import Stray, Surroundings, is_left_behind, strays, surroundings

if TYPE_CHECKING:
    from hubaction.dataset.loading import LoadedSplit

TASKS = ("detect", "segment", "pose", "obb", "classify")


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """The files of one split as they were read.

    Attributes:
        images: paths, in the loader's order; ``labels`` (expected paths, '' for classify) and ``facts`` go with them.
        table: the rows of all label files; file ``i`` of it belongs to image ``i``.
        classes: for classify, the class folder of each image, else empty.
    """

    name: str
    images: list[str]
    labels: list[str]
    facts: list[ImageFacts]
    table: LabelTable
    classes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Dataset:
    """What the check knows of a dataset.

    Attributes:
        names: class names; ``nc`` is the length of the count vectors (equal but for keys that collapse).
        splits: what the loader keeps, by name; None where the loader finds no image.
        read: the files of each split that has images.
        data: data.yaml; None for classify.
        tree: the class folders; None for other tasks.
        defects: all defects, those of the container first.
        copies: groups of images with the same bytes. strays: pictures among the images that the loader passes over.
            Both are empty where the former check is asked for, which looked for neither.
        depth: how deep the images were looked into.
        remarks: what a reader of the report has to know of how it was read.
    """

    source: DatasetSource
    task: str
    names: list[str] = field(default_factory=list)
    nc: int = 0
    keypoints: Keypoints = field(default_factory=Keypoints)
    splits: dict[str, LoadedSplit | ClassSplit | None] = field(default_factory=dict)
    read: dict[str, SplitFiles] = field(default_factory=dict)
    data: DataYaml | None = None
    tree: ClassTree | None = None
    defects: list[Defect] = field(default_factory=list)
    copies: list[tuple[str, ...]] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    depth: Depth = Depth.DECODE
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a dataset: whose rules, within which bounds, in how many processes, and whom to tell.

    ``depth``: how deep to look into images; to decode them takes longest. ``cache``: the file that remembers what came
    of it; None for none.
    """

    loader: Loader = Loader.CURRENT
    limits: Limits = field(default_factory=Limits)
    workers: int | None = None
    progress: Progress | None = None
    depth: Depth = Depth.HEADER
    cache: Path | None = None


_NOTHING_TO_READ = {Kind.ARCHIVE_UNREADABLE, Kind.ARCHIVE_TOO_LARGE, Kind.ARCHIVE_EMPTY, Kind.ROOT_NOT_FOLDER}


def read_dataset(source: DatasetSource, task: str, reading: Reading) -> Dataset:
    """Read the whole dataset once. Bad data leaves defects; nothing is raised for it."""
    dataset = Dataset(source, task, defects=list(source.defects), depth=reading.depth)
    if any(defect.kind in _NOTHING_TO_READ for defect in source.defects):
        return dataset
    if task == "classify":
        _read_classes(dataset, reading)
    else:
        _read_labelled(dataset, reading)
    return dataset


def _read_classes(dataset: Dataset, reading: Reading) -> None:
    tree = load_class_tree(dataset.source, reading.limits)
    dataset.tree = tree
    dataset.names, dataset.nc = tree.names, len(tree.names)
    dataset.splits.update(tree.splits)
    dataset.defects += tree.defects
    splits = [split for split in tree.splits.values() if split]
    found = _scan(dataset, [split.as_split() for split in splits], reading)
    start = 0
    for split in splits:
        stop = start + len(split.images)
        facts = found.images[start:stop]
        classes = [split.classes[index] for index in split.indexes]
        table = found.labels.slice(start, stop)
        dataset.read[split.name] = SplitFiles(split.name, split.images, [""] * len(facts), facts, table, classes)
        dataset.defects += check_images(split, facts)
        start = stop


def _read_labelled(dataset: Dataset, reading: Reading) -> None:
    layout = load_layout(dataset.source, reading.loader, reading.limits)
    dataset.data = layout.data
    dataset.names, dataset.nc = layout.classes.names, layout.classes.nc
    splits = [split for split in layout.splits.values() if split]
    keypoints = read_keypoints(layout.data, dataset.task) if splits else Keypoints()
    found = _scan(dataset, splits, reading)
    _keep_files(dataset, splits, found)
    if keypoints is not None:
        dataset.keypoints = keypoints
        _load_splits(dataset, layout, splits)
    if keypoints and dataset.task == "pose" and splits:
        check_flip_idx(layout.data, keypoints)
    dataset.defects += layout.defects


def _keep_files(dataset: Dataset, splits: list[Split], found: Scan) -> None:
    start = 0
    for split in splits:
        stop = start + len(split.images)
        facts, table = found.images[start:stop], found.labels.slice(start, stop)
        dataset.read[split.name] = SplitFiles(split.name, split.images, split.labels, facts, table)
        start = stop


def _load_splits(dataset: Dataset, layout: Layout, splits: list[Split]) -> None:
    from hubaction.dataset.loading import SplitLoader

    dataset.splits.update(dict.fromkeys(layout.splits))
    dataset.defects += check_caches(dataset.source, splits)
    loader = SplitLoader(dataset.source, dataset.task, len(dataset.names), dataset.keypoints)
    for split in splits:
        files = dataset.read[split.name]
        loaded = loader.load(split, files.facts, files.table)
        dataset.splits[split.name] = loaded
        dataset.defects += loaded.defects


def _scan(dataset: Dataset, splits: list[Split], reading: Reading) -> Scan:
    source, today = dataset.source, reading.loader is Loader.CURRENT
    folders = {split.folder: split.name for split in dataset.tree.splits.values() if split} if dataset.tree else {}
    near = surroundings(source, splits, folders) if today else Surroundings()
    cache = ImageCache(reading.cache) if reading.cache and reading.depth is Depth.DECODE else None
    wanted = Wanted(reading.depth, cache, near.unknown)
    found = scan(source, splits, reading.limits, reading.workers, reading.progress, wanted)
    if cache is not None:
        cache.save()
        dataset.remarks += filter(None, [cache.remark])
    dataset.defects += found.defects
    if today:
        dataset.strays = strays(source, near, found.formats, classify=dataset.tree is not None)
        images = (image for split in splits for image in split.images if not is_left_behind(image))
        dataset.copies = find_copies(source, images)
    return found
