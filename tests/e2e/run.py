"""End-to-end test: build the image, run the action as GitHub's runner would, then run workflow.yml under act.

Needs root, the Debian packages docker.io and mmdebstrap, and two variables. HUBACTION_CONTAINER_TOOLS names the folder
with start-dockerd.sh, make-python-base.sh, run-like-github.sh and act_report.py; HUBACTION_SHARED_DATA one with real
datasets (datasets/NAME.zip) and the statistics expected of them (datasets/golden/NAME.json).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from checks import Checks, check_log, check_owner
from engine import BASE, IMAGE, NEEDED, ROOT, Engine, Step
from reports import every_format
from service import model_operations

WORKFLOW = Path(__file__).with_name("workflow.yml")
NUMBERS = {"verdict", "errors", "warnings", "images", "instances", "task"}
FILES = {"report_json": "json", "report_html": "<!doctype html>", "stats_file": "json"}
OUTPUTS = NUMBERS | FILES.keys()
KEY = "ul_0123456789abcdef0123456789abcdef01234567"
HOSTILE = ("hubaction/__init__.py", "json.py", "PIL.py", "numpy.py", "sitecustomize.py", "usercustomize.py")
HOSTILE_CODE = "open('/github/workspace/IMPORTED', 'a').write(__name__)\nprint('IMPORTED', __name__)\n"
IMAGE_CODE = """
import importlib.util, json, shutil
names = ("tests", "github", "cryptography", "hubaction")
found = [name for name in names if importlib.util.find_spec(name)]
print(json.dumps([found, [tool for tool in ("gcc", "cc", "g++", "make", "ld") if shutil.which(tool)]]))
"""


def check_reports(checks: Checks, step: Step, name: str) -> None:
    """The outputs are the documented ones, and the files that they name are there, for the owner of the workspace."""
    checks.that(step.outputs.keys() == OUTPUTS, f"{name}: has the documented outputs", sorted(step.outputs))
    for output, kind in FILES.items():
        value = step.outputs.get(output, "")
        path = step.workspace / value
        checks.that(value and not value.startswith("/") and path.is_file(), f"{name}: {output} names a file", value)
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if kind == "json" and text:
            json.loads(text)
        else:
            checks.that(text.lower().startswith(kind), f"{name}: {output} is what it says", text[:80])
    check_owner(checks, step, name)


def untouched(before: Path, after: Path, output_dir: str) -> list[str]:
    """Files of the workspace that a run changed, added or removed outside of its output folder."""

    def contents(top: Path) -> dict[str, bytes]:
        paths = ((path.relative_to(top).as_posix(), path) for path in top.rglob("*") if path.is_file())
        return {name: path.read_bytes() for name, path in paths if not name.startswith(f"{output_dir}/")}

    old, new = contents(before), contents(after)
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def real_dataset(checks: Checks, engine: Engine, data: Path, name: str, expected: dict[str, str]) -> None:
    """A published dataset passes, and its statistics equal the expected ones to the last digit."""
    checks.title(f"{name}.zip")
    workspace = engine.work / f"workspace-{name}"
    workspace.mkdir()
    shutil.copy(data / f"{name}.zip", workspace)
    step = engine.step(workspace, {"dataset_path": f"{name}.zip"})
    check_log(checks, step, 0, name)
    check_reports(checks, step, name)
    for output, value in expected.items():
        checks.equal(step.outputs.get(output), value, f"{name}: output {output}")
    golden = (data / "golden" / f"{name}.json").read_text(encoding="utf-8")
    stats = step.workspace / step.outputs.get("stats_file", "")
    same = stats.is_file() and json.dumps(json.loads(stats.read_text("utf-8"))) == json.dumps(json.loads(golden))
    checks.that(same, f"{name}: the statistics equal the expected ones, in the same order")
    checks.that("passed" in step.summary.lower(), f"{name}: the summary has the verdict", step.summary[:500])
    checks.that(expected["images"] in step.summary, f"{name}: the summary has the number of images", step.summary[:500])
    changed = untouched(workspace, step.workspace, "hub-action-report")
    checks.that(not changed, f"{name}: nothing else in the workspace changed", changed)


def broken_sample(checks: Checks, engine: Engine) -> None:
    """A dataset with defects fails, and each annotation leads to a file and a line."""
    checks.title("examples/shapes-broken")
    workspace = engine.work / "workspace-broken"
    shutil.copytree(ROOT / "examples" / "shapes-broken", workspace / "examples" / "shapes-broken")
    inputs = {"dataset_path": "examples/shapes-broken", "output_dir": "out/deep"}
    step = engine.step(workspace, inputs, secrets={"INPUT_API_KEY": KEY})
    check_log(checks, step, 1, "broken")
    check_reports(checks, step, "broken")
    checks.equal(step.outputs.get("verdict"), "failed", "broken: output verdict")
    checks.that(int(step.outputs.get("errors") or 0) > 0, "broken: output errors is above zero")
    checks.that(step.outputs.get("report_json", "").startswith("out/deep/"), "broken: the report is in output_dir")
    checks.that("failed" in step.summary.lower(), "broken: the summary has the verdict", step.summary[:500])
    for level in ("error", "warning"):
        found = step.annotations(level)
        checks.that(0 < len(found) <= 10, f"broken: one to ten annotations of level {level}", len(found))
        for command in found:
            place = command.properties
            path = step.workspace / place.get("file", "/missing")
            good = path.is_file() and not place["file"].startswith(("/", "./")) and place.get("line", "").isdecimal()
            checks.that(good, f"broken: {level} at {place.get('file')}:{place.get('line')}", command)
    changed = untouched(workspace, step.workspace, "out")
    checks.that(not changed, "broken: nothing else in the workspace changed", changed)
    written = [path.read_text("utf-8", "replace") for path in (step.workspace / "out").rglob("*") if path.is_file()]
    log = step.log.replace(f"::add-mask::{KEY}", "")
    checks.that(not any(KEY in text for text in (log, step.summary, *written)), "broken: the key is nowhere to be seen")


def hostile_workspace(checks: Checks, engine: Engine) -> None:
    """Modules at the root of the workspace, which a pull request controls, are not imported."""
    checks.title("a workspace with modules of its own")
    workspace = engine.work / "workspace-hostile"
    shutil.copytree(ROOT / "examples" / "shapes", workspace / "shapes")
    for name in HOSTILE:
        (workspace / name).parent.mkdir(exist_ok=True)
        (workspace / name).write_text(HOSTILE_CODE, encoding="utf-8")
    variables = (
        "PYTHONPATH=/github/workspace",
        "PYTHONSTARTUP=/github/workspace/json.py",
        "PYTHONHOME=/github/workspace",
    )
    step = engine.step(workspace, {"dataset_path": "shapes", "workers": "2"}, variables)
    check_log(checks, step, 0, "hostile")
    imported = (step.workspace / "IMPORTED").exists() or "IMPORTED" in step.log
    checks.that(not imported, "hostile: no module of the workspace was imported")


def bad_calls(checks: Checks, engine: Engine) -> None:
    """A wrong input and a missing dataset give one sentence each, with the documented exit code."""
    checks.title("bad calls")
    workspace = engine.work / "workspace-empty"
    workspace.mkdir()
    calls = (("unknown operation", 2, {"operation": "frobnicate"}), ("missing dataset", 3, {"dataset_path": "no.zip"}))
    for name, code, inputs in calls:
        step = engine.step(workspace, inputs)
        check_log(checks, step, code, name)
        checks.equal(len(step.annotations("error")), 1, f"{name}: the number of error annotations")
        checks.that(step.outputs.get("verdict") in ("error", "unreadable"), f"{name}: output verdict", step.outputs)


def image_content(checks: Checks, engine: Engine) -> None:
    """The image holds the package and no build tool, test suite or library that is never imported."""
    checks.title("the image")
    size, base = engine.size(IMAGE), engine.size(BASE)
    print(f"       {size:.0f} MB, of which the base has {base:.0f} MB and the action {size - base:.0f} MB")
    modules, tools = json.loads(engine.python(IMAGE_CODE))
    checks.equal(modules, ["hubaction"], "image: of the modules looked for, what is there")
    checks.equal(tools, [], "image: of the build tools looked for, what is there")


def under_act(checks: Checks, engine: Engine) -> None:
    """Outputs reach later steps and another job, also those of a step that failed."""
    checks.title("workflow.yml under act")
    code, jobs, tail = engine.act(WORKFLOW)
    checks.equal(code, 0, "act: exit code")
    if code:
        print(tail)
    for job in ("check", "read"):
        checks.equal(jobs.get(job, {}).get("result"), "success", f"act: result of job {job}")
    check = jobs.get("check", {"steps": [], "outputs": [], "summaries": []})
    results = {step["step"]: step["result"] for step in check["steps"] if step["stage"] == "Main"}
    checks.equal(results.get("Broken sample"), "failure", "act: result of the step on the broken sample")
    for step in ("clean", "broken"):
        names = {output["name"] for output in check["outputs"] if output["step"] == step}
        checks.that(names == OUTPUTS, f"act: step {step} has the documented outputs", sorted(names))
    checks.equal(len(check["summaries"]), 2, "act: number of summaries")


def main() -> int:
    """Run everything; 0 when all holds, 1 when something does not, 2 when it cannot run here."""
    tools, data = os.environ.get("HUBACTION_CONTAINER_TOOLS"), os.environ.get("HUBACTION_SHARED_DATA")
    if not tools or not data:
        print(
            "Set HUBACTION_CONTAINER_TOOLS and HUBACTION_SHARED_DATA (see the top of tests/e2e/run.py).",
            file=sys.stderr,
        )
        return 2
    if missing := [package for program, package in NEEDED.items() if not shutil.which(program)]:
        print(f"Missing: apt-get install --no-install-recommends {' '.join(missing)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the engine is stopped
    checks = Checks()
    checks.title("engine and base image")
    with Engine(Path(tools)) as engine:
        engine.make_base()
        checks.title("build")
        engine.build()
        image_content(checks, engine)
        datasets = Path(data) / "datasets"
        counts = {"verdict": "passed", "errors": "0"}
        real_dataset(checks, engine, datasets, "coco8", counts | {"task": "detect", "images": "8", "instances": "30"})
        classes = counts | {"task": "classify", "images": "22", "instances": "22"}
        real_dataset(checks, engine, datasets, "imagenet10", classes)
        broken_sample(checks, engine)
        every_format(checks, engine)
        hostile_workspace(checks, engine)
        bad_calls(checks, engine)
        model_operations(checks, engine)
        under_act(checks, engine)
    checks.title("done")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
