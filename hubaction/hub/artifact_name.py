"""The name under which the file of an export is kept. The service proposes one, and it is not to be trusted."""

from __future__ import annotations

import re

from hubaction.hub.formats import FORMATS
from hubaction.hub.service import Export

_LONGEST = 150
"""Bytes of a name, so that the one of the unfinished file, which is longer, has room in the 255 of file systems."""

_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def artifact_name(export: Export, model: str) -> str:
    """The service's name without its folders, where it is one that every system takes and that ends as the format's
    files do, or as an archive: a name such as ``Makefile`` could take the place of a file of the user's. Otherwise
    model and format; what arrives as a folder is taken to be a zip.
    """
    suffix = _suffix(export.format)
    name = re.split(r"[\\/]", export.file_name)[-1]
    if _is_portable(name) and name.lower().endswith((suffix.lower(), *_ARCHIVES)):
        return name
    stem = _plain(model) or "model"
    ending = f"{suffix[:-1]}.zip" if suffix.endswith("/") else suffix
    return stem + ending if ending.startswith("_") else f"{stem}-{_plain(export.format)}{ending}"


def _suffix(format: str) -> str:
    known = FORMATS.get(format)
    return known.suffix if known and known.suffix else f".{_plain(format)}"


def _is_portable(name: str) -> bool:
    return (
        name.isprintable()
        and not name.startswith(".")
        and not name.endswith((".", " "))
        and len(name.encode("utf-8", "replace")) <= _LONGEST
        and not _FORBIDDEN.search(name)
        and not _RESERVED.fullmatch(name)
    )


def _plain(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z_-]+", "-", text).strip("-")[:60]
