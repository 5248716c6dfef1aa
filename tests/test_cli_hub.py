"""The commands that talk to the service, against the sandbox in both dialects."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hubaction.cli import main

ROOT = Path(__file__).resolve().parents[1]


class Shell:
    """A shell in an empty folder, with a home folder; the key is in its environment where ``keyed``."""

    def __init__(self, folder: Path, served: Any, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.served = served
        self.out = self.err = ""
        self._capsys = capsys

    def run(self, *arguments: str) -> int:
        """A command in this process; nothing that it prints is secret."""
        try:
            code = main(arguments)
        finally:
            self.out, self.err = self._capsys.readouterr()
        for text in (self.out, self.err):
            assert self.served.key not in text
            assert "signature=" not in text
        return code

    def process(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """The same as a process of its own, without a terminal."""
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(self.home), **variables}
        command = [sys.executable, "-X", "utf8", "-u", "-m", "hubaction", *arguments]
        pipes: Any = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(command, env=environment, text=True, cwd=self.folder, **pipes)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def saved(self) -> list[Path]:
        return [path for path in self.home.rglob("*") if path.is_file()]


@pytest.fixture
def shell(
    tmp_path: Path, served: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shell]:
    handler = signal.getsignal(signal.SIGTERM)
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path)
    for name, value in {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": "", **served.variables}.items():
        monkeypatch.setenv(name, value)
    yield Shell(tmp_path, served, capsys)
    signal.signal(signal.SIGTERM, handler)


# the key


def test_login_saves_the_key_and_logout_removes_it(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell.run("login", "--no-save") == 0
    assert "accepts the key (HUB_API_KEY)" in shell.out
    assert shell.saved == []
    assert shell.run("login") == 0
    assert "It is saved in" in shell.out
    assert [oct(path.stat().st_mode & 0o777) for path in shell.saved] == ["0o600"]
    monkeypatch.delenv("HUB_API_KEY")
    assert shell.run("login", "--no-save") == 0
    assert "accepts the key (the saved key)" in shell.out
    assert shell.run("logout") == 0
    assert (shell.saved, shell.out) == ([], "The saved key was removed.\n")
    assert shell.run("login") == 2
    assert "No API key was given" in shell.err


def test_the_key_comes_from_standard_input(shell: Shell) -> None:
    process = shell.process("login", "--key-stdin", **shell.served.root)
    out, err = process.communicate(f"{shell.served.key}\n", timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "accepts the key" in out
    assert [path.read_text().strip() for path in shell.saved] == [shell.served.key]


@pytest.mark.parametrize("text", ["", "\n", "  \n"])
def test_nothing_in_standard_input(shell: Shell, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert shell.run("login", "--key-stdin") == 2
    assert "There is no key in standard input." in shell.err
    assert shell.served.box.log == []


def test_a_person_at_a_terminal_is_not_asked(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO(f"{shell.served.key}\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    assert shell.run("login", "--key-stdin") == 2
    assert "this is a terminal" in shell.err


@pytest.mark.parametrize("flag", ["--key", "--api-key", "--key-stdin="])
def test_no_command_takes_a_key_as_an_argument(shell: Shell, flag: str) -> None:
    with pytest.raises(SystemExit) as ended:
        shell.run("login", f"{flag.rstrip('=')}=ul_0")
    assert ended.value.code == 2


# models and formats


def test_reset_model(shell: Shell) -> None:
    assert shell.run("reset-model", shell.served.model) == 0
    assert "untrained" in shell.out


def test_a_refusal_is_a_sentence(shell: Shell) -> None:
    missing = "demo/shapes/none" if shell.served.dialect == "platform" else "N" * 20
    assert shell.run("reset-model", missing) == 4
    assert (shell.out, shell.err.startswith("hubaction: ")) == ("", True)


def test_list_formats(shell: Shell) -> None:
    assert shell.run("list-formats") == 0
    assert shell.out.startswith("format ")
    assert {"torchscript", "coreai", "deepx"} <= {line.split()[0] for line in shell.out.splitlines()}
    assert shell.served.box.log == []


# exports


def test_wait_and_download(shell: Shell) -> None:
    code = shell.run(
        *("export-model", shell.served.model, "--format", "torchscript,onnx", "--arg", "imgsz=320"),
        *("--wait", "--timeout", "55m", "--output-dir", "out"),
    )
    assert code == 0
    assert "torchscript: started" in shell.err
    files = sorted((shell.folder / "out").iterdir())
    assert [path.suffix for path in files] == [".onnx", ".torchscript"]
    assert all(f"out/{path.name}" in shell.out for path in files)
    (body, *_) = [one.json for one in shell.served.asked("POST", ".*/exports?")]
    assert "320" in repr(body)


def test_start_then_get(shell: Shell) -> None:
    assert shell.run("export-model", shell.served.model, "--no-download") == 0
    assert f"hubaction get-export {shell.served.model} --format torchscript --wait" in shell.out
    assert shell.run("get-export", shell.served.model) == 0
    (file,) = (shell.folder / "hub-action-report").iterdir()
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    assert shell.run("get-export", shell.served.model, "--output-dir", str(shell.folder / "else")) == 0
    assert hashlib.sha256((shell.folder / "else" / file.name).read_bytes()).hexdigest() == before


def test_an_optional_format_may_fail_and_a_required_one_not(shell: Shell) -> None:
    shell.served.box.turn(failures={"onnx": "The export failed: no such operator."})
    wait = ("--wait", "--output-dir", "out")
    assert shell.run("export-model", shell.served.model, "--format", "torchscript", "--optional", "onnx", *wait) == 0
    (line,) = [line for line in shell.out.split("\n") if "onnx (optional)  failed: " in line]
    assert "no such operator" in line
    assert shell.run("export-model", shell.served.model, "--format", "onnx", *wait) == 4


def test_the_address_of_a_flag_goes_before_the_variable(shell: Shell) -> None:
    flag = "--platform-url" if shell.served.dialect == "platform" else "--hub-api"
    assert shell.run("reset-model", shell.served.model, flag, "nowhere") == 2
    assert "nowhere" in shell.err
    assert shell.served.box.log == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--format", "onxx"), "onnx"),
        (("--timeout", "soon"), "--timeout"),
        (("--arg", "imgsz"), "--arg"),
        (("--arg", "imgsz=large"), "imgsz"),
    ],
)
def test_arguments_that_cannot_be_used(shell: Shell, arguments: tuple[str, str], words: str) -> None:
    assert shell.run("export-model", shell.served.model, *arguments) == 2
    assert words in shell.err
    assert shell.served.box.log == []


# datasets


def load_pair() -> ModuleType:
    """A helper by its path; test folders are no packages."""
    if "sound_pair" not in sys.modules:
        spec = importlib.util.spec_from_file_location("sound_pair", Path(__file__).parent / "action" / "pair.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules["sound_pair"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["sound_pair"])
    return sys.modules["sound_pair"]


@pytest.fixture
def sound(shell: Shell) -> Callable[[str], Path]:
    """Writes a small detect dataset whose rows in ``train`` are these."""

    def write(rows: str) -> Path:
        root = shell.folder / "ds"
        for index, (split, text) in enumerate({"train": rows, "val": load_pair().GRID}.items()):
            for kind, suffix, data in (("images", "png", load_pair().picture(index)), ("labels", "txt", text.encode())):
                path = root / kind / split / f"good.{suffix}"
                path.parent.mkdir(parents=True)
                path.write_bytes(data)
        (root / "LICENSE").write_text(load_pair().LICENSE)
        (root / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [cat, dog]\n")
        return root

    return write


def test_upload_dataset(shell: Shell, sound: Callable[[str], Path]) -> None:
    sound(load_pair().GRID)
    assert shell.run("upload-dataset", "ds", "--to", "shapes-new") == 0
    assert "Upload to" in shell.out
    assert "completed" in shell.out


def test_a_dataset_that_fails_its_check_is_not_sent(shell: Shell, sound: Callable[[str], Path]) -> None:
    sound("0 0.5 0.5 0.2 1.7")
    assert shell.run("upload-dataset", "ds", "--to", "shapes-new") == 1
    assert "nothing was sent" in shell.out
    assert shell.served.box.log == []


# signals


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_waiting_says_how_to_go_on(shell: Shell, number: signal.Signals) -> None:
    shell.served.box.turn(seconds=3600.0)
    process = shell.process("export-model", shell.served.model, "--wait", **shell.served.variables)
    assert process.stderr is not None
    with process:
        assert process.stderr.readline().startswith("torchscript: started")
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert f"To go on later: hubaction get-export {shell.served.model} --format torchscript --wait" in out
    assert shell.served.asked("DELETE", ".*") == []
