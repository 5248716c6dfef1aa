"""Width, height and mode of an ordinary JPEG, from its header alone: several times as fast as opening it with Pillow.

Only a header without any peculiarity is answered: the segments below, each whole, up to the first scan. Pillow opens
every such file (a test holds the two together) and decides on all others, among them those with EXIF or MPF.
"""

from __future__ import annotations

from typing import NamedTuple

_SCAN = 0xDA
_BASELINE, _PROGRESSIVE = 0xC0, 0xC2
_TABLES = 0xDB  # quantisation
_JFIF = 0xE0
_PASSED_OVER = {0xC4, 0xDD, 0xFE}  # Huffman tables, restart interval, comment
_MODES = {1: "L", 3: "RGB"}
_MOST_PIXELS = 50_000_000  # beyond, Pillow's own guard against decompression bombs has its say


class PlainHeader(NamedTuple):
    """Width and height in pixels, Pillow's mode, and whether the picture is stored in progressive scans."""

    width: int
    height: int
    mode: str
    progressive: bool


def read_plain_header(data: bytes) -> PlainHeader | None:
    """What a plain and sound JPEG header says; None for any other."""
    at, end, frame = 2, len(data) - 16, None
    while at < end and data[at] == 0xFF:
        marker, length = data[at + 1], data[at + 2] << 8 | data[at + 3]
        if length < 2 or at + 2 + length > end:
            return None
        if marker == _SCAN:
            return frame
        if marker in {_BASELINE, _PROGRESSIVE} and frame is None:
            frame = _frame(data[at + 4 : at + 2 + length], progressive=marker == _PROGRESSIVE)
            if frame is None:
                return None
        elif not _is_ordinary(marker, data, at + 4, length - 2):
            return None
        at += 2 + length
    return None


def _frame(segment: bytes, *, progressive: bool) -> PlainHeader | None:
    """Size from a frame header of 8-bit samples with one or three components."""
    mode = _MODES.get(segment[5]) if len(segment) >= 9 else None
    if mode is None or segment[0] != 8 or len(segment) != 6 + 3 * segment[5]:
        return None
    height, width = segment[1] << 8 | segment[2], segment[3] << 8 | segment[4]
    return PlainHeader(width, height, mode, progressive) if 0 < width * height <= _MOST_PIXELS else None


def _is_ordinary(marker: int, data: bytes, at: int, size: int) -> bool:
    """Whether a segment other than frame and scan is one that Pillow reads without a second thought."""
    if marker == _TABLES:
        return size in {65, 130, 195, 260} and all(data[table] < 4 for table in range(at, at + size, 65))
    if marker == _JFIF:
        return size >= 14
    return marker in _PASSED_OVER
