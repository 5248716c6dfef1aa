"""Checks YOLO datasets as a gate, and runs model operations, from Python, a shell or a GitHub workflow.

>>> from hubaction import check_dataset
>>> report = check_dataset("coco8.zip", task="detect")  # raises DatasetError where the dataset fails
>>> report.stats["train"]["image_stats"]["total"]
4

The functions about models take the place of those of ``ultralytics.hub``, with the same arguments. They use the key of
the environment (HUB_API_KEY, else ULTRALYTICS_API_KEY), else the one that ``login`` has saved. They never ask for one,
and they tell what goes on to the logger ``hubaction``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubaction._version import __version__
from hubaction.errors import (
    DatasetError,
    DatasetUnreadable,
    ExportFailed,
    Forbidden,
    HubActionError,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    TimedOut,
    Unauthorised,
    Unreachable,
    UsageError,
    WrongKey,
)

if TYPE_CHECKING:
    import os

    from hubaction.hub.formats import Format
    from hubaction.operations.outcome import Context
    from hubaction.report.model import Report

__all__ = [
    "DatasetError",
    "DatasetUnreadable",
    "ExportFailed",
    "Forbidden",
    "HubActionError",
    "NotFound",
    "RateLimited",
    "Rejected",
    "ServiceError",
    "TimedOut",
    "Unauthorised",
    "Unreachable",
    "UsageError",
    "WrongKey",
    "__version__",
    "check_dataset",
    "export_fmts_hub",
    "export_model",
    "get_export",
    "list_formats",
    "login",
    "logout",
    "reset_model",
]


def check_dataset(
    path: str | os.PathLike[str], task: str | None = None, *, profile: str = "hub", workers: int | None = None
) -> Report:
    """Check a dataset; a drop-in for ``ultralytics.hub.check_dataset``. No configuration file is looked for.

    Args:
        path: a zip, a folder or a data.yaml.
        task: detect, segment, pose, obb or classify; None to infer it from the labels.
        profile: ``hub`` judges as the former function did, ``default`` is the gate's own judgement.
        workers: processes for reading; None for one per core.

    Returns:
        The report; ``report.stats`` is the former statistics dict, ``report.findings`` what was found, worst first.

    Raises:
        DatasetError: the dataset fails; ``error.report`` holds the report.
        DatasetUnreadable: there is no dataset at the path, or nothing of it can be read.
        UsageError: an unknown task or profile, or a task that cannot be inferred.
    """
    from pathlib import Path

    from hubaction.operations.check_dataset import CheckOptions, check, raise_if_failed

    report = check(CheckOptions(Path(path), task, profile, workers=workers, config=None))
    raise_if_failed(report)
    return report


def login(api_key: str | None = None, save: bool = True) -> bool:
    """Check a key with the service and, where it is accepted, save it for later (for this user only to read).

    Args:
        api_key: None for the key of the environment, else the saved one.
        save: whether to save it.

    Returns:
        Whether the service accepts the key. Nothing is saved where it does not.

    Raises:
        UsageError: there is no key, or it cannot be saved.
        WrongKey: the key is malformed or of the wrong kind; no request was sent.
        ServiceError: the service cannot be asked.
    """
    from hubaction.hub.secret import Secret
    from hubaction.operations.connection import Connection
    from hubaction.operations.login import login as check_and_save

    try:
        check_and_save(Connection(Secret(api_key or "")), _context(), save=save)
    except Unauthorised:
        return False
    return True


def logout() -> None:
    """Remove the saved key. The key itself stays valid: only the service can revoke it.

    Raises:
        UsageError: the file cannot be removed.
    """
    from hubaction.operations.logout import logout as forget

    forget(_context())


def reset_model(model_id: str = "") -> str:
    """Set a model back to untrained.

    Returns:
        A sentence that says what the service did: the Platform keeps weights and exports. The former function returned
        nothing, and nothing told a failure.

    Raises:
        UsageError: no model id, or one that is none of the service's; no request was sent.
        ServiceError: the service refuses or cannot be reached.
    """
    from hubaction.operations.connection import Connection
    from hubaction.operations.reset_model import reset_model as reset

    return reset(Connection(), model_id, _context())


def export_fmts_hub() -> list[str]:
    """Names of the export formats: the Platform's where the key is one of its keys, else the 22 of HUB, in order."""
    from hubaction.operations.list_formats import former_formats

    return list(former_formats(_context()))


def list_formats() -> tuple[Format, ...]:
    """All export formats of the Platform and of HUB, with suffixes and arguments."""
    from hubaction.operations.list_formats import list_formats as known

    return known()


def export_model(model_id: str = "", format: str = "torchscript") -> str:
    """Start an export of a model, or join an equal one that is running.

    Returns:
        The id of the export, '' where the service has none (HUB). The former function returned nothing.

    Raises:
        UsageError: no model id, an unknown format, or no key; no request was sent.
        ServiceError: the service refuses or cannot be reached.
    """
    from hubaction.operations.one_export import start_one

    return start_one(model_id, format, _context())


def get_export(model_id: str = "", format: str = "torchscript") -> dict[str, object]:
    """The newest export of a model to a format, as it stands now.

    Returns:
        ``success`` (whether it is ready), ``message`` ('Export ready!' then), ``state`` (completed or pending),
        ``format``, ``export_id``, ``size`` in bytes or None, ``file_name``, and ``url``, which is signed, works for a
        short time and is not to be logged; the same in ``data``, where clients of HUB looked for it.

    Raises:
        ExportFailed: the export has failed or was cancelled. The former function told it like a pending one.
        NotFound: the model or an export of it to this format does not exist, or the key cannot see it.
        UsageError: no model id, an unknown format, or no key; no request was sent.
        ServiceError: the service refuses or cannot be reached.
    """
    from hubaction.operations.one_export import get_one

    return get_one(model_id, format, _context())


def _context() -> Context:
    """The process's own environment; news go to the logger."""
    import logging
    import os
    from pathlib import Path

    from hubaction.operations.outcome import Context
    from hubaction.report.escape import visible

    log = logging.getLogger("hubaction")
    return Context(Path.cwd(), notify=lambda line: log.info(visible(line, most=500)), environment=os.environ)
