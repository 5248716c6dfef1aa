"""What the pixels of an image say: whether they decode to the end, and whether there is anything to see."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

MAX_PIXELS = 40_000_000
"""Images above this are not decoded to the end (a 16-bit PNG of it takes 240 MB)."""

MAX_SCAN_PIXELS = 400_000_000
"""Pixels times scans of a progressive JPEG above which it is not decoded: 40 megapixels with the usual 10 scans."""

_LEAST_SIDE = 64  # pixels: the 1/8 decode is not made smaller than this on its longer side; blur is judged at it
_LEAST_COMPARED = 32  # pixels: where I608 warns; of smaller pictures (digits, icons) different ones look the same
_START_OF_SCAN = b"\xff\xda"
_END_OF_IMAGE = b"\xff\xd9"
_GREY_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "YCbCr"}  # modes of which a grey picture means what one sees


class Quality(NamedTuple):
    """Measures of the grey 1/8 picture, brightness from 0 (black) to 1.

    ``bright``: its 99th percentile; ``dim``: its 5th percentile; ``sharpness``: 0 (blurred) to 1; ``information``:
    entropy of the grey values, 1 = 10 bits; ``spread``: standard deviation in grey levels, 0 to 127.5.
    """

    bright: float
    dim: float
    sharpness: float
    information: float
    spread: float


class Fingerprint(NamedTuple):
    """What two pictures are compared by; both parts are made from the grey 1/8 picture.

    ``phash``: 64 bits, unsigned; ``thumbnail``: 256 int8, 16 rows of 16 cells, zero mean and unit variance, scaled.
    """

    phash: int
    thumbnail: bytes


@dataclass(frozen=True, slots=True)
class PixelFacts:
    """The outcome of a decode.

    Attributes:
        broken: why it cannot be decoded to the end; '' if it can.
        damage: what the decoder warns of although it goes on.
        flat_bottom: of damaged images, the share (0 to 1) of rows at the bottom that are one grey.
        quality: None where the pixels are not what one sees (CMYK, 16 bits), or were not decoded.
        skipped: why the pixels were not looked at.
        fingerprint: None where there is no ``quality``, or too little to see for a comparison.
    """

    broken: str = ""
    damage: str = ""
    flat_bottom: float = 0.0
    quality: Quality | None = None
    skipped: str = ""
    fingerprint: Fingerprint | None = None


def preload() -> None:
    """Import what decoding needs, once, before processes split off."""
    import numpy as np  # noqa: F401
    import simplejpeg  # type: ignore[import-untyped, unused-ignore]  # noqa: F401

    import hubaction.dataset.fingerprint  # noqa: F401


def look_at(data: bytes, format_name: str, mode: str, size: tuple[int, int], *, progressive: bool) -> PixelFacts:
    """Decode an image whose header is sound: JPEG strictly and at 1/8 of its size, other formats by Pillow."""
    if format_name == "HEIF":
        return PixelFacts(skipped="HEIF is not decoded here")
    if format_name in {"JPEG", "MPO"}:
        scans = data.count(_START_OF_SCAN) if progressive else 1
        return _look_at_jpeg(data, mode, size, scans)
    return _look_with_pillow(data, format_name, size)


def _look_at_jpeg(data: bytes, mode: str, size: tuple[int, int], scans: int) -> PixelFacts:
    if size[0] * size[1] * scans > MAX_SCAN_PIXELS:
        return PixelFacts(skipped=f"{size[0] * size[1] / 1e6:,.0f} megapixels in {scans} scans are not decoded")
    try:
        grey = _grey(data, size, _LEAST_SIDE, strict=True)
    except ValueError as error:
        return _look_at_damaged(data, size, str(error))
    return _seen(grey, size) if mode in _GREY_MODES else PixelFacts()


def _seen(grey: Grey, size: tuple[int, int]) -> PixelFacts:
    """What there is to see in a picture of ``size`` pixels that decoded to its end."""
    from hubaction.dataset.fingerprint import fingerprint_of

    fingerprint = fingerprint_of(grey) if min(size) >= _LEAST_COMPARED else None
    return PixelFacts(quality=_measure(grey), fingerprint=fingerprint)


def _grey(data: bytes, size: tuple[int, int], least_side: int, *, strict: bool) -> Grey:
    """uint8 (h, w): luma at 1/8 scale, or larger where the longer side would be less than ``least_side`` pixels."""
    import simplejpeg  # type: ignore[import-untyped, unused-ignore]  # it ships no types

    width, height = size
    least = {"min_width": min(width, least_side)} if width >= height else {"min_height": min(height, least_side)}
    sides = {"min_width": 1, "min_height": 1, **least}  # the decoder scales only where both are given
    grey: Grey = simplejpeg.decode_jpeg(
        data, "GRAY", fastdct=True, fastupsample=True, min_factor=1, strict=strict, **sides
    )[..., 0]
    return grey


def _look_at_damaged(data: bytes, size: tuple[int, int], warning: str) -> PixelFacts:
    """A JPEG that the strict decoder refuses: what Pillow, by which loaders decide, and a lenient decode make of it."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            image.load()
    except Exception as error:  # noqa: BLE001 - hostile bytes make decoders raise nearly anything; it is a value
        return PixelFacts(broken=str(error) or type(error).__name__)
    if _END_OF_IMAGE not in data[data.find(_START_OF_SCAN) :]:
        return PixelFacts(broken=warning)
    try:
        grey = _grey(data, size, 1, strict=False)  # at 1/8 what stands for lost data has one value
    except ValueError as error:
        return PixelFacts(skipped=f"a kind of JPEG that the strict decoder does not know ({error})")
    return PixelFacts(damage=warning, flat_bottom=_flat_rows(grey))


def _flat_rows(grey: Grey) -> float:
    """Share of the rows, counted from the bottom, in which every pixel is the same."""
    import numpy as np

    uneven = np.flatnonzero(grey.max(axis=1) != grey.min(axis=1))
    last = int(uneven[-1]) + 1 if len(uneven) else 0
    return (len(grey) - last) / len(grey)


def _look_with_pillow(data: bytes, format_name: str, size: tuple[int, int]) -> PixelFacts:
    if size[0] * size[1] > MAX_PIXELS:
        return PixelFacts(skipped=f"{size[0] * size[1] / 1e6:,.0f} megapixels are not decoded")
    try:
        with Image.open(io.BytesIO(data), formats=(format_name,)) as image:
            image.load()
            if image.mode not in _GREY_MODES:
                return PixelFacts()
            grey = _shrunk(image)
    except Exception as error:  # noqa: BLE001 - hostile bytes make decoders raise nearly anything; it is a value
        return PixelFacts(broken=str(error) or type(error).__name__)
    return _seen(grey, size)


def _shrunk(image: Image.Image) -> Grey:
    import numpy as np

    factor = max(1, min(8, max(image.size) // _LEAST_SIDE))
    grey = image.convert("RGB").convert("L") if image.mode == "P" else image.convert("L")
    return np.asarray(grey.reduce(factor))


def _measure(grey: Grey) -> Quality:
    import numpy as np

    histogram = np.bincount(grey.ravel(), minlength=256)
    share = histogram / histogram.sum()
    below = np.cumsum(share)
    levels = np.arange(256)
    mean = float(share @ levels)
    seen = share[share > 0]
    spread = float(share @ (levels - mean) ** 2) ** 0.5
    return Quality(
        bright=int(np.searchsorted(below, 0.99)) / 255,
        dim=int(np.searchsorted(below, 0.05)) / 255,
        sharpness=_sharpness(grey, spread),
        information=float(-(seen @ np.log2(seen))) / 10,
        spread=spread,
    )


def _sharpness(grey: Grey, spread: float) -> float:
    """0 (nothing but smooth change) to 1: how strong the edges are in the picture scaled to 64 pixels.

    As cleanvision 0.3.7 does, by the standard deviation of a Laplacian of 8 neighbours; but measured against the
    picture's own contrast, so that haze is not taken for blur: 1 - exp(-edges / spread).
    """
    import numpy as np

    small = _averaged(grey, max(1, max(grey.shape) // _LEAST_SIDE))
    if min(small.shape) < 3 or not spread:
        return 1.0
    rows = small[:-2] + small[1:-1] + small[2:]
    around = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    edges = np.clip(9 * small[1:-1, 1:-1] - around, 0, 255)
    return 1 - float(np.exp(-edges.std() / spread))


def _averaged(grey: Grey, factor: int) -> NDArray[np.float32]:
    """float32: means of squares of ``factor`` pixels; what does not fill a square is left out."""
    import numpy as np

    height, width = (side - side % factor for side in grey.shape)
    if factor == 1 or not height or not width:
        return grey.astype(np.float32)
    cells = grey[:height, :width].reshape(height // factor, factor, width // factor, factor)
    means: NDArray[np.float32] = cells.mean(axis=(1, 3), dtype=np.float32)
    return means
