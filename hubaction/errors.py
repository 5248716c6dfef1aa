"""Every error that a user can meet, as one tree. The class decides the exit code.

===== ==========================================================
Code  Meaning
===== ==========================================================
0     passed
1     the gate failed: findings at or above ``fail_on``
2     bad input or configuration
3     the dataset is missing or unreadable
4     the service refused or cannot be reached
5     a bug of ours
130   interrupted by SIGINT
143   ended by SIGTERM
===== ==========================================================
"""

from __future__ import annotations

from typing import ClassVar


class HubActionError(Exception):
    """A failure told in two sentences: its cause, and what to do about it.

    Attributes:
        cause: what went wrong and where, one sentence.
        fix: what the reader can do now, one sentence; may be empty.
        exit_code: what a process that ends with this error returns.
    """

    exit_code: ClassVar[int] = 5

    def __init__(self, cause: str, fix: str = "") -> None:
        super().__init__(f"{cause} {fix}".rstrip())
        self.cause = cause
        self.fix = fix


class DatasetError(HubActionError):
    """The dataset was read and fails its check. ``args[0]`` lists the findings, ``report`` holds all of them."""

    exit_code = 1

    def __init__(self, cause: str, fix: str = "", report: object = None) -> None:
        super().__init__(cause, fix)
        self.report = report


class UsageError(HubActionError):
    """An option, an input or a configuration value cannot be used as given."""

    exit_code = 2


class DatasetUnreadable(DatasetError):
    """There is no dataset at the path, or nothing of it can be checked."""

    exit_code = 3


class Terminated(KeyboardInterrupt):
    """SIGTERM. It passes every ``except Exception``, as an interrupt does."""


def signal_code(stop: KeyboardInterrupt) -> int:
    """Exit code of a process that a signal ended: 128 and its number, as in a shell."""
    return 143 if isinstance(stop, Terminated) else 130


class ServiceError(HubActionError):
    """The service refused, failed or could not be reached.

    Attributes:
        status: HTTP status of the answer; None where there was none.
        request_id: what the service calls the request, for its support; '' where it did not say.
    """

    exit_code = 4

    def __init__(self, cause: str, fix: str = "", *, status: int | None = None, request_id: str = "") -> None:
        super().__init__(cause, fix)
        self.status = status
        self.request_id = request_id


class WrongKey(ServiceError):
    """The key is of the wrong kind for the service, or malformed. No request was sent."""


class Unauthorised(ServiceError):
    """The key is well-formed and the service does not accept it (401)."""


class Forbidden(ServiceError):
    """The key is accepted, but its owner may not do this (402, 403)."""


class NotFound(ServiceError):
    """What was asked for does not exist, or this key cannot see it (404)."""


class RateLimited(ServiceError):
    """The service asks to wait longer than this operation may (429)."""


class Rejected(ServiceError):
    """The service does not accept the request (400, 409, 422); the message has its own words, cut at 500."""


class Unreachable(ServiceError):
    """No usable answer: no connection, a broken one, 5xx to the end, or an answer in a form nobody expects."""


class TimedOut(ServiceError):
    """The time that the operation may take is over."""


class ExportFailed(ServiceError):
    """The service tells that the export has failed or was cancelled."""
