"""A large export: in little memory, and on from where a killed run has left it."""

from __future__ import annotations

import hashlib
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import environment, started, wait_until

from hubaction.sandbox import Sandbox, parse_fault
from hubaction.sandbox.artifacts import exported
from hubaction.sandbox.log import Entry
from hubaction.sandbox.world import HUB_MODEL, PLATFORM_MODEL

SIZE = 300 << 20
MOST = 64 << 20
"""Bytes of memory that the whole process may take at its peak: interpreter, libraries and download."""

MEASURED = """
import sys
from hubaction.cli import main
code = main(sys.argv[1:])
print(open("/proc/self/status").read())
raise SystemExit(code)
"""
MODELS = {"platform": PLATFORM_MODEL, "hub": HUB_MODEL}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(seconds=0, rate=0, artifact_size=SIZE) as made:
        yield made


@pytest.fixture(scope="module")
def sha256() -> str:
    return exported("yolo11n", "torchscript", {}, SIZE, 0).sha256


def command(dialect: str) -> tuple[str, ...]:
    return "get-export", MODELS[dialect], "--output-dir", "out"


def export(box: Sandbox, dialect: str, home: Path) -> None:
    """Have something to get."""
    given = environment(home, box, dialect)
    with started(home, given, "export-model", MODELS[dialect], "--no-download") as process:
        assert process.wait(60) == 0, process.stderr.read()


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def peak(printed: bytes) -> int:
    """The most memory that the process ever had, in bytes."""
    found = re.search(rb"VmHWM:\s+(\d+) kB", printed)
    assert found
    return int(found[1]) * 1024


def downloads(box: Sandbox) -> list[Entry]:
    return [entry for entry in box.log if entry.path.startswith("/storage/")]


@pytest.mark.parametrize("dialect", MODELS)
def test_killed_at_half_and_run_again_in_little_memory(box: Any, sha256: str, tmp_path: Path, dialect: str) -> None:
    export(box, dialect, tmp_path)
    given, out, before = environment(tmp_path, box, dialect), tmp_path / "out", len(downloads(box))

    def part() -> int:
        return sum(path.stat().st_size for path in out.glob(".*.part"))

    box.faults.add(parse_fault(f"GET /storage/* cut={SIZE // 2} 1"), parse_fault("GET /storage/* hang always"))
    with started(tmp_path, given, *command(dialect)) as process:
        wait_until(lambda: part() >= SIZE // 2)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    box.faults.clear()
    assert part() == SIZE // 2
    assert [path.name for path in out.iterdir() if not path.name.startswith(".")] == []

    with started(tmp_path, given, *command(dialect), code=MEASURED) as process:
        printed, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    (made,) = out.iterdir()
    assert (made.stat().st_size, digest(made)) == (SIZE, sha256)
    made.unlink()
    first, *_, last = downloads(box)[before:]
    assert ("range" in first.headers, "range" in last.headers, last.status) == (False, True, 206)
    assert peak(printed) < MOST


def test_a_whole_download_in_little_memory(box: Any, sha256: str, tmp_path: Path) -> None:
    export(box, "platform", tmp_path)
    with started(tmp_path, environment(tmp_path, box, "platform"), *command("platform"), code=MEASURED) as process:
        printed, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    (made,) = (tmp_path / "out").iterdir()
    assert digest(made) == sha256
    made.unlink()
    assert peak(printed) < MOST
