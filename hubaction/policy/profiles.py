"""Profiles: how findings weigh, and from which severity on they fail the gate."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from hubaction.report.finding import Consequence, Severity, Weight

_FORMER: Mapping[Consequence, Severity] = {
    Consequence.NOTE: Severity.NOTE,
    Consequence.DOUBTFUL: Severity.NOTE,
    Consequence.HARMS: Severity.NOTE,
    Consequence.CHANGES: Severity.WARNING,
    Consequence.DROPS: Severity.WARNING,
    Consequence.REJECTS: Severity.ERROR,
    Consequence.UNREADABLE: Severity.ERROR,
}
"""What the former check made of it: it raised, it dropped or changed data, or it said nothing."""


class FailOn(enum.Enum):
    """From which severity on a finding fails the gate."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"

    def reached_by(self, severity: Severity) -> bool:
        """Whether a finding of that severity fails the gate."""
        return self is not FailOn.NEVER and severity >= Severity[self.name]


@dataclass(frozen=True, slots=True)
class Profile:
    """A way of judging.

    Attributes:
        former: read and judge as ultralytics 8.4.114 and before did; else by today's loader and the catalogue's levels.
        fail_on: from which severity on a finding fails the gate, unless the user says otherwise.
        lower_small: take the lower level that the catalogue gives for small sets.
        severities: rules (ids) that weigh otherwise than the catalogue says.
        options: thresholds of rules (ids) that differ from the catalogue's.
    """

    name: str
    summary: str
    former: bool = False
    fail_on: FailOn = FailOn.ERROR
    lower_small: bool = True
    severities: Mapping[str, Severity] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def severity(self, rule: str, weight: Weight, *, small_set: bool) -> Severity:
        """Severity of a fact of a rule."""
        if self.former:
            return _FORMER[weight.consequence]
        if rule in self.severities:
            return self.severities[rule]
        return weight.small if self.lowers(weight, small_set=small_set) and weight.small is not None else weight.level

    def lowers(self, weight: Weight, *, small_set: bool) -> bool:
        """Whether a fact weighs less here because the set is small."""
        return small_set and self.lower_small and not self.former and weight.small is not None


PROFILES: tuple[Profile, ...] = (
    Profile("default", "a gate for training with any recent loader"),
    Profile(
        "strict",
        "for mature sets and releases: warnings fail too, and small sets get no discount",
        fail_on=FailOn.WARNING,
        lower_small=False,
        severities={"X951": Severity.ERROR, "R905": Severity.ERROR},
    ),
    Profile("hub", "passes and fails exactly as ultralytics.hub.check_dataset 8.4.114 did", former=True),
    Profile(
        "platform",
        "before an upload to the Ultralytics Platform: its limits are errors",
        severities=dict.fromkeys(("Y203", "Y204", "Y205", "I608", "I609"), Severity.ERROR),
        options={
            "Y206": {"most_classes": 25_000, "longest_name": 100},
            "I608": {"side_pixels": 28},
            "I609": {"pixels": 178_956_970, "bytes": 50_000_000},
        },
    ),
)

PROFILE_NAMES = tuple(profile.name for profile in PROFILES)


def profile_named(name: str) -> Profile:
    """The profile of that name. Raises KeyError."""
    return {profile.name: profile for profile in PROFILES}[name]
