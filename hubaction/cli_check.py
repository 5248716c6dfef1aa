"""The command ``hubaction check-dataset``, and the arguments of every command that checks a dataset."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubaction.operations.check_dataset import CheckOptions
    from hubaction.operations.report_files import ReportFile
    from hubaction.policy.given import Unset
    from hubaction.policy.profiles import FailOn

_EXIT_CODES = """exit codes:
  0 passed   1 findings at or above --fail-on   2 bad arguments   3 dataset missing or unreadable
  4 service refused or unreachable   5 a bug in hub-action   130 interrupted   143 terminated"""


def add_check_dataset(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a parser; ``args.run(args)`` then runs it and gives the exit code."""
    command = commands.add_parser(
        "check-dataset",
        help="check a dataset and report its defects and statistics",
        description="Check a YOLO dataset. It is never changed, and nothing in it is executed.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_gate(command)
    command.add_argument("--quiet", action="store_true", help="print the verdict only")
    command.set_defaults(run=_check_dataset)


def add_gate(command: argparse.ArgumentParser) -> None:
    """The arguments of every command that checks a dataset; ``gate_options`` reads them."""
    add = command.add_argument
    add("path", metavar="PATH", type=Path, help="a zip, a folder or a data.yaml")
    add("--task", metavar="TASK", help="detect, segment, pose, obb or classify (default: inferred from the labels)")
    add("--profile", help="default, strict, platform, or hub for the verdict of the former HUB check")
    add("--fail-on", help="error, warning or never (default: the profile's)")
    add("--config", metavar="FILE", type=Path, help="configuration (default: .hubaction.yml in the dataset or above)")
    add("--select", metavar="RULES", action="append", help="run only these: ids, names or prefixes such as V8,L307")
    add("--ignore", metavar="RULES", action="append", help="do not run these")
    add("--baseline", metavar="FILE", type=Path, help="known findings, which do not fail the check")
    add("--write-baseline", metavar="FILE", type=Path, help="write what is found now as known, and pass")
    add("--formats", metavar="NAMES", help="reports to write: json, html, sarif, junit (default: json,html)")
    add("--output-dir", metavar="DIR", type=Path, help="folder for them (default with --formats: hub-action-report)")
    add("--report-images", metavar="N", default="60", help="pictures in the HTML report, 0 for none (default: 60)")
    add("--report-dir", metavar="DIR", type=Path, help="folder for contact sheets of these pictures, as PNG")
    add("--report-json", metavar="FILE", type=Path, help="write the report as JSON there")
    add("--stats", metavar="FILE", type=Path, help="write the statistics of the former HUB check there")
    add("--pixels", metavar="DEPTH", help="off, header or decode: how deep to look into images (default: decode)")
    add("--cache-dir", metavar="DIR", type=Path, help="remember decoded images there (default: decode them all)")
    add("--workers", metavar="N", type=int, help="processes that read the files (default: one per core)")
    add("--limit", metavar="NAME=NUMBER", action="append", default=[], help="another bound, e.g. max_ratio=200")


def _check_dataset(args: argparse.Namespace) -> int:
    from hubaction import console
    from hubaction.operations.check_dataset import check_until_stopped
    from hubaction.report.escape import visible
    from hubaction.report.model import headline

    options = gate_options(args)
    with console.progress(sys.stderr, quiet=args.quiet) as show:
        report = check_until_stopped(dataclasses.replace(options, progress=show))
    if args.quiet:
        console.write(f"{visible(report.path)}: {headline(report)}", sys.stdout)
    else:
        from hubaction.report.text import render_text

        width, color = console.terminal_size(sys.stdout)
        console.write(render_text(report, width=width, color=color).rstrip("\n"), sys.stdout)
    return report.exit_code


def gate_options(args: argparse.Namespace) -> CheckOptions:
    """What to check and how: flags, else variables. Raises UsageError."""
    from hubaction.operations.check_dataset import CheckOptions, location_of
    from hubaction.operations.outcome import Context
    from hubaction.operations.settings import parse_images, parse_limits, parse_workers, split_words
    from hubaction.policy.given import UNSET

    return CheckOptions(
        path=args.path,
        task=args.task or None,
        profile=args.profile or os.environ.get("HUBACTION_PROFILE") or UNSET,
        fail_on=_fail_on(args),
        limits=parse_limits(args.limit, "--limit"),
        workers=None if args.workers is None else parse_workers(str(args.workers), "--workers"),
        location=location_of(args.path, Context(Path.cwd())),
        reports=_reports(args),
        report_dir=args.report_dir,
        report_images=parse_images(args.report_images, "--report-images"),
        stats=args.stats,
        config=args.config or UNSET,
        select=split_words(*args.select or ()),
        ignore=split_words(*args.ignore or ()),
        baseline=args.baseline or UNSET,
        write_baseline=args.write_baseline,
        pixels=args.pixels or UNSET,
        cache_dir=args.cache_dir,
        workspace=Path.cwd(),
    )


def _reports(args: argparse.Namespace) -> tuple[ReportFile, ...]:
    from hubaction.operations.report_files import DEFAULT_FOLDER, DEFAULT_FORMATS, ReportFile, files_in
    from hubaction.operations.settings import parse_formats

    single = () if args.report_json is None else (ReportFile("json", args.report_json),)
    if args.formats is None and args.output_dir is None:
        return single
    formats = parse_formats(DEFAULT_FORMATS if args.formats is None else args.formats, "--formats")
    return single + files_in(args.output_dir or Path(DEFAULT_FOLDER), formats)


def _fail_on(args: argparse.Namespace) -> FailOn | Unset:
    from hubaction.operations.settings import parse_fail_on
    from hubaction.policy.given import UNSET

    if args.fail_on is not None:
        return parse_fail_on(args.fail_on, "--fail-on")
    variable = os.environ.get("HUBACTION_FAIL_ON")
    return parse_fail_on(variable, "HUBACTION_FAIL_ON") if variable else UNSET
