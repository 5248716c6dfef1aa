"""OPERATIONS: every operation by the name that users write."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hubaction.errors import UsageError
from hubaction.operations import (
    check_dataset,
    export_model,
    get_export,
    list_formats,
    login,
    logout,
    reset_model,
    upload_dataset,
)
from hubaction.operations.outcome import Context, Outcome

Operation = Callable[[Mapping[str, str], Context], Outcome]

OPERATIONS: dict[str, Operation] = {
    "check-dataset": check_dataset.run,
    "upload-dataset": upload_dataset.run,
    "login": login.run,
    "logout": logout.run,
    "reset-model": reset_model.run,
    "list-formats": list_formats.run,
    "export-model": export_model.run,
    "get-export": get_export.run,
}


def operation_named(name: str) -> Operation:
    """The operation; ``check_dataset`` is as good as ``check-dataset``. Raises UsageError."""
    chosen = OPERATIONS.get(name.replace("_", "-"))
    if chosen is None:
        raise UsageError(f"There is no operation {name!r}.", f"Use one of {', '.join(OPERATIONS)}.")
    return chosen
