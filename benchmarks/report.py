"""How what was measured is written down: results.md, results.json, and the part of README.md between its marks."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import commands
from bench import Result, Results
from commands import DECODE, HEADER, JPEGINFO, LABELS, LARGE, REFERENCE, UNZIP
from contestants import Contestant
from machine import Machine
from stages import PARENT, Profile
from targets import Target

MARKS = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.DOTALL)
WORDS = {True: "yes", False: "no", None: "-"}
IN_README = (
    LABELS,
    HEADER,
    DECODE,
    commands.DECODE_ALONE,
    commands.CACHE_CHANGED,
    REFERENCE,
    commands.CVFLOW,
    commands.DATUMARO,
    commands.CLEANVISION,
    UNZIP,
    JPEGINFO,
)
NOTES = """\
Whole processes, in turn (A B A B ...), on a RAM disk. Wall and CPU (user + system, with children) are medians, and a
ratio is the median of the rounds' ratios, below 1 where the row is faster. Ours runs with 2 workers where nothing else
is said. Peak: highest sum over all processes of the proportional share of memory, sampled in a round of its own that
also warms up; who takes long in it runs no second time. Largest: peak resident memory of one process, shared libraries
included. MB = 10^6 bytes. Pictures are 640 x 480 JPEGs of about 70 kB with 5 boxes each; none is a copy of another."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is written down."""

    machine: Machine
    contestants: Sequence[Contestant]
    results: Results
    targets: Sequence[Target]
    profile: Profile | None
    failures: Sequence[str]
    remarks: Sequence[str]

    def markdown(self) -> str:
        """The report as Markdown."""
        parts = [
            "# Results",
            _machine_text(self.machine),
            _trouble(self.failures, self.remarks),
            "## Targets",
            targets_table(self.targets),
            "## Times and memory",
            _commands_text(self.contestants),
            *(_results_table(self.results, images) for images in _sizes(self.results)),
            NOTES,
            "## Growth",
            _growth_table(self.results),
            "## Where the time of a decode goes",
            _profile_text(self.profile) if self.profile else "Not measured.",
            "## Near copies",
            "Precision, recall and the time of the search are in [near_copies.md](near_copies.md).",
        ]
        return "\n\n".join(filter(None, parts)) + "\n"

    def readme(self) -> str:
        """The part for README.md: the middle set, and the targets."""
        here = self.machine
        return f"""\
`make bench` on {here.date}, {here.processor}, {here.cores} cores, RAM disk: whole processes in turn, all in one run,
medians; 640 x 480 JPEGs of about 70 kB with 5 boxes each. What each command does, all sizes, and where the time goes:
[results](benchmarks/results.md).

{_readme_table(self.results)}

{targets_table(self.targets)}
"""

    def json(self) -> str:
        """Every single run as JSON."""
        derived = ("wall_s", "cpu_s", "peak_mb", "largest_mb")
        rows = [asdict(row) | {name: getattr(row, name) for name in derived} for row in self.results.all]
        rest = {"profile": asdict(self.profile) if self.profile else None, "targets": [*map(asdict, self.targets)]}
        told = {"failures": list(self.failures), "remarks": list(self.remarks)}
        return json.dumps({"machine": asdict(self.machine), **told, **rest, "results": rows}, indent=1) + "\n"


def put_into(readme: Path, text: str) -> None:
    """Replaces what stands between the marks. Raises ValueError where there are none."""
    old = readme.read_text(encoding="utf-8")
    if not MARKS.search(old):
        raise ValueError(f"{readme} has no marks <!-- bench --> and <!-- /bench -->.")
    readme.write_text(MARKS.sub(lambda marks: f"{marks[1]}{text}{marks[2]}", old), encoding="utf-8")


def targets_table(goals: Iterable[Target]) -> str:
    """The goals as a Markdown table."""
    rows = ([goal.goal, goal.limit, goal.measured, WORDS[goal.met]] for goal in goals)
    return _table(["target", "limit", "measured", "met"], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, first column to the left, the others to the right."""
    rule = [":--", *("--:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *rows])


def _machine_text(here: Machine) -> str:
    """The machine as a Markdown list."""
    size = f"{here.cores} cores, {here.memory_gb} GB"
    first = f"- {here.date}; {here.processor}, {size}, {here.system}; load at the start {here.load}"
    return "\n".join([first, *(f"- {name}: {version}" for name, version in here.versions.items())])


def _trouble(failures: Sequence[str], remarks: Sequence[str]) -> str:
    """What failed, and what was not measured; that statistics agree is said where both sides ran."""
    lines = [*(f"- FAILED: {text.splitlines()[0]}" for text in failures), *(f"- {text}" for text in remarks)]
    return "\n".join(lines)


def _commands_text(contestants: Sequence[Contestant]) -> str:
    """What each of the commands does."""
    return "\n".join(f"- {one.name}: {one.does}" for one in contestants)


def _sizes(results: Results) -> list[int]:
    return sorted({result.images for result in results.all})


def _results_table(results: Results, images: int) -> str:
    """Everyone on one set."""
    others = [name for name in (REFERENCE, UNZIP, JPEGINFO) if results.get(images, name)]
    head = [
        f"{images:,} images",
        *"wall s,CPU s,peak MB,largest MB,images/s".split(","),
        *(f"wall / {o}" for o in others),
    ]
    rows = (
        [
            result.name,
            f"{result.wall_s:.3f}",
            f"{result.cpu_s:.3f}",
            f"{result.peak_mb:.0f}",
            f"{result.largest_mb:.0f}",
            "" if result.name == commands.VERSION else f"{images / result.wall_s:,.0f}",
            *(_ratio(results, images, result.name, other) for other in others),
        ]
        for result in results.all
        if result.images == images
    )
    return _table(head, rows)


def _ratio(results: Results, images: int, name: str, other: str) -> str:
    ratio = results.ratio(images, name, other)
    return "" if ratio is None or name == other else f"{ratio:.3g}"


def _readme_table(results: Results) -> str:
    """Chosen rows of the largest usual set."""
    images = LARGE if any(result.images == LARGE for result in results.all) else max(_sizes(results))
    chosen = filter(None, (results.get(images, name) for name in IN_README))
    head = [f"{images:,} images", "wall", "CPU", "peak memory", "images/s", "wall / former check", "wall / `unzip -t`"]
    return _table([*head, "wall / `jpeginfo -c`"], (_readme_row(results, result) for result in chosen))


def _readme_row(results: Results, result: Result) -> list[str]:
    return [
        result.name,
        f"{result.wall_s:.2f} s",
        f"{result.cpu_s:.2f} s",
        f"{result.peak_mb:.0f} MB",
        f"{result.images / result.wall_s:,.0f}",
        *(_ratio(results, result.images, result.name, other) for other in (REFERENCE, UNZIP, JPEGINFO)),
    ]


def _growth_table(results: Results) -> str:
    """What one more image costs from each set to the next."""
    head = ["who", "from", "to", "one more image: us", "one more image: kB", "peak MB"]
    rows = []
    for name in (LABELS, HEADER, DECODE, REFERENCE, UNZIP):
        ran = [result for result in results.all if result.name == name and result.images > commands.START]
        rows += [_growth_row(*pair) for pair in itertools.pairwise(ran)]
    return _table(head, rows) if rows else ""


def _growth_row(small: Result, large: Result) -> list[str]:
    added = large.images - small.images
    return [
        small.name,
        f"{small.images:,}",
        f"{large.images:,}",
        f"{(large.wall_s - small.wall_s) / added * 1e6:.0f}",
        f"{(large.peak_mb - small.peak_mb) / added * 1e3:.2f}",
        f"{large.peak_mb:.0f}",
    ]


def _profile_text(profile: Profile) -> str:
    """The stages of one check, and the sentence that explains them."""
    rows = [[name, process, f"{s:.3f}", f"{s / profile.wall_s:.1%}"] for name, process, s in profile.rows]
    alone = sum(s for name, process, s in profile.rows if process == PARENT and not name.startswith("wait"))
    return f"""\
One check of {profile.images:,} images with one worker, {profile.wall_s:.2f} s wall, by `stages.py`. The parent's add up
to the wall time; the worker works while the parent waits for it. {alone:.2f} s of the parent's stages are no waiting:
more workers do not make them shorter.

{_table(["stage", "process", "seconds", "of the wall time"], rows)}"""
