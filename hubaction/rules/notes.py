"""Problems and oddities of label files, as reading recorded them, on their way to a report."""

from __future__ import annotations

from collections.abc import Iterator

from hubaction.dataset.labels import LabelNote, LabelProblem, NoteKind
from hubaction.report.finding import Severity
from hubaction.rules.collector import Collector
from hubaction.rules.view import SplitView, View

DROPPED = "; the whole image is dropped"
"""What the loader makes of a label file with one row that it refuses."""


def report_problem(split: SplitView, problem: LabelProblem, level: Severity, message: str, out: Collector) -> None:
    """A fact at the place of a problem."""
    key = f"{problem.kind.name} {problem.value}"
    path = split.labels[problem.file]
    out.add(level, message, path, line=problem.line, column=problem.column, split=split.name, key=key)


def report_note(split: SplitView, note: LabelNote, level: Severity, message: str, out: Collector) -> None:
    """A fact at the place of an oddity."""
    key = f"{note.kind.name} {note.value}"
    out.add(level, message, split.labels[note.file], line=note.line, column=note.column, split=split.name, key=key)


def notes(view: View, kind: NoteKind) -> Iterator[tuple[SplitView, LabelNote]]:
    """All oddities of a kind, with their split."""
    for split in view.splits.values():
        for note in split.notes:
            if note.kind is kind:
                yield split, note
