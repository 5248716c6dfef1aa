"""The commands for people, on datasets whose names and values are tricks: what they print and write is text only."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from tricks import TRICKS, as_name, as_yaml, holds

from hubaction import console
from hubaction.cli import main
from hubaction.operations import init_config

each = pytest.mark.parametrize("text", TRICKS.values(), ids=TRICKS)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
PLACE = "labels/train/{0}/{0}.txt"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command whose streams are a terminal of 100 columns; exit code, and what it shows, colours left out."""
    monkeypatch.setattr(console.os, "get_terminal_size", lambda _number: os.terminal_size((100, 24)))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def run(*arguments: str, errors: io.StringIO | None = None) -> tuple[int, str]:
        stream = Terminal()
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(errors or stream):
            try:
                code = main(arguments)
            except SystemExit as stop:
                code = int(str(stop.code))
        plain = COLOURS.sub("", stream.getvalue())
        assert [line for line in plain.split("\n") if not line.isprintable()] == []
        assert plain.strip()
        return code, plain

    return run


def safe_log(runner: ModuleType, printed: str) -> None:
    """Assert that the runner takes none of it for a command, and that a reader sees all of it."""
    stream = runner.read_stream(printed.encode("utf-8"))
    assert stream.commands == []
    assert [line for line in stream.plain if not line.isprintable()] == []


def mendable(dataset: Any, text: str) -> Any:
    """Edits in data.yaml and in a label file, both with the text beside what is mended, raw where YAML takes it."""
    try:
        raw = text if yaml.safe_load(f"# {text}\na: 1") == {"a": 1} else ""
    except yaml.YAMLError:
        raw = ""
    dataset.yaml(f"# {raw}\ntrain: images/train\nval: images/val\nnc: 9\nnames:\n  - {as_yaml(text)}\n  - dog\n")
    name = as_name(text)
    dataset.add("train", f"{name}/{name}", "0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2\n1.0 0.3 0.3 0.2 0.2")
    return dataset


@each
def test_a_report_on_a_terminal(on_terminal: Any, checked: Any, text: str) -> None:
    code, shown = on_terminal("report", str(checked(text)[1].report_folder / "report.json"))
    assert code == 0
    assert holds(shown, PLACE.format(as_name(text)))
    assert holds(shown, f"'test' points to {text}")


@each
def test_a_check_in_a_log(
    capsys: pytest.CaptureFixture[str], dataset: Any, spoil: Any, runner: ModuleType, text: str
) -> None:
    spoil(dataset, text)
    assert main(["check-dataset", str(dataset.root), "--select", "L302,Y203", "--workers", "1"]) == 1
    printed, errors = capsys.readouterr()
    assert errors == ""
    safe_log(runner, printed)
    assert holds(printed, PLACE.format(as_name(text)))


@each
def test_an_argument_on_a_terminal(on_terminal: Any, text: str) -> None:
    code, shown = on_terminal("check-dataset", "x", f"--{text}")
    assert code == 2
    assert holds(shown, text)


@each
def test_init_on_a_terminal(on_terminal: Any, dataset: Any, text: str) -> None:
    folder = dataset.root.rename(dataset.root.with_name(f"d{as_name(text)}"))
    code, shown = on_terminal("init", str(folder), errors=io.StringIO())  # a bar of progress moves the cursor
    assert code == 0
    assert holds(shown, f"d{as_name(text)}")


@each
def test_a_reason_with_the_text_stays_in_its_comment(dataset: Any, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    real = init_config.check
    monkeypatch.setattr(init_config, "check", lambda options: dataclasses.replace(real(options), task_reason=text))
    written = init_config.starter_config(dataset.root)
    assert yaml.safe_load(written) == {"task": "detect", "profile": "default"}
    assert holds(written.split("\n")[4], text)


@each
def test_an_error_on_a_terminal(on_terminal: Any, text: str) -> None:
    code, shown = on_terminal("check-dataset", f"x{as_name(text)}", "--quiet")
    assert code == 3
    assert holds(shown, as_name(text))


@each
@pytest.mark.parametrize("arguments", [["check-dataset", "x", "--{}"], ["{}"], ["rules", "{}"], ["fix", "--{}"]])
def test_arguments_of_that_text(
    capsys: pytest.CaptureFixture[str], runner: ModuleType, arguments: list[str], text: str
) -> None:
    try:
        code = main([argument.replace("{}", text) for argument in arguments])
    except SystemExit as stop:
        code = int(str(stop.code))
    assert code in {2, 3}, "3 where it is taken for the path"
    printed, errors = capsys.readouterr()
    assert printed == ""
    safe_log(runner, errors)


@each
def test_init(capsys: pytest.CaptureFixture[str], dataset: Any, spoil: Any, runner: ModuleType, text: str) -> None:
    """Its comments may quote the dataset, but what it sets never comes from there."""
    spoil(dataset, text)
    folder = dataset.root.rename(dataset.root.with_name(f"d{as_name(text)}"))
    assert main(["init", str(folder), "--stdout"]) == 0
    shown = capsys.readouterr().out
    assert main(["init", str(folder)]) == 0
    safe_log(runner, shown)
    safe_log(runner, capsys.readouterr().out)
    written = (folder / ".hubaction.yml").read_text(encoding="utf-8")
    assert written == shown
    assert written.splitlines() == written.split("\n")[:-1]
    assert yaml.safe_load(written) == {"task": "detect", "profile": "default"}


@each
@pytest.mark.parametrize("unsafe", [[], ["--unsafe"]], ids=["safe", "unsafe"])
def test_fix(
    capsys: pytest.CaptureFixture[str], dataset: Any, runner: ModuleType, unsafe: list[str], text: str
) -> None:
    """What it shows is escaped; what it writes is the old bytes but for the edit."""
    mendable(dataset, text)
    name = as_name(text)
    label: Path = dataset.root / PLACE.format(name)
    before = {path: path.read_bytes() for path in dataset.root.rglob("*") if path.is_file()}
    assert main(["fix", str(dataset.root), "--dry-run", *unsafe]) == 1
    assert {path: path.read_bytes() for path in dataset.root.rglob("*") if path.is_file()} == before
    assert main(["fix", str(dataset.root), *unsafe]) == 0
    printed, errors = capsys.readouterr()
    assert errors == ""
    safe_log(runner, printed)
    assert holds(printed, PLACE.format(name))
    assert holds(printed, as_yaml(text))
    config = dataset.root / "data.yaml"
    assert config.read_bytes() == before[config].replace(b"nc: 9", b"nc: 2")
    assert label.read_bytes() == b"0 0.5 0.5 0.2 0.2\n1 0.3 0.3 0.2 0.2\n"


@each
def test_fix_on_a_terminal(on_terminal: Any, dataset: Any, text: str) -> None:
    mendable(dataset, text)
    code, shown = on_terminal("fix", str(dataset.root), "--dry-run")
    assert code == 1
    assert holds(shown, PLACE.format(as_name(text)))
