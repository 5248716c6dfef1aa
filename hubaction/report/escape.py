"""Untrusted text for each place where it is shown. File names, class names and values come from strangers.

One function per sink; nothing from a dataset is printed or written without one of them.
"""

from __future__ import annotations

import re

_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\uffff"
    "\ud800-\udfff]"
)
"""Control, zero-width, direction-changing and lone surrogate characters, and every blank but the ordinary one."""

_MARKUP = re.compile(r"[\\`*_\[\]<>#!|~$&@:]|(?<=[wW]{3})\.")
"""What Markdown or HTML could read as markup, a mention, a reference or a link (``www.`` included)."""

_MOST = 300


def visible(text: str, most: int | None = _MOST) -> str:
    """One line of printable text: invisible characters as escapes, the middle of a very long text left out."""
    shown = _INVISIBLE.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)
    return shown if most is None or len(shown) <= most else f"{shown[: most // 2]}…{shown[-most // 2 :]}"


def log_line(text: str) -> str:
    """One line for the log of a GitHub job: printable, and never a workflow command."""
    line = visible(text, most=None).replace("##[", "##\\[")
    return f"| {line}" if line.strip().startswith("::") else line


def markdown(text: str) -> str:
    """Text inside GitHub Markdown, also in a table cell: special characters as entities, which are never markup."""
    return _MARKUP.sub(lambda found: f"&#{ord(found.group())};", visible(text))


def markdown_code(text: str) -> str:
    """The same in the look of code."""
    return f"<code>{markdown(text)}</code>"
