"""Check a key with the service, and save it where that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hubaction.hub.service import Account
from hubaction.operations.connection import Connection, connection_from, settings_for
from hubaction.operations.outcome import Context, Outcome
from hubaction.operations.settings import parse_flag
from hubaction.report.escape import markdown, visible


@dataclass(frozen=True, slots=True)
class Login:
    """A key that the service accepts.

    Attributes:
        service: its name. source: where the key came from. saved: the file that holds it now, None for none.
    """

    account: Account
    service: str
    source: str
    saved: Path | None


def run(inputs: Mapping[str, str], context: Context) -> Outcome:
    """The operation. Raises as ``login`` does."""
    done = login(connection_from(inputs), context, save=parse_flag(inputs["save_key"], "The input save_key"))
    lines = describe(done)
    summary = "\n".join(["## ✅ Logged in", "", *(f"{markdown(line)}\n" for line in lines)])
    return Outcome(0, "\n".join(["✓ Logged in", *(f"  {visible(line)}" for line in lines)]), summary, (), {})


def login(connection: Connection, context: Context, *, save: bool) -> Login:
    """Ask the service whose key this is. Nothing is saved before it has accepted the key.

    Raises:
        UsageError: there is no key, or it cannot be saved.
        WrongKey: the key is of the wrong kind for the service; Unauthorised: the service does not accept it.
        ServiceError: the service cannot be asked.
    """
    from hubaction.hub.connect import connect
    from hubaction.hub.credentials import save_key

    settings = settings_for(connection, context)
    service = connect(settings, context.notify, context.clock)
    account = service.check_key()
    saved = save_key(settings.key, context.environment) if save and settings.key else None
    return Login(account, service.name, settings.source, saved)


def describe(done: Login) -> list[str]:
    """Sentences about whose key it is and where it lies. What the service says of the account is untrusted."""
    plan = f", plan {done.account.plan}" if done.account.plan else ""
    whose = f" It belongs to {done.account.name}{plan}." if done.account.name else ""
    lines = [f"The {done.service} accepts the key ({done.source}).{whose}"]
    if done.saved:
        lines.append(f"It is saved in {done.saved} until the operation logout removes it.")
    return lines
