"""A piece of Markdown as a reader's browser would get it: its elements, its text, its table rows."""

from __future__ import annotations

from html.parser import HTMLParser

from markdown_it import MarkdownIt

OURS = frozenset("h2 h3 p strong em table thead tbody tr th td code details summary b".split())
"""Elements of which a summary consists."""


class Page(HTMLParser):
    """Rendered Markdown; raw HTML in it counts like everything else."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.emphasis: list[str] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self._open: list[str] = []
        parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        self.feed(parser.render(markdown))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
        elif tag in {"em", "strong"}:
            self.emphasis.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_comment(self, data: str) -> None:
        self.tags.append("!--")

    def handle_decl(self, decl: str) -> None:
        self.tags.append("!")

    def handle_pi(self, data: str) -> None:
        self.tags.append("?")

    def handle_data(self, data: str) -> None:
        self.text += data
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data
        if {"em", "strong"} & set(self._open):
            self.emphasis[-1] += data

    @property
    def foreign(self) -> set[str]:
        """Elements and attributes that no summary of ours has."""
        return (set(self.tags) - OURS) | (self.attributes - {"open", "style"})


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
