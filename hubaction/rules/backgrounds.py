"""Family P, the part about images without objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules.classcounts import where_key
from hubaction.rules.collector import Collector
from hubaction.rules.rule import Case, Need, Option, Options, Rule
from hubaction.rules.view import SplitView, View

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _split_unlabelled(view: View, _: Options, out: Collector) -> None:
    for split in view.splits.values():
        if split.images and not split.has_label.any():
            path, line = where_key(view, split.name)
            test = split.name == "test"
            effect = "a test run fails on it" if test else "training stops"
            message = (
                f"none of the {len(split.images):,} images of '{split.name}' has a label file; {effect}. The loader "
            )
            message += f"looks for {split.labels[0] or 'a path outside the dataset'} and so on"
            level = Severity.WARNING if test else Severity.ERROR
            out.add(level, message, path, line=line, split=split.name, key=split.name)


def _backgrounds(view: View, options: Options, out: Collector) -> None:
    for split in view.splits.values():
        if not split.has_label.any():
            continue  # P705 has said it
        missing, empty = _without_objects(view, split)
        readable = sum(1 for facts in split.facts if facts.usable)
        if readable and len(missing) + len(empty) == readable and split.name != "test":
            _report_all(view, split, readable, out)
            continue
        many = split.name == "train" and len(missing) + len(empty) > options["share"] * readable
        level, more = Severity.NOTE, ""
        if many:
            level, more = (
                Severity.WARNING,
                f"; images without objects are {(len(missing) + len(empty)) / readable:.0%} of it",
            )
        for what, images, paths in (("missing", missing, split.images), ("empty", empty, split.labels)):
            if len(images):
                counts = f"{what} label files in '{split.name}': {len(images):,} of {readable:,}"
                message = f"{counts}, this is the first{more}; training takes the images as background"
                path = paths[int(images[0])]
                out.add(level, message, path, split=split.name, key=what, small=Severity.NOTE)


def _without_objects(view: View, split: SplitView) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Readable images whose label file is missing, and those whose label file has no row at all."""
    readable = np.array([facts.usable for facts in split.facts], dtype=bool)
    rows = np.bincount(split.rows.image, minlength=len(split.images))
    unread = np.zeros(len(split.images), dtype=bool)
    unread[[problem.file for problem in split.problems]] = True
    missing = np.flatnonzero(readable & ~split.has_label)
    missing = missing[[split.labels[image] not in view.folders for image in missing.tolist()]]
    return missing, np.flatnonzero(readable & split.has_label & ~unread & (rows == 0))


def _report_all(view: View, split: SplitView, images: int, out: Collector) -> None:
    path, line = where_key(view, split.name)
    effect = "there is nothing to learn from" if split.name == "train" else "every metric is 0"
    message = f"not one of the {images:,} images of '{split.name}' has an object, though label files exist; {effect}"
    out.add(Severity.ERROR, message, path, line=line, split=split.name, key="all")


RULES: tuple[Rule, ...] = (
    Rule(
        id="P705",
        name="split-unlabelled",
        tasks="dspo",
        needs=(Need.LISTING,),
        what="A split with images has no label file at all.",
        why="The loader finds nothing to train on and stops.",
        fix="Put the labels where images/ is replaced by labels/ in each path, with the suffix .txt.",
        bad="images/val/a.jpg and annotations/val/a.txt",
        good="images/val/a.jpg and labels/val/a.txt",
        source="The loader's own check. Test splits are not read in training, so they only warn.",
        cases={
            Kind.SPLIT_UNLABELLED: Case(
                Consequence.REJECTS, "none of the {images} images of '{split}' has a label file, or none can be read"
            )
        },
        check=_split_unlabelled,
    ),
    Rule(
        id="P706",
        name="backgrounds",
        tasks="dspo",
        needs=(Need.LISTING, Need.TEXT),
        what="Images without objects: their label file is missing or empty.",
        why="They count as background. A few help against false alarms; one missing by mistake looks the same and "
        "teaches that nothing is there.",
        fix="Give a background image an empty label file, so that a missing one is a mistake.",
        bad="images/train/a.jpg without labels/train/a.txt",
        good="images/train/a.jpg with an empty labels/train/a.txt",
        source="0 to 10 % of train: YOLOv5's tips (yolov5#6281).",
        options={"share": Option(0.1, "share of train's images without objects that must be exceeded to warn")},
        cases={
            Kind.LABEL_MISSING: Case(
                Consequence.NOTE,
                "no label file at {label}, so it counts as background (images of '{split}' like this: {count})",
            ),
            Kind.SPLIT_ALL_BACKGROUND: Case(Consequence.CHANGES, "no image of '{split}' has an object"),
        },
        check=_backgrounds,
    ),
)
