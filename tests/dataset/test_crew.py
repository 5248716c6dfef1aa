"""The crew: results in order, and a process that dies costs one step and no more."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from hubaction.dataset.crew import Crew


@dataclass(frozen=True)
class Numbers:
    values: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.values)

    def singles(self) -> list[Numbers]:
        return [Numbers((value,)) for value in self.values]


def start(deadly: frozenset[int]) -> Callable[[Numbers], tuple[str, ...]]:
    def do(job: Numbers) -> tuple[str, ...]:
        if deadly & set(job.values):
            os.kill(os.getpid(), signal.SIGKILL)
        return tuple(f"done {value}" for value in job.values)

    return do


def crashed(job: Numbers) -> tuple[str, ...]:
    return (f"crashed {job.values[0]}",)


def run(jobs: list[Numbers], deadly: set[int], processes: int) -> tuple[int, list[str]]:
    crew: Crew[Numbers, tuple[str, ...]] = Crew(functools.partial(start, frozenset(deadly)), crashed, processes)
    steps, results = 0, []
    for done, result in crew.run(jobs):
        steps += done
        results += result or ()
    return steps, results


JOBS = [Numbers((0, 1, 2)), Numbers((3, 4)), Numbers((5, 6, 7)), Numbers((8, 9))]


@pytest.mark.parametrize("processes", [1, 2, 7])
def test_results_come_in_the_order_of_the_jobs(processes: int) -> None:
    assert run(JOBS, set(), processes) == (10, [f"done {value}" for value in range(10)])


@pytest.mark.parametrize("deadly", [{0}, {4}, {9}, {1, 2, 6}, set(range(10))], ids=str)
def test_only_the_steps_that_kill_their_process_are_lost(deadly: set[int]) -> None:
    expected = [f"{'crashed' if value in deadly else 'done'} {value}" for value in range(10)]
    assert run(JOBS, deadly, 2) == (10, expected)


def start_asleep(asleep: frozenset[int]) -> Callable[[Numbers], tuple[str, ...]]:
    do = start(frozenset())

    def sleep_or_do(job: Numbers) -> tuple[str, ...]:
        time.sleep(600 if asleep & set(job.values) else 0)
        return do(job)

    return sleep_or_do


@pytest.mark.parametrize("processes", [1, 3])
def test_only_the_steps_that_do_not_end_are_lost(processes: int) -> None:
    asleep = functools.partial(start_asleep, frozenset({4}))
    crew: Crew[Numbers, tuple[str, ...]] = Crew(asleep, crashed, processes, lambda _: 1.0)
    results = [line for _, result in crew.run(JOBS) for line in result or ()]
    assert results == [f"{'crashed' if value == 4 else 'done'} {value}" for value in range(10)]


def test_results_are_handed_over_before_the_last_job_is_made() -> None:
    seen: list[str] = []

    def jobs() -> Iterator[Numbers]:
        for number in range(50):
            yield Numbers((number,))
            seen.append(f"made {number}")

    crew: Crew[Numbers, tuple[str, ...]] = Crew(functools.partial(start, frozenset()), crashed, 2)
    for _, result in crew.run(jobs()):
        seen += result or ()
    assert seen.index("done 0") < seen.index("made 49")


def test_no_process_is_left_behind() -> None:
    crew: Crew[Numbers, tuple[str, ...]] = Crew(functools.partial(start, frozenset({1})), crashed, 3)
    run_of_it = crew.run(JOBS)
    next(run_of_it)
    run_of_it.close()
    assert multiprocessing.active_children() == []


def test_no_jobs_need_no_process() -> None:
    assert run([], set(), 4) == (0, [])


def fail() -> Callable[[Numbers], tuple[str, ...]]:
    raise ValueError("a bug")


def test_an_exception_is_a_bug_and_no_crash() -> None:
    crew: Crew[Numbers, tuple[str, ...]] = Crew(fail, crashed, 2)
    with pytest.raises(RuntimeError, match="ValueError: a bug"):
        list(crew.run(JOBS))
