"""The sets to check, each in the forms that the contestants take: a zip, unpacked, with some pictures changed."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import generate

RAM_DISK = Path("/dev/shm")  # Linux has it everywhere
SPARE_BYTES = (
    3_000_000_000  # what the largest set must leave free: a contestant unpacks a smaller one, and takes memory
)


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set in a folder of its own.

    Attributes:
        archive: the zip. ``unpacked``: the dataset's folder. ``listing``: a file with the paths of its images.
        changed: a zip with other pictures in place of one in a hundred.
        cache: a folder with the file that our check leaves after ``archive``.
    """

    images: int
    home: Path

    @property
    def archive(self) -> Path:
        return self.home / f"set{self.images}.zip"

    @property
    def changed(self) -> Path:
        return self.home / f"changed{self.images}.zip"

    @property
    def unpacked(self) -> Path:
        return self.home / self.archive.stem

    @property
    def listing(self) -> Path:
        return self.home / "images.txt"

    @property
    def cache(self) -> Path:
        return self.home / "cache"


def make(images: int, folder: Path) -> DataSet:
    """The set of that many images in all its forms, as far as it is not there yet."""
    made = _home(images, folder)
    _once(made.archive, lambda path: generate.generate(images, path))
    if images >= 1 / generate.CHANGED_SHARE:
        _once(made.changed, lambda path: generate.change(made.archive, path))
    _once(made.unpacked, lambda path: _unpack(made.archive, path))
    names = sorted(str(path) for path in made.unpacked.glob("images/*/*.jpg"))
    made.listing.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    return made


def make_grown(original: DataSet, times: int, folder: Path) -> DataSet | str:
    """The zip of a set `times` as large, made of another one; or why there is no room for it."""
    made = _home(times * original.images, folder)
    needed, free = times * original.archive.stat().st_size + SPARE_BYTES, free_bytes(folder)
    if not made.archive.exists() and free < needed:
        return f"{made.images:,} images need {needed / 1e9:.0f} GB in {folder}, where {free / 1e9:.0f} GB are free"
    _once(made.archive, lambda path: generate.grow(original.archive, path, times))
    return made


def free_bytes(folder: Path) -> int:
    """Room in a folder; on a RAM disk no more than there is memory."""
    free = shutil.disk_usage(folder).free
    if not folder.resolve().is_relative_to(RAM_DISK):
        return free
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    return min(free, available)


def link_or_copy(original: Path, folder: Path) -> Path:
    """The file under the same name in `folder`: a second name for the same bytes where the disk allows it."""
    copy = folder / original.name
    try:
        os.link(original, copy)
    except OSError:
        shutil.copyfile(original, copy)
    return copy


def _home(images: int, folder: Path) -> DataSet:
    home = folder / str(images)
    home.mkdir(exist_ok=True)
    return DataSet(images, home)


def _once(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file or folder elsewhere and puts it in its place: what is there is whole."""
    if path.exists():
        return
    unfinished = path.parent / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    write(unfinished / path.name)
    (unfinished / path.name).rename(path)
    unfinished.rmdir()
    say(f"made {path.name}")


def _unpack(archive: Path, folder: Path) -> None:
    """The only top folder of the archive, as `folder`."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder.parent)
