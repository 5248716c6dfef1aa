"""Family V, the part about how classes and images are spread over splits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubaction.report.finding import Severity
from hubaction.rules.classcounts import class_counts, listed, where_key
from hubaction.rules.collector import Collector
from hubaction.rules.engine import enough_valid_labels
from hubaction.rules.rule import Need, Option, Options, Rule
from hubaction.rules.view import SplitView, View

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _class_missing(view: View, options: Options, out: Collector) -> None:
    train = view.splits.get("train")
    others = [split for name, split in view.splits.items() if name != "train"]
    if train is None or not others:
        out.not_run = "there are no two splits to compare"
        return
    if not enough_valid_labels(view, out):
        return
    trained = class_counts(view, train)
    for split in others:
        counts = class_counts(view, split)
        if not counts.any() or not trained.any():
            continue  # P705 and P706 speak of splits without objects
        _report_unseen(view, split, np.flatnonzero((counts > 0) & (trained == 0)), counts, options["share"], out)
        if split.name == "val":
            _report_untested(view, split, np.flatnonzero((counts == 0) & (trained > 0)), out)


def _report_unseen(
    view: View,
    split: SplitView,
    unseen: NDArray[np.int64],
    counts: NDArray[np.int64],
    most: float,
    out: Collector,
) -> None:
    if not len(unseen):
        return
    names = [view.names[index] for index in unseen.tolist()]
    number, total = int(counts[unseen].sum()), int(counts.sum())
    message = (
        f"classes of '{split.name}' that 'train' does not have: {listed(names)} ({number:,} of {total:,} objects); "
    )
    message += "they are asked for in the metrics and never learnt"
    level = Severity.ERROR if number > most * total else Severity.WARNING
    path, line = where_key(view, split.name)
    out.add(level, message, path, line=line, split=split.name, key=" ".join(names), small=Severity.NOTE)


def _report_untested(view: View, split: SplitView, untested: NDArray[np.int64], out: Collector) -> None:
    if not len(untested):
        return
    names = [view.names[index] for index in untested.tolist()]
    message = (
        f"classes of 'train' without an object in '{split.name}': {listed(names)}; the metrics say nothing of them"
    )
    path, line = where_key(view, split.name)
    out.add(Severity.WARNING, message, path, line=line, split=split.name, key=" ".join(names), small=Severity.NOTE)


def _split_size(view: View, options: Options, out: Collector) -> None:
    if "train" not in view.splits or "val" not in view.splits:
        out.not_run = "there are no train and val splits to compare"
        return
    train, val = len(view.splits["train"].images), len(view.splits["val"].images)
    share = val / max(1, train + val)
    if options["least"] <= share <= options["most"]:
        return
    effect = "metrics vary by chance" if share < options["least"] else "most of the images train nothing"
    message = f"'val' has {val:,} images and 'train' {train:,}, which is {share:.1%} of both for 'val'; {effect}"
    path, line = where_key(view, "val")
    out.add(Severity.WARNING, message, path, line=line, split="val", key="val", small=Severity.NOTE)


def _drift(view: View, options: Options, out: Collector) -> None:
    if not enough_valid_labels(view, out):
        return
    train = view.splits.get("train")
    for split in view.splits.values():
        if train is None or split is train:
            continue
        ours, theirs = class_counts(view, train), class_counts(view, split)
        if min(ours.sum(), theirs.sum()) < max(1, options["objects"]):
            out.not_run = f"'train' or '{split.name}' has fewer than {options['objects']:g} objects"
            continue
        _report_class_drift(view, split, ours, theirs, options["classes"], out)
        if view.task != "classify":
            _report_area_drift(view, train, split, options["areas"], out)


def _report_class_drift(
    view: View,
    split: SplitView,
    ours: NDArray[np.int64],
    theirs: NDArray[np.int64],
    most: float,
    out: Collector,
) -> None:
    drift = cramers_v(ours, theirs)
    if drift <= most:
        return
    before, now = ours / ours.sum(), theirs / theirs.sum()
    index = int(np.argmax(np.abs(now - before)))
    message = f"classes are spread otherwise than in 'train' (Cramer's V {drift:.2f}): '{view.names[index]}' has "
    message += (
        f"{now[index]:.0%} of the objects and {before[index]:.0%} in 'train'; metrics do not tell what was learnt"
    )
    path, line = where_key(view, split.name)
    out.add(Severity.WARNING, message, path, line=line, split=split.name, key="classes", small=Severity.NOTE)


def _report_area_drift(view: View, train: SplitView, split: SplitView, most: float, out: Collector) -> None:
    before, now = _areas(train), _areas(split)
    drift = kolmogorov_smirnov(before, now)
    if drift <= most:
        return
    message = (
        f"objects have other sizes than in 'train' (Kolmogorov-Smirnov {drift:.2f}): half of them cover more than "
    )
    message += (
        f"{np.median(now):.2%} of the image, {np.median(before):.2%} in 'train'; metrics do not tell what was learnt"
    )
    path, line = where_key(view, split.name)
    out.add(Severity.WARNING, message, path, line=line, split=split.name, key="areas", small=Severity.NOTE)


def _areas(split: SplitView) -> NDArray[np.float64]:
    box = split.rows.box[split.rows.usable]
    return np.asarray(box[:, 2] * box[:, 3])


def cramers_v(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Association of class and split, 0 to 1, from the counts of each class; corrected for the bias that many classes
    bring (Bergsma 2013).
    """
    table = np.stack([a, b]).astype(float)
    table = table[:, table.sum(axis=0) > 0]
    total, classes = table.sum(), table.shape[1]
    if classes < 2:
        return 0.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / total
    phi2 = ((table - expected) ** 2 / expected).sum() / total
    phi2 = max(0.0, phi2 - (classes - 1) / (total - 1))
    rows = 2 - 1 / (total - 1)
    columns = classes - (classes - 1) ** 2 / (total - 1)
    return float((phi2 / max(1e-12, min(rows - 1, columns - 1))) ** 0.5)


def kolmogorov_smirnov(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Largest distance between the distribution functions of two samples, 0 to 1."""
    if not len(a) or not len(b):
        return 0.0
    every = np.concatenate([a, b])
    order = np.argsort(every)
    steps = np.where(order < len(a), len(b), -len(a))
    last_of_equals = np.append(np.diff(every[order]) > 0, True)
    return float(np.abs(np.cumsum(steps)[last_of_equals]).max() / (len(a) * len(b)))


RULES: tuple[Rule, ...] = (
    Rule(
        id="V807",
        name="class-missing-in-split",
        tasks="dspo",
        needs=(Need.TEXT, Need.CROSS),
        what="A class occurs in val or test but not in train, or in train but not in val.",
        why="What is not in train cannot be learnt, what is not in val cannot be measured.",
        fix="Split the images anew so that every class is in every split.",
        bad="'zebra' in val only",
        good="'zebra' in train and val",
        source="0.5 %: NewLabels of Deepchecks. coco8 has 80 classes on 8 images, so small sets are only told. Class "
        "folders are C531's.",
        options={
            "share": Option(
                0.005, "share of the split's objects with classes that train lacks, from which on it is an error"
            )
        },
        check=_class_missing,
    ),
    Rule(
        id="V808",
        name="split-size",
        tasks="dspoc",
        needs=(Need.LISTING,),
        what="The validation split is very small or larger than the training split.",
        why="With few images metrics vary by chance; with many, images are missing where they would train.",
        fix="Split anew; 10 to 20 % for validation is usual.",
        bad="990 images in train, 10 in val",
        good="900 images in train, 100 in val",
        source="yolov5#6483.",
        options={
            "least": Option(0.05, "least share of val in train and val"),
            "most": Option(0.5, "largest share of val in train and val"),
        },
        check=_split_size,
    ),
    Rule(
        id="V809",
        name="split-drift",
        tasks="dspoc",
        needs=(Need.TEXT, Need.CROSS),
        what="Classes or object sizes are spread otherwise in val or test than in train.",
        why="The metrics then describe other data than the model was trained on.",
        fix="Shuffle before splitting, by scene or source rather than by date; or accept it knowingly.",
        bad="80 % 'car' in train, 30 % 'car' in val",
        good="80 % 'car' in train, 78 % 'car' in val",
        source="Deepchecks: Cramer's V with Bergsma's correction and Kolmogorov-Smirnov above 0.15.",
        options={
            "classes": Option(0.15, "largest Cramer's V of class and split"),
            "areas": Option(0.15, "largest Kolmogorov-Smirnov distance of box areas"),
            "objects": Option(200, "fewest objects of each split"),
        },
        check=_drift,
    ),
)
