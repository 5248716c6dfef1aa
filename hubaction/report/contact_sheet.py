"""Contact sheets: the pictures of a report as PNG, for people who only want to look."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw, ImageFont

from hubaction.report.escape import visible
from hubaction.report.finding import Severity
from hubaction.report.model import Report
from hubaction.report.picture import Picture, Shape, ShapeKind

PER_SHEET = 24
"""Pictures of one sheet: four columns of six, some 1,300 x 1,800 pixels."""

_COLUMNS = 4
_CELL = (312, 234)  # pixels of a picture
_CAPTION = 62  # pixels below it
_GAP = 14
_MARGIN = 0.08  # of the cell around an image of which a shape sticks out
_GROUND, _STAGE, _INK, _SOFT = "#f5f6f8", "#22272e", "#1a1f26", "#57606a"
_BAD, _RIM = "#ff3b46", "#ffffff"
_COLOURS = ("#56b4e9", "#f0e442", "#00c795", "#e69f00", "#cc79a7", "#b7a5ff", "#9be8ff", "#c9e265")  # as in page.css
_LEVELS = {Severity.ERROR: "#c3202f", Severity.WARNING: "#8a5700", Severity.NOTE: "#0a58ca"}


def sheet_names(report: Report) -> list[str]:
    """The names of the files, in the order of ``render_sheets``."""
    sheets = -(-len(report.gallery.pictures) // PER_SHEET)
    return [f"contact-sheet-{number:02}.png" for number in range(1, sheets + 1)]


def render_sheets(report: Report) -> Iterator[bytes]:
    """PNG files, one after the other, so that only one is held in memory."""
    pictures = report.gallery.pictures
    for first in range(0, len(pictures), PER_SHEET):
        out = io.BytesIO()
        _sheet(report, pictures[first : first + PER_SHEET]).save(out, "PNG", compress_level=1)
        yield out.getvalue()


def _sheet(report: Report, pictures: Sequence[Picture]) -> Image.Image:
    columns = min(_COLUMNS, len(pictures))
    rows = -(-len(pictures) // columns)
    across, down = _CELL[0] + _GAP, _CELL[1] + _CAPTION + _GAP
    sheet = Image.new("RGB", (columns * across + _GAP, rows * down + _GAP), _GROUND)
    for at, picture in enumerate(pictures):
        x, y = _GAP + at % columns * across, _GAP + at // columns * down
        sheet.paste(_framed(picture), (x, y))
        _write_caption(ImageDraw.Draw(sheet), report, picture, (x, y + _CELL[1] + 5))
    return sheet


def _framed(picture: Picture) -> Image.Image:
    """The picture in the middle of a cell, its shapes drawn in."""
    cell = Image.new("RGB", _CELL, _STAGE)
    pen = ImageDraw.Draw(cell)
    left, top, width, height = _place(picture)
    if thumbnail := _decoded(picture.thumbnail):
        cell.paste(thumbnail.resize((width, height), Image.Resampling.BILINEAR), (left, top))
    else:
        pen.rectangle((left, top, left + width, top + height), fill="#4a525c")
        pen.text((_CELL[0] / 2, _CELL[1] / 2), "no picture", fill="#c9d1d9", font=_font(14), anchor="mm")
    for shape in picture.shapes:
        xs = [left + x * width for x in shape.points[::2]]
        ys = [top + y * height for y in shape.points[1::2]]
        _draw(pen, shape, list(zip(xs, ys, strict=True)))
    return cell


def _decoded(data: bytes) -> Image.Image | None:
    """None where there is no thumbnail, or where a report was read whose thumbnail is none."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            image.draft("RGB", _CELL)
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _place(picture: Picture) -> tuple[int, int, int, int]:
    """Left, top, width and height of the image in its cell, in pixels."""
    ratio = picture.width / picture.height if picture.width > 0 and picture.height > 0 else _CELL[0] / _CELL[1]
    room = 1 - 2 * _MARGIN if picture.sticks_out else 1.0
    width = max(1, round(min(_CELL[0], _CELL[1] * ratio) * room))
    height = max(1, round(min(_CELL[1], _CELL[0] / ratio) * room))
    return (_CELL[0] - width) // 2, (_CELL[1] - height) // 2, width, height


def _draw(pen: ImageDraw.ImageDraw, shape: Shape, points: list[tuple[float, float]]) -> None:
    """What is bad is thicker and has a white rim, for those who do not tell the colours apart."""
    colour = _BAD if shape.bad else _COLOURS[shape.index % len(_COLOURS)]
    widths = ((_RIM, 5), (colour, 3)) if shape.bad else ((colour, 2),)
    if shape.kind is ShapeKind.KEYPOINTS:
        for x, y in points:
            pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=colour, outline="#000000")
        return
    for paint, width in widths:
        pen.line(_closed(shape.kind, points), fill=paint, width=width, joint="curve")


def _closed(kind: ShapeKind, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if kind is ShapeKind.BOX:
        (x1, y1), (x2, y2) = points[0], points[-1]
        points = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    return [*points, points[0]]


def _write_caption(pen: ImageDraw.ImageDraw, report: Report, picture: Picture, at: tuple[int, int]) -> None:
    x, y = at
    if picture.findings:
        worst = report.new_findings[picture.findings[0]]
        more = f"  and {len(picture.findings) - 1:,} more" if len(picture.findings) > 1 else ""
        title = f"{worst.severity.word}  {worst.rule} {report.rules[worst.rule].name}{more}"
        pen.text((x, y), _fitted(title, 14), fill=_LEVELS[worst.severity], font=_font(14))
    name = f"{picture.path}  ({picture.caption})" if picture.caption else picture.path
    pen.text((x, y + 19), _fitted(name, 13), fill=_INK, font=_font(13))
    last = f"No picture: {picture.reason}" if picture.reason else f"{picture.split}  {picture.width} x {picture.height}"
    pen.text((x, y + 37), _fitted(last, 13), fill=_SOFT, font=_font(13))


def _fitted(text: str, size: int) -> str:
    """The text as wide as a cell at most, its middle left out. What the font does not know is written as an escape."""
    shown = visible(text).replace("…", "...").encode("latin-1", "backslashreplace").decode("latin-1")
    font, keep = _font(size), len(shown)
    fitted = shown
    while font.getlength(fitted) > _CELL[0] and keep > 2:
        keep -= 2
        fitted = f"{shown[: keep // 2]}...{shown[len(shown) - keep // 2 :]}"
    return fitted


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
