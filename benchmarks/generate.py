"""Makes detection datasets to time a check on: photo-like JPEGs and box labels in one zip, the same bytes every time.

    python benchmarks/generate.py 1000 set1000.zip

Every picture is a blend of two shifted 1/f textures out of a small pool: all are different pictures, not one picture
with other bytes, and yet one costs less than 2 ms. The mean JPEG has about 70 kB.
"""

from __future__ import annotations

import argparse
import functools
import io
import zipfile
from collections.abc import Callable
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
    picture.save(stream, "JPEG", quality=quality)
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
    train, top = round(images * TRAIN_SHARE), path.stem
    splits = ["train" if index < train else "val" for index in range(images)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, f"{top}/data.yaml", data_yaml())
        sizes = [_add(archive, f"{top}/images/{splits[i]}/{i:012d}.jpg", jpeg(i)) for i in range(images)]
        for i in range(images):
            _add(archive, f"{top}/labels/{splits[i]}/{i:012d}.txt", label(i))
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
