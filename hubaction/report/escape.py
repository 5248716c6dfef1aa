"""Untrusted text for each place where it is shown. File names, class names and values come from strangers.

One function per sink; nothing from a dataset is printed or written without one of them.
"""

from __future__ import annotations

import re

_MARKUP = re.compile(r"[\\`*_\[\]<>#!|~$&@:]|(?<=[wW]{3})\.")
"""What Markdown or HTML could read as markup, a mention, a reference or a link (``www.`` included)."""

_MOST = 300


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
    return _MARKUP.sub(lambda found: f"&#{ord(found.group())};", visible(text, most))


def markdown_code(text: str, most: int | None = _MOST) -> str:
    """The same in the look of code."""
    return f"<code>{markdown(text, most)}</code>"
