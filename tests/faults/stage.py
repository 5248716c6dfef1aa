"""The action run against a sandbox over real sockets, in time that passes quickly, with all that it produces."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import http.client
import io
import logging
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import requests
from secrecy import found

from hubaction.action.inputs import INPUTS
from hubaction.action.run import run
from hubaction.errors import HubActionError
from hubaction.hub.http_client import HttpClient
from hubaction.sandbox import Fault, Kind, Sandbox
from hubaction.sandbox.artifacts import exported
from hubaction.sandbox.links import Links
from hubaction.sandbox.log import Entry
from hubaction.sandbox.world import HUB_MODEL, PLATFORM_MODEL

SIZE = 600_000  # bytes of an artifact
FILE = "yolo11n.torchscript"
FILES = {"platform": FILE, "hub": f"{HUB_MODEL}-torchscript.torchscript"}
HUB_KEY = "hub+key/with=%odd&signs~0123456789abcdef"
"""A key that reads otherwise in a URL."""
FAST = 1000.0
"""How much faster time passes where a fault is silent for a minute or drips."""


@dataclass
class QuickTime:
    """The module ``time`` for the client and the sandbox: who sleeps wakes at once, and finds the time has passed.

    ``settle`` waits for what the sandbox does in the background.
    """

    settle: Callable[[], object]
    speed: float = 1.0
    ahead: float = 0.0

    def monotonic(self) -> float:
        return time.monotonic() * self.speed + self.ahead

    def time(self) -> float:
        return time.time() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.settle()
        self.ahead += seconds


@dataclass(frozen=True)
class Ending:
    """What a run left.

    Attributes:
        kind: class of the last error that was made, whether it ended the run or became part of its report.
        text: everything printed, and the outputs and the summary. entries: what the sandbox was asked.
        produced: all that the run wrote anywhere, by the name of the place.
    """

    code: int
    kind: str
    text: str
    entries: list[Entry]
    produced: dict[str, bytes] = field(repr=False)

    def sent(self, method: str, path: str) -> int:
        """Requests of one kind that reached the sandbox."""
        return sum(one.method == method and fnmatchcase(one.path, path) for one in self.entries)


class Stage:
    """One operation at a time. ``root`` is the service's address, where it is not the sandbox's own."""

    def __init__(self, folder: Path, dataset: Path, monkeypatch: Any, capsys: Any, caplog: Any) -> None:
        self.folder = folder
        self.dataset = dataset
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        self.caplog = caplog
        self.clock = QuickTime(lambda: self.box._world.readers.submit(int).result())
        self.signatures: set[str] = set()
        self.errors: list[BaseException] = []
        self.root = ""
        self.extra: dict[str, str] = {}
        self.box: Any = None

    @contextlib.contextmanager
    def open(self) -> Iterator[Stage]:
        """The sandbox and everything that records."""
        handler, thresholds = signal.getsignal(signal.SIGTERM), gc.get_threshold()
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            self.monkeypatch.delenv(name, raising=False)
        self._record()
        (self.folder / "workspace").mkdir()
        self.dataset.rename(self.folder / "workspace" / "set.zip")
        with Sandbox(hub_key=HUB_KEY, seconds=0, artifact_size=SIZE) as self.box:
            yield self
        signal.signal(signal.SIGTERM, handler)
        gc.set_threshold(*thresholds)

    def _record(self) -> None:
        """Every diagnosis that there is, switched on; and a note of each signature and each error."""
        patch = self.monkeypatch.setattr
        patch("hubaction.hub.clock.time", self.clock)
        patch(Links, "_signature", _noting(Links._signature, self.signatures.add))
        patch(HubActionError, "__init__", _noting_self(HubActionError.__init__, self.errors.append))
        patch(http.client.HTTPConnection, "debuglevel", 1)
        for name in ("HUBACTION_DEBUG", "RUNNER_DEBUG"):
            self.monkeypatch.setenv(name, "1")
        self.monkeypatch.setenv("ACTIONS_STEP_DEBUG", "true")
        self.caplog.set_level(logging.DEBUG)

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def out(self) -> Path:
        return self.workspace / "hub-action-report"

    @property
    def saved_key(self) -> Path:
        return self.folder / "home" / ".config" / "hubaction" / "api_key"

    def hurry(self, fault: Fault) -> None:
        """Time passes quickly while a fault strikes again and again, and whoever waits for it gives up quickly."""
        self.clock.speed = FAST if fault.times is None else 1.0
        left = fault.times or 1_000_000
        send = HttpClient.send

        def quick(client: HttpClient, request: Any, timeouts: Any, auth: Any = None) -> Any:
            nonlocal left
            path = "/" + request.url.partition("://")[2].partition("/")[2].partition("?")[0]
            if fault.kind is Kind.HANG and left and fault.matches(request.method, path):
                left -= 1
                timeouts = tuple(seconds / FAST for seconds in timeouts)
            return send(client, request, timeouts, auth)

        self.monkeypatch.setattr(HttpClient, "send", quick)

    def key(self, dialect: str) -> str:
        return str(self.box.platform_key if dialect == "platform" else self.box.hub_key)

    def prepare_export(self, dialect: str) -> None:
        """An export that get-export finds."""
        if dialect == "platform":
            path, header = f"/api/models/{PLATFORM_MODEL}/exports", {"Authorization": f"Bearer {self.key(dialect)}"}
        else:
            path, header = f"/v1/models/{HUB_MODEL}/export", {"x-api-key": self.key(dialect)}
        with self.quietly():
            requests.post(
                self.box.url + path, json={"format": "torchscript"}, headers=header, timeout=30
            ).raise_for_status()

    @contextlib.contextmanager
    def quietly(self) -> Iterator[None]:
        """For requests of the test itself: nothing of them is recorded."""
        with self.monkeypatch.context() as patch:
            patch.setattr(http.client.HTTPConnection, "debuglevel", 0)
            yield
        self.caplog.clear()

    def run(self, operation: str, dialect: str, **inputs: str) -> Ending:
        """Run an operation as a step. Fails where a secret shows in anything that it produced."""
        before = len(self.box.log)
        stream = io.StringIO()
        environment = self._environment(operation, dialect, inputs)
        code = run(environment, stream)
        printed = self.capsys.readouterr()
        produced = {
            "log": stream.getvalue().encode("utf-8", "surrogateescape"),
            "stdout": printed.out.encode("utf-8", "surrogateescape"),
            "stderr": printed.err.encode("utf-8", "surrogateescape"),
            "logging": self.caplog.text.encode("utf-8", "surrogateescape"),
            "errors": "\n".join(map(_whole, self.errors)).encode("utf-8", "surrogateescape"),
            **self.files(),
        }
        text = b"\n".join(produced[name] for name in ("log", "stdout", "stderr", "output", "summary"))
        kind = type(self.errors[-1]).__name__ if self.errors else "-"
        ending = Ending(code, kind, text.decode("utf-8", "replace"), self.box.log[before:], produced)
        self.check_secrecy(produced)
        return ending

    def check_secrecy(self, produced: dict[str, bytes]) -> None:
        secrets = {self.box.platform_key, self.box.hub_key, *self.signatures}
        shown = found(secrets, produced) + self.box.leaks
        assert not shown, "\n".join(shown)

    def files(self) -> dict[str, bytes]:
        """Every file that was written, but for the saved key and the dataset."""
        kept = {self.saved_key, self.workspace / "set.zip"}
        paths = [path for path in self.folder.rglob("*") if path.is_file() and path not in kept]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths}

    def on_disk(self, dialect: str) -> str:
        """'file' for a complete export under its name, 'part' for a part of one, 'key', or '-' for none of them."""
        final = self.out / FILES[dialect]
        reports = {"report.json", "stats.json", "report.html", "report.md", "report.sarif", "report.junit.xml"}
        rest = {path.name for path in self.out.glob("*")} - reports - {final.name}
        parts = {name for name in rest if ".part" in name}
        assert rest == parts, f"files that nobody expects: {rest - parts}"
        if final.exists():
            assert hashlib.sha256(final.read_bytes()).hexdigest() == ARTIFACT.sha256
            return "file and part" if parts else "file"
        return "part" if parts else "key" if self.saved_key.exists() else "-"

    def _environment(self, operation: str, dialect: str, inputs: dict[str, str]) -> dict[str, str]:
        """Every declared input is set, '' where nothing is given, as GitHub does it."""
        root = self.root or self.box.url
        given = {
            "operation": operation,
            "api_key": self.key(dialect),
            "platform_url": root if dialect == "platform" else "",
            "hub_api": root if dialect == "hub" else "",
            "model_id": PLATFORM_MODEL if dialect == "platform" else HUB_MODEL,
            **OF_OPERATION.get(operation, {}),
            **inputs,
        }
        files = {"GITHUB_OUTPUT": str(self.folder / "output"), "GITHUB_STEP_SUMMARY": str(self.folder / "summary")}
        for path in files.values():
            Path(path).write_bytes(b"")
        named = {f"INPUT_{one.name.upper()}": given.get(one.name, "") for one in INPUTS}
        about = {"GITHUB_WORKSPACE": str(self.workspace), "HOME": str(self.folder / "home"), "GITHUB_ACTIONS": "true"}
        return about | files | named | self.extra


OF_OPERATION = {
    "login": {"save_key": "true"},
    "export-model": {"wait": "true", "timeout": "10"},
    "upload-dataset": {
        "dataset_path": "set.zip",
        "dataset_id": "shapes",
        "task": "detect",
        "workers": "1",
        "timeout": "10",
    },
}
ARTIFACT = exported("yolo11n", "torchscript", {}, SIZE, 0)


def _noting(function: Any, note: Any) -> Any:
    def noted(*args: Any) -> Any:
        value = function(*args)
        note(value)
        return value

    return noted


def _noting_self(function: Any, note: Any) -> Any:
    def noted(self: Any, *args: Any, **named: Any) -> None:
        function(self, *args, **named)
        note(self)

    return noted


def _whole(error: BaseException) -> str:
    """The error as Python prints it, with what led to it, and its parts."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.__dict__)
