"""Family G: the geometry of boxes."""

from __future__ import annotations

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence
from hubaction.rules.rule import Case, Need, Rule

RULES = (
    Rule(
        id="G401",
        name="not-normalised",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="A coordinate is larger than 1: it is not divided by the image's width or height.",
        why="The loader drops the whole image, not only the row.",
        fix="Divide x and w by the width, y and h by the height.",
        bad="",
        good="",
        cases={Kind.NOT_NORMALISED: Case(Consequence.DROPS, "{value} is above 1.01; the whole image is dropped{more}")},
    ),
    Rule(
        id="G402",
        name="negative-value",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="A coordinate, width or height is negative.",
        why="Below -0.01 the loader drops the whole image.",
        fix="Clip the box to the image, or correct the export.",
        bad="",
        good="",
        cases={
            Kind.NEGATIVE_VALUE: Case(Consequence.DROPS, "{value} is below -0.01; the whole image is dropped{more}")
        },
    ),
)
