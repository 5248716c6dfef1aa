"""The command line: arguments in, exit code out."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hubaction._version import __version__
from hubaction.cli_fix import add_fix
from hubaction.cli_report import add_report

if TYPE_CHECKING:
    from hubaction.operations.check_dataset import CheckOptions
    from hubaction.operations.report_files import ReportFile
    from hubaction.policy.given import Unset
    from hubaction.policy.profiles import FailOn

_EXIT_CODES = """exit codes:
  0 passed   1 findings at or above --fail-on   2 bad arguments   3 dataset missing or unreadable
  4 service refused or unreachable   5 a bug in hub-action   130 interrupted   143 terminated"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from hubaction import console

    args = _parser().parse_args(argv)
    console.set_up_process()
    try:
        return int(args.run(args))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing more to say at exit either
        return 141  # whoever read our output has gone (128 + SIGPIPE)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last stop: every failure becomes a sentence
        cause, cure, code = console.describe(error)
        cure = f"\n  {cure}" if cure else ""
        console.write(f"{console.debug_traceback(error)}hubaction: {cause}{cure}", sys.stderr)
        return code


class _Parser(argparse.ArgumentParser):
    """Its errors quote arguments, which may come from a workflow that lists the files of a pull request."""

    def error(self, message: str) -> NoReturn:
        from hubaction import console
        from hubaction.report.escape import visible

        console.write(f"{self.format_usage()}{self.prog}: error: {visible(message)}", sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(prog="hubaction", description="Checks YOLO datasets before training.")
    parser.add_argument("--version", action="version", version=f"hubaction {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_check_dataset(commands)
    add_report(commands)
    add_fix(commands)
    _add_rules(commands)
    _add_init(commands)
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
    add("--workers", metavar="N", type=int, help="processes that read the files (default: one per core)")
    add("--limit", metavar="NAME=NUMBER", action="append", default=[], help="another bound, e.g. max_ratio=200")
    add("--quiet", action="store_true", help="print the verdict only")
    command.set_defaults(run=_check_dataset)


def _add_rules(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("rules", help="list the rules, or explain one", description="Explain the rules.")
    command.add_argument("rule", metavar="ID", nargs="?", help="id or name of a rule (default: a table of all)")
    command.set_defaults(run=_rules)


def _add_init(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "init",
        help="write a starter .hubaction.yml for a dataset",
        description="Look at a dataset and write a commented .hubaction.yml into its folder, or beside its zip. "
        "An existing file is never touched.",
    )
    add = command.add_argument
    add("path", metavar="PATH", type=Path, nargs="?", default=Path(), help="zip, folder or data.yaml (default: .)")
    add("--task", metavar="TASK", help="detect, segment, pose, obb or classify (default: inferred from the labels)")
    add("--stdout", action="store_true", help="print it and write nothing")
    command.set_defaults(run=_init)


def _check_dataset(args: argparse.Namespace) -> int:
    from hubaction import console
    from hubaction.operations.check_dataset import check_until_stopped
    from hubaction.report.escape import visible
    from hubaction.report.model import headline

    options = _options(args)
    with console.progress(sys.stderr, quiet=args.quiet) as show:
        report = check_until_stopped(dataclasses.replace(options, progress=show))
    if args.quiet:
        console.write(f"{visible(report.path)}: {headline(report)}", sys.stdout)
    else:
        from hubaction.report.text import render_text

        width, color = console.terminal_size(sys.stdout)
        console.write(render_text(report, width=width, color=color).rstrip("\n"), sys.stdout)
    return report.exit_code


def _options(args: argparse.Namespace) -> CheckOptions:
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


def _rules(args: argparse.Namespace) -> int:
    from hubaction import console
    from hubaction.operations.explain_rules import rule_essay, rules_table

    print(rule_essay(args.rule) if args.rule else rules_table(console.terminal_size(sys.stdout)[0]), end="")
    return 0


def _init(args: argparse.Namespace) -> int:
    from hubaction import console
    from hubaction.operations.init_config import starter_config, write_starter
    from hubaction.report.escape import visible

    with console.progress(sys.stderr) as show:
        text = starter_config(args.path, args.task, show)
    if args.stdout:
        console.write(text.rstrip("\n"), sys.stdout)
    else:
        console.write(f"wrote {visible(str(write_starter(args.path, text)))}", sys.stdout)
    return 0


def entry_point() -> None:
    """The console script."""
    raise SystemExit(main())
