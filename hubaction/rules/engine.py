"""From a dataset's defects to facts: one pass, each defect by the rule that speaks about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubaction.dataset.defects import Defect, Kind
from hubaction.report.finding import Consequence, Fact, Place
from hubaction.rules import RULES
from hubaction.rules.rule import Case, Rule

_BY_KIND: dict[Kind, tuple[Rule, Case]] = {kind: (rule, case) for rule in RULES for kind, case in rule.cases.items()}


def run_rules(task: str, defects: Iterable[Defect]) -> Iterator[Fact]:
    """What the rules say of the defects of a dataset, in the order of the defects."""
    for defect in defects:
        rule, case = _BY_KIND[defect.kind]
        place = Place(defect.path, defect.line, defect.column, defect.split)
        yield Fact(rule.id, _consequence(task, case), place, _message(case, defect))


def _consequence(task: str, case: Case) -> Consequence:
    """For classify the former check opens no image, so what training drops it never said."""
    unseen = task == "classify" and case.consequence is Consequence.DROPS
    return Consequence.HARMS if unseen else case.consequence


def _message(case: Case, defect: Defect) -> str:
    """The sentence with its values; ``{hint}`` and ``{more}`` are empty where there is nothing to add."""
    hint, rows = defect.detail.get("hint"), defect.detail.get("rows", 1)
    extra = {
        "split": defect.split or "",
        "hint": f" (did you mean {hint}?)" if hint else "",
        "more": f" ({rows} rows of this file)" if rows != 1 else "",
    }
    return case.message.format_map({**defect.detail, **extra})
