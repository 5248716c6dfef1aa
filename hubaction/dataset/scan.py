"""One pass over all files, each read once, spread over processes. The result does not depend on how many."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from hubaction.dataset.cache import ImageCache
from hubaction.dataset.defects import Defect
from hubaction.dataset.images import ImageFacts
from hubaction.dataset.jobs import Job, Pair, Part, Worker, crashed
from hubaction.dataset.labels import LabelTable, join_tables
from hubaction.dataset.layout import Split
from hubaction.dataset.limits import MIB, Depth, Limits
from hubaction.dataset.pixels import preload
from hubaction.dataset.source import DatasetSource, Member, Reader

T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Called with the number of files done and of files in all."""

_JOB_STEPS = 100  # images a job: some 7 MB of photos, tens of milliseconds
_JOB_BYTES = 32 * MIB  # of large images fewer, so that none waits for another's end
_WORTH_A_PROCESS = 250  # images; below, starting processes costs more than they save


@dataclass(slots=True)
class Scan:
    """What the bytes say. ``images[i]`` and file ``i`` of ``labels`` belong to the i-th pair that was asked for.

    ``formats``: of the files that were only to be recognised, those that are images.
    """

    images: list[ImageFacts] = field(default_factory=list)
    labels: LabelTable = field(default_factory=lambda: join_tables([]))
    defects: list[Defect] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How deep to look into images, what is known of some, and the files (paths) of which to tell what they are."""

    depth: Depth = Depth.HEADER
    cache: ImageCache | None = None
    unknown: Collection[str] = ()


def scan(
    source: DatasetSource,
    splits: list[Split],
    limits: Limits,
    workers: int | None = None,
    progress: Progress | None = None,
    wanted: Wanted | None = None,
) -> Scan:
    """Read every image and label of the splits, and check the checksums of all other members.

    Args:
        workers: processes; None for one per core that this process may use. Small datasets need one only, which is this
            one unless images are decoded: a decoder that dies must not take the report along.
        progress: told after every job.
        wanted: what to read; by default headers.
    """
    wanted = wanted or Wanted()
    if wanted.depth is Depth.DECODE:
        preload()
    plan = _Plan(source, splits, wanted)
    total = plan.steps
    start = functools.partial(Worker, limits=limits, depth=wanted.depth, cache=wanted.cache)
    found = Scan()
    tables: list[LabelTable] = []
    known: dict[ImageFacts, ImageFacts] = {}
    done = 0
    for steps, part in _results(source, plan, start, _processes(workers, total)):
        done += steps
        if part:
            _merge(part, found, known, wanted.cache)
            tables.append(part.labels.table())
        if progress and steps:
            progress(done, total)
    found.labels = join_tables(tables)
    return found


def available_cores() -> int:
    """Cores that this process may run on (a container may have fewer than the machine)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processes(workers: int | None, total: int) -> int:
    return 1 if total < _WORTH_A_PROCESS else max(1, workers or available_cores())


def _merge(part: Part, found: Scan, known: dict[ImageFacts, ImageFacts], cache: ImageCache | None) -> None:
    """Most headers of a set say the same: equal facts are kept once. No two pictures look the same to the number."""
    images = part.all_images(cache)
    found.images += [facts if facts.pixels else known.setdefault(facts, facts) for facts in images]
    found.defects += part.defects
    found.formats |= part.formats


class _Plan:
    """The jobs, made one by one as somebody is free for them."""

    def __init__(self, source: DatasetSource, splits: list[Split], wanted: Wanted) -> None:
        self._files = source.files
        self._splits = splits
        self._unknown = [self._files[path] for path in wanted.unknown]
        self._others: list[Member] = []
        if source.is_archive:
            used = {path for split in splits for path in (*split.images, *split.labels)}.union(wanted.unknown)
            self._others = [member for path, member in self._files.items() if path not in used]
        self.steps = sum(len(split.images) for split in splits) + len(self._unknown) + len(self._others)
        self.decodes = wanted.depth is Depth.DECODE and any(split.images for split in splits)

    def jobs(self) -> Iterator[Job]:
        for pairs in _portions(self._pairs(), lambda pair: sum(member.size for member in pair if member)):
            yield Job(pairs=pairs)
        for unknown in _portions(self._unknown, lambda member: member.size):
            yield Job(unknown=unknown)
        for others in _portions(self._others, lambda member: member.size):
            yield Job(others=others)

    def _pairs(self) -> Iterator[Pair]:
        for split in self._splits:
            for image, label in zip(split.images, split.labels, strict=True):
                yield self._files.get(image), self._files.get(label)


def _portions(items: Iterable[T], size_of: Callable[[T], int]) -> Iterator[list[T]]:
    """The items in order, as many at a time as a job takes."""
    portion: list[T] = []
    size = 0
    for item in items:
        portion.append(item)
        size += size_of(item)
        if len(portion) >= _JOB_STEPS or size >= _JOB_BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _results(
    source: DatasetSource, plan: _Plan, start: Callable[[Reader], Worker], processes: int
) -> Iterator[tuple[int, Part | None]]:
    """Steps done as they are done, and the parts in the order of the jobs."""
    if processes > 1 or plan.decodes:
        from hubaction.dataset.crew import Crew

        starter = functools.partial(_start, source.open, start)
        crew: Crew[Job, Part] = Crew(starter, crashed, processes, lambda job: job.patience)
        yield from crew.run(plan.jobs())
        return
    with source.open() as reader:
        worker = start(reader)
        for job in plan.jobs():
            yield len(job), worker.run(job)


def _start(open_reader: Callable[[], Reader], start: Callable[[Reader], Worker]) -> Callable[[Job], Part]:
    """In a process of its own: a worker with a reader of its own; gives the function that does a job."""
    return start(open_reader()).run
