"""Fixer of X951: the place where a picture was taken, cut out of its EXIF block (TIFF 6.0, EXIF 2.3)."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from hubaction.repair.edits import Proposal
from hubaction.repair.jpeg import walk
from hubaction.repair.view import View

_GPS, _EXIF, _INTEROP = 0x8825, 0x8769, 0xA005  # tags whose value is the place of another directory
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}  # bytes by TIFF type
_MOST_ENTRIES = 512

Span = tuple[int, int]


def gps(view: View) -> Iterator[Proposal]:
    """X951: the GPS directory goes from the EXIF block of a JPEG, PNG or WebP; its bytes become zeros, nothing moves.

    Proves that no other directory uses those bytes, that all other EXIF values read as before, and that not one byte
    outside of the EXIF block (of a PNG: and its checksum) changes, so the pixels stay as they are.
    """
    for path in view.images:
        picture = view.picture(path)
        if picture is None or not picture.facts.has_gps:
            continue
        data = view.read(path)
        new = without_gps(data, picture.facts.format) if data is not None else None
        if data is None or new is None:
            yield view.leave(path, "its EXIF block is not of a kind that can be cut without risk")
        else:
            yield view.write(path, new, note="GPS directory cut from EXIF")


def without_gps(data: bytes, format_name: str) -> bytes | None:
    """The same file without GPS directory; None where that cannot be proven."""
    block = _exif_block(data, format_name)
    if block is None:
        return None
    new = _cut(data[block[0] : block[1]])
    if new is None:
        return None
    whole = bytearray(data)
    whole[block[0] : block[1]] = new
    if format_name == "PNG":  # the checksum covers type and data
        struct.pack_into(">I", whole, block[1], zlib.crc32(whole[block[0] - 4 : block[1]]))
    return bytes(whole) if _reads_as_before(data, bytes(whole), format_name) else None


def _exif_block(data: bytes, format_name: str) -> Span | None:
    """Where the only TIFF block lies."""
    if format_name == "JPEG":
        found = walk(data)
        blocks = [] if found.is_several_pictures else found.exif()
    elif format_name == "PNG":
        blocks = _chunks(data, 8, b"eXIf", ">I4s", after=4)
    elif format_name == "WEBP":
        blocks = _chunks(data, 12, b"EXIF", "<4sI", after=0)
        blocks = [(s + 6, e) if data.startswith(b"Exif\0\0", s) else (s, e) for s, e in blocks]
    else:
        return None
    return blocks[0] if len(blocks) == 1 else None


def _chunks(data: bytes, at: int, kind: bytes, head: str, after: int) -> list[Span]:
    """Data of the chunks of one kind in a PNG (length, type, data, checksum) or WebP (type, length, data, padding)."""
    found = []
    while at + 8 <= len(data):
        fields = struct.unpack_from(head, data, at)
        size, name = fields if isinstance(fields[0], int) else fields[::-1]
        start, stop = at + 8, at + 8 + size
        if stop + after > len(data):
            break
        if name == kind:
            found.append((start, stop))
        at = stop + after if after else stop + size % 2
    return found


@dataclass(slots=True)
class _Directory:
    """One IFD: its entries as (tag, value or place), the bytes that it uses, and where the next one lies."""

    start: int
    count: int
    entries: dict[int, int] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    next: int = 0


class _Tiff:
    """Directories of a TIFF block. Raises ValueError or struct.error where it is not sound."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4], "")
        if not self.order:
            raise ValueError("no TIFF header")
        self.first = self._directory(self._long(4))

    def _long(self, at: int) -> int:
        return int(struct.unpack_from(f"{self.order}I", self.data, at)[0])

    def _directory(self, start: int) -> _Directory:
        count = int(struct.unpack_from(f"{self.order}H", self.data, start)[0])
        stop = start + 2 + 12 * count
        if start < 8 or count > _MOST_ENTRIES or stop > len(self.data):
            raise ValueError("a directory leaves the block")
        found = _Directory(start, count, spans=[(start, stop)])
        for at in range(start + 2, stop, 12):
            tag, kind, number = struct.unpack_from(f"{self.order}HHI", self.data, at)
            found.entries[tag] = self._long(at + 8)
            size = _SIZES.get(kind, 0) * number
            if size > 4:
                found.spans.append((self._long(at + 8), self._long(at + 8) + size))
        if len(found.entries) != count or any(stop > len(self.data) for _, stop in found.spans):
            raise ValueError("a value leaves the block, or a tag comes twice")
        found.next = self._long(stop) if stop + 4 <= len(self.data) else 0
        return found

    def others(self) -> list[_Directory]:
        """Every directory that can be reached but that of GPS."""
        found = [self.first]
        if _EXIF in self.first.entries:
            found.append(self._directory(self.first.entries[_EXIF]))
            if _INTEROP in found[-1].entries:
                found.append(self._directory(found[-1].entries[_INTEROP]))
        if self.first.next:
            found.append(self._directory(self.first.next))
        return found

    def gps(self) -> _Directory:
        return self._directory(self.first.entries[_GPS])


def _cut(block: bytes) -> bytes | None:
    """The block with the GPS directory zeroed and its entry taken out of the first directory; of the same length."""
    try:
        tiff = _Tiff(block)
        gone = tiff.gps()
        used = [(0, 8), *(span for one in tiff.others() for span in one.spans)]
    except (ValueError, KeyError, struct.error):
        return None
    spans = [*gone.spans, (gone.spans[0][1], gone.spans[0][1] + 4)] if not gone.next else []
    if not spans or any(a < d and c < b for a, b in gone.spans for c, d in used):
        return None
    new = bytearray(block)
    for start, stop in gone.spans:
        new[start:stop] = bytes(stop - start)
    _take_out(new, tiff)
    return bytes(new)


def _take_out(block: bytearray, tiff: _Tiff) -> None:
    """Move the entries behind that of GPS, and the place of the next directory, up by one entry."""
    first, order = tiff.first, tiff.order
    at = first.start + 2 + 12 * list(first.entries).index(_GPS)
    stop = first.start + 2 + 12 * first.count
    tail = bytes(block[at + 12 : stop + 4])
    block[at : at + len(tail)] = tail
    block[stop - 8 : stop + 4] = bytes(min(12, len(block) - (stop - 8)))
    struct.pack_into(f"{order}H", block, first.start, first.count - 1)


def _reads_as_before(old: bytes, new: bytes, format_name: str) -> bool:
    """Whether Pillow reads all EXIF values but GPS as before, and the file is as long."""
    try:
        before, after = _values(old, format_name), _values(new, format_name)
    except Exception:  # noqa: BLE001 - hostile bytes make parsers raise nearly anything; then nothing is proven
        return False
    before[0].pop(_GPS, None)
    return len(old) == len(new) and before == after


def _values(data: bytes, format_name: str) -> list[dict[int, Any]]:
    with Image.open(io.BytesIO(data), formats=(format_name,)) as image:
        exif = image.getexif()
        return [dict(exif), *(dict(exif.get_ifd(tag)) for tag in (_EXIF, _INTEROP))]
