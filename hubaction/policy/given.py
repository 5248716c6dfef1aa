"""What a caller set by a flag, an input or an argument. What was not set is UNSET, so a default that was set counts."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hubaction.policy.profiles import FailOn

T = TypeVar("T")


class Unset(enum.Enum):
    """The type of UNSET; unlike None or '' it is no value that anyone could mean."""

    UNSET = enum.auto()


UNSET = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Given:
    """Settings that beat those of the configuration file, each replacing the file's value of the same name."""

    profile: str | Unset = UNSET
    fail_on: FailOn | Unset = UNSET
    select: tuple[str, ...] | Unset = UNSET
    ignore: tuple[str, ...] | Unset = UNSET
    baseline: Path | Unset = UNSET
    task: str | Unset = UNSET
    pixels: str | Unset = UNSET


def first_set(*values: T | Unset, default: T) -> T:
    """The first value that is set."""
    return next((value for value in values if not isinstance(value, Unset)), default)
