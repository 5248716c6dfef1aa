"""Plants for family I: one image of a sound set is replaced."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable

import numpy as np
from PIL import Image
from sets import picture

from plants import Plant

Change = Callable[[dict[str, bytes]], None]

FIRST = "images/train/aaapic.jpg"
CAT = "train/cat/aaapic.jpg"
CAT_IN_VAL = "val/cat/aimpic.jpg"


def put(data: bytes, path: str = FIRST) -> Change:
    """Replace an image."""
    return lambda files: files.update({path: data})


def move(path: str, to: str, data: bytes | None = None) -> Change:
    """Give an image another name, and perhaps other bytes."""

    def change(files: dict[str, bytes]) -> None:
        files[to] = data if data is not None else files[path]
        del files[path]

    return change


def saved(image: Image.Image, format: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


@functools.cache
def photo(mode: str = "RGB", size: tuple[int, int] = (160, 120)) -> Image.Image:
    """A picture that is in no sound set, always the same."""
    with Image.open(io.BytesIO(picture(77_777, size))) as image:
        return image.convert(mode)


def cut(data: bytes, percent: int, end: bytes = b"") -> bytes:
    return data[: len(data) * percent // 100] + end


def halved(data: bytes) -> bytes:
    """The second half zeros, the end marker in its place."""
    half = len(data) // 2
    return data[:half] + bytes(len(data) - half - 2) + b"\xff\xd9"


def header_only(data: bytes) -> bytes:
    return data[: data.index(b"\xff\xda")] + b"\xff\xd9"


def exif(tags: dict[int, object]) -> bytes:
    data = Image.Exif()
    data.update(tags)
    return data.tobytes()


def grey16() -> bytes:
    return saved(Image.fromarray(np.asarray(photo("L"), dtype=np.uint16) * 257), "PNG")


def flat(level: int) -> bytes:
    return saved(Image.new("RGB", (160, 120), (level,) * 3))


def shaded(low: int, high: int) -> bytes:
    """The usual picture in a narrow range of brightness."""
    values = np.asarray(photo("L"), dtype=float) / 255 * (high - low) + low
    return saved(Image.fromarray(values.astype(np.uint8)).convert("RGB"), quality=95)


def nearly_white() -> bytes:
    """The usual picture so bright that only its darkest 3 % are below white."""
    values = np.asarray(photo("L"), dtype=float)
    dark = np.percentile(values, 3)
    return saved(Image.fromarray(np.where(values < dark, values, 252).astype(np.uint8)).convert("RGB"), "PNG")


def smooth() -> bytes:
    """A slope from dark to light: many shades and no edge."""
    row = np.linspace(20, 235, 160)
    return saved(Image.fromarray(np.tile(row, (120, 1)).astype(np.uint8)).convert("RGB"), quality=95)


def two_shades() -> bytes:
    board = np.kron(np.indices((6, 8)).sum(axis=0) % 2, np.ones((20, 20))) * 120 + 60
    return saved(Image.fromarray(board.astype(np.uint8)).convert("RGB"), "PNG")


def _gif(files: dict[str, bytes]) -> None:
    """Beside the images, with no label of its name."""
    files["images/train/gifpic.gif"] = saved(photo("P"), "GIF")


PNG = saved(photo(), "PNG")
BMP = saved(photo(), "BMP")
JPEG = saved(photo(), quality=90)
WORD = "images/train/aaapic"

PLANTS: list[Plant] = [
    Plant("empty file", "I601", "error", "detect", put(b""), FIRST),
    Plant("web page", "I601", "error", "classify", put(b"<!doctype html><p>404</p>", CAT), CAT),
    Plant("cut, no end marker", "I602", "error", "detect", put(cut(JPEG, 50)), FIRST),
    Plant("cut, in classify", "I602", "error", "classify", put(cut(JPEG, 50), CAT), CAT),
    Plant("header and end marker", "I602", "error", "detect", put(header_only(JPEG)), FIRST),
    Plant("cut BMP", "I602", "error", "detect", move(FIRST, f"{WORD}.bmp", cut(BMP, 60)), f"{WORD}.bmp"),
    Plant("cut PNG", "I602", "error", "segment", move(FIRST, f"{WORD}.png", cut(PNG, 60)), f"{WORD}.png"),
    Plant("cut with end marker", "I603", "error", "detect", put(cut(JPEG, 50, b"\xff\xd9")), FIRST),
    Plant("second half zeros", "I603", "error", "classify", put(halved(JPEG), CAT), CAT),
    Plant("last bytes lost", "I603", "warning", "detect", put(cut(JPEG, 99, b"\xff\xd9")), FIRST),
    Plant("newline at the end", "I604", "warning", "detect", put(JPEG + b"\n"), FIRST),
    Plant("two pictures in a row", "I604", "warning", "classify", put(JPEG + b"extra", CAT), CAT),
    Plant("WebP called jpg", "I605", "warning", "detect", put(saved(photo(), "WEBP", quality=90)), FIRST),
    Plant("gif without a label", "I606", "warning", "detect", _gif, "images/train/gifpic.gif"),
    Plant("gif with a label", "I606", "error", "detect", move(FIRST, f"{WORD}.gif"), f"{WORD}.gif"),
    Plant("gif called jpg", "I606", "error", "detect", put(saved(photo("P"), "GIF")), FIRST),
    Plant("no suffix", "I606", "error", "detect", move(FIRST, WORD), WORD),
    Plant("unknown suffix", "I606", "error", "pose", move(FIRST, f"{WORD}.jpg_large"), f"{WORD}.jpg_large"),
    Plant("hidden", "I606", "warning", "detect", put(JPEG, "images/train/.secret/zzzpic.jpg"),
          "images/train/.secret/zzzpic.jpg"),
    Plant("avif in train", "I606", "error", "classify", move(CAT, "train/cat/aaapic.avif", saved(photo(), "AVIF")),
          "train/cat/aaapic.avif"),
    Plant("avif in val", "I606", "warning", "classify",
          move(CAT_IN_VAL, "val/cat/aimpic.avif", saved(photo(), "AVIF")), "val/cat/aimpic.avif"),
    Plant("lying on its side", "I607", "warning", "classify",
          put(saved(photo(), exif=exif({274: 6})), CAT), CAT),
    Plant("upside down", "I607", "warning", "detect", put(saved(photo(), exif=exif({274: 3}))), FIRST),
    Plant("9 pixels", "I608", "error", "classify", put(saved(photo(size=(40, 9))), CAT), CAT),
    Plant("31 pixels", "I608", "warning", "classify", put(saved(photo(size=(31, 40))), CAT), CAT),
    Plant("180 megapixels", "I609", "error", "classify",
          move(CAT, "train/cat/aaapic.png", saved(Image.new("1", (15_000, 12_000)), "PNG")), "train/cat/aaapic.png"),
    Plant("90 megapixels", "I609", "warning", "classify",
          move(CAT, "train/cat/aaapic.png", saved(Image.new("RGB", (10_000, 9_000)), "PNG")), "train/cat/aaapic.png"),
    Plant("one grey", "I610", "note", "detect", put(saved(photo("L"))), FIRST),
    Plant("CMYK", "I610", "warning", "detect", put(saved(photo("CMYK"))), FIRST),
    Plant("16 bits", "I610", "warning", "detect", move(FIRST, f"{WORD}.png", grey16()), f"{WORD}.png"),
    Plant("animated", "I610", "warning", "classify",
          move(CAT, "train/cat/aaapic.webp",
               saved(photo(), "WEBP", save_all=True, append_images=[photo().rotate(180)])), "train/cat/aaapic.webp"),
    Plant("dark", "I611", "note", "detect", put(shaded(0, 70)), FIRST),
    Plant("light", "I611", "note", "detect", move(FIRST, f"{WORD}.png", nearly_white()), f"{WORD}.png"),
    Plant("blurred", "I611", "note", "detect", put(smooth()), FIRST),
    Plant("two shades", "I611", "note", "detect", move(FIRST, f"{WORD}.png", two_shades()), f"{WORD}.png"),
    Plant("one shade", "I611", "warning", "classify", put(flat(128), CAT), CAT),
]  # fmt: skip
