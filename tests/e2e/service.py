"""The operations on models and the upload, in the container, against the sandbox on this machine, in both dialects."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from checks import Checks, check_log, check_owner
from engine import ROOT, Engine, Step

from hubaction.sandbox import Sandbox
from hubaction.sandbox.world import HUB_MODEL, PLATFORM_MODEL


@dataclass(frozen=True, slots=True)
class Job:
    """Steps that talk to one dialect of a sandbox. The container shares this machine's network."""

    checks: Checks
    engine: Engine
    box: Sandbox
    dialect: str
    workspace: Path

    @property
    def key(self) -> str:
        return self.box.platform_key if self.dialect == "Platform" else self.box.hub_key

    @property
    def model(self) -> str:
        return PLATFORM_MODEL if self.dialect == "Platform" else HUB_MODEL

    def run(
        self, operation: str, inputs: Mapping[str, str] | None = None, *, code: int = 0, key: str | None = None
    ) -> Step:
        """A step; what holds for every one is checked. The key is the sandbox's own unless another one is given."""
        root = {"Platform": "ULTRALYTICS_PLATFORM_URL", "HUB": "ULTRALYTICS_HUB_API"}[self.dialect]
        secrets = {"INPUT_API_KEY": self.key if key is None else key}
        variables = [f"{root}={self.box.url}"]
        given = {"operation": operation, **(inputs or {})}
        step = self.engine.step(self.workspace, given, variables, secrets, network="host")
        name = f"{self.dialect}: {operation}"
        check_log(self.checks, step, code, name)
        check_owner(self.checks, step, name)
        log = step.log.replace(f"::add-mask::{secrets['INPUT_API_KEY']}", "")
        shown = [text for text in (log, step.summary, repr(step.outputs)) if secrets["INPUT_API_KEY"] in text]
        self.checks.that(not shown and "signature=" not in step.log, f"{name}: the key and no signature is shown")
        return step

    def state(self, step: Step, expected: str) -> None:
        """Check the output ``state``."""
        self.checks.equal(step.outputs.get("state"), expected, f"{self.dialect}: output state")


def model_operations(checks: Checks, engine: Engine) -> None:
    """Every operation of each dialect; reset comes last, for an untrained model cannot be exported."""
    workspace = engine.work / "workspace-service"
    shutil.copytree(ROOT / "examples" / "shapes", workspace / "shapes")
    for dialect in ("Platform", "HUB"):
        checks.title(f"the service: {dialect}")
        with Sandbox(seconds=0.0, rate=0.0) as box:
            job = Job(checks, engine, box, dialect, workspace)
            key_and_formats(job)
            exports_in_two_steps(job)
            exports_with_a_wait(job)
            dataset(job)
            reset = job.run("reset-model", {"model_id": job.model})
            checks.that("untrained" in reset.summary, f"{dialect}: the model was reset", reset.summary)
            checks.equal(box.leaks, [], f"{dialect}: where a key went astray")


def key_and_formats(job: Job) -> None:
    """The right key, one that nobody knows, none at all."""
    login = job.run("login", {"save_key": "true"})
    job.checks.that("Logged in" in login.summary, f"{job.dialect}: the key is accepted", login.summary)
    unknown = "ul_" + "0" * 40 if job.dialect == "Platform" else "0" * 42
    job.state(job.run("login", code=4, key=unknown), "error")
    job.run("reset-model", {"model_id": job.model}, code=4, key="ul_of-no-form")
    job.run("logout")
    formats = json.loads(job.run("list-formats").outputs.get("formats", "[]"))
    job.checks.that("onnx" in formats, f"{job.dialect}: output formats", formats)


def exports_in_two_steps(job: Job) -> None:
    """Started by one step, fetched by another."""
    inputs = {"model_id": job.model, "format": "torchscript,onnx", "output_dir": "exports"}
    job.state(job.run("export-model", {**inputs, "export_args": "imgsz=320"}), "started")
    step = job.run("get-export", inputs)
    job.state(step, "completed")
    files = [step.workspace / name for name in step.outputs.get("file", "").split("\n")]
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()]
    job.checks.equal(sums, step.outputs.get("sha256", "").split("\n"), f"{job.dialect}: output sha256")
    job.checks.equal(len(sums), 2, f"{job.dialect}: number of files")


def exports_with_a_wait(job: Job) -> None:
    """One that fails and may, then one that fails and may not."""
    job.box.turn(failures={"coreml": "The export failed: no such operator."})
    formats = {"format": "torchscript", "optional_formats": "coreml"}
    inputs = {"model_id": job.model, **formats, "wait": "true", "timeout": "2m", "output_dir": "exports"}
    step = job.run("export-model", inputs)
    job.state(step, "completed")
    job.checks.equal(len(step.annotations("warning")), 1, f"{job.dialect}: the number of warning annotations")
    job.state(job.run("get-export", {"model_id": job.model, "format": "coreml"}, code=4), "failed")


def dataset(job: Job) -> None:
    """A sound dataset arrives."""
    step = job.run("upload-dataset", {"dataset_path": "shapes", "dataset_id": "shapes-e2e"})
    job.state(step, "completed")
    job.checks.that(step.outputs.get("dataset"), f"{job.dialect}: output dataset")
