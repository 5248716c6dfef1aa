"""Text from an input or a flag as a typed value; an error names where the text came from."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
from collections.abc import Collection, Sequence

from hubaction.dataset.limits import Limits
from hubaction.errors import UsageError
from hubaction.policy.given import UNSET, Unset
from hubaction.policy.profiles import FailOn
from hubaction.report.table import RENDERERS

IMAGES = 60
"""Pictures that a report shows unless it is told otherwise."""

MOST_IMAGES = 1_000
"""Pictures that a report may be asked to show; a browser bears no more of them in one page."""

_YES = frozenset({"true", "True", "TRUE"})
_NO = frozenset({"false", "False", "FALSE", ""})
_TIME = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smh]?)")
_SECONDS = {"s": 1.0, "m": 60.0, "": 60.0, "h": 3600.0}
_LONGEST = 5 * 24 * 3600.0  # a job on a runner of one's own ends after five days


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


def parse_images(text: str, source: str) -> int:
    """A number of pictures, 0 for none. Raises UsageError."""
    cause, cure = f"{source} is {text!r:.60}.", f"Give a number of pictures from 0 to {MOST_IMAGES:,}."
    number = _whole_number(text, cause, cure)
    if number > MOST_IMAGES:
        raise UsageError(cause, cure)
    return number


def split_lines(text: str) -> list[str]:
    """A multi-line input as its non-blank lines."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def split_words(*texts: str | None) -> tuple[str, ...] | Unset:
    """Names separated by commas, blanks or lines; UNSET where there are none."""
    return words(*texts) or UNSET


def words(*texts: str | None) -> tuple[str, ...]:
    """Names separated by commas, blanks or lines."""
    return tuple(" ".join(text or "" for text in texts).replace(",", " ").split())


def parse_flag(text: str, source: str) -> bool:
    """``true`` or ``false`` as in YAML 1.2, blank for no. Raises UsageError."""
    if text in _YES or text in _NO:
        return text in _YES
    raise UsageError(f"{source} is {text!r:.60}.", "Use true or false.")


def parse_minutes(text: str, source: str) -> float:
    """A time such as ``55`` (minutes), ``90s``, ``55m`` or ``1.5h`` in seconds. Raises UsageError."""
    found = _TIME.fullmatch(text)
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if not 0 < seconds <= _LONGEST:
        raise UsageError(
            f"{source} is {text!r:.60}.", "Give minutes, such as 55, or 90s, 55m or 2h; five days at most."
        )
    return seconds


def parse_arguments(text: str, source: str) -> dict[str, object]:
    """``NAME=VALUE`` lines, whose values stay text, or a JSON object. Raises UsageError."""
    if text.lstrip().startswith("{"):
        return _json_object(text, source)
    arguments: dict[str, object] = {}
    for line in split_lines(text):
        name, found, value = (part.strip() for part in line.partition("="))
        if not (name and found and value) or name in arguments:
            raise UsageError(
                f"{source} has the line {line!r:.60}.", "Write NAME=VALUE, such as imgsz=640, each name once."
            )
        arguments[name] = value
    return arguments


def _json_object(text: str, source: str) -> dict[str, object]:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        loaded = None
    if not isinstance(loaded, dict):
        raise UsageError(f"{source} is no JSON object.", 'Write NAME=VALUE lines, or JSON such as {"imgsz": 640}.')
    return loaded


def parse_formats(text: str, source: str) -> tuple[str, ...]:
    """Names of report formats, separated by commas, blanks or lines, each once. Raises UsageError with the nearest."""
    names = tuple(dict.fromkeys(text.replace(",", " ").split()))
    for name in names:
        if name not in RENDERERS:
            raise UsageError(f"{source} names {name!r:.60}, which is no format.", _nearest(name, RENDERERS, "formats"))
    if not names:
        raise UsageError(f"{source} names no format.", f"The formats are {', '.join(RENDERERS)}.")
    return names


def parse_limits(assignments: Sequence[str], source: str) -> Limits:
    """``NAME=NUMBER`` texts as limits. Raises UsageError."""
    known = {field.name for field in dataclasses.fields(Limits)}
    values = {}
    for assignment in assignments:
        name, _, number = (part.strip() for part in assignment.partition("="))
        if name not in known:
            cure = _nearest(name, sorted(known), "limits")
            raise UsageError(f"{source} names {name!r}, which is no limit.", cure)
        values[name] = _whole_number(
            number, f"{source} sets {name} to {number!r:.60}.", f"Write {name}= and a whole number."
        )
    return Limits(**values)


def _nearest(name: str, known: Collection[str], kind: str) -> str:
    close = difflib.get_close_matches(name[:60], known, n=1)
    return f"Did you mean {close[0]}?" if close else f"The {kind} are {', '.join(known)}."


def _whole_number(text: str, cause: str, cure: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise UsageError(cause, cure)
    return number
