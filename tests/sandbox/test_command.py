"""The command ``hubaction sandbox``, as a process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[2]
EXPORTS = "/api/models/demo/shapes/yolo11n/exports"


def command(*arguments: str, code: str = "") -> list[str]:
    start = ["-c", code] if code else ["-m", "hubaction"]
    return [sys.executable, *start, "sandbox", *arguments]


@contextlib.contextmanager
def running(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The process and what its ready file says."""
    ready = folder / "ready.json"
    environment = os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command("--ready-file", str(ready), *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder,
    ) as process:
        try:
            while not ready.exists():
                assert process.poll() is None, process.communicate()
                time.sleep(0.05)
            yield process, json.loads(ready.read_text())
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_a_signal_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as (process, ready):
        key = {"Authorization": f"Bearer {ready['platform_key']}"}
        assert requests.get(f"{ready['url']}/api/account/summary", headers=key, timeout=10).status_code == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out.endswith("The sandbox has stopped.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["ready.json"]


def test_it_says_how_to_use_it_and_what_it_is_not(tmp_path: Path) -> None:
    with running(tmp_path) as (process, ready):
        process.terminate()
        out, _ = process.communicate(timeout=20)
    assert f"export ULTRALYTICS_PLATFORM_URL={ready['url']} HUB_API_KEY={ready['platform_key']}\n" in out
    assert f"export ULTRALYTICS_HUB_API={ready['url']} HUB_API_KEY={ready['hub_key']}\n" in out
    assert ready["platform_model"] in out
    assert ready["hub_model"] in out
    assert "It is not the live service" in out


def test_options_turn_its_knobs(tmp_path: Path) -> None:
    options = ["--fast", "--fail", "pb=no = luck", "--artifact-size", "5000", "--fault", "GET /openapi.json status=500"]
    with running(tmp_path, *options) as (process, ready):
        key = {"Authorization": f"Bearer {ready['platform_key']}"}
        for name in ("onnx", "pb"):
            requests.post(ready["url"] + EXPORTS, json={"format": name}, headers=key, timeout=10).raise_for_status()
        failed, done = requests.get(ready["url"] + EXPORTS, headers=key, timeout=10).json()["exports"]
        assert (failed["status"], failed["error"]["message"]) == ("failed", "no = luck")
        assert (done["status"], done["file"]["size"]) == ("completed", 5000)
        assert requests.get(f"{ready['url']}/openapi.json", timeout=10).status_code == 500
        assert requests.get(f"{ready['url']}/_sandbox/", timeout=10).json()["knobs"]["rate"] == 0
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--port", "70000"], "there is no such port"),
        (["--fault", "GET /"], "is not METHOD PATH KIND"),
        (["--fail", "=no"], "--fail names no format"),
        (["--seconds", "-1"], "cannot be turned to -1.0"),
        (["--ready-file", "/dev/null/x"], "cannot be written"),
    ],
)
def test_what_it_cannot_do(tmp_path: Path, options: list[str], says: str) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command(*options), capture_output=True, text=True, env=environment, timeout=30, check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['flask'] = None; from hubaction.cli import main; sys.exit(main(sys.argv[1:]))"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command(code=hidden), capture_output=True, text=True, env=environment, timeout=30, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        "hubaction: The sandbox needs Flask, which is not installed.\n  Run: pip install 'hub-action[sandbox]'\n"
    )


def test_the_other_commands_do_not_load_it() -> None:
    code = "import sys; import hubaction.cli; print([m for m in sys.modules if 'flask' in m or '.sandbox' in m])"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=30, check=False
    )
    assert done.stdout == "[]\n", done.stderr
