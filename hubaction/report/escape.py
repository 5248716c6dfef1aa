"""Untrusted text for each place where it is shown. File names, class names and values come from strangers.

One function per sink; nothing from a dataset is printed or written without one of them. JSON needs none: its encoder
keeps every text as it is. The arguments of workflow commands are encoded in ``action/commands.py``.

=================== ============================================================
Function            Sink
=================== ============================================================
``visible``         a terminal; a message inside a workflow command; a comment in YAML
``log_line``        the log of a job
``markdown``        GitHub Markdown, in a table too
``mermaid_label``   a label in a mermaid chart
``html_text``       an element or attribute of HTML or SVG
``html_data``       JSON inside an HTML page
``sarif_text``      a message in SARIF
``xml_text``        an element or attribute of XML
=================== ============================================================
"""

from __future__ import annotations

import html
import json
import re

_MARKUP = re.compile(r"[\\`*_\[\]<>#!|~$&@]|:(?=\S)|(?<=[wW]{3})\.|(?<=[gG][hH])-")
"""What Markdown or HTML could read as markup, a mention, a reference or a link (``www.`` and ``GH-1`` included)."""

_LINKING = frozenset("@#:$.-")
"""Those that GitHub looks for in the rendered text, where an entity is the character again. Only a break of the text
helps (https://github.com/github/cmark-gfm/issues/181), and an empty comment is a break that nobody sees."""

_PLAIN_LABEL = re.compile(r"(?:[A-Za-z0-9 _.,-]|%(?!%))+")
_MOST_LABEL = 24  # characters; longer labels run into the bars

_MOST = 300
_MOST_HTML = 2_000  # a page wraps what is long


def visible(text: str, most: int | None = _MOST) -> str:
    """One line of printable text: what does not print as escapes, the middle of a very long text left out.

    What does not print: control, zero-width, direction-changing and lone surrogate characters, odd blanks, and
    characters that Unicode does not know (``str.isprintable``).
    """
    shown = text if text.isprintable() else "".join(map(_printable, text))
    return shown if most is None or len(shown) <= most else f"{shown[: most // 2]}…{shown[-most // 2 :]}"


def _printable(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def log_line(text: str) -> str:
    """One line for the log of a GitHub job: printable, and never a workflow command."""
    line = visible(text, most=None).replace("##[", "##\\[")
    return f"| {line}" if line.strip().startswith("::") else line


def markdown(text: str, most: int | None = _MOST) -> str:
    """Text inside GitHub Markdown, also in a table cell: special characters as entities, which are never markup."""
    return _MARKUP.sub(_entity, visible(text, most))


def _entity(found: re.Match[str]) -> str:
    character = found.group()
    return f"&#{ord(character)};{'<!-- -->' if character in _LINKING else ''}"


def markdown_code(text: str, most: int | None = _MOST) -> str:
    """The same in the look of code."""
    return f"<code>{markdown(text, most)}</code>"


def mermaid_label(text: str, instead: str) -> str:
    """The text where it is short and plain, else other words: mermaid has no sound way to escape a label."""
    return text if len(text) <= _MOST_LABEL and _PLAIN_LABEL.fullmatch(text) else instead


def html_text(text: str) -> str:
    """Text inside an HTML or SVG element or a quoted attribute: printable, and never markup."""
    return html.escape(visible(text, most=_MOST_HTML), quote=True)


def html_data(value: object) -> str:
    """JSON inside a ``<script type="application/json">``: nothing in it ends the element or opens another."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def sarif_text(text: str) -> str:
    """Text of a SARIF message: no part of it is read as a link to somewhere (section 3.11.6 of the standard)."""
    return visible(text).replace("](", "] (")


def xml_text(text: str) -> str:
    """Text inside an element or a quoted attribute of XML 1.0, which has no way to hold most control characters."""
    return html.escape(visible(text), quote=True)
