"""One export of a model, as the functions of ``ultralytics.hub`` had it."""

from __future__ import annotations

from hubaction.errors import ExportFailed, NotFound
from hubaction.hub.service import Export, State
from hubaction.operations.exports import ExportOptions, Exports
from hubaction.operations.outcome import Context
from hubaction.report.escape import visible

READY = "Export ready!"
"""The message that the former clients waited for (hub-sdk 0.0.25)."""

_MOST = 500  # characters of the service's own words


def start_one(model_id: str, format: str, context: Context) -> str:
    """Start an export; its id, '' where the service has none. Raises UsageError, ServiceError."""
    exports, name = _one(model_id, format, context)
    return exports.service.start_export(exports.model, exports.service.export_request(name, {})).id


def get_one(model_id: str, format: str, context: Context) -> dict[str, object]:
    """The export as a dict. Raises ExportFailed, NotFound, UsageError, ServiceError."""
    exports, name = _one(model_id, format, context)
    (export,) = exports.service.find_exports(exports.model, [name])
    shown = f"of {exports.model.shown} to {name}"
    if export is None:
        raise NotFound(f"There is no export {shown}.", "Start one with export_model.")
    if export.state in {State.FAILED, State.CANCELLED}:
        reason = f": {visible(export.error, most=_MOST).rstrip('.')}" if export.error else ""
        raise ExportFailed(f"The export {shown} is {export.state.value}{reason}.", "Start it again with export_model.")
    return _described(export, name)


def _one(model_id: str, format: str, context: Context) -> tuple[Exports, str]:
    exports = Exports(ExportOptions(model_id, (format,)), context)
    return exports, next(iter(exports.required))


def _described(export: Export, name: str) -> dict[str, object]:
    ready = export.state is State.COMPLETED
    url = export.url.reveal() if ready and export.url else None
    return {
        "success": ready,
        "message": READY if ready else "The export is still running.",
        "state": export.state.value,
        "format": name,
        "export_id": export.id,
        "size": export.size,
        "file_name": export.file_name,
        "url": url,
        "data": {"url": url},
    }
