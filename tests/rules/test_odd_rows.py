"""Whatever stands in label files, no rule about rows raises, and numpy has nothing to warn of."""

from __future__ import annotations

import random

import pytest
from many import view_of_many

from hubaction.rules import RULES, backgrounds, balance, distribution, geometry, labels
from hubaction.rules.engine import Selected, Status, run_rules

OWN = (*labels.RULES, *geometry.RULES, *distribution.RULES, *balance.RULES, *backgrounds.RULES)
WORDS = "0 1 79 0.5 0.1 0.9 1.005 -0.005 -0.5 nan inf -inf 1e308 -1e308 1e-320 -0.0 0.0 1e16 45.0 1.5 3.2 320".split()
ODD_WORDS = [*WORDS, "x", "0,5", "\ufeff0", "\u0663", "0_1", "\0", "1e999", "9" * 20]


def text(chance: random.Random) -> str | None:
    words = ODD_WORDS if chance.random() < 0.1 else WORDS
    rows = [
        " ".join(chance.choices(words, k=chance.choice([1, 3, 5, 5, 5, 6, 7, 9, 9, 9, 10, 11, 56])))
        for _ in range(chance.choice([0, 1, 2, 20]))
    ]
    rows += rows[:2]
    return None if chance.random() < 0.1 else chance.choice(["\n", "\r", "\n\n", "\n  \n"]).join(rows)


@pytest.mark.parametrize("task", ["detect", "segment", "pose", "obb", "classify"])
@pytest.mark.parametrize("seed", range(25))
def test_no_rule_raises(task: str, seed: int) -> None:
    chance = random.Random(seed)
    splits = {name: [text(chance) for _ in range(chance.choice([0, 1, 12]))] for name in ("train", "val", "test")}
    view = view_of_many(task, chance.choice([[], ["cat"], ["cat", "dog"]]), **splits)
    crashed = [r for r in run_rules(view, map(Selected, OWN), former=False) if r.status is Status.CRASHED]
    assert [(result.rule, result.reason) for result in crashed] == []


@pytest.mark.parametrize("task", ["detect", "segment", "pose", "obb", "classify"])
def test_no_split_no_class_no_image(task: str) -> None:
    results = run_rules(view_of_many(task, []), map(Selected, OWN), former=False)
    assert [result.rule for result in results if result.status in {Status.CRASHED, Status.FINDINGS}] == []


def test_every_rule_about_rows_is_in_the_catalogue() -> None:
    assert [rule.id for rule in OWN if rule not in RULES] == []
