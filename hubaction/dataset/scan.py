"""One pass over all files, each read once, spread over processes. The result does not depend on how many."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import warnings
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from hubaction.dataset.defects import Defect, Kind
from hubaction.dataset.images import ImageFacts, ImageStatus, image_format, inspect_image
from hubaction.dataset.labels import LabelColumns, LabelTable, join_tables
from hubaction.dataset.layout import Split
from hubaction.dataset.limits import Limits
from hubaction.dataset.pixels import preload
from hubaction.dataset.source import DatasetSource, Member, Reader, ReadError

Progress = Callable[[int, int], None]
"""Called with the number of files done and of files in all."""

_CHUNK = 100  # images a job: some 7 MB of photos, tens of milliseconds
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
    """What to read besides headers: the ``pixels`` of all images, and what the files ``unknown`` (paths) are."""

    pixels: bool = False
    unknown: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    """Pairs (image, label) to look into, members to recognise, and others of which only the checksum matters."""

    pairs: list[tuple[Member | None, Member | None]] = field(default_factory=list)
    unknown: list[Member] = field(default_factory=list)
    others: list[Member] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.pairs) + len(self.unknown) + len(self.others)

    def singles(self) -> list[_Job]:
        """One job for each pair and each member."""
        return [
            *(_Job(pairs=[pair]) for pair in self.pairs),
            *(_Job(unknown=[member]) for member in self.unknown),
            *(_Job(others=[member]) for member in self.others),
        ]


@dataclass(slots=True)
class _Part:
    """The result of one job."""

    images: list[ImageFacts] = field(default_factory=list)
    labels: LabelColumns = field(default_factory=LabelColumns)
    defects: list[Defect] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)


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
        workers: processes; None for one per core that this process may use. Small datasets are read in this process.
        progress: told after every job.
        wanted: what else to read; by default nothing.
    """
    wanted = wanted or Wanted()
    if wanted.pixels:
        preload()
    jobs = list(_jobs(source, splits, wanted.unknown))
    total = sum(map(len, jobs))
    images: list[ImageFacts] = []
    known: dict[ImageFacts, ImageFacts] = {}  # most pictures of a set are of a few sizes: equal facts are kept once
    tables: list[LabelTable] = []
    defects: list[Defect] = []
    formats: dict[str, str] = {}
    done = 0
    start = functools.partial(_Worker, limits=limits, pixels=wanted.pixels)
    for steps, part in _results(source, jobs, start, _processes(workers, total)):
        done += steps
        if part:
            images += [known.setdefault(facts, facts) for facts in part.images]
            tables.append(part.labels.table())
            defects += part.defects
            formats |= part.formats
        if progress and steps:
            progress(done, total)
    jobs.clear()
    return Scan(images, join_tables(tables), defects, formats)


def available_cores() -> int:
    """Cores that this process may run on (a container may have fewer than the machine)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processes(workers: int | None, total: int) -> int:
    return 1 if total < _WORTH_A_PROCESS else max(1, workers or available_cores())


def _jobs(source: DatasetSource, splits: list[Split], unknown: Collection[str]) -> Iterator[_Job]:
    files = source.files
    pairs = [
        (files.get(image), files.get(label))
        for split in splits
        for image, label in zip(split.images, split.labels, strict=True)
    ]
    for start in range(0, len(pairs), _CHUNK):
        yield _Job(pairs=pairs[start : start + _CHUNK])
    members = [files[path] for path in unknown]
    for start in range(0, len(members), _CHUNK):
        yield _Job(unknown=members[start : start + _CHUNK])
    if not source.is_archive:
        return
    used = {member.path for pair in pairs for member in pair if member}.union(unknown)
    others = [member for path, member in files.items() if path not in used]
    for start in range(0, len(others), _CHUNK):
        yield _Job(others=others[start : start + _CHUNK])


def _results(
    source: DatasetSource, jobs: list[_Job], start: Callable[[Reader], _Worker], processes: int
) -> Iterator[tuple[int, _Part | None]]:
    """Steps done as they are done, and the parts in the order of the jobs."""
    if processes > 1:
        from hubaction.dataset.crew import Crew

        crew: Crew[_Job, _Part] = Crew(functools.partial(_start, source.open, start), _crashed, processes)
        yield from crew.run(jobs)
        return
    with source.open() as reader:
        worker = start(reader)
        for job in jobs:
            yield len(job), worker.run(job)


def _start(open_reader: Callable[[], Reader], start: Callable[[Reader], _Worker]) -> Callable[[_Job], _Part]:
    """In a process of its own: a worker with a reader of its own; gives the function that does a job."""
    return start(open_reader()).run


def _crashed(job: _Job) -> _Part:
    """The decoder itself died on this one file."""
    part = _Part()
    for _pair in job.pairs:
        part.images.append(ImageFacts(ImageStatus.BROKEN, reason="its decoder crashed on it"))
        part.labels.add_none()
    for member in [*job.unknown, *job.others]:
        part.defects.append(Defect(Kind.ENTRY_DAMAGED, member.path, detail={"reason": "its decoder crashed on it"}))
    return part


class _Worker:
    """Reads the members of jobs in one process."""

    def __init__(self, reader: Reader, limits: Limits, *, pixels: bool = False) -> None:
        self.reader = reader
        self.limits = limits
        self.pixels = pixels

    def run(self, job: _Job) -> _Part:
        part = _Part()
        with quiet_pillow():
            for image, label in job.pairs:
                part.images.append(self._image(image, part))
                self._label(label, part)
        for member in job.unknown:
            self._recognise(member, part)
        for member in job.others:
            try:
                self.reader.verify(member)
            except ReadError as error:
                part.defects.append(_unreadable(member, error))
        return part

    def _recognise(self, member: Member, part: _Part) -> None:
        try:
            name = image_format(self.reader.read(member)[:64])
        except ReadError as error:
            part.defects.append(_unreadable(member, error))
        else:
            part.formats |= {member.path: name} if name else {}

    def _image(self, member: Member | None, part: _Part) -> ImageFacts:
        if member is None:
            return ImageFacts(ImageStatus.NOT_READ, reason="it is a folder")
        if member.size > self.limits.max_image_bytes:
            reason = f"{member.size:,} bytes, more than max_image_bytes = {self.limits.max_image_bytes:,}"
            return ImageFacts(ImageStatus.TOO_LARGE, reason=reason)
        try:
            return inspect_image(self.reader.read(member), pixels=self.pixels)
        except ReadError as error:
            part.defects.append(_unreadable(member, error))
            return ImageFacts(ImageStatus.NOT_READ)

    def _label(self, member: Member | None, part: _Part) -> None:
        if member is None:
            part.labels.add_none()
        elif member.size > self.limits.max_label_bytes:
            reason = f"{member.size:,} bytes, more than max_label_bytes = {self.limits.max_label_bytes:,}"
            part.labels.add_problem(Kind.LABEL_TOO_LARGE, value=reason)
        else:
            try:
                part.labels.add_text(self.reader.read(member))
            except ReadError as error:
                part.labels.add_problem(error.kind, value=error.reason)


def _unreadable(member: Member, error: ReadError) -> Defect:
    return Defect(error.kind, member.path, detail={"reason": error.reason})


@contextlib.contextmanager
def quiet_pillow() -> Iterator[None]:
    """Pillow warns of odd bytes on stderr; what matters of it becomes a finding, and hostile text stays off the log."""
    log, nowhere = logging.getLogger("PIL"), logging.NullHandler()
    propagated, log.propagate = log.propagate, False
    log.addHandler(nowhere)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.propagate = propagated
        log.removeHandler(nowhere)
