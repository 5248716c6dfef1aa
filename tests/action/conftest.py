"""A step of a workflow as the runner would start and read it."""

from __future__ import annotations

import functools
import gc
import importlib.util
import io
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hubaction.action.inputs import INPUTS
from hubaction.action.run import run

sys.path.insert(0, str(Path(__file__).parent))
from tricks import as_name, as_yaml


def load(name: str, path: str) -> ModuleType:
    """A helper by its path; test folders are no packages."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def load_oracle() -> ModuleType:
    return load("runner_oracle", "oracle.py")


def load_pair() -> ModuleType:
    return load("sound_pair", "pair.py")


@pytest.fixture(scope="session")
def runner() -> ModuleType:
    """What the runner makes of a stream or a file."""
    return load_oracle()


@pytest.fixture(scope="session")
def page() -> ModuleType:
    """What a browser gets of a summary."""
    return load("summary_page", "../report/page.py")


@dataclass(frozen=True)
class Result:
    """What a step left behind."""

    code: int
    raw: bytes
    output_file: bytes
    summary: str

    @property
    def log(self) -> str:
        return self.raw.decode("utf-8")

    @property
    def stream(self) -> Any:
        return load_oracle().read_stream(self.raw)

    @property
    def annotations(self) -> list[Any]:
        return list(self.stream.annotations)

    @property
    def outputs(self) -> dict[str, str]:
        return dict(load_oracle().read_outputs(self.output_file))


@dataclass
class Step:
    """A workspace, and the action run in it."""

    root: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @property
    def report_folder(self) -> Path:
        return self.workspace / "hub-action-report"

    def environment(self, inputs: Mapping[str, str]) -> dict[str, str]:
        """Every declared input is set, '' where the workflow gives none; command files are fresh and empty."""
        given = {f"INPUT_{one.name.upper()}": inputs.get(one.name, "") for one in INPUTS}
        files = {}
        for name in ("OUTPUT", "STEP_SUMMARY", "ENV", "PATH", "STATE"):
            path = self.root / "file_commands" / name.lower()
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"")
            files[f"GITHUB_{name}"] = str(path)
        return (
            {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(self.workspace), "CI": "true"}
            | files
            | given
            | self.extra
        )

    def run(self, **inputs: str) -> Result:
        """Run the action in this process, on a stream that takes UTF-8 and nothing else."""
        environment = self.environment(inputs)
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding="utf-8", errors="strict", newline="")
        code = run(environment, stream)
        stream.flush()
        return self.result(code, raw.getvalue())

    def result(self, code: int, raw: bytes) -> Result:
        folder = self.root / "file_commands"
        for unused in ("env", "path", "state"):
            assert (folder / unused).read_bytes() == b""
        summary = (folder / "step_summary").read_bytes()
        assert len(summary) <= load_oracle().LARGEST_SUMMARY
        return Result(code, raw, (folder / "output").read_bytes(), summary.decode("utf-8"))


@pytest.fixture(scope="session")
def make_step() -> Any:
    """A step in an empty workspace. The settings of a process that the action changes end with it."""

    @contextmanager
    def make(folder: Path) -> Iterator[Step]:
        handler, thresholds = signal.getsignal(signal.SIGTERM), gc.get_threshold()
        (folder / "workspace" / ".git").mkdir(parents=True)
        yield Step(folder)
        signal.signal(signal.SIGTERM, handler)
        gc.set_threshold(*thresholds)

    return make


@pytest.fixture
def step(tmp_path: Path, make_step: Any) -> Iterator[Step]:
    """A step in an empty workspace."""
    with make_step(tmp_path) as one:
        yield one


class Dataset:
    """A small detect dataset in a folder: one good image a split."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.images = 0
        for split in ("train", "val"):
            self.add(split, "good", load_pair().GRID)
        (root / "LICENSE").write_text(load_pair().LICENSE)
        self.yaml("train: images/train\nval: images/val\nnames: [cat, dog]\n")

    def yaml(self, text: str) -> None:
        (self.root / "data.yaml").write_bytes(text.encode("utf-8"))

    def add(self, split: str, name: str, rows: str) -> None:
        """A new image with its label file; ``name`` is the path without suffix below the split's folder."""
        self.images += 1
        for kind, suffix, content in (
            ("images", ".png", load_pair().picture(self.images)),
            ("labels", ".txt", f"{rows}\n".encode("utf-8", "backslashreplace")),
        ):
            path = self.root / kind / split / f"{name}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@pytest.fixture(scope="session")
def png() -> bytes:
    """A picture that every loader takes."""
    made: bytes = load_pair().picture(0)
    return made


@pytest.fixture(scope="session")
def make_dataset() -> Any:
    """A clean dataset in the folder ``ds`` of a step's workspace."""
    return lambda step: Dataset(step.workspace / "ds")


@pytest.fixture
def dataset(step: Step, make_dataset: Any) -> Dataset:
    """A clean dataset in the folder ``ds`` of the workspace."""
    made: Dataset = make_dataset(step)
    return made


@pytest.fixture(scope="session")
def spoil() -> Any:
    """Gives a dataset the text as folder, file name, class name, split and label token."""

    def make(dataset: Dataset, text: str) -> Dataset:
        dataset.yaml(f"train: images/train\nval: images/val\ntest: {as_yaml(text)}\nnames: [{as_yaml(text)}, dog]\n")
        token = "".join(text.split()) or "x"
        dataset.add("train", f"{as_name(text)}/{as_name(text)}", f"0 0.5 0.5 0.2 z{token}")
        return dataset

    return make


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory, make_step: Any, make_dataset: Any, spoil: Any) -> Any:
    """What the action makes of a dataset with the text in all these places, in all formats; once for each text."""

    @functools.cache
    def check(text: str) -> tuple[Result, Step]:
        with make_step(tmp_path_factory.mktemp("hostile")) as step:
            spoil(make_dataset(step), text)
            return step.run(dataset_path="ds", select="L302,Y203", formats="json html sarif junit"), step

    return check
