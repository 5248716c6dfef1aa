"""One rule over label rows that stand in no file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hubaction.dataset.config import Keypoints
from hubaction.dataset.dataset import Dataset, SplitFiles
from hubaction.dataset.images import ImageFacts, ImageStatus
from hubaction.dataset.labels import LabelColumns
from hubaction.rules import RULES
from hubaction.rules.engine import RuleResult, Selected, run_rules
from hubaction.rules.view import View


def view_of(
    task: str, rows: str = "", *, keypoints: Keypoints | None = None, size: tuple[int, int] = (100, 100), **splits: str
) -> View:
    """A dataset with one image and label in each split; ``rows`` is the text of train's."""
    source: Any = SimpleNamespace(is_archive=False, top="", prefix="", path=Path("set"), files={}, folders=set())
    dataset = Dataset(source, task, names=["cat", "dog"], nc=2, keypoints=keypoints or Keypoints())
    for name, text in {"train": rows, **splits}.items():
        columns = LabelColumns()
        columns.add_text(text.encode())
        facts = [ImageFacts(ImageStatus.OK, "JPEG", *size)]
        dataset.read[name] = SplitFiles(name, [f"{name}.jpg"], [f"{name}.txt"], facts, columns.table())
    return View(dataset)


def look(rule: str, view: View, options: Mapping[str, float] | None = None) -> RuleResult:
    one = next(one for one in RULES if one.id == rule)
    return run_rules(view, [Selected(one, options or {})], former=False)[0]


def said(rule: str, view: View, options: Mapping[str, float] | None = None) -> list[tuple[str, int | None, int | None]]:
    """Level, line and token of everything that a rule says."""
    return [(f.weight.level.word, f.place.line, f.place.token) for f in look(rule, view, options).facts]
