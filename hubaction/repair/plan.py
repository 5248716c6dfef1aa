"""Plans all edits on the bytes that were read, until no fixer has any more to propose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from hubaction.dataset.datayaml import Loader
from hubaction.dataset.infer import infer_task
from hubaction.dataset.limits import Limits
from hubaction.errors import UsageError
from hubaction.repair.edits import Edit, LeftAlone, WriteBytes
from hubaction.repair.fixer import Fixer
from hubaction.repair.origin import Origin
from hubaction.repair.tree import Tree
from hubaction.repair.view import Cache, View

_MOST_ROUNDS = 10  # each round can only mend what the one before uncovered


@dataclass(slots=True)
class Tally:
    """What one rule's fixers do: number of defects mended, files touched, and what they leave alone."""

    edits: int = 0
    files: set[str] = field(default_factory=set)
    left: list[LeftAlone] = field(default_factory=list)


@dataclass(slots=True)
class Change:
    """What becomes of one file: path before and after (None: it goes), whether its bytes change, by which rules."""

    path: str
    new_path: str | None
    is_written: bool
    rules: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """All edits of a run; ``tree`` holds the new bytes and can read the old ones.

    Attributes:
        changes: one for each file or listed folder that is touched, sorted by path.
        tallies: by rule, in the order of the fixers; rules that found nothing are left out.
        task: given or inferred; None where no fixer needed it and it could not be inferred.
    """

    tree: Tree
    changes: list[Change]
    tallies: dict[str, Tally]
    task: str | None

    def old_bytes(self, change: Change) -> bytes:
        with self.tree.origin.open() as reader:
            return self.tree.origin.read(reader, change.path) or b""

    def new_bytes(self, change: Change) -> bytes | None:
        """None where the bytes stay."""
        return self.tree.new_bytes(change.path)


@contextmanager
def planned(origin: Origin, fixers: Sequence[Fixer], task: str | None, final_stem: str) -> Iterator[Plan]:
    """A plan, for as long as its bytes are needed.

    Raises:
        UsageError: a fixer must know the task, and it cannot be inferred.
    """
    with origin.open() as reader:
        tree = Tree(origin, reader)
        try:
            yield _Planner(tree, fixers, task, final_stem).run()
        finally:
            tree.close()


class _Planner:
    """Runs the fixers in rounds."""

    def __init__(self, tree: Tree, fixers: Sequence[Fixer], task: str | None, final_stem: str) -> None:
        self.tree = tree
        self.fixers = fixers
        self.given = task
        self.task = task
        self.final_stem = final_stem
        self.pictures: Cache = {}
        self.tallies = {fixer.rule: Tally() for fixer in fixers}
        self.traces: dict[str, Change] = {}

    def run(self) -> Plan:
        for _ in range(_MOST_ROUNDS):
            for tally in self.tallies.values():
                tally.left.clear()
            if not self._round():
                break
        tallies = {rule: tally for rule, tally in self.tallies.items() if tally.edits or tally.left}
        return Plan(self.tree, self._changes(), tallies, self.task)

    def _round(self) -> bool:
        """Every fixer once; whether any of them proposed an edit."""
        changed = False
        view = self._view()
        for fixer in self.fixers:
            if fixer.applies_to(self.task) and self._mend(fixer, view):
                changed = True
                view = (
                    View(self.tree, self.task, self.pictures, self.final_stem) if fixer.keeps_layout else self._view()
                )
        if not changed and self.task is None and any(fixer.knows_task for fixer in self.fixers):
            self._infer()  # once more, for the reason why it cannot be inferred
        return changed

    def _view(self) -> View:
        """The files as they are by now, with the task that they tell."""
        if self.given is None:
            try:
                self._infer()
            except UsageError:
                self.task = None
        return View(self.tree, self.task, self.pictures, self.final_stem)

    def _infer(self) -> None:
        source = self.tree.as_source()
        self.task = infer_task(source, Loader.CURRENT, Limits())[0] if source.files else None

    def _mend(self, fixer: Fixer, view: View) -> bool:
        tally = self.tallies[fixer.rule]
        made = False
        for proposal in list(fixer.mend(view)):
            reason = proposal.reason if isinstance(proposal, LeftAlone) else self.tree.why_not(proposal)
            if isinstance(proposal, LeftAlone) or reason:
                tally.left.append(LeftAlone(proposal.path, reason))
            else:
                self._make(fixer.rule, proposal, tally)
                made = True
        return made

    def _make(self, rule: str, edit: Edit, tally: Tally) -> None:
        first = self.tree.now[edit.path]
        self.tree.apply(edit)
        trace = self.traces.setdefault(first, Change(first, None, is_written=False))
        trace.rules += [rule] if rule not in trace.rules else []
        tally.files.add(first)
        tally.edits += edit.places if isinstance(edit, WriteBytes) else 1
        if isinstance(edit, WriteBytes):
            trace.is_written = True
            trace.notes += [edit.note] if edit.note else []

    def _changes(self) -> list[Change]:
        by_first = {first: path for path, first in self.tree.now.items()}
        for first, change in self.traces.items():
            change.new_path = by_first.get(first)
        return sorted(self.traces.values(), key=lambda change: change.path)
