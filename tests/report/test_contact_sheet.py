"""Contact sheets: every picture in its cell, bounded, whatever it is called."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from hubaction.report import contact_sheet
from hubaction.report.contact_sheet import PER_SHEET, render_sheets, sheet_names
from hubaction.report.model import Report
from hubaction.report.picture import Gallery, Picture, Shape, ShapeKind

GREEN = (0, 200, 0)


def thumbnail(size: tuple[int, int] = (120, 90)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, GREEN).save(out, "JPEG", quality=95)
    return out.getvalue()


def sheets(report: Report) -> list[Image.Image]:
    return [Image.open(io.BytesIO(data), formats=("PNG",)).convert("RGB") for data in render_sheets(report)]


def of(report: Callable[..., Report], finding: Callable[..., Any], *pictures: Picture) -> Report:
    return report([finding()], gallery=Gallery(pictures, len(pictures)))


def colours(image: Image.Image) -> set[Any]:
    return {colour for _, colour in image.getcolors(1 << 24) or ()}


def near(image: Image.Image, colour: tuple[int, int, int]) -> int:
    """How many pixels nearly have a colour."""
    return sum(
        number
        for number, one in image.getcolors(1 << 24) or ()
        if isinstance(one, tuple) and all(abs(a - b) < 12 for a, b in zip(one, colour, strict=True))
    )


def test_none_without_pictures(report: Callable[..., Report]) -> None:
    assert sheets(report()) == []
    assert sheet_names(report()) == []


@pytest.mark.parametrize(("pictures", "number"), [(1, 1), (PER_SHEET, 1), (PER_SHEET + 1, 2)])
def test_one_sheet_for_so_many(
    report: Callable[..., Report], finding: Callable[..., Any], pictures: int, number: int
) -> None:
    made = of(report, finding, *[Picture(f"{index}.jpg", "train", findings=(0,)) for index in range(pictures)])
    assert len(sheets(made)) == len(sheet_names(made)) == number


def test_a_full_sheet_is_bounded(report: Callable[..., Report], finding: Callable[..., Any]) -> None:
    made = of(report, finding, *[Picture("a" * 10_000, "train", 9, 9, findings=(0,))] * PER_SHEET)
    assert max(sheets(made)[0].size) < 2000


def test_the_picture_is_there_with_its_shapes(report: Callable[..., Report], finding: Callable[..., Any]) -> None:
    shapes = (
        Shape(ShapeKind.BOX, (0.1, 0.1, 0.4, 0.4), 0, 1),
        Shape(ShapeKind.POLYGON, (0.5, 0.5, 0.9, 0.5, 0.7, 0.9), 1, 2),
        Shape(ShapeKind.ORIENTED, (0.6, 0.1, 0.9, 0.2, 0.8, 0.4, 0.5, 0.3), 2, 3),
        Shape(ShapeKind.KEYPOINTS, (0.2, 0.7), 3, 4),
    )
    plain = Picture("a.jpg", "train", 120, 90, thumbnail(), findings=(0,))
    drawn = Picture("a.jpg", "train", 120, 90, thumbnail(), shapes=shapes, findings=(0,))
    empty, full = (sheets(of(report, finding, one))[0] for one in (plain, drawn))
    assert near(full, GREEN) > 50_000
    for colour in ((0x56, 0xB4, 0xE9), (0xF0, 0xE4, 0x42), (0x00, 0xC7, 0x95), (0xE6, 0x9F, 0x00)):
        assert colour in colours(full)
        assert colour not in colours(empty)


def test_what_is_bad_is_red_with_a_white_rim(report: Callable[..., Report], finding: Callable[..., Any]) -> None:
    bad = Shape(ShapeKind.BOX, (0.1, 0.1, 0.4, 0.4), 0, 1, bad=True)
    found = colours(
        sheets(of(report, finding, Picture("a", "val", 9, 9, thumbnail(), shapes=(bad,), findings=(0,))))[0]
    )
    assert {(255, 59, 70), (255, 255, 255)} <= found


def test_a_shape_outside_is_seen(report: Callable[..., Report], finding: Callable[..., Any]) -> None:
    outside = Shape(ShapeKind.BOX, (1.02, 0.2, 1.07, 0.6), 0, 1, bad=True)
    made = of(report, finding, Picture("a", "val", 120, 90, thumbnail(), shapes=(outside,), findings=(0,)))
    assert (255, 59, 70) in colours(sheets(made)[0])


@pytest.mark.parametrize("data", [b"", b"no jpeg", b"\xff\xd8\xff\xe0\0\0"])
def test_without_a_thumbnail_there_is_a_grey_field(
    report: Callable[..., Report], finding: Callable[..., Any], data: bytes
) -> None:
    made = sheets(of(report, finding, Picture("a.jpg", "train", 0, 0, data, reason="cut off", findings=(0,))))[0]
    assert near(made, (0x4A, 0x52, 0x5C)) > 50_000


@pytest.mark.parametrize("name", ["a\nb", "\u202egpj", "猫" * 400, "\ud800", "\x1b[31m", "", "x" * 10_000])
def test_any_name_is_written(report: Callable[..., Report], finding: Callable[..., Any], name: str) -> None:
    shown = Picture(name, name, 9, 9, thumbnail(), reason=name, findings=(0, 0), caption=name)
    assert len(sheets(of(report, finding, shown))) == 1


@pytest.mark.parametrize("name", ["a.jpg", "猫" * 400, "W" * 10_000, "\u202egpj"])
def test_a_caption_is_as_wide_as_its_picture_and_in_letters_that_the_font_has(name: str) -> None:
    written = contact_sheet._fitted(name, 13)
    assert contact_sheet._font(13).getlength(written) <= contact_sheet._CELL[0]
    assert written.isprintable()
    assert all(ord(character) < 256 for character in written)
    assert (written == name) is (name == "a.jpg")


def test_a_picture_without_findings_has_its_name(report: Callable[..., Report]) -> None:
    assert len(sheets(report(gallery=Gallery((Picture("a.jpg", "train", 9, 9, thumbnail()),), 1)))) == 1
