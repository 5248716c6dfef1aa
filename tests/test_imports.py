"""No work at import: what is heavy is loaded where it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ["numpy", "PIL", "yaml", "requests", "rich", "multiprocessing", "zipfile"]
LISTING = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


def modules_after(code: str) -> set[str]:
    """Top-level modules of a fresh interpreter after this code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{LISTING}"], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("module", ["hubaction", "hubaction.errors", "hubaction.cli", "hubaction.report.finding"])
def test_import_is_light(module: str) -> None:
    assert modules_after(f"import {module}").isdisjoint(HEAVY)


def test_version_is_light() -> None:
    code = "from hubaction.cli import main\ntry:\n    main(['--version'])\nexcept SystemExit:\n    pass"
    assert modules_after(code).isdisjoint(HEAVY)


def test_check_needs_no_network_library() -> None:
    assert "requests" not in modules_after("import hubaction.operations.check_dataset")


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
