"""Fixers of family L: the text of label files, and which rows stand in it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator

from hubaction.repair.edits import Proposal
from hubaction.repair.labeltext import LabelText, Row, has_exotic_newlines, is_number, plain_newlines
from hubaction.repair.view import Label, View

Changes = dict[int, str | None]
Decide = Callable[[Label], tuple[Changes, str]]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NORMALISED = (-0.01, 1.01)  # coordinates that the loader takes


def each_label(view: View, decide: Decide) -> Iterator[Proposal]:
    """Ask for every label file which lines change (None: they go) and what is left alone, and propose that."""
    for label in view.labels():
        changes, left = decide(label)
        if changes:
            yield view.write(label.path, label.text.with_lines(changes), len(changes))
        if left:
            yield view.leave(label.path, left)


def encoding(view: View) -> Iterator[Proposal]:
    """L301: UTF-8 without a byte order mark, lines that end in LF.

    Proves that the bytes decode strictly and that the rows, split as loaders split them, are the same; of UTF-16 and
    UTF-32, which loaders cannot read at all, that every token is a number.
    """
    for path in view.owners:
        raw = view.read(path) if view.source.files[path].size <= view.limits.max_label_bytes else None
        if raw is None or LabelText.parse(raw) is not None:
            continue
        text = _decoded(raw)
        if text is None:
            yield view.leave(path, "its encoding is not known, or it holds more than numbers")
        else:
            new = plain_newlines(text).encode()
            codec = next((codec for bom, codec in _BOMS if raw.startswith(bom)), "utf-8")
            yield view.write(path, new, note=f"{codec} -> utf-8")


def _decoded(raw: bytes) -> str | None:
    codec = next((codec for bom, codec in _BOMS if raw.startswith(bom)), "utf-8")
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return None
    rows = [line.split() for line in text.splitlines()]
    if rows != [line.split() for line in plain_newlines(text).splitlines()]:
        return None
    if codec in {"utf-16", "utf-32"} and not all(is_number(token) for row in rows for token in row):
        return None
    return text if raw.startswith(tuple(bom for bom, _ in _BOMS)) or has_exotic_newlines(text) else None


def blank_rows(view: View) -> Iterator[Proposal]:
    """L303: lines of blanks between rows go. Proves that they hold nothing but blanks; empty lines stay."""

    def decide(label: Label) -> tuple[Changes, str]:
        filled = [row.at for row in label.text.rows()]
        if not filled:
            return {}, ""
        between = range(filled[0], filled[-1])
        lines = label.text.lines
        return {at: None for at in between if lines[at].strip("\r\n") and not lines[at].strip(" \t\r\n")}, ""

    return each_label(view, decide)


def class_digits(view: View) -> Iterator[Proposal]:
    """L306: a class is written in digits (45.0 becomes 45). Proves that it is a whole number and one of the classes."""

    def decide(label: Label) -> tuple[Changes, str]:
        changes: Changes = {}
        for row in label.text.rows():
            token = row.tokens[0]
            if not token.isdigit() and is_number(token) and _is_class(float(token), view.class_count):
                changes[row.at] = row.with_tokens({0: str(int(float(token)))})
        return changes, ""

    return each_label(view, decide)


def _is_class(value: float, classes: int) -> bool:
    return value.is_integer() and 0 <= value < classes


def repeated_rows(view: View) -> Iterator[Proposal]:
    """L307: of rows with exactly the same numbers the first stays. Proves equality of all values, as doubles."""

    def decide(label: Label) -> tuple[Changes, str]:
        seen: set[tuple[float, ...]] = set()
        changes: Changes = {}
        for row in label.text.rows():
            if row.values in seen:
                changes[row.at] = None
            elif row.values is not None:
                seen.add(row.values)
        return changes, ""

    return each_label(view, decide)


def confidence_column(view: View) -> Iterator[Proposal]:
    """L303, unsafe: a sixth column goes. Proves that the task is detect and that every row of six columns in the file
    is numbers, the sixth from 0 to 1 as a confidence is.
    """

    def decide(label: Label) -> tuple[Changes, str]:
        six = [row for row in label.text.rows() if len(row.tokens) == 6]
        if not all(row.values and 0 <= row.values[5] <= 1 for row in six):
            return {}, "a sixth column is no confidence from 0 to 1"
        return {row.at: row.without_tokens({5}) for row in six}, ""

    return each_label(view, decide)


def commas(view: View) -> Iterator[Proposal]:
    """L302, unsafe: commas between columns become blanks, decimal commas become points.

    Proves that exactly one of the two readings gives every row with a comma the columns of the task, a class that
    exists and normalised coordinates.
    """

    def decide(label: Label) -> tuple[Changes, str]:
        rows = [row for row in label.text.rows() if "," in row.line]
        if not rows:
            return {}, ""
        readings = [{row.at: read(row.line) for row in rows} for read in (_comma_to_blank, _comma_to_point)]
        good = [one for one in readings if all(fits(line, label.view) for line in one.values())]
        if len(good) != 1:
            return (
                {},
                "commas could mean two things" if good else "its rows do not fit the task, however commas are read",
            )
        return dict(good[0]), ""

    return each_label(view, decide)


def _comma_to_blank(line: str) -> str:
    return re.sub(r"[ \t]*,[ \t]*", " ", line)


def _comma_to_point(line: str) -> str:
    return line.replace(",", ".")


def fits(line: str, view: View) -> bool:
    """Whether a line is a row of the view's task with a class that exists and normalised coordinates."""
    text = LabelText((line,))
    rows: list[Row] = text.rows()
    values = rows[0].values if rows else None
    if values is None or not fits_count(len(values), view) or not _is_class(values[0], view.class_count):
        return False
    step = view.keypoints.dims if view.task == "pose" else 0
    coordinates = [v for at, v in enumerate(values[1:], 1) if not (step == 3 and at >= 5 and (at - 5) % 3 == 2)]
    return all(_NORMALISED[0] <= value <= _NORMALISED[1] for value in coordinates)


def fits_count(count: int, view: View) -> bool:
    """Whether a row of so many columns is one of the task."""
    if view.task == "segment":
        return count >= 7 and count % 2 == 1
    return count == {"obb": 9, "pose": 5 + view.keypoints.columns}.get(view.task or "", 5)
