"""Files to download: small real ones, or large ones that are made up as they are sent."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hubaction.sandbox.contract import SUFFIXES

_BLOCK = 1 << 20
_PIECE = 1 << 16
_ZIPPED = {"torchscript", "coreml", "coreai"}
_WEIGHTS = 4096


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that the storage serves.

    Attributes:
        name: for the one who saves it. size: bytes. tag: for ETag; another content has another one.
        read: pieces of the bytes from start up to, not including, end.
    """

    name: str
    size: int
    tag: str
    read: Callable[[int, int], Iterator[bytes]]

    @property
    def sha256(self) -> str:
        """Of all bytes, in hexadecimal."""
        digest = hashlib.sha256()
        for piece in self.read(0, self.size):
            digest.update(piece)
        return digest.hexdigest()


def exported(model: str, format: str, args: Mapping[str, object], size: int, seed: int) -> Artifact:
    """What an export gives: ``size`` bytes made up, or a small real file where size is 0.

    It is no model and nothing can run it. Formats that are folders, and those whose files are zips, are valid zips.
    """
    name = file_name(model, format)
    if size:
        return _made_up(name, size, seed)
    weights = random.Random(f"{model}/{format}/{seed}").randbytes(_WEIGHTS)  # noqa: S311 - no secret
    about = {"made_by": "hub-action sandbox", "model": model, "format": format, "args": dict(args), "is_a_model": False}
    is_zip = name.endswith(".zip") or format in _ZIPPED
    return from_bytes(name, _zipped(about, weights) if is_zip else _plain(about, weights))


def file_name(model: str, format: str) -> str:
    """As the Platform names a download; a folder arrives as an archive."""
    suffix = SUFFIXES.get(format, f".{format}")
    packed = suffix.endswith(("_model/", "_saved_model/", ".mlpackage", ".aimodel"))
    return f"{model}{suffix.rstrip('/')}{'.zip' if packed else ''}"


def from_bytes(name: str, content: bytes) -> Artifact:
    """A file in memory."""

    def read(start: int, end: int) -> Iterator[bytes]:
        yield content[start:end]

    return Artifact(name, len(content), hashlib.sha256(content).hexdigest()[:32], read)


def from_file(name: str, path: Path) -> Artifact:
    """A file on disk."""
    size = path.stat().st_size

    def read(start: int, end: int) -> Iterator[bytes]:
        with path.open("rb") as file:
            file.seek(start)
            while start < end and (piece := file.read(min(_PIECE, end - start))):
                yield piece
                start += len(piece)

    return Artifact(name, size, f"{path.name}-{size}", read)


def _zipped(about: Mapping[str, object], weights: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in (("metadata.json", json.dumps(about, indent=2).encode()), ("weights.bin", weights)):
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _plain(about: Mapping[str, object], weights: bytes) -> bytes:
    return json.dumps(about).encode() + b"\n" + weights


def _made_up(name: str, size: int, seed: int) -> Artifact:
    """Noise of which every block of a megabyte begins with its number, so that no two are alike."""
    noise = random.Random(seed).randbytes(_BLOCK)  # noqa: S311 - no secret

    def read(start: int, end: int) -> Iterator[bytes]:
        while start < end:
            index, offset = divmod(start, _BLOCK)
            block = (index.to_bytes(8) + noise[8:])[offset : offset + min(_PIECE, end - start)]
            yield block
            start += len(block)

    return Artifact(name, size, f"made-up-{seed}-{size}", read)
