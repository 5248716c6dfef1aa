"""Find exports of a model, wait for them where that was asked for, and download them."""

from __future__ import annotations

from collections.abc import Mapping

from hubaction.operations.exports import ExportOptions, Exports, options_from
from hubaction.operations.outcome import Context, Outcome


def run(inputs: Mapping[str, str], context: Context) -> Outcome:
    """The operation. Raises as ``get_export`` does."""
    return get_export(options_from(inputs, context), context).outcome()


def get_export(options: ExportOptions, context: Context) -> Exports:
    """Look for the newest export of every format. None is started; one that is not there is told as missing.

    Raises:
        UsageError: there is no key, or the model or a format cannot be used; no request was sent.
        ServiceError: the service refuses or cannot be reached.
    """
    exports = Exports(options, context)
    found = exports.service.find_exports(exports.model, list(exports.required))
    exports.known = {name: export for name, export in zip(exports.required, found, strict=True) if export}
    with exports.telling_all():
        exports.wait()
        exports.download()
    return exports
