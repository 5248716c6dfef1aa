"""Which settings win, which rules run, and how findings weigh then."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubaction.errors import UsageError
from hubaction.policy.catalogue import Catalogue
from hubaction.policy.config import Config, PathIgnore
from hubaction.policy.given import UNSET, Given
from hubaction.policy.globs import path_matcher
from hubaction.policy.policy import Policy, resolve
from hubaction.policy.profiles import PROFILES, FailOn
from hubaction.report.finding import Consequence, Severity, Weight
from hubaction.rules import RULES
from hubaction.rules.rule import Need, Option, Rule


def rule(id: str, name: str, *needs: Need) -> Rule:
    return Rule(id, name, "d", needs, "", "", "", "", "", options={"cut": Option(1, ""), "other": Option(2, "")})


FOUR = (rule("V801", "exact"), rule("V802", "near"), rule("L306", "class", Need.TEXT), rule("L307", "row"))


def policy(given: Given | None = None, **config: object) -> Policy:
    return resolve(given or Given(), Config(**config), Catalogue(FOUR))  # type: ignore[arg-type]


def running(given: Given | None = None, **config: object) -> list[str]:
    return [one.rule.id for one in policy(given, **config).selection(FOUR) if not one.disabled]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, "V801 V802 L306 L307"),
        ({"select": ("V8",)}, "V801 V802"),
        ({"select": ("V8", "row")}, "V801 V802 L307"),
        ({"select": ()}, ""),
        ({"ignore": ("V8",)}, "L306 L307"),
        ({"select": ("V8",), "ignore": ("V801",)}, "V802"),
        ({"select": ("V801",), "ignore": ("V",)}, "V801"),
        ({"select": ("V8", "L"), "ignore": ("V8",)}, "L306 L307"),
        ({"select": ("V8",), "ignore": ("L306",)}, "V801 V802"),
        ({"ignore": ("exact",)}, "V802 L306 L307"),
        ({"severity": {"V8": None, "V801": Severity.NOTE}}, "V801 L306 L307"),
        ({"severity": {"V8": Severity.NOTE, "V801": None}}, "V802 L306 L307"),
        ({"severity": {"V8": None}, "select": ("V802",)}, "V802"),
        ({"ignore": ("V8",), "severity": {"V801": Severity.ERROR}}, "L306 L307"),
    ],
)
def test_the_longest_prefix_decides_what_runs(config: dict[str, object], expected: str) -> None:
    assert " ".join(running(**config)) == expected


def test_a_flag_replaces_the_files_value_and_wins_where_both_are_as_long() -> None:
    assert running(Given(select=("L306",)), select=("V8",)) == ["L306"]
    assert running(Given(ignore=("L306",)), ignore=("V8",)) == ["V801", "V802", "L307"]
    assert running(Given(select=("V801",)), ignore=("V801",)) == ["V801"]
    assert running(Given(select=("V8",)), ignore=("V801",)) == ["V802"]


def test_the_reason_for_a_disabled_rule() -> None:
    selection = policy(select=("V8",), ignore=("V802",), severity={"V801": None}).selection(FOUR)
    reasons = [one.disabled for one in selection]
    assert reasons == ["severity of V801: off", "ignore: V802", "not selected", "not selected"]


def test_flag_then_file_then_profile_then_default() -> None:
    assert policy().profile.name == "default"
    assert policy().fail_on is FailOn.ERROR
    assert policy(profile="strict").fail_on is FailOn.WARNING
    assert policy(profile="strict", fail_on=FailOn.NEVER).fail_on is FailOn.NEVER
    both = policy(Given(profile="default", fail_on=FailOn.ERROR), profile="strict", fail_on=FailOn.NEVER)
    assert (both.profile.name, both.fail_on) == ("default", FailOn.ERROR)
    assert policy(task="pose").task == "pose"
    assert policy(Given(task="obb"), task="pose").task == "obb"
    assert policy().task is None
    assert policy(Given(baseline=Path("a")), baseline=Path("b")).baseline == Path("a")
    assert policy(baseline=UNSET).baseline is None


@pytest.mark.parametrize(
    ("given", "near"),
    [
        (Given(profile="Strict"), "Did you mean strict?"),
        (Given(task="detection"), "Did you mean detect?"),
        (Given(select=("V81",)), "Did you mean V80"),
        (Given(ignore=("exakt",)), "Did you mean exact?"),
    ],
)
def test_a_wrong_flag(given: Given, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        policy(given)
    assert near in caught.value.fix


def test_options_of_the_file_lie_over_those_of_the_profile() -> None:
    config = Config(options={"I608": {"other": 3}})
    found = resolve(Given(profile="platform"), config, Catalogue([rule("I608", "small")]))
    assert found.of("I608").options == {"side_pixels": 28, "other": 3}


def test_explicit_severity_beats_the_profile_and_small_sets() -> None:
    lowered = Weight(Severity.ERROR, Severity.NOTE, Consequence.DROPS)
    plain, strict, hub = (policy(Given(profile=name)) for name in ("default", "strict", "hub"))
    words = [one.severity("V801", lowered, small=True).word for one in (plain, strict, hub)]
    assert words == ["note", "error", "warning"]
    assert [one.lowers("V801", lowered, small=True) for one in (plain, strict, hub)] == [True, False, False]
    assert not plain.lowers("V801", lowered, small=False)
    for name in ("default", "strict", "hub"):
        explicit = policy(Given(profile=name), severity={"V": Severity.NOTE, "V8": Severity.WARNING})
        assert explicit.severity("V801", lowered, small=True) is Severity.WARNING
        assert not explicit.lowers("V801", lowered, small=True)


def test_unreadable_is_an_error_whatever_is_said() -> None:
    unreadable = Weight(Severity.ERROR, None, Consequence.UNREADABLE)
    assert policy(severity={"V801": Severity.NOTE}).severity("V801", unreadable, small=True) is Severity.ERROR


def test_paths_are_ignored_for_the_rules_that_were_named() -> None:
    found = policy(per_path_ignores=(PathIgnore(("a/*",), ("V8",), "x"), PathIgnore(("b/*",), ("near",), "x")))
    v801, v802, l306, _ = (one.ignored for one in found.selection(FOUR))
    assert v801 is not None
    assert v802 is not None
    assert l306 is None
    assert [v801("a/x"), v801("b/x"), v802("a/x"), v802("b/x")] == [True, False, True, True]


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("a/*.txt", "a/b.txt", True),
        ("a/*.txt", "a/c/b.txt", False),
        ("a/**", "a/c/b.txt", True),
        ("a/", "a/c/b.txt", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**/b", "a/x/y/c", False),
        ("**/b/*.t?t", "x/b/c.txt", True),
        ("*.png", "x/y.png", True),
        ("*.png", "x/y.PNG", False),
        ("/y.png", "x/y.png", False),
        ("[ab]/c", "b/c", True),
        ("**", "", False),
        ("a", "a/b", False),
    ],
)
def test_globs(glob: str, path: str, matches: bool) -> None:
    assert path_matcher([glob])(path) is matches


def test_a_hostile_glob_takes_no_time() -> None:
    assert not path_matcher(["**/a" * 200 + "/b", "*a" * 500 + "b"])("a/" * 500 + "a" * 250)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_profiles_name_rules_and_options_that_exist(profile: object) -> None:
    known = {one.id: one for one in RULES}
    assert set(profile.severities) <= set(known)  # type: ignore[attr-defined]
    for name, options in profile.options.items():  # type: ignore[attr-defined]
        assert set(options) <= set(known[name].options)
