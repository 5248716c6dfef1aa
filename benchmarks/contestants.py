"""A command that is timed: what it gets, in which folder it runs, what it leaves.

Each run is a whole process in a fresh folder. Zips are given under a name of their own there, because the reference
unpacks beside the zip and rewrites what it unpacked; those that take folders get an unpacked set, and pay nothing for
the unpacking.
"""

from __future__ import annotations

import enum
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import measure
from sets import DataSet, link_or_copy

LOG = "log.txt"
STATS = "stats.json"
CACHE = "cache"


class Cached(enum.Enum):
    """What a run finds in its folder for the cache."""

    NONE = "no such folder"
    EMPTY = "nothing yet, and what it leaves is kept"
    FILLED = "what a first run left"


class RunError(Exception):
    """A contestant ended with an exit code other than 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Contestant:
    """A command, and what it does in a few words.

    Attributes:
        words: of the command; ``{zip}`` and the other words in braces stand for the paths of one run.
        sizes: numbers of images at which it runs.
        packages: distributions of its Python (the first word) of which the version is told.
        about: words that print its version, where it is no Python package.
    """

    name: str
    does: str
    words: tuple[str, ...]
    sizes: tuple[int, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    cached: Cached = Cached.NONE

    @property
    def is_ours(self) -> bool:
        return self.name.startswith("hubaction")

    @property
    def program(self) -> str:
        """The name without the settings."""
        return "hubaction" if self.is_ours else self.name.partition(",")[0]

    @property
    def writes_statistics(self) -> bool:
        return "{stats}" in self.words

    def run(self, dataset: DataSet, kept_stats: Path, *, sampled: bool = False) -> measure.Run:
        """One run in a fresh folder beside the set; the statistics it wrote, if it does, are moved to `kept_stats`.

        Raises RunError if it does not end with exit code 0.
        """
        with tempfile.TemporaryDirectory(dir=dataset.home, prefix="run-") as name:
            folder = Path(name)
            if self.cached is Cached.FILLED:
                shutil.copytree(dataset.cache, folder / CACHE)
            command = self._command(dataset, folder)
            run = measure.memory_run(command) if sampled else measure.time_run(command)
            if run.exit_code != 0:
                tail = (folder / LOG).read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RunError(f"{self.name}, {dataset.images:,} images: exit code {run.exit_code}\n{tail}")
            if self.writes_statistics:
                shutil.move(folder / STATS, kept_stats)
            if self.cached is Cached.EMPTY:
                shutil.rmtree(dataset.cache, ignore_errors=True)
                shutil.move(folder / CACHE, dataset.cache)
        return run

    def _command(self, dataset: DataSet, folder: Path) -> measure.Command:
        """The command for one set, with caches of the user's kept out."""
        places = {
            "{folder}": dataset.unpacked,
            "{images}": dataset.unpacked / "images",
            "{listing}": dataset.listing,
            "{stats}": folder / STATS,
            "{report}": folder / "report.json",
            "{cache}": folder / CACHE,
        }
        zips = {"{zip}": dataset.archive, "{changed}": dataset.changed}
        places |= {word: link_or_copy(path, folder) for word, path in zips.items() if word in self.words}
        words = [str(places.get(word, word)) for word in self.words]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment = {**inherited, "XDG_CACHE_HOME": str(folder / "user-cache"), **self.variables}
        return measure.Command(words, folder, environment, folder / LOG)
