"""Facts of many images as flat bytes: what processes hand over, and what a cache keeps.

What differs from image to image is a row of fixed size. The rest (format, mode, reasons) is the same for most images of
a set: each combination is kept once, and a row refers to it by number.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hubaction.dataset.images import ImageFacts, ImageStatus
from hubaction.dataset.pixels import Fingerprint, PixelFacts, Quality

ROW = struct.Struct("<3I6dQ256s")
"""Number of the kind, width, height; the five numbers of Quality, flat_bottom; pHash, thumbnail."""

_NO_FINGERPRINT = Fingerprint(0, b"")
_NO_QUALITY = Quality(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ImageKind:
    """What images have in common: their facts without size and measures, and which measures there are."""

    facts: ImageFacts
    quality: bool
    fingerprint: bool

    def of(self, width: int, height: int, measures: Sequence[float], phash: int, thumbnail: bytes) -> ImageFacts:
        """The facts of one image of this kind."""
        head, pixels = self.facts, self.facts.pixels
        if pixels is not None and (self.quality or pixels.damage):
            quality = Quality(*measures[:5]) if self.quality else None
            fingerprint = Fingerprint(phash, thumbnail) if self.fingerprint else None
            pixels = PixelFacts(pixels.broken, pixels.damage, measures[5], quality, pixels.skipped, fingerprint)
        return head._replace(width=width, height=height, pixels=pixels)


@dataclass(slots=True)
class ImageColumns:
    """A growing table: ``rows`` holds a ROW for each image, ``kinds`` the plain values of each kind."""

    kinds: list[tuple[Any, ...]] = field(default_factory=list)
    rows: bytearray = field(default_factory=bytearray)
    _numbers: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows) // ROW.size

    def __reduce__(self) -> tuple[Any, ...]:
        return ImageColumns, (self.kinds, self.rows)

    def add(self, facts: ImageFacts) -> None:
        """Append a row."""
        kind = _plain(facts)
        number = self._numbers.setdefault(kind, len(self.kinds))
        if number == len(self.kinds):
            self.kinds.append(kind)
        pixels = facts.pixels
        quality = (pixels and pixels.quality) or _NO_QUALITY
        print_ = (pixels and pixels.fingerprint) or _NO_FINGERPRINT
        flat = pixels.flat_bottom if pixels else 0.0
        self.rows += ROW.pack(number, facts.width, facts.height, *quality, flat, *print_)

    def facts(self) -> Iterator[ImageFacts]:
        """The facts of every image."""
        kinds = [kind_of(*plain) for plain in self.kinds]
        for number, width, height, *measures, phash, thumbnail in ROW.iter_unpack(self.rows):
            yield kinds[number].of(width, height, measures, phash, thumbnail)


def _plain(facts: ImageFacts) -> tuple[Any, ...]:
    """The arguments of ``kind_of`` as values that JSON knows."""
    pixels = facts.pixels
    said = (facts.status.name, facts.format, facts.mode, facts.orientation, facts.unterminated, facts.reason)
    head = (*said, facts.bits, facts.animated, facts.has_gps, facts.progressive)
    if pixels is None:
        return head
    measured = pixels.quality is not None, pixels.fingerprint is not None
    return (*head, pixels.broken, pixels.damage, pixels.skipped, *measured)


def kind_of(*plain: Any) -> ImageKind:
    """The kind of plain values. Raises KeyError for an unknown status, IndexError for too few values."""
    status, format_name, mode, orientation, unterminated, reason, *flags = plain[:10]
    head = ImageFacts(ImageStatus[status], format_name, 0, 0, mode, orientation, unterminated, reason, *flags)
    if len(plain) == 10:
        return ImageKind(head, quality=False, fingerprint=False)
    broken, damage, skipped, quality, fingerprint = plain[10:]
    pixels = PixelFacts(broken, damage, skipped=skipped)
    return ImageKind(head._replace(pixels=pixels), quality=quality, fingerprint=fingerprint)
