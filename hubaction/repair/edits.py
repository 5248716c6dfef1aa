"""What a fixer proposes, as values. Paths are those of the folder, or of the archive with its top folder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteBytes:
    """New bytes for a file. ``places``: how many defects that mends; ``note``: what it does, for files without text."""

    path: str
    data: bytes
    places: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rename:
    """Another path for a file; of a folder in an archive, both end in a slash."""

    path: str
    new: str


@dataclass(frozen=True, slots=True)
class Delete:
    """A file that goes, or (with a slash at its end) a folder that is empty by then."""

    path: str


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A defect that is not mended, because the proof is missing."""

    path: str
    reason: str


Edit = WriteBytes | Rename | Delete
Proposal = Edit | LeftAlone
