"""Elements from text. What is no ``Html`` is escaped, so markup only ever comes from this package."""

from __future__ import annotations

from collections.abc import Iterable

from hubaction.report.escape import html_text

_VOID = frozenset({"br", "col", "input", "link", "meta"})

Attribute = str | int | float | bool | None


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def el(tag: str, *children: str, **attributes: Attribute) -> Html:
    """An element. An attribute that is None or False is left out, of one that is True only the name is written.

    Names of attributes: a trailing underscore is dropped (``class_``), the others become hyphens (``aria_label``).
    """
    named = "".join(_attribute(name, value) for name, value in attributes.items())
    opening = f"<{tag}{named}>"
    return Html(opening if tag in _VOID else f"{opening}{join(children)}</{tag}>")


def join(parts: Iterable[str]) -> Html:
    """Parts one after the other; those that are no ``Html`` are escaped."""
    return Html("".join(part if isinstance(part, Html) else html_text(part) for part in parts))


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html_text(str(value))}"'


def table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]], *, class_: str = "") -> Html:
    """A table with a caption, a row of column headings and the first cell of each row as its heading."""
    columns = [el("th", title, scope="col") for title in head]
    body = [
        el("tr", el("th", first, scope="row"), *(el("td", cell) for cell in rest)) for first, *rest in map(list, rows)
    ]
    return el(
        "table",
        el("caption", caption),
        el("thead", el("tr", *columns)),
        el("tbody", *body),
        class_=class_ or None,
    )
