"""The words that rules, policy and renderers share: what was found, where, and how bad it is."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass
from typing import NamedTuple


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
    """Where: a path relative to the dataset root ('' for the dataset as a whole), 1-based line and column, split.

    ``token`` is the index of the number to blame in a label row; its column follows from the text.
    """

    path: str = ""
    line: int | None = None
    column: int | None = None
    split: str | None = None
    token: int | None = None

    def __str__(self) -> str:
        parts = [self.path or "the dataset", *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


class Weight(NamedTuple):
    """What policy weighs: the catalogue's level, the level in a small set where it is lowered, and the consequence."""

    level: Severity
    small: Severity | None = None
    consequence: Consequence = Consequence.NOTE


@dataclass(frozen=True, slots=True)
class Fact:
    """What a rule found, before policy has weighed it. ``key`` identifies it within its file."""

    rule: str
    weight: Weight
    place: Place
    message: str
    key: str = ""

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that stay the same when the finding's line moves."""
        text = "\0".join((self.rule, self.place.path, self.key or self.message))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact with its severity. Findings sort worst first, then by rule, path (code points), line and column.

    ``known``: the baseline lists it, so it does not count.
    """

    rule: str
    severity: Severity
    consequence: Consequence
    place: Place
    message: str
    fingerprint: str = ""
    known: bool = False

    def sort_key(self) -> tuple[int, str, str, int, int, str]:
        place = self.place
        return (-self.severity, self.rule, place.path, place.line or 0, place.column or 0, self.message)
