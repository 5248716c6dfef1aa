"""Family P: images and their labels."""

from __future__ import annotations

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence
from hubaction.rules.rule import Case, Need, Rule

RULES = (
    Rule(
        id="P705",
        name="split-unlabelled",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="A split with images has no label file at all.",
        why="The loader stops.",
        fix="Put the labels where images/ is replaced by labels/ in each path, with the suffix .txt.",
        bad="",
        good="",
        cases={
            Kind.SPLIT_UNLABELLED: Case(
                Consequence.REJECTS, "none of the {images} images of '{split}' has a label file, or none can be read"
            )
        },
    ),
    Rule(
        id="P706",
        name="backgrounds",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="Images without objects.",
        why="They count as background; a label file that is missing by mistake looks the same.",
        fix="Give a background image an empty label file, so that a missing one is a mistake.",
        bad="",
        good="",
        cases={
            Kind.LABEL_MISSING: Case(
                Consequence.NOTE,
                "no label file at {label}, so it counts as background (images of '{split}' like this: {count})",
            ),
            Kind.SPLIT_ALL_BACKGROUND: Case(Consequence.CHANGES, "no image of '{split}' has an object"),
        },
    ),
    Rule(
        id="P707",
        name="list-entry-bad",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="An image list names something that is not there.",
        why="The loader skips it or stops.",
        fix="Correct the path; it is relative to the list's folder.",
        bad="",
        good="",
        cases={Kind.LIST_ENTRY_MISSING: Case(Consequence.HARMS, "{value} is not in the dataset")},
    ),
)
