"""The command line: arguments in, exit code out."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from hubaction._version import __version__
from hubaction.cli_check import add_check_dataset
from hubaction.cli_fix import add_fix
from hubaction.cli_hub import add_hub
from hubaction.cli_report import add_report
from hubaction.cli_sandbox import add_sandbox


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
    parser: argparse.ArgumentParser = _Parser(prog="hubaction", description="Checks YOLO datasets, exports models.")
    parser.add_argument("--version", action="version", version=f"hubaction {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_check_dataset(commands)
    add_report(commands)
    add_fix(commands)
    _add_rules(commands)
    _add_init(commands)
    add_hub(commands)
    add_sandbox(commands)
    return parser


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
