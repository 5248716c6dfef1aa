"""Runs the official clients, unmodified, and ours against the sandbox, and compares what comes of it.

    python tests/peers/run.py PYTHON [WORD]

PYTHON is that of an environment with the official clients (see ``scenario.VERSIONS``), which this process never
imports. With WORD only the scenarios whose names hold it are run. The exit code is 1 where two disagree.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import traceback
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import hub_scenarios
import ours_hub  # noqa: F401 - registers its steps
import ours_platform  # noqa: F401 - registers its steps
import platform_scenarios
from place import STEPS, Place, Samples
from scenario import NONE, SAME, VERSIONS, Scenario

from hubaction.sandbox import Sandbox, parse_fault

SCENARIOS = (*platform_scenarios.SCENARIOS, *hub_scenarios.SCENARIOS)
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds for a step of an official client
WIDTHS = (46, 40, 40)
WORDS = {None: "no", True: "yes", False: "no"}
IDS = ((re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"), (re.compile(r"\b[0-9a-f]{24}\b"), "<id>"))


class Official:
    """The process in which the official clients run; they read HUB's root when they are imported, so it is fixed."""

    def __init__(self, python: str, url: str, home: Path) -> None:
        self.log = home / "log"
        settings = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "NO_PROXY": "127.0.0.1",
            "ULTRALYTICS_HUB_API": url,
            "ULTRALYTICS_HUB_WEB": url,
            "ULTRALYTICS_HUB_EXCEPTIONS": "false",
            "YOLO_AUTOINSTALL": "0",
            "YOLO_CONFIG_DIR": str(home),
            "YOLO_OFFLINE": "1",
        }
        command = [python, str(ROOT / "tests" / "peers" / "official" / "serve.py")]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, env=settings, cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.about = self._read()

    def do(self, step: str, place: Place) -> dict[str, Any]:
        """What came of a step."""
        samples = {name: str(getattr(place.samples, name)) for name in ("sound", "faulty", "folder")}
        keys = {"platform_key": place.box.platform_key, "hub_key": place.box.hub_key}
        assert self._process.stdin is not None
        order = {"step": step, "url": place.box.url, "work": str(place.work), **keys, **samples}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        watch = threading.Timer(PATIENCE, self._process.kill)
        watch.start()
        try:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        finally:
            watch.cancel()
        if not line:
            raise SystemExit(f"The official clients gave no answer.\n{self.log.read_text(encoding='utf-8')[-3000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """End it and wait for it."""
        self._process.communicate()


def requests_in(box: Sandbox, pattern: str) -> list[str]:
    """The requests that match, each with its status and body; ids, which are random, by one name."""
    found = []
    for entry in box.log:
        if fnmatchcase(f"{entry.method} {entry.path}", pattern):
            body = json.dumps(entry.json, sort_keys=True) if entry.body.startswith("{") else entry.body
            found.append(f"{entry.method} {entry.path} {entry.status} {body}".rstrip())
    for pattern_of_id, name in IDS:
        found = [pattern_of_id.sub(name, one) for one in found]
    return found


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a scenario on one side."""

    outcome: object
    requests: tuple[str, ...]


class Comparison:
    """One scenario on both sides.

    Attributes:
        official, ours: what came of it, and the requests that count; None for ours where there is no such thing.
        troubles: answers that are not as the official types have them, and keys where they do not belong.
    """

    def __init__(self, scenario: Scenario, official: Official, port: int, samples: Samples) -> None:
        self.scenario = scenario
        self.troubles: list[str] = []
        with self._sandbox(port) as box, tempfile.TemporaryDirectory() as work:
            answer = official.do(scenario.step, Place(box, Path(work), samples))
            self.troubles += answer["unlike"]
            self.official = self._result(answer["outcome"], box)
        self.ours = None if scenario.ours is NONE else self._by_ours(samples)

    def _by_ours(self, samples: Samples) -> Result:
        with self._sandbox(0) as box, tempfile.TemporaryDirectory() as work:
            try:
                outcome = STEPS[self.scenario.step](Place(box, Path(work), samples))
            except Exception:  # an outcome that no scenario expects
                outcome = {"crashed": traceback.format_exc()}
            return self._result(outcome, box)

    def _sandbox(self, port: int) -> Sandbox:
        faults = [parse_fault(text) for text in self.scenario.faults]
        box = Sandbox(port=port, faults=faults)
        box.turn(**{"polls": 1, "seconds": 0.0, **self.scenario.knobs})
        return box

    def _result(self, outcome: object, box: Sandbox) -> Result:
        self.troubles += box.leaks
        return Result(plain(outcome), tuple(requests_in(box, self.scenario.trace)))

    @property
    def differences(self) -> list[str]:
        """What is not as it should be; nothing where the two agree."""
        one = self.scenario
        wanted = Result(plain(one.expected), one.requests)
        found = [*self.troubles, *unequal("official", self.official, wanted)]
        if self.ours is not None:
            outcome = wanted.outcome if one.ours is SAME else plain(one.ours)
            requests = one.requests if one.our_requests is None else one.our_requests
            found += unequal("ours", self.ours, Result(outcome, requests))
        return found


def unequal(side: str, result: Result, wanted: Result) -> list[str]:
    """Both, where they differ."""
    return [] if result == wanted else [f"  {side}: {result}", f"  expected: {wanted}"]


def plain(outcome: object) -> object:
    """The same with nothing but what JSON has, as the official side's outcomes come."""
    return json.loads(json.dumps(outcome))


def brief(outcome: object) -> str:
    """An outcome for the table."""
    if isinstance(outcome, dict):
        return ", ".join(f"{name} {brief(value)}" for name, value in outcome.items())
    if isinstance(outcome, list):
        return " ".join(map(brief, outcome))
    return WORDS.get(outcome, str(outcome)) if outcome is None or isinstance(outcome, bool) else str(outcome)


def cell(text: str, width: int) -> str:
    return (text if len(text) <= width else f"{text[: width - 1]}…").ljust(width)


def row(comparison: Comparison) -> str:
    """A line of the table; a star or a dash in its last column is explained below."""
    scenario = comparison.scenario
    ours = brief(comparison.ours.outcome) if comparison.ours else "-"
    verdict = "NO" if comparison.differences else "-" if scenario.ours is NONE else "yes*" if scenario.why else "yes"
    cells = (scenario.name, brief(comparison.official.outcome), ours)
    return " | ".join([*map(cell, cells, WIDTHS), verdict])


def packed(folder: Path, target: Path) -> Path:
    """A sample dataset as an archive."""
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(folder).as_posix())
    return target


def check_unmodified(about: Mapping[str, Any]) -> None:
    """Raises SystemExit unless these are the official clients of the versions that the scenarios were written for."""
    if about["versions"] != VERSIONS or about["changed"]:
        raise SystemExit(f"These are not {VERSIONS} as they were published: {about}")


def compare(official: Official, port: int, samples: Samples, word: str) -> int:
    """Run the scenarios and print the table; the number of those that disagree."""
    print(" | ".join([*map(cell, ("Scenario", "Official client", "Ours"), WIDTHS), "Agree"]))
    print("-+-".join("-" * width for width in (*WIDTHS, 5)))
    run, bad = [], 0
    for scenario in (one for one in SCENARIOS if word in one.name):
        comparison = Comparison(scenario, official, port, samples)
        print(row(comparison), *comparison.differences, sep="\n", flush=True)
        run.append(scenario)
        bad += bool(comparison.differences)
    print("\n* Not the same on purpose:", *(f"  {one.name}: {one.why}." for one in run if one.why), sep="\n")
    print("\n- The product has no such call; the official client got from the sandbox what it expects.")
    print(f"\n{len(run) - bad} of {len(run)} scenarios are as they should be.")
    return bad


def main(python: str, word: str = "") -> int:
    """Set everything up, compare, and take it down."""
    os.environ["NO_PROXY"] = "127.0.0.1"
    with Sandbox() as box:  # only for a port that is free
        url, port = box.url, int(box.url.rpartition(":")[2])
    with tempfile.TemporaryDirectory(prefix="hubaction-peers-") as home:
        work, examples = Path(home), ROOT / "examples"
        faulty = packed(examples / "shapes-broken", work / "shapes-broken.zip")
        samples = Samples(packed(examples / "shapes", work / "shapes.zip"), faulty, examples / "shapes")
        official = Official(os.path.abspath(python), url, work)
        try:
            check_unmodified(official.about)
            return int(compare(official, port, samples, word) > 0)
        finally:
            official.stop()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
