"""The contact sheet of the affected images, and the images that are alike side by side."""

from __future__ import annotations

from hubaction.report.escape import visible
from hubaction.report.finding import Severity
from hubaction.report.html.drawing import Thumbnails, drawing
from hubaction.report.html.markup import Html, el, join
from hubaction.report.model import Report, count
from hubaction.report.picture import Pair, Picture

MARKS = {Severity.ERROR: "✖", Severity.WARNING: "▲", Severity.NOTE: "●"}
"""A form for each severity, for those who do not tell the colours apart."""


def badge(severity: Severity) -> Html:
    """A severity as form, colour and word."""
    mark = el("span", MARKS[severity], aria_hidden="true")
    return el("span", mark, f" {severity.word}", class_=f"badge {severity.word}")


def contact_sheet(report: Report, thumbnails: Thumbnails) -> Html:
    """The affected images, worst first; nothing where none is shown."""
    gallery = report.gallery
    if not gallery.pictures:
        return Html()
    figures = [el("li", _figure(report, one, at, thumbnails)) for at, one in enumerate(gallery.pictures)]
    return el(
        "section",
        el("h2", "Pictures", id="pictures-title"),
        el("p", _left_out(report), Html(_LEGEND), class_="about"),
        el("ul", *figures, class_="sheet", id="sheet"),
        el("p", el("button", type="button", id="more-pictures", hidden=True), class_="more"),
        id="pictures",
        aria_labelledby="pictures-title",
    )


_LEGEND = (
    '<span class="key"><svg viewBox="0 0 22 12" aria-hidden="true"><path class="bad" d="M2 2H20V10H2Z"/></svg>'
    "at fault</span>"
    '<span class="key"><svg viewBox="0 0 22 12" aria-hidden="true"><path class="c0" d="M2 2H20V10H2Z"/></svg>'
    "other objects, a colour per class</span>"
)


def _left_out(report: Report) -> str:
    gallery = report.gallery
    shown = len(gallery.pictures)
    if shown == gallery.affected:
        return f"{count(shown, 'image')} with a finding. "
    return f"{shown:,} of {count(gallery.affected, 'image')} with a finding: one of each rule, then the worst. "


def _figure(report: Report, picture: Picture, number: int, thumbnails: Thumbnails) -> Html:
    worst = [report.new_findings[at] for at in picture.findings[:1]]
    rule = "".join(report.rules[one.rule].name for one in worst)
    others = f" and {len(picture.findings) - 1:,} more" if len(picture.findings) > 1 else ""
    return el(
        "figure",
        el(
            "button",
            drawing(report, picture, thumbnails),
            type="button",
            class_="look",
            data_picture=number,
            aria_label=f"Enlarge {visible(picture.path)}: {rule}{others}. {described(picture)}",
        ),
        el(
            "figcaption",
            el("span", *(badge(one.severity) for one in worst), " ", el("b", rule), others, class_="why"),
            _name(picture),
            *([el("span", _reason(picture), class_="reason")] if picture.reason else []),
        ),
    )


def _name(picture: Picture) -> Html:
    folder, slash, name = picture.path.rpartition("/")
    parts = [visible(folder + slash), el("b", visible(name))]
    label = [el("span", "class ", el("b", visible(picture.caption)), class_="label")] if picture.caption else []
    return join([el("span", *parts, class_="path"), *label])


def _reason(picture: Picture) -> str:
    return f"No picture: {visible(picture.reason)}"


def described(picture: Picture) -> str:
    """The picture for those who do not see it."""
    size = f"{picture.width} by {picture.height} pixels" if picture.width else "Unknown size"
    if not picture.label:
        return f"{size}, split {visible(picture.split)}."
    objects = {shape.line for shape in picture.shapes}
    bad = {shape.line for shape in picture.shapes if shape.bad}
    drawn = f"{count(len(objects) + picture.more, 'object')}, {len(bad):,} at fault"
    return f"{size}, split {visible(picture.split)}, {drawn}."


def pairs(report: Report, thumbnails: Thumbnails) -> Html:
    """Images that are alike, side by side; nothing where there are none."""
    gallery = report.gallery
    if not gallery.pairs:
        return Html()
    shown = len(gallery.pairs)
    about = f"{count(shown, 'pair')} of images that are alike."
    if shown < gallery.alike:
        about = f"{shown:,} of {count(gallery.alike, 'pair')} of images that are alike."
    return el(
        "section",
        el("h2", "The same picture twice", id="pairs-title"),
        el("p", about, class_="about"),
        el("ul", *(el("li", _pair(report, pair, thumbnails)) for pair in gallery.pairs), class_="pairs"),
        id="pairs",
        aria_labelledby="pairs-title",
    )


def _pair(report: Report, pair: Pair, thumbnails: Thumbnails) -> Html:
    sides = [
        el(
            "div",
            el("div", drawing(report, side, thumbnails), class_="look", role="img", aria_label=described(side)),
            el("p", _name(side), " ", el("span", side.split, class_="split"), class_="side"),
        )
        for side in (pair.left, pair.right)
    ]
    return el("figure", el("div", *sides, class_="two"), el("figcaption", pair.likeness))
