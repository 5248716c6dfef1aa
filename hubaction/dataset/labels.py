"""Label text as compact columns. A row or token that cannot be used is a value with its line and column."""

from __future__ import annotations

import dataclasses
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubaction.dataset.defects import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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


@dataclass(slots=True)
class LabelColumns:
    """Rows of many label files, flat; grows file by file and travels between processes.

    Attributes:
        values: all numbers of all rows, in reading order, as doubles.
        row_stops: for each row, the index in ``values`` after its last number.
        lines: for each row, its 1-based line.
        file_stops: for each file, the index in ``lines`` after its last row.
        problems: files whose text is not numbers; such a file has no rows.
    """

    values: array[float] = field(default_factory=lambda: array("d"))
    row_stops: array[int] = field(default_factory=lambda: array("q"))
    lines: array[int] = field(default_factory=lambda: array("i"))
    file_stops: array[int] = field(default_factory=lambda: array("q"))
    problems: list[LabelProblem] = field(default_factory=list)

    def add_none(self) -> None:
        """A file without rows: missing, or not to be read."""
        self.file_stops.append(len(self.lines))

    def add_problem(self, kind: Kind, line: int | None = None, column: int | None = None, value: str = "") -> None:
        self.problems.append(LabelProblem(len(self.file_stops), kind, line, column, value))
        self.add_none()

    def add_text(self, raw: bytes) -> None:
        """Append the rows of one file, read as the loader reads it: strict UTF-8, any white space, float() grammar."""
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.add_problem(Kind.LABEL_ENCODING, line, value=f"byte 0x{raw[error.start]:02x}")
            return
        before = len(self.values), len(self.lines)
        if bad := self._add_rows(text):
            del self.values[before[0] :], self.lines[before[1] :], self.row_stops[before[1] :]
            self.add_problem(Kind.TOKEN_NOT_NUMBER, *bad)
        else:
            self.add_none()

    def _add_rows(self, text: str) -> tuple[int, int, str] | None:
        """Append all rows; on the first token that is no number give its line, column and text instead."""
        values, stops, lines = self.values, self.row_stops, self.lines
        first_row = len(lines)
        blanks: list[int] = []
        for number, line in enumerate(text.splitlines(), 1):
            tokens = line.split()
            if not tokens:
                if line and len(lines) > first_row:
                    blanks.append(number)
                continue
            for blank in blanks:  # between rows, a line of blanks is a row without numbers
                stops.append(len(values))
                lines.append(blank)
            blanks.clear()
            try:
                values.extend([*map(float, tokens)])
            except ValueError:
                return _first_bad_token(line, tokens, number)
            stops.append(len(values))
            lines.append(number)
        return None

    def table(self) -> LabelTable:
        """The same columns as numpy arrays (views, no copy)."""
        import numpy as np

        return LabelTable(
            np.frombuffer(self.values, "f8"),
            np.concatenate([np.zeros(1, "i8"), np.frombuffer(self.row_stops, "i8")]),
            np.frombuffer(self.lines, "i4"),
            np.concatenate([np.zeros(1, "i8"), np.frombuffer(self.file_stops, "i8")]),
            self.problems,
        )


@dataclass(frozen=True, slots=True)
class LabelTable:
    """Rows of many label files as numpy columns.

    Attributes:
        values: float64 (numbers,), all numbers in reading order.
        row_starts: int64 (rows + 1,), bounds of each row in ``values``.
        lines: int32 (rows,), 1-based line of each row.
        file_starts: int64 (files + 1,), bounds of each file in ``lines``.
        problems: files without rows because their text is not numbers.
    """

    values: NDArray[np.float64]
    row_starts: NDArray[np.int64]
    lines: NDArray[np.int32]
    file_starts: NDArray[np.int64]
    problems: list[LabelProblem]

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
    )


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
    return number, column + 1, token[:40]


def token_column(raw: bytes, line: int, token: int) -> int:
    """1-based column, in characters, of a token (from 0) of a line (from 1) of a label file."""
    text = raw.decode("utf-8", errors="replace").splitlines()[line - 1]
    column = 0
    for word in text.split()[: token + 1]:
        column = text.index(word, column)
        last, column = column, column + len(word)
    return last + 1
