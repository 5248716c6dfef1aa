"""Report files of datasets whose names and values are tricks: the same elements as with plain words, other text."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from tricks import TRICKS, as_name, from_yaml, holds

from hubaction.report.escape import visible

each = pytest.mark.parametrize("text", TRICKS.values(), ids=TRICKS)
OWN_LINE_ENDS = re.compile(r"[ \n]+")


def read(checked: Any, text: str, name: str) -> str:
    content: str = (checked(text)[1].report_folder / name).read_text(encoding="utf-8")
    return content


def place(text: str) -> str:
    return f"labels/train/{as_name(text)}/{as_name(text)}.txt"


def values(node: Any) -> Iterator[str]:
    """Every text in a tree of JSON, keys too."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from values(value)
    elif isinstance(node, list):
        for value in node:
            yield from values(value)
    elif isinstance(node, str):
        yield node


def shape(node: Any) -> Any:
    """A tree of JSON with the type in place of each value."""
    if isinstance(node, dict):
        return {key: shape(value) for key, value in node.items()}
    if isinstance(node, list):
        return [shape(value) for value in node]
    return type(node).__name__


class Elements(HTMLParser):
    """The elements of a page with the names of their attributes, and its text by element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.outline: list[Any] = []
        self.addresses: list[str] = []
        self.policies: list[str] = []
        self.data = ""
        self.text = ""
        self._in: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outline.append((tag, tuple(name for name, _ in attrs)))
        given = dict(attrs)
        self.addresses += [given[name] or "" for name in ("href", "src", "action", "formaction") if name in given]
        self._in.append("data" if given.get("id") == "data" else tag)

    def handle_endtag(self, tag: str) -> None:
        self.outline.append(tag)
        self._in.pop() if self._in else None

    def handle_comment(self, data: str) -> None:
        self.outline.append("comment")

    def unknown_decl(self, data: str) -> None:
        self.outline.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.outline.append("instruction")

    def handle_data(self, data: str) -> None:
        inside = self._in[-1] if self._in else ""
        if inside == "data":
            self.data += data
        elif inside not in {"script", "style"}:
            self.text += data


@each
def test_html(checked: Any, text: str) -> None:
    """The browser tests open such a page in a real browser."""
    page, plain = Elements(read(checked, text, "report.html")), Elements(read(checked, "plain", "report.html"))
    assert page.outline == plain.outline
    assert page.addresses == plain.addresses
    assert all(line.isprintable() for line in page.text.split("\n"))
    assert shape(json.loads(page.data)) == shape(json.loads(plain.data))
    assert all(value.isprintable() for value in values(json.loads(page.data)))
    assert any(holds(value, place(text)) for value in values(json.loads(page.data)))
    assert holds(page.text, text)


@each
def test_sarif(checked: Any, text: str) -> None:
    raw = read(checked, text, "report.sarif")
    assert raw.isascii()
    log = json.loads(raw)
    assert shape(log) == shape(json.loads(read(checked, "plain", "report.sarif")))
    assert all(value.isprintable() and not re.search(r"\]\(", value) for value in messages(log))
    error, warning = log["runs"][0]["results"]
    location = error["locations"][0]["physicalLocation"]["artifactLocation"]
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", location["uri"])
    assert holds(warning["message"]["text"], f"'test' points to {text}")


def messages(node: Any) -> Iterator[str]:
    """Texts of SARIF that are shown; its own Markdown has links of its own."""
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "text")
        for value in node.values():
            yield from messages(value)
    elif isinstance(node, list):
        for value in node:
            yield from messages(value)


@each
def test_junit(checked: Any, text: str) -> None:
    tree = ET.fromstring(read(checked, text, "junit.xml"))
    plain = ET.fromstring(read(checked, "plain", "junit.xml"))
    assert [(one.tag, list(one.attrib)) for one in tree.iter()] == [(one.tag, list(one.attrib)) for one in plain.iter()]
    shown = [part for one in tree.iter() for part in (*one.attrib.values(), one.text or "")]
    assert all(line.isprintable() for part in shown for line in part.split("\n"))
    assert any(holds(part, place(text)) for part in shown)
    assert any(holds(part, f"'test' points to {text}") for part in shown)


@each
def test_json(checked: Any, text: str) -> None:
    """A file for machines: nothing is escaped but by JSON itself, nothing is shortened."""
    report = json.loads(read(checked, text, "report.json"))
    assert shape(report) == shape(json.loads(read(checked, "plain", "report.json")))
    assert report["findings"][0]["path"] == place(text)
    assert report["dataset"]["names"] == [from_yaml(text), "dog"]


@each
def test_charts_have_plain_labels(checked: Any, page: Any, text: str) -> None:
    (classes, sizes) = page.Page(checked(text)[0].summary).charts
    axis = re.search(r'^    x-axis \["([^"]+)", "dog"\]$', classes, re.MULTILINE)
    assert axis
    assert re.fullmatch(r"\(0\)|[A-Za-z0-9 _.,-]+", axis[1])
    assert axis[1] in {"(0)", text}
    for chart in (classes, sizes):
        assert [line.split()[0] for line in chart.splitlines()] == [
            "%%{init:",
            "xychart-beta",
            "x-axis",
            "y-axis",
            "bar",
        ]


def test_plain_words_are_shown_as_they_are(checked: Any, page: Any) -> None:
    assert '"plain", "dog"' in page.Page(checked("plain")[0].summary).charts[0]
    assert visible("plain") in Elements(read(checked, "plain", "report.html")).text
