"""What GitHub's runner makes of the bytes that a step prints and of the files that it writes.

Written from a description of actions/runner 2.336.0, independently of what is tested with it: streams become lines,
lines become commands, commands become annotations, and files become pairs.
"""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

REGISTERED = frozenset(
    "stop-commands set-env set-output save-state add-mask add-path add-matcher remove-matcher debug warning error "
    "notice group endgroup echo".split()
)
LEVELS = ("error", "warning", "notice")
PER_LEVEL = 10
LONGEST_MESSAGE = 4096  # UTF-16 units
LARGEST_SUMMARY = 1 << 20

_WHITE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_SECOND_COLONS = re.compile("::|:[\u200b\xad\x00]+:")  # characters without weight do not hide the second '::'
_V2_PROPERTY = ("%0D\r", "%0A\n", "%3A:", "%2C,", "%25%")
_V2_DATA = ("%0D\r", "%0A\n", "%25%")
_V1_BOTH = ("%3B;", "%0D\r", "%0A\n", "%5D]", "%25%")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Command:
    """A command as the runner takes it; ``name`` as written, properties and data unescaped."""

    syntax: str
    name: str
    properties: dict[str, str]
    data: str


@dataclass(frozen=True)
class Annotation:
    """An annotation as it is shown."""

    level: str
    message: str
    title: str = ""
    file: str = ""
    line: int | None = None
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None


@dataclass
class Stream:
    """What a step printed, line by line: ``plain`` lines, commands that fired, annotations, masks and failures."""

    plain: list[str] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stop_token: str = ""

    def feed(self, raw: bytes) -> Stream:
        for line in split_lines(raw):
            self._take(line)
        return self

    def _take(self, line: str) -> None:
        known = frozenset({self.stop_token.lower()}) if self.stop_token else REGISTERED
        command = parse_command(line, known)
        if command is None:
            self.plain.append(line)
        elif self.stop_token:
            self.stop_token = ""
        else:
            self.commands.append(command)
            self._act(command)

    def _act(self, command: Command) -> None:
        name = command.name.lower()
        if name in {"set-env", "add-path"}:
            self.failures.append(f"{name} is disabled")
        elif name == "stop-commands":
            if command.data.lower() in REGISTERED | {"", "pause-logging"}:
                self.failures.append("a token that may not be used")
            else:
                self.stop_token = command.data
        elif name == "add-mask":
            self.masks += [command.data, *(line.strip() for line in re.split(r"[\r\n]+", command.data))]

    @property
    def annotations(self) -> list[Annotation]:
        """The annotations that are shown: ten of a level."""
        found = [one for one in map(annotation_of, self.commands) if one]
        return [one for level in LEVELS for one in [a for a in found if a.level == level][:PER_LEVEL]]

    @property
    def names(self) -> list[str]:
        return [command.name for command in self.commands]

    def masked(self, text: str) -> str:
        """The text as the log shows it."""
        for secret in sorted(filter(None, set(self.masks)), key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def read_stream(raw: bytes) -> Stream:
    """What the runner makes of everything that a step printed."""
    return Stream().feed(raw)


def split_lines(raw: bytes) -> list[str]:
    """The lines of a stream: LF, CR LF or a lone CR ends one."""
    lines = re.split("\r\n|\n|\r", raw.decode("utf-8", "replace"))
    return lines[:-1] if not lines[-1] else lines


def parse_command(line: str, registered: frozenset[str] = REGISTERED) -> Command | None:
    """The command of a line, or None for plain output."""
    if "::" not in line and "##[" not in line:
        return None
    return _parse_v2(line, registered) or _parse_v1(line, registered)


def _parse_v2(line: str, registered: frozenset[str]) -> Command | None:
    line = line.lstrip(_WHITE)
    end = _SECOND_COLONS.search(line, 2)
    if not line.startswith("::") or end is None:
        return None
    name, _, rest = line[2 : end.start()].partition(" ")
    if name.lower() not in registered:
        return None
    properties = _properties(rest, ",", _V2_PROPERTY)
    return Command("v2", name, properties, _unescape(line[end.start() + 2 :], _V2_DATA))


def _parse_v1(line: str, registered: frozenset[str]) -> Command | None:
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name, _, rest = line[start + 3 : end].partition(" ")
    if name.lower() not in registered:
        return None
    return Command("v1", name, _properties(rest, ";", _V1_BOTH), _unescape(line[end + 1 :], _V1_BOTH))


def _properties(text: str, separator: str, escapes: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for piece in text.strip(_WHITE).split(separator):
        key, _, value = piece.lstrip("=").partition("=")
        value = value.lstrip("=")
        if key and value:
            found[spelled.setdefault(key.lower(), key)] = _unescape(value, escapes)
    return found


def _unescape(text: str, escapes: Iterable[str]) -> str:
    for escape in escapes:
        text = text.replace(escape[:3], escape[3])
    return text


def annotation_of(command: Command) -> Annotation | None:
    """The annotation that a command becomes; None for other commands and for a blank message."""
    level = command.name.lower()
    if level not in LEVELS or not command.data.strip(_WHITE):
        return None
    given = {key.lower(): value for key, value in command.properties.items()}
    numbers = _numbers(*(_integer(given.get(key)) for key in ("line", "endline", "col", "endcolumn")))
    units = command.data.encode("utf-16-le", "surrogatepass")[: 2 * LONGEST_MESSAGE]
    message = units.decode("utf-16-le", "replace")
    return Annotation(level, message, given.get("title", ""), given.get("file", ""), *numbers)


def _integer(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if re.fullmatch(r"\s*[+-]?[0-9]+\s*", text) else 0


def _numbers(
    line: int | None, end_line: int | None, column: int | None, end_column: int | None
) -> tuple[int | None, int | None, int | None, int | None]:
    line = end_line if line is None else line
    column = end_column if column is None else column
    if line is None or (end_line is not None and end_line != line):
        column = end_column = None
    if end_line is not None and line is not None and end_line < line:
        line = end_line = None
    if end_column is not None and column is not None and end_column < column:
        column = end_column = None
    return line, end_line, column, end_column


class FileError(Exception):
    """The runner fails the step; ``pairs`` are those before the error, which stay set."""

    def __init__(self, message: str, pairs: list[tuple[str, str]]) -> None:
        super().__init__(message)
        self.pairs = pairs


def read_pairs(raw: bytes) -> list[tuple[str, str]]:
    """Names and values of a file such as GITHUB_OUTPUT. Raises FileError."""
    pairs: list[tuple[str, str]] = []
    lines = _ended_lines(_decode(raw))
    for line, _ in lines:
        equals, heredoc = line.find("="), line.find("<<")
        if not line:
            continue
        if equals >= 0 and not 0 <= heredoc < equals:
            pairs.append((line[:equals], line[equals + 1 :]))
        elif heredoc >= 0:
            name, delimiter = line[:heredoc], line[heredoc + 2 :]
            if not name or not delimiter:
                raise FileError(
                    f"Invalid format '{line}'. Name must not be empty and delimiter must not be empty", pairs
                )
            pairs.append((name, _value(lines, delimiter, pairs)))
        else:
            raise FileError(f"Invalid format '{line}'", pairs)
    return pairs


def read_outputs(raw: bytes) -> dict[str, str]:
    """The outputs of a step, names in lower case. Raises FileError, also for an empty name."""
    pairs = read_pairs(raw)
    if any(not name for name, _ in pairs):
        raise FileError("an empty name", pairs)
    return {name.lower(): value for name, value in pairs}


def _value(lines: Iterator[tuple[str, bool]], delimiter: str, pairs: list[tuple[str, str]]) -> str:
    value = []
    for line, ended in lines:
        if line == delimiter:
            return "\n".join(value)
        if not ended:
            raise FileError("Invalid value. EOF marker missing new line.", pairs)
        value.append(line)
    raise FileError(f"Invalid value. Matching delimiter not found '{delimiter}'", pairs)


def _decode(raw: bytes) -> str:
    mark, encoding = next(((mark, name) for mark, name in _MARKS if raw.startswith(mark)), (b"", "utf-8"))
    return raw[len(mark) :].decode(encoding, "replace")


def _ended_lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line with whether LF ends it."""
    *ended, last = text.split("\n")
    yield from ((line, True) for line in ended)
    if last:
        yield last, False


def from_base64(text: str) -> bytes:
    """Bytes of a vector."""
    return base64.b64decode(text)
