"""What a rule is: an essay for people, and the defects that it speaks about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence


@dataclass(frozen=True, slots=True)
class Case:
    """One defect of a rule: what becomes of the data, and the sentence with the values in braces."""

    consequence: Consequence
    message: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue.

    Attributes:
        id: letter of the family and three digits.
        name: kebab case; reads well after "allow" and "ignore".
        what: what is wrong, one sentence.
        why: what training would make of it.
        fix: what to do.
        cases: the defects that make it fire.
    """

    id: str
    name: str
    what: str
    why: str
    fix: str
    cases: Mapping[Kind, Case]
