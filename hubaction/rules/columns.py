"""Family L, the part about columns: how many numbers a row has, and whether boxes and polygons are mixed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.defects import Kind
from hubaction.dataset.labels import NoteKind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules.collector import Collector
from hubaction.rules.notes import DROPPED, notes, report_note
from hubaction.rules.rule import Case, Need, Options, Repair, Rule
from hubaction.rules.view import SplitView, View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.dataset.rows import Rows


def _column_count(view: View, _: Options, out: Collector) -> None:
    if view.task == "pose" and not view.keypoints.columns:
        out.not_run = "kpt_shape is missing or invalid, so the number of columns is not known"
        return
    for split in view.splits.values():
        rows = split.rows
        posed = (rows.count == view.pose_columns) if view.task == "detect" else np.zeros(len(rows), dtype=bool)
        wrong = np.flatnonzero((~rows.fits & (rows.count > 0) | posed) & rows.finite)
        posed = posed[wrong]
        out.add_rows(split, wrong[~posed], Severity.ERROR, partial(_columns_message, view, rows))
        out.add_rows(split, wrong[posed], Severity.WARNING, partial(_posed_message, rows))
    for split, note in notes(view, NoteKind.BLANK_ROW):
        lines = f" ({note.count} such lines)" if note.count > 1 else ""
        message = f"a line of blanks between rows{lines}; loaders up to 8.4.114 drop the whole image"
        report_note(split, note, Severity.WARNING, message, out)


def _posed_message(rows: Rows, row: int) -> str:
    return f"{rows.count[row]} columns, a box with keypoints: today's loader keeps the box, older ones drop the image"


def _columns_message(view: View, rows: Rows, row: int) -> str:
    expected = {
        "detect": "a box has 5",
        "segment": "a polygon has a class and three or more x y pairs",
        "obb": "an oriented box has 9",
        "pose": f"kpt_shape asks for {5 + view.keypoints.columns}",
    }[view.task]
    columns = "1 column" if rows.count[row] == 1 else f"{rows.count[row]} columns"
    return f"{columns}, but {expected}{_column_hint(view, rows, row)}{DROPPED}"


def _column_hint(view: View, rows: Rows, row: int) -> str:
    """What the row probably is."""
    task, count = view.task, int(rows.count[row])
    if task == "pose":
        return _keypoint_hint(count, view)
    if task == "obb" and count == 6:
        return " (is this x y width height angle?)"
    if count == 6 and 0 <= rows.values[rows.starts[row + 1] - 1] <= 1:
        return " (is the sixth a confidence?)"
    if task == "detect" and count == 10:
        return " (are the last five attributes?)"
    return " (an x without a y)" if count > 6 and count % 2 == 0 else ""


def _keypoint_hint(count: int, view: View) -> str:
    if count == 5:
        return " (a box without keypoints)"
    if count > 5 and (count - 5) % view.keypoints.dims == 0:
        return f" ({(count - 5) // view.keypoints.dims} keypoints instead of {view.keypoints.count})"
    return ""


def _files_with_both(rows: Rows) -> NDArray[np.bool_]:
    """bool (images,): files with boxes and polygons, which the loader reads as polygons altogether."""
    files = int(rows.image[-1]) + 1 if len(rows) else 0
    boxes = np.bincount(rows.image[rows.usable & rows.is_box], minlength=files)
    return np.asarray((boxes > 0) & (np.bincount(rows.image[rows.polygon_rows], minlength=files) > 0))


def _mixed_rows(view: View, _: Options, out: Collector) -> None:
    for split in view.splits.values():
        rows = split.rows
        if not len(rows.polygon_rows):
            continue
        mixed = np.flatnonzero(_files_with_both(rows)[rows.image] & rows.usable)
        starts = np.flatnonzero(np.diff(rows.image[mixed], prepend=-1))
        for start, stop in zip(starts, np.append(starts[1:], len(mixed)), strict=False):
            _report_mixed_file(split, mixed[start:stop], out)


def _report_mixed_file(split: SplitView, rows: NDArray[np.int64], out: Collector) -> None:
    """Points at the first row of the rarer kind."""
    boxes, polygons = rows[split.rows.is_box[rows]], rows[~split.rows.is_box[rows]]
    row = int((boxes if len(boxes) <= len(polygons) else polygons)[0])
    counts = f"box rows: {len(boxes)}, polygon rows: {len(polygons)}"
    message = (
        f"boxes and polygons in one file ({counts}); old loaders read x y w h as two corners, today's drop the image"
    )
    path, line = split.labels[int(split.rows.image[row])], int(split.rows.line[row])
    out.add(Severity.ERROR, message, path, line=line, split=split.name, key="mixed")


def _mixed_kinds(view: View, _: Options, out: Collector) -> None:
    for split in view.splits.values():
        rows = split.rows
        alone = rows.usable & ~_files_with_both(rows)[rows.image]
        boxes = np.flatnonzero(alone & rows.is_box)
        polygons = np.flatnonzero(alone & rows.is_polygon & (rows.count != view.pose_columns))
        if view.task == "detect":
            _report_polygons(split, boxes, polygons, out)
        elif len(boxes):
            _report_boxes(view.task, split, boxes, polygons, out)


def _report_polygons(split: SplitView, boxes: NDArray[np.int64], polygons: NDArray[np.int64], out: Collector) -> None:
    """Detection makes boxes of polygons, so they are only odd among boxes."""
    if not len(polygons):
        return
    share = f"{len(polygons):,} of {len(boxes) + len(polygons):,} objects of '{split.name}' are polygons"
    if len(boxes):
        row, level, message = polygons[0], Severity.WARNING, f"{share}; the loader throws their outlines away"
    else:
        row, level, message = (
            polygons[0],
            Severity.NOTE,
            f"all objects of '{split.name}' are polygons; boxes are made of them",
        )
    path, line = split.labels[int(split.rows.image[row])], int(split.rows.line[row])
    out.add(level, message, path, line=line, split=split.name, key=f"polygons {split.name}")


def _report_boxes(
    task: str, split: SplitView, boxes: NDArray[np.int64], polygons: NDArray[np.int64], out: Collector
) -> None:
    total = len(boxes) + len(polygons)
    if len(polygons):
        message = f"a box of 5 columns; with {len(boxes):,} of {total:,} objects of '{split.name}' like it, the loader "
        message += "stops or discards every polygon"
        firsts = boxes[np.diff(split.rows.image[boxes], prepend=-1) > 0]
        out.add_rows(split, firsts, Severity.ERROR, lambda _row: message)
        return
    path, line = split.labels[int(split.rows.image[boxes[0]])], int(split.rows.line[boxes[0]])
    message = f"all {total:,} objects of '{split.name}' are boxes of 5 columns; a run of task {task} fails on them"
    out.add(Severity.ERROR, message, path, line=line, split=split.name, key=f"boxes {split.name}")


RULES = (
    Rule(
        id="L303",
        name="column-count",
        tasks="dspo",
        needs=(Need.TEXT, Need.YAML),
        what="A label row does not have the number of columns that the task needs.",
        why="The loader drops the whole image, not only the row.",
        fix="detect: class x y w h. segment and obb: class and x y pairs. pose: class x y w h and all keypoints.",
        bad="0 0.50 0.50 0.20 0.30 0.97",
        good="0 0.50 0.50 0.20 0.30",
        source="Columns by task as the loader of ultralytics 8.4 asserts them; the hints from ultralytics#16165.",
        repair=Repair.UNSAFE,
        cases={
            Kind.COLUMN_COUNT: Case(
                Consequence.DROPS, "{found} columns instead of {expected}; the whole image is dropped{more}"
            ),
            Kind.POLYGON_COLUMNS: Case(
                Consequence.DROPS,
                "{found} columns are not a class and x y pairs; the whole image is dropped{more}",
            ),
        },
        check=_column_count,
    ),
    Rule(
        id="L304",
        name="mixed-rows-in-file",
        tasks="dso",
        needs=(Need.TEXT,),
        what="A file mixes box rows of five columns with polygon rows.",
        why="Old loaders read the box as a polygon of two points, so x y w h become two corners and the object lies "
        "elsewhere; today's loader drops the image.",
        fix="Write every object of the file as a polygon, or every one as a box.",
        bad="0 0.5 0.5 0.2 0.3, and below it 0 0.1 0.1 0.3 0.1 0.2 0.4",
        good="0 0.4 0.35 0.6 0.35 0.6 0.65 0.4 0.65, and below it 0 0.1 0.1 0.3 0.1 0.2 0.4",
        source="ultralytics#25657 and the check of 8.4.190.",
        repair=Repair.UNSAFE,
        cases={Kind.BOX_AMONG_POLYGONS: Case(Consequence.HARMS, "a box among polygons is read as two points{more}")},
        check=_mixed_rows,
    ),
    Rule(
        id="L305",
        name="mixed-kinds-in-set",
        tasks="dso",
        needs=(Need.TEXT, Need.CROSS),
        what="Some objects of the split are polygons and some boxes, or all are boxes where the task needs polygons.",
        why="segment and obb need polygons throughout: one box makes the loader stop or throw all polygons away. "
        "detect makes boxes of polygons.",
        fix="Label all objects the same way, or choose the task that fits them.",
        bad="a.txt: 0 0.5 0.5 0.2 0.3 and b.txt: 0 0.1 0.1 0.3 0.1 0.2 0.4",
        good="a.txt: 0 0.4 0.35 0.6 0.35 0.6 0.65 and b.txt: 0 0.1 0.1 0.3 0.1 0.2 0.4",
        source="ultralytics#1008: 2 boxes among 7,336 polygons.",
        repair=Repair.UNSAFE,
        cases={
            Kind.KINDS_MIXED: Case(
                Consequence.REJECTS, "{polygons} of {boxes} objects are polygons; here is the first file with boxes"
            ),
            Kind.POLYGONS_DISCARDED: Case(
                Consequence.DROPS,
                "only {polygons} of {boxes} objects are polygons, so all polygons of the split are discarded",
            ),
        },
        check=_mixed_kinds,
    ),
)
