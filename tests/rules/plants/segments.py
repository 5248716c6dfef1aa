"""Family S: polygons."""

from __future__ import annotations

import math
from collections.abc import Callable

from plants import Plant

Files = dict[str, bytes]
LABEL = "labels/train/aaapic.txt"
VAL = "labels/val/aakpic.txt"


def edit(change: Callable[[list[float]], list[float]], line: int = 3) -> Callable[[Files], None]:
    """Change the coordinates of one row of the first label file."""

    def apply(files: Files) -> None:
        rows = files[LABEL].decode().splitlines()
        rows[line - 1] = changed(rows[line - 1], change)
        files[LABEL] = ("\n".join(rows) + "\n").encode()

    return apply


def changed(row: str, change: Callable[[list[float]], list[float]]) -> str:
    cls, *values = row.split()
    return f"{cls} " + " ".join(f"{value:.6f}" for value in change([float(value) for value in values]))


def bounds(values: list[float]) -> tuple[float, float, float, float]:
    return min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2])


def diagonal(values: list[float]) -> list[float]:
    x1, y1, x2, y2 = bounds(values)
    return [x1, y1, x2, y2, x1, y1, x2, y2]


def bow_tie(values: list[float]) -> list[float]:
    x1, y1, x2, y2 = bounds(values)
    return [x1, y1, x2, y2, x2, y1, x1, y2]


def rectangle(values: list[float]) -> list[float]:
    x1, y1, x2, y2 = bounds(values)
    return [x1, y1, x2, y1, x2, y2, x1, y2]


def spike(values: list[float]) -> list[float]:
    """A vertex behind the first, so that the last edge is crossed on the way to it: a flap of a thousandth."""
    x, y = values[-2:]
    return [*values, x - 0.004, y - 0.002, x - 0.001, y + 0.004]


def sliver(values: list[float]) -> list[float]:
    x1, y1, x2, y2 = bounds(values)
    return [x1, y1, x2, y2, x2 - (x2 - x1) * 0.08, y2]


def moved_out(values: list[float]) -> list[float]:
    return [-0.03 if value == min(values[::2]) else value for value in values]


def repeated(values: list[float]) -> list[float]:
    return [*values[:4], *values[2:]]


def ellipse(count: int) -> Callable[[list[float]], list[float]]:
    def around(values: list[float]) -> list[float]:
        x1, y1, x2, y2 = bounds(values)
        angles = [2 * math.pi * k / count for k in range(count)]
        points = [(x1 + (x2 - x1) * (1 + math.cos(a)) / 2, y1 + (y2 - y1) * (1 + math.sin(a)) / 2) for a in angles]
        return [value for point in points for value in point]

    return around


def all_boxes(files: Files) -> None:
    for path in files:
        if path.startswith("labels/val/"):
            rows = [changed(row, rectangle) for row in files[path].decode().splitlines()]
            files[path] = ("\n".join(rows) + "\n").encode()


AT = (LABEL, 3)
FIRST = (LABEL, 1)

PLANTS = [
    Plant("two-vertices", "S501", "error", "segment", edit(diagonal), AT),
    Plant("bow-tie", "S502", "warning", "segment", edit(bow_tie), (*AT, 3)),
    Plant("spike", "S502", "note", "segment", edit(spike), AT),
    Plant("left-of-image", "S503", "warning", "segment", edit(moved_out, 1), FIRST),
    Plant("mask-is-box", "S504", "note", "segment", edit(rectangle), AT),
    Plant("all-masks-are-boxes", "S504", "warning", "segment", all_boxes, VAL),
    Plant("sliver", "S504", "warning", "segment", edit(sliver), AT),
    Plant("repeated-vertex", "S505", "note", "segment", edit(repeated), AT),
    Plant("too-many-vertices", "S505", "note", "segment", edit(ellipse(1100)), AT),
]
