"""How many objects of each class a split has, and how to name classes in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.rules.view import SplitView, View


def class_counts(view: View, split: SplitView) -> NDArray[np.int64]:
    """int (classes,): valid objects of each class; for classify its images."""
    if view.task == "classify":
        images = Counter(split.classes)
        return np.array([images[name] for name in view.names], dtype=np.int64)
    valid = split.rows.usable & (split.row_class >= 0)
    return np.bincount(split.row_class[valid], minlength=len(view.names))


class Where(NamedTuple):
    """A path and a line of it."""

    path: str
    line: int | None


def where_class(view: View, index: int) -> Where:
    """Where a class is defined: its line in data.yaml, or its folder."""
    if view.task == "classify":
        return Where(f"train/{view.names[index]}", None)
    return where_key(view, "names", index)


def where_key(view: View, *keys: str | int) -> Where:
    """The line of a key in data.yaml, or of the nearest key above it; the dataset itself without data.yaml."""
    if view.data is None:
        return Where("", None)
    lines = view.data.lines
    line = next((lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in lines), None)
    return Where(view.data.path, line)


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first few of the names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"'{name}'" for name in names[:most]) + more
