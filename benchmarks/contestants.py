"""Who is timed: our command line with two workers and with one, and the reference implementation if there is one.

All do the same: check a zip as a detection dataset and write its statistics as JSON. Each run is a whole process in a
fresh folder that holds nothing but the zip, because the reference unpacks beside it and rewrites what it unpacked.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import measure

ROOT = Path(__file__).resolve().parent.parent
STATS = "stats.json"
LOG = "log.txt"
REFERENCE_SCRIPT = """
import json, sys
from ultralytics.hub import HUBDatasetStats
stats = HUBDatasetStats(path=sys.argv[1], task="detect").get_json()
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(stats, file)
"""


class RunError(Exception):
    """A contestant ended with an exit code other than 0."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A way to check a zip: the words of its command, in which {zip} and {stats} stand for the two files."""

    name: str
    python: Path
    words: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()

    @property
    def program(self) -> str:
        """The name without the settings."""
        return self.name.partition(",")[0]

    def run(self, archive: Path, kept_stats: Path, *, sampled: bool = False) -> measure.Run:
        """One run in a fresh folder beside `archive`; the statistics it wrote are moved to `kept_stats`.

        Raises RunError if the check does not end with exit code 0.
        """
        with tempfile.TemporaryDirectory(dir=archive.parent, prefix="run-") as name:
            folder = Path(name)
            command = self._command(_private_copy(archive, folder), folder)
            run = measure.memory_run(command) if sampled else measure.time_run(command)
            if run.exit_code != 0:
                tail = (folder / LOG).read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RunError(f"{self.name}, {archive.name}: exit code {run.exit_code}\n{tail}")
            shutil.move(folder / STATS, kept_stats)
        return run

    def _command(self, archive: Path, folder: Path) -> measure.Command:
        """The command for one archive, with caches of the user's kept out."""
        places = {"{zip}": str(archive), "{stats}": str(folder / STATS)}
        words = [str(self.python), *(places.get(word, word) for word in self.words)]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment = {**inherited, "XDG_CACHE_HOME": str(folder / "cache"), **self.variables}
        return measure.Command(words, folder, environment, folder / LOG)


def ours(python: Path, workers: int) -> Contestant:
    """Our check of the working tree, with that many workers."""
    options = ("--task", "detect", "--profile", "hub", "--stats", "{stats}", "--workers", str(workers), "--quiet")
    return Contestant(
        name=f"hubaction, {workers} worker{'s'[: workers != 1]}",
        python=python,
        words=("-m", "hubaction", "check-dataset", "{zip}", *options),
        variables={"PYTHONPATH": str(ROOT)},
        packages=("numpy", "Pillow", "PyYAML", "rich"),
    )


def reference() -> Contestant | None:
    """The reference in the virtual environment that REFENV names; None if the variable is not set."""
    home = os.environ.get("REFENV")
    if not home:
        return None
    settings = os.environ.get("YOLO_CONFIG_DIR", str(Path(home, "yolo-config")))
    return Contestant(
        name="reference",
        python=Path(home, "bin", "python"),
        words=("-c", REFERENCE_SCRIPT, "{zip}", "{stats}"),
        variables={"YOLO_CONFIG_DIR": settings, "YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "0"},
        packages=("ultralytics", "torch", "numpy", "opencv-python-headless", "Pillow"),
    )


def _private_copy(archive: Path, folder: Path) -> Path:
    """The archive under the same name in `folder`: a second name for the same bytes where the disk allows it."""
    copy = folder / archive.name
    try:
        os.link(archive, copy)
    except OSError:
        shutil.copyfile(archive, copy)
    return copy
