"""Runs the selected rules over a dataset, each on its own: a rule that crashes costs its own result and no other."""

from __future__ import annotations

import dataclasses
import enum
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hubaction.dataset.defects import Defect, Kind
from hubaction.report.finding import Consequence, Fact, Place, Severity, Weight
from hubaction.rules.collector import STORED, Collector
from hubaction.rules.rule import UNREAD, Case, Rule
from hubaction.rules.view import View

_TOO_MANY_INVALID = 0.2
"""Share of label files with unusable rows above which rules about distributions have nothing to stand on."""
_NOTHING_READ = {
    Kind.ARCHIVE_UNREADABLE: "the archive cannot be read",
    Kind.ARCHIVE_EMPTY: "the archive holds no file of a dataset",
    Kind.ARCHIVE_TOO_LARGE: "the archive is larger than the limits allow",
    Kind.ROOT_NOT_FOLDER: "the archive's only top-level entry is a file",
}
"""After these no check has anything to look at, so its silence means nothing."""


class Status(enum.Enum):
    """What became of a rule. NOT RUN is not PASSED."""

    PASSED = "passed"
    FINDINGS = "findings"
    NOT_APPLICABLE = "not applicable"
    DISABLED = "disabled"
    NOT_RUN = "not run"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Selected:
    """A rule as policy wants it run.

    Attributes:
        options: thresholds that differ from the rule's own.
        ignored: tells which paths it is not to speak about.
        disabled: why it is not to run; '' when it is.
    """

    rule: Rule
    options: Mapping[str, float] = field(default_factory=dict)
    ignored: Callable[[str], bool] | None = None
    disabled: str = ""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The outcome of one rule: facts (capped), exact counts by weight, number of paths touched.

    ``ignored`` counts the facts on ignored paths, which are nowhere else.
    """

    rule: str
    status: Status
    facts: Sequence[Fact] = ()
    counts: Mapping[Weight, int] = field(default_factory=Counter)
    files: int = 0
    reason: str = ""
    ignored: int = 0


def run_rules(
    view: View, selection: Iterable[Selected], *, former: bool, stored: int | None = STORED
) -> list[RuleResult]:
    """The result of every selected rule, in the order of the selection.

    Args:
        former: report only what the former check noticed (profile ``hub``).
        stored: facts kept of one rule; None for all.
    """
    return [_run(view, one, former=former, stored=stored) for one in selection]


def _run(view: View, selected: Selected, *, former: bool, stored: int | None) -> RuleResult:
    rule = selected.rule
    if selected.disabled:
        return _run_disabled(view, selected, former=former, stored=stored)
    if not former and not rule.applies_to(view.task):
        return RuleResult(rule.id, Status.NOT_APPLICABLE, reason=f"not for {view.task}")
    if rule.later:
        return RuleResult(rule.id, Status.NOT_RUN, reason=rule.later)
    out = Collector(rule.id, selected.ignored, stored)
    try:
        _report_cases(rule, view, out, former=former)
        nothing_read = _why_nothing_was_read(view)
        unread = "" if former else _what_was_not_read(rule, view)
        if nothing_read and not out.counts:
            out.not_run = nothing_read
        elif unread:
            out.not_run = unread
        elif rule.check and not former:
            defaults = {name: option.default for name, option in rule.options.items()}
            rule.check(view, {**defaults, **selected.options}, out)
    except Exception as error:  # noqa: BLE001 - a bug in one rule must not cost the report; it fails the run by its own code
        return _crashed(rule, error)
    if out.counts:
        return RuleResult(rule.id, Status.FINDINGS, out.facts, out.counts, len(out.files), out.not_run, out.ignored)
    status = Status.NOT_RUN if out.not_run else Status.PASSED
    return RuleResult(rule.id, status, reason=out.not_run, ignored=out.ignored)


def _why_nothing_was_read(view: View) -> str:
    """'' where there was something to read."""
    return next((_NOTHING_READ[defect.kind] for defect in view.defects if defect.kind in _NOTHING_READ), "")


def _what_was_not_read(rule: Rule, view: View) -> str:
    """'' where there is all that the rule needs."""
    missing = UNREAD[view.depth].intersection(rule.needs)
    needed = " and ".join(need.value for need in rule.needs if need in missing)
    return f"it needs {needed} (pixels = {view.depth.value})" if missing else ""


def _run_disabled(view: View, selected: Selected, *, former: bool, stored: int | None) -> RuleResult:
    """Nothing but what reading met and nobody may switch off: that there is no dataset to read."""
    rule = selected.rule
    cases = {kind: case for kind, case in rule.cases.items() if case.consequence is Consequence.UNREADABLE}
    out = Collector(rule.id, stored=stored)
    _report_cases(dataclasses.replace(rule, cases=cases), view, out, former=former)
    if out.counts:
        return RuleResult(rule.id, Status.FINDINGS, out.facts, out.counts, len(out.files))
    return RuleResult(rule.id, Status.DISABLED, reason=selected.disabled)


def _crashed(rule: Rule, error: Exception) -> RuleResult:
    message = f"the rule itself failed ({type(error).__name__}: {error}); this is a bug in hub-action, please report it"
    weight = Weight(Severity.ERROR)
    return RuleResult(rule.id, Status.CRASHED, [Fact(rule.id, weight, Place(), message)], {weight: 1}, 0, message)


def _report_cases(rule: Rule, view: View, out: Collector, *, former: bool) -> None:
    """Facts for the defects that reading recorded."""
    for defect in view.defects:
        case = rule.cases.get(defect.kind)
        if case is None or (case.level is None and not former):
            continue
        out.add(
            case.level if case.level is not None else Severity.NOTE,
            message_of(case, defect),
            defect.path,
            line=defect.line,
            column=defect.column,
            split=defect.split,
            consequence=_consequence(view.task, case),
        )


def _consequence(task: str, case: Case) -> Consequence:
    """For classify the former check opens no image, so what training drops it never said."""
    unseen = task == "classify" and case.consequence is Consequence.DROPS
    return Consequence.HARMS if unseen else case.consequence


def message_of(case: Case, defect: Defect) -> str:
    """The sentence with its values; ``{hint}`` and ``{more}`` are empty where there is nothing to add."""
    hint, rows = defect.detail.get("hint"), defect.detail.get("rows", 1)
    extra = {
        "split": defect.split or "",
        "hint": f" (did you mean {hint}?)" if hint else "",
        "more": f" ({rows} rows of this file)" if rows != 1 else "",
    }
    return case.message.format_map({**defect.detail, **extra})


def enough_valid_labels(view: View, out: Collector) -> bool:
    """For rules about whole sets: False, with the reason noted, where over a fifth of the label files is invalid."""
    if view.invalid_label_share <= _TOO_MANY_INVALID:
        return True
    out.not_run = f"{view.invalid_label_share:.0%} of the label files have rows that cannot be used"
    return False
