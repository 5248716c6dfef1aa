"""Vertices outside the image, in words and by number in their row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hubaction.rules.view import SplitView

NOT_OF_THIS_IMAGE = 1.0
"""Overshoot above which coordinates are not normalised at all (G401 says so): a vertex above 2 or below -1."""


def worst_token(split: SplitView, row: int) -> int:
    """Index, in the row, of the coordinate that lies farthest outside."""
    values = split.rows.polygon(row).ravel()
    return 1 + int(np.argmax(np.maximum(-values, values - 1)))


def worst_vertex(split: SplitView, row: int) -> str:
    """Words for the vertex that lies farthest outside: ``3 has x = 1.2, 20.0% of the image's width outside``."""
    token = worst_token(split, row)
    number = split.rows.values[split.rows.starts[row] + token]
    axis, side = ("x", "width") if token % 2 else ("y", "height")
    return f"{(token + 1) // 2} has {axis} = {number:g}, {max(-number, number - 1):.1%} of the image's {side} outside"
