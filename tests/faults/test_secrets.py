"""The key and signed addresses show nowhere: not in the list of processes, not in a log of the libraries."""

from __future__ import annotations

import base64
import subprocess
import traceback
from pathlib import Path
from typing import Any

import pytest
from commands import environment, started, wait_until
from secrecy import forms, found
from wire import free_port

import hubaction
from hubaction.errors import HubActionError
from hubaction.sandbox import parse_fault
from hubaction.sandbox.world import HUB_MODEL, PLATFORM_MODEL

MODELS = {"platform": PLATFORM_MODEL, "hub": HUB_MODEL}
EXPORTS = ("--wait", "--output-dir", "out")
COMMANDS: dict[str, tuple[str, ...]] = {
    "login": (),
    "reset-model": ("MODEL",),
    "list-formats": (),
    "export-model": ("MODEL", *EXPORTS),
    "get-export": ("MODEL", *EXPORTS),
    "upload-dataset": ("set.zip", "--to", "shapes", "--task", "detect"),
    "logout": (),
}
NOISY = """
import http.client, logging
http.client.HTTPConnection.debuglevel = 1
logging.basicConfig(level=logging.DEBUG)
from hubaction.cli import entry_point
entry_point()
"""


@pytest.mark.parametrize("form", [str, lambda key: base64.b64encode(f"user:{key}".encode()).decode()])
def test_the_search_finds_what_it_is_to_find(form: Any) -> None:
    assert found(["a+key/with=%odd"], {"log": f"before {form('a+key/with=%odd')} after".encode()})
    assert found(["a+key/with=%odd"], {"log": b"GET /?key=a%2Bkey%2Fwith%3D%25odd"})
    assert not found(["a+key/with=%odd"], {"log": b"::add-mask::a+key/with=%odd\nnothing else"})
    assert min(map(len, forms("a+key/with=%odd"))) > 10


def arguments_of_all() -> bytes:
    """The arguments of every process of the machine."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes())
        except OSError:
            continue  # it has ended meanwhile
    return b"\n".join(lines)


@pytest.mark.parametrize("dialect", ["platform", "hub"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_shows_no_secret_while_it_runs_nor_afterwards(stage: Any, dialect: str, command: str) -> None:
    if command == "get-export":
        stage.prepare_export(dialect)
    stage.box.faults.add(parse_fault("* /* hang=0.2 1"), parse_fault("GET /storage/* cut 1"))
    given = environment(stage.folder / "home", stage.box, dialect)
    args = [MODELS[dialect] if one == "MODEL" else one for one in COMMANDS[command]]
    before = len(stage.box.log)
    with started(stage.workspace, given, command, *args, code=NOISY) as process:
        if command not in {"list-formats", "logout"}:
            wait_until(lambda: len(stage.box.log) > before or process.poll() is not None)
        listed = arguments_of_all()
        out, err = process.communicate(timeout=60)
    assert process.returncode in {0, 4}, err
    stage.check_secrecy({"processes": listed, "stdout": out, "stderr": err, **stage.files()})


@pytest.mark.parametrize("dialect", ["platform", "hub"])
def test_a_key_from_a_pipe_is_saved_and_shown_nowhere(stage: Any, dialect: str) -> None:
    given = environment(stage.folder / "home", stage.box, dialect)
    key = given.pop("HUB_API_KEY")
    with started(stage.workspace, given, "login", "--key-stdin", code=NOISY, stdin=subprocess.PIPE) as process:
        out, err = process.communicate(f"{key}\n".encode(), timeout=60)
    assert process.returncode == 0, err
    assert stage.saved_key.read_text().strip() == key
    assert stage.saved_key.stat().st_mode & 0o777 == 0o600
    stage.check_secrecy({"stdout": out, "stderr": err, **stage.files()})


FUNCTIONS = {
    "login": lambda model: hubaction.login(),
    "reset_model": hubaction.reset_model,
    "export_model": hubaction.export_model,
    "get_export": hubaction.get_export,
}
FAULTS = ("reset always", "html always", "html=200 always", "status=401 always", "redirect=OTHER always", "huge always")


@pytest.mark.parametrize("dialect", ["platform", "hub"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_shows_no_secret_in_errors_and_logs(stage: Any, name: str, dialect: str) -> None:
    for variable, value in environment(stage.folder / "home", stage.box, dialect).items():
        stage.monkeypatch.setenv(variable, value)
    elsewhere = f"http://127.0.0.1:{free_port()}/"
    told = {}
    for fault in FAULTS:
        stage.box.faults.clear()
        stage.box.faults.add(parse_fault(f"* /* {fault.replace('OTHER', elsewhere)}"))
        try:
            told[fault] = repr(FUNCTIONS[name](MODELS[dialect]))
        except HubActionError as error:
            told[fault] = "".join(traceback.format_exception(error)) + repr(vars(error))
    printed = stage.capsys.readouterr()
    produced = told | {"out": printed.out, "err": printed.err, "logging": stage.caplog.text}
    stage.check_secrecy({place: text.encode() for place, text in produced.items()})
