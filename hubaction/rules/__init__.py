"""The rule catalogue. ``RULES`` is the whole of it, in the order of the documentation."""

from __future__ import annotations

from hubaction.rules import (
    archive,
    backgrounds,
    balance,
    classify,
    datayaml,
    distribution,
    geometry,
    images,
    labels,
    obb,
    pairing,
    pose,
    privacy,
    regression,
    segments,
    splits,
)
from hubaction.rules.rule import Case, Rule

RULES: tuple[Rule, ...] = (
    *archive.RULES,
    *datayaml.RULES,
    *labels.RULES,
    *geometry.RULES,
    *segments.RULES,
    *pose.RULES,
    *obb.RULES,
    *classify.RULES,
    *images.RULES,
    *sorted((*backgrounds.RULES, *pairing.RULES), key=lambda rule: rule.id),
    *splits.RULES,
    *balance.RULES,
    *distribution.RULES,
    *regression.RULES,
    *privacy.RULES,
)

__all__ = ["RULES", "Case", "Rule"]
