"""What an image file is, from its bytes (reference, section 9)."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from hubaction.dataset.images import ImageFacts, ImageStatus, image_defect, inspect_image

Draw = Callable[..., bytes]


def inspect(data: bytes) -> ImageFacts:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd bytes; the scan keeps it quiet likewise
        return inspect_image(data)


def kind(data: bytes) -> str | None:
    """Name of the defect of an image, None for one that is kept."""
    problem = image_defect(inspect(data))
    return problem[0].name if problem else None


def heif(width: int = 640, height: int = 480, brand: bytes = b"heic") -> bytes:
    """The head of a HEIF file: a type box and an image size."""
    ispe = struct.pack(">I4sIII", 20, b"ispe", 0, width, height)
    return struct.pack(">I4s4sI4s", 20, b"ftyp", brand, 0, b"mif1") + b"\0\0\0\x40meta" + ispe + bytes(40)


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header declares this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    body = b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


def turned(draw: Draw, orientation: Any, size: tuple[int, int] = (40, 20)) -> bytes:
    exif = Image.Exif()
    exif[274] = orientation
    return draw("JPEG", size, exif=exif.tobytes())


# --- formats that are kept --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP", "TIFF", "WEBP", "AVIF"])
def test_formats_that_are_kept(draw: Draw, form: str) -> None:
    facts = inspect(draw(form, (33, 21)))
    assert (facts.status, facts.format, facts.width, facts.height) == (ImageStatus.OK, form, 33, 21)
    assert image_defect(facts) is None


def test_multi_picture_jpeg(draw: Draw) -> None:
    first = Image.open(io.BytesIO(draw()))
    out = io.BytesIO()
    first.save(out, "MPO", save_all=True, append_images=[first.copy()])
    data = out.getvalue()
    assert inspect(data).format == "MPO"
    assert kind(data) is None


def test_progressive_jpeg(draw: Draw) -> None:
    assert kind(draw("JPEG", progressive=True)) is None


@pytest.mark.parametrize(
    ("mode", "form"), [("L", "JPEG"), ("CMYK", "JPEG"), ("RGBA", "PNG"), ("P", "PNG"), ("I;16", "PNG")]
)
def test_mode_is_told(mode: str, form: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (20, 20)).save(out, form)
    assert inspect(out.getvalue()).mode == mode


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"hevc", b"mif1", b"msf1"])
def test_heif_has_the_size_of_its_head(brand: bytes) -> None:
    facts = inspect(heif(brand=brand))
    assert (facts.status, facts.format, facts.width, facts.height) == (ImageStatus.OK, "HEIF", 640, 480)


@pytest.mark.parametrize(
    "data", [heif()[:30], heif()[:44], heif().replace(b"ispe", b"xxxx")], ids=["type", "cut", "none"]
)
def test_heif_without_size_is_damaged(data: bytes) -> None:
    assert kind(data) == "IMAGE_DAMAGED"


def test_content_decides_not_the_suffix(detect: Any, draw: Draw) -> None:
    assert detect.image(draw("WEBP")).kinds() == []


# --- formats that are dropped -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["GIF", "PPM", "ICO", "JPEG2000"])
def test_formats_that_are_dropped(draw: Draw, form: str) -> None:
    data = draw(form)
    assert inspect(data).format == form
    assert kind(data) == "IMAGE_FORMAT"


@pytest.mark.parametrize("head", [b"\xff\x4f\xff\x51", b"8BPS", b"<svg xmlns=''", b"P1\n", b"P7\n", b"GIF87a"])
def test_signatures_of_formats_that_are_dropped(head: bytes) -> None:
    assert kind(head + bytes(50)) == "IMAGE_FORMAT"


def test_jp2_suffix_is_listed_and_dropped(detect: Any, draw: Draw) -> None:
    detect.image(draw("JPEG2000"), "train/x.jp2").label("", "train/x")
    assert [(d.kind.name, d.path) for d in detect.defects()] == [("IMAGE_FORMAT", "images/train/x.jp2")]


def test_tga_is_not_recognised(draw: Draw) -> None:
    assert kind(draw("TGA")) == "IMAGE_UNREADABLE"


# --- no image at all --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "0 bytes"),
        (bytes(1000), "zero bytes"),
        (b"<!DOCTYPE html><p>", "HTML"),
        (b"  <html>", "HTML"),
        (b"<?xml version='1.0'?>", "HTML or XML"),
        (b"just words\n", "text"),
        (b"\x01\x02\x03\xfe", "01 02 03 fe"),
    ],
    ids=["empty", "zeros", "doctype", "html", "xml", "text", "bytes"],
)
def test_what_the_file_is_instead(data: bytes, reason: str) -> None:
    facts = inspect(data)
    assert facts.status is ImageStatus.UNRECOGNISED
    assert reason in facts.reason


def test_lfs_pointer(detect: Any) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    assert detect.image(pointer).kinds() == ["LFS_POINTER"]


@pytest.mark.parametrize("task", ["detect", "classify"])
def test_first_bad_image_is_placed(make: Any, task: str) -> None:
    maker = make(task)
    path = next(path for path in maker.files if path.endswith(".jpg"))
    assert [d.path for d in maker.put(path, b"").defects("IMAGE_UNREADABLE")] == [path]


# --- damage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP", "TIFF", "WEBP", "AVIF"])
def test_image_cut_after_its_signature_is_damaged(draw: Draw, form: str) -> None:
    assert kind(draw(form)[:20]) == "IMAGE_DAMAGED"


def test_png_with_a_wrong_crc(draw: Draw) -> None:
    data = bytearray(draw("PNG"))
    data[data.find(b"IDAT") + 8] ^= 1
    assert kind(bytes(data)) == "IMAGE_DAMAGED"


def test_png_without_its_end(draw: Draw) -> None:
    assert kind(draw("PNG")[:-12]) == "IMAGE_DAMAGED"


def test_png_with_bytes_after_its_end(draw: Draw) -> None:
    assert kind(draw("PNG") + b"more") is None


def test_half_a_webp(draw: Draw) -> None:
    data = draw("WEBP")
    assert kind(data[: len(data) // 2]) == "IMAGE_DAMAGED"


def test_half_an_avif_is_dropped_and_three_missing_bytes_are_not(draw: Draw) -> None:
    data = draw("AVIF")
    assert kind(data[: len(data) // 2]) == "IMAGE_DAMAGED"
    assert kind(data[:-3]) is None


@pytest.mark.parametrize("form", ["BMP", "TIFF"])
def test_bmp_and_tiff_are_not_decoded(draw: Draw, form: str) -> None:
    size = (64, 64)
    if form == "BMP":
        assert kind(draw(form, size)[:-100]) is None
    else:
        data = bytearray(draw(form, size))
        data[200:300] = bytes(100)
        assert kind(bytes(data)) is None


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("cut", [1, 2, 100], ids=lambda n: f"minus {n}")
def test_jpeg_without_its_end_marker_is_dropped(draw: Draw, cut: int, progressive: bool) -> None:
    assert kind(draw("JPEG", (64, 48), progressive=progressive)[:-cut]) == "IMAGE_DAMAGED"


@pytest.mark.parametrize("tail", [b"\0", b"\n", b"trailing words", b"\xff"])
def test_good_jpeg_with_trailing_bytes_is_kept_and_told(draw: Draw, tail: bytes) -> None:
    facts = inspect(draw() + tail)
    assert facts.unterminated
    assert image_defect(facts) is None


def test_jpeg_that_ends_well_is_not_decoded(draw: Draw) -> None:
    data = bytearray(draw("JPEG", (64, 48)))
    middle = len(data) // 2 + 60
    data[middle : middle + 30] = bytes(30)
    assert inspect(bytes(data)) == inspect(draw("JPEG", (64, 48)))


def test_trailing_byte_is_a_warning_of_its_image(detect: Any, draw: Draw) -> None:
    report = detect.image(draw() + b"\0").check("hub")
    assert [(f.rule, f.place.path, f.severity.word) for f in report.findings] == [
        ("I604", "images/train/a.jpg", "warning")
    ]
    assert len(detect.rows() or []) == 2


def test_png_with_trailing_bytes_is_not_rewritten(draw: Draw) -> None:
    assert not inspect(draw("PNG") + b"x").unterminated


# --- size -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "expected"),
    [((10, 10), None), ((9, 10), "IMAGE_TOO_SMALL"), ((10, 9), "IMAGE_TOO_SMALL"), ((1, 1000), "IMAGE_TOO_SMALL")],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_shortest_side(draw: Draw, form: str, size: tuple[int, int], expected: str | None) -> None:
    assert kind(draw(form, size)) == expected


def test_small_image_tells_its_size(detect: Any, draw: Draw) -> None:
    (defect,) = detect.image(draw("PNG", (9, 12))).defects()
    assert (defect.detail["width"], defect.detail["height"], defect.detail["least"]) == (9, 12, 10)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((13_378, 13_377), "IMAGE_TOO_LARGE"),
        ((13_377, 13_377), None),
        ((10_000, 10_000), None),
        ((1 << 30, 1 << 30), "IMAGE_TOO_LARGE"),
    ],
    ids=["above", "below", "half", "absurd"],
)
def test_number_of_pixels(size: tuple[int, int], expected: str | None) -> None:
    assert kind(png_claiming(*size)) == expected


def test_bomb_in_a_dataset_is_quiet(detect: Any) -> None:
    detect.image(png_claiming(12_000, 12_000)).image(png_claiming(20_000, 20_000), "train/b.jpg")
    assert detect.kinds() == ["IMAGE_TOO_LARGE"]


# --- orientation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_told_and_sizes_stay_as_stored(draw: Draw, orientation: int) -> None:
    facts = inspect(turned(draw, orientation))
    assert (facts.orientation, facts.width, facts.height) == (orientation, 40, 20)


@pytest.mark.parametrize("orientation", [0, 9, 1000])
def test_orientation_out_of_range_is_upright(draw: Draw, orientation: int) -> None:
    assert inspect(turned(draw, orientation)).orientation == 1


def test_damaged_exif_is_no_damage(draw: Draw) -> None:
    facts = inspect(draw("JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffgarbage"))
    assert (facts.status, facts.orientation) == (ImageStatus.OK, 1)


def test_every_status_but_ok_has_a_defect() -> None:
    for status in ImageStatus:
        facts = ImageFacts(status, "JPEG", 100, 100)
        assert (image_defect(facts) is None) == (status in {ImageStatus.OK, ImageStatus.UNSEEN})
