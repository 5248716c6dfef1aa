"""Label text as compact columns. A row or token that cannot be used is a value with its line and column."""

from __future__ import annotations

import dataclasses
import enum
import re
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubaction.dataset.defects import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PLAIN = b"0123456789.eE+- \t\n"
"""Bytes of an unremarkable label file; one with others is looked at more closely."""

BOM = "\ufeff"
"""Byte order mark. It spoils the first number of the file for loaders up to 8.4.114."""

_SHOWN = 40  # characters of a token that messages show

_NEWLINES = re.compile("\r(?!\n)|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S \t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class LabelProblem:
    """Why the text of one label file cannot be turned into numbers. ``file`` is the index of the file in its table."""

    file: int
    kind: Kind
    line: int | None = None
    column: int | None = None
    value: str = ""

    def moved(self, files: int) -> LabelProblem:
        """The same problem in a table that holds ``files`` more files before this one."""
        return dataclasses.replace(self, file=self.file + files)


class NoteKind(enum.Enum):
    """Oddities of a label file that loaders take, each in its own way."""

    EXOTIC_NEWLINE = "lines end in something else than a newline"
    EXOTIC_SPACE = "columns are separated by something else than blanks and tabs"
    ODD_NUMBER = "a number is written in a way that only some readers take"
    CLASS_NOT_DIGITS = "the class is not written as digits"
    BLANK_ROW = "a line of blanks stands between rows"


@dataclass(frozen=True, slots=True)
class LabelNote:
    """An oddity of one label file: where it shows first, what stands there, and in how many lines."""

    file: int
    kind: NoteKind
    line: int
    column: int | None = None
    value: str = ""
    count: int = 1

    def moved(self, files: int) -> LabelNote:
        """The same note in a table that holds ``files`` more files before this one."""
        return dataclasses.replace(self, file=self.file + files)


@dataclass(slots=True)
class LabelColumns:
    """Rows of many label files, flat; grows file by file and travels between processes.

    Attributes:
        values: all numbers of all rows, in reading order, as doubles.
        row_stops: for each row, the index in ``values`` after its last number.
        lines: for each row, its 1-based line.
        file_stops: for each file, the index in ``lines`` after its last row.
        problems: files whose text is not numbers. Such a file has no rows, unless its byte order mark is all that is
            wrong (then the value begins with it).
        notes: oddities of files, at most one of a kind for each.
    """

    values: array[float] = field(default_factory=lambda: array("d"))
    row_stops: array[int] = field(default_factory=lambda: array("q"))
    lines: array[int] = field(default_factory=lambda: array("i"))
    file_stops: array[int] = field(default_factory=lambda: array("q"))
    problems: list[LabelProblem] = field(default_factory=list)
    notes: list[LabelNote] = field(default_factory=list)

    def add_none(self) -> None:
        """A file without rows: missing, or not to be read."""
        self.file_stops.append(len(self.lines))

    def add_problem(self, kind: Kind, line: int | None = None, column: int | None = None, value: str = "") -> None:
        self.problems.append(LabelProblem(len(self.file_stops), kind, line, column, value))
        self.add_none()

    def add_text(self, raw: bytes) -> None:
        """Append the rows of one file, read as the loader reads it: strict UTF-8, any white space, float() grammar.

        A byte order mark is a problem of the file, yet its rows are kept: only older loaders stumble over it.
        """
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.add_problem(Kind.LABEL_ENCODING, line, value=f"byte 0x{raw[error.start]:02x}")
            return
        plain = text if not text.startswith(BOM) else " " + text[1:]  # the blank keeps columns as they are
        rows, numbers = len(self.lines), len(self.values)
        if bad := self._add_rows(plain):
            del self.values[numbers:], self.lines[rows:], self.row_stops[rows:]
            self.add_problem(Kind.TOKEN_NOT_NUMBER, *bad)
            return
        if raw.translate(None, _PLAIN) or b"\r" in raw:
            self.notes += odd_characters(len(self.file_stops), plain)
        if plain is text:
            self.add_none()
        else:
            self.add_problem(Kind.TOKEN_NOT_NUMBER, 1, 1, text.split(maxsplit=1)[0][:_SHOWN])

    def _add_rows(self, text: str) -> tuple[int, int, str] | None:
        """Append all rows; on the first token that is no number give its line, column and text instead."""
        values, stops, lines = self.values, self.row_stops, self.lines
        first_row = len(lines)
        blanks: list[int] = []
        odd_classes: list[int] = []
        for number, line in enumerate(text.splitlines(), 1):
            tokens = line.split()
            if not tokens:
                if line and len(lines) > first_row:
                    blanks.append(number)
                continue
            if blanks:
                self._add_blanks(blanks)
            try:
                values.extend([*map(float, tokens)])
            except ValueError:
                return _first_bad_token(line, tokens, number)
            if not tokens[0].isdigit():
                odd_classes.append(number)
            stops.append(len(values))
            lines.append(number)
        if odd_classes:
            self._note_odd_class(text.splitlines()[odd_classes[0] - 1], odd_classes)
        return None

    def _add_blanks(self, blanks: list[int]) -> None:
        """Between rows, a line of blanks is a row without numbers."""
        file = len(self.file_stops)
        if self.notes and (known := self.notes[-1]).file == file:
            self.notes[-1] = dataclasses.replace(known, count=known.count + len(blanks))
        else:
            self.notes.append(LabelNote(file, NoteKind.BLANK_ROW, blanks[0], count=len(blanks)))
        self.row_stops.extend([len(self.values)] * len(blanks))
        self.lines.extend(blanks)
        blanks.clear()

    def _note_odd_class(self, line: str, numbers: list[int]) -> None:
        token = line.split(maxsplit=1)[0]
        at = line.index(token) + 1
        file, kind = len(self.file_stops), NoteKind.CLASS_NOT_DIGITS
        self.notes.append(LabelNote(file, kind, numbers[0], at, token[:_SHOWN], len(numbers)))

    def table(self) -> LabelTable:
        """The same columns as numpy arrays (views, no copy)."""
        import numpy as np

        return LabelTable(
            np.frombuffer(self.values, "f8"),
            np.concatenate([np.zeros(1, "i8"), np.frombuffer(self.row_stops, "i8")]),
            np.frombuffer(self.lines, "i4"),
            np.concatenate([np.zeros(1, "i8"), np.frombuffer(self.file_stops, "i8")]),
            self.problems,
            self.notes,
        )


@dataclass(frozen=True, slots=True)
class LabelTable:
    """Rows of many label files as numpy columns.

    Attributes:
        values: float64 (numbers,), all numbers in reading order.
        row_starts: int64 (rows + 1,), bounds of each row in ``values``.
        lines: int32 (rows,), 1-based line of each row.
        file_starts: int64 (files + 1,), bounds of each file in ``lines``.
        problems: files whose text is not numbers; see ``LabelColumns``.
        notes: oddities of files that loaders take.
    """

    values: NDArray[np.float64]
    row_starts: NDArray[np.int64]
    lines: NDArray[np.int32]
    file_starts: NDArray[np.int64]
    problems: list[LabelProblem]
    notes: list[LabelNote]

    def slice(self, start: int, stop: int) -> LabelTable:
        """The files ``start`` to ``stop``, renumbered from 0."""
        rows = slice(self.file_starts[start], self.file_starts[stop])
        row_starts = self.row_starts[rows.start : rows.stop + 1]
        numbers = slice(row_starts[0], row_starts[-1])
        problems = [p.moved(-start) for p in self.problems if start <= p.file < stop]
        return LabelTable(
            self.values[numbers],
            row_starts - numbers.start,
            self.lines[rows],
            self.file_starts[start : stop + 1] - rows.start,
            problems,
            [note.moved(-start) for note in self.notes if start <= note.file < stop],
        )


def join_tables(parts: list[LabelTable]) -> LabelTable:
    """One table with the files of all parts, in order."""
    import numpy as np

    files = np.cumsum([0, *(len(part.file_starts) - 1 for part in parts)])
    rows = np.cumsum([0, *(len(part.lines) for part in parts)])
    numbers = np.cumsum([0, *(len(part.values) for part in parts)])
    zero = np.zeros(1, "i8")
    return LabelTable(
        np.concatenate([np.zeros(0), *(part.values for part in parts)]),
        np.concatenate([zero, *(part.row_starts[1:] + at for part, at in zip(parts, numbers, strict=False))]),
        np.concatenate([np.zeros(0, "i4"), *(part.lines for part in parts)]),
        np.concatenate([zero, *(part.file_starts[1:] + at for part, at in zip(parts, rows, strict=False))]),
        [p.moved(int(at)) for part, at in zip(parts, files, strict=False) for p in part.problems],
        [note.moved(int(at)) for part, at in zip(parts, files, strict=False) for note in part.notes],
    )


def odd_characters(file: int, text: str) -> list[LabelNote]:
    """Oddities in the characters of a file whose rows are all numbers."""
    found = []
    for kind, pattern in ((NoteKind.EXOTIC_NEWLINE, _NEWLINES), (NoteKind.EXOTIC_SPACE, _SPACES)):
        if match := pattern.search(text):
            line, column = _position(text, match.start())
            found.append(LabelNote(file, kind, line, column, f"U+{ord(match.group()):04X}"))
    for word in re.finditer(r"\S+", text):
        if not _NUMBER.fullmatch(word.group()) and word.group().lower().lstrip("+-") not in _NOT_FINITE:
            line, column = _position(text, word.start())
            found.append(LabelNote(file, NoteKind.ODD_NUMBER, line, column, word.group()[:_SHOWN]))
            break
    return found


_NOT_FINITE = {"nan", "inf", "infinity"}


def _position(text: str, at: int) -> tuple[int, int]:
    """1-based line and column of a character, by the loader's idea of a line."""
    lines = f"{text[:at]}x".splitlines()
    return len(lines), len(lines[-1])


def _first_bad_token(line: str, tokens: list[str], number: int) -> tuple[int, int, str]:
    """Line, 1-based column in characters, and text of the first token that float() refuses."""
    column = 0
    for token in tokens:
        column = line.index(token, column)
        try:
            float(token)
        except ValueError:
            break
        column += len(token)
    return number, column + 1, token[:_SHOWN]


def token_column(raw: bytes, line: int, token: int) -> int:
    """1-based column, in characters, of a token (from 0) of a line (from 1) of a label file."""
    text = raw.decode("utf-8", errors="replace").splitlines()[line - 1]
    column = 0
    for word in text.split()[: token + 1]:
        column = text.index(word, column)
        last, column = column, column + len(word)
    return last + 1
