"""What a rule is: an essay for people, and a function that looks."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubaction.dataset.defects import Kind
from hubaction.dataset.limits import Depth
from hubaction.report.finding import Consequence, Severity

if TYPE_CHECKING:
    from hubaction.rules.collector import Collector
    from hubaction.rules.view import View

Options = Mapping[str, float]
Check = Callable[["View", Options, "Collector"], None]

ALL_TASKS = "dspoc"
TASK_LETTERS = {"detect": "d", "segment": "s", "pose": "p", "obb": "o", "classify": "c"}


class Need(enum.Enum):
    """What a rule has to have read."""

    LISTING = "file list"
    YAML = "data.yaml"
    TEXT = "label text"
    HEADER = "image headers"
    PIXELS = "decoded images"
    CROSS = "several files together"
    BASE = "the base branch"


UNREAD: Mapping[Depth, frozenset[Need]] = {
    Depth.OFF: frozenset({Need.HEADER, Need.PIXELS}),
    Depth.HEADER: frozenset({Need.PIXELS}),
    Depth.DECODE: frozenset(),
}
"""What is not there for a rule, by how deep images were looked into."""

DEPTHS = tuple(depth.value for depth in Depth)
"""The words of the setting ``pixels``."""


class Repair(enum.Enum):
    """Whether ``hubaction fix`` can mend it."""

    NONE = "by hand"
    SAFE = "safe: lossless, meaning kept"
    UNSAFE = "only with --unsafe"


@dataclass(frozen=True, slots=True)
class Case:
    """A defect that reading records and this rule speaks about.

    Attributes:
        consequence: what the former check made of it; profile ``hub`` weighs that.
        message: the sentence, with the values in braces.
        level: its level in the other profiles; None where the rule's own check reports it there.
    """

    consequence: Consequence
    message: str
    level: Severity | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A threshold that users may set: its default, and what it means, with its unit."""

    default: float
    help: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue.

    Attributes:
        id: letter of the family and three digits.
        name: kebab case; reads well after "allow" and "ignore".
        tasks: letters of the tasks that it concerns (d detect, s segment, p pose, o obb, c classify).
        needs: what has to be read for it.
        what: what is wrong, one sentence.
        why: what training would make of it.
        fix: what to do.
        bad, good: an example each.
        source: where the thresholds come from; '' without any.
        repair: whether ``hubaction fix`` can mend it.
        options: thresholds that can be set.
        cases: defects from reading that make it fire.
        check: looks for the rest; None when the cases are all there is.
        later: why the rule does not run yet; '' when it runs.
    """

    id: str
    name: str
    tasks: str
    needs: tuple[Need, ...]
    what: str
    why: str
    fix: str
    bad: str
    good: str
    source: str = ""
    repair: Repair = Repair.NONE
    options: Mapping[str, Option] = field(default_factory=dict)
    cases: Mapping[Kind, Case] = field(default_factory=dict)
    check: Check | None = None
    later: str = ""

    @property
    def task_names(self) -> list[str]:
        """The tasks that it concerns, in full."""
        return [task for task, letter in TASK_LETTERS.items() if letter in self.tasks]

    def applies_to(self, task: str) -> bool:
        return TASK_LETTERS[task] in self.tasks
