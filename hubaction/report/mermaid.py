"""Bar charts in mermaid, which GitHub draws in Markdown. A table under a chart holds the same numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from hubaction.report.escape import mermaid_label

_COLOUR = "#2f81f7"  # stands out from a light page and a dark one; mermaid's own is all but white
_AXIS, _ROW = 80, 24  # pixels: the axis of numbers, and one bar


class LabelledCount(NamedTuple):
    """One bar. ``number`` stands for the label where mermaid cannot show it; no two bars have the same."""

    number: int
    label: str
    total: int


def bar_chart(unit: str, bars: Sequence[LabelledCount]) -> str:
    """A fenced block with a bar from the left for each count; at least one is not zero.

    ``xychart-beta`` is understood since mermaid 10.6; GitHub had 11.3 in October 2024. A label that is not plain text,
    or is another bar's too (both would be drawn as one), becomes its number in brackets.
    """
    labels: list[str] = []
    for bar in bars:
        number = f"({bar.number})"
        label = mermaid_label(bar.label, number)
        labels.append(number if label in labels else label)
    quoted = ", ".join(f'"{label}"' for label in labels)
    counts = [bar.total for bar in bars]
    return "\n".join(
        [
            "```mermaid",
            f"%%{{init: {json.dumps(_settings(len(bars)))}}}%%",
            "xychart-beta horizontal",
            f"    x-axis [{quoted}]",
            f'    y-axis "{unit}" 0 --> {max(counts)}',
            f"    bar [{', '.join(map(str, counts))}]",
            "```",
        ]
    )


def _settings(bars: int) -> dict[str, object]:
    return {
        "xyChart": {"height": _AXIS + _ROW * bars},
        "themeVariables": {"xyChart": {"plotColorPalette": _COLOUR}},
    }
