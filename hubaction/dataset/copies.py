"""Images with the same bytes, found without reading those that cannot have a twin."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable

from hubaction.dataset.source import DatasetSource, ReadError

Groups = dict[Hashable, list[str]]


def find_copies(source: DatasetSource, images: Iterable[str]) -> list[tuple[str, ...]]:
    """Paths of images whose bytes are equal, group by group; sorted, as are the paths of each.

    A zip tells size and CRC-32 of every member, a folder the size: only images that agree in them are read, and only
    equal SHA-256 makes them copies. Empty files are no pictures and not compared.
    """
    members = [source.files[path] for path in set(images) if path in source.files]
    alike: Groups = defaultdict(list)
    for member in members:
        if member.size:
            alike[member.size, member.crc].append(member.path)
    same: Groups = defaultdict(list)
    with source.open() as reader:
        for path in (path for paths in alike.values() if len(paths) > 1 for path in paths):
            try:
                same[hashlib.sha256(reader.read(source.files[path])).digest()].append(path)
            except ReadError:
                continue  # the scan has reported it
    return sorted(tuple(sorted(paths)) for paths in same.values() if len(paths) > 1)
