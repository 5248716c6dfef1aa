"""Mend a dataset: plan every edit, show it, apply it."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hubaction.dataset.dataset import TASKS
from hubaction.errors import UsageError
from hubaction.repair.fixer import Fixer
from hubaction.repair.folder_writer import apply_to_folder
from hubaction.repair.origin import open_origin
from hubaction.repair.plan import Plan, planned
from hubaction.repair.show import diff, summary
from hubaction.repair.table import FIXERS
from hubaction.repair.zip_writer import write_zip
from hubaction.report.escape import visible
from hubaction.rules import RULES
from hubaction.rules.rule import Repair


@dataclass(frozen=True, slots=True)
class FixOptions:
    """What to mend and how.

    Attributes:
        path: a zip, a folder or a data.yaml.
        task: detect, segment, pose, obb or classify; None to infer it from the labels.
        unsafe: run the fixers that delete or reinterpret, too.
        dry_run: show the edits only.
        select: ids, prefixes or names of rules; all where empty.
        output: for a zip, the new one; None for ``<stem>-fixed.zip`` beside it.
    """

    path: Path
    task: str | None = None
    unsafe: bool = False
    dry_run: bool = False
    select: Sequence[str] = ()
    output: Path | None = None


@dataclass(frozen=True, slots=True)
class FixReport:
    """What was mended, as text.

    Attributes:
        diff, summary: lines without line ends, escaped.
        edits: by rule, how many defects were mended. left_alone: by rule, (path, reason).
        files: how many files were changed, renamed or deleted.
        written: the new archive; None for a folder, or where nothing was written.
    """

    exit_code: int
    diff: list[str] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    edits: dict[str, int] = field(default_factory=dict)
    left_alone: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    files: int = 0
    written: Path | None = None


def fix(options: FixOptions) -> FixReport:
    """Mend a dataset.

    Raises:
        DatasetUnreadable: nothing lies at the path, or nothing of it can be read.
        UsageError: an unknown task or rule, a task that cannot be inferred, or a place that cannot be written.
    """
    fixers = choose(options.select, unsafe=options.unsafe)
    if options.task is not None and options.task not in TASKS:
        raise UsageError(f"There is no task {options.task!r}.", f"Use one of {', '.join(TASKS)}.")
    origin = open_origin(options.path)
    if options.output and not origin.source.is_archive:
        raise UsageError("--output is for archives; a folder is mended in place.", "Leave it out.")
    target = options.output or options.path.with_name(f"{options.path.stem}-fixed.zip")
    stem = options.output.stem if options.output else options.path.stem
    with planned(origin, fixers, options.task, stem) as plan:
        report = _report(plan, dry_run=options.dry_run)
        if options.dry_run or not plan.changes:
            return report
        if not origin.source.is_archive:
            apply_to_folder(plan)
            return report
        write_zip(plan, target)
    return dataclasses.replace(report, written=target)


def _report(plan: Plan, *, dry_run: bool) -> FixReport:
    return FixReport(
        exit_code=int(dry_run and bool(plan.changes)),
        diff=list(diff(plan)),
        summary=list(summary(plan)),
        edits={rule: tally.edits for rule, tally in plan.tallies.items() if tally.edits},
        left_alone={rule: [(o.path, o.reason) for o in t.left] for rule, t in plan.tallies.items() if t.left},
        files=len(plan.changes),
    )


def choose(select: Sequence[str], *, unsafe: bool) -> list[Fixer]:
    """The fixers that are asked for, in their order. Raises UsageError for what names none."""
    names = {rule.name: rule.id for rule in RULES}
    selectors = [names.get(text, text) for text in select]
    known = sorted({fixer.rule for fixer in FIXERS})
    for text in selectors:
        found = [fixer for fixer in FIXERS if text and fixer.rule.startswith(text)]
        if not found:
            close = difflib.get_close_matches(text.upper(), known, n=1)
            fixable = f"Did you mean {close[0]}?" if close else f"There are fixers for {', '.join(known)}."
            raise UsageError(f"There is no fixer for '{visible(text, most=60)}'.", fixable)
        if not unsafe and all(fixer.repair is Repair.UNSAFE for fixer in found):
            raise UsageError(f"The fixer for {text} is not safe.", "Add --unsafe if it shall run.")
    wanted = [fixer for fixer in FIXERS if not selectors or fixer.rule.startswith(tuple(selectors))]
    return [fixer for fixer in wanted if unsafe or fixer.repair is Repair.SAFE]


def render_fix(report: FixReport, path: str, *, dry_run: bool, color: bool = False) -> str:
    """The diff, the summary and one closing line."""
    lines = [_colored(line) if color else line for line in report.diff]
    lines += [""] if report.diff and report.summary else []
    lines += report.summary
    number = sum(report.edits.values())
    verb = "would be mended" if dry_run else "mended"
    closing = f"{number:,} defects in {report.files:,} files {verb}" if number else "nothing to mend"
    where = f", written to {visible(str(report.written))}" if report.written else ""
    return "\n".join([*lines, f"{visible(path)}: {closing}{where}", ""])


def _colored(line: str) -> str:
    """A line of the diff in the colours of git."""
    starts = {"--- ": 1, "+++ ": 1, "@@": 36, "-": 31, "+": 32}
    code = next((code for start, code in starts.items() if line.startswith(start)), 0)
    return f"\x1b[{code}m{line}\x1b[0m" if code else line
