"""Family S: polygons."""

from __future__ import annotations

from hubaction.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
