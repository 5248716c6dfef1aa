"""What became of exports: for the log, for the job summary, as annotations, and as values for outputs."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hubaction.report.annotations import PER_LEVEL, Annotation
from hubaction.report.escape import markdown, markdown_code, visible
from hubaction.report.model import count

_MOST = 500  # characters of a service's own words


class Result(enum.Enum):
    """What became of an export; a later one outweighs an earlier one in the result of them all."""

    COMPLETED = "completed"
    STARTED = "started"
    PENDING = "pending"
    TIMED_OUT = "timed out"
    MISSING = "missing"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_good(self) -> bool:
        return self in {Result.COMPLETED, Result.STARTED}


_MARKS = {Result.COMPLETED: ("✓", "✅"), Result.STARTED: ("→", "▶️"), Result.PENDING: ("…", "⏳")}
_BAD = ("✗", "❌")
_MEANINGS = {
    Result.STARTED: "it runs on the service",
    Result.PENDING: "it still runs on the service",
    Result.TIMED_OUT: "it still ran on the service when the time to wait was over",
    Result.CANCELLED: "it was cancelled on the service",
    Result.MISSING: "it was never started, or has been deleted",
    Result.FAILED: "it failed on the service, which does not say why",
}


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One export of a model.

    Attributes:
        required: its failure is one of the whole operation.
        export_id: '' where the service has none. seconds: from start to end, None where it does not tell.
        size: bytes; of the downloaded file, else as the service tells it. sha256: of the downloaded file, in hex.
        file: the downloaded file, relative to the workspace; '' where there is none.
        message: what there is to say beside the result; may be the service's own words (untrusted).
    """

    format: str
    required: bool
    result: Result
    export_id: str = ""
    seconds: float | None = None
    size: int | None = None
    sha256: str = ""
    file: str = ""
    message: str = ""

    @property
    def why(self) -> str:
        """The message, or else what the result means."""
        return self.message or _MEANINGS.get(self.result, "")


@dataclass(frozen=True, slots=True)
class ExportReport:
    """All exports of one operation.

    Attributes:
        model, service: their names for people. stopped: why the operation ended early; '' where it did not.
        resume: the command that goes on with what still runs; '' where nothing does.
    """

    model: str
    service: str
    rows: tuple[ExportRow, ...]
    stopped: str = ""
    resume: str = ""

    @property
    def result(self) -> Result:
        """The worst result of the required exports; where none is required, the worst of all."""
        order = list(Result)
        counted = [row for row in self.rows if row.required] or self.rows
        return max((row.result for row in counted), key=order.index)

    @property
    def has_failed(self) -> bool:
        """Whether a required export came to no good end."""
        return any(row.required and not row.result.is_good for row in self.rows)

    @property
    def headline(self) -> str:
        counts = [(result, sum(row.result is result for row in self.rows)) for result in Result]
        told = ", ".join(f"{number:,} {result.value}" for result, number in counts if number)
        return f"{told} of {count(len(self.rows), 'export')} on {visible(self.service)}"


def render_text(report: ExportReport) -> str:
    """Headline, a line for each export, and how to go on."""
    lines = [f"{_mark(report)[0]} {visible(report.model)}", f"  {report.headline}"]
    lines += [f"    {_MARKS.get(row.result, _BAD)[0]} {_line(row)}" for row in report.rows]
    lines += [f"  {visible(report.stopped, most=_MOST)}"] if report.stopped else []
    lines += [f"  To go on later: {visible(report.resume, most=None)}"] if report.resume else []
    return "\n".join(lines)


def _line(row: ExportRow) -> str:
    optional = "" if row.required else " (optional)"
    facts = [
        row.export_id and f"id {visible(row.export_id)}",
        _seconds(row),
        _size(row),
        row.file and visible(row.file),
    ]
    told = ", ".join(filter(None, facts))
    why = "" if row.result is Result.COMPLETED and not row.message else f": {visible(row.why, most=_MOST)}"
    return f"{visible(row.format)}{optional}  {row.result.value}{why}" + (f"  [{told}]" if told else "")


def render_summary(report: ExportReport) -> str:
    """Markdown: headline, a table with a row for each export, and how to go on."""
    head = ("format", "required", "result", "seconds", "size", "sha256", "file")
    lines = [
        f"## {_mark(report)[1]} Export of {markdown_code(report.model)}",
        "",
        f"**{markdown(report.headline)}**",
        "",
    ]
    lines += [f"| {' | '.join(head)} |", "| :-- | :-- | :-- | --: | --: | :-- | :-- |"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in report.rows]
    lines += [f"\n- {markdown(row.format)}: {markdown(row.why, most=_MOST)}" for row in report.rows if _tells(row)]
    lines += [f"\n{markdown(report.stopped, most=_MOST)}"] if report.stopped else []
    if report.resume:
        command = markdown_code(report.resume, most=None)
        lines.append(f"\nTo go on later, use the operation `get-export` with `wait: true`, or {command}.")
    return "\n".join(lines) + "\n"


def _tells(row: ExportRow) -> bool:
    return bool(row.message) or not row.result.is_good


def _cells(row: ExportRow) -> Iterable[str]:
    yield markdown(row.format)
    yield "yes" if row.required else "no"
    yield f"{_MARKS.get(row.result, _BAD)[1]} {row.result.value}"
    yield f"{row.seconds:,.0f}" if row.seconds is not None else ""
    yield _size(row)
    yield markdown_code(row.sha256) if row.sha256 else ""
    yield markdown_code(row.file) if row.file else ""


def render_annotations(report: ExportReport) -> list[Annotation]:
    """An error for what stopped the operation and for each required export that came to no good end; a warning for
    each optional one.
    """
    bad = [row for row in report.rows if not row.result.is_good]
    shown = [row for required in (True, False) for row in [one for one in bad if one.required is required][:PER_LEVEL]]
    stop = [Annotation("error", "export stopped", visible(report.stopped, most=_MOST))] if report.stopped else []
    return [*stop, *map(_annotation, shown)]


def _annotation(row: ExportRow) -> Annotation:
    message = f"{visible(row.format)}: {row.result.value}: {visible(row.why, most=_MOST)}"
    return Annotation("error" if row.required else "warning", f"export {row.result.value}", message)


def results_json(rows: Sequence[ExportRow]) -> str:
    """The rows as a JSON array for later steps."""
    return json.dumps([_values(row) for row in rows], ensure_ascii=True, allow_nan=False)


def _values(row: ExportRow) -> dict[str, object]:
    return {
        "format": row.format,
        "required": row.required,
        "result": row.result.value,
        "export_id": row.export_id,
        "seconds": row.seconds,
        "size": row.size,
        "sha256": row.sha256,
        "file": row.file,
        "message": visible(row.message, most=_MOST),
    }


def _mark(report: ExportReport) -> tuple[str, str]:
    return _BAD if report.stopped else _MARKS.get(report.result, _BAD)


def _seconds(row: ExportRow) -> str:
    return "" if row.seconds is None else f"{row.seconds:,.0f} s"


def _size(row: ExportRow) -> str:
    if row.size is None:
        return ""
    return f"{row.size / 1e6:,.1f} MB" if row.size >= 1e5 else f"{row.size:,} bytes"
