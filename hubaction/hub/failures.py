"""An answer that is a refusal, as the error that a user reads."""

from __future__ import annotations

from hubaction.errors import (
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    Unauthorised,
    Unreachable,
)
from hubaction.hub.answer import Answer
from hubaction.report.escape import visible

_KINDS: dict[int, tuple[type[ServiceError], str]] = {
    401: (Unauthorised, "The key may be revoked or of another service: create a new one in the service's settings."),
    402: (Forbidden, "The account has no credit for this."),
    403: (Forbidden, "Check the rights of the key's owner and the plan of the account."),
    404: (NotFound, "It does not exist, or this key may not see it: check the name, and whose key it is."),
    408: (Unreachable, "Try again later."),
    429: (RateLimited, "Wait a minute, and run fewer jobs at once with this key."),
}
_ELSE = (Rejected, "Change the request as the service asks.")
_BROKEN = (Unreachable, "Try again later; if it lasts, ask the service's support.")


def failure_of(answer: Answer, host: str, doing: str) -> ServiceError:
    """The error for an answer of a service. ``doing`` is what could not be done, such as 'start the export'."""
    kind, fix = _kind(answer)
    there = answer.host or host
    if there != host:
        fix = f"{host} redirects there, where the key does not go: give the address that the service has now."
    cause = f"Could not {doing}: {there} answered {answer.status}{_said(answer)}{_named(answer)}."
    return kind(cause, fix, status=answer.status, request_id=answer.request_id)


def storage_failure(answer: Answer, host: str, doing: str) -> ServiceError:
    """The error for an answer of a storage, which knows signed addresses and no accounts."""
    kind, fix = _kind(answer)
    cause = f"Could not {doing}: the storage at {host} answered {answer.status}."
    fix = fix if answer.status in {408, 429} or answer.status >= 500 else _SIGNED
    return kind(cause, fix, status=answer.status, request_id=answer.request_id)


_SIGNED = "Its signed address may have expired: run it again for a new one."


def _kind(answer: Answer) -> tuple[type[ServiceError], str]:
    if answer.status < 300:
        return Unreachable, "The answer has a form that is not known; a newer version may know it."
    if answer.status < 400:
        return Unreachable, "Give the address that the service has now: a key never follows a redirect."
    if answer.status == 404 and not answer.words:
        return NotFound, f"The service's routes may have changed: nothing answers at {visible(answer.path)}."
    return _KINDS.get(answer.status, _BROKEN if answer.status >= 500 else _ELSE)


def _said(answer: Answer) -> str:
    words = visible(answer.words, most=None).strip().rstrip(".")
    return f": {words}" if words else ""


def _named(answer: Answer) -> str:
    return f" (request {answer.request_id})" if answer.request_id else ""
