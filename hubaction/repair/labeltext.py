"""A label file as lines and tokens that can be changed one by one, all other bytes staying as they are."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_EXOTIC = re.compile("\r(?!\n)|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_NUMBER = re.compile(r"[+-]?(\d+(?:\.(\d*))?|\.(\d+))([eE][+-]?\d+)?", re.ASCII)
_TOKEN = re.compile(r"[^ \t\r\n]+")
_LEAST_DECIMALS = 6


def is_number(token: str) -> bool:
    """Whether every reader takes the token for a finite number."""
    return bool(_NUMBER.fullmatch(token)) and math.isfinite(float(token))


def has_exotic_newlines(text: str) -> bool:
    """Whether lines end in something else than LF or CR LF."""
    return bool(_EXOTIC.search(text))


def plain_newlines(text: str) -> str:
    """The text with LF for every other line end but CR LF."""
    return _EXOTIC.sub("\n", text)


def written(value: float, like: str) -> str:
    """A number with as many decimals as another had, at least 6."""
    match = _NUMBER.fullmatch(like)
    decimals = len((match[2] or match[3] or "") if match else "")
    return f"{value + 0.0:.{max(_LEAST_DECIMALS, decimals)}f}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line with tokens. ``at``: its index among the lines; ``values``: None unless all tokens are numbers."""

    at: int
    line: str
    tokens: tuple[str, ...]
    values: tuple[float, ...] | None

    def with_tokens(self, changes: dict[int, str]) -> str:
        """The line with some tokens replaced, and everything between them as it was."""
        count = -1

        def swap(match: re.Match[str]) -> str:
            nonlocal count
            count += 1
            return changes.get(count, match.group())

        return _TOKEN.sub(swap, self.line)

    def without_tokens(self, gone: set[int]) -> str:
        """The line without some tokens and the blanks before each."""
        spans = [match.span() for match in _TOKEN.finditer(self.line)]
        kept, done = [], 0
        for index, (_, stop) in enumerate(spans):
            if index not in gone:
                kept.append(self.line[done:stop])
            done = stop
        return "".join(kept) + self.line[done:]


@dataclass(frozen=True, slots=True)
class LabelText:
    """The lines of a label file with their ends."""

    lines: tuple[str, ...]

    @classmethod
    def parse(cls, raw: bytes | None) -> LabelText | None:
        """None where the text is not plain: not UTF-8, with a byte order mark, or with exotic line ends."""
        if raw is None:
            return None
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            return None
        if text.startswith("\ufeff") or has_exotic_newlines(text):
            return None
        return cls(tuple(text.splitlines(keepends=True)))

    def rows(self) -> list[Row]:
        """The lines that hold anything."""
        found = []
        for at, line in enumerate(self.lines):
            tokens = tuple(_TOKEN.findall(line))
            if tokens:
                found.append(Row(at, line, tokens, _values(tokens)))
        return found

    def with_lines(self, changes: dict[int, str | None]) -> bytes:
        """The file with some lines replaced, or gone where None."""
        lines = (changes.get(at, line) for at, line in enumerate(self.lines))
        return "".join(line for line in lines if line is not None).encode()


def _values(tokens: tuple[str, ...]) -> tuple[float, ...] | None:
    return tuple(map(float, tokens)) if all(map(is_number, tokens)) else None
