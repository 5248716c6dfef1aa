"""What a consequence weighs in each profile."""

from __future__ import annotations

import pytest

from hubaction.policy.profiles import PROFILE_NAMES, PROFILES, profile_named
from hubaction.report.finding import Consequence, Severity

WEIGHTS = {
    "default": {
        "NOTE": "note",
        "DOUBTFUL": "warning",
        "CHANGES": "warning",
        "HARMS": "error",
        "DROPS": "error",
        "REJECTS": "error",
        "UNREADABLE": "error",
    },
    "hub": {
        "NOTE": "note",
        "DOUBTFUL": "note",
        "HARMS": "note",
        "CHANGES": "warning",
        "DROPS": "warning",
        "REJECTS": "error",
        "UNREADABLE": "error",
    },
}


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("consequence", Consequence, ids=lambda consequence: consequence.name)
def test_weight(name: str, consequence: Consequence) -> None:
    assert profile_named(name).severities[consequence].word == WEIGHTS[name][consequence.name]


def test_profiles_are_those_two() -> None:
    assert PROFILE_NAMES == ("default", "hub")


def test_unknown_profile() -> None:
    with pytest.raises(KeyError):
        profile_named("Hub")


def test_only_hub_reads_as_the_former_loader() -> None:
    assert {profile.name: profile.former_loader for profile in PROFILES} == {"default": False, "hub": True}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_what_the_loader_refuses_is_always_an_error(profile: object) -> None:
    severities = profile.severities  # type: ignore[attr-defined]
    assert {severities[Consequence.REJECTS], severities[Consequence.UNREADABLE]} == {Severity.ERROR}
