"""What the measurements mean: ratios, growth, targets; and how they are written down."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from contestants import Contestant
from measure import Run, paired_ratio

VERSIONS_SCRIPT = """
import importlib.metadata, json, platform, sys
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
print(json.dumps({"Python": platform.python_version(), **{name: version(name) for name in sys.argv[1:]}}))
"""
UNKNOWN = "not measured"
NOTES = """\
Whole processes, in turn (A B A B ...); wall and CPU are medians, a ratio is the median of the rounds' ratios. CPU:
user + system, with all children; on a busy machine trust its ratio more. Peak: highest sum over all processes of the
proportional share of memory, sampled in separate runs. Largest process: the peak resident memory of one process, shared
libraries included. MB = 10^6 bytes. Pictures are 640 x 480 JPEGs of about 70 kB with 5 boxes each; all
files lie on a RAM disk."""


@dataclass(frozen=True, slots=True)
class Result:
    """All runs of one contestant on one set.

    `ratio` and `cpu_ratio`: wall and CPU time of the reference over those of this one. `difference`: how its statistics
    differ from the reference's. None where there is nothing to compare with, or no difference.
    """

    images: int
    name: str
    timed: Sequence[Run]
    sampled: Sequence[Run]
    ratio: float | None = None
    cpu_ratio: float | None = None
    difference: str | None = None

    @property
    def wall_s(self) -> float:
        """Median wall time of a run, in seconds."""
        return statistics.median(run.wall_s for run in self.timed)

    @property
    def cpu_s(self) -> float:
        """Median CPU time of a run, in seconds."""
        return statistics.median(run.cpu_s for run in self.timed)

    @property
    def peak_mb(self) -> float:
        """Highest memory of all processes together, in MB."""
        return max(run.peak_mb for run in self.sampled)

    @property
    def largest_mb(self) -> float:
        """Highest memory of the largest process, in MB."""
        return max(run.largest_mb for run in self.sampled)


@dataclass(frozen=True, slots=True)
class Growth:
    """What one more image costs us between two sizes of set: microseconds of wall time, kB of peak memory."""

    small: int
    large: int
    small_us: float
    large_us: float
    added_us: float
    added_kb: float


@dataclass(frozen=True, slots=True)
class Target:
    """A goal, what was measured, and whether the goal is met (None: not measured)."""

    goal: str
    measured: str
    met: bool | None


def ratios(theirs: Sequence[Run], ours: Sequence[Run]) -> tuple[float, float]:
    """Reference's wall time over ours, and the same of CPU time: medians over the rounds."""
    wall = paired_ratio([run.wall_s for run in theirs], [run.wall_s for run in ours])
    return wall, paired_ratio([run.cpu_s for run in theirs], [run.cpu_s for run in ours])


def growth(results: Iterable[Result]) -> Growth:
    """From the second largest to the largest set, for results of one contestant."""
    small, large = sorted(results, key=lambda result: result.images)[-2:]
    added = large.images - small.images
    return Growth(
        small=small.images,
        large=large.images,
        small_us=small.wall_s / small.images * 1e6,
        large_us=large.wall_s / large.images * 1e6,
        added_us=(large.wall_s - small.wall_s) / added * 1e6,
        added_kb=(large.peak_mb - small.peak_mb) / added * 1e3,
    )


def targets(ours: Mapping[int, Result], grown: Growth) -> list[Target]:
    """The goals, and what our main contestant reached with each number of images."""
    small, large = ours.get(8), ours.get(10_000)
    return [
        _speed_target(10_000, 10, large),
        _limit_target("10,000 images: peak memory at most", 150, "MB", large.peak_mb if large else None),
        _speed_target(8, 6, small),
        _limit_target("8 images: CPU time at most", 0.3, "s", small.cpu_s if small else None),
        _limit_target("one more image: memory at most", 2, "kB", grown.added_kb),
    ]


def _speed_target(images: int, least: float, result: Result | None) -> Target:
    """Wall time at most 1/least of the reference's."""
    goal = f"{images:,} images: wall time at most 1/{least:g} of the reference's"
    if result is None or result.ratio is None:
        return Target(goal, UNKNOWN, None)
    return Target(goal, f"1/{result.ratio:.1f}", result.ratio >= least)


def _limit_target(goal: str, limit: float, unit: str, measured: float | None) -> Target:
    """A number that must not exceed a limit."""
    if measured is None:
        return Target(f"{goal} {limit:g} {unit}", UNKNOWN, None)
    return Target(f"{goal} {limit:g} {unit}", f"{measured:.3g} {unit}", measured <= limit)


def _cells(words: Iterable[str]) -> str:
    """One line of a Markdown table."""
    return f"| {' | '.join(words)} |"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, first column to the left, the others to the right."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(_cells(row) for row in [head, rule, *rows])


def _row(result: Result) -> list[str]:
    """The table's line for one contestant on one set."""
    return [
        result.name,
        f"{result.images:,}",
        f"{result.wall_s:.3f}",
        f"{result.cpu_s:.3f}",
        f"{result.peak_mb:.0f}",
        f"{result.largest_mb:.0f}",
        f"{result.images / result.wall_s:,.0f}",
        "" if result.ratio is None else f"{result.ratio:.1f}",
        "" if result.cpu_ratio is None else f"{result.cpu_ratio:.1f}",
    ]


def results_table(results: Iterable[Result]) -> str:
    """All results as a Markdown table."""
    ratio = ["wall: reference / ours", "CPU: reference / ours"]
    head = ["who", "images", "wall s", "CPU s", "peak MB", "largest process MB", "images/s", *ratio]
    return _table(head, map(_row, results))


def targets_table(goals: Iterable[Target]) -> str:
    """The goals as a Markdown table."""
    words = {True: "yes", False: "no", None: "-"}
    rows = ([goal.goal, goal.measured, words[goal.met]] for goal in goals)
    return _table(["target", "measured", "met"], rows)


def growth_text(grown: Growth) -> str:
    """The growth in one sentence."""
    return (
        f"Growth of `hubaction` from {grown.small:,} to {grown.large:,} images: {grown.small_us:.0f} us per image, "
        f"then {grown.large_us:.0f} us; one more image costs {grown.added_us:.0f} us and {grown.added_kb:.2f} kB."
    )


def statistics_text(results: Iterable[Result], *, compared: bool) -> str:
    """Whether our statistics are the reference's."""
    if not compared:
        return "No reference (REFENV is not set): ratios are missing and statistics were not compared."
    wrong = [f"{result.name}, {result.images:,} images: {result.difference}" for result in results if result.difference]
    return "; ".join(["Statistics DIFFER from the reference's", *wrong]) if wrong else "Statistics: equal on every set."


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it ran: processor, cores, memory in GB, system, load before the first run, versions by program."""

    date: str
    processor: str
    cores: int
    memory_gb: float
    system: str
    load: float
    versions: Mapping[str, Mapping[str, str]]


def machine(contestants: Sequence[Contestant]) -> Machine:
    """Look at the machine we are on."""
    return Machine(
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        system=f"{platform.system()} {platform.machine()}",
        load=round(os.getloadavg()[0], 2),
        versions={contestant.program: _versions(contestant) for contestant in contestants},
    )


def _processor() -> str:
    """The processor's name as Linux gives it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _versions(contestant: Contestant) -> dict[str, str]:
    """Versions of the contestant's Python and of those of its packages that are installed."""
    words = [str(contestant.python), "-c", VERSIONS_SCRIPT, *contestant.packages]
    printed = subprocess.run(words, capture_output=True, check=True, text=True).stdout
    return {name: version for name, version in json.loads(printed).items() if version}


def machine_text(here: Machine) -> str:
    """The machine as a Markdown list."""
    size = f"{here.cores} cores, {here.memory_gb} GB"
    lines = [f"- {here.date}; {here.processor}, {size}, {here.system}; load at the start {here.load}"]
    for name, versions in here.versions.items():
        lines.append(f"- {name}: {', '.join(f'{package} {version}' for package, version in versions.items())}")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is written down."""

    machine: Machine
    results: Sequence[Result]
    growth: Growth
    targets: Sequence[Target]
    compared: bool

    def markdown(self) -> str:
        """The report as Markdown."""
        parts = [
            "# Results",
            machine_text(self.machine),
            results_table(self.results),
            statistics_text(self.results, compared=self.compared),
            growth_text(self.growth),
            targets_table(self.targets),
            NOTES,
        ]
        return "\n\n".join(parts) + "\n"

    def json(self) -> str:
        """The report as JSON, with every single run."""
        derived = ("wall_s", "cpu_s", "peak_mb", "largest_mb")
        rows = [asdict(row) | {name: getattr(row, name) for name in derived} for row in self.results]
        return json.dumps(asdict(self) | {"results": rows}, indent=1) + "\n"
