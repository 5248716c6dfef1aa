"""The files that reports are written to."""

from __future__ import annotations

from collections.abc import Iterable
from operator import methodcaller
from pathlib import Path
from typing import NamedTuple

from hubaction.dataset.source import OUTPUT_FOLDER, is_data_yaml
from hubaction.errors import UsageError
from hubaction.operations.output_file import write_bytes, write_file
from hubaction.policy.yamlfile import read_bounded
from hubaction.report.json_report import Malformed, read_report
from hubaction.report.model import Report
from hubaction.report.table import RENDERERS

DEFAULT_FORMATS = "json,html"
"""One for machines and one for people. SARIF and JUnit only help a later step that takes them, which names them."""

DEFAULT_FOLDER = OUTPUT_FOLDER
"""No check looks at it, so that it may lie in the dataset."""

_MOST_BYTES = 500_000_000
"""Of a stored report. One with 100,000 findings has 50 MB, and 1,000 pictures take as much again."""


class ReportFile(NamedTuple):
    """A report to write: a format of RENDERERS, and where."""

    format: str
    path: Path


def files_in(folder: Path, formats: Iterable[str]) -> tuple[ReportFile, ...]:
    """One file for each format, in this folder, under its usual name."""
    return tuple(ReportFile(name, folder / RENDERERS[name].file) for name in formats)


def write_reports(report: Report, files: Iterable[ReportFile]) -> None:
    """Write a report in several formats, each file whole or not at all. Raises UsageError."""
    for one in files:
        write_file(one.path, methodcaller("write", RENDERERS[one.format].render(report)))


def sheet_files(report: Report, folder: Path | None) -> list[Path]:
    """The contact sheets that ``write_sheets`` writes."""
    from hubaction.report.contact_sheet import sheet_names

    return [folder / name for name in sheet_names(report)] if folder else []


def write_sheets(report: Report, folder: Path | None) -> None:
    """Write the report's pictures as PNG contact sheets, where a folder is given. Raises UsageError."""
    from hubaction.report.contact_sheet import render_sheets

    for path, sheet in zip(sheet_files(report, folder), render_sheets(report), strict=False):
        write_bytes(path, sheet)


def read_report_file(path: Path) -> Report:
    """The report in a JSON file. Raises UsageError where there is none."""
    try:
        return read_report(read_bounded(path, _MOST_BYTES))
    except Malformed as error:
        cure = "Name the report.json that hubaction check-dataset wrote."
        raise UsageError(f"{str(path)!r} is no report of hub-action: {error}.", cure) from error


def refuse_places_in(dataset: Path, outputs: Iterable[Path]) -> None:
    """Raise UsageError for a file that lies in the dataset, unless in the folder that no check looks at."""
    for output in outputs:
        if _is_in(dataset, output.resolve()):
            cure = f"Write it elsewhere, or into {OUTPUT_FOLDER}/, which no check looks at."
            raise UsageError(f"The output file {str(output)!r} lies in the dataset, which a check never changes.", cure)


def _is_in(dataset: Path, output: Path) -> bool:
    root = dataset.resolve()
    if is_data_yaml(root):
        root = root.parent
    return output.is_relative_to(root) and not output.is_relative_to(root / OUTPUT_FOLDER)
