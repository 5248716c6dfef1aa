"""Would the plants in tests/rules notice if a rule fell silent? Silences each rule in turn and runs its plants.

    python benchmarks/mutate_rules.py

Exit code 1 if any rule's silence goes unnoticed.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "rules"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hubaction.operations import check_dataset
from hubaction.rules import RULES, Rule


@contextmanager
def silenced(rule: Rule) -> Iterator[None]:
    """The check as it is when that rule finds nothing."""
    mute = dataclasses.replace(rule, check=None, cases={})
    before = vars(check_dataset)["RULES"]
    vars(check_dataset)["RULES"] = tuple(mute if one.id == rule.id else one for one in before)
    try:
        yield
    finally:
        vars(check_dataset)["RULES"] = before


def holds(plant: Any) -> bool:
    """Whether the plant's test passes."""
    test_plants = importlib.import_module("test_plants")
    with tempfile.TemporaryDirectory() as folder:
        try:
            test_plants.test_the_planted_defect_and_nothing_else_is_found(plant, Path(folder))
        except AssertionError:
            return False
    return True


def is_caught(rule: Rule) -> bool:
    """Whether one plant of the rule passes as the rule is, and fails once it is silent."""
    plants = [plant for plant in importlib.import_module("plants").all_plants() if plant.rule == rule.id]
    return any(holds(plant) and _fails_without(rule, plant) for plant in plants)


def _fails_without(rule: Rule, plant: Any) -> bool:
    with silenced(rule):
        return not holds(plant)


def missed(rules: Sequence[Rule]) -> list[str]:
    """The rules whose silence goes unnoticed."""
    with ProcessPoolExecutor() as pool:
        return [
            rule.id for rule, caught in zip(rules, pool.map(is_caught_by_id, ids(rules)), strict=True) if not caught
        ]


def ids(rules: Sequence[Rule]) -> list[str]:
    """Rules hold functions that processes cannot hand over; their ids can."""
    return [rule.id for rule in rules]


def is_caught_by_id(name: str) -> bool:
    """As ``is_caught``."""
    return is_caught(next(rule for rule in RULES if rule.id == name))


def main() -> int:
    """Say how many are caught."""
    running = [rule for rule in RULES if not rule.later]
    names = missed(running)
    print(f"{len(running)} rules, {len(running) - len(names)} caught, missed: [{', '.join(names)}]")
    return int(bool(names))


if __name__ == "__main__":
    sys.exit(main())
