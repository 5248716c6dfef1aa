"""No work at import: what is heavy is loaded where it is used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ["numpy", "PIL", "yaml", "requests", "rich", "multiprocessing", "zipfile"]
LISTING = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


def modules_after(code: str, cwd: Path = ROOT) -> set[str]:
    """Top-level modules of a fresh interpreter after this code."""
    command = [sys.executable, "-c", f"{code}\n{LISTING}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=cwd, env=environment)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("module", ["hubaction", "hubaction.errors", "hubaction.cli", "hubaction.report.finding"])
def test_import_is_light(module: str) -> None:
    assert modules_after(f"import {module}").isdisjoint(HEAVY)


def test_version_is_light() -> None:
    code = "from hubaction.cli import main\ntry:\n    main(['--version'])\nexcept SystemExit:\n    pass"
    assert modules_after(code).isdisjoint(HEAVY)


NETWORK = {"requests", "urllib3", "ssl", "flask", "werkzeug"}


def test_looking_up_an_operation_needs_no_network_library() -> None:
    assert modules_after("import hubaction.operations.table").isdisjoint(NETWORK)


@pytest.mark.parametrize(
    "call",
    [
        "from hubaction.cli import main; main(['check-dataset', 'examples/shapes', '--quiet', '--workers', '1'])",
        "from hubaction import check_dataset; check_dataset('examples/shapes', workers=1)",
        "from hubaction.action.run import run; run({'INPUT_DATASET_PATH': 'examples/shapes', 'GITHUB_WORKSPACE': '.'})",
    ],
    ids=["command", "function", "action"],
)
def test_a_check_needs_no_network_library(tmp_path: Path, call: str) -> None:
    shutil.copytree(ROOT / "examples" / "shapes", tmp_path / "examples" / "shapes")
    loaded = modules_after(call, cwd=tmp_path)
    assert "numpy" in loaded
    assert loaded.isdisjoint(NETWORK)


def test_reading_knows_no_rules() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, hubaction.dataset.dataset; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert not [name for name in done.stdout.split() if name.startswith(("hubaction.rules", "hubaction.policy"))]


def test_version_is_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hubaction", "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("hubaction ")
