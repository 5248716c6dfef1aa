"""What a fact weighs in each profile."""

from __future__ import annotations

import pytest

from hubaction.policy.profiles import PROFILE_NAMES, PROFILES, FailOn, Profile, profile_named
from hubaction.report.finding import Consequence, Severity, Weight

FORMER = {
    "NOTE": "note",
    "DOUBTFUL": "note",
    "HARMS": "note",
    "CHANGES": "warning",
    "DROPS": "warning",
    "REJECTS": "error",
    "UNREADABLE": "error",
}
TODAY = [profile for profile in PROFILES if not profile.former]
LOWERED = Weight(Severity.ERROR, Severity.NOTE, Consequence.DROPS)


@pytest.mark.parametrize("level", Severity, ids=lambda level: level.word)
@pytest.mark.parametrize("consequence", Consequence, ids=lambda consequence: consequence.name)
def test_hub_weighs_the_consequence_alone(consequence: Consequence, level: Severity) -> None:
    weight = Weight(level, Severity.NOTE, consequence)
    for small in (False, True):
        assert profile_named("hub").severity("L306", weight, small_set=small).word == FORMER[consequence.name]


@pytest.mark.parametrize("profile", TODAY, ids=lambda profile: profile.name)
@pytest.mark.parametrize("level", Severity, ids=lambda level: level.word)
@pytest.mark.parametrize("consequence", Consequence, ids=lambda consequence: consequence.name)
def test_the_others_weigh_the_level_alone(profile: Profile, consequence: Consequence, level: Severity) -> None:
    assert profile.severity("L306", Weight(level, None, consequence), small_set=False) is level
    assert profile.severity("L306", Weight(level, None, consequence), small_set=True) is level


@pytest.mark.parametrize(
    ("name", "word"), [("default", "note"), ("strict", "error"), ("hub", "warning"), ("platform", "note")]
)
def test_small_sets(name: str, word: str) -> None:
    profile = profile_named(name)
    assert profile.severity("V801", LOWERED, small_set=True).word == word
    assert profile.lowers(LOWERED, small_set=True) == (word == "note")
    assert not profile.lowers(LOWERED, small_set=False)


@pytest.mark.parametrize(("name", "rule"), [("strict", "X951"), ("strict", "R905"), ("platform", "Y203")])
def test_rules_that_a_profile_weighs_otherwise(name: str, rule: str) -> None:
    weight = Weight(Severity.WARNING)
    assert profile_named(name).severity(rule, weight, small_set=False) is Severity.ERROR
    assert profile_named("default").severity(rule, weight, small_set=False) is Severity.WARNING


def test_profiles_are_those_four() -> None:
    assert PROFILE_NAMES == ("default", "strict", "hub", "platform")


def test_unknown_profile() -> None:
    with pytest.raises(KeyError):
        profile_named("Hub")


def test_only_hub_reads_as_the_former_loader() -> None:
    assert {profile.name for profile in PROFILES if profile.former} == {"hub"}


def test_only_strict_fails_on_warnings() -> None:
    fails = {profile.name: profile.fail_on for profile in PROFILES}
    assert fails == dict.fromkeys(PROFILE_NAMES, FailOn.ERROR) | {"strict": FailOn.WARNING}


@pytest.mark.parametrize("consequence", [Consequence.REJECTS, Consequence.UNREADABLE])
def test_what_the_loader_refuses_is_an_error_in_hub(consequence: Consequence) -> None:
    assert profile_named("hub").severity("A106", Weight(Severity.NOTE, None, consequence), small_set=True) is (
        Severity.ERROR
    )
