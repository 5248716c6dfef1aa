"""Exports of one model: what an operation asks for, where each export stands, and what to tell about them."""

from __future__ import annotations

import contextlib
import dataclasses
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hubaction.errors import HubActionError, ServiceError
from hubaction.hub.service import Export, State
from hubaction.operations.connection import Connection, connection_from, open_service
from hubaction.operations.outcome import Context, Outcome
from hubaction.operations.settings import parse_arguments, parse_flag, parse_minutes, words
from hubaction.report.escape import visible
from hubaction.report.exports import (
    ExportReport,
    ExportRow,
    Result,
    render_annotations,
    render_summary,
    render_text,
    results_json,
)

if TYPE_CHECKING:
    from hubaction.hub.download import Downloaded

DEFAULT_FORMAT = "torchscript"
"""What the former functions exported to where no format was named (ultralytics 8.4.114)."""

_INTERRUPTED = 130
_ENDED = {State.COMPLETED: Result.COMPLETED, State.FAILED: Result.FAILED, State.CANCELLED: Result.CANCELLED}


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to export, and how long to stay with it.

    Attributes:
        formats: may be names of former times. optional: formats, also of ``formats``, that may fail.
        args: export arguments, for every format; their values may be text.
        wait: seconds to wait for the exports; None to wait for none.
        folder: where completed exports are downloaded to; None for nowhere.
    """

    model_id: str
    formats: tuple[str, ...] = (DEFAULT_FORMAT,)
    optional: tuple[str, ...] = ()
    args: Mapping[str, object] = field(default_factory=dict)
    gpu_type: str = ""
    wait: float | None = None
    folder: Path | None = None
    connection: Connection = field(default_factory=Connection)


def options_from(inputs: Mapping[str, str], context: Context) -> ExportOptions:
    """The inputs of the action as options. Raises UsageError."""
    formats, optional = words(inputs["format"]), words(inputs["optional_formats"])
    timeout = parse_minutes(inputs["timeout"], "The input timeout")
    folder = context.output_folder(inputs["output_dir"])
    return ExportOptions(
        inputs["model_id"],
        formats or (() if optional else (DEFAULT_FORMAT,)),
        optional,
        parse_arguments(inputs["export_args"], "The input export_args"),
        inputs["gpu_type"],
        timeout if parse_flag(inputs["wait"], "The input wait") else None,
        folder if parse_flag(inputs["download"], "The input download") else None,
        connection_from(inputs),
    )


class Exports:
    """The exports that an operation deals with.

    Attributes:
        required: every wanted format by the service's own name, and whether the operation needs it.
        known: the export of each format, as the service told last.
        troubles: per format, what went wrong without the service telling that the export failed.
        files: what was downloaded.
        running: what an export is called that has not ended.
    """

    def __init__(self, options: ExportOptions, context: Context) -> None:
        self.options = options
        self.context = context
        self.service = open_service(options.connection, context)
        self.model = self.service.model(options.model_id)
        wanted = dict.fromkeys(self.service.format(name) for name in options.formats)
        optional = dict.fromkeys(self.service.format(name) for name in options.optional)
        self.required = {name: name not in optional for name in {**wanted, **optional}}
        self.known: dict[str, Export] = {}
        self.troubles: dict[str, tuple[Result, str]] = {}
        self.files: dict[str, Downloaded] = {}
        self.running = Result.PENDING
        self._stopped = ""
        self._code = 0

    @contextlib.contextmanager
    def telling_all(self) -> Iterator[None]:
        """What stops the steps in here becomes part of the report; before the first export it is raised."""
        try:
            yield
        except KeyboardInterrupt:
            if not self.known and not self.troubles:
                raise
            self._stopped, self._code = "Interrupted; nothing was cancelled on the service.", _INTERRUPTED
        except ServiceError as error:
            if not self.known:
                raise
            self._stopped, self._code = str(error), error.exit_code

    def wait(self) -> None:
        """Wait for those that have not ended, where that was asked for. Raises ServiceError."""
        from hubaction.hub.waiting import wait_for_exports

        left = [export for export in self.known.values() if export.state is State.PENDING]
        if self.options.wait is None or not left:
            return
        context = self.context
        self.running = Result.PENDING
        ended = wait_for_exports(self.service, self.model, left, self.options.wait, context.notify, context.clock)
        self.known.update((export.format, export) for export in ended)
        self.running = Result.TIMED_OUT

    def download(self) -> None:
        """Fetch what is completed, where a folder was given. A failure is one of that format."""
        if self.options.folder is None:
            return
        for name, export in self.known.items():
            if export.state is State.COMPLETED:
                try:
                    self.files[name] = self._fetch(export, self.options.folder)
                except HubActionError as error:
                    self.troubles[name] = Result.FAILED, f"The export is ready, but was not downloaded. {error}"

    def _fetch(self, export: Export, folder: Path) -> Downloaded:
        from hubaction.hub.download import download
        from hubaction.hub.storage import Storage

        context = self.context
        storage = Storage(context.notify, context.clock)
        with context.activity(f"{export.format} downloaded:", "bytes") as progress:
            done = download(export, self._refresher(export), folder, storage, progress, model=self.model.parts[-1])
        context.notify(f"{export.format}: downloaded to {context.in_workspace(done.path)}.")
        return done

    def _refresher(self, export: Export) -> Callable[[], Export]:
        return lambda: self.service.refreshed(self.model, export)

    # what to tell

    def outcome(self) -> Outcome:
        """What the operation shows, writes and returns."""
        report = self.report()
        return Outcome(
            self._code or (ServiceError.exit_code if report.has_failed else 0),
            render_text(report),
            render_summary(report),
            render_annotations(report),
            self._outputs(report),
            [done.path for done in self.files.values()],
        )

    def report(self) -> ExportReport:
        """All exports as they stand."""
        rows = tuple(self._row(name, required=required) for name, required in self.required.items())
        return ExportReport(self.model.shown, self.service.name, rows, self._stopped, self._resume(rows))

    def _row(self, name: str, *, required: bool) -> ExportRow:
        export = self.known.get(name)
        if export is None:
            result, message = self.troubles.get(name, (Result.MISSING, ""))
            return ExportRow(name, required, result, message=message)
        result, message = self.troubles.get(name, (_ENDED.get(export.state, self.running), export.error))
        row = ExportRow(name, required, result, export.id, export.seconds, export.size, message=message)
        return self._with_file(row, self.files[name]) if name in self.files else row

    def _with_file(self, row: ExportRow, done: Downloaded) -> ExportRow:
        file = self.context.in_workspace(done.path)
        return dataclasses.replace(row, size=done.size, sha256=done.sha256, file=file)

    def _resume(self, rows: tuple[ExportRow, ...]) -> str:
        """The command that goes on with what has not ended, and with what is ready and not here."""
        left = [row.format for row in rows if not self._is_done(row)]
        command = ["hubaction", "get-export", self.model.shown, "--format", ",".join(left), "--wait"]
        connection = self.options.connection
        for flag, root in (("--platform-url", connection.platform_url), ("--hub-api", connection.hub_api)):
            command += [flag, root] if root else []
        return shlex.join(command) if left else ""

    def _is_done(self, row: ExportRow) -> bool:
        export = self.known.get(row.format)
        if export is None:
            return row.result is not Result.PENDING
        if export.state is State.COMPLETED:
            return bool(row.file) or self.options.folder is None
        return export.state is not State.PENDING

    def _outputs(self, report: ExportReport) -> dict[str, str]:
        files = [row for row in report.rows if row.file]
        return {
            "state": "interrupted" if self._code == _INTERRUPTED else report.result.value,
            "export_id": "\n".join(visible(row.export_id) for row in report.rows if row.export_id),
            "file": "\n".join(row.file for row in files),
            "sha256": "\n".join(row.sha256 for row in files),
            "results": results_json(report.rows),
        }
