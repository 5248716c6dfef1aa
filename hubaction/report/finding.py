"""The words that rules, policy and renderers share: what was found, where, and how bad it is."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.IntEnum):
    """How a finding counts for the verdict; policy decides it, never a rule."""

    NOTE = 0
    WARNING = 1
    ERROR = 2

    @property
    def word(self) -> str:
        return self.name.lower()


class Consequence(enum.Enum):
    """What becomes of the data: a fact that each rule states and policy turns into a severity."""

    NOTE = "worth knowing"
    DOUBTFUL = "probably not intended"
    HARMS = "harms training, though the former check never said so"
    CHANGES = "the loader changes the data or warns"
    DROPS = "the loader drops the image or the label"
    REJECTS = "the loader refuses the dataset"
    UNREADABLE = "nothing can be checked"


@dataclass(frozen=True, slots=True)
class Place:
    """Where: a path relative to the dataset root ('' for the dataset as a whole), 1-based line and column, split."""

    path: str = ""
    line: int | None = None
    column: int | None = None
    split: str | None = None

    def __str__(self) -> str:
        parts = [self.path or "the dataset", *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Fact:
    """What a rule found, before policy has weighed it."""

    rule: str
    consequence: Consequence
    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact with its severity. Findings sort worst first, then by rule, path (code points), line and column."""

    rule: str
    severity: Severity
    consequence: Consequence
    place: Place
    message: str

    def sort_key(self) -> tuple[int, str, str, int, int, str]:
        place = self.place
        return (-self.severity, self.rule, place.path, place.line or 0, place.column or 0, self.message)
