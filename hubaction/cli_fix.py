"""The command ``hubaction fix``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_EPILOG = """exit codes:
  0 done, or nothing to do   1 --dry-run found edits   2 bad arguments, or a file cannot be written
  3 dataset missing or unreadable   5 a bug in hub-action

A folder is mended in place, file by file and each at once; of an archive a new one is written."""


def add_fix(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a parser; ``args.run(args)`` then runs it and gives the exit code."""
    command = commands.add_parser(
        "fix",
        help="mend what can be mended without doubt",
        description="Mend a dataset: only what is proven wrong, and nothing else in the same file.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = command.add_argument
    add("path", metavar="PATH", type=Path, help="a zip, a folder or a data.yaml")
    add("--task", metavar="TASK", help="detect, segment, pose, obb or classify (default: inferred from the labels)")
    add("--unsafe", action="store_true", help="also delete or reinterpret what is most likely wrong")
    add("--dry-run", action="store_true", help="show the edits and change nothing")
    add("--select", metavar="IDS", action="append", default=[], help="only these rules: ids, prefixes or names")
    add("--output", metavar="NEW.zip", type=Path, help="the new archive (default: NAME-fixed.zip beside the old one)")
    command.set_defaults(run=run_fix)


def run_fix(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from hubaction import console
    from hubaction.operations.fix import FixOptions, fix, render_fix

    select = [part.strip() for text in args.select for part in text.split(",") if part.strip()]
    options = FixOptions(args.path, args.task or None, args.unsafe, args.dry_run, select, args.output)
    report = fix(options)
    color = console.terminal_size(sys.stdout)[1]
    console.write(render_fix(report, str(args.path), dry_run=args.dry_run, color=color).rstrip("\n"), sys.stdout)
    return report.exit_code
