"""Family L: the text of label files."""

from __future__ import annotations

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence
from hubaction.rules.rule import Case, Need, Rule

RULES = (
    Rule(
        id="L301",
        name="label-encoding",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="A label file is not plain UTF-8 text of a reasonable size.",
        why="The loader drops the whole image.",
        fix="Export the labels again as UTF-8 text.",
        bad="",
        good="",
        cases={
            Kind.LABEL_ENCODING: Case(Consequence.DROPS, "not UTF-8 ({value}); the whole image is dropped"),
            Kind.LABEL_TOO_LARGE: Case(Consequence.DROPS, "not read: {value}"),
            Kind.LABEL_IS_FOLDER: Case(Consequence.DOUBTFUL, "a folder lies where the label file should be"),
        },
    ),
    Rule(
        id="L302",
        name="token-not-number",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="A value in a label row is not a finite number.",
        why="The loader drops the whole image, not only the row.",
        fix="Write class and coordinates as plain numbers with a decimal point, separated by blanks.",
        bad="",
        good="",
        cases={
            Kind.TOKEN_NOT_NUMBER: Case(Consequence.DROPS, "{value!r} is not a number; the whole image is dropped"),
            Kind.VALUE_NOT_FINITE: Case(
                Consequence.DROPS, "{value} is not a finite number; the whole image is dropped"
            ),
        },
    ),
    Rule(
        id="L303",
        name="column-count",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="A label row does not have the number of columns that the task needs.",
        why="The loader drops the whole image, not only the row.",
        fix="detect: class x y w h. segment and obb: class and x y pairs. pose: class x y w h and all keypoints.",
        bad="",
        good="",
        cases={
            Kind.COLUMN_COUNT: Case(
                Consequence.DROPS, "{found} columns instead of {expected}; the whole image is dropped{more}"
            ),
            Kind.POLYGON_COLUMNS: Case(
                Consequence.DROPS,
                "{found} columns are not a class and x y pairs; the whole image is dropped{more}",
            ),
        },
    ),
    Rule(
        id="L304",
        name="mixed-rows-in-file",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="A file mixes box rows of five columns with polygon rows.",
        why="The old loader reads the box as a polygon of two points, so x y w h become two corners: another box.",
        fix="Write every object of the file as a polygon, or every one as a box.",
        bad="",
        good="",
        cases={Kind.BOX_AMONG_POLYGONS: Case(Consequence.HARMS, "a box among polygons is read as two points{more}")},
    ),
    Rule(
        id="L305",
        name="mixed-kinds-in-set",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="Some objects of the split are polygons and some are boxes.",
        why="For segment the loader stops; otherwise it throws away every polygon of the split.",
        fix="Label all objects the same way, or choose the task that fits them.",
        bad="",
        good="",
        cases={
            Kind.KINDS_MIXED: Case(
                Consequence.REJECTS, "{polygons} of {boxes} objects are polygons; here is the first file with boxes"
            ),
            Kind.POLYGONS_DISCARDED: Case(
                Consequence.DROPS,
                "only {polygons} of {boxes} objects are polygons, so all polygons of the split are discarded",
            ),
        },
    ),
    Rule(
        id="L306",
        name="class-invalid",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="The class index is not one of the dataset's classes.",
        why="The loader drops the whole image, not only the row.",
        fix="Correct the index, or add the class to 'names' in data.yaml.",
        bad="",
        good="",
        cases={
            Kind.CLASS_TOO_LARGE: Case(
                Consequence.DROPS,
                "class {value}, but there are {classes} classes, counted from 0; the whole image is dropped",
            ),
            Kind.CLASS_NEGATIVE: Case(Consequence.DROPS, "class {value} is negative; the whole image is dropped"),
        },
    ),
    Rule(
        id="L307",
        name="duplicate-row",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="The same object stands in the file more than once.",
        why="The loader removes repeats (of polygons: those with equal class and enclosing box).",
        fix="Delete the repeated rows.",
        bad="",
        good="",
        cases={Kind.ROW_DUPLICATE: Case(Consequence.CHANGES, "repeats an earlier row{more}")},
    ),
)
