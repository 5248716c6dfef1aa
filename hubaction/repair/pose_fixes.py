"""Fixers of family K: keypoints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hubaction.repair.edits import Proposal
from hubaction.repair.label_fixes import Changes, each_label, fits_count
from hubaction.repair.labeltext import Row, written
from hubaction.repair.view import Label, View

_TAKEN = (-0.01, 1.01)  # coordinates that the loader takes
_SHORT_FLOAT = re.compile(r"[012]\.0?")
_PIXEL = 1.0 + 1e-6  # the most that may be clipped, with room for rounding in the text


def _poses(label: Label) -> Iterator[tuple[Row, tuple[float, ...]]]:
    for row in label.text.rows():
        if row.values and label.view.keypoints.count and fits_count(len(row.values), label.view):
            yield row, row.values


def _points(view: View) -> list[int]:
    """Index of the x of each keypoint in a row."""
    keypoints = view.keypoints
    return [5 + keypoints.dims * at for at in range(keypoints.count)]


def hidden_points(view: View) -> Iterator[Proposal]:
    """K512: a keypoint with visibility 0 gets the coordinates 0 0. Proves the visibility, by kpt_shape [n, 3]."""

    def decide(label: Label) -> tuple[Changes, str]:
        changes: Changes = {}
        for row, values in _poses(label):
            hidden = [x for x in _points(view) if values[x + 2] == 0]
            odd = {at: written(0.0, row.tokens[at]) for x in hidden for at in (x, x + 1) if values[at] != 0}
            if odd:
                changes[row.at] = row.with_tokens(odd)
        return changes, ""

    return each_label(view, decide) if view.keypoints.dims == 3 else iter(())


def visibility_digits(view: View) -> Iterator[Proposal]:
    """K513: a visibility ``2.0`` becomes ``2``. Proves that it is 0, 1 or 2. One with the decimals of a coordinate
    (``2.000000``, as in the official examples) stays.
    """

    def decide(label: Label) -> tuple[Changes, str]:
        changes: Changes = {}
        for row, _ in _poses(label):
            short = {x + 2: row.tokens[x + 2][0] for x in _points(view) if _SHORT_FLOAT.fullmatch(row.tokens[x + 2])}
            if short:
                changes[row.at] = row.with_tokens(short)
        return changes, ""

    return each_label(view, decide) if view.keypoints.dims == 3 else iter(())


def visible_outside(view: View) -> Iterator[Proposal]:
    """K511, unsafe: visible keypoints outside the image by at most one pixel are clipped. Proves the overshoot of every
    such keypoint of the row in pixels; rows with one farther out are left alone.
    """

    def decide(label: Label) -> tuple[Changes, str]:
        changes: Changes = {}
        left = ""
        for row, values in _poses(label):
            outside = [at for at in _visible(values, view) if not _TAKEN[0] <= values[at] <= _TAKEN[1]]
            size = label.size if outside else None
            if outside and (size is None or any(_pixels(values, at, size, view) > _PIXEL for at in outside)):
                left = "a keypoint lies more than a pixel outside" if size else "the size of its image is not known"
            elif outside:
                clipped = {at: written(min(1.0, max(0.0, values[at])), row.tokens[at]) for at in outside}
                changes[row.at] = row.with_tokens(clipped)
        return changes, left

    return each_label(view, decide)


def _visible(values: tuple[float, ...], view: View) -> list[int]:
    """Indexes of the coordinates of all keypoints that the loader takes for visible."""
    seen = [x for x in _points(view) if (values[x + 2] > 0 if view.keypoints.dims == 3 else values[x] or values[x + 1])]
    return [at for x in seen for at in (x, x + 1)]


def _pixels(values: tuple[float, ...], at: int, size: tuple[int, int], view: View) -> float:
    axis = (at - 5) % view.keypoints.dims
    return max(-values[at], values[at] - 1) * size[axis]
