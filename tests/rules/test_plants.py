"""Each rule's defect, planted in a sound set, makes exactly that rule fire; sound sets make none."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from plants import Plant, all_plants
from sets import sound

from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.report.model import Report
from hubaction.rules import RULES

TASKS = ("detect", "segment", "pose", "obb", "classify")
PLANTS = all_plants()


def write(files: dict[str, bytes], folder: Path) -> Path:
    for name, data in files.items():
        path = folder / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder / "set"


def pack(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"set/{name}", data)
    return out.getvalue()


def checked(plant: Plant, folder: Path) -> Report:
    files = sound(plant.task, **plant.size)
    plant.change(files)
    if not plant.archive:
        return check(CheckOptions(write(files, folder), plant.task))
    path = folder / "set.zip"
    path.write_bytes((plant.make_zip or pack)(files))
    return check(CheckOptions(path, plant.task))


@pytest.mark.parametrize("archive", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("task", TASKS)
def test_nothing_is_said_about_a_sound_set(task: str, archive: bool, tmp_path: Path) -> None:
    plant = Plant("sound", "", "", task, lambda files: None, archive=archive)
    assert [(f.rule, f.place, f.message) for f in checked(plant, tmp_path).findings] == []


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.rule}-{plant.id}")
def test_the_planted_defect_and_nothing_else_is_found(plant: Plant, tmp_path: Path) -> None:
    findings = checked(plant, tmp_path).findings
    assert {finding.rule for finding in findings} == {plant.rule, *plant.also}
    own = [finding for finding in findings if finding.rule == plant.rule]
    assert plant.level in {finding.severity.word for finding in own}
    if plant.at is not None:
        at = (plant.at,) if isinstance(plant.at, str) else plant.at
        places = [(f.place.path, f.place.line, f.place.column)[: len(at)] for f in own]
        assert tuple(at) in places


def test_every_rule_that_runs_is_planted() -> None:
    planted = {plant.rule for plant in PLANTS}
    assert [rule.id for rule in RULES if not rule.later and rule.id not in planted] == []


def test_every_rule_is_planted_for_a_task_that_it_concerns() -> None:
    wrong = [plant.id for plant in PLANTS if not next(r for r in RULES if r.id == plant.rule).applies_to(plant.task)]
    assert wrong == []


def test_who_fires_along_says_why() -> None:
    assert [plant.id for plant in PLANTS if bool(plant.also) != bool(plant.why_also)] == []
