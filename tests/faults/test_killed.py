"""Wherever a download is killed, nothing half-written has the final name, and the next run completes it."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import PROJECT
from hypothesis import given
from hypothesis import strategies as st
from wire import Reply, serving

DATA = random.Random(5).randbytes(90_000)
SHA = hashlib.sha256(DATA).hexdigest()
NAME = "best.onnx"
OLDER = b"what an earlier job has left"
NEVER, MORE = 0, 10_000_000  # steps after which to be killed: at no one, at more than a download takes


class Runs:
    """Downloads into one folder, each in a process of its own."""

    def __init__(self, process: Any, folder: Path) -> None:
        self.process = process
        self.folder = folder

    def run(self, steps: int, most: int = 20_000, after: str = "download") -> tuple[int, int]:
        """Exit status, and the steps that were taken to the end."""
        self.process.stdin.write(f"{after} {steps} {most}\n")
        self.process.stdin.flush()
        status, taken = map(int, self.process.stdout.readline().split())
        return status, taken

    def clear(self, *, older: bool) -> None:
        for path in self.folder.iterdir():
            path.unlink()
        if older:
            (self.folder / NAME).write_bytes(OLDER)

    @property
    def final(self) -> str:
        """SHA-256 of the file with the final name, '' where there is none."""
        path = self.folder / NAME
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    folder = tmp_path_factory.mktemp("downloads")
    with serving(Reply(200, DATA, {"ETag": '"v1"'}, ranges=True)) as server:
        script = str(Path(__file__).with_name("killed.py"))
        command = [sys.executable, script, f"{server.url}/f?signature=x", str(len(DATA)), str(folder)]
        kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, env={**kept, "PYTHONPATH": str(PROJECT)}
        ) as process:
            yield Runs(process, folder)
            process.stdin.close()  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def steps(runs: Runs) -> int:
    """Steps of a download that nothing disturbs."""
    status, taken = runs.run(MORE)
    assert (status, runs.final) == (0, SHA)
    assert taken > 100
    return taken


@given(data=st.data(), older=st.booleans(), most=st.integers(1000, 40_000))
def test_killed_anywhere_again_and_again(runs: Runs, steps: int, data: Any, older: bool, most: int) -> None:
    runs.clear(older=older)
    before = hashlib.sha256(OLDER).hexdigest() if older else ""
    for _ in range(3):
        status, _ = runs.run(data.draw(st.integers(1, steps)), most)
        assert status in {0, -signal.SIGKILL}
        assert runs.final in ({SHA} if status == 0 else {before, SHA})
        before = runs.final
    assert runs.run(NEVER)[0] == 0
    assert runs.final == SHA
    assert [path.name for path in runs.folder.iterdir()] == [NAME]


def test_killed_at_every_step_of_giving_the_name(runs: Runs) -> None:
    for number in range(1, 40):
        runs.clear(older=True)
        status, _ = runs.run(number, after="publish")
        assert status == -signal.SIGKILL
        assert runs.final in {hashlib.sha256(OLDER).hexdigest(), SHA}
        assert runs.run(NEVER)[0] == 0
        assert runs.final == SHA
