"""The segments of a JPEG (ITU-T T.81, annex B): where its picture ends, and whether all of it is there."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_SOI, _EOI, _SOS, _APP1, _APP2 = 0xD8, 0xD9, 0xDA, 0xE1, 0xE2
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # start of frame: all but DHT, JPG and DAC
_ALONE = {0x01, *range(0xD0, 0xD8)}  # TEM and RSTn have no length


@dataclass(slots=True)
class Segments:
    """What lies where.

    Attributes:
        parts: (marker, start of its data, stop) of each segment, without the coded data.
        end: index after the end marker; None where there is none.
        sound: False where a segment is cut off or no marker stands where one must.
    """

    data: bytes
    parts: list[tuple[int, int, int]] = field(default_factory=list)
    end: int | None = None
    sound: bool = True

    @property
    def is_several_pictures(self) -> bool:
        """Whether it says that more pictures follow (MPO)."""
        return any(m == _APP2 and self.data.startswith(b"MPF\0", start) for m, start, _ in self.parts)

    def exif(self) -> list[tuple[int, int]]:
        """Start and stop of the TIFF block in each Exif segment."""
        head = b"Exif\0\0"
        return [(s + len(head), e) for m, s, e in self.parts if m == _APP1 and self.data.startswith(head, s)]

    def has_all_scans(self) -> bool:
        """Whether every coefficient of every component of the only frame has got its last bit in some scan."""
        frames = [(start, stop) for marker, start, stop in self.parts if marker in _FRAMES]
        if len(frames) != 1 or frames[0][1] - frames[0][0] < 6:
            return False
        start, stop = frames[0]
        wanted = {(component, k) for component in self.data[start + 6 : stop : 3] for k in range(64)}
        for marker, start, stop in self.parts:
            if marker == _SOS:
                wanted -= _finished(self.data[start:stop])
        return not wanted


def _finished(header: bytes) -> set[tuple[int, int]]:
    """(component, coefficient) pairs that a scan brings to full precision."""
    count = header[0] if header else 0
    if len(header) != 4 + 2 * count or header[-1] & 15:
        return set()
    first, last = header[-3], min(63, header[-2])
    return {(component, k) for component in header[1 : 1 + 2 * count : 2] for k in range(first, last + 1)}


def walk(data: bytes) -> Segments:
    """Go from marker to marker, over the coded data of each scan, to the end marker."""
    found = Segments(data)
    if not data.startswith(b"\xff\xd8"):
        found.sound = False
        return found
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            found.sound = False
            return found
        marker = data[at + 1] if at + 1 < len(data) else -1
        if marker == _EOI:
            found.end = at + 2
            return found
        at = _after(found, at, marker)
        if at < 0:
            return found
    return found


def _after(found: Segments, at: int, marker: int) -> int:
    """Index of the next marker; -1 where the file ends or is not sound."""
    data = found.data
    if marker == 0xFF:  # a fill byte
        return at + 1
    if marker in _ALONE:
        return at + 2
    if marker in {-1, 0, _SOI} or at + 4 > len(data):
        found.sound = marker == -1
        return -1
    start, stop = at + 4, at + 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    if stop < start or stop > len(data):
        found.sound = False
        return -1
    found.parts.append((marker, start, stop))
    return _after_scan(data, stop) if marker == _SOS else stop


def _after_scan(data: bytes, at: int) -> int:
    """Index of the first marker after coded data, in which FF 00 stands for FF; -1 at the end of the file."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
            at += 2
        elif data[at + 1] == 0xFF:
            at += 1
        else:
            return at
    return -1
