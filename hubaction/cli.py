"""The command line: arguments in, exit code out."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hubaction._version import __version__

if TYPE_CHECKING:
    from hubaction.operations.check_dataset import CheckOptions

_EXIT_CODES = """exit codes:
  0 passed   1 findings at or above --fail-on   2 bad arguments   3 dataset missing or unreadable
  4 service refused or unreachable   5 a bug in hub-action"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from hubaction import console

    args = _parser().parse_args(argv)
    console.set_up_process()
    try:
        return _check_dataset(args)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing more to say at exit either
        return 141  # whoever read our output has gone (128 + SIGPIPE)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last stop: every failure becomes a sentence
        cause, cure, code = console.describe(error)
        cure = f"\n  {cure}" if cure else ""
        console.write(f"{console.debug_traceback(error)}hubaction: {cause}{cure}", sys.stderr)
        return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hubaction", description="Checks YOLO datasets before training.")
    parser.add_argument("--version", action="version", version=f"hubaction {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_check_dataset(commands)
    return parser


def _add_check_dataset(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "check-dataset",
        help="check a dataset and report its defects and statistics",
        description="Check a YOLO dataset. It is never changed, and nothing in it is executed.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = command.add_argument
    add("path", metavar="PATH", type=Path, help="a zip, a folder or a data.yaml")
    add("--task", metavar="TASK", help="detect, segment, pose, obb or classify (default: inferred from the labels)")
    add("--profile", default="default", help="default, or hub for the verdict of the former HUB check")
    add("--fail-on", default="error", help="error, warning or never (default: error)")
    add("--report-json", metavar="FILE", type=Path, help="write the whole report there")
    add("--stats", metavar="FILE", type=Path, help="write the statistics of the former HUB check there")
    add("--workers", metavar="N", type=int, help="processes that read the files (default: one per core)")
    add("--limit", metavar="NAME=NUMBER", action="append", default=[], help="another bound, e.g. max_ratio=200")
    add("--quiet", action="store_true", help="print the verdict only")


def _check_dataset(args: argparse.Namespace) -> int:
    from hubaction import console
    from hubaction.operations.check_dataset import check
    from hubaction.report.escape import visible
    from hubaction.report.model import headline

    options = _options(args)
    with console.progress(sys.stderr, quiet=args.quiet) as show:
        report = check(dataclasses.replace(options, progress=show))
    if args.quiet:
        console.write(f"{visible(report.path)}: {headline(report)}", sys.stdout)
    else:
        from hubaction.report.text import render_text

        width, color = console.terminal_size()
        console.write(render_text(report, width=width, color=color).rstrip("\n"), sys.stdout)
    return report.exit_code


def _options(args: argparse.Namespace) -> CheckOptions:
    from hubaction.operations.check_dataset import CheckOptions
    from hubaction.operations.settings import parse_fail_on, parse_limits, parse_workers

    workers = None if args.workers is None else parse_workers(str(args.workers), "--workers")
    return CheckOptions(
        path=args.path,
        task=args.task or None,
        profile=args.profile,
        fail_on=parse_fail_on(args.fail_on, "--fail-on"),
        limits=parse_limits(args.limit, "--limit"),
        workers=workers,
        report_json=args.report_json,
        stats=args.stats,
    )


def entry_point() -> None:
    """The console script."""
    raise SystemExit(main())
