"""Text from an input or a flag as a typed value; an error names where the text came from."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence

from hubaction.dataset.limits import Limits
from hubaction.errors import UsageError
from hubaction.policy.given import UNSET, Unset
from hubaction.policy.profiles import FailOn


def parse_fail_on(text: str, source: str) -> FailOn:
    """error, warning or never. Raises UsageError."""
    try:
        return FailOn(text)
    except ValueError:
        raise UsageError(f"{source} is {text!r}.", f"Use one of {', '.join(f.value for f in FailOn)}.") from None


def parse_workers(text: str, source: str) -> int:
    """A number of processes, at least 1. Raises UsageError."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= 1024:
        raise UsageError(f"{source} is {text!r}.", "Give a number of processes from 1 to 1024.")
    return number


def split_lines(text: str) -> list[str]:
    """A multi-line input as its non-blank lines."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def split_words(*texts: str | None) -> tuple[str, ...] | Unset:
    """Names separated by commas, blanks or lines; UNSET where there are none."""
    return tuple(" ".join(text or "" for text in texts).replace(",", " ").split()) or UNSET


def parse_limits(assignments: Sequence[str], source: str) -> Limits:
    """``NAME=NUMBER`` texts as limits. Raises UsageError."""
    known = {field.name for field in dataclasses.fields(Limits)}
    values = {}
    for assignment in assignments:
        name, _, number = (part.strip() for part in assignment.partition("="))
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            cure = f"Did you mean {close[0]}?" if close else f"The limits are {', '.join(sorted(known))}."
            raise UsageError(f"{source} names {name!r}, which is no limit.", cure)
        values[name] = _whole_number(
            number, f"{source} sets {name} to {number!r:.60}.", f"Write {name}= and a whole number."
        )
    return Limits(**values)


def _whole_number(text: str, cause: str, cure: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise UsageError(cause, cure)
    return number
