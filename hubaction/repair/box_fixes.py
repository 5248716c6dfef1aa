"""Fixers of family G: boxes. Polygons and oriented boxes have their own."""

from __future__ import annotations

from collections.abc import Iterator

from hubaction.repair.edits import Proposal
from hubaction.repair.label_fixes import Changes, each_label, fits_count
from hubaction.repair.labeltext import Row, written
from hubaction.repair.view import Label, View

_TOLERATED = -0.01  # values that the loader takes (ultralytics 8.4.114)
_OVERSHOOT = 0.001  # above it rule G403 speaks; cvflow's eps
_FAR = 0.01  # overshoot above which boxes may be in another format, rule G403
_PIXEL = 1.0 + 1e-6  # the most that may be clipped, with room for rounding in the text


def _boxes(label: Label) -> Iterator[tuple[Row, tuple[float, ...]]]:
    """Rows that begin with a box cx cy w h: those of detect with 5 columns, those of pose with all keypoints."""
    for row in label.text.rows():
        if row.values and fits_count(len(row.values), label.view):
            yield row, row.values


def negative_centre(view: View) -> Iterator[Proposal]:
    """G402: a centre from -0.01 to 0 becomes 0. Proves that width and height are not negative and that the loader would
    take the value as it is.
    """

    def decide(label: Label) -> tuple[Changes, str]:
        changes: Changes = {}
        for row, values in _boxes(label):
            low = {at: written(0.0, row.tokens[at]) for at in (1, 2) if _TOLERATED <= values[at] < 0}
            if low and min(values[3:5]) >= 0:
                changes[row.at] = row.with_tokens(low)
        return changes, ""

    return each_label(view, decide)


def clip_box(view: View) -> Iterator[Proposal]:
    """G403: a box that overshoots the image by at most one pixel is clipped.

    Proves the overshoot in pixels of the image as it is shown (after EXIF orientation), and that the set as a whole is
    not written as corner pairs.
    """
    if _looks_like_corners(view):
        return iter([view.leave(view.layout.data.path, "its boxes look like x1 y1 x2 y2, so none is clipped")])

    def decide(label: Label) -> tuple[Changes, str]:
        changes: Changes = {}
        left = ""
        for row, values in _boxes(label):
            over = _overshoot(values)
            if max(over) <= _OVERSHOOT:
                continue
            size = label.size
            if size is None or over[0] * size[0] > _PIXEL or over[1] * size[1] > _PIXEL:
                left = "a box overshoots by more than a pixel" if size else "the size of its image is not known"
            elif clipped := _clipped(row, values, over):
                changes[row.at] = row.with_tokens(clipped)
        return changes, left

    return each_label(view, decide)


def _overshoot(values: tuple[float, ...]) -> tuple[float, float]:
    """By how much a box leaves the image along x and along y, in shares of its sides."""
    cx, cy, w, h = values[1:5]
    return max(0.0, w / 2 - cx, cx + w / 2 - 1), max(0.0, h / 2 - cy, cy + h / 2 - 1)


def _clipped(row: Row, values: tuple[float, ...], over: tuple[float, float]) -> dict[int, str]:
    """New texts of centre and side along each axis that overshoots; empty where nothing of the box would remain."""
    changes = {}
    for axis in (0, 1):
        centre, side = values[1 + axis], values[3 + axis]
        low, high = max(0.0, centre - side / 2), min(1.0, centre + side / 2)
        if over[axis] and high <= low:
            return {}
        if over[axis] > _OVERSHOOT:
            changes[1 + axis] = written((low + high) / 2, row.tokens[1 + axis])
            changes[3 + axis] = written(high - low, row.tokens[3 + axis])
    return changes


def _looks_like_corners(view: View) -> bool:
    """Whether 9 rows in 10 could be corner pairs and 1 in 20 overshoots, by rule G403."""
    rows = corners = far = 0
    for label in view.labels():
        for _, values in _boxes(label):
            rows += 1
            corners += values[3] > values[1] and values[4] > values[2]
            far += max(_overshoot(values)) > _FAR
    return rows > 0 and corners >= 0.9 * rows and far >= 0.05 * rows


def zero_area(view: View) -> Iterator[Proposal]:
    """G404, unsafe: rows of boxes without width or height go. Proves that one of the two is exactly 0."""

    def decide(label: Label) -> tuple[Changes, str]:
        gone = [row for row, values in _boxes(label) if min(values[3:5]) == 0]
        return {row.at: None for row in gone}, ""

    return each_label(view, decide)
