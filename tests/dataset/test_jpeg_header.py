"""The quick reader of JPEG headers never says anything that Pillow would not say."""

from __future__ import annotations

import functools
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hubaction.dataset.images import ImageStatus, inspect_image
from hubaction.dataset.jpeg_header import read_plain_header


@functools.cache
def jpeg(mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((37, 21), 60).convert(mode).save(out, "JPEG", **options)
    return out.getvalue()


ORDINARY = {
    "colour": jpeg(),
    "grey": jpeg("L"),
    "progressive": jpeg(progressive=True),
    "optimised": jpeg(optimize=True),
    "subsampled": jpeg(subsampling=2, quality=40),
    "with restart intervals": jpeg(restart_marker_blocks=4),
    "with a comment": jpeg(comment=b"a comment"),
}


def pillow(data: bytes) -> tuple[int, int, str, bool] | None:
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            return (*image.size, image.mode, "progressive" in image.info) if image.format == "JPEG" else None
    except Exception:
        return None


@pytest.mark.parametrize("data", ORDINARY.values(), ids=ORDINARY.keys())
def test_an_ordinary_header_is_read(data: bytes) -> None:
    assert read_plain_header(data) == pillow(data)


@pytest.mark.parametrize(
    "data",
    [
        jpeg("CMYK"),
        jpeg(exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0"),
        jpeg(icc_profile=b"x" * 200),
        jpeg()[:150],
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff" + b"\xe0" * 40,
    ],
    ids=["cmyk", "exif", "icc", "cut in the header", "empty", "noise"],
)
def test_anything_else_is_left_to_pillow(data: bytes) -> None:
    assert read_plain_header(data) is None


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(ORDINARY.values())), st.data())
def test_a_damaged_header_is_never_read_otherwise_than_by_pillow(data: bytes, draw: st.DataObject) -> None:
    damaged = bytearray(data)
    header = data.index(b"\xff\xda") + 16
    for place in draw.draw(st.lists(st.integers(2, header), min_size=1, max_size=3)):
        damaged[place] = draw.draw(st.integers(0, 255))
    quick = read_plain_header(bytes(damaged))
    assert quick is None or quick == pillow(bytes(damaged))


def test_a_huge_header_is_left_to_the_guard_of_pillow() -> None:
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0") + 5
    data[frame : frame + 4] = b"\xff\xdc\xff\xdc"
    assert read_plain_header(bytes(data)) is None
    assert inspect_image(bytes(data)).status is ImageStatus.TOO_LARGE
