"""Every operation that talks to the service, as a step of a workflow, against the sandbox in both dialects."""

from __future__ import annotations

import hashlib
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

ROOT = Path(__file__).resolve().parents[2]
HEAD = "| format | required | result | seconds | size | sha256 | file |"


class Job:
    """Steps of one job: they share a home folder, and the server that they talk to."""

    def __init__(self, step: Any, served: Any) -> None:
        self.step = step
        self.served = served
        self.home = step.root / "home"
        self.home.mkdir()
        step.extra = {"HOME": str(self.home), **served.root}

    def run(self, operation: str, *, key: str | None = None, **inputs: str) -> Any:
        """A step; the key is the one that the server knows, '' for none. Nothing secret may be left behind."""
        given = {"operation": operation, "api_key": self.served.key if key is None else key, **inputs}
        result = self.step.run(**given)
        log = "".join(line for line in result.log.splitlines() if not line.startswith("::add-mask::"))
        for text in (log, result.summary, repr(result.outputs)):
            assert self.served.key not in text
            assert "signature=" not in text
        return result

    @property
    def saved(self) -> list[Path]:
        return [path for path in self.home.rglob("*") if path.is_file()]


@pytest.fixture
def job(step: Any, served: Any) -> Job:
    return Job(step, served)


def rows(result: Any) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(result.outputs["results"])
    return loaded


# the key


def test_login_checks_the_key_and_saves_nothing(job: Job) -> None:
    result = job.run("login")
    assert (result.code, result.outputs, job.saved) == (0, {}, [])
    assert "accepts the key (api_key)" in result.log
    assert result.summary.startswith("## ✅ Logged in")
    assert result.log.startswith(f"::add-mask::{job.served.key}\n")


def test_a_saved_key_serves_later_steps_and_is_masked_in_each(job: Job) -> None:
    assert job.run("login", save_key="true").code == 0
    assert len(job.saved) == 1
    later = job.run("reset-model", key="", model_id=job.served.model)
    assert later.code == 0
    assert later.log.startswith(f"::add-mask::{job.served.key}\n")
    assert "The saved key was removed." in job.run("logout", key="").log
    assert job.saved == []
    assert job.run("reset-model", key="", model_id=job.served.model).code == 2


def test_a_key_that_the_service_does_not_know(job: Job) -> None:
    wrong = "ul_" + "0" * 40 if job.served.dialect == "platform" else "0" * 42
    result = job.run("login", key=wrong, save_key="true")
    assert (result.code, result.outputs["state"], job.saved) == (4, "error", [])
    (error,) = result.annotations
    assert (error.level, "create a new" in error.message.lower()) == ("error", True)
    assert wrong not in result.log.replace(f"::add-mask::{wrong}", "")


def test_a_malformed_key_is_told_without_a_request(job: Job) -> None:
    result = job.run("login", key="ul_short-and-odd")
    assert (result.code, job.served.box.log) == (4, [])


# models and formats


def test_reset_model(job: Job) -> None:
    result = job.run("reset-model", model_id=job.served.model)
    assert (result.code, result.outputs) == (0, {})
    assert "✓" in result.log
    assert "untrained" in result.summary
    assert job.served.asked("PATCH" if job.served.dialect == "platform" else "POST", "/api/models/.*|/model-reset")


def test_a_model_that_there_is_not(job: Job) -> None:
    missing = "demo/shapes/none" if job.served.dialect == "platform" else "N" * 20
    result = job.run("reset-model", model_id=missing)
    assert (result.code, [one.level for one in result.annotations]) == (4, ["error"])
    assert job.run("reset-model", model_id="").code == 2


def test_list_formats(job: Job) -> None:
    result = job.run("list-formats")
    formats = json.loads(result.outputs["formats"])
    assert ("coreai" in formats) == (job.served.dialect == "platform")
    assert formats[:2] == ["torchscript", "onnx"]
    assert job.served.box.log == []


# exports


def test_start_and_fetch_in_two_steps(job: Job) -> None:
    started = job.run("export-model", model_id=job.served.model, format="torchscript, onnx", export_args="imgsz=320")
    assert (started.code, started.outputs["state"], started.annotations) == (0, "started", [])
    ids = [line for line in started.outputs["export_id"].split("\n") if line]
    assert len(ids) == (2 if job.served.dialect == "platform" else 0)
    assert all(f"id {one}." in started.log for one in ids)
    fetched = job.run("get-export", model_id=job.served.model, format="torchscript, onnx", output_dir="out")
    assert (fetched.code, fetched.outputs["state"], fetched.annotations) == (0, "completed", [])
    files = [job.step.workspace / name for name in fetched.outputs["file"].split("\n")]
    assert [path.suffix for path in files] == [".torchscript", ".onnx"]
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    assert fetched.outputs["sha256"].split("\n") == sums
    assert [(row["result"], row["size"]) for row in rows(fetched)] == [("completed", p.stat().st_size) for p in files]
    assert HEAD in fetched.summary
    assert all(one in fetched.summary for one in sums)


def test_wait_with_a_format_that_may_fail(job: Job) -> None:
    job.served.box.turn(failures={"onnx": "No such operator.\n::error::pwned"})
    inputs = {"model_id": job.served.model, "wait": "true", "output_dir": "out"}
    result = job.run("export-model", format="torchscript", optional_formats="onnx", **inputs)
    assert (result.code, result.outputs["state"]) == (0, "completed")
    assert [row["result"] for row in rows(result)] == ["completed", "failed"]
    assert [one.level for one in result.annotations] == ["warning"]
    assert "No such operator." in result.annotations[0].message
    assert len(list((job.step.workspace / "out").iterdir())) == 1


def test_wait_with_a_required_format_that_fails(job: Job) -> None:
    job.served.box.turn(failures={"onnx": "The export failed: no such operator."})
    result = job.run("export-model", model_id=job.served.model, format="torchscript onnx", wait="true")
    assert (result.code, result.outputs["state"]) == (4, "failed")
    assert [one.level for one in result.annotations] == ["error"]
    assert "no such operator" in result.summary


def test_an_export_that_still_runs_is_no_success(job: Job) -> None:
    job.served.box.turn(seconds=3600.0)
    assert job.run("export-model", model_id=job.served.model).outputs["state"] == "started"
    pending = job.run("get-export", model_id=job.served.model)
    assert (pending.code, pending.outputs["state"], pending.outputs["file"]) == (4, "pending", "")
    late = job.run("get-export", model_id=job.served.model, wait="true", timeout="0.2s")
    assert (late.code, late.outputs["state"]) == (4, "timed out")
    assert f"hubaction get-export {job.served.model} --format torchscript --wait" in late.summary


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"model_id": ""}, "model"),
        ({"format": "onxx"}, "onnx"),
        ({"wait": "perhaps"}, "The input wait"),
        ({"timeout": "soon"}, "The input timeout"),
        ({"download": "maybe"}, "The input download"),
        ({"export_args": "imgsz"}, "The input export_args"),
        ({"output_dir": "../out"}, "output_dir"),
    ],
)
@pytest.mark.parametrize("operation", ["export-model", "get-export"])
def test_inputs_that_cannot_be_used(job: Job, operation: str, inputs: dict[str, str], words: str) -> None:
    result = job.run(operation, **{"model_id": job.served.model, **inputs})
    assert (result.code, result.outputs["state"], len(result.annotations)) == (2, "error", 1)
    assert words in result.annotations[0].message
    assert job.served.box.log == []


# datasets


def test_upload_dataset(job: Job, dataset: Any) -> None:
    result = job.run("upload-dataset", dataset_path="ds", dataset_id="shapes-new")
    assert (result.code, result.outputs["verdict"], result.outputs["state"]) == (0, "passed", "completed")
    assert result.outputs["dataset"]
    assert result.outputs["images"] == "2"
    assert "## ✅ Upload to" in result.summary
    sent = "PUT" if job.served.dialect == "platform" else "POST"
    assert len(job.served.asked(sent, "/storage/.*|/v1/datasets/.*/upload")) == 1


def test_a_dataset_that_fails_its_check_is_not_sent(job: Job, dataset: Any) -> None:
    dataset.add("train", "bad", "0 0.5 0.5 0.2 1.7")
    result = job.run("upload-dataset", dataset_path="ds", dataset_id="shapes-new")
    assert (result.code, result.outputs["verdict"], result.outputs["state"]) == (1, "failed", "failed")
    assert job.served.box.log == []


def test_a_dataset_without_a_name(job: Job, dataset: Any) -> None:
    assert job.run("upload-dataset", dataset_path="ds").code == 2
    assert job.served.box.log == []


def test_the_dataset_check_asks_nobody(job: Job, dataset: Any) -> None:
    assert job.run("check-dataset", dataset_path="ds").code == 0
    assert job.served.box.log == []


# as a process, with signals


@contextmanager
def waiting(job: Job, operation: str) -> Iterator[subprocess.Popen[bytes]]:
    """A step that waits for an export; it has told that it was started. The key is in the environment only."""
    inputs = {"operation": operation, "model_id": job.served.model, "wait": "true", "api_key": job.served.key}
    process = subprocess.Popen(
        [sys.executable, "-u", "-X", "utf8", str(ROOT / "entrypoint.py")],
        env=job.step.environment(inputs),
        cwd=job.step.workspace,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,  # what is not yet read stays in the pipe
    )
    assert process.stdout is not None
    try:
        while not (line := process.stdout.readline()).startswith(b"torchscript: started"):
            assert line.startswith(b"::add-mask::")
        yield process
    finally:
        with process:
            process.kill()


@pytest.mark.skipif(os.name != "posix", reason="the action runs on Linux")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_waiting_says_what_runs_and_how_to_go_on(job: Job, number: signal.Signals) -> None:
    job.served.box.turn(seconds=3600.0)
    with waiting(job, "export-model") as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    result = job.step.result(process.returncode, out)
    assert (result.code, result.outputs["state"], err) == (130, "interrupted", b"")
    assert f"To go on later: hubaction get-export {job.served.model} --format torchscript --wait" in result.log
    assert "nothing was cancelled" in result.annotations[0].message
    assert result.outputs["export_id"] in result.log
    assert job.served.asked("DELETE", ".*") == []
    assert job.served.key not in out.decode()
