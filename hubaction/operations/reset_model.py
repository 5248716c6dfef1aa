"""Set a model back to untrained."""

from __future__ import annotations

from collections.abc import Mapping

from hubaction.operations.connection import Connection, connection_from, open_service
from hubaction.operations.outcome import Context, Outcome
from hubaction.report.escape import markdown, visible


def run(inputs: Mapping[str, str], context: Context) -> Outcome:
    """The operation. Raises as ``reset_model`` does."""
    text = reset_model(connection_from(inputs), inputs["model_id"], context)
    return Outcome(0, f"✓ {visible(text, most=None)}", f"## ✅ Model reset\n\n{markdown(text, most=None)}\n", (), {})


def reset_model(connection: Connection, model_id: str, context: Context) -> str:
    """Reset the model; a sentence that says what the service did and what it left as it was.

    Raises:
        UsageError: there is no key, no model id, or one that is none of the service's.
        ServiceError: the service refuses, for instance while the model is trained, or cannot be reached.
    """
    service = open_service(connection, context)
    return service.reset_model(service.model(model_id))
