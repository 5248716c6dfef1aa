"""Where the time of a check goes, stage by stage.

    python benchmarks/stages.py set10000.zip        prints the seconds of each stage as JSON

A check of everything with one worker, in which the functions below are timed, each without those that it calls and that
are timed too. The worker runs beside its parent, so the parent's stages add up to the wall time, and the worker's to
its own. Timing costs about a microsecond a call, 2 % of the whole.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PARENT, WORKER = "parent", "worker"


@dataclass(frozen=True, slots=True)
class Stage:
    """A function of ours whose time counts for a stage: the module that looks it up, and its name there."""

    name: str
    process: str
    module: str
    function: str

    def find(self) -> tuple[Any, str]:
        """The module or class that holds the function, and its name there."""
        owner: Any = importlib.import_module(self.module)
        *parts, name = self.function.split(".")
        for part in parts:
            owner = getattr(owner, part)
        return owner, name


STAGES = (
    Stage("list the zip", PARENT, "hubaction.operations.check_dataset", "open_source"),
    Stage("find splits, names and files", PARENT, "hubaction.dataset.dataset", "load_layout"),
    Stage("wait for the worker", PARENT, "hubaction.dataset.crew", "wait"),
    Stage("hand out work, take results", PARENT, "hubaction.dataset.dataset", "scan"),
    Stage("keep what images say", PARENT, "hubaction.dataset.scan", "_merge"),
    Stage("what a loader keeps", PARENT, "hubaction.dataset.dataset", "_load_splits"),
    Stage("exact copies", PARENT, "hubaction.dataset.dataset", "find_copies"),
    Stage("near copies", PARENT, "hubaction.dataset.near_copies", "find_near_copies"),
    Stage("rules", PARENT, "hubaction.operations.check_dataset", "run_rules"),
    Stage("verdict and report", PARENT, "hubaction.operations.check_dataset", "build_report"),
    Stage("write report and statistics", PARENT, "hubaction.operations.check_dataset", "_write"),
    Stage("render the text", PARENT, "hubaction.report.text", "render_text"),
    Stage("read", WORKER, "hubaction.dataset.archive", "ZipReader.fetch"),
    Stage("CRC-32", WORKER, "hubaction.dataset.archive", "checked"),
    Stage("header", WORKER, "hubaction.dataset.images", "read_plain_header"),
    Stage("decode", WORKER, "hubaction.dataset.pixels", "_grey"),
    Stage("quality", WORKER, "hubaction.dataset.pixels", "_measure"),
    Stage("fingerprint", WORKER, "hubaction.dataset.fingerprint", "fingerprint_of"),
    Stage("labels", WORKER, "hubaction.dataset.labels", "LabelColumns.add_text"),
    Stage("the rest of the worker", WORKER, "hubaction.dataset.jobs", "Worker.run"),
)
START_UP = "start of Python and imports"
REST = "the rest of the parent"


@dataclass(frozen=True, slots=True)
class Profile:
    """Seconds of the whole process, and of (stage, process): start and rest of the parent included."""

    images: int
    wall_s: float
    rows: Sequence[tuple[str, str, float]]


class Stopwatch:
    """Adds up the seconds of stages. Processes that split off add to the same sums."""

    def __init__(self, stages: int) -> None:
        self.seconds = multiprocessing.RawArray("d", stages)
        self._inner = [0.0]  # of every timed call that is going on, the seconds of those within it

    def timed(self, stage: int, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its own time added to a stage."""

        def call(*args: Any, **options: Any) -> Any:
            self._inner.append(0.0)
            start = time.perf_counter()
            try:
                return function(*args, **options)
            finally:
                took = time.perf_counter() - start
                self.seconds[stage] += took - self._inner.pop()
                self._inner[-1] += took

        return call

    def watch(self, number: int, stage: Stage) -> None:
        """Puts the timed function in the place of the plain one. Raises AttributeError if there is no such function."""
        owner, name = stage.find()
        setattr(owner, name, self.timed(number, getattr(owner, name)))


def profile(archive: Path, images: int, python: Path) -> Profile:
    """One timed check of a zip, in a process of its own."""
    start = time.perf_counter()
    words = [str(python), str(Path(__file__).resolve()), str(archive)]
    printed = subprocess.run(words, capture_output=True, check=True, text=True).stdout
    wall = time.perf_counter() - start
    told = json.loads(printed)
    rows = [(stage.name, stage.process, seconds) for stage, seconds in zip(STAGES, told["stages"], strict=True)]
    parent = sum(seconds for _, process, seconds in rows if process == PARENT)
    first = (START_UP, PARENT, wall - told["check"])
    return Profile(images, wall, [first, *rows, (REST, PARENT, told["check"] - parent)])


def main() -> None:
    """The timed process: checks the zip, prints the seconds of the stages and of the check."""
    sys.path.insert(0, str(ROOT))
    from hubaction.operations.check_dataset import CheckOptions, check
    from hubaction.report import text

    watch = Stopwatch(len(STAGES))
    for number, stage in enumerate(STAGES):
        watch.watch(number, stage)
    archive = Path(sys.argv[1])
    start = time.perf_counter()
    report = check(CheckOptions(archive, "detect", workers=1, config=None))
    text.render_text(report, width=100)
    took = time.perf_counter() - start
    print(json.dumps({"check": took, "stages": list(watch.seconds)}))


if __name__ == "__main__":
    main()
