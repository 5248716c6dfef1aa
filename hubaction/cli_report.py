"""The command ``hubaction report``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_EPILOG = """exit codes:
  0 shown or written   2 bad arguments, no report, or a file cannot be written   5 a bug in hub-action"""


def add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a parser; ``args.run(args)`` then runs it and gives the exit code."""
    command = commands.add_parser(
        "report",
        help="show a stored report, or write it in other formats",
        description="Show the report in a JSON file that check-dataset wrote, or write it in other formats.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = command.add_argument
    add("path", metavar="REPORT.json", type=Path, help="a report of check-dataset")
    add("--formats", metavar="NAMES", help="json, html, sarif, junit; several with commas (default: show it here)")
    add("--output-dir", metavar="DIR", type=Path, help="folder for the files (default: that of REPORT.json)")
    command.set_defaults(run=run_report)


def run_report(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from hubaction import console
    from hubaction.operations.report_files import files_in, read_report_file, write_reports
    from hubaction.operations.settings import parse_formats
    from hubaction.report.escape import visible
    from hubaction.report.text import render_text

    formats = () if args.formats is None else parse_formats(args.formats, "--formats")
    report = read_report_file(args.path)
    if not formats:
        width, color = console.terminal_size(sys.stdout)
        console.write(render_text(report, width=width, color=color).rstrip("\n"), sys.stdout)
        return 0
    files = files_in(args.output_dir or args.path.parent, formats)
    write_reports(report, files)
    console.write("\n".join(f"wrote {visible(str(one.path))}" for one in files), sys.stdout)
    return 0
