"""An image made small for a report: a JPEG that carries nothing of the file but what one sees."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from hubaction.dataset.images import ImageFacts, ImageStatus
from hubaction.dataset.jobs import quiet_pillow
from hubaction.dataset.pixels import MAX_PIXELS

LONG_SIDE = 480
"""Pixels of a thumbnail's longer side: sharp at the width of a contact sheet's column, bearable when enlarged."""

MOST_BYTES = 40_000
"""Size of a thumbnail, so that sixty of them stay below 6 MB of HTML. Noise is packed harder until it fits."""

_ATTEMPTS = ((LONG_SIDE, 78), (LONG_SIDE, 45), (LONG_SIDE // 2, 45), (LONG_SIDE // 4, 30))  # longer side, JPEG quality
_MOST_SCANS = 100  # of a progressive JPEG; usual are 10, and every one costs a pass over the picture
_START_OF_SCAN = b"\xff\xda"


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """JPEG bytes, at most ``MOST_BYTES``; or b'' and the reason."""

    data: bytes = b""
    reason: str = ""


def refusal(facts: ImageFacts) -> str:
    """Why an image is not to be decoded, by what the scan knows of it; '' where nothing speaks against it.

    What the scan found broken may have killed a decoder there, so it is not tried again.
    """
    if facts.status is not ImageStatus.OK:
        return f"{facts.status.value}: {facts.reason}" if facts.reason else facts.status.value
    if facts.format == "HEIF":
        return "HEIF is not decoded here"
    if facts.width * facts.height > MAX_PIXELS:
        return f"{facts.width * facts.height / 1e6:,.0f} megapixels are not decoded"
    return facts.pixels.broken or facts.pixels.skipped if facts.pixels else ""


def make_thumbnail(data: bytes, format_name: str) -> Thumbnail:
    """A thumbnail of an image that ``refusal`` has nothing against. Nothing is raised for bad bytes.

    Args:
        format_name: the format by content, in Pillow's names; no other decoder is tried.
    """
    if format_name in {"JPEG", "MPO"} and data.count(_START_OF_SCAN) > _MOST_SCANS:
        return Thumbnail(reason=f"more than {_MOST_SCANS} scans are not decoded")
    try:
        with quiet_pillow(), Image.open(io.BytesIO(data), formats=(format_name.replace("MPO", "JPEG"),)) as image:
            if image.width * image.height > MAX_PIXELS:
                return Thumbnail(reason="too many pixels")
            return Thumbnail(_encoded(_small(image)))
    except Exception as error:  # noqa: BLE001 - hostile bytes make decoders raise nearly anything; it is a value
        return Thumbnail(reason=str(error) or type(error).__name__)


def _small(image: Image.Image) -> Image.Image:
    """RGB, upright, at most ``LONG_SIDE`` pixels; a JPEG is decoded at a fraction of its size."""
    if image.mode.startswith(("I", "F")):
        image = _eight_bits(image)
    elif image.mode not in {"L", "RGB", "CMYK", "YCbCr"}:
        image = image.convert("RGB")
    image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BILINEAR)
    return _upright(image).convert("RGB")


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - a damaged EXIF block is no damage to the picture
        return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits, stretched so that its darkest value is black and its brightest white."""
    wide = image.convert("F")
    low, high = (float(bound) for bound in wide.getextrema())  # type: ignore[arg-type]  # a pair: F has one channel
    scale = 255 / (high - low) if high > low else 0.0
    grey = wide.point(lambda value: value * scale - low * scale).convert("L")
    if "exif" in image.info:
        grey.info["exif"] = image.info["exif"]  # only to be turned upright by it
    return grey


def _encoded(image: Image.Image) -> bytes:
    """The first attempt that fits; Pillow would take comments over from ``info``, so that is emptied."""
    image.info.clear()
    for side, quality in _ATTEMPTS:
        image.thumbnail((side, side))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()
