"""The workflows of the documents are those of examples/workflows, and name only inputs and outputs that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubaction.action.inputs import INPUTS, OUTPUTS
from hubaction.operations.table import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "examples/workflows").glob("*.yml"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OURS = "org/hub-action@v1"
FLAGS = {one.name for one in INPUTS if one.default in {"true", "false"}}

Steps = list[dict[str, Any]]


def blocks() -> list[str]:
    """Every yaml block of a document."""
    texts = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    return re.findall(r"^```yaml\n(.*?)^```$", texts, re.DOTALL | re.MULTILINE)


def workflows() -> list[str]:
    return [block for block in blocks() if "\njobs:" in block]


def jobs(text: str) -> Iterator[dict[str, Any]]:
    yield from yaml.safe_load(text)["jobs"].values()


def all_steps() -> list[Steps]:
    """The steps of every job, and of every block that has steps only."""
    parts = [list(yaml.safe_load(block)) for block in blocks() if block.lstrip().startswith("- uses:")]
    return [*parts, *(job["steps"] for path in FILES for job in jobs(path.read_text(encoding="utf-8")))]


def ours(steps: Steps) -> Steps:
    return [step for step in steps if "hub-action" in step.get("uses", "")]


def test_every_workflow_of_a_document_is_a_file() -> None:
    """So that `make lint`, which checks the files, checks what readers paste."""
    files = {path.read_text(encoding="utf-8") for path in FILES}
    shown = workflows()
    assert shown
    assert set(shown) == files
    assert len(shown) == len(files)


def test_steps_name_inputs_that_exist() -> None:
    names = {one.name for one in INPUTS}
    given = [set(step.get("with", {})) for steps in all_steps() for step in ours(steps)]
    assert len(given) > len(FILES) - 2
    assert [keys - names for keys in given if keys - names] == []


def test_steps_name_operations_and_flags_that_exist() -> None:
    for step in (step for steps in all_steps() for step in ours(steps)):
        given = step.get("with", {})
        assert step["uses"] == OURS
        assert given.get("operation", "check-dataset") in OPERATIONS
        assert all(isinstance(given[name], bool) for name in FLAGS & given.keys())


def test_every_operation_is_shown() -> None:
    shown = {step.get("with", {}).get("operation", "check-dataset") for steps in all_steps() for step in ours(steps)}
    assert shown == set(OPERATIONS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_outputs_are_those_of_a_step_of_ours(path: Path) -> None:
    for job in jobs(path.read_text(encoding="utf-8")):
        ids = {step["id"] for step in ours(job["steps"]) if "id" in step}
        used = re.findall(r"steps\.(\w+)\.outputs\.(\w+)", yaml.safe_dump(job, width=10_000))
        assert [pair for pair in used if pair[0] not in ids or pair[1] not in OUTPUTS] == []


def needed(steps: list[dict[str, Any]]) -> dict[str, str] | None:
    """What a job has to be granted beyond the workflow: by GitHub's documents on releases and on uploading SARIF."""
    if any("gh release upload" in step.get("run", "") for step in steps):
        return {"contents": "write"}
    if any("upload-sarif" in step.get("uses", "") for step in steps):
        return {"contents": "read", "security-events": "write", "actions": "read"}
    return None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_is_granted_or_put_into_a_script_that_is_not_needed(path: Path) -> None:
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert loaded["permissions"] in ({}, {"contents": "read"})
    for job in loaded["jobs"].values():
        assert job.get("permissions") == needed(job["steps"])
        assert not [step for step in job["steps"] if "${{" in step.get("run", "")]
