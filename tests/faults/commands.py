"""The command line as processes of their own, against a sandbox in this one."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hubaction.sandbox import Sandbox

RUN = "import sys; from hubaction.cli import entry_point; entry_point()"
PROJECT = Path(__file__).parents[2]


def environment(home: Path, box: Sandbox, dialect: str) -> dict[str, str]:
    """What a shell has set; no proxy."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    of_dialect = {
        "platform": {"HUB_API_KEY": box.platform_key, "ULTRALYTICS_PLATFORM_URL": box.url},
        "hub": {"HUB_API_KEY": box.hub_key, "ULTRALYTICS_HUB_API": box.url},
    }
    debug = {"HUBACTION_DEBUG": "1", "RUNNER_DEBUG": "1", "ACTIONS_STEP_DEBUG": "true"}
    return {**kept, **debug, **of_dialect[dialect], "HOME": str(home), "PYTHONPATH": str(PROJECT)}


@contextlib.contextmanager
def started(folder: Path, given: dict[str, str], *args: str, code: str = RUN, **options: Any) -> Iterator[Any]:
    """A command that runs; it is killed where it has not ended by then."""
    command = [sys.executable, "-c", code, *args]
    with subprocess.Popen(
        command, cwd=folder, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    """Raises AssertionError where it does not come to hold."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)
