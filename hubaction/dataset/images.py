"""What an image file is: format, size, orientation, and whether the bytes hold together."""

from __future__ import annotations

import enum
import importlib
import io
import struct
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from hubaction.dataset.defects import Detail, Kind
from hubaction.dataset.jpeg_header import read_plain_header
from hubaction.dataset.pixels import MAX_SCAN_PIXELS, PixelFacts, look_at

MIN_SIDE = 10
"""Shortest side in pixels that the loader takes (ultralytics 8.4.114 asserts it)."""

LOADER_FORMATS = frozenset({"JPEG", "MPO", "PNG", "BMP", "TIFF", "WEBP", "AVIF", "HEIF"})
"""Contents that the former loader keeps, in Pillow's names. JPEG 2000 is listed by suffix but dropped by content."""

END_OF_IMAGE = b"\xff\xd9"
_START_OF_SCAN = b"\xff\xda"
_JPEG_HEAD = b"\xff\xd8\xff"
_ORIENTATION = 274  # EXIF tag
_GPS = 0x8825  # EXIF tag: a directory of its own
_GPS_COORDINATES = (2, 4)  # latitude, longitude
_BITS_PER_SAMPLE = 258  # TIFF tag


class ImageStatus(enum.Enum):
    """How far an image could be read."""

    OK = "readable"
    NOT_READ = "its bytes could not be read"
    UNSEEN = "not looked at, as was asked for"
    UNRECOGNISED = "not an image"
    LFS_POINTER = "a Git LFS pointer"
    UNSUPPORTED = "a format that the loader does not take"
    BROKEN = "damaged or cut off"
    TOO_LARGE = "too large"


class ImageFacts(NamedTuple):
    """Facts of one image. Width and height are in pixels as stored, before EXIF orientation; 0 where unknown.

    ``unterminated``: a JPEG that does not end in FF D9 yet decodes completely, which the loader writes anew.
    ``bits``: of one channel as stored. ``animated``: the file holds several pictures that are frames or pages.
    ``has_gps``: EXIF tells where it was taken. ``progressive``: a JPEG of many scans.
    ``pixels``: None where they were not wanted or the header is unsound.
    """

    status: ImageStatus
    format: str = ""
    width: int = 0
    height: int = 0
    mode: str = ""
    orientation: int = 1
    unterminated: bool = False
    reason: str = ""
    bits: int = 8
    animated: bool = False
    has_gps: bool = False
    progressive: bool = False
    pixels: PixelFacts | None = None

    @property
    def usable(self) -> bool:
        """Whether it is a picture as far as anyone has looked."""
        return self.width > 0 or self.status is ImageStatus.UNSEEN


@dataclass(frozen=True, slots=True)
class _Signature:
    """First bytes of a format; ``plugin`` is Pillow's module for it, '' where the loader drops the format anyway."""

    format: str
    plugin: str
    heads: tuple[bytes, ...]
    at: int = 0


_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")

_SIGNATURES = (
    _Signature("JPEG", "JpegImagePlugin", (_JPEG_HEAD,)),
    _Signature("PNG", "PngImagePlugin", (b"\x89PNG\r\n\x1a\n",)),
    _Signature("WEBP", "WebPImagePlugin", (b"WEBP",), 8),
    _Signature("BMP", "BmpImagePlugin", (b"BM",)),
    _Signature("TIFF", "TiffImagePlugin", (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")),
    _Signature("AVIF", "AvifImagePlugin", (b"ftypavif", b"ftypavis"), 4),
    _Signature("HEIF", "", tuple(b"ftyp" + brand for brand in _HEIF_BRANDS), 4),
    _Signature("GIF", "", (b"GIF87a", b"GIF89a")),
    _Signature("JPEG2000", "", (b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")),
    _Signature("PPM", "", tuple(b"P%d" % n for n in range(1, 8))),
    _Signature("ICO", "", (b"\0\0\1\0",)),
    _Signature("PSD", "", (b"8BPS",)),
    _Signature("SVG", "", (b"<svg",)),
)


_IMAGE_KINDS = {
    ImageStatus.UNRECOGNISED: Kind.IMAGE_UNREADABLE,
    ImageStatus.LFS_POINTER: Kind.LFS_POINTER,
    ImageStatus.UNSUPPORTED: Kind.IMAGE_FORMAT,
    ImageStatus.BROKEN: Kind.IMAGE_DAMAGED,
    ImageStatus.TOO_LARGE: Kind.IMAGE_TOO_LARGE,
}


def image_defect(facts: ImageFacts) -> tuple[Kind, dict[str, Detail]] | None:
    """Why the loader drops an image, from its header alone; None if it keeps it."""
    if facts.status in _IMAGE_KINDS:
        detail: dict[str, Detail] = {"reason": facts.reason, "format": facts.format}
        return _IMAGE_KINDS[facts.status], detail
    if facts.status is ImageStatus.NOT_READ:
        return Kind.IMAGE_UNREADABLE, {"reason": facts.reason, "format": ""}
    if facts.status is ImageStatus.UNSEEN:
        return None
    if min(facts.width, facts.height) < MIN_SIDE:
        return Kind.IMAGE_TOO_SMALL, {"width": facts.width, "height": facts.height, "least": MIN_SIDE}
    if facts.format not in LOADER_FORMATS:
        return Kind.IMAGE_FORMAT, {"reason": "", "format": facts.format}
    return None


def image_format(head: bytes) -> str:
    """Name of the image format whose signature these first bytes bear; '' for none."""
    return next((s.format for s in _SIGNATURES if head.startswith(s.heads, s.at)), "")


def inspect_image(data: bytes, *, pixels: bool = False) -> ImageFacts:
    """Facts from an image's bytes: header by Pillow, PNG chunks checked, JPEG decoded only when its end is missing.

    Args:
        pixels: decode every image, as far as that is affordable.
    """
    facts = _plain_jpeg(data) or _inspect_by_signature(data)
    if not pixels or facts.status is not ImageStatus.OK or facts.format == "HEIF":
        return facts
    seen = look_at(data, facts.format, facts.mode, (facts.width, facts.height), progressive=facts.progressive)
    return facts._replace(pixels=seen)


def _plain_jpeg(data: bytes) -> ImageFacts | None:
    """Facts of an ordinary JPEG, read without Pillow; it has no EXIF, so no orientation and no place."""
    if not (data.startswith(_JPEG_HEAD) and data.endswith(END_OF_IMAGE)):
        return None
    plain = read_plain_header(data)
    return plain and ImageFacts(ImageStatus.OK, "JPEG", *plain[:3], progressive=plain.progressive)


def _inspect_by_signature(data: bytes) -> ImageFacts:
    signature = next((s for s in _SIGNATURES if data.startswith(s.heads, s.at)), None)
    if signature is None:
        return _not_an_image(data)
    if signature.format == "HEIF":
        return _inspect_heif(data)
    if not signature.plugin:
        return ImageFacts(ImageStatus.UNSUPPORTED, signature.format)
    importlib.import_module(f"PIL.{signature.plugin}")
    return _inspect_with_pillow(data, signature.format)


def _inspect_with_pillow(data: bytes, format_name: str) -> ImageFacts:
    try:
        return _verified(data, format_name)
    except Image.DecompressionBombError as error:
        return ImageFacts(ImageStatus.TOO_LARGE, format_name, reason=str(error))
    except UnidentifiedImageError:
        return ImageFacts(ImageStatus.BROKEN, format_name, reason="its header cannot be read")
    except Exception as error:  # noqa: BLE001 - hostile bytes make Pillow's parsers raise nearly anything; it is a value
        return ImageFacts(ImageStatus.BROKEN, format_name, reason=str(error) or type(error).__name__)


def _verified(data: bytes, format_name: str) -> ImageFacts:
    with Image.open(io.BytesIO(data), formats=(format_name,)) as image:
        facts = _header(image, data)
        if facts.format != "JPEG":
            image.verify()
            return facts
    if data.endswith(END_OF_IMAGE):
        return facts
    if facts.progressive and (scans := data.count(_START_OF_SCAN)) * facts.width * facts.height > MAX_SCAN_PIXELS:
        reason = f"its end is missing, and it is not decoded to tell more, having {scans:,} scans"
        return ImageFacts(ImageStatus.BROKEN, format_name, reason=reason)
    with Image.open(io.BytesIO(data), formats=(format_name,)) as image:
        image.load()
    return facts._replace(unterminated=True)


def _header(image: Image.Image, data: bytes) -> ImageFacts:
    has_exif = "exif" in image.info
    return ImageFacts(
        ImageStatus.OK,
        image.format or "",
        *image.size,
        image.mode,
        orientation=_orientation(image) if has_exif else 1,
        bits=_bits(image, data),
        animated=image.format not in {"JPEG", "MPO"} and bool(getattr(image, "is_animated", False)),
        has_gps=has_exif and _has_gps(image),
        progressive="progressive" in image.info,
    )


def _orientation(image: Image.Image) -> int:
    """EXIF orientation 1 to 8; 1 where the EXIF block cannot be parsed, as readers do."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a damaged EXIF block is no damage to the picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _has_gps(image: Image.Image) -> bool:
    """Whether EXIF holds a latitude or a longitude."""
    try:
        exif = image.getexif()
        return _GPS in exif and any(exif.get_ifd(_GPS).get(tag) for tag in _GPS_COORDINATES)
    except Exception:  # noqa: BLE001 - a damaged EXIF block tells no place
        return False


def _bits(image: Image.Image, data: bytes) -> int:
    """Bits of one channel as stored; Pillow's mode hides that of 16-bit colour."""
    if image.mode.startswith("I;16"):
        return 16
    if image.mode in {"I", "F"}:
        return 16 if image.format == "PNG" else 32
    if image.format == "PNG":
        return max(8, data[24])  # bit depth in IHDR
    if image.format == "TIFF":
        depth = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, 8)
        return max((d for d in (depth if isinstance(depth, tuple) else (depth,)) if isinstance(d, int)), default=8)
    return 8


def _not_an_image(data: bytes) -> ImageFacts:
    if data.startswith(b"version https://git-lfs.github.com/spec/"):
        return ImageFacts(ImageStatus.LFS_POINTER)
    return ImageFacts(ImageStatus.UNRECOGNISED, reason=_looks_like(data))


def _looks_like(data: bytes) -> str:
    head = data[:512].lstrip().lower()
    if not data:
        return "the file is empty (0 bytes)"
    if not head.strip(b"\0"):
        return "it starts with zero bytes"
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<")):
        return "it holds HTML or XML"
    if head.isascii() and all(byte >= 32 or byte in b"\t\r\n" for byte in head):
        return "it holds text"
    return f"its first bytes are {data[:8].hex(' ')}"


def _inspect_heif(data: bytes) -> ImageFacts:
    """Size from the boxes of the container (ISO/IEC 14496-12 and 23008-12); the picture itself is not decoded."""
    if data[8:12] in {b"mif1", b"msf1"}:  # these brands say nothing of the codec
        importlib.import_module("PIL.AvifImagePlugin")
        facts = _inspect_with_pillow(data, "AVIF")
        if facts.status is not ImageStatus.BROKEN:
            return facts
    meta = _meta_box(data)
    at = meta.find(b"ispe")
    if at < 0 or len(meta) < at + 16:
        return ImageFacts(ImageStatus.BROKEN, "HEIF", reason="its header is cut off or holds no image size")
    width, height = struct.unpack_from(">II", meta, at + 8)
    return ImageFacts(ImageStatus.OK, "HEIF", *_cropped(meta, width, height))


def _meta_box(data: bytes) -> bytes:
    """The whole top-level box ``meta``; b'' where it is missing or cut off."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"meta":
            return data[at : at + size] if at + size <= len(data) else b""
        if size < 8:
            break
        at += size
    return b""


def _cropped(meta: bytes, width: int, height: int) -> tuple[int, int]:
    """Width and height after a ``clap`` box (clean aperture), as decoders show the picture."""
    at = meta.find(b"clap")
    if at < 0 or len(meta) < at + 20:
        return width, height
    parts = struct.unpack_from(">IIII", meta, at + 4)
    if not parts[1] or not parts[3]:
        return width, height
    return parts[0] // parts[1], parts[2] // parts[3]
