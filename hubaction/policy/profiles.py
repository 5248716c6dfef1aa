"""Profiles: what each consequence of a finding weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hubaction.report.finding import Consequence, Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True)
class Profile:
    """A way of judging.

    Attributes:
        former_loader: read the dataset by the rules of ultralytics 8.4.114 and before; else by those of today.
        severities: weight of each consequence.
    """

    name: str
    summary: str
    former_loader: bool
    severities: Mapping[Consequence, Severity]


PROFILES: tuple[Profile, ...] = (
    Profile(
        "default",
        "a gate for training: whatever loses an image or a label is an error",
        former_loader=False,
        severities={
            Consequence.NOTE: _NOTE,
            Consequence.DOUBTFUL: _WARNING,
            Consequence.CHANGES: _WARNING,
            Consequence.HARMS: _ERROR,
            Consequence.DROPS: _ERROR,
            Consequence.REJECTS: _ERROR,
            Consequence.UNREADABLE: _ERROR,
        },
    ),
    Profile(
        "hub",
        "passes and fails exactly as ultralytics.hub.check_dataset 8.4.114 did",
        former_loader=True,
        severities={
            Consequence.NOTE: _NOTE,
            Consequence.DOUBTFUL: _NOTE,
            Consequence.HARMS: _NOTE,
            Consequence.CHANGES: _WARNING,
            Consequence.DROPS: _WARNING,
            Consequence.REJECTS: _ERROR,
            Consequence.UNREADABLE: _ERROR,
        },
    ),
)

PROFILE_NAMES = tuple(profile.name for profile in PROFILES)


def profile_named(name: str) -> Profile:
    """The profile of that name. Raises KeyError."""
    return {profile.name: profile for profile in PROFILES}[name]
