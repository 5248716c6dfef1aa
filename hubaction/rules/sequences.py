"""What image names tell of where images come from: the picture before augmentation, the video, the tiled scene."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubaction.rules.view import View

_ROBOFLOW = re.compile(r"^(.+)[._](jpe?g|png|bmp|webp|tiff?)\.rf\.[0-9A-Za-z]{6,}$")
_TILE = re.compile(r"__\d+__-?\d+___-?\d+$", re.ASCII)
_TIME = re.compile(
    r"[-_. ]?(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])"  # date
    r"[-_. T]?[0-2]\d[-_.:h]?[0-5]\d[-_.:m]?[0-5]\d(?:[-_.,]?\d+)?Z?$",  # time of day, with fractions
    re.ASCII | re.IGNORECASE,
)
_FRAME = re.compile(r"[-_. ]?(frame|frm|img|image|f)?[-_. ]?(\d+)$", re.ASCII | re.IGNORECASE)
_LONGEST = 255  # characters; file systems take no longer names


@dataclass(slots=True)
class Sequence:
    """Images that one key holds together.

    Attributes:
        images: by split, their paths.
        indexes: by split, their frame numbers; empty where names tell none.
    """

    key: str
    images: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    indexes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def count(self) -> int:
        return sum(map(len, self.images.values()))


def source_key(stem: str) -> str:
    """Name of the picture of which Roboflow made this one; '' for names of another kind."""
    match = _ROBOFLOW.match(stem[:_LONGEST])
    return match[1] if match else ""


def sequence_key(stem: str) -> tuple[str, int | None]:
    """Key of the video, scene or series that a name belongs to, and its number in it; ('', None) for none.

    ``clip_000123`` is ``clip``, ``P1142__1024__0___824`` is ``P1142``, ``frame_00012`` is ``frame``. A key holds
    a letter.
    """
    stem = (source_key(stem) if ".rf." in stem else "") or stem[:_LONGEST]
    if not stem[-1:].isalnum() or stem.isdigit():  # nothing to cut off, or no letter to be left
        return "", None
    key, index = _cut(stem)
    return (key, index) if any(letter.isalpha() for letter in key) else ("", None)


def _cut(stem: str) -> tuple[str, int | None]:
    for pattern in (_TILE, _TIME):
        if (pattern is _TIME or "___" in stem) and (match := pattern.search(stem)):
            digits = re.sub(r"\D", "", match[0])
            return stem[: match.start()], int(digits) if pattern is _TIME else None
    match = _FRAME.search(stem)
    return (stem[: match.start()] or match[1] or "", int(match[2])) if match else ("", None)


def stem_of(path: str) -> str:
    """The last part of a path without its suffix."""
    name = path[path.rfind("/") + 1 :]
    cut = name.rfind(".")
    return name[:cut] if cut > 0 else name


def sequences(view: View) -> list[Sequence]:
    """All keys with their images; for classify a key counts within its class, and only beside others of that class:
    a class whose pictures all carry its own name and a number is no video.
    """
    found: dict[tuple[str, str], Sequence] = {}
    keys: dict[str, set[str]] = defaultdict(set)
    seen: set[str] = set()
    for split in view.splits.values():
        classes = split.classes or [""] * len(split.images)
        for path, cls in zip(split.images, classes, strict=True):
            if path in seen:
                continue
            seen.add(path)
            key, index = sequence_key(stem_of(path))
            keys[cls].add(key or path)
            if key:
                one = found.get((cls, key)) or found.setdefault((cls, key), Sequence(key))
                one.images[split.name].append(path)
                if index is not None:
                    one.indexes[split.name].append(index)
    return [one for (cls, _), one in found.items() if not cls or len(keys[cls]) > 1]


def neighbours(one: Sequence, split: str) -> int:
    """How many images of a split have a train image within one sampling step: the median gap of all frame numbers.

    Where names tell no number, all count, if train has any.
    """
    import numpy as np

    if not one.images.get("train"):
        return 0
    train, own = one.indexes.get("train"), one.indexes.get(split)
    if not train or not own:
        return len(one.images[split])
    here, there = np.array(own, dtype=float), np.unique(np.array(train, dtype=float))
    everything = np.unique(np.concatenate([np.array(indexes, dtype=float) for indexes in one.indexes.values()]))
    step = float(np.median(np.diff(everything))) if len(everything) > 1 else 0.0
    at = np.searchsorted(there, here)
    after = np.abs(there[np.minimum(at, len(there) - 1)] - here)
    before = np.abs(there[np.maximum(at - 1, 0)] - here)
    return int((np.minimum(after, before) <= step).sum())
