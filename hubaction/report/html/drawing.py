"""Pictures with their objects drawn over them as SVG."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence

from hubaction.report.html.markup import Html, el, join
from hubaction.report.model import Report
from hubaction.report.picture import Picture, Shape, ShapeKind

COLOURS = 8
"""Colours of classes in page.css; class 8 has that of class 0 again."""

_LONG_SIDE = 1000  # units of the drawing
_MARGIN = 100  # units around an image of which a shape sticks out
_TINY = 96  # pixels: below, single pixels are shown as squares


class Thumbnails:
    """Each thumbnail stands in the page once, however often it is shown."""

    def __init__(self, pictures: Iterable[Picture]) -> None:
        self._ids: dict[bytes, str] = {}
        self._images: list[Html] = []
        for picture in pictures:
            if picture.thumbnail and picture.thumbnail not in self._ids:
                self._ids[picture.thumbnail] = key = f"t{len(self._ids)}"
                self._images.append(_stored(picture, key))

    def store(self) -> Html:
        """The invisible drawing from which the others take their pictures."""
        return el("svg", el("defs", *self._images), class_="store", aria_hidden="true", width=0, height=0)

    def image(self, picture: Picture) -> Html:
        """The picture, or a grey field in its place."""
        width, height = extent(picture)
        if picture.thumbnail:
            return el("use", href=f"#{self._ids[picture.thumbnail]}")
        return join(
            [
                el("rect", width=width, height=height, class_="missing"),
                el("text", "no picture", x=width // 2, y=height // 2),
            ]
        )


def _stored(picture: Picture, key: str) -> Html:
    width, height = extent(picture)
    data = Html(base64.b64encode(picture.thumbnail).decode("ascii"))
    tiny = "tiny" if max(picture.width, picture.height) <= _TINY else None
    href = f"data:image/jpeg;base64,{data}"
    return Html(f'<image id="{key}" width="{width}" height="{height}"{_class(tiny)} href="{href}"/>')


def _class(name: str | None) -> str:
    return f' class="{name}"' if name else ""


def extent(picture: Picture) -> tuple[int, int]:
    """Width and height in the units of the drawing: 1000 on the longer side, 4 : 3 where the size is unknown."""
    width, height = (picture.width, picture.height) if min(picture.width, picture.height) > 0 else (4, 3)
    scale = _LONG_SIDE / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def drawing(report: Report, picture: Picture, thumbnails: Thumbnails) -> Html:
    """The picture with its shapes; hidden from screen readers, which are told in words what is on it."""
    width, height = extent(picture)
    margin = _MARGIN if picture.sticks_out else 0
    shapes = el("g", *(_path(report, shape, width, height) for shape in picture.shapes), class_="shapes")
    return el(
        "svg",
        thumbnails.image(picture),
        shapes,
        viewBox=f"{-margin} {-margin} {width + 2 * margin} {height + 2 * margin}",
        aria_hidden="true",
        focusable="false",
    )


def _path(report: Report, shape: Shape, width: int, height: int) -> Html:
    """Every shape is a path: one without area then still shows as a dot."""
    xs = [round(x * width) for x in shape.points[::2]]
    ys = [round(y * height) for y in shape.points[1::2]]
    classes = [f"c{shape.index % COLOURS}" if shape.index >= 0 else "none", shape.kind.value]
    classes += ["bad"] if shape.bad else []
    classes += ["dot"] if len(set(xs)) == len(set(ys)) == 1 else []
    title = el("title", f"{class_name(report, shape.index)}, line {shape.line}{', bad' if shape.bad else ''}")
    return Html(f'<path class="{" ".join(classes)}" d="{_outline(shape.kind, xs, ys)}">{title}</path>')


def _outline(kind: ShapeKind, xs: Sequence[int], ys: Sequence[int]) -> str:
    if kind is ShapeKind.BOX:
        return f"M{xs[0]} {ys[0]}H{xs[-1]}V{ys[-1]}H{xs[0]}Z"
    points = [f"{x} {y}" for x, y in zip(xs, ys, strict=True)]
    if kind is ShapeKind.KEYPOINTS:
        return "".join(f"M{point}h0" for point in points)
    return f"M{'L'.join(points)}Z"


def class_name(report: Report, index: int) -> str:
    """The name of a class, or what stands for it."""
    if index < 0:
        return "no class of the dataset"
    return (report.names[index] if index < len(report.names) else "") or f"class {index}"
