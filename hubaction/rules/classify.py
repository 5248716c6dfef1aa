"""Family C: class folders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules.rule import Case, Need, Option, Options, Rule

if TYPE_CHECKING:
    from hubaction.dataset.classify import ClassSplit
    from hubaction.rules.collector import Collector
    from hubaction.rules.view import View

_LEFT_BEHIND = ".ipynb_checkpoints"  # of which A107 speaks


def _splits(view: View) -> Iterator[ClassSplit]:
    """The splits with class folders that are there as they are, not drawn at random."""
    splits = view.tree.splits.values() if view.tree else ()
    return (split for split in splits if split and split.classes and not split.random)


def _classes(split: ClassSplit) -> list[str]:
    return [name for name in split.classes if name != _LEFT_BEHIND]


def _train_classes(view: View) -> list[str]:
    return [name for name in view.tree.names if name != _LEFT_BEHIND] if view.tree else []


def _folders_differ(view: View, _: Options, out: Collector) -> None:
    train = _train_classes(view)
    spelled = {name.casefold(): name for name in train}
    for split in _splits(view):
        own = _classes(split)
        if split.name == "train" or not train:
            continue
        for name in sorted(set(own) - set(train)):
            twin = spelled.get(name.casefold())
            hint = f"; train spells it {twin!r}" if twin else ""
            message = (
                f"class folder {name!r} is not in train{hint}. Each split numbers its own folders, "
                "so from here on every index means another class"
            )
            out.add(Severity.ERROR, message, f"{split.folder}/{name}", split=split.name, key=name)
        for name in sorted(set(train) - set(own)):
            message = f"class {name!r} of train has no folder here: its score cannot be told, and later indexes shift"
            out.add(Severity.WARNING, message, split.folder, split=split.name, key=name)


def _empty_folder(view: View, _: Options, out: Collector) -> None:
    for split in _splits(view):
        start = len(split.folder) + 1
        filled = {path[start:].partition("/")[0] for path in split.pictures if path.count("/", start)}
        for name in _classes(split):
            if name not in filled:
                level = Severity.ERROR if split.name == "train" else Severity.WARNING
                effect = "nothing can be learned of it" if split.name == "train" else "older loaders stop at it"
                message = f"class folder {name!r} holds no image: {effect}"
                out.add(level, message, f"{split.folder}/{name}", split=split.name, key=name)


def _outside(view: View, _: Options, out: Collector) -> None:
    for split in _splits(view):
        start = len(split.folder) + 1
        for path in split.pictures:
            folders = path.count("/", start)
            if path.startswith(f"{_LEFT_BEHIND}/", start) or folders == 1:
                continue
            if folders == 0:
                message = "it lies in no class folder, so it is never trained on"
                out.add(Severity.ERROR, message, path, split=split.name, key="no class")
            else:
                name = path[start:].partition("/")[0]
                message = f"it lies {folders - 1} folder(s) below its class {name!r}; the folders between mean nothing"
                out.add(Severity.WARNING, message, path, split=split.name, key="deep")


def _too_few(view: View, options: Options, out: Collector) -> None:
    train = next((split for split in _splits(view) if split.name == "train"), None)
    if train and len(_classes(train)) < options["classes"]:
        message = f"only one class, {_classes(train)[0]!r}" if _classes(train) else "no class at all"
        out.add(Severity.ERROR, f"{message}: whatever the picture, the answer is the same", train.folder, split="train")


RULES = (
    Rule(
        id="C531",
        name="class-folders-differ",
        tasks="c",
        needs=(Need.LISTING,),
        what="The class folders of a split are not those of train.",
        why="Each split numbers its own folders, so from the first difference on every index means another class.",
        fix="Give every split the same class folders, with the same spelling.",
        bad="train/cat, train/dog and val/Cat, val/dog",
        good="train/cat, train/dog and val/cat, val/dog",
        cases={
            Kind.CLASS_ORDER_SHIFTS: Case(
                Consequence.HARMS,
                "not the classes of train (only here: {only}; missing here: {lacking}), so indexes shift",
            ),
            Kind.CLASS_COUNT_DIFFERS: Case(
                Consequence.CHANGES, "images lie in {found} folders, train has {expected} classes"
            ),
        },
        check=_folders_differ,
    ),
    Rule(
        id="C532",
        name="class-folder-empty",
        tasks="c",
        needs=(Need.LISTING,),
        what="A class folder holds no image.",
        why="Older loaders stop; a loader that goes on has a class without a single example.",
        fix="Add images or remove the folder from every split.",
        bad="train/cat with nothing but notes.txt",
        good="train/cat/001.jpg",
        cases={Kind.CLASS_FOLDER_EMPTY: Case(Consequence.REJECTS, "the class folder {name} holds no image")},
        check=_empty_folder,
    ),
    Rule(
        id="C533",
        name="image-outside-class",
        tasks="c",
        needs=(Need.LISTING,),
        what="An image does not lie directly in a class folder.",
        why="The folder is the label: without one the image is never trained on; loaders differ in how deep they look.",
        fix="Sort the images into one folder per class, without folders below.",
        bad="train/001.jpg",
        good="train/cat/001.jpg",
        cases={
            Kind.NO_CLASS_FOLDER: Case(
                Consequence.REJECTS, "{count} images but no class folder: nothing tells what they show", Severity.ERROR
            )
        },
        check=_outside,
    ),
    Rule(
        id="C534",
        name="too-few-classes",
        tasks="c",
        needs=(Need.LISTING,),
        what="Train has fewer than two class folders.",
        why="With one answer there is nothing to learn: the accuracy is 100 % and means nothing.",
        fix="Add a folder for what is not of the class, or check with the task that fits the data.",
        bad="train/cat alone",
        good="train/cat and train/other",
        source="A classifier needs two answers.",
        options={"classes": Option(2, "least number of class folders in train")},
        check=_too_few,
    ),
)
