"""Runs everyone on one set after the other: who takes part, in which order, how often."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import commands
import compare
import measure
import sets
from contestants import Contestant, RunError
from sets import DataSet, say


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to measure.

    Attributes:
        rounds: rounds of timing by number of images.
        times: by how much the largest of these sets is grown at the end; 0 for not at all.
        patience_s: whoever takes longer in the first round is not asked again, and the first round counts.
    """

    rounds: Mapping[int, int]
    times: int
    patience_s: float


@dataclass(frozen=True, slots=True)
class Result:
    """All runs of one contestant on one set: the first, of which the memory was sampled, and those that were timed."""

    images: int
    name: str
    sampled: measure.Run
    timed: Sequence[measure.Run] = ()

    @property
    def runs(self) -> Sequence[measure.Run]:
        """Those that count for time."""
        return self.timed or [self.sampled]

    @property
    def wall_s(self) -> float:
        """Median wall time of a run, in seconds."""
        return statistics.median(run.wall_s for run in self.runs)

    @property
    def cpu_s(self) -> float:
        """Median CPU time of a run, in seconds."""
        return statistics.median(run.cpu_s for run in self.runs)

    @property
    def peak_mb(self) -> float:
        """Highest memory of all processes together, in MB."""
        return self.sampled.peak_mb

    @property
    def largest_mb(self) -> float:
        """Highest memory of the largest process, in MB."""
        return self.sampled.largest_mb


class Results:
    """All results, to be asked for by name and number of images."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.all = results
        self._by = {(one.images, one.name): one for one in results}

    def get(self, images: int, name: str) -> Result | None:
        """None where that contestant did not run on that set, or failed."""
        return self._by.get((images, name))

    def ratio(self, images: int, name: str, other: str) -> float | None:
        """Wall time of one over that of the other: the median of the ratios round by round."""
        one, its = self.get(images, name), self.get(images, other)
        if one is None or its is None:
            return None
        pairs = (one.timed, its.timed) if one.timed and its.timed else ([one.sampled], [its.sampled])
        return measure.paired_ratio([run.wall_s for run in pairs[0]], [run.wall_s for run in pairs[1]])


@dataclass(slots=True)
class Bench:
    """Everyone, and the folder for sets and runs.

    Attributes:
        failures: what went wrong, a sentence each: a failed run, statistics that differ from the former check's.
        remarks: what could not be measured.
        equal: runs of ours whose statistics are the former check's.
    """

    folder: Path
    contestants: Sequence[Contestant]
    failures: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    equal: int = 0

    def run(self, plan: Plan) -> list[Result]:
        """Everyone on every set, the smallest first."""
        results: list[Result] = []
        for images, rounds in plan.rounds.items():
            results += self._measure(sets.make(images, self.folder), images, rounds, plan.patience_s)
        if plan.times:
            largest = sets.make(max(plan.rounds), self.folder)
            grown = sets.make_grown(largest, plan.times, self.folder)
            if isinstance(grown, str):
                self.remarks.append(grown)
            else:
                results += self._measure(grown, commands.GROWN, 1, plan.patience_s)
        return results

    def _measure(self, dataset: DataSet, size: int, rounds: int, patience_s: float) -> list[Result]:
        """A round that samples memory and warms up, then the rounds of timing; ``size`` says who runs."""
        first = self._first_round([one for one in self.contestants if size in one.sizes], dataset)
        self._compare(first, dataset)
        quick = {one.name: partial(self._one, one, dataset) for one, run in first.items() if run.wall_s <= patience_s}
        try:
            timed = measure.alternate(quick, rounds)
        except RunError as error:
            self._fail(str(error))
            timed = {}
        return [Result(dataset.images, one.name, run, timed.get(one.name, ())) for one, run in first.items()]

    def _first_round(self, contestants: Sequence[Contestant], dataset: DataSet) -> dict[Contestant, measure.Run]:
        """Whoever fails is out."""
        runs = {}
        for one in contestants:
            try:
                runs[one] = self._one(one, dataset, sampled=True)
            except RunError as error:
                self._fail(str(error))
        return runs

    def _one(self, contestant: Contestant, dataset: DataSet, *, sampled: bool = False) -> measure.Run:
        """One run, told about."""
        run = contestant.run(dataset, self._statistics(contestant), sampled=sampled)
        memory = f", {run.peak_mb:.0f} MB" if sampled else ""
        say(f"  {dataset.images:,} images: {contestant.name}: {run.wall_s:.3f} s wall, {run.cpu_s:.3f} s CPU{memory}")
        return run

    def _statistics(self, contestant: Contestant) -> Path:
        """Where the statistics of a contestant's latest run lie."""
        return self.folder / f"stats-{self.contestants.index(contestant)}.json"

    def _compare(self, ran: Mapping[Contestant, measure.Run], dataset: DataSet) -> None:
        """Our statistics of a set are those of the former check."""
        reference = next((one for one in ran if one.name == commands.REFERENCE), None)
        for one in ran if reference else ():
            if one.is_ours and one.writes_statistics and "{changed}" not in one.words and reference:
                difference = compare.difference(self._statistics(one), self._statistics(reference))
                self.equal += difference is None
                if difference:
                    self._fail(f"{one.name}, {dataset.images:,} images: statistics differ: {difference}")

    def _fail(self, text: str) -> None:
        say(text)
        self.failures.append(text)
