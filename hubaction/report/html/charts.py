"""Distributions of a dataset as inline SVG and tables, drawn without a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hubaction.report.escape import visible
from hubaction.report.html.drawing import class_name
from hubaction.report.html.markup import Html, el, join, table
from hubaction.report.model import Report, SplitSummary, count
from hubaction.report.picture import Bar, Charts, SizeCount

_CLASSES = 40  # bars of the chart of classes
_SPLITS = ("train", "val", "test")
_SIZES = 5  # image sizes in words
_AXIS = 1000  # units of the drawing of image sizes, each way


def distributions(report: Report) -> Html:
    """The section on the dataset as a whole."""
    splits = {name: split for name, split in report.splits.items() if split}
    charts = report.charts or Charts()
    cards = [
        _splits(splits),
        _classes(report, splits),
        _histogram("Objects per image", "objects", "images", charts.objects_per_image),
        _histogram("Object sizes", "share of the image's side", "objects", charts.object_sizes),
        _heat_map(charts.centres),
        _image_sizes(charts),
    ]
    if not any(cards):
        return Html()
    return el(
        "section",
        el("h2", "The dataset", id="dataset-title"),
        el("div", *cards, class_="cards charts"),
        id="dataset",
        aria_labelledby="dataset-title",
    )


def _card(title: str, *content: str, class_: str = "") -> Html:
    return el("article", el("h3", title), *content, class_=f"card {class_}".strip())


def _splits(splits: Mapping[str, SplitSummary]) -> Html:
    if not splits:
        return Html()
    rows = [
        (name, *(f"{n:,}" for n in (split.images, split.kept, split.unlabelled, split.instances)))
        for name, split in splits.items()
    ]
    head = ("Split", "Images", "Kept by the loader", "Without object", "Objects")
    inner = table("Images and objects per split", head, rows, class_="numbers")
    return _card("Splits", _scrolling(inner), class_="broad")


def _scrolling(content: Html) -> Html:
    """A part that may be wider than a phone."""
    return el("div", content, class_="wide")


def _classes(report: Report, splits: Mapping[str, SplitSummary]) -> Html:
    """Objects per class, the most frequent first, as bars of one piece per split."""
    counted = {name: split.per_class for name, split in splits.items() if split.per_class}
    totals = [sum(column) for column in zip(*counted.values(), strict=False)]
    if not any(totals):
        return Html()
    order = sorted(range(len(totals)), key=lambda index: (-totals[index], index))[:_CLASSES]
    rows = []
    for index in order:
        parts = [counts[index] for counts in counted.values()]
        name = visible(class_name(report, index))
        rows.append(
            (name, f"{totals[index]:,}", *(f"{part:,}" for part in parts), _stack(parts, max(1, totals[order[0]])))
        )
    more = el("p", f"{len(totals) - _CLASSES:,} more classes.", class_="about") if len(totals) > _CLASSES else Html()
    head = ("Class", "All", *(name.capitalize() for name in counted), Html('<span class="unseen">Bar</span>'))
    title = "Images per class" if report.task == "classify" else "Objects per class"
    inner = table(f"{title} and split, most frequent first", head, rows, class_="numbers bars")
    return _card(title, _key(counted), _scrolling(inner), more, class_="broad")


def _key(splits: Iterable[str]) -> Html:
    """Which shade stands for which split."""
    marks = [
        el("span", el("svg", el("rect", width=12, height=12, class_=f"s{at}"), viewBox="0 0 12 12"), name, class_="key")
        for at, name in enumerate(splits)
    ]
    return el("p", *marks, class_="about", aria_hidden="true")


def _stack(parts: list[int], most: int) -> Html:
    """A bar 100 units long for ``most``; a part that is not zero is never quite invisible."""
    x, pieces = 0.0, []
    for at, part in enumerate(parts):
        width = max(0.6, 100 * part / most) if part else 0.0
        pieces.append(el("rect", x=f"{x:.2f}", y=0, width=f"{width:.2f}", height=10, class_=f"s{at}"))
        x += width
    return el("svg", *pieces, viewBox="0 0 102 10", preserveAspectRatio="none", class_="bar", aria_hidden="true")


def _histogram(title: str, unit: str, what: str, bars: tuple[Bar, ...]) -> Html:
    most = max((bar.count for bar in bars), default=0)
    if most <= 0:
        return Html()
    last = max(at for at, bar in enumerate(bars) if bar.count)
    rows = [(bar.label, f"{bar.count:,}", _stack([bar.count], most)) for bar in bars[: last + 1]]
    head = (unit.capitalize(), what.capitalize(), Html('<span class="unseen">Bar</span>'))
    return _card(title, _scrolling(table(f"{title}: {what} by {unit}", head, rows, class_="numbers bars")))


def _heat_map(centres: tuple[tuple[int, ...], ...]) -> Html:
    most = max((number for row in centres for number in row), default=0)
    if most <= 0:
        return Html()
    cells = [
        Html(f'<rect x="{x}" y="{y}" width="1" height="1" fill-opacity="{0.12 + 0.88 * number / most:.2f}"/>')
        for y, row in enumerate(centres)
        for x, number in enumerate(row)
        if number > 0
    ]
    side = len(centres)
    label = f"Map of object centres over the image, {_densest(centres)}. The fullest cell holds {most:,}."
    return _card(
        "Where objects lie",
        el("svg", *cells, viewBox=f"0 0 {side} {side}", role="img", aria_label=label, class_="heat"),
        el("p", f"Centres of objects over the image; the fullest cell holds {most:,}.", class_="about"),
    )


def _densest(centres: tuple[tuple[int, ...], ...]) -> str:
    """In words which ninth of the image holds most centres."""
    side = len(centres)
    names = [f"{down} {across}" for down in ("top", "middle", "bottom") for across in ("left", "centre", "right")]
    ninths = [0] * 9
    for y, row in enumerate(centres):
        for x, number in enumerate(row):
            ninths[3 * (3 * y // side) + min(2, 3 * x // side)] += max(0, number)
    best = max(range(9), key=lambda at: ninths[at])
    return f"most of them ({ninths[best] / sum(ninths):.0%}) in the {names[best]}"


def _image_sizes(charts: Charts) -> Html:
    sizes = charts.image_sizes
    if not sizes:
        return Html()
    top = [f"{one.width:,} × {one.height:,} ({count(one.count, 'image')})" for one in sizes[:_SIZES]]
    rest = sum(one.count for one in sizes[_SIZES:]) + charts.other_sizes
    text = ", ".join(top) + (f", {rest:,} of other sizes" if rest else "")
    return _card("Image sizes", _scatter(sizes), el("p", f"Width × height in pixels: {text}.", class_="about"))


def _scatter(sizes: tuple[SizeCount, ...]) -> Html:
    """A dot for each size, from (0, 0) at the bottom left; its area grows with the number of images."""
    reach = max(1, *(max(one.width, one.height) for one in sizes))
    most = max(1, *(one.count for one in sizes))
    dots = [
        el(
            "circle",
            el("title", f"{one.width:,} × {one.height:,}: {count(one.count, 'image')}"),
            cx=round(_AXIS * one.width / reach),
            cy=round(_AXIS - _AXIS * one.height / reach),
            r=round(9 + 31 * (max(0, one.count) / most) ** 0.5),
        )
        for one in sizes
    ]
    frame = Html(f'<path class="axis" d="M0 0V{_AXIS}H{_AXIS}"/><path class="square" d="M0 {_AXIS}L{_AXIS} 0"/>')
    labels = join(
        [
            el("text", f"{reach:,} px", x=_AXIS, y=_AXIS + 62, text_anchor="end"),
            el("text", "width", x=0, y=_AXIS + 62),
            el("text", f"height, up to {reach:,} px", x=12, y=-20),
        ]
    )
    return el("svg", frame, *dots, labels, viewBox="-50 -70 1110 1150", class_="scatter", aria_hidden="true")
