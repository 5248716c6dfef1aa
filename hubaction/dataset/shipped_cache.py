"""Label caches that a dataset ships. The former check unpickles them; we look at their first bytes only."""

from __future__ import annotations

import io
import pickletools
import struct
import zipfile

from hubaction.dataset.defects import Defect, Kind
from hubaction.dataset.layout import Split
from hubaction.dataset.source import DatasetSource, ReadError

_MOST_LISTED = 1 << 20  # bytes of a pickle whose instructions are listed; of a larger one the first byte has to do


def check_caches(source: DatasetSource, splits: list[Split]) -> list[Defect]:
    """One defect per ``*.cache`` file that the former check would have opened for these splits."""
    defects = []
    for split in splits:
        path = _cache_path(split)
        if path in source.folders:
            defects.append(
                Defect(Kind.CACHE_BREAKS_LOADER, path, split=split.name, detail={"reason": "it is a folder"})
            )
        elif path in source.files:
            reason = _why_it_breaks(source, path)
            kind = Kind.CACHE_BREAKS_LOADER if reason else Kind.CACHE_IGNORED
            defects.append(Defect(kind, path, split=split.name, detail={"reason": reason}))
    return defects


def _cache_path(split: Split) -> str:
    """Beside the folder of the first label, whose own suffix is replaced: ``labels/a.v1`` has ``labels/a.cache``."""
    head, slash, name = split.labels[0].rpartition("/")[0].rpartition("/")
    if not name:
        return ""  # labels in the root itself: the cache would lie beside the root folder
    stem = name[: name.rfind(".")] if name.rfind(".") > 0 else name
    return f"{head}{slash}{stem}.cache"


def _why_it_breaks(source: DatasetSource, path: str) -> str:
    """Why loading it would raise, judged without executing anything; '' where the loader would ignore or use it."""
    try:
        data = source.read(path)
    except ReadError as error:
        return error.reason
    if not data:
        return "it is empty"
    if data.startswith(b"PK"):
        return "" if zipfile.is_zipfile(io.BytesIO(data)) else "it starts like a zip but is none"
    if data.startswith(b"\x93NUMPY"):
        return "" if _holds_objects(data) else "it starts like an array file but holds no pickled object"
    return "" if _is_pickle(data) else "it is not a pickle"


def _holds_objects(data: bytes) -> bool:
    """Whether the bytes are an .npy file of Python objects: numpy would unpickle it, anything else it refuses."""
    from numpy.lib import format as npy

    file = io.BytesIO(data)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    try:
        _shape, _order, dtype = readers[npy.read_magic(file)](file)
    except (ValueError, KeyError):
        return False
    return bool(dtype.hasobject)


def _is_pickle(data: bytes) -> bool:
    """Whether the bytes are a whole pickle. Its instructions are listed, not followed."""
    if len(data) > _MOST_LISTED:
        return data.startswith(b"\x80")
    try:
        for _ in pickletools.genops(data):
            pass
    except (ValueError, IndexError, struct.error, UnicodeDecodeError):
        return False
    return True
