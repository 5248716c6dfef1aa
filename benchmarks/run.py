"""Times our check against the reference, side by side, and writes results.md and results.json.

    python benchmarks/run.py            the whole benchmark: 8, 1,000 and 10,000 images
    python benchmarks/run.py --quick    8 and 1,000 images, fewer runs, nothing written

The reference is the virtual environment that the variable REFENV names; without it ours runs alone. See README.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import compare
import contestants
import generate
import measure
import report
from contestants import Contestant

RAM_DISK = Path("/dev/shm")  # Linux has it everywhere
HERE = Path(__file__).resolve().parent


Runs = Sequence[measure.Run]


@dataclass(frozen=True, slots=True)
class Plan:
    """How often to run: rounds of timing by number of images, and runs that sample memory."""

    rounds: Mapping[int, int]
    sampled: int


FULL = Plan(rounds={8: 5, 1_000: 3, 10_000: 3}, sampled=2)
QUICK = Plan(rounds={8: 3, 1_000: 2}, sampled=1)


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Bench:
    """The folder of the sets, and who runs: the reference first if there is one, then our main contestant."""

    folder: Path
    reference: Contestant | None
    ours: Sequence[Contestant]

    @property
    def everyone(self) -> list[Contestant]:
        """All contestants in the order of a round."""
        return [*([self.reference] if self.reference else []), *self.ours]

    def archive(self, images: int) -> Path:
        """The set of that many images, made if it is not there yet."""
        path = self.folder / f"set{images}.zip"
        if not path.exists():
            unfinished = self.folder / "unfinished"
            unfinished.mkdir(exist_ok=True)
            made = generate.generate(images, unfinished / path.name)
            made.path.rename(path)
            say(f"made {path.name}: {made.mean_jpeg_bytes / 1000:.1f} kB per JPEG")
        return path

    def stats(self, contestant: Contestant) -> Path:
        """Where the statistics of a contestant's latest run lie."""
        return self.folder / f"stats-{self.everyone.index(contestant)}.json"

    def one(self, contestant: Contestant, archive: Path, *, sampled: bool = False) -> measure.Run:
        """One run, told about."""
        run = contestant.run(archive, self.stats(contestant), sampled=sampled)
        what = f"{run.peak_mb:.0f} MB" if sampled else f"{run.wall_s:.3f} s wall, {run.cpu_s:.3f} s CPU"
        say(f"  {archive.stem}: {contestant.name}: {what}")
        return run

    def warm_up(self) -> None:
        """One run of everyone that does not count: compiled modules get written, libraries read."""
        say("warming up")
        for contestant in self.everyone:
            self.one(contestant, self.archive(8))

    def measure(self, images: int, plan: Plan) -> list[report.Result]:
        """All runs of everyone on one set: time first, then memory, then a look at the statistics."""
        archive = self.archive(images)
        timed = {c.name: partial(self.one, c, archive) for c in self.everyone}
        sampled = {c.name: partial(self.one, c, archive, sampled=True) for c in self.everyone}
        times = measure.alternate(timed, plan.rounds[images])
        memory = measure.alternate(sampled, plan.sampled)
        return [self._result(c, images, times, memory) for c in self.everyone]

    def _result(
        self, contestant: Contestant, images: int, times: Mapping[str, Runs], memory: Mapping[str, Runs]
    ) -> report.Result:
        """A contestant's runs, beside the reference's if it is one of ours."""
        result = report.Result(images, contestant.name, times[contestant.name], memory[contestant.name])
        if self.reference is None or contestant is self.reference:
            return result
        wall, cpu = report.ratios(times[self.reference.name], result.timed)
        difference = compare.difference(self.stats(contestant), self.stats(self.reference))
        return replace(result, ratio=wall, cpu_ratio=cpu, difference=difference)


def bench(folder: Path, python: Path, plan: Plan) -> report.Report:
    """The whole benchmark, its files in `folder`. Raises RunError if a check fails."""
    runner = Bench(folder, contestants.reference(), [contestants.ours(python, workers) for workers in (2, 1)])
    here = report.machine(runner.everyone)
    runner.warm_up()
    results = [result for images in plan.rounds for result in runner.measure(images, plan)]
    main_results = {result.images: result for result in results if result.name == runner.ours[0].name}
    grown = report.growth(main_results.values())
    return report.Report(here, results, grown, report.targets(main_results, grown), runner.reference is not None)


@contextmanager
def working_folder(wanted: Path | None) -> Iterator[Path]:
    """The folder for sets and runs: the one that was asked for, or a temporary one on the RAM disk."""
    if wanted:
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted.resolve()
    else:
        with tempfile.TemporaryDirectory(
            dir=RAM_DISK if RAM_DISK.is_dir() else None, prefix="hubaction-benchmark-"
        ) as name:
            yield Path(name)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="8 and 1,000 images and fewer runs; writes no results")
    parser.add_argument(
        "--dir", type=Path, help="folder for sets and runs, kept (default: a temporary one on the RAM disk)"
    )
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="interpreter that runs our check")
    parser.add_argument("--output", type=Path, help="folder for the results (default: beside this file)")
    return parser.parse_args()


def write(finished: report.Report, folder: Path) -> None:
    """Writes results.md and results.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.md").write_text(finished.markdown(), encoding="utf-8")
    (folder / "results.json").write_text(finished.json(), encoding="utf-8")


def main() -> int:
    """Runs the benchmark; exit code 1 if a check fails or statistics differ, 0 otherwise, whatever the speed."""
    asked = arguments()
    output = asked.output or (None if asked.quick else HERE)
    try:
        with working_folder(asked.dir) as folder:
            finished = bench(folder, asked.python, QUICK if asked.quick else FULL)
    except contestants.RunError as failure:
        say(str(failure))
        return 1
    if output:
        write(finished, output)
    print(finished.markdown())
    return int(any(result.difference for result in finished.results))


if __name__ == "__main__":
    sys.exit(main())
