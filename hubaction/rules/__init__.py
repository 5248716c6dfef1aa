"""The rule catalogue. ``RULES`` is the whole of it, in the order of the documentation."""

from __future__ import annotations

from hubaction.rules import archive, classify, datayaml, images, labels
from hubaction.rules.rule import Case, Rule

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*archive.RULES, *datayaml.RULES, *labels.RULES, *images.RULES, *classify.RULES),
        key=lambda rule: ("AYLGCIP".index(rule.id[0]), rule.id),
    )
)

__all__ = ["RULES", "Case", "Rule"]
