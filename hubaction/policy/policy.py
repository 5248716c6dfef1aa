"""What applies to each rule, once flags, the configuration file and the profile have been laid over each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hubaction.errors import UsageError
from hubaction.policy.catalogue import Catalogue, did_you_mean, reach
from hubaction.policy.config import Config
from hubaction.policy.given import Given, Unset, first_set
from hubaction.policy.globs import path_matcher
from hubaction.policy.profiles import PROFILE_NAMES, FailOn, Profile, profile_named
from hubaction.policy.tolerance import Extent, Tolerance
from hubaction.report.finding import Consequence, Severity, Weight
from hubaction.rules.engine import Selected
from hubaction.rules.rule import DEPTHS, TASK_LETTERS, Need, Rule


@dataclass(frozen=True, slots=True)
class RulePolicy:
    """What applies to one rule.

    Attributes:
        disabled: why it does not run; '' when it runs.
        severity: of all its findings, where the user said so.
        options: thresholds that differ from the rule's own.
        ignored: tells which paths it is not to speak about.
        of_objects: whether a tolerance in percent is one of the objects, else of the images.
    """

    disabled: str = ""
    severity: Severity | None = None
    options: Mapping[str, float] = field(default_factory=dict)
    tolerance: Tolerance | None = None
    ignored: Callable[[str], bool] | None = None
    of_objects: bool = False


_PLAIN = RulePolicy()


@dataclass(frozen=True, slots=True)
class Policy:
    """How a dataset is judged.

    Attributes:
        rules: what applies, by id of the rule.
        baseline: the file of known findings; None for none. task: None to infer it.
        pixels: how deep to look into images, a word of DEPTHS.
        config: the configuration file that was used; None for none.
    """

    profile: Profile
    fail_on: FailOn
    rules: Mapping[str, RulePolicy] = field(default_factory=dict)
    baseline: Path | None = None
    task: str | None = None
    config: Path | None = None
    pixels: str = "decode"

    def of(self, rule: str) -> RulePolicy:
        """What applies to a rule (id)."""
        return self.rules.get(rule, _PLAIN)

    def selection(self, rules: Sequence[Rule]) -> list[Selected]:
        """All rules for the engine, the disabled ones marked so that they do not run."""
        return [
            Selected(rule, one.options, one.ignored, one.disabled)
            for rule, one in ((rule, self.of(rule.id)) for rule in rules)
        ]

    def severity(self, rule: str, weight: Weight, *, small: bool) -> Severity:
        """Severity of a fact of a rule. That nothing can be checked is an error, whatever anyone says."""
        if weight.consequence is Consequence.UNREADABLE:
            return Severity.ERROR
        explicit = self.of(rule).severity
        return self.profile.severity(rule, weight, small_set=small) if explicit is None else explicit

    def lowers(self, rule: str, weight: Weight, *, small: bool) -> bool:
        """Whether a fact weighs less because the set is small."""
        fixed = self.of(rule).severity is not None or rule in self.profile.severities
        return not fixed and self.profile.lowers(weight, small_set=small)

    def tolerates(self, rule: str, findings: int, extent: Extent) -> bool:
        """Whether that many findings of a rule, which would fail the gate, are put up with."""
        one = self.of(rule)
        return one.tolerance is not None and one.tolerance.covers(findings, extent, of_objects=one.of_objects)


def default_policy(profile: str = "default") -> Policy:
    """The profile as it is."""
    return resolve(Given(profile=profile), Config())


def resolve(given: Given, config: Config, catalogue: Catalogue | None = None) -> Policy:
    """Given settings over those of the file over those of the profile.

    Raises:
        UsageError: no such profile, task or rule among the given settings.
    """
    catalogue = catalogue or Catalogue()
    name = first_set(given.profile, config.profile, default="default")
    _check("profile", name, PROFILE_NAMES)
    task = first_set(given.task, config.task, default="")
    _check("task", task, ["", *TASK_LETTERS])
    pixels = first_set(given.pixels, config.pixels, default="decode")
    _check("pixels", pixels, DEPTHS)
    profile = profile_named(name)
    for selectors in (given.select, given.ignore):
        for selector in () if isinstance(selectors, Unset) else selectors:
            catalogue.check_selector(selector)
    return Policy(
        profile,
        first_set(given.fail_on, config.fail_on, default=profile.fail_on),
        {rule.id: _rule_policy(rule, given, config, profile) for rule in catalogue.rules},
        first_set(given.baseline, config.baseline, default=None),
        task or None,
        config.path,
        pixels,
    )


def _check(kind: str, text: str, known: Sequence[str]) -> None:
    if text not in known:
        fix = f"{did_you_mean(text, known)} Use one of {', '.join(filter(None, known))}."
        raise UsageError(f"There is no {kind} {text!r}.", fix.strip())


def _rule_policy(rule: Rule, given: Given, config: Config, profile: Profile) -> RulePolicy:
    word = max(config.severity, key=lambda selector: reach(selector, rule), default="")
    severity = config.severity[word] if word and reach(word, rule) else None
    off = word if word and reach(word, rule) and severity is None else ""
    return RulePolicy(
        _why_disabled(rule, given, config, off),
        severity,
        {**profile.options.get(rule.id, {}), **config.options.get(rule.id, {})},
        config.tolerance.get(rule.id),
        _ignored_paths(rule, config),
        Need.TEXT in rule.needs,
    )


def _why_disabled(rule: Rule, given: Given, config: Config, off: str) -> str:
    """'' or the reason. The selector that names the rule most closely decides; of equals, a given one before one of
    the file, and 'ignore' before 'select'.
    """
    select = first_set(given.select, config.select, default=("",))
    ignore = first_set(given.ignore, config.ignore, default=())
    said = [(_reach(one, rule), not isinstance(given.select, Unset), 0, "") for one in select]
    said += [(_reach(one, rule), not isinstance(given.ignore, Unset), 1, f"ignore: {one}") for one in ignore]
    said += [(_reach(off, rule), False, 1, f"severity of {off}: off")] if off else []
    closest = max((one for one in said if one[0] >= 0), default=None)
    return "not selected" if closest is None or not any(_reach(one, rule) >= 0 for one in select) else closest[3]


def _reach(selector: str, rule: Rule) -> int:
    """Like ``reach``, but -1 for no match; '' means all rules, and does so least closely."""
    return (reach(selector, rule) or -1) if selector else 0


def _ignored_paths(rule: Rule, config: Config) -> Callable[[str], bool] | None:
    globs = [
        glob
        for one in config.per_path_ignores
        if any(reach(selector, rule) for selector in one.rules)
        for glob in one.paths
    ]
    return path_matcher(globs) if globs else None
