"""The files of every format, as a user gets them from a run of the action."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from engine import ROOT, Engine, Step

SAMPLE = Path("examples", "shapes-broken")


class Checks(Protocol):
    """Takes assertions; run.py has the one that prints them."""

    def title(self, text: str) -> None:
        """Start a group of checks."""

    def that(self, holds: object, text: str, seen: object = "") -> None:
        """Check one thing."""

    def equal(self, seen: object, expected: object, text: str) -> None:
        """Check that two values are equal."""


def every_format(checks: Checks, engine: Engine) -> None:
    """The broken sample, as a folder and as a zip, with a file of every format."""
    workspace = engine.work / "workspace-formats"
    shutil.copytree(ROOT / SAMPLE, workspace / SAMPLE)
    archive = shutil.make_archive(str(workspace / "sample"), "zip", ROOT / SAMPLE.parent, SAMPLE.name)
    for path in (SAMPLE.as_posix(), Path(archive).name):
        checks.title(f"{path}, all formats")
        step = engine.step(workspace, {"dataset_path": path, "formats": ",".join(ERRORS)})
        checks.equal(step.code, 1, f"{path}: exit code")
        check_files(checks, step, path)


def check_files(checks: Checks, step: Step, path: str) -> None:
    """Each file tells as many errors as the outputs do, and belongs to the owner of the workspace."""
    told = int(step.outputs.get("errors") or 0)
    checks.that(told, f"{path}: output errors is above zero")
    for name, errors in ERRORS.items():
        file = step.workspace / step.outputs.get(f"report_{name}", "missing")
        checks.that(file.is_file(), f"{path}: output report_{name} names a file", file)
        if file.is_file():
            checks.equal(errors(file.read_text(encoding="utf-8")), told, f"{path}: number of errors in {name}")
            checks.equal(file.stat().st_uid, step.workspace.stat().st_uid, f"{path}: owner of {name}")


def in_json(text: str) -> int:
    return [finding["severity"] for finding in json.loads(text)["findings"]].count("error")


def in_sarif(text: str) -> int:
    return [result["level"] for result in json.loads(text)["runs"][0]["results"]].count("error")


def in_junit(text: str) -> int:
    lines = "\n".join(failure.text or "" for failure in ET.fromstring(text).iter("failure")).split("\n")
    return sum(line.startswith("error: ") for line in lines)


def in_html(text: str) -> int:
    """The number in the page's verdict."""
    return int(text.partition(" errors")[0].rpartition(" ")[2].rpartition(">")[2])


ERRORS: Mapping[str, Callable[[str], int]] = {"html": in_html, "sarif": in_sarif, "junit": in_junit, "json": in_json}
