"""Every workflow that people paste: only inputs and outputs that exist, and the files in examples/ word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from hubaction.action.inputs import INPUTS, OUTPUTS

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FILES = sorted((ROOT / "examples" / "workflows").glob("*.yml"))


def workflows() -> list[object]:
    found = [
        pytest.param(text, id=f"{page.name}-{number}")
        for page in PAGES
        for number, text in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
        if "jobs:" in text
    ]
    return found + [pytest.param(path.read_text(encoding="utf-8"), id=path.name) for path in FILES]


@pytest.mark.parametrize("text", workflows())
def test_a_workflow_names_only_inputs_and_outputs_that_exist(text: str) -> None:
    jobs = yaml.safe_load(text)["jobs"].values()
    steps = [step for job in jobs for step in job["steps"]]
    ours = [step for step in steps if "hub-action" in step.get("uses", "")]
    used = {name for step in ours for name in step.get("with", {})}
    assert used <= {one.name for one in INPUTS}
    ids = "|".join(re.escape(step["id"]) for step in ours if "id" in step)
    named = re.findall(rf"steps\.(?:{ids})\.outputs\.(\w+)", text) if ids else []
    assert set(named) <= set(OUTPUTS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_workflow_stands_in_the_readme_as_in_its_file(path: Path) -> None:
    assert path.read_text(encoding="utf-8").strip() in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "operation", ["login", "logout", "reset-model", "list-formats", "export-model", "get-export", "upload-dataset"]
)
def test_every_operation_has_a_workflow(operation: str) -> None:
    assert any(f"operation: {operation}\n" in path.read_text(encoding="utf-8") for path in FILES)
