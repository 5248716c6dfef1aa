"""The parts of the action by themselves: commands, files, inputs."""

from __future__ import annotations

import io
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubaction.action.commands import Commands, encodable
from hubaction.action.files import write_outputs, write_summary
from hubaction.action.inputs import INPUTS, OUTPUTS, read_inputs, secrets
from hubaction.report.annotations import Annotation

TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(":#[]%\r\n,=;\u200b\xad\u2028 ")), max_size=60)


class Flushed(io.StringIO):
    """Remembers what was written at the last flush."""

    seen = ""

    def flush(self) -> None:
        self.seen = self.getvalue()


def printed(act: str, *values: object) -> bytes:
    stream = Flushed()
    getattr(Commands(stream), act)(*values)
    assert stream.seen == stream.getvalue(), "every line is flushed"
    return stream.seen.encode("utf-8")


@given(title=TEXTS, message=TEXTS, file=TEXTS)
def test_an_annotation_is_one_command_and_nothing_else(runner: ModuleType, title: str, message: str, file: str) -> None:
    stream = runner.read_stream(printed("annotate", Annotation("error", title, message, file, 3, 4)))
    (command,) = stream.commands
    assert (command.name, stream.plain) == ("error", [])
    assert command.properties["line"] == "3"
    assert command.properties["col"] == "4"
    assert set(command.properties) <= {"title", "file", "line", "col"}
    assert command.data == encodable(message)


@given(TEXTS)
def test_text_is_never_a_command(runner: ModuleType, text: str) -> None:
    assert runner.read_stream(printed("text", text)).commands == []


@given(TEXTS)
def test_an_error_is_one_command(runner: ModuleType, text: str) -> None:
    stream = runner.read_stream(printed("error", text))
    assert (stream.names, stream.plain, stream.commands[0].data) == (["error"], [], encodable(text))


@pytest.mark.parametrize(
    ("annotation", "line"),
    [
        (Annotation("notice", "", "m"), "::notice::m"),
        (Annotation("error", "t", "m", "f"), "::error title=t,file=f::m"),
        (Annotation("warning", "t", "m", "f", 1), "::warning title=t,file=f,line=1::m"),
        (Annotation("error", "t", "m%\r\n", "a,b:c", 1, 2), "::error title=t,file=a%2Cb%3Ac,line=1,col=2::m%25%0D%0A"),
    ],
)
def test_only_what_is_set_is_printed(annotation: Annotation, line: str) -> None:
    assert printed("annotate", annotation).decode() == f"{line}\n"


@given(st.lists(TEXTS, min_size=len(OUTPUTS), max_size=len(OUTPUTS)))
def test_outputs_survive_whatever_they_hold(runner: ModuleType, tmp_path: Path, values: list[str]) -> None:
    path = tmp_path / "output"
    path.write_bytes(b"")
    outputs = dict(zip(OUTPUTS, values, strict=True))
    write_outputs(str(path), outputs)
    assert runner.read_outputs(path.read_bytes()) == {name: encodable(value) for name, value in outputs.items()}


@pytest.mark.parametrize("name", ["", "Verdict", "a=b\nINJECTED<<X", "path"])
def test_other_outputs_are_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / "output"
    with pytest.raises(KeyError):
        write_outputs(str(path), {"verdict": "passed", name: "x"})
    assert not path.exists()


def test_lone_surrogates_in_a_summary(tmp_path: Path) -> None:
    write_summary(str(tmp_path / "summary"), "a\udcffb\r\n")
    assert (tmp_path / "summary").read_bytes() == b"a\\udcffb\r\n"


def test_inputs_and_their_defaults() -> None:
    assert read_inputs({}) == {one.name: one.default for one in INPUTS}
    given_ = {f"INPUT_{one.name.upper()}": f" {one.name} " for one in INPUTS}
    assert read_inputs(given_) == {one.name: one.name for one in INPUTS}


def test_only_the_key_is_secret() -> None:
    assert [one.name for one in INPUTS if one.secret] == ["api_key"]
    inputs = {one.name: "x" * 20 + one.name for one in INPUTS}
    assert secrets({"HOME": "/github/home", "HUB_API_KEY": "12345678"}, inputs) == ["12345678", "x" * 20 + "api_key"]
