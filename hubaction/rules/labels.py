"""Families L and G: the text of label files, and the geometry in it."""

from __future__ import annotations

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence
from hubaction.rules.rule import Case, Rule

RULES = (
    Rule(
        id="L301",
        name="label-encoding",
        what="A label file is not plain UTF-8 text of a reasonable size.",
        why="The loader drops the whole image.",
        fix="Export the labels again as UTF-8 text.",
        cases={
            Kind.LABEL_ENCODING: Case(Consequence.DROPS, "not UTF-8 ({value}); the whole image is dropped"),
            Kind.LABEL_TOO_LARGE: Case(Consequence.DROPS, "not read: {value}"),
            Kind.LABEL_IS_FOLDER: Case(Consequence.DOUBTFUL, "a folder lies where the label file should be"),
        },
    ),
    Rule(
        id="L302",
        name="token-not-number",
        what="A value in a label row is not a finite number.",
        why="The loader drops the whole image, not only the row.",
        fix="Write class and coordinates as plain numbers with a decimal point, separated by blanks.",
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
        what="A label row does not have the number of columns that the task needs.",
        why="The loader drops the whole image, not only the row.",
        fix="detect: class x y w h. segment and obb: class and x y pairs. pose: class x y w h and all keypoints.",
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
        what="A file mixes box rows of five columns with polygon rows.",
        why="The old loader reads the box as a polygon of two points, so x y w h become two corners: another box.",
        fix="Write every object of the file as a polygon, or every one as a box.",
        cases={Kind.BOX_AMONG_POLYGONS: Case(Consequence.HARMS, "a box among polygons is read as two points{more}")},
    ),
    Rule(
        id="L305",
        name="mixed-kinds-in-set",
        what="Some objects of the split are polygons and some are boxes.",
        why="For segment the loader stops; otherwise it throws away every polygon of the split.",
        fix="Label all objects the same way, or choose the task that fits them.",
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
        what="The class index is not one of the dataset's classes.",
        why="The loader drops the whole image, not only the row.",
        fix="Correct the index, or add the class to 'names' in data.yaml.",
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
        what="The same object stands in the file more than once.",
        why="The loader removes repeats (of polygons: those with equal class and enclosing box).",
        fix="Delete the repeated rows.",
        cases={Kind.ROW_DUPLICATE: Case(Consequence.CHANGES, "repeats an earlier row{more}")},
    ),
    Rule(
        id="G401",
        name="not-normalised",
        what="A coordinate is larger than 1: it is not divided by the image's width or height.",
        why="The loader drops the whole image, not only the row.",
        fix="Divide x and w by the width, y and h by the height.",
        cases={Kind.NOT_NORMALISED: Case(Consequence.DROPS, "{value} is above 1.01; the whole image is dropped{more}")},
    ),
    Rule(
        id="G402",
        name="negative-value",
        what="A coordinate, width or height is negative.",
        why="Below -0.01 the loader drops the whole image.",
        fix="Clip the box to the image, or correct the export.",
        cases={
            Kind.NEGATIVE_VALUE: Case(Consequence.DROPS, "{value} is below -0.01; the whole image is dropped{more}")
        },
    ),
)
