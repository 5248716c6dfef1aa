"""Send a dataset to the service, once it has passed the gate; judge it by what the service made of it."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hubaction.errors import ServiceError, UsageError
from hubaction.hub.service import DatasetUpload, Service, State, Uploaded
from hubaction.operations import check_dataset
from hubaction.operations.check_dataset import CheckOptions
from hubaction.operations.connection import Connection, connection_from, open_service
from hubaction.operations.outcome import Context, Outcome
from hubaction.operations.settings import parse_flag, parse_minutes
from hubaction.report.annotations import Annotation
from hubaction.report.escape import visible
from hubaction.report.model import Report
from hubaction.report.upload import UploadReport, render_summary, render_text

_INTERRUPTED = 130
_MOST = 500  # characters of the service's own words
_GATE_FAILED = 1


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """What to check and send, and where to.

    Attributes:
        target: ``owner/slug`` or ``slug``; on a HUB server a name or the id of a dataset.
        timeout: seconds for sending it and for the service to read it.
        conflict: what becomes of images that the dataset has already: skip, keep_both or replace; '' is the service's.
        allow_errors: pass although the service could not read every image and label.
    """

    check: CheckOptions
    target: str
    timeout: float
    conflict: str = ""
    allow_errors: bool = False
    connection: Connection = field(default_factory=Connection)


def run(inputs: Mapping[str, str], context: Context) -> Outcome:
    """The operation. Raises as ``upload_dataset`` does, and UsageError for inputs that cannot be used."""
    options = UploadOptions(
        check_dataset.options_from(inputs, context),
        inputs["dataset_id"],
        parse_minutes(inputs["timeout"], "The input timeout"),
        inputs["conflict"],
        parse_flag(inputs["allow_ingest_errors"], "The input allow_ingest_errors"),
        connection_from(inputs),
    )
    return upload_dataset(options, context)


def upload_dataset(options: UploadOptions, context: Context) -> Outcome:
    """Check the dataset and, where it passes, send it and wait until the service has read it.

    Raises:
        DatasetUnreadable: nothing lies at the path.
        UsageError: no target or key, or a setting that cannot be used. Nothing was sent.
        WrongKey: the key is of the wrong kind for the service. Nothing was sent.
    """
    if not options.target.strip():
        raise UsageError("There is no name for the dataset on the service.", "Set dataset_id to owner/name or a name.")
    service = open_service(options.connection, context)
    report = check_dataset.checked(options.check, context)
    gate = check_dataset.outcome_of(report, options.check, context)
    if gate.exit_code:
        untouched = UploadReport("failed", False, options.target, message="It fails the check; nothing was sent.")
        return _outcome(gate, untouched, gate.exit_code)
    with _archive(options.check, report) as file:
        upload, code = _send(service, options, report, file, context)
    return _outcome(gate, upload, code)


@contextmanager
def _archive(options: CheckOptions, report: Report) -> Iterator[Path]:
    """The archive to send: the caller's own, or one that is made of a folder and goes away again."""
    if report.is_archive:
        yield options.path
        return
    from hubaction.dataset.source import open_source
    from hubaction.operations.pack_dataset import pack

    with tempfile.TemporaryDirectory(prefix="hubaction-", ignore_cleanup_errors=True) as folder:
        target = Path(folder) / "dataset.zip"
        pack(open_source(options.path, options.limits), report.task, options.limits, target)
        yield target


def _send(
    service: Service, options: UploadOptions, report: Report, file: Path, context: Context
) -> tuple[UploadReport, int]:
    """What became of the upload, and the exit code; what is known of the dataset by now is told in any case."""
    deadline = context.clock.monotonic() + options.timeout
    upload = DatasetUpload(file, options.target, report.task, deadline, options.conflict)
    try:
        with context.activity("uploaded", "bytes") as progress:
            return _judged(service.upload_dataset(upload, progress), options)
    except KeyboardInterrupt:
        message = "The service may go on with what it has received."
        return UploadReport("interrupted", False, options.target, message=message), _INTERRUPTED
    except ServiceError as error:
        return UploadReport("failed", False, options.target, message=str(error)), error.exit_code


def _judged(done: Uploaded, options: UploadOptions) -> tuple[UploadReport, int]:
    """An image with an error or a label that was skipped is a failure of the gate, unless it is allowed."""
    lost = (done.errors or 0) + sum(done.skipped.values())
    result, code, message = "completed", 0, ""
    if done.state is State.PENDING:
        result, code, message = "timed out", ServiceError.exit_code, "The service is still reading the dataset."
    elif done.state is not State.COMPLETED:
        result, code, message = "failed", ServiceError.exit_code, done.problem or "The service could not read it."
    elif lost:
        message = f"The service could not use {lost:,} images or labels."
        result, code = ("completed", 0) if options.allow_errors else ("failed", _GATE_FAILED)
    return _reported(done, UploadReport(result, not code, options.target, message=message)), code


def _reported(done: Uploaded, report: UploadReport) -> UploadReport:
    return dataclasses.replace(
        report,
        dataset=done.shown,
        created=done.created,
        images=done.images,
        errors=done.errors,
        skipped=done.skipped,
        splits=done.splits,
        bad_images=done.bad_images,
    )


def _outcome(gate: Outcome, upload: UploadReport, code: int) -> Outcome:
    """The outcome of the check, with what became of the upload added to it."""
    level = "warning" if upload.good else "error"
    told = [Annotation(level, f"upload {upload.result}", visible(upload.message, most=_MOST))] if upload.message else []
    return dataclasses.replace(
        gate,
        exit_code=code,
        text=f"{gate.text.rstrip()}\n\n{render_text(upload)}",
        summary=f"{render_summary(upload)}\n{gate.summary}",
        annotations=[*told, *gate.annotations],
        outputs={**gate.outputs, "state": upload.result, "dataset": upload.dataset},
    )
