"""What decoding said of images in earlier runs, in one file that a build can carry from run to run.

An image is known by the SHA-256 of its bytes. The CRC-32 and the size that a zip tells for nothing are not enough: a
stranger can make a broken image that agrees in both with a sound one, and a zip that was damaged on its way still tells
the old ones. So every image is read and hashed (1.9 GB/s on one core), and only its decode is saved, which takes ten
times as long. The CRC that the zip tells is part of the key: it was compared with the same bytes when they were first
met, so it need not be again. Neither name nor place matters, and a cached report is that of a cold run.

The file is data, never code. It begins with a checksum of the rest, then says which versions made it: whatever decides
about facts (our own modules, the decoders, numpy) must be the same. Each value is checked before it is used. A file
that is damaged, foreign or too large is passed over with one remark, and replaced at the end.
"""

from __future__ import annotations

import hashlib
import json
import os
import pkgutil
import stat
import struct
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubaction._version import __version__
from hubaction.dataset.image_columns import ROW, ImageColumns, ImageKind, kind_of
from hubaction.dataset.images import ImageFacts, ImageStatus

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Table = NDArray[np.void]

CACHE_FILE = "hubaction-images.cache"
"""Name of the file in the folder for the cache."""

_MAGIC = b"hubaction images 1\n"
_DIGEST = hashlib.sha256().digest_size
_KEY = _DIGEST + 4
_HEAD_SIZE = struct.Struct("<I")
_SPARE = 10_000  # images that this run did not meet and that are kept, or as many as it met: other datasets, branches
_MOST = 1_000_000  # images in a file, of 360 bytes each
_LARGEST = 512 << 20  # bytes of a file
_LONGEST_TEXT = 500  # characters of a decoder's message; an image with a longer one is decoded anew each time
_LARGEST_SIDE = 1 << 31  # pixels
_LARGEST_MEASURE = 1_000.0  # none comes near
_MODULES = ("images", "pixels", "fingerprint", "jpeg_header")  # of ours: they decide what the facts are
_TYPES = (str, str, str, int, bool, str, int, bool, bool, bool, str, str, str, bool, bool)  # of a kind's plain values
_HEADER_VALUES = 10  # of them, without those of the pixels
_LONGEST_NAME = 16  # characters of a format or a mode


def cache_key(data: bytes, crc: int) -> bytes:
    """What an image is known by: the SHA-256 of its bytes, and the CRC-32 that they should have."""
    return hashlib.sha256(data).digest() + crc.to_bytes(4, "little")


class _UnusableError(Exception):
    """Why the file cannot be used."""


class ImageCache:
    """Facts by key, see ``cache_key``. To look something up is for every process, the rest is for one.

    Attributes:
        remark: what a reader of the report has to know about the file; '' for nothing.
    """

    def __init__(self, path: Path) -> None:
        """Load the file, as far as there is a usable one."""
        self.remark = ""
        self._path = path
        self._keys = self._rows = b""
        self._plain: list[list[Any]] = []
        self._met: set[int] = set()
        self._fresh: dict[bytes, None] = {}
        self._columns = ImageColumns()  # of the fresh ones
        try:
            self._keys, self._plain, self._rows = _parse(_read(path))
        except FileNotFoundError:
            pass
        except _UnusableError as error:
            self.remark = f"the cache was not used: {error}; a new one takes its place"
        except OSError as error:
            self.remark = f"the cache cannot be read: {error.strerror or type(error).__name__}"
        self._kinds = [kind_of(*plain) for plain in self._plain]
        self._at = {self._key(entry): entry for entry in range(len(self))}

    def __len__(self) -> int:
        return len(self._keys) // _KEY

    def find(self, key: bytes) -> int:
        """Number of the entry of an image's bytes; -1 for none."""
        return self._at.get(key, -1)

    def facts(self, entry: int) -> ImageFacts:
        """The facts of an entry, which is thereby known to be of use."""
        self._met.add(entry)
        number, width, height, *measures, phash, thumbnail = ROW.unpack_from(self._rows, entry * ROW.size)
        kind: ImageKind = self._kinds[number]
        return kind.of(width, height, measures, phash, thumbnail)

    def add(self, key: bytes, facts: ImageFacts) -> None:
        """Remember what was found out about an image in this run."""
        room = len(self._fresh) < _MOST and key not in self._fresh
        if room and all(len(text) <= _LONGEST_TEXT for text in _texts(facts)):
            self._fresh[key] = None
            self._columns.add(facts)

    def save(self) -> None:
        """Write the file anew if this run found out anything. Where that is not possible, a remark says so."""
        if not self._fresh:
            return
        try:
            _write(self._path, _body(*self._kept()))
        except OSError as error:
            self.remark = self.remark or f"the cache could not be written: {error.strerror or type(error).__name__}"

    def _key(self, entry: int) -> bytes:
        return self._keys[entry * _KEY : (entry + 1) * _KEY]

    def _kept(self) -> tuple[bytes, list[Any], Table]:
        """Keys, kinds and rows of what this run met, and of some that it did not."""
        import numpy as np

        met = sorted(self._met)
        spare = [entry for entry in range(len(self)) if entry not in self._met]
        old = [*met, *spare[: max(_SPARE, len(met) + len(self._fresh))]][: _MOST - len(self._fresh)]
        rows = _table(self._rows)[old]
        rows["kind"] += len(self._columns.kinds)
        rows = np.concatenate([_table(self._columns.rows), rows])
        kinds = [*self._columns.kinds, *self._plain]
        used, rows["kind"] = np.unique(rows["kind"], return_inverse=True)
        keys = b"".join([*self._fresh, *map(self._key, old)])
        return keys, [kinds[number] for number in used.tolist()], rows


def _texts(facts: ImageFacts) -> tuple[str, ...]:
    pixels = facts.pixels
    return (facts.reason, pixels.broken, pixels.damage, pixels.skipped) if pixels else (facts.reason,)


def _table(rows: bytes | bytearray) -> Table:
    """The packed rows as an array of records."""
    import numpy as np

    sides = [("kind", "<u4"), ("width", "<u4"), ("height", "<u4")]
    row = np.dtype([*sides, ("measures", "<f8", 6), ("phash", "<u8"), ("thumbnail", "V256")])
    return np.frombuffer(rows, row)


def _body(keys: bytes, kinds: list[Any], rows: Table) -> bytes:
    head = json.dumps({"versions": _versions(), "kinds": kinds}).encode()
    return b"".join([_HEAD_SIZE.pack(len(head)), head, keys, rows.tobytes()])


def _read(path: Path) -> bytes:
    """The bytes after the checksum. Raises _UnusableError, OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size > _LARGEST:
            raise _UnusableError("it is no regular file" if about.st_size <= _LARGEST else "it is too large")
        data = file.read(_LARGEST)
    start = len(_MAGIC) + _DIGEST
    if not data.startswith(_MAGIC):
        raise _UnusableError("it is not one of this format")
    if hashlib.sha256(memoryview(data)[start:]).digest() != data[len(_MAGIC) : start]:
        raise _UnusableError("it is damaged")
    return data[start:]


def _write(path: Path, body: bytes) -> None:
    """Put the whole file in its place at once: another run may read or write it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o644)  # the step that carries it on may run as another user
            file.write(_MAGIC + hashlib.sha256(body).digest())
            file.write(body)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _parse(body: bytes) -> tuple[bytes, list[list[Any]], bytes]:
    """Keys, kinds and rows, every value of them checked. Raises _UnusableError."""
    wrong = _UnusableError("its content is not what it should be")
    size = int.from_bytes(body[: _HEAD_SIZE.size], "little")
    start = _HEAD_SIZE.size + size
    try:
        head = json.loads(body[_HEAD_SIZE.size : start])
    except (ValueError, RecursionError) as error:
        raise wrong from error
    if not isinstance(head, dict) or head.get("versions") != _versions():
        raise _UnusableError("it was made by other versions")
    kinds = head.get("kinds")
    entries, rest = divmod(len(body) - start, _KEY + ROW.size)
    if rest or entries < 0 or not isinstance(kinds, list) or not all(map(_is_kind, kinds)):
        raise wrong
    stop = start + entries * _KEY
    keys, rows = body[start:stop], body[stop:]
    if not _are_sound(_table(rows), len(kinds)):
        raise wrong
    return keys, kinds, rows


def _is_kind(plain: object) -> bool:
    if not isinstance(plain, list) or len(plain) not in {_HEADER_VALUES, len(_TYPES)}:
        return False
    typed = all(type(value) is kind for value, kind in zip(plain, _TYPES, strict=False))
    return typed and _is_possible(*plain[:_HEADER_VALUES]) and all(map(_is_short, plain))


def _is_short(value: object) -> bool:
    return not isinstance(value, str) or len(value) <= _LONGEST_TEXT


def _is_possible(status: str, format_name: str, mode: str, orientation: int, *rest: Any) -> bool:
    bits = rest[2]
    named = status in ImageStatus.__members__ and len(format_name) <= _LONGEST_NAME and len(mode) <= _LONGEST_NAME
    return named and 1 <= orientation <= 8 and 1 <= bits <= 64


def _are_sound(rows: Table, kinds: int) -> bool:
    """Whether every row refers to a kind and every number in it is one that an image can have."""
    import numpy as np

    measures = rows["measures"]
    sides = np.maximum(rows["width"], rows["height"])
    finite = np.isfinite(measures).all() and (np.abs(measures) <= _LARGEST_MEASURE).all()
    return bool((rows["kind"] < kinds).all() and (sides < _LARGEST_SIDE).all() and finite)


def _versions() -> dict[str, str]:
    """Everything that decides what facts there are about given bytes."""
    import numpy as np
    import PIL
    import simplejpeg  # type: ignore[import-untyped, unused-ignore]  # it ships no types
    from PIL import _imaging

    own = hashlib.sha256()
    for module in _MODULES:
        own.update(pkgutil.get_data(__package__, f"{module}.py") or b"")
    return {
        "hubaction": __version__,
        "modules": own.hexdigest(),
        "numpy": np.__version__,
        "Pillow": PIL.__version__,
        "libjpeg": str(getattr(_imaging, "libjpeg_turbo_version", None) or _imaging.jpeglib_version),
        "simplejpeg": simplejpeg.__version__,
    }
