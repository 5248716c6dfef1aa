"""Makes detection datasets to time a check on: photo-like JPEGs and box labels in one zip, the same bytes every time.

    python benchmarks/generate.py 1000 set1000.zip

Every picture is a blend of two shifted 1/f textures out of a small pool: all are different pictures, not one picture
with other bytes, and yet one costs some 2 ms. The mean JPEG has about 70 kB. To make many more, a picture is rolled
upwards without decoding it: its rows of blocks are coded one by one (restart markers), so they can change places. What
is rolled by a tenth is another picture for every check of copies, and costs 40 microseconds.
"""

from __future__ import annotations

import argparse
import functools
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

WIDTH, HEIGHT = 640, 480  # pixels
POOL = 48  # textures
CLASSES = 80
BOXES_PER_IMAGE = 5
TRAIN_SHARE = 0.8
EXPONENTS = (1.25, 1.4, 1.5, 1.6)  # of the 1/f fall-off of amplitude: photos lie about 1.0 to 1.6
QUALITIES = (75, 80, 85, 90)  # of the JPEG encoder
STAMP = (2024, 1, 1, 0, 0, 0)  # of every zip member
CHANGED_SHARE = 0.01
RESTART = re.compile(rb"\xff[\xd0-\xd7]")


@dataclass(frozen=True, slots=True)
class Made:
    """A dataset that was written: its file, number of images and mean size of a JPEG in bytes."""

    path: Path
    images: int
    mean_jpeg_bytes: float


def _field(random: np.random.Generator, exponent: float) -> NDArray[np.float64]:
    """Noise of shape (HEIGHT, WIDTH), mean 0, deviation 1, whose amplitude falls as 1 / frequency ** exponent."""
    rows, columns = np.fft.fftfreq(HEIGHT)[:, None], np.fft.rfftfreq(WIDTH)[None, :]
    frequency = np.hypot(rows, columns)
    frequency[0, 0] = np.inf
    shape = frequency.shape
    spectrum = (random.standard_normal(shape) + 1j * random.standard_normal(shape)) / frequency**exponent
    field = np.fft.irfft2(spectrum, (HEIGHT, WIDTH))
    return np.asarray(field / field.std(), dtype=np.float64)


def _texture(index: int) -> Image.Image:
    """One RGB picture of the pool: a strong common brightness and a weaker, smoother field per channel."""
    random = np.random.default_rng([1, index])
    exponent = EXPONENTS[index % len(EXPONENTS)]
    light = _field(random, exponent)
    channels = [120 + 70 * light + 25 * _field(random, exponent + 0.5) for _ in range(3)]
    return Image.fromarray(np.clip(np.stack(channels, axis=-1), 0, 255).astype(np.uint8))


@functools.cache
def _pool() -> tuple[Image.Image, ...]:
    """All textures; they wrap around, so that any shift of one is a picture without a seam."""
    return tuple(_texture(index) for index in range(POOL))


def _picture(random: np.random.Generator) -> Image.Image:
    """A picture of WIDTH x HEIGHT, or upright in one case of four."""
    first, second = (_pool()[index] for index in random.choice(POOL, size=2, replace=False))
    shifts = random.integers(0, WIDTH, size=4).tolist()
    blended = Image.blend(ImageChops.offset(first, *shifts[:2]), ImageChops.offset(second, *shifts[2:]), 0.35)
    return blended.transpose(Image.Transpose.ROTATE_90) if random.random() < 0.25 else blended


def jpeg(index: int) -> bytes:
    """The JPEG file of image number `index`."""
    random = np.random.default_rng([2, index])
    picture, quality = _picture(random), int(random.choice(QUALITIES))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality, restart_marker_rows=1)
    return stream.getvalue()


def label(index: int) -> str:
    """The label file of image number `index`: `class x y w h` rows, normalised, every box inside the picture."""
    random = np.random.default_rng([3, index])
    classes = random.integers(0, CLASSES, size=BOXES_PER_IMAGE)
    sizes = random.uniform(0.05, 0.5, size=(BOXES_PER_IMAGE, 2))
    centres = sizes / 2 + random.random((BOXES_PER_IMAGE, 2)) * (1 - sizes)
    rows = np.hstack([centres, sizes]).tolist()
    return "".join(f"{c} {x:.6f} {y:.6f} {w:.6f} {h:.6f}\n" for c, (x, y, w, h) in zip(classes, rows, strict=True))


def data_yaml() -> str:
    """The dataset's description: two splits and the class names."""
    names = "".join(f"  {number}: class-{number:02d}\n" for number in range(CLASSES))
    return f"train: images/train\nval: images/val\nnames:\n{names}"


def _add(archive: zipfile.ZipFile, name: str, content: bytes | str) -> int:
    """Adds a stored member with a fixed time; returns its size (bytes of a file, characters of a text)."""
    archive.writestr(zipfile.ZipInfo(name, STAMP), content)
    return len(content)


def generate(images: int, path: Path, label: Callable[[int], str] = label) -> Made:
    """Writes a dataset of that many images: one top folder named like the zip, in it images, labels and data.yaml."""
    return _write(path, images, (jpeg(index) for index in range(images)), label)


def change(original: Path, path: Path) -> Made:
    """Writes `original` anew with other pictures in place of one in a hundred."""
    images, step = count(original), round(1 / CHANGED_SHARE)
    old = enumerate(pictures(original))
    return _write(path, images, (picture if index % step else jpeg(images + index) for index, picture in old))


def grow(original: Path, path: Path, times: int) -> Made:
    """Writes a dataset of `times` as many images: those of `original`, each rolled by every multiple of 1 / times."""
    turns = (rolled(picture, turn / times) for turn in range(times) for picture in pictures(original))
    return _write(path, times * count(original), turns)


def rolled(picture: bytes, share: float) -> bytes:
    """The JPEG with that share of its height, in whole rows of blocks, moved from the top to the bottom."""
    scan = picture.index(b"\xff\xda")
    start = scan + 2 + int.from_bytes(picture[scan + 2 : scan + 4], "big")
    rows = RESTART.split(picture[start:-2])
    by = round(len(rows) * share)
    moved = rows[by:] + rows[:by]
    markers = [b"", *(bytes((0xFF, 0xD0 + number % 8)) for number in range(len(rows) - 1))]
    coded = b"".join(marker + row for marker, row in zip(markers, moved, strict=True))
    return picture[:start] + coded + picture[-2:]


def count(archive: Path) -> int:
    """Number of images in a dataset that was made here."""
    with zipfile.ZipFile(archive) as opened:
        return len(_image_names(opened))


def pictures(archive: Path) -> Iterator[bytes]:
    """The JPEGs of a dataset that was made here, in their order."""
    with zipfile.ZipFile(archive) as opened:
        for name in _image_names(opened):
            yield opened.read(name)


def _image_names(opened: zipfile.ZipFile) -> list[str]:
    return [name for name in opened.namelist() if name.endswith(".jpg")]


def _write(path: Path, images: int, jpegs: Iterable[bytes], label: Callable[[int], str] = label) -> Made:
    """Writes a dataset of these pictures."""
    train, top = round(images * TRAIN_SHARE), path.stem
    splits = ["train" if index < train else "val" for index in range(images)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, f"{top}/data.yaml", data_yaml())
        named = zip(splits, jpegs, strict=True)
        sizes = [_add(archive, f"{top}/images/{split}/{i:012d}.jpg", data) for i, (split, data) in enumerate(named)]
        for i, split in enumerate(splits):
            _add(archive, f"{top}/labels/{split}/{i:012d}.txt", label(i))
    return Made(path, images, sum(sizes) / images)


def main() -> None:
    """The command line: number of images, file to write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=int)
    parser.add_argument("path", type=Path)
    arguments = parser.parse_args()
    made = generate(arguments.images, arguments.path)
    print(f"{made.path}: {made.images} images, {made.mean_jpeg_bytes / 1000:.1f} kB per JPEG")


if __name__ == "__main__":
    main()
