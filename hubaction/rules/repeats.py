"""Family L, the part about objects that are there twice."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules.collector import Collector
from hubaction.rules.rule import Case, Need, Option, Options, Repair, Rule
from hubaction.rules.view import SplitView, View

if TYPE_CHECKING:
    from hubaction.dataset.rows import Rows

_IOU = {"iou": Option(0.95, "least intersection over union of the two objects, 0.5 to 1")}


def _duplicate_row(view: View, _: Options, out: Collector) -> None:
    for split in view.splits.values():
        out.add_rows(split, split.rows.repeats, Severity.WARNING, partial(_duplicate_message, split.rows))


@np.errstate(over="ignore", invalid="ignore")
def _duplicate_message(rows: Rows, row: int) -> str:
    other = rows.earlier(row)
    mine, theirs = (rows.values[rows.starts[at] : rows.starts[at + 1]] for at in (row, other))
    if np.array_equal(mine.astype(np.float32), theirs.astype(np.float32)):
        return f"repeats line {rows.line[other]}; the loader removes it"
    return f"has the class and enclosing box of line {rows.line[other]}; loaders up to 8.4.114 take it for a copy"


def _near_duplicate(view: View, options: Options, out: Collector) -> None:
    for split in view.splits.values():
        _report_pairs(split, options["iou"], out, same_class=True)


def _two_classes(view: View, options: Options, out: Collector) -> None:
    for split in view.splits.values():
        _report_pairs(split, options["iou"], out, same_class=False)


def _report_pairs(split: SplitView, iou: float, out: Collector, *, same_class: bool) -> None:
    """A fact for each object that lies on an earlier one."""
    rows = split.rows
    pairs = rows.overlapping(iou)
    if pairs.unfinished:
        out.not_run = f"images with thousands of objects in one place, compared in part: {pairs.unfinished}"
    kept = (rows.cls[pairs.first] == rows.cls[pairs.second]) == same_class
    first, second, overlap = pairs.first[kept], pairs.second[kept], pairs.iou[kept]
    later = second[np.diff(second, prepend=-1) > 0]

    def message(row: int) -> str:
        at = int(np.searchsorted(second, row))
        other = int(first[at])
        where = f"line {rows.line[other]} (IoU {overlap[at]:.3f})"
        if same_class:
            return f"nearly the same object as {where}; training counts it twice"
        return (
            f"class {rows.cls[row]:g}, yet the same place as class {rows.cls[other]:g} in {where}; one of them is wrong"
        )

    out.add_rows(split, later, Severity.WARNING, message, None if same_class else lambda _row: 0)


RULES = (
    Rule(
        id="L307",
        name="duplicate-row",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="The same object stands in the file more than once.",
        why="The loader removes repeats (the older ones: polygons with equal class and enclosing box as well).",
        fix="Delete the repeated rows.",
        bad="0 0.5 0.5 0.2 0.3, and the same row again",
        good="0 0.5 0.5 0.2 0.3, once",
        source="Equal after rounding to 32 bits, as the loader compares them.",
        repair=Repair.SAFE,
        cases={Kind.ROW_DUPLICATE: Case(Consequence.CHANGES, "repeats an earlier row{more}")},
        check=_duplicate_row,
    ),
    Rule(
        id="L308",
        name="near-duplicate-object",
        tasks="dso",
        needs=(Need.TEXT, Need.HEADER),
        what="Two objects of one class lie on each other almost completely.",
        why="One thing was labelled twice; training counts it twice and learns to predict two boxes for it.",
        fix="Delete one of the two rows.",
        bad="0 0.500 0.500 0.2 0.3, and 0 0.501 0.500 0.2 0.3",
        good="0 0.500 0.500 0.2 0.3",
        source="IoU 0.95: cvflow, ObjectLab. Polygons by their enclosing boxes, oriented boxes by their corners.",
        repair=Repair.UNSAFE,
        options=_IOU,
        check=_near_duplicate,
    ),
    Rule(
        id="L309",
        name="one-object-two-classes",
        tasks="dso",
        needs=(Need.TEXT, Need.HEADER),
        what="Two objects of different classes lie on each other almost completely.",
        why="One of the two labels is wrong, and training gets contradictory answers for one place.",
        fix="Decide which class it is and delete the other row; ignore the rule where things may have two classes.",
        bad="0 0.500 0.500 0.2 0.3, and 1 0.500 0.500 0.2 0.3",
        good="1 0.500 0.500 0.2 0.3",
        source="IoU 0.95 as in L308; no such case in the official examples.",
        options=_IOU,
        check=_two_classes,
    ),
)
