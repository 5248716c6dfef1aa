"""Processes that share a list of jobs. One that dies is replaced, and the job that killed it is found."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Member(Generic[J]):
    process: BaseProcess
    todo: deque[tuple[_Key, J]] = field(default_factory=deque)


class Crew(Generic[J, R]):
    """Runs jobs in several processes. An exception in one is raised here as a RuntimeError with its traceback.

    Args:
        start: makes, in each process, the function that does a job.
        crashed: the result of a job of one step whose process died.
        processes: how many.
    """

    def __init__(self, start: Callable[[], Callable[[J], R]], crashed: Callable[[J], R], processes: int) -> None:
        self._start = start
        self._crashed = crashed
        self._processes = processes
        self._context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
        self._members: dict[Connection, _Member[J]] = {}
        self._results: dict[_Key, R] = {}

    def run(self, jobs: list[J]) -> Iterator[tuple[int, R | None]]:
        """Yield (steps done, None) as work proceeds, then every result in the order of the jobs as (0, result)."""
        keyed = [((number, 0), job) for number, job in enumerate(jobs)]
        try:
            for first in range(min(self._processes, len(keyed))):
                self._hire(keyed[first :: self._processes])
            while self._members:
                for connection in cast("list[Connection]", wait(list(self._members))):
                    yield self._receive(connection), None
        finally:
            self._dismiss()
        for key in sorted(self._results):
            yield 0, self._results[key]

    def _hire(self, todo: list[tuple[_Key, J]]) -> None:
        if not todo:
            return
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_work, args=(self._start, [job for _, job in todo], theirs), daemon=True)
        with _signals_held():  # until the process is entered, or nobody would end it
            process.start()
            theirs.close()
            self._members[ours] = _Member(process, deque(todo))

    def _receive(self, connection: Connection) -> int:
        """Take one result, or replace the process that died; returns the number of steps done."""
        member = self._members[connection]
        key, job = member.todo[0]
        try:
            result, failure = connection.recv()
        except (EOFError, OSError):
            return self._replace(connection)
        if failure:
            raise RuntimeError(failure)
        self._results[key] = result
        member.todo.popleft()
        if not member.todo:
            self._members.pop(connection).process.join()
        return len(job)

    def _replace(self, connection: Connection) -> int:
        """The first open job killed its process: cut it up to find the step, or, if it is one step, give up on that."""
        member = self._members.pop(connection)
        member.process.join()
        key, job = member.todo.popleft()
        if len(job) > 1:
            cut = [((key[0], step), single) for step, single in enumerate(job.singles())]
            self._hire([*cut, *member.todo])
            return 0
        self._results[key] = self._crashed(job)
        self._hire(list(member.todo))
        return 1

    def _dismiss(self) -> None:
        for member in self._members.values():
            member.process.terminate()
        for member in self._members.values():
            member.process.join()
        self._members.clear()


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


def _work(start: Callable[[], Callable[[J], R]], jobs: list[J], results: Connection) -> None:
    """Do jobs in order in a process of the crew. The parent alone decides when to stop."""
    gc.disable()  # a collection would touch, and so copy, every page that is shared with the parent
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _hold(signals=False)
    with suppress(BrokenPipeError):  # the parent has gone; nobody needs the rest
        try:
            do = start()
            for job in jobs:
                results.send((do(job), ""))
        except Exception:  # noqa: BLE001 - a bug of ours: the parent raises it, so that it is not taken for a crash
            results.send((None, traceback.format_exc()))
