"""Every fault of every operation ends as table.md says, and nothing that came of it shows a secret."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from matrix import STEPS, Cell, cells
from stage import SIZE
from wire import Reply, free_port, serving

from hubaction.sandbox import Sandbox, parse_fault
from hubaction.sandbox.world import PLATFORM_MODEL

CELLS = list(cells())
CERTIFICATE = Path(__file__).parents[1] / "hub" / "tls" / "loopback.pem"


@contextlib.contextmanager
def broken(stage: Any, cell: Cell) -> Iterator[None]:
    """The world with the fault of a cell."""
    with contextlib.ExitStack() as stack:
        if cell.is_of_sandbox:
            other = stack.enter_context(another_host(stage)) if "OTHER" in cell.fault else ""
            fault = cell.sandbox_fault(other)
            stage.box.faults.add(fault)
            if fault.kind.value in {"hang", "drip"}:
                stage.hurry(fault)
        elif cell.fault == "dead links":
            stage.box.turn(link_life=0.0)
        else:
            stage.root = stack.enter_context(unreachable(stage, cell.fault))
        yield


@contextlib.contextmanager
def another_host(stage: Any) -> Iterator[str]:
    """A host that knows the same keys, and whose log proves that none was shown to it."""
    with Sandbox(platform_key=stage.box.platform_key, hub_key=stage.box.hub_key) as other:
        yield other.url.replace("127.0.0.1", "localhost") + "/elsewhere"
        assert all(entry.auth == "none" for entry in other.log)
        assert other.leaks == []


@contextlib.contextmanager
def unreachable(stage: Any, fault: str) -> Iterator[str]:
    """The address of a service that cannot be reached."""
    if fault == "untrusted TLS":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        with serving(Reply(), tls=context) as server:
            yield server.url
            assert server.count == 0
    else:
        stage.monkeypatch.setattr(socket, "getaddrinfo", unresolved)
        yield {
            "refused": f"http://127.0.0.1:{free_port()}",
            "no TLS": stage.box.url.replace("http:", "https:"),
            "no such name": "https://hub-action.invalid",
        }[fault]


def unresolved(host: str, *args: Any, **named: Any) -> Any:
    """A resolver that answers at once, also where there is no network."""
    if host.endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return resolve(host, *args, **named)


resolve = socket.getaddrinfo


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_every_cell_of_the_table(stage: Any, cell: Cell) -> None:
    if cell.operation == "get-export":
        stage.prepare_export(cell.dialect)
    with broken(stage, cell):
        end = stage.run(cell.operation, cell.dialect)
    assert (end.code, stage.on_disk(cell.dialect)) == (cell.code, cell.disk), end.text
    assert end.kind in cell.kinds, end.text
    assert reached(end.sent(*cell.request), cell.sent), end.entries
    assert any(words in end.text for words in cell.says), end.text


def reached(number: int, told: str) -> bool:
    return number > int(told[1:]) if told.startswith(">") else number == int(told)


def test_no_two_rows_are_about_the_same() -> None:
    names = [str(cell) for cell in CELLS]
    assert len(names) == len(set(names)) > 400


@pytest.mark.parametrize("step", STEPS)
def test_every_operation_with_a_step_meets_its_faults(step: str) -> None:
    """A row whose places are misspelt would be about nothing."""
    faults = {cell.fault for cell in CELLS if cell.step == step and cell.operation != "upload-dataset"}
    for dialect, operation in STEPS[step]:
        met = {cell.fault for cell in CELLS if (cell.step, cell.dialect, cell.operation) == (step, dialect, operation)}
        assert len(met) > len(faults) * 0.7, sorted(faults - met)


@pytest.mark.parametrize("dialect", ["platform", "hub"])
def test_formats_are_listed_and_a_key_forgotten_without_a_request(stage: Any, dialect: str) -> None:
    stage.root = f"http://127.0.0.1:{free_port()}"
    stage.saved_key.parent.mkdir(parents=True)
    stage.saved_key.write_text(stage.key(dialect))
    for operation in ("list-formats", "logout"):
        end = stage.run(operation, dialect)
        assert (end.code, end.kind, end.entries) == (0, "-", [])
    assert stage.on_disk(dialect) == "-"


@pytest.mark.parametrize(
    "fault", ["status=503 always", "html=404 always", "html=200 always", "garbled always", "huge always"]
)
def test_a_format_that_nobody_knows_is_refused_though_the_service_does_not_list_any(stage: Any, fault: str) -> None:
    stage.box.faults.add(parse_fault(f"GET /openapi.json {fault}"))
    end = stage.run("export-model", "platform", format="onxx")
    assert (end.code, end.kind) == (2, "UsageError")
    assert "onnx" in end.text
    assert end.sent("POST", "*") == 0


def test_an_equal_export_that_runs_already_is_joined(stage: Any) -> None:
    stage.box.turn(seconds=20.0)
    stage.prepare_export("platform")
    end = stage.run("export-model", "platform")
    posts = [one.status for one in end.entries if one.method == "POST"]
    assert (end.code, stage.on_disk("platform"), posts) == (0, "file", [409])
    assert "an equal export runs already" in end.text


@pytest.mark.parametrize("dialect", ["platform", "hub"])
def test_a_file_at_another_host_is_fetched_without_the_key(stage: Any, dialect: str) -> None:
    stage.prepare_export(dialect)
    keys = {"platform_key": stage.box.platform_key, "hub_key": stage.box.hub_key}
    with Sandbox(seconds=0, artifact_size=SIZE, **keys) as other:
        auth = {"Authorization": f"Bearer {other.platform_key}"}
        exports = f"{other.url}/api/models/{PLATFORM_MODEL}/exports"
        with stage.quietly():
            requests.post(exports, json={"format": "torchscript"}, headers=auth, timeout=30).raise_for_status()
            (export,) = requests.get(exports, headers=auth, timeout=30).json()["exports"]
        before = len(other.log)
        stage.box.faults.add(parse_fault(f"GET /storage/* redirect={export['file']['downloadUrl']} always"))
        end = stage.run("get-export", dialect)
        assert (end.code, stage.on_disk(dialect)) == (0, "file"), end.text
        assert [(one.method, one.auth, one.leaks) for one in other.log[before:]] == [("GET", "none", ())]
