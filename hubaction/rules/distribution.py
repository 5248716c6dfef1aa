"""Family D: how classes are spread."""

from __future__ import annotations

import numpy as np

from hubaction.report.finding import Severity
from hubaction.rules.classcounts import class_counts, where_class
from hubaction.rules.collector import Collector
from hubaction.rules.engine import enough_valid_labels
from hubaction.rules.rule import Need, Option, Options, Rule
from hubaction.rules.view import View


def _class_unused(view: View, _: Options, out: Collector) -> None:
    if not enough_valid_labels(view, out) or not view.splits:
        return
    counts = sum(class_counts(view, split) for split in view.splits.values())
    for index in np.flatnonzero(counts == 0).tolist():
        path, line = where_class(view, index)
        message = f"class '{view.names[index]}' has no object in any split; the model gets an output that never learns"
        out.add(Severity.WARNING, message, path, line=line, key=view.names[index], small=Severity.NOTE)


def _class_scarce(view: View, options: Options, out: Collector) -> None:
    train = view.splits.get("train")
    if train is None:
        out.not_run = "there is no train split"
        return
    if not enough_valid_labels(view, out):
        return
    what = "images" if view.task == "classify" else "objects"
    counts = class_counts(view, train)
    for index in np.flatnonzero((counts > 0) & (counts < options["note"])).tolist():
        few = counts[index] < options["warning"]
        path, line = where_class(view, index)
        message = f"class '{view.names[index]}': {what} in 'train': {counts[index]}; "
        message += (
            "too few to learn it from" if few else "some 1,500 images and 10,000 objects a class are the usual advice"
        )
        level = Severity.WARNING if few else Severity.NOTE
        out.add(level, message, path, line=line, split="train", key=view.names[index], small=Severity.NOTE)


def _imbalance(view: View, options: Options, out: Collector) -> None:
    train = view.splits.get("train")
    if train is None:
        out.not_run = "there is no train split"
        return
    if not enough_valid_labels(view, out):
        return
    counts = class_counts(view, train)
    used = np.flatnonzero(counts)
    if not len(used):
        return
    most, least = int(used[np.argmax(counts[used])]), int(used[np.argmin(counts[used])])
    ratio = counts[most] / counts[least]
    if ratio >= options["ratio"]:
        path, line = where_class(view, least)
        message = (
            f"'{view.names[most]}' occurs {ratio:,.0f} times as often as '{view.names[least]}' ({counts[most]:,} and "
        )
        message += f"{counts[least]:,} in 'train'); training favours the frequent one"
        out.add(Severity.NOTE, message, path, line=line, split="train", key="imbalance")


RULES: tuple[Rule, ...] = (
    Rule(
        id="D851",
        name="class-unused",
        tasks="dspo",
        needs=(Need.TEXT, Need.YAML),
        what="A class is defined, but no object of any split has it.",
        why="The model gets an output that never learns anything, and metrics average over a class that is not there.",
        fix="Remove the class and renumber the labels, or add objects of it.",
        bad="names: {0: cat, 1: dog}, and every label row begins with 0",
        good="names: {0: cat}",
        source="Datumaro's UndefinedLabel turned round. Class folders without images are C532's.",
        check=_class_unused,
    ),
    Rule(
        id="D852",
        name="class-scarce",
        tasks="dspoc",
        needs=(Need.TEXT, Need.YAML),
        what="A class has very few objects (classify: images) to train on.",
        why="A handful of objects is learnt by heart; the class fails on anything new.",
        fix="Add images of the class, or merge it with a similar one.",
        bad="3 objects of 'cat' in train",
        good="1,000 objects of 'cat' in train",
        source="Datumaro warns at 1; YOLOv5's tips ask for 1,500 images and 10,000 objects a class.",
        options={
            "warning": Option(10, "objects of a class in train below which to warn"),
            "note": Option(100, "objects of a class in train below which to note it"),
        },
        check=_class_scarce,
    ),
    Rule(
        id="D853",
        name="imbalance",
        tasks="dspoc",
        needs=(Need.TEXT, Need.YAML),
        what="The most frequent class has many times as many objects as the rarest.",
        why="Training sees the rare class so seldom that it may do without it.",
        fix="Add images of the rare class, or weigh or repeat its images.",
        bad="5,000 objects of 'person', 40 of 'cat'",
        good="5,000 objects of 'person', 900 of 'cat'",
        source="50: Datumaro (cvflow has 100).",
        options={"ratio": Option(50, "most frequent by rarest class in train")},
        check=_imbalance,
    ),
)
