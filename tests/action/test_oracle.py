"""The parser that the other tests trust, against recorded and hand-made examples of the runner's behaviour."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

OWN_COMMANDS = {
    "plain text": ("hello", None),
    "new syntax": ("::error::m", ("v2", "error", {}, "m")),
    "leading blanks": (" \u2003\u0085::error::m", ("v2", "error", {}, "m")),
    "leading zero-width space": ("\u200b::error::m", None),
    "zero-width space in the second colons": ("::error:\u200b:m", ("v2", "error", {}, ":m")),
    "in the middle of a line": ("x ::error::m", None),
    "properties": ("::Error file=a%3Ab, line=3,x=::m", ("v2", "Error", {"file": "a:b", " line": "3"}, "m")),
    "colons inside a property": ("::error file=a::b,line=3::m", ("v2", "error", {"file": "a"}, "b,line=3::m")),
    "escaped percent last": ("::error::%250A%0a%0A", ("v2", "error", {}, "%0A%0a\n")),
    "tab after the name": ("::error\tfile=a::m", None),
    "old syntax anywhere": ("x ##[add-mask]m%5D%3B", ("v1", "add-mask", {}, "m];")),
    "old syntax, first only": ("##[x]##[error]m", None),
    "old syntax, properties": ("##[error file=a;line=2]m", ("v1", "error", {"file": "a", "line": "2"}, "m")),
    "unknown name": ("::fail::m", None),
}

OWN_FILES = {
    "plain": (b"a=b=<<c\n", [("a", "b=<<c")], None),
    "heredoc": (b"a<<E\nx\r\n\nE\nb=1", [("a", "x\r\n"), ("b", "1")], None),
    "injection": (b"a<<E\nE\nb=2\n", [("a", ""), ("b", "2")], None),
    "delimiter never comes": (b"a=1\nb<<E\nE \n", [("a", "1")], "Matching delimiter not found 'E'"),
    "unended value": (b"b<<E\nx", [], "EOF marker missing new line"),
    "neither": (b"a=1\nb\n", [("a", "1")], "Invalid format 'b'"),
    "no name": (b"<<E\nE\n", [], "must not be empty"),
    "UTF-16": ("\ufeffa=é\n".encode("utf-16-be"), [("a", "é")], None),
}

ANNOTATIONS = {
    "nothing given": ("::error::m", (None, None, None, None)),
    "line and column": ("::error line=3,col=4::m", (3, None, 4, None)),
    "end alone": ("::error endLine=3::m", (3, 3, None, None)),
    "end column alone": ("::error line=1,endColumn=7::m", (1, None, 7, 7)),
    "column without line": ("::error col=4::m", (None, None, None, None)),
    "several lines": ("::error line=1,endLine=2,col=3,endColumn=4::m", (1, 2, None, None)),
    "end before start": ("::error line=5,endLine=2::m", (None, None, None, None)),
    "end column before start": ("::error line=5,col=3,endColumn=2::m", (5, None, None, None)),
    "no number": ("::error line=x::m", (0, None, None, None)),
}


def as_tuple(command: Any) -> tuple[str, str, dict[str, str], str] | None:
    return command and (command.syntax, command.name, command.properties, command.data)


def pairs_and_error(runner: ModuleType, raw: bytes) -> tuple[list[tuple[str, str]], str | None]:
    try:
        return runner.read_pairs(raw), None
    except runner.FileError as error:
        return error.pairs, str(error)


@pytest.mark.parametrize(("line", "expected"), OWN_COMMANDS.values(), ids=OWN_COMMANDS)
def test_own_commands(runner: ModuleType, line: str, expected: Any) -> None:
    assert as_tuple(runner.parse_command(line)) == expected


@pytest.mark.parametrize(("raw", "pairs", "error"), OWN_FILES.values(), ids=OWN_FILES)
def test_own_files(runner: ModuleType, raw: bytes, pairs: Any, error: str | None) -> None:
    found, message = pairs_and_error(runner, raw)
    assert found == pairs
    assert (message is None) if error is None else error in str(message)


@pytest.mark.parametrize(("line", "expected"), ANNOTATIONS.values(), ids=ANNOTATIONS)
def test_own_annotations(runner: ModuleType, line: str, expected: Any) -> None:
    (one,) = runner.read_stream(line.encode()).annotations
    assert (one.line, one.end_line, one.column, one.end_column) == expected


def test_lines_end_at_a_lone_carriage_return_but_not_at_a_line_separator(runner: ModuleType) -> None:
    assert runner.split_lines(b"a\rb\r\nc\n\nd\xe2\x80\xa8e\x0bf\xff") == ["a", "b", "c", "", "d\u2028e\x0bf\ufffd"]


def test_commands_stop_until_the_token_comes(runner: ModuleType) -> None:
    stream = runner.read_stream(b"::stop-commands::T1\n::error::a\n##[add-mask]b\n::t1::\n::error::c\n")
    assert stream.names == ["stop-commands", "error"]
    assert stream.plain == ["::error::a", "##[add-mask]b"]


@pytest.mark.parametrize("line", ["::set-env name=a::b", "::add-path::b", "::stop-commands::", "::stop-commands::Echo"])
def test_commands_that_fail_the_step(runner: ModuleType, line: str) -> None:
    assert runner.read_stream(line.encode()).failures


def test_messages_are_cut_and_ten_of_a_level_are_shown(runner: ModuleType) -> None:
    long = "\U0001f600" * 3000
    stream = runner.read_stream(b"::error::\n::error:: \n" + f"::warning::{long}\n".encode() + b"::error::m\n" * 12)
    assert [one.level for one in stream.annotations] == ["error"] * 10 + ["warning"]
    assert stream.annotations[-1].message == "\U0001f600" * 2048


def test_masks_hide_each_line_of_a_secret(runner: ModuleType) -> None:
    stream = runner.read_stream(b"::add-mask::one-secret%0A  two-secret\n")
    assert stream.masked("x one-secret two-secret y") == "x *** *** y"


def test_an_empty_name_and_repeated_names_of_outputs(runner: ModuleType) -> None:
    assert runner.read_outputs(b"a=1\nA=2\n") == {"a": "2"}
    with pytest.raises(runner.FileError):
        runner.read_outputs(b"=1\n")


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    folder = os.environ.get("HUBACTION_SHARED_DATA")
    if not folder:
        pytest.skip("HUBACTION_SHARED_DATA does not say where the recorded vectors lie")
    data: dict[str, Any] = json.loads((Path(folder) / "runner" / "vectors.json").read_text(encoding="utf-8"))
    return data


def test_recorded_commands(runner: ModuleType, vectors: dict[str, Any]) -> None:
    known = frozenset(vectors["registered_commands"])
    assert known == runner.REGISTERED
    for vector in vectors["commands"]:
        expected = vector["expected"]
        wanted = expected and (expected["syntax"], expected["command"], expected["properties"], expected["data"])
        assert as_tuple(runner.parse_command(vector["line"], known)) == wanted, vector


def test_recorded_files(runner: ModuleType, vectors: dict[str, Any]) -> None:
    for vector in vectors["env_files"]:
        pairs, error = pairs_and_error(runner, runner.from_base64(vector["file_b64"]))
        assert ([list(pair) for pair in pairs], error) == (vector["pairs"], vector["error"]), vector


def test_recorded_line_ends(runner: ModuleType, vectors: dict[str, Any]) -> None:
    split = vectors["stdout_line_split"]
    assert runner.split_lines(runner.from_base64(split["raw_b64"])) == split["lines"]
