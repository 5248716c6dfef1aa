"""What can be turned on a sandbox: its pace, its limits, and the faults that it shows."""

from __future__ import annotations

import dataclasses
import enum
import math
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from hubaction.errors import UsageError


class Kind(enum.Enum):
    """What goes wrong. The first ones answer instead of the service, those after ``CLOSE`` bend its true answer."""

    STATUS = "status"  # VALUE is the status, 503 unless told, in the dialect's own form
    LIMIT = "limit"  # 429; VALUE is seconds to wait, or 'bare' for no headers, or 'odd' for ones that nobody can read
    HTML = "html"  # a page in place of JSON; VALUE is the status, 502 unless told
    GARBLED = "garbled"  # JSON that ends in the middle
    EMPTY = "empty"  # no body; VALUE is the status, 200 unless told
    HUGE = "huge"  # VALUE bytes of JSON, 64 MB unless told
    HANG = "hang"  # no answer for VALUE seconds, an hour unless told
    REDIRECT = "redirect"  # 307 to VALUE
    RESET = "reset"  # the connection is reset before any byte
    CLOSE = "close"  # the connection is closed before any byte
    DRIP = "drip"  # a byte every VALUE seconds, one unless told
    CUT = "cut"  # the connection is closed after VALUE bytes of the body, half of it unless told
    LENGTH = "length"  # Content-Length is off by VALUE, +10 unless told
    WHOLE = "whole"  # Range is ignored
    DROP = "drop"  # the fields named VALUE are missing, downloadUrl unless told
    EXTRA = "extra"  # every object has a field that nobody knows
    STATE = "state"  # a running export is in the state VALUE, 'provisioning' unless told


_SECONDS = r"(\d+(\.\d*)?)?"
_STATUS = r"([1-5]\d\d)?"
_VALUES = {
    Kind.STATUS: _STATUS,
    Kind.HTML: _STATUS,
    Kind.EMPTY: _STATUS,
    Kind.LIMIT: r"\d*|bare|odd",
    Kind.HUGE: r"\d*",
    Kind.HANG: _SECONDS,
    Kind.DRIP: _SECONDS,
    Kind.CUT: r"\d*",
    Kind.LENGTH: r"([+-]?\d+)?",
    Kind.REDIRECT: r"[!-~]+",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the next requests that match.

    Attributes:
        path: pattern of the path, ``*`` for any text; method: ``*`` for any.
        value: see ``Kind``; '' for the usual one.
        times: requests that it strikes, None for all of them.
    """

    path: str
    kind: Kind
    value: str = ""
    times: int | None = 1
    method: str = "*"

    def __post_init__(self) -> None:
        """Raises UsageError for a value that the kind cannot have."""
        form = _VALUES.get(self.kind, "")
        if form and not re.fullmatch(form, self.value):
            raise UsageError(f"A fault of kind {self.kind.value} cannot have the value {self.value!r}.")

    def matches(self, method: str, path: str) -> bool:
        return self.method in {"*", method} and fnmatchcase(path, self.path)


def parse_fault(text: str) -> Fault:
    """The fault that ``METHOD PATH KIND[=VALUE] [TIMES|always]`` describes, such as ``GET /storage/* cut=1000 2``.

    Raises:
        UsageError: the text has another form, names no kind of fault, or a value that it cannot have.
    """
    parts = text.split()
    if len(parts) not in {3, 4}:
        raise UsageError(f"The fault {text!r} is not METHOD PATH KIND[=VALUE] [TIMES].", "E.g. 'GET /storage/* cut 2'.")
    kind, _, value = parts[2].partition("=")
    times = parts[3] if len(parts) == 4 else "1"
    if not times.isdecimal() and times != "always":
        raise UsageError(f"The fault {text!r} strikes {times!r} times.", "Give a number or 'always'.")
    return Fault(parts[1], parse_kind(kind), value, None if times == "always" else int(times), parts[0].upper())


def parse_kind(word: str) -> Kind:
    """A kind by its word. Raises UsageError where there is none of that name."""
    try:
        return Kind(word)
    except ValueError:
        kinds = ", ".join(kind.value for kind in Kind)
        raise UsageError(f"There is no kind of fault {word!r}.", f"Choose one of {kinds}.") from None


@dataclass(frozen=True, slots=True)
class Knobs:
    """Settings that hold for all requests.

    Attributes:
        seconds: that an export stays in each of queued, starting and running, and an upload in processing.
        polls: reads that an export stays in each state instead; None to go by time.
        failures: message by the format whose exports fail.
        artifact_size: bytes of an artifact that is made up as it is sent; 0 for a small real file.
        artifact_seed: another number gives an artifact other bytes and another ETag.
        link_life: seconds that a download address is good for.
        rate: factor of the documented rate limits; 0 switches them off.
        hub_failure_status: status of a failed export on HUB, for which no client knows the true one.
        more_formats: formats that the Platform knows beyond the documented ones.
    """

    seconds: float = 2.0
    polls: int | None = None
    failures: Mapping[str, str] = field(default_factory=dict)
    artifact_size: int = 0
    artifact_seed: int = 0
    link_life: float = 3600.0
    rate: float = 1.0
    hub_failure_status: int = 200
    more_formats: tuple[str, ...] = ()

    def turned(self, changes: Mapping[str, object]) -> Knobs:
        """These with some changed. Raises UsageError for a knob that there is not, or a value of another kind."""
        known = {one.name: getattr(_USUAL, one.name) for one in dataclasses.fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise UsageError(f"The sandbox has no knob {name!r}.", f"It has {', '.join(known)}.")
            if not _fits(name, value, known[name]):
                raise UsageError(f"The knob {name} cannot be turned to {value!r}.")
        tuples = {name: tuple(value) for name, value in changes.items() if isinstance(value, list)}
        return dataclasses.replace(self, **{**changes, **tuples})  # type: ignore[arg-type]  # _fits has looked


_USUAL = Knobs()


def _fits(name: str, value: object, usual: object) -> bool:
    if name == "polls":
        return value is None or (isinstance(value, int) and value >= 0)
    if isinstance(usual, int | float):
        whole = isinstance(value, int) or isinstance(usual, float)
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        return is_number and value >= 0 and whole  # type: ignore[operator]  # is_number has looked
    if isinstance(usual, tuple):
        return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    return isinstance(value, Mapping) and all(isinstance(one, str) for pair in value.items() for one in pair)


class FaultTable:
    """The faults still to come. Safe to use from every connection at once."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._left = [(fault, fault.times) for fault in faults]
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        with self._lock:
            self._left += [(fault, fault.times) for fault in faults]

    def clear(self) -> None:
        with self._lock:
            self._left = []

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that strikes this request; it then has one time less."""
        with self._lock:
            for index, (fault, times) in enumerate(self._left):
                if times != 0 and fault.matches(method, path):
                    self._left[index] = (fault, None if times is None else times - 1)
                    return fault
        return None
