"""A piece of Markdown as a reader's browser would get it from GitHub: its elements, its text, its table rows.

cmark-gfm, GitHub's own parser, renders it. What the sanitiser would take away is listed, not taken away.
"""

from __future__ import annotations

import hashlib
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options

OURS = frozenset("h2 h3 p strong em table thead tbody tr th td code details summary b pre".split())
"""Elements of which a summary consists."""

KEPT = frozenset(
    """h1 h2 h3 h4 h5 h6 h7 h8 br b i strong em a pre code img tt div ins del sup sub p ol ul table thead tbody tfoot
    blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike summary details""".split()
)
"""Elements that the sanitiser keeps: ``elements`` of lib/html/pipeline/sanitization_filter.rb in github.com/gjtorikian/
html-pipeline at 0fe57764, to which the README of github/markup refers. Later versions keep a few more."""

KEPT_ATTRIBUTES = frozenset({"align", "lang", "open"})
"""Those of the same list (``:all``) that a summary needs: alignment of cells, language of a block, open details."""

REFERENCES = {
    "mention": r"(?:^|\W)@[A-Za-z0-9][A-Za-z0-9-]*(?:/[A-Za-z0-9-]+)?",
    "issue": r"(?:^|\W)(?:[\w./-]*#|GH-)\d+",
    "commit": r"\w@[0-9a-f]{7,40}",
    "emoji": r":[\w+-]+:",
    "address": r"(?:[a-z]+://|www\.\w|\b(?:mailto|javascript|xmpp):\S)",
    "mathematics": r"\$[^$]+\$",
}
"""What GitHub looks for in a single piece of rendered text, to make a link, an emoji or a formula of it."""

_OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG
_EXTENSIONS = ["table", "strikethrough", "autolink", "tasklist"]  # without the filter of tags: what is raw shall show


def render(markdown: str) -> str:
    """HTML of Markdown as a file holds it, where a lone surrogate is an escape."""
    text = markdown.encode("utf-8", "backslashreplace").decode("utf-8")
    rendered: str = cmarkgfm.markdown_to_html_with_extensions(text, options=_OPTIONS, extensions=_EXTENSIONS)
    return rendered


def keep(charts: list[str]) -> None:
    """Put charts into the folder in HUBACTION_CHARTS, if there is one, where mermaid itself will read them."""
    if folder := os.environ.get("HUBACTION_CHARTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for chart in charts:
            name = hashlib.sha256(chart.encode()).hexdigest()[:16]
            Path(folder, f"{name}.mmd").write_text(chart, encoding="utf-8")


class Page(HTMLParser):
    """Rendered Markdown; raw HTML in it counts like everything else."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.emphasis: list[str] = []
        self.rows: list[list[str]] = []
        self.charts: list[str] = []
        self.pieces: list[str] = []
        self.outline: list[str] = []
        self._open: list[str] = []
        self.feed(render(markdown))
        self.close()
        keep(self.charts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outline.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
        elif tag in {"em", "strong"}:
            self.emphasis.append("")
        elif tag == "pre" and ("lang", "mermaid") in attrs:
            self.charts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.outline.append(f"/{tag}")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_comment(self, data: str) -> None:
        if data.strip():
            self.tags.append("!--")

    def handle_decl(self, decl: str) -> None:
        self.tags.append("!")

    def unknown_decl(self, data: str) -> None:
        self.tags.append("![")

    def handle_pi(self, data: str) -> None:
        self.tags.append("?")

    def handle_data(self, data: str) -> None:
        if "pre" in self._open:
            self.charts[-1] += data
            return
        self.pieces.append(data)
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data
        if {"em", "strong"} & set(self._open):
            self.emphasis[-1] += data

    @property
    def text(self) -> str:
        """Everything but the charts."""
        return "".join(self.pieces)

    @property
    def foreign(self) -> set[str]:
        """Elements and attributes that no summary of ours has, or that the sanitiser would take away."""
        ours = OURS & KEPT
        return (set(self.tags) - ours) | (self.attributes - KEPT_ATTRIBUTES)

    @property
    def references(self) -> list[str]:
        """Pieces of text of which GitHub would make a link, an emoji or a formula, with the kind."""
        return [
            f"{kind}: {found.group()}"
            for piece in self.pieces
            for kind, pattern in REFERENCES.items()
            if (found := re.search(pattern, piece, re.IGNORECASE))
        ]


def broken_rows(markdown: str) -> list[str]:
    """Lines of tables whose number of cells is not that of the table's first line."""
    broken: list[str] = []
    cells = 0
    for line in markdown.split("\n"):
        if not line.startswith("|"):
            cells = 0
        elif not cells:
            cells = line.count("|")
        elif line.count("|") != cells:
            broken.append(line)
    return broken
