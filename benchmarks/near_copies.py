"""How many near copies are found, on pictures of which the truth is known, and how long the search takes, as tables.

    python benchmarks/near_copies.py                   prints the tables and writes them to near_copies.md beside it
    python benchmarks/near_copies.py --photos 1000     with more photos than 200

Every photo is drawn anew: 1/f noise, as in natural pictures, with shapes on it. It is saved as a JPEG, changed, saved
again, and both files go the way that files of a dataset go.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hubaction.dataset.hash_search import pairs_within
from hubaction.dataset.near_copies import Likeness, NearCopies, Picture, find_near_copies
from hubaction.dataset.pixels import look_at

Photo = Image.Image
Change = Callable[[Photo], Photo]

RESULT = Path(__file__).with_suffix(".md")
SIZE = (640, 480)  # pixels, width and height
SMALL = (160, 120)  # of the many that are only to be distinct
MARGIN = 40  # pixels drawn around a photo, so that a frame can move
PHOTOS, DISTINCT, HASHES = 200, 10_000, 100_000
QUALITY = 88  # of the JPEG encoder, unless the change says otherwise
HEAD = """\
| change | photos | found as copies | found as one scene | not found | pairs of different photos |
| :-- | --: | --: | --: | --: | --: |
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of the pairs of one change: how many of ``total`` were found as copies and as one scene.

    ``wrong``: findings that tie photos together which have nothing to do with each other.
    """

    change: str
    total: int
    copies: int
    scenes: int
    wrong: int


def photo(seed: int, size: tuple[int, int]) -> Photo:
    """A picture of its own: three fields of 1/f noise, of which brightness has most weight, and five shapes."""
    random = np.random.default_rng([4, seed])
    width, height = size
    light = _field(random, size)
    fields = [120 + 55 * light + 20 * _field(random, size) for _ in range(3)]
    picture = Image.fromarray(np.clip(np.stack(fields, axis=-1), 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for at in range(5):
        x, y = random.integers(0, width), random.integers(0, height)
        w, h = random.integers(width // 16, width // 4, size=2)
        shape = draw.ellipse if at % 2 else draw.rectangle
        shape([int(x - w), int(y - h), int(x + w), int(y + h)], fill=tuple(random.integers(0, 256, 3).tolist()))
    return picture


def _field(random: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float32]:
    """Noise, mean 0 and deviation 1, whose amplitude falls as 1 / frequency ** 1.2."""
    width, height = size
    frequency = np.hypot(np.fft.fftfreq(height)[:, None] * height, np.fft.rfftfreq(width)[None, :] * width)
    frequency[0, 0] = np.inf
    spectrum = random.standard_normal((2, *frequency.shape)) / frequency**1.2
    field = np.fft.irfft2(spectrum[0] + 1j * spectrum[1], (height, width))
    return np.asarray(field / field.std(), dtype=np.float32)


def cropped(picture: Photo, share: float) -> Photo:
    """The middle of a picture: ``share`` of each side."""
    x, y = (round(side * (1 - share) / 2) for side in picture.size)
    return picture.crop((x, y, picture.width - x, picture.height - y))


def framed(picture: Photo, shift: int = 0) -> Photo:
    """A photo without its margin; ``shift`` pixels further right and down."""
    left = MARGIN + shift
    return picture.crop((left, left, left + SIZE[0], left + SIZE[1]))


CHANGES: dict[str, Change] = {
    "saved anew with quality 50": framed,
    "half the size": lambda one: framed(one).resize((SIZE[0] // 2, SIZE[1] // 2), Image.Resampling.BICUBIC),
    "25 % brighter": lambda one: ImageEnhance.Brightness(framed(one)).enhance(1.25),
    "grey": lambda one: ImageOps.grayscale(framed(one)),
    "cropped to 95 %": lambda one: cropped(framed(one), 0.95),
    "cropped to 85 %": lambda one: cropped(framed(one), 0.85),
    "turned by 3 degrees": lambda one: cropped(framed(one).rotate(3, Image.Resampling.BICUBIC), 0.95),
    "next frame, 2 % further": lambda one: framed(one, round(SIZE[0] * 0.02)),
    "mirrored": lambda one: ImageOps.mirror(framed(one)),
}
QUALITIES = {"saved anew with quality 50": 50}


def picture_of(image: Photo, split: str, number: int, quality: int = QUALITY) -> Picture:
    """An image saved as a JPEG and looked at as a dataset's is. Raises SystemExit where nothing can be compared."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    fingerprint = look_at(stream.getvalue(), "JPEG", image.mode, image.size, progressive=False).fingerprint
    if fingerprint is None:
        sys.exit(f"Photo {number} has no fingerprint.")
    return Picture(f"{split}/{number:06}.jpg", split, fingerprint)


def count(change: str, train: Sequence[Picture], val: Sequence[Picture], near: NearCopies) -> Found:
    """Compare findings with the truth: the number in a path tells which photo it was made of."""
    numbers = {one.path: one.path[-10:-4] for one in (*train, *val)}
    kinds = [
        [{numbers[one.path] for one in group.pictures} for group in kind]
        for kind in (near.across, near.scenes, near.within)
    ]
    copies, scenes = (sum(len(group) == 1 for group in kind) for kind in kinds[:2])
    wrong = sum(len(group) > 1 for kind in kinds for group in kind)
    return Found(change, len(val), copies, scenes, wrong)


def accuracy(photos: int) -> list[Found]:
    """Every change of that many photos, and as many others that have nothing to do with them."""
    drawn = [photo(number, (SIZE[0] + 2 * MARGIN, SIZE[1] + 2 * MARGIN)) for number in range(photos)]
    train = [picture_of(framed(one), "train", number) for number, one in enumerate(drawn)]
    results = []
    for name, change in CHANGES.items():
        quality = QUALITIES.get(name, QUALITY)
        val = [picture_of(change(one), "val", number, quality) for number, one in enumerate(drawn)]
        results.append(count(name, train, val, find_near_copies([*train, *val])))
    turned = find_near_copies([*train, *val], likeness=Likeness(mirrored=True))
    results.append(count("mirrored, with the option `mirrored`", train, val, turned))
    others = [picture_of(photo(number, SIZE), "val", number) for number in range(photos, 2 * photos)]
    results.append(count("unrelated", train, others, find_near_copies([*train, *others])))
    return results


def accuracy_table(results: Sequence[Found]) -> str:
    """A row for each change, and precision and recall."""
    rows = [_row(one) for one in results]
    anew = [one for one in results if one.change in list(CHANGES)[:4]]
    copies, total = sum(one.copies for one in anew), sum(one.total for one in anew)
    right, wrong = sum(one.copies + one.scenes for one in results), sum(one.wrong for one in results)
    summary = (
        f"Recall of pictures saved anew, scaled, brightened or made grey: {copies:,} of {total:,} "
        f"({copies / total:.1%}). Precision over all rows: {right:,} of {right + wrong:,} findings tie a photo to "
        f"itself ({right / max(1, right + wrong):.1%})."
    )
    return HEAD + "\n".join([*rows, "", summary, ""])


def _row(one: Found) -> str:
    missed = 0 if one.change == "unrelated" else one.total - one.copies - one.scenes
    return f"| {one.change} | {one.total} | {one.copies} | {one.scenes} | {missed} | {one.wrong} |"


def distinct_sentence(images: int) -> str:
    """How many findings there are among photos that are all different."""
    pictures = [picture_of(photo(number, SMALL), ("train", "val")[number % 5 == 0], number) for number in range(images)]
    started = time.perf_counter()
    near = find_near_copies(pictures)
    seconds = time.perf_counter() - started
    return (
        f"Among {images:,} distinct photos: {len(near.across) + len(near.within)} copies and {len(near.scenes)} scenes "
        f"reported; hashes searched and confirmed in {seconds:.2f} s.\n"
    )


def search_table(hashes: int) -> str:
    """Wall time of the search among random hashes, the best of three runs."""
    some = np.random.default_rng(5).integers(0, 2**64, hashes, dtype=np.uint64)
    lines = [f"| search among {hashes:,} random hashes | seconds | pairs |", "| :-- | --: | --: |"]
    for bits in (Likeness().bits, Likeness().scene_bits):
        times = []
        for _ in range(3):
            started = time.perf_counter()
            pairs = pairs_within(some, bits)
            times.append(time.perf_counter() - started)
        lines.append(f"| within {bits} bits | {min(times):.2f} | {len(pairs.first):,} |")
    return "\n".join([*lines, ""])


def tables(photos: int = PHOTOS, distinct: int = DISTINCT, hashes: int = HASHES) -> str:
    """Everything, as Markdown."""
    return "\n".join([accuracy_table(accuracy(photos)), distinct_sentence(distinct), search_table(hashes)])


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=PHOTOS, help="photos that are changed")
    text = tables(parser.parse_args().photos)
    print(text, end="")
    RESULT.write_text(f"# Near copies\n\nMade by `python benchmarks/near_copies.py`.\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
