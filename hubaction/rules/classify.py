"""Family C: class folders."""

from __future__ import annotations

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence
from hubaction.rules.rule import Case, Need, Rule

RULES = (
    Rule(
        id="C531",
        name="class-folders-differ",
        tasks="c",
        needs=(Need.LISTING,),
        what="The class folders of a split are not those of train.",
        why="Each split numbers its own folders, so from the first difference on every index means another class.",
        fix="Give every split the same class folders, with the same spelling.",
        bad="",
        good="",
        cases={
            Kind.CLASS_ORDER_SHIFTS: Case(
                Consequence.HARMS,
                "not the classes of train (only here: {only}; missing here: {lacking}), so indexes shift",
            ),
            Kind.CLASS_COUNT_DIFFERS: Case(
                Consequence.CHANGES, "images lie in {found} folders, train has {expected} classes"
            ),
        },
    ),
    Rule(
        id="C532",
        name="class-folder-empty",
        tasks="c",
        needs=(Need.LISTING,),
        what="A class folder holds no image.",
        why="The former check stops; a loader that goes on has a class without a single example.",
        fix="Add images or remove the folder from every split.",
        bad="",
        good="",
        cases={Kind.CLASS_FOLDER_EMPTY: Case(Consequence.REJECTS, "the class folder {name} holds no image")},
    ),
    Rule(
        id="C533",
        name="image-outside-class",
        tasks="c",
        needs=(Need.LISTING,),
        what="Images lie in a split without any class folder.",
        why="The folder is the label: without one there is nothing to learn.",
        fix="Sort the images into one folder per class.",
        bad="",
        good="",
        cases={Kind.NO_CLASS_FOLDER: Case(Consequence.REJECTS, "{count} images but no class folder")},
    ),
)
