"""Label caches that a dataset ships. The former check unpickles them; we look at their first bytes only."""

from __future__ import annotations

import io
import zipfile

from hubaction.dataset.defects import Defect, Kind
from hubaction.dataset.layout import Split
from hubaction.dataset.source import DatasetSource, ReadError


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
    stem = name[: name.rfind(".")] if name.rfind(".") > 0 else name
    return f"{head}{slash}{stem}.cache"


def _why_it_breaks(source: DatasetSource, path: str) -> str:
    """Why unpickling would raise, judged by the content alone; '' where the loader would ignore or use the file."""
    try:
        data = source.read(path)
    except ReadError as error:
        return error.reason
    if not data:
        return "it is empty"
    if data.startswith(b"PK"):
        return "" if zipfile.is_zipfile(io.BytesIO(data)) else "it starts like a zip but is none"
    if data.startswith((b"\x93NUMPY", b"\x80")):
        return ""
    return "it is not a pickle"
