"""The entry point as a process of its own: two pipes, no terminal, nothing of this environment, and signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hubaction.report.table import RENDERERS

ROOT = Path(__file__).resolve().parents[2]
PYTHON = [sys.executable, "-u", "-B", "-X", "utf8"]
PASSED_LOG = "✓ ds\n  passed: no findings in 2 images, 420 objects (detect, profile default)\n"

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}

posix_only = pytest.mark.skipif(os.name != "posix", reason="the action runs on Linux")


def variables(step: Any, inputs: dict[str, str]) -> dict[str, str]:
    """What the runner gives a container, and nothing of the environment that the tests run in."""
    runner = {"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64", "RUNNER_NAME": "r", "RUNNER_TEMP": "/nowhere"}
    event = {
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_SHA": "0" * 40,
        "GITHUB_REF": "refs/heads/x",
    }
    home = step.root / "home"
    home.mkdir(exist_ok=True)
    everything: dict[str, str] = step.environment(inputs) | runner | event | {"HOME": str(home)}
    assert all(len(f"{name}={value}".encode()) < 131_072 for name, value in everything.items())
    return everything


def entry_point(step: Any, **inputs: str) -> Any:
    done = subprocess.run(
        [*PYTHON, str(ROOT / "entrypoint.py")],
        env=variables(step, inputs),
        cwd=step.workspace,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == b""
    assert list((step.root / "home").iterdir()) == []
    return step.result(done.returncode, done.stdout)


def test_a_clean_dataset(step: Any, dataset: Any) -> None:
    result = entry_point(step, dataset_path="ds")
    assert (result.code, result.stream.commands, result.outputs["verdict"]) == (0, [], "passed")
    assert result.log.startswith(PASSED_LOG)
    assert "✅" in result.summary


def test_a_hostile_dataset_with_a_secret(step: Any, dataset: Any) -> None:
    name = os.fsdecode(b"\r::error::pwned\n##[add-mask]labels\xff")
    dataset.add("train", name, "0 0.5 0.5 0.2 ##[set-output\tname=verdict]passed")
    result = entry_point(step, dataset_path="ds", api_key="a-long-secret", select="L302")
    assert (result.code, result.stream.names) == (1, ["add-mask", "error"])
    assert result.log.startswith("::add-mask::a-long-secret\n")
    assert result.log.count("a-long-secret") == 1
    assert (result.outputs["verdict"], result.outputs["errors"]) == ("failed", "1")


def test_a_missing_dataset(step: Any) -> None:
    result = entry_point(step, dataset_path="missing")
    assert (result.code, result.stream.names) == (3, ["error"])
    assert result.outputs == {"verdict": "unreadable", "state": "error"}


def test_code_in_the_workspace_is_not_imported(step: Any, dataset: Any) -> None:
    for name in ("yaml.py", "PIL.py", "sitecustomize.py", "hubaction.py"):
        (step.workspace / name).write_text("raise SystemExit('imported from the workspace')\n")
    assert entry_point(step, dataset_path="ds").code == 0


# signals: a driver stands in for a dataset that takes long

DRIVER = """
import os, signal, sys
sys.path.insert(0, {root!r})
from hubaction.{face} import {call}

runner = os.dup(1)

def working(*_arguments, **_options):
    os.write(runner, b"working\\n")
    while True:
        signal.pause()

{patch}
sys.exit({call}({arguments}))
"""
SLOW_OPERATION = "from hubaction.operations import table; table.OPERATIONS['check-dataset'] = working"
SLOW_IMAGES = """
from hubaction.dataset import crew, jobs
jobs.inspect_image = working
wait = crew.wait
def wait_aloud(*arguments):
    os.write(runner, b"working\\n")
    return wait(*arguments)
crew.wait = wait_aloud
"""
NOISY = """
import warnings
from hubaction.operations.outcome import Outcome
def noisy(_inputs, _context):
    warnings.warn("a\\n::error::pwned")
    print("x ##[error]pwned")
    os.write(2, b"::error::pwned")
    return Outcome(0, "the report", "", [], {})
from hubaction.operations import table
table.OPERATIONS["check-dataset"] = noisy
"""
INTERRUPTED_IN_A_RULE = """
from hubaction.operations import check_dataset
def interrupt(*_arguments, **_options):
    os.write(runner, b"working\\n")
    os.kill(os.getpid(), signal.SIGTERM)
check_dataset.run_rules = interrupt
"""
INTERRUPTED_TWICE = (
    INTERRUPTED_IN_A_RULE
    + """
def again(*_arguments):
    os.kill(os.getpid(), signal.SIGTERM)
check_dataset.write_reports = again
"""
)
INTERRUPTED_FORK = """
def interrupt():
    os.write(runner, b"working\\n")
    os.kill(os.getpid(), signal.SIGTERM)
os.register_at_fork(after_in_parent=interrupt)
"""


@contextmanager
def driver(
    step: Any, patch: str, inputs: dict[str, str], waiting_for: int = 1, face: str = "action.run", arguments: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has said so often that it works; whatever is left of its group ends with the test."""
    script = step.root / "driver.py"
    call = "run" if face == "action.run" else "main"
    script.write_text(DRIVER.format(root=str(ROOT), patch=patch, face=face, call=call, arguments=arguments))
    process = subprocess.Popen(
        [*PYTHON, str(script)],
        env=variables(step, inputs),
        cwd=step.workspace,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,  # what is not yet read stays in the pipe
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        for _ in range(waiting_for):
            assert process.stdout.readline() == b"working\n"
        yield process
    finally:
        with process:
            if group_lives(process.pid):
                os.killpg(process.pid, signal.SIGKILL)


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_libraries_print_and_warn_of(step: Any) -> None:
    with driver(step, NOISY, {}, waiting_for=0) as process:
        out, err = process.communicate(timeout=30)
    stream = step.result(process.returncode, out).stream
    assert (process.returncode, stream.commands, err) == (0, [], b"")
    assert stream.plain[0] == "Libraries printed:"
    assert sum("pwned" in line for line in stream.plain) == 4, "a warning shows its line of code too"
    assert stream.plain[-1] == "the report"


@posix_only
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_step_with_a_sentence(step: Any, number: signal.Signals) -> None:
    with driver(step, SLOW_OPERATION, {}) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=5)
    result = step.result(process.returncode, out)
    assert (result.code, result.stream.names, err) == (CODES[number], ["error"], b"")
    assert "Interrupted" in result.annotations[0].message
    assert "Interrupted" in result.summary
    assert result.outputs == {"verdict": "interrupted", "state": "interrupted"}


@posix_only
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_processes_that_read_files_end_too(step: Any, dataset: Any, number: signal.Signals) -> None:
    for index in range(300):
        dataset.add("train", f"{index}", "0 0.5 0.5 0.2 0.2")
    inputs = {"dataset_path": "ds", "workers": "2", "task": "detect", "formats": "json html sarif junit"}
    with driver(step, SLOW_IMAGES, inputs, waiting_for=3) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=5)
        assert not group_lives(process.pid)
    result = step.result(process.returncode, out)
    assert (result.code, result.stream.names, err) == (CODES[number], ["error"], b"")
    assert result.annotations[0].message.startswith("Interrupted before anything was judged")
    assert "interrupted before anything was judged" in result.summary
    assert result.outputs == {"verdict": "interrupted"} | {
        f"report_{name}": f"hub-action-report/{RENDERERS[name].file}" for name in ("json", "html", "sarif", "junit")
    }
    report = json.loads((step.report_folder / "report.json").read_text())
    assert (report["verdict"], report["exit_code"], report["findings"]) == ("interrupted", CODES[number], [])
    assert report["not_run"] == [f"all rules, for {number.name} ended the check at its start"]
    assert "interrupted" in (step.report_folder / "report.html").read_text()
    assert "<error message=" in (step.report_folder / "junit.xml").read_text()
    (run,) = json.loads((step.report_folder / "report.sarif").read_text())["runs"]
    assert (run["invocations"][0]["executionSuccessful"], run["results"]) == (False, [])
    assert sorted(path.name for path in step.report_folder.iterdir()) == sorted(
        one.file for one in RENDERERS.values()
    ), "and no statistics"


@posix_only
def test_a_signal_while_processes_start(step: Any, dataset: Any) -> None:
    for index in range(300):
        dataset.add("train", f"{index}", "0 0.5 0.5 0.2 0.2")
    inputs = {"dataset_path": "ds", "workers": "2", "task": "detect"}
    with driver(step, INTERRUPTED_FORK, inputs) as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (143, b"")
    assert b"::error title=Interrupted::Interrupted before anything was judged" in out


@posix_only
def test_an_interrupt_at_a_terminal_reaches_all_processes(step: Any, dataset: Any) -> None:
    for index in range(300):
        dataset.add("train", f"{index}", "0 0.5 0.5 0.2 0.2")
    arguments = "['check-dataset', 'ds', '--workers', '2', '--task', 'detect']"
    with driver(step, SLOW_IMAGES, {}, waiting_for=3, face="cli", arguments=arguments) as process:
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=5)
        assert not group_lives(process.pid)
    assert (process.returncode, err) == (130, b"")
    assert out.decode().startswith("✗ ds\n  interrupted before anything was judged (profile default)\n")
    assert "not looked at: all rules, for SIGINT ended the check" in out.decode()


@posix_only
def test_a_second_signal_ends_the_writing_too(step: Any, dataset: Any) -> None:
    inputs = {"dataset_path": "ds", "workers": "1", "task": "detect"}
    with driver(step, INTERRUPTED_TWICE, inputs) as process:
        out, err = process.communicate(timeout=5)
    result = step.result(process.returncode, out)
    assert (result.code, result.stream.names, err) == (143, ["error"], b"")
    assert result.outputs == {"verdict": "interrupted", "state": "interrupted"}
    assert not step.report_folder.exists()


@posix_only
def test_a_signal_ends_the_command_line_with_a_report(step: Any, dataset: Any) -> None:
    arguments = "['check-dataset', 'ds', '--workers', '1', '--task', 'detect', '--report-json', 'r.json', '--quiet']"
    with driver(step, INTERRUPTED_IN_A_RULE, {}, face="cli", arguments=arguments) as process:
        out, err = process.communicate(timeout=5)
    assert (process.returncode, err) == (143, b"")
    assert out == b"ds: interrupted before anything was judged (profile default)\n"
    report = json.loads((step.workspace / "r.json").read_text())
    assert report["not_run"] == ["all rules, for SIGTERM ended the check after 2 of 2 files were read"]
    assert report["dataset"]["files"] == 2
