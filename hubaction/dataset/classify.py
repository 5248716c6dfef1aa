"""Classification datasets: ``train/<class>/*.jpg``. The folders are the labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hubaction.dataset.datayaml import read_yaml_at
from hubaction.dataset.defects import Defect, Detail, Kind, shown
from hubaction.dataset.images import ImageFacts, image_defect
from hubaction.dataset.layout import Split, has_image_suffix, has_stem
from hubaction.dataset.limits import Limits
from hubaction.dataset.source import DatasetSource

LOADED_SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
"""Endings (lower case) of the files that the former loader counts; AVIF, HEIF, JPEG 2000 and DNG are not among them."""

_NAMES_FILE = ".ndjson.yaml"
_VAL_FOLDERS = ("val", "validation", "valid")


@dataclass(slots=True)
class ClassSplit:
    """One split of a class tree.

    Attributes:
        classes: names of the split's own class folders, sorted; an index counts in this list, not in train's.
        folder: its path, ``train``, or for val one of three.
        images: paths of the loaded images, class by class; ``indexes`` runs in parallel.
        counts: images per class; the only thing known where the reference would split at random.
        pictures: all files with the suffix of an image, loaded or not, at any depth.
    """

    name: str
    classes: list[str]
    images: list[str] = field(default_factory=list)
    indexes: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    random: bool = False
    folder: str = ""
    pictures: list[str] = field(default_factory=list)

    def as_split(self) -> Split:
        """The same images for the scan; they have no label files."""
        return Split(self.name, self.images, [""] * len(self.images))


@dataclass(slots=True)
class ClassTree:
    """A classify dataset. A split that is absent or empty is None."""

    names: list[str] = field(default_factory=list)
    splits: dict[str, ClassSplit | None] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)

    def add(self, kind: Kind, path: str = "", split: str | None = None, **detail: Detail) -> None:
        self.defects.append(Defect(kind, path, split=split, detail=detail))


def load_class_tree(source: DatasetSource, limits: Limits) -> ClassTree:
    """List the images of every split and class, as the former check does."""
    tree = ClassTree()
    if not source.files:
        tree.add(Kind.TRAIN_FOLDER_MISSING, reason="the dataset holds no file")
        return tree
    if "train" not in source.folders:
        _split_at_random(source, tree)
        return tree
    tree.names = _subfolders(source, "train")
    if _NAMES_FILE in source.files:
        _read_names(source, tree, limits)
    val = next((name for name in _VAL_FOLDERS if _exists(source, name)), "val")
    for name, folder in (("train", "train"), ("val", val), ("test", "test")):
        tree.splits[name] = _read_split(source, tree, name, folder)
    return tree


def check_images(split: ClassSplit, facts: list[ImageFacts]) -> list[Defect]:
    """Images that training cannot use. The former check never opens them."""
    problems = ((path, image_defect(one)) for path, one in zip(split.images, facts, strict=True))
    return [Defect(problem[0], path, split=split.name, detail=problem[1]) for path, problem in problems if problem]


def _read_names(source: DatasetSource, tree: ClassTree, limits: Limits) -> None:
    """Names from the file that a converted NDJSON export leaves in the root; they win over the folders."""
    data = read_yaml_at(source, _NAMES_FILE, limits)
    names = data.values.get("names")
    if data.loaded and not isinstance(names, dict):
        data.add(Kind.NAMES_INVALID, "names", reason=f"'names' must be a mapping here, not {shown(names)}")
    elif isinstance(names, dict):
        tree.names = [str(name) for name in names.values()]
    tree.defects += data.defects


def _exists(source: DatasetSource, path: str) -> bool:
    return path in source.folders or path in source.files


def _subfolders(source: DatasetSource, folder: str) -> list[str]:
    """Names of the folders directly below a folder ('' = the root), sorted."""
    prefix = f"{folder}/" if folder else ""
    names = (path[len(prefix) :] for path in source.folders if path.startswith(prefix))
    return sorted(name for name in names if name and "/" not in name)


def _read_split(source: DatasetSource, tree: ClassTree, name: str, folder: str) -> ClassSplit | None:
    if folder not in source.folders:
        if name == "val" and "test" not in source.folders:
            tree.add(Kind.SPLIT_MISSING, split="val", value="val")
        return None
    paths = source.under(folder)
    folders = (path for path in source.folders if path.startswith(f"{folder}/"))
    pictures = [path for path in (*paths, *folders) if has_image_suffix(path) and has_stem(path)]
    _check_pictures(tree, name, folder, pictures)
    if not pictures:
        return None
    split = ClassSplit(name, _subfolders(source, folder), folder=folder, pictures=pictures)
    if not split.classes:
        tree.add(Kind.NO_CLASS_FOLDER, folder, split=name, count=len(pictures))
    elif split.classes != (trained := _subfolders(source, "train")):
        tree.add(Kind.CLASS_ORDER_SHIFTS, folder, split=name, **_difference(split.classes, trained))
    _fill(split, tree, folder, paths)
    return split


def _check_pictures(tree: ClassTree, name: str, folder: str, pictures: list[str]) -> None:
    if not pictures:
        tree.add(Kind.NO_TRAINING_IMAGE if name == "train" else Kind.SPLIT_EMPTY, folder, split=name, value=folder)
        return
    parents = {path.rpartition("/")[0] for path in pictures}
    if len(parents) != len(tree.names):
        tree.add(Kind.CLASS_COUNT_DIFFERS, folder, split=name, found=len(parents), expected=len(tree.names))


def _difference(own: list[str], train: list[str]) -> dict[str, Detail]:
    only, lacking = sorted(set(own) - set(train)), sorted(set(train) - set(own))
    return {"only": ", ".join(only[:5]), "lacking": ", ".join(lacking[:5])}


def _fill(split: ClassSplit, tree: ClassTree, folder: str, paths: list[str]) -> None:
    """Images class by class; within a class by folder, then by name."""
    by_class: dict[str, list[str]] = {name: [] for name in split.classes}
    for path in paths:
        name, inside, _ = path[len(folder) + 1 :].partition("/")
        if inside and path.lower().endswith(LOADED_SUFFIXES):
            by_class[name].append(path)
    for index, (name, images) in enumerate(by_class.items()):
        images.sort(key=lambda path: path.rpartition("/")[::2])
        split.images += images
        split.indexes += [index] * len(images)
        split.counts.append(len(images))
        if not images:
            tree.add(Kind.CLASS_FOLDER_EMPTY, f"{folder}/{name}", split=split.name, name=name)


def _split_at_random(source: DatasetSource, tree: ClassTree) -> None:
    """No ``train`` folder: the former check puts 80 % of each folder's files, chosen at random, into train."""
    if not any(path.endswith((".jpg", ".png")) for path in source.files):
        tree.add(Kind.TRAIN_FOLDER_MISSING, reason="there is no folder 'train'")
        return
    names = _subfolders(source, "")
    direct = [
        path for path in (*source.files, *source.folders) if path.count("/") == 1 and "." in path.rpartition("/")[2]
    ]
    files = Counter(path.partition("/")[0] for path in direct)
    loaded = {path.partition("/")[0] for path in direct if path.lower().endswith(LOADED_SUFFIXES)}
    train = [int(0.8 * files[name]) for name in names]
    if not names or 0 in train or set(names) - loaded or any(path in source.folders for path in direct):
        reason = "there is no folder 'train', and the folders at the top are no classes"
        tree.add(Kind.TRAIN_FOLDER_MISSING, reason=reason)
        return
    tree.add(Kind.RANDOM_SPLIT, classes=len(names), images=files.total())
    tree.names = names
    val = [files[name] - taken for name, taken in zip(names, train, strict=True)]
    tree.splits = {
        "train": ClassSplit("train", names, counts=train, random=True),
        "val": ClassSplit("val", names, counts=val, random=True),
        "test": None,
    }
