"""Processes that share jobs. One that dies or hangs is replaced, and the job that did it is found."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, Protocol, TypeVar, cast


class Job(Protocol):
    """A piece of work that can be cut into single steps; ``len`` counts them."""

    def __len__(self) -> int: ...

    def singles(self) -> list[Any]:
        """The same work as jobs of one step each."""


J = TypeVar("J", bound=Job)
R = TypeVar("R")
_Key = tuple[int, int]  # number of the job, number of the step within a job that was cut up


def a_minute(_: object) -> float:
    """Seconds that a job of a hundred images may take before its process counts as hanging; it takes 0.1."""
    return 60.0


@dataclass(slots=True)
class _Member(Generic[J]):
    """A process and what it is at: nothing, or a job that should be done at ``due`` (monotonic seconds)."""

    process: BaseProcess
    key: _Key = (-1, 0)
    job: J | None = None
    due: float = 0.0


class Crew(Generic[J, R]):
    """Runs jobs in several processes. An exception in one is raised here as a RuntimeError with its traceback.

    Each process gets its next job when it has done the last, so a slow core or a slow image holds up no other.

    Args:
        start: makes, in each process, the function that does a job.
        crashed: the result of a job of one step whose process died or hung.
        processes: how many.
        patience: seconds that a job may take.
    """

    def __init__(
        self,
        start: Callable[[], Callable[[J], R]],
        crashed: Callable[[J], R],
        processes: int,
        patience: Callable[[J], float] = a_minute,
    ) -> None:
        self._start = start
        self._crashed = crashed
        self._processes = processes
        self._patience = patience
        self._context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
        self._members: dict[Connection, _Member[J]] = {}
        self._cut: deque[tuple[_Key, J]] = deque()  # steps of jobs that killed their process
        self._open: dict[int, int] = {}  # results that a job still owes
        self._results: dict[_Key, R] = {}

    def run(self, jobs: Iterable[J]) -> Iterator[tuple[int, R | None]]:
        """Yield (steps done, None) as work proceeds, and every result as (0, result) in the order of the jobs."""
        queue = enumerate(jobs)
        following = 0
        try:
            while self._assign(queue):
                for connection in self._ready():
                    yield self._receive(connection), None
                for connection in self._overdue():
                    yield self._replace(connection, kill=True), None
                while self._open.get(following) == 0:
                    yield from self._results_of(following)
                    following += 1
        finally:
            self._dismiss()

    def _assign(self, queue: Iterator[tuple[int, J]]) -> bool:
        """Give every idle process a job, and hire up to the number wanted; whether anybody is at work."""
        idle = [connection for connection, member in self._members.items() if member.job is None]
        while idle or len(self._members) < self._processes:
            following = self._next(queue)
            if following is None:
                break
            self._give(idle.pop() if idle else self._hire(), *following)
        for connection in idle:
            self._send_home(connection)
        return bool(self._members)

    def _next(self, queue: Iterator[tuple[int, J]]) -> tuple[_Key, J] | None:
        if self._cut:
            return self._cut.popleft()
        number, job = next(queue, (-1, None))
        if job is None:
            return None
        self._open[number] = 1
        return (number, 0), job

    def _hire(self) -> Connection:
        ours, theirs = self._context.Pipe()
        inherited = [ours, *self._members] if self._context.get_start_method() == "fork" else []
        process = self._context.Process(target=_work, args=(self._start, theirs, inherited), daemon=True)
        with _signals_held():  # until the process is entered, or nobody would end it
            process.start()
            theirs.close()
            self._members[ours] = _Member(process)
        return ours

    def _give(self, connection: Connection, key: _Key, job: J) -> None:
        member = self._members[connection]
        member.key, member.job, member.due = key, job, time.monotonic() + self._patience(job)
        with suppress(OSError):  # it has died; reading from it will tell
            connection.send(job)

    def _ready(self) -> list[Connection]:
        """Processes that have an answer, or have died; none when the first of them is overdue."""
        rest = min(member.due for member in self._members.values()) - time.monotonic()
        return cast("list[Connection]", wait(list(self._members), max(0.0, rest)))

    def _overdue(self) -> list[Connection]:
        now = time.monotonic()
        return [one for one, member in self._members.items() if member.job is not None and member.due < now]

    def _receive(self, connection: Connection) -> int:
        """Take one result, or replace the process that died; returns the number of steps done."""
        member = self._members[connection]
        try:
            result, failure = connection.recv()
        except (EOFError, OSError):
            return self._replace(connection)
        if failure or member.job is None:
            raise RuntimeError(failure)
        steps = len(member.job)
        self._finish(member.key, result)
        member.job = None
        return steps

    def _replace(self, connection: Connection, *, kill: bool = False) -> int:
        """Its job killed or held up a process: cut it up to find the step, or, if it is one step, give up on that."""
        member = self._members.pop(connection)
        if kill:
            member.process.kill()
        member.process.join()
        connection.close()
        key, job = member.key, member.job
        if job is None:
            return 0
        if len(job) > 1:
            singles = job.singles()
            self._cut.extend(((key[0], step), single) for step, single in enumerate(singles))
            self._open[key[0]] = len(singles)
            return 0
        self._finish(key, self._crashed(job))
        return 1

    def _finish(self, key: _Key, result: R) -> None:
        self._results[key] = result
        self._open[key[0]] -= 1

    def _results_of(self, number: int) -> Iterator[tuple[int, R]]:
        """The results of a job, step by step if it was cut up."""
        del self._open[number]
        step = 0
        while (number, step) in self._results:
            yield 0, self._results.pop((number, step))
            step += 1

    def _send_home(self, connection: Connection) -> None:
        connection.close()
        self._members.pop(connection).process.join()

    def _dismiss(self) -> None:
        for member in self._members.values():
            member.process.terminate()
        for connection in list(self._members):
            self._send_home(connection)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Have a signal wait: an exception raised by its handler in the midst of a fork would be printed and lost."""
    _hold(signals=True)
    try:
        yield
    finally:
        _hold(signals=False)


def _hold(*, signals: bool) -> None:
    if hasattr(signal, "pthread_sigmask"):
        how = signal.SIG_BLOCK if signals else signal.SIG_UNBLOCK
        signal.pthread_sigmask(how, {signal.SIGINT, signal.SIGTERM})


def _work(start: Callable[[], Callable[[J], R]], parent: Connection, inherited: list[Connection]) -> None:
    """Do jobs one after the other in a process of the crew, until the parent has no more or has gone."""
    gc.disable()  # a collection would touch, and so copy, every page that is shared with the parent
    for connection in inherited:  # the parent's ends: while a copy is open, nobody learns that the parent has gone
        connection.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _hold(signals=False)
    with suppress(BrokenPipeError):
        try:
            do = start()
            while (job := _next_job(parent)) is not None:
                parent.send((do(job), ""))
        except Exception:  # noqa: BLE001 - a bug of ours: the parent raises it, so that it is not taken for a crash
            parent.send((None, traceback.format_exc()))


def _next_job(parent: Connection) -> Any:
    with suppress(EOFError, ConnectionError):
        return parent.recv()
    return None
