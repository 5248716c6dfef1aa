"""What a fixer is: a rule's id, how safe it is, and a function from the files to proposals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hubaction.repair.edits import Proposal
from hubaction.repair.view import View
from hubaction.rules.rule import ALL_TASKS, TASK_LETTERS, Repair

Mend = Callable[[View], Iterable[Proposal]]

_KEEPS_LAYOUT = "LGSKO"  # families whose fixers change nothing but rows of labels
_KNOWS_TASK = "LGSKOP"  # families whose fixers must know the task


@dataclass(frozen=True, slots=True)
class Fixer:
    """One way to mend the defects of one rule.

    Attributes:
        rule: its id. A rule may have a safe and an unsafe fixer.
        mend: plans edits on the files as they are by then; its docstring says what it proves before.
        tasks: letters of the tasks that it is for.
    """

    rule: str
    repair: Repair
    mend: Mend
    tasks: str = ALL_TASKS

    @property
    def keeps_layout(self) -> bool:
        """Whether images, labels and data.yaml stay where and what they are."""
        return self.rule[0] in _KEEPS_LAYOUT

    @property
    def knows_task(self) -> bool:
        """Whether it needs the task."""
        return self.rule[0] in _KNOWS_TASK

    def applies_to(self, task: str | None) -> bool:
        if task is None:
            return not self.knows_task
        return TASK_LETTERS[task] in self.tasks
