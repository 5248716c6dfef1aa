"""RENDERERS: every format of a report file by the name that users write. Each is a function of the report alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hubaction.report.model import Report


@dataclass(frozen=True, slots=True)
class Renderer:
    """One format: the name of its file in a folder of reports, its media type, and what makes the text."""

    file: str
    media: str
    render: Callable[[Report], str]


def _html(report: Report) -> str:
    from hubaction.report.html import render_html

    return render_html(report)


def _json(report: Report) -> str:
    from hubaction.report.json_report import render_json

    return render_json(report)


def _junit(report: Report) -> str:
    from hubaction.report.junit import render_junit

    return render_junit(report)


def _sarif(report: Report) -> str:
    from hubaction.report.sarif import render_sarif

    return render_sarif(report)


RENDERERS: dict[str, Renderer] = {
    "json": Renderer("report.json", "application/json", _json),
    "html": Renderer("report.html", "text/html", _html),
    "sarif": Renderer("report.sarif", "application/sarif+json", _sarif),
    "junit": Renderer("junit.xml", "application/xml", _junit),
}
