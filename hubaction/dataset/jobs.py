"""What a process of the scan gets to do, how it does it, and what it hands back."""

from __future__ import annotations

import contextlib
import logging
import marshal
import warnings
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hubaction.dataset.cache import ImageCache, cache_key
from hubaction.dataset.defects import Defect, Kind
from hubaction.dataset.image_columns import ImageColumns
from hubaction.dataset.images import ImageFacts, ImageStatus, image_format, inspect_image
from hubaction.dataset.labels import LabelColumns
from hubaction.dataset.limits import MIB, Depth, Limits
from hubaction.dataset.source import Member, Reader, ReadError, checked

Pair = tuple[Member | None, Member | None]
"""An image and its label file."""

_PATIENCE = 60.0  # seconds that any job may take; one of a hundred photos takes 0.1
_SLOWEST = 4 * MIB  # bytes a second: what a job may need on top, on a slow disk or for large pictures
_UNFINISHED = "its decoder crashed on it or did not come to an end"


@dataclass(frozen=True, slots=True)
class Job:
    """Pairs to look into, members to recognise, and others of which only the checksum matters."""

    pairs: list[Pair] = field(default_factory=list)
    unknown: list[Member] = field(default_factory=list)
    others: list[Member] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.pairs) + len(self.unknown) + len(self.others)

    def __reduce__(self) -> tuple[Any, ...]:
        """As plain tuples, which cross a pipe four times as fast."""
        pairs = [(image and tuple(image), label and tuple(label)) for image, label in self.pairs]
        return _unpacked, (marshal.dumps((pairs, [*map(tuple, self.unknown)], [*map(tuple, self.others)])),)

    def singles(self) -> list[Job]:
        """One job for each pair and each member."""
        return [
            *(Job(pairs=[pair]) for pair in self.pairs),
            *(Job(unknown=[member]) for member in self.unknown),
            *(Job(others=[member]) for member in self.others),
        ]

    @property
    def patience(self) -> float:
        """Seconds after which whoever is at it counts as hanging."""
        paired = (member for pair in self.pairs for member in pair if member)
        members = (*paired, *self.unknown, *self.others)
        return _PATIENCE + sum(max(member.size, member.packed) for member in members) / _SLOWEST


def _unpacked(packed: bytes) -> Job:
    pairs, unknown, others = marshal.loads(packed)  # noqa: S302 - from this process's own parent
    made = Member._make
    return Job(
        [(image and made(image), label and made(label)) for image, label in pairs],
        [*map(made, unknown)],
        [*map(made, others)],
    )


@dataclass(slots=True)
class Part:
    """The result of one job.

    Attributes:
        images: facts of the images that the cache does not know, in order; ``keys`` of their bytes, b'' where they are
            not to be remembered.
        entries: for each pair, its number in the cache, or -1 where its facts are the next of ``images``.
    """

    images: ImageColumns = field(default_factory=ImageColumns)
    keys: list[bytes] = field(default_factory=list)
    entries: array[int] = field(default_factory=lambda: array("i"))
    labels: LabelColumns = field(default_factory=LabelColumns)
    defects: list[Defect] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)

    def add(self, facts: ImageFacts, key: bytes = b"") -> None:
        """Append the facts of an image that the cache does not know."""
        self.images.add(facts)
        self.keys.append(key)
        self.entries.append(-1)

    def all_images(self, cache: ImageCache | None) -> Iterable[ImageFacts]:
        """The facts of all pairs; what is new goes into the cache."""
        new = self.images.facts()
        if cache is None:
            return new
        return self._with(cache, zip(self.keys, new, strict=True))

    def _with(self, cache: ImageCache, new: Iterator[tuple[bytes, ImageFacts]]) -> Iterator[ImageFacts]:
        for entry in self.entries:
            if entry >= 0:
                yield cache.facts(entry)
                continue
            key, facts = next(new)
            if key:
                cache.add(key, facts)
            yield facts


def crashed(job: Job) -> Part:
    """The decoder itself died or hung on this one file."""
    part = Part()
    for _pair in job.pairs:
        part.add(ImageFacts(ImageStatus.BROKEN, reason=_UNFINISHED))
        part.labels.add_none()
    for member in [*job.unknown, *job.others]:
        part.defects.append(Defect(Kind.ENTRY_DAMAGED, member.path, detail={"reason": _UNFINISHED}))
    return part


class Worker:
    """Reads the members of jobs in one process."""

    def __init__(self, reader: Reader, limits: Limits, depth: Depth, cache: ImageCache | None = None) -> None:
        self.reader = reader
        self.limits = limits
        self.depth = depth
        self.cache = cache

    def run(self, job: Job) -> Part:
        part = Part()
        with quiet_pillow():
            for image, label in job.pairs:
                self._image(image, part)
                self._label(label, part)
        for member in job.unknown:
            self._recognise(member, part)
        for member in job.others:
            try:
                self.reader.verify(member)
            except ReadError as error:
                part.defects.append(_unreadable(member, error))
        return part

    def _recognise(self, member: Member, part: Part) -> None:
        try:
            name = image_format(self.reader.read(member)[:64])
        except ReadError as error:
            part.defects.append(_unreadable(member, error))
        else:
            part.formats |= {member.path: name} if name else {}

    def _image(self, member: Member | None, part: Part) -> None:
        if member is None:
            part.add(ImageFacts(ImageStatus.NOT_READ, reason="it is a folder"))
        elif self.depth is Depth.OFF:
            part.add(ImageFacts(ImageStatus.UNSEEN))
        elif member.size > self.limits.max_image_bytes:
            reason = f"{member.size:,} bytes, more than max_image_bytes = {self.limits.max_image_bytes:,}"
            part.add(ImageFacts(ImageStatus.TOO_LARGE, reason=reason))
        else:
            try:
                self._look_into(member, part)
            except ReadError as error:
                part.defects.append(_unreadable(member, error))
                part.add(ImageFacts(ImageStatus.NOT_READ))

    def _look_into(self, member: Member, part: Part) -> None:
        pixels = self.depth is Depth.DECODE
        if self.cache is None:
            part.add(inspect_image(self.reader.read(member), pixels=pixels))
            return
        data, crc = self.reader.fetch(member)
        key = cache_key(data, crc)
        entry = self.cache.find(key)
        if entry >= 0:
            part.entries.append(entry)
        else:
            part.add(inspect_image(checked(data, crc), pixels=pixels), key)

    def _label(self, member: Member | None, part: Part) -> None:
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
