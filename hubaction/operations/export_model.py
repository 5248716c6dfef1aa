"""Start exports of a model; wait for them and download them where that was asked for."""

from __future__ import annotations

from collections.abc import Mapping

from hubaction.errors import Rejected, ServiceError
from hubaction.hub.service import Export, ExportRequest
from hubaction.operations.exports import ExportOptions, Exports, options_from
from hubaction.operations.outcome import Context, Outcome
from hubaction.report.exports import Result


def run(inputs: Mapping[str, str], context: Context) -> Outcome:
    """The operation. Raises as ``export_model`` does."""
    return export_model(options_from(inputs, context), context).outcome()


def export_model(options: ExportOptions, context: Context) -> Exports:
    """Start an export to every format. What the service says about one format does not keep it from the others.

    Raises:
        UsageError: there is no key, or the model, a format or an argument cannot be used; no request was sent.
        ServiceError: the service refuses or cannot be reached, and no export was started.
    """
    exports = Exports(options, context)
    requests = [exports.service.export_request(name, options.args, options.gpu_type) for name in exports.required]
    with exports.telling_all():
        for request in requests:
            _start(exports, request)
        exports.running = Result.STARTED
        exports.wait()
        exports.download()
    return exports


def _start(exports: Exports, request: ExportRequest) -> None:
    """Start one export and tell its id at once, so that it can be found even if nothing else is told."""
    try:
        export = exports.service.start_export(exports.model, request)
    except KeyboardInterrupt:
        exports.troubles[request.format] = Result.PENDING, "Interrupted while it was started; it may run by now."
        raise
    except Rejected as error:
        exports.troubles[request.format] = Result.FAILED, str(error)
    except ServiceError as error:
        if not exports.known:
            raise
        exports.troubles[request.format] = Result.FAILED, f"It was not started. {error}"
    else:
        exports.known[request.format] = export
        exports.context.notify(_started(export))


def _started(export: Export) -> str:
    verb = "an equal export runs already" if export.joined else "started"
    return f"{export.format}: {verb}, id {export.id}." if export.id else f"{export.format}: {verb}."
