"""Family L: the text of label files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.defects import Kind
from hubaction.dataset.labels import BOM, LabelProblem, NoteKind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules import columns, repeats
from hubaction.rules.collector import Collector
from hubaction.rules.notes import DROPPED, notes, report_note, report_problem
from hubaction.rules.rule import Case, Need, Options, Repair, Rule
from hubaction.rules.view import SplitView, View

if TYPE_CHECKING:
    from hubaction.dataset.rows import Rows


def _label_encoding(view: View, _: Options, out: Collector) -> None:
    for split in view.splits.values():
        for problem in split.problems:
            if about := _encoding_problem(problem):
                report_problem(split, problem, *about, out)
    for split, note in notes(view, NoteKind.EXOTIC_NEWLINE):
        message = f"{note.value} ends a line; loaders split there, most editors and tools do not"
        report_note(split, note, Severity.NOTE, message, out)


def _encoding_problem(problem: LabelProblem) -> tuple[Severity, str] | None:
    """Level and message, or None where the text itself is sound."""
    if problem.kind is Kind.LABEL_ENCODING:
        wide = problem.line == 1 and problem.value in {"byte 0xff", "byte 0xfe"}
        return Severity.ERROR, f"not UTF-8 ({problem.value}{', probably UTF-16' if wide else ''}){DROPPED}"
    if problem.kind is Kind.LABEL_TOO_LARGE:
        return Severity.ERROR, f"not read: {problem.value}"
    if problem.kind is not Kind.TOKEN_NOT_NUMBER:
        return None
    if "\0" in problem.value:
        return Severity.ERROR, f"a NUL byte stands in the text{DROPPED}"
    if problem.value.startswith(BOM):
        return Severity.WARNING, "begins with a byte order mark; loaders up to 8.4.114 drop the whole image"
    return None


def _token_not_number(view: View, _: Options, out: Collector) -> None:
    for split in view.splits.values():
        for problem in split.problems:
            if problem.kind is Kind.TOKEN_NOT_NUMBER and not _encoding_problem(problem):
                message = f"{problem.value!r} is not a number{_token_hint(view.task, problem)}{DROPPED}"
                report_problem(split, problem, Severity.ERROR, message, out)
        _report_not_finite(split, out)
    for split, note in notes(view, NoteKind.ODD_NUMBER):
        message = f"{note.value!r} is a number for Python's float() only; other readers refuse it"
        report_note(split, note, Severity.WARNING, message, out)
    for split, note in notes(view, NoteKind.EXOTIC_SPACE):
        message = f"{note.value} separates columns; readers that split at blanks and tabs see one long word"
        report_note(split, note, Severity.WARNING, message, out)


def _report_not_finite(split: SplitView, out: Collector) -> None:
    rows = split.rows

    def token(row: int) -> int:
        return int(np.argmin(np.isfinite(rows.values[rows.starts[row] : rows.starts[row + 1]])))

    def message(row: int) -> str:
        return f"{rows.values[rows.starts[row] + token(row)]} is not a finite number{DROPPED}"

    out.add_rows(split, np.flatnonzero(~rows.finite), Severity.ERROR, message, token)


def _token_hint(task: str, problem: LabelProblem) -> str:
    """What the token probably is."""
    word = problem.value
    if (problem.line, problem.column, word) == (1, 1, "version"):
        return " (is this a Git LFS pointer instead of the label?)"
    if word.startswith("#"):
        return " (label files have no comments)"
    if "," in word:
        return " (commas: columns are separated by blanks, decimals by a point)"
    if word.startswith("imagesource:") or (task == "obb" and (problem.column or 1) > 1 and word[:1].isalpha()):
        return " (DOTA's own format: ours begins with the class index and ends with the corners)"
    if problem.column == 1 and word[:1].isalpha():
        return " (a class is given by its index, not by its name)"
    return ""


def _class_invalid(view: View, _: Options, out: Collector) -> None:
    if not view.names:
        out.not_run = "data.yaml names no class to compare with"
        return
    hint = _one_based_hint(view)
    describe = partial(_class_message, len(view.names), hint)
    for split in view.splits.values():
        wrong = np.flatnonzero(split.rows.usable & (split.row_class < 0))
        out.add_rows(split, wrong, Severity.ERROR, partial(describe, split.rows), lambda _row: 0)
    for split, note in notes(view, NoteKind.CLASS_NOT_DIGITS):
        value = float(note.value) if len(note.value) < 40 else np.nan
        if value.is_integer() and 0 <= value < len(view.names):
            more = f" ({note.count} rows of this file)" if note.count > 1 else ""
            message = f"class {note.value} is not written as digits{more}; readers that expect an integer stop here"
            report_note(split, note, Severity.WARNING, message, out)


def _one_based_hint(view: View) -> str:
    """Labels that use 1 to n, never 0, begin to count at 1."""
    classes = [split.rows.cls[split.rows.usable] for split in view.splits.values()]
    every = np.concatenate([np.zeros(0), *classes])
    counts_from_one = len(every) and every.min() == 1 and every.max() == len(view.names)
    return "; no row has class 0, so these labels may count from 1" if counts_from_one else ""


def _class_message(classes: int, hint: str, rows: Rows, row: int) -> str:
    value = float(rows.cls[row])
    if value < 0:
        return f"class {value:g} is negative{DROPPED}"
    if value < classes:
        return f"class {value:.12g} is not a whole number; older loaders cut it to {int(value)}, today's drop the image"
    last = f"0 to {classes - 1}" if classes > 1 else "only 0"
    return f"class {value:.12g}, but the dataset has {classes} ({last}){hint}{DROPPED}"


RULES = (
    Rule(
        id="L301",
        name="label-encoding",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="A label file is not plain UTF-8 text of a reasonable size.",
        why="The loader drops the whole image. A folder in the file's place makes the image a background.",
        fix="Export the labels again as UTF-8 text without a byte order mark, one row a line.",
        bad="a.txt saved by a Windows editor as UTF-16",
        good="a.txt saved as UTF-8",
        source="Older loaders read strict UTF-8 and keep the mark; today's skip it (yolov5#1669, #13462).",
        repair=Repair.SAFE,
        cases={
            Kind.LABEL_ENCODING: Case(Consequence.DROPS, "not UTF-8 ({value}); the whole image is dropped"),
            Kind.LABEL_TOO_LARGE: Case(Consequence.DROPS, "not read: {value}"),
            Kind.LABEL_IS_FOLDER: Case(
                Consequence.DOUBTFUL,
                "a folder lies where the label file should be, so the image counts as background",
                Severity.WARNING,
            ),
        },
        check=_label_encoding,
    ),
    Rule(
        id="L302",
        name="token-not-number",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="A value in a label row is not a finite number, or is written so that only some readers take it.",
        why="The loader drops the whole image, not only the row.",
        fix="Write class and coordinates as plain numbers with a decimal point, separated by blanks.",
        bad="0 0,50 0,50 0,20 0,30",
        good="0 0.50 0.50 0.20 0.30",
        source="Python's float() decides for the loader; a plain number is [+-]digits[.digits][e[+-]digits] in ASCII.",
        repair=Repair.UNSAFE,
        cases={
            Kind.TOKEN_NOT_NUMBER: Case(Consequence.DROPS, "{value!r} is not a number; the whole image is dropped"),
            Kind.VALUE_NOT_FINITE: Case(
                Consequence.DROPS, "{value} is not a finite number; the whole image is dropped"
            ),
        },
        check=_token_not_number,
    ),
    *columns.RULES,
    Rule(
        id="L306",
        name="class-invalid",
        tasks="dspo",
        needs=(Need.TEXT, Need.YAML),
        what="The class index is not one of the dataset's classes.",
        why="The loader drops the whole image, not only the row.",
        fix="Correct the index, or add the class to 'names' in data.yaml.",
        bad="80 0.50 0.50 0.20 0.30, with 80 classes",
        good="79 0.50 0.50 0.20 0.30, with 80 classes",
        source="The loader's own check; yolov5#4370 and #7761.",
        repair=Repair.SAFE,
        cases={
            Kind.CLASS_TOO_LARGE: Case(
                Consequence.DROPS,
                "class {value}, but there are {classes} classes, counted from 0; the whole image is dropped",
            ),
            Kind.CLASS_NEGATIVE: Case(Consequence.DROPS, "class {value} is negative; the whole image is dropped"),
        },
        check=_class_invalid,
    ),
    *repeats.RULES,
)
