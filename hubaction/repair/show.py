"""Edits as text: a unified diff, and a summary for each rule. Every name and line is escaped."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from hubaction.repair.plan import Change, Plan
from hubaction.report.escape import log_line, visible

_MOST_LINES = 20_000  # of a text; a longer one is told by its size
_MOST_LEFT = 10  # files left alone that are listed of each rule
_MOST_MOVED = 20  # files of one move that are listed one by one


def diff(plan: Plan) -> Iterator[str]:
    """Lines without line ends: texts as a unified diff, one line for every other edit."""
    yield from _moved(plan)
    for change in plan.changes:
        if change.is_written and change.new_path is not None:
            yield from _written(plan, change)


def _moved(plan: Plan) -> Iterator[str]:
    """Deletions and renames; a rename of everything into another folder as one line."""
    renamed = [c for c in plan.changes if c.new_path is not None and c.new_path != c.path]
    together = [c for c in renamed if c.rules[-1] == "A103"]
    if len(together) > _MOST_MOVED:
        first = together[0]
        yield log_line(f"renamed: {len(together):,} entries, such as {visible(first.path)} -> {_name(first)}")
        renamed = [c for c in renamed if c not in together]
    yield from (log_line(f"deleted: {visible(c.path)}") for c in plan.changes if c.new_path is None)
    yield from (log_line(f"renamed: {visible(c.path)} -> {_name(c)}") for c in renamed)


def _name(change: Change) -> str:
    return visible(change.new_path or "")


def _written(plan: Plan, change: Change) -> Iterator[str]:
    old, new = plan.old_bytes(change), plan.new_bytes(change) or b""
    before, after = _lines(old), _lines(new)
    if before is None or after is None or max(len(before), len(after)) > _MOST_LINES:
        note = f", {'; '.join(change.notes)}" if change.notes else ""
        kind = "binary" if before is None else "text"
        yield log_line(f"{kind}: {_name(change)}: {len(old):,} -> {len(new):,} bytes{note}")
        return
    head = visible(change.path, most=None), visible(change.new_path or "", most=None)
    for line in difflib.unified_diff(before, after, f"a/{head[0]}", f"b/{head[1]}", lineterm=""):
        yield log_line(line.removesuffix("\n"))
        if line[:1] in {" ", "-", "+"} and not line.startswith(("--- a/", "+++ b/")) and not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _lines(data: bytes) -> list[str] | None:
    """Lines with their ends; None for what is no text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return (
        None
        if "\0" in text
        else [f"{line}\n" for line in text.split("\n")[:-1]]
        + text.split("\n")[-1:] * bool(text and not text.endswith("\n"))
    )


def summary(plan: Plan) -> Iterator[str]:
    """One line for each rule, and what its fixers left alone."""
    for rule, tally in plan.tallies.items():
        edits = f"{_count(tally.edits, 'edit')} in {_count(len(tally.files), 'file')}"
        left = f", {len(tally.left):,} left alone" if tally.left else ""
        yield f"{rule}: {edits if tally.edits else 'no edit'}{left}"
        for one in tally.left[:_MOST_LEFT]:
            yield log_line(f"  left alone: {visible(one.path)} because {visible(one.reason)}")
        if len(tally.left) > _MOST_LEFT:
            yield f"  and {len(tally.left) - _MOST_LEFT:,} more"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word if number == 1 else f'{word}s'}"
