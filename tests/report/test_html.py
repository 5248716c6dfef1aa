"""The HTML page: what it says, that it is safe whatever a dataset is called, and that it stays small."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubaction.report.escape import html_data, html_text
from hubaction.report.finding import Severity
from hubaction.report.html import render_html
from hubaction.report.html.data import MOST_FINDINGS
from hubaction.report.html.markup import Html, el
from hubaction.report.model import Report, RuleOutcome
from hubaction.report.picture import Bar, Charts, Gallery, Pair, Picture, Shape, ShapeKind, SizeCount

JPEG = b"\xff\xd8\xff\xe0 no real picture \xff\xd9"
ELEMENTS = frozenset(
    "html head meta link title style body a svg defs image use g path rect circle text header p h1 h2 h3 span code dl "
    "dt dd div nav ul ol li main section article form label select option input button noscript figure figcaption "
    "table caption thead tbody tr th td b br strong dialog footer script".split()
)
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "end of the data": "</script><img src=x onerror=alert(1)>",
    "comment": "<!--<script>",
    "attribute": '" onload="alert(1)" x=\'',
    "entity": "&lt;b&gt;",
    "style": "</style><style>*{display:none}</style>",
    "address": "javascript:alert(1)",
    "line separators": "a\u2028b\u2029c",
    "direction": "\u202egpj.exe",
    "control": "a\x00b\x1b[31m\r\nc",
    "surrogate": "a\ud800b",
    "template": "${alert(1)} {{7*7}}",
    "long": "x" * 10_000,
}


class Page(HTMLParser):
    """What a browser would make of the page: elements, attributes, and text by element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.raw: dict[str, str] = {}
        self._open = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self._open = f"{tag} {dict(attrs).get('type', '')}".strip()

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.raw[self._open] = self.raw.get(self._open, "") + data
        else:
            self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!--", {}))

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw["script application/json"])
        return found

    def having(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag and attributes.items() <= attrs.items()]


def picture(path: str = "images/train/a.jpg", **changes: Any) -> Picture:
    shapes = (
        Shape(ShapeKind.BOX, (0.1, 0.2, 0.5, 0.6), 0, 1),
        Shape(ShapeKind.POLYGON, (0.1, 0.1, 0.2, 0.1, 0.2, 0.2), 1, 2, True),
        Shape(ShapeKind.KEYPOINTS, (0.3, 0.3, 0.4, 0.4), 1, 2),
    )
    values: dict[str, Any] = {
        "path": path,
        "split": "train",
        "width": 200,
        "height": 100,
        "thumbnail": JPEG,
        "shapes": shapes,
        "findings": (0,),
        "label": "labels/train/a.txt",
    }
    return Picture(**{**values, **changes})


def charts() -> Charts:
    centres = tuple(tuple(int(x == y) for x in range(32)) for y in range(32))
    return Charts(centres, (Bar("0", 3), Bar("1", 0)), (Bar("below 1 %", 0),), (SizeCount(640, 480, 7),), 2)


@pytest.fixture
def full(report: Callable[..., Report], finding: Callable[..., Any]) -> Report:
    """A report with a bit of everything."""
    found = [finding("labels/train/a.txt", 2), finding("data.yaml", 3, rule="Y2", severity=Severity.WARNING)]
    gallery = Gallery((picture(),), 3, (Pair(picture("l.jpg"), picture("r.jpg"), "the same bytes"),), 4, (1, -1))
    return report(found, gallery=gallery, charts=charts())


# --- what it says -----------------------------------------------------------------------------------------------------


def test_the_first_part_needs_no_script(full: Report) -> None:
    text = Page(render_html(full)).text
    assert text.index("Failed") < text.index("What to do first") < text.index("It is wrong.") < text.index("Fix it.")
    assert "1 error and 1 warning in 1,210 images. Errors fail the check." in text
    for word in ("labels/train/a.txt:2", "It is wrong.", "Fix it.", "name-x1", "What X1."):
        assert word in text


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("passed", "Nothing was found. Errors fail the check."),
        ("unreadable", "could not be read"),
        ("interrupted", "interrupted before it was done"),
    ],
)
def test_every_verdict_is_told(report: Callable[..., Report], verdict: str, words: str) -> None:
    page = Page(render_html(report(verdict=verdict)))
    assert verdict.capitalize() in page.text
    assert words in page.text
    assert page.having("header", **{"class": f"verdict {verdict}"})


@pytest.mark.parametrize(
    ("fail_on", "words"), [("warning", "Errors and warnings fail the check."), ("never", "No finding fails the check.")]
)
def test_the_gate_is_told(report: Callable[..., Report], fail_on: str, words: str) -> None:
    assert words in Page(render_html(report(fail_on=fail_on))).text


def test_what_does_not_count_is_told(report: Callable[..., Report], finding: Callable[..., Any]) -> None:
    run = {"X1": RuleOutcome("X1", "name-x1", "findings", {Severity.ERROR: 1}, 1, known=3, tolerated=2)}
    assert "Not counted: 2 tolerated and 3 known." in Page(render_html(report([finding()], rules_run=run))).text


def test_a_clean_report_offers_no_filter(report: Callable[..., Report]) -> None:
    page = Page(render_html(report()))
    assert not page.having("form")
    assert "What to do first" not in page.text
    assert "What was checked" in page.text


def test_counts_of_rules_are_exact_though_findings_are_cut(
    report: Callable[..., Report], finding: Callable[..., Any]
) -> None:
    run = {"X1": RuleOutcome("X1", "name-x1", "findings", {Severity.ERROR: 5000}, 70)}
    text = Page(render_html(report([finding()], rules_run=run))).text
    assert "and 4,999 more in 70 files" in text
    assert "5,000" in text


def test_pictures_are_described_in_words(full: Report) -> None:
    label = Page(render_html(full)).having("button", **{"class": "look"})[0]["aria-label"]
    assert label == ("Enlarge images/train/a.jpg: name-x1. 200 by 100 pixels, split train, 2 objects, 1 at fault.")


def test_what_is_left_out_is_told(full: Report) -> None:
    text = Page(render_html(full)).text
    assert "1 of 3 images with a finding" in text
    assert "1 of 4 pairs of images" in text


def test_shapes_are_drawn_where_they_are(full: Report) -> None:
    paths = {one["d"]: one["class"] for one in Page(render_html(full)).having("path") if one.get("class")}
    assert paths["M100 100H500V300H100Z"] == "c0 box"
    assert paths["M100 50L200 50L200 100Z"] == "c1 polygon bad"
    assert paths["M300 150h0M400 200h0"] == "c1 keypoints"


def test_a_margin_for_what_sticks_out(full: Report) -> None:
    out = picture(shapes=(Shape(ShapeKind.BOX, (0.5, 0.5, 1.08, 1.0), 0, 1, True),))
    page = Page(render_html(dataclasses.replace(full, gallery=Gallery((out,), 1))))
    assert page.having("svg", viewbox="-100 -100 1200 700")


def test_a_shape_without_area_shows_as_a_dot(full: Report) -> None:
    dot = picture(shapes=(Shape(ShapeKind.BOX, (0.5, 0.5, 0.5, 0.5), -1, 1, True),))
    page = Page(render_html(dataclasses.replace(full, gallery=Gallery((dot,), 1))))
    assert page.having("path", **{"class": "none box bad dot"})


def test_no_thumbnail_has_a_reason(full: Report) -> None:
    bare = picture(thumbnail=b"", reason="cut off")
    page = Page(render_html(dataclasses.replace(full, gallery=Gallery((bare,), 1))))
    assert "No picture: cut off" in page.text
    assert not page.having("image")
    assert page.having("rect", **{"class": "missing"})


def test_equal_thumbnails_stand_in_the_page_once(full: Report) -> None:
    html = render_html(full)
    assert html.count(base64.b64encode(JPEG).decode()) == 1
    assert len(Page(html).having("use", href="#t0")) == 3


def test_findings_are_data(full: Report) -> None:
    data = Page(render_html(full)).data
    assert data["findings"][0] == [0, 2, 0, 2, 0, 0, 1, "it is wrong"]
    assert data["rules"][0] == ["X1", "name-x1", "Fix it."]
    assert data["classes"] == [[1, "dog"]]
    assert data["pictures"][0]["findings"] == [0]
    assert data["pictures"][0]["classes"] == [[0, "cat", 1], [1, "dog", 1]]


def test_known_findings_are_not_listed(report: Callable[..., Report], finding: Callable[..., Any]) -> None:
    known = dataclasses.replace(finding(message="known one"), known=True)
    assert "known one" not in render_html(report([known, finding(message="new one")]))


def test_charts_are_drawn_without_a_script(full: Report) -> None:
    page = Page(render_html(full))
    for words in (
        "Objects per class",
        "Objects per image",
        "Where objects lie",
        "640 × 480 (7 images), 2 of other sizes",
    ):
        assert words in page.text
    assert "Object sizes" not in page.text, "a chart of nothing says nothing"
    assert len([one for one in page.having("rect") if "fill-opacity" in one]) == 32
    assert page.having("svg", **{"class": "heat"})[0]["aria-label"] == (
        "Map of object centres over the image, most of them (34%) in the top left. The fullest cell holds 1."
    )


# --- safety -----------------------------------------------------------------------------------------------------------


def policy(page: Page) -> dict[str, str]:
    content = page.having("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"] or ""
    return {name: value for name, _, value in (part.strip().partition(" ") for part in content.split(";"))}


def test_only_our_own_script_and_style_may_run(full: Report) -> None:
    page = Page(render_html(full))
    rules = policy(page)
    for element, directive in (("script", "script-src"), ("style", "style-src")):
        digest = base64.b64encode(hashlib.sha256(page.raw[element].encode()).digest()).decode()
        assert rules.pop(directive) == f"'sha256-{digest}'"
    assert rules == {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}


def test_the_policy_stands_before_anything_else(full: Report) -> None:
    tags = [tag for tag, _ in Page(render_html(full)).tags]
    assert tags[:4] == ["html", "head", "meta", "meta"]


def test_it_needs_nothing_from_elsewhere(full: Report) -> None:
    for tag, attributes in Page(render_html(full)).tags:
        for name in ("src", "href", "action", "srcset", "data", "poster", "formaction"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:image/jpeg;base64,", "data:,")), (tag, name)
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag


def hostile_report(full: Report, text: str) -> Report:
    """The text in every place that a dataset, or a stored report, can fill."""
    found = tuple(
        dataclasses.replace(
            one, message=text, place=dataclasses.replace(one.place, path=text, split=text, line=one.place.line)
        )
        for one in full.findings
    )
    shown = picture(text, split=text, reason=text, label=text, caption=text)
    gallery = Gallery((shown,), 1, (Pair(shown, shown, text),), 1, (0, 0))
    sizes = Charts(objects_per_image=(Bar(text, 1),), object_sizes=(Bar(text, 1),))
    return dataclasses.replace(
        full,
        path=text,
        task_reason=text,
        names=(text, text),
        findings=found,
        gallery=gallery,
        charts=sizes,
        remarks=(text,),
        config=text,
        not_run=(text,),
    )


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    return [text for one in value for text in texts_in(one)] if isinstance(value, list) else [str(value)]


def check_nothing_got_through(html: str, clean: str) -> None:
    page = Page(html)
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in Page(clean).tags]
    assert {tag for tag, _ in page.tags} <= ELEMENTS
    assert [sorted(attributes) for _, attributes in page.tags] == [
        sorted(attributes) for _, attributes in Page(clean).tags
    ]
    assert page.raw["script"] == Page(clean).raw["script"]
    assert all(character.isprintable() or character == "\n" for character in html)
    html.encode("utf-8")
    assert all(text.isprintable() for text in texts_in(page.data)), "the script shows it as it is"


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_markup(full: Report, name: str) -> None:
    check_nothing_got_through(
        render_html(hostile_report(full, HOSTILE[name])), render_html(hostile_report(full, "plain"))
    )


@given(st.text(st.characters(exclude_categories=[]), min_size=1, max_size=60).filter(str.strip))
def test_no_text_becomes_markup(full_report: Report, text: str) -> None:
    check_nothing_got_through(
        render_html(hostile_report(full_report, text)), render_html(hostile_report(full_report, "plain"))
    )


@pytest.fixture(scope="module")
def full_report(report: Callable[..., Report], finding: Callable[..., Any]) -> Report:
    return report([finding("labels/train/a.txt", 2)])


@given(st.recursive(st.text(st.characters(exclude_categories=[])) | st.integers() | st.none(), st.lists))
def test_data_in_a_script_cannot_end_it(value: Any) -> None:
    text = html_data(value)
    assert json.loads(text) == value
    assert not re.search(r"[<>&\u2028\u2029]", text)
    assert text.isascii()


@given(st.text(st.characters(exclude_categories=[])))
def test_text_is_never_markup(text: str) -> None:
    assert not re.search(r"[<>\"']", html_text(text))
    assert html_text(text).isprintable()


def test_elements_escape_what_is_no_markup() -> None:
    made = el("p", "<b>", el("i", "&"), Html("<br>"), class_='"', title="a\nb", hidden=True, id=None, open=False)
    assert made == '<p class="&quot;" title="a\\nb" hidden>&lt;b&gt;<i>&amp;</i><br></p>'


def test_a_stored_report_with_absurd_pictures_is_shown(full: Report) -> None:
    odd = picture(width=-4, height=0, findings=(), shapes=(Shape(ShapeKind.BOX, (9e15, -9e15), 2**53, -1),), more=-1)
    absurd = Charts(((-1,), (), (2, 3, 4, 5)), (Bar("", -1),), (Bar("", -1), Bar("", 2)), (SizeCount(-1, 0, -1),), -9)
    splits = {"train": dataclasses.replace(full.splits["train"], per_class=(-1, 0))}  # type: ignore[type-var]
    changed = dataclasses.replace(full, gallery=Gallery((odd,), -1, (), -1, (5, -9)), charts=absurd, splits=splits)
    assert "The dataset" in Page(render_html(changed)).text


# --- size -------------------------------------------------------------------------------------------------------------


def test_sixty_pictures_and_a_thousand_findings_stay_below_six_megabytes(
    report: Callable[..., Report], finding: Callable[..., Any]
) -> None:
    found = [finding(f"labels/train/{'long-name-' * 8}{index:04}.txt", 3, message="m" * 200) for index in range(1000)]
    outline = tuple(index / 3000 for index in range(3000))
    heavy = [
        picture(
            f"images/{index}.jpg",
            thumbnail=bytes([index]) + b"x" * 39_999,
            shapes=(Shape(ShapeKind.POLYGON, outline, 0, 1),),
        )
        for index in range(60)
    ]
    html = render_html(report(found, gallery=Gallery(tuple(heavy), 60), charts=charts()))
    assert len(html.encode()) <= 6_000_000


def test_findings_in_the_page_are_bounded(report: Callable[..., Report], finding: Callable[..., Any]) -> None:
    page = Page(render_html(report([finding("a.txt", index) for index in range(MOST_FINDINGS + 7)])))
    assert len(page.data["findings"]) == MOST_FINDINGS
    assert "7 more findings stand in the JSON report." in page.text
