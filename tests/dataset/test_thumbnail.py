"""Images made small: bounded, upright, without metadata, and hostile bytes are a value."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hubaction.dataset.images import ImageFacts, ImageStatus
from hubaction.dataset.pixels import PixelFacts
from hubaction.dataset.thumbnail import LONG_SIDE, MOST_BYTES, make_thumbnail, refusal

SOUND = ImageFacts(ImageStatus.OK, "JPEG", 640, 480)
SECRET = b"SECRET-PLACE"


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=("JPEG",))
    image.load()
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "WEBP", "AVIF"])
def test_every_format_becomes_a_small_jpeg(draw: Any, kind: str) -> None:
    small = opened(make_thumbnail(draw(kind, (900, 600), seed=3), kind).data)
    assert (small.format, small.mode, small.size) == ("JPEG", "RGB", (LONG_SIDE, LONG_SIDE * 2 // 3))


def test_small_images_are_not_blown_up(draw: Any) -> None:
    assert opened(make_thumbnail(draw("PNG", (32, 24)), "PNG").data).size == (32, 24)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I", "F", "I;16"])
def test_every_mode_is_shown(mode: str) -> None:
    kind = "TIFF" if mode in {"CMYK", "F", "I"} else "PNG"
    source = Image.new("L", (40, 20), 10)
    source.paste(240, (20, 0, 40, 20))
    wide = mode in {"I", "I;16"}
    image = Image.fromarray(np.asarray(source, dtype=np.uint16) * 200) if wide else source.convert(mode)
    grey = opened(make_thumbnail(encoded(image.convert("I") if mode == "I" else image, kind), kind).data).convert("L")
    left, right = grey.getpixel((3, 10)), grey.getpixel((36, 10))
    assert isinstance(left, int)
    assert isinstance(right, int)
    assert right - left > 150


def test_a_picture_of_one_deep_grey_is_black() -> None:
    flat = Image.fromarray(np.full((9, 9), 700, dtype=np.uint16))
    assert opened(make_thumbnail(encoded(flat), "PNG").data).getextrema() == ((0, 0), (0, 0), (0, 0))


def test_turned_upright() -> None:
    exif = Image.Exif()
    exif[274] = 6
    lying = Image.new("RGB", (80, 40), "blue")
    lying.paste((255, 0, 0), (0, 0, 20, 40))
    small = opened(make_thumbnail(encoded(lying, "JPEG", exif=exif), "JPEG").data)
    assert small.size == (40, 80)
    top = small.getpixel((20, 5))
    assert isinstance(top, tuple)
    assert top[0] > 200, "what was left is on top"


def test_damaged_exif_is_no_damage() -> None:
    data = encoded(Image.new("RGB", (80, 40), "blue"), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 40)
    assert opened(make_thumbnail(data, "JPEG").data).size == (80, 40)


@pytest.mark.parametrize("mode", ["RGB", "I;16"])
def test_nothing_is_carried_over(mode: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    if mode == "RGB":
        image = Image.new("RGB", (64, 64), "green")
        data = encoded(image, "JPEG", exif=exif, comment=SECRET, icc_profile=SECRET)
        kind = "JPEG"
    else:
        image = Image.fromarray(np.arange(4096, dtype=np.uint16).reshape(64, 64))
        data, kind = encoded(image, "PNG", exif=exif), "PNG"
    assert SECRET in data
    small = make_thumbnail(data, kind)
    assert SECRET not in small.data
    assert not {"exif", "comment", "icc_profile"} & set(opened(small.data).info)


def test_noise_is_packed_until_it_fits() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    small = make_thumbnail(encoded(Image.fromarray(noise)), "PNG")
    assert 0 < len(small.data) <= MOST_BYTES


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "JPEG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "PNG"),
        (b"BM" + b"\xff" * 60, "BMP"),
        (b"II*\0\xff\xff\xff\xff", "TIFF"),
        (b"<svg onload=alert(1)>", "PNG"),
    ],
)
def test_hostile_bytes_give_a_reason(data: bytes, kind: str) -> None:
    small = make_thumbnail(data, kind)
    assert small.data == b""
    assert small.reason


def test_only_the_decoder_of_the_format_is_tried(draw: Any) -> None:
    assert make_thumbnail(draw("PNG"), "JPEG").data == b""


def test_a_jpeg_of_countless_scans_is_refused(draw: Any) -> None:
    assert "scans" in make_thumbnail(draw("JPEG") + b"\xff\xda" * 101, "JPEG").reason


def test_a_huge_picture_is_refused(monkeypatch: pytest.MonkeyPatch, draw: Any) -> None:
    monkeypatch.setattr("hubaction.dataset.thumbnail.MAX_PIXELS", 100)
    assert make_thumbnail(draw("PNG", (11, 10)), "PNG").reason == "too many pixels"


REFUSED = {
    "broken": (SOUND._replace(status=ImageStatus.BROKEN, reason="its decoder crashed on it"), "crashed"),
    "no image": (SOUND._replace(status=ImageStatus.LFS_POINTER), "Git LFS"),
    "HEIF": (SOUND._replace(format="HEIF"), "HEIF"),
    "large": (SOUND._replace(width=50_000, height=1_000), "50 megapixels"),
    "broken pixels": (SOUND._replace(pixels=PixelFacts(broken="cut off")), "cut off"),
    "skipped": (SOUND._replace(pixels=PixelFacts(skipped="too slow")), "too slow"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_not_decoded_again(name: str) -> None:
    facts, reason = REFUSED[name]
    assert reason in refusal(facts)


@pytest.mark.parametrize("facts", [SOUND, SOUND._replace(pixels=PixelFacts(damage="a warning"))])
def test_decoded(facts: ImageFacts) -> None:
    assert refusal(facts) == ""
