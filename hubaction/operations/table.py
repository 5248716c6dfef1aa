"""OPERATIONS: every operation by the name that users write."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hubaction.errors import UsageError
from hubaction.operations import check_dataset
from hubaction.operations.outcome import Context, Outcome

Operation = Callable[[Mapping[str, str], Context], Outcome]

OPERATIONS: dict[str, Operation] = {
    "check-dataset": check_dataset.run,
}


def operation_named(name: str) -> Operation:
    """The operation; ``check_dataset`` is as good as ``check-dataset``. Raises UsageError."""
    chosen = OPERATIONS.get(name.replace("_", "-"))
    if chosen is None:
        raise UsageError(f"There is no operation {name!r}.", f"Use one of {', '.join(OPERATIONS)}.")
    return chosen
