"""Forget the saved key."""

from __future__ import annotations

from collections.abc import Mapping

from hubaction.operations.outcome import Context, Outcome
from hubaction.report.escape import markdown, visible

_VARIABLES = ("HUB_API_KEY", "ULTRALYTICS_API_KEY")


def run(_inputs: Mapping[str, str], context: Context) -> Outcome:
    """The operation. Raises as ``logout`` does."""
    text = logout(context)
    return Outcome(0, f"✓ {visible(text)}", f"## ✅ Logged out\n\n{markdown(text)}\n", (), {})


def logout(context: Context) -> str:
    """Remove the key that ``login`` saved, and say so. The key itself stays valid: only the service can revoke it.

    Raises:
        UsageError: the file cannot be removed.
    """
    from hubaction.hub.credentials import forget_key

    forgotten = "The saved key was removed." if forget_key(context.environment) else "No key was saved."
    still = [name for name in _VARIABLES if context.environment.get(name, "").strip()]
    return f"{forgotten} {' and '.join(still)} still set one." if still else forgotten
