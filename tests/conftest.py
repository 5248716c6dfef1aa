"""Small sound datasets of every task, drawn here, and single changes to them."""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import io
import json
import os
import random
import re
import struct
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from PIL import Image, ImageDraw

from hubaction.dataset.dataset import Dataset, Reading, read_dataset
from hubaction.dataset.datayaml import Loader
from hubaction.dataset.limits import Limits
from hubaction.dataset.source import open_source
from hubaction.dataset.statistics import statistics
from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.report.model import Report

# Hypothesis would keep its notes in the project's folder, where pytest's collection trips over them.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(tempfile.gettempdir()) / "hubaction-hypothesis"))
settings.register_profile(
    "tests",
    deadline=None,
    max_examples=30,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("tests")

BOX = "0 0.5 0.5 0.25 0.25\n1 0.25 0.25 0.125 0.125\n"
POLYGON = "0 0.25 0.25 0.75 0.25 0.5 0.75\n1 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2\n"
CORNERS = "0 0.25 0.25 0.75 0.25 0.75 0.75 0.25 0.75\n"
POINTS = "0 0.5 0.5 0.25 0.25 0.4 0.4 2 0.6 0.6 1\n"
ROWS = {"detect": BOX, "segment": POLYGON, "obb": CORNERS, "pose": POINTS}
OF_EVERY_SET = ("LICENCE_MISSING",)
"""Kinds of defect of every set built here, which no loader cares about: it holds no licence unless a test adds one."""
FIELDS = {  # of a zip entry: offset in the directory, offset in the local header, format
    "flags": (8, 6, "<H"),
    "method": (10, 8, "<H"),
    "crc": (16, 14, "<I"),
    "packed": (20, 18, "<I"),
    "size": (24, 22, "<I"),
    "offset": (42, None, "<I"),
}


@functools.cache
def draw(kind: str = "JPEG", size: tuple[int, int] = (32, 24), seed: int = 0, **options: Any) -> bytes:
    """A picture of a few rectangles as the bytes of a file."""
    chance = random.Random(seed)
    image = Image.new("RGB", size, (seed * 37 % 256, 90, 160))
    pen = ImageDraw.Draw(image)
    for _ in range(4):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        pen.rectangle((x, y, x + 6, y + 6), fill=tuple(chance.randrange(256) for _ in range(3)))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@dataclasses.dataclass
class Maker:
    """A dataset in memory: change it, then write it as a zip or folder, or read or check it at once."""

    home: Path
    task: str
    top: str = "set"
    files: dict[str, bytes] = dataclasses.field(default_factory=dict)
    yaml: dict[str, Any] = dataclasses.field(default_factory=dict)
    method: int = zipfile.ZIP_DEFLATED
    raw: bytes | None = None
    limits: Limits = dataclasses.field(default_factory=Limits)
    in_folder: bool = False
    entries: list[tuple[str | zipfile.ZipInfo, bytes]] = dataclasses.field(default_factory=list)
    patches: list[Callable[[bytearray], None]] = dataclasses.field(default_factory=list)
    links: dict[str, str] = dataclasses.field(default_factory=dict)
    removed_late: list[str] = dataclasses.field(default_factory=list)

    # single changes; each returns the maker

    def put(self, path: str, content: str | bytes = b"") -> Maker:
        """Add or replace a file."""
        self.files[path] = content.encode() if isinstance(content, str) else content
        return self

    def drop(self, *prefixes: str) -> Maker:
        """Remove the files whose path starts so."""
        self.files = {path: data for path, data in self.files.items() if not path.startswith(prefixes)}
        return self

    def keys(self, *without: str, **values: Any) -> Maker:
        """Set keys of data.yaml, or take them away."""
        self.yaml = {key: value for key, value in self.yaml.items() if key not in without} | values
        return self.put(
            "data.yaml",
            "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in self.yaml.items()),
        )

    def yaml_text(self, text: str | bytes) -> Maker:
        """Replace data.yaml."""
        return self.put("data.yaml", text)

    def label(self, text: str | bytes, image: str = "train/a") -> Maker:
        """Replace the label of an image."""
        return self.put(f"labels/{image}.txt", text)

    def image(self, data: bytes, name: str = "train/a.jpg") -> Maker:
        """Replace an image."""
        return self.put(f"images/{name}", data)

    def pair(self, image: str, text: str | None = None, seed: int = 5) -> Maker:
        """Add an image with its label, e.g. ``train/x.jpg``."""
        self.put(f"images/{image}", draw(seed=seed))
        return self.put(f"labels/{image.rpartition('.')[0]}.txt", ROWS[self.task] if text is None else text)

    def limit(self, **limits: int) -> Maker:
        self.limits = dataclasses.replace(self.limits, **limits)
        return self

    def entry(self, name: str | zipfile.ZipInfo, data: bytes = b"") -> Maker:
        """Append an entry to the zip under exactly this name."""
        self.entries.append((name, data))
        return self

    def link(self, path: str, target: str | Path) -> Maker:
        """A symbolic link, in a folder."""
        self.links[path] = str(target)
        self.in_folder = True
        return self

    def set_field(self, path: str, name: str, value: int, *, where: str = "both") -> Maker:
        """Overwrite a field of the zip entry of a file, in the directory, the local header or both."""
        at_central, at_local, form = FIELDS[name]

        def patch(data: bytearray) -> None:
            central, local = headers_of(data, f"{self.top}/{path}")
            if where != "local":
                struct.pack_into(form, data, central + at_central, value)
            if where != "central" and at_local is not None:
                struct.pack_into(form, data, local + at_local, value)

        self.patches.append(patch)
        return self

    def patch(self, change: Callable[[bytearray], None]) -> Maker:
        """Change the bytes of the finished zip."""
        self.patches.append(change)
        return self

    # the dataset on disk

    def zip(self, name: str = "set.zip", prefix: bytes = b"") -> Path:
        """Write a zip; its only top folder is ``top``, or there is none where ``top`` is ''."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", self.method) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library warns of names given twice
            for path, data in self.files.items():
                archive.writestr(f"{self.top}/{path}" if self.top else path, data)
            for entry, data in self.entries:
                archive.writestr(entry, data)
        data = bytearray(out.getvalue() if self.raw is None else self.raw)
        for change in self.patches:
            change(data)
        path = self.home / name
        path.write_bytes(prefix + bytes(data))
        return path

    def folder(self, name: str | None = None) -> Path:
        """Write a folder."""
        root = self.home / (name or self.top or "set")
        for path, data in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        for path, target in self.links.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).unlink(missing_ok=True)
            (root / path).symlink_to(target)
        return root

    def write(self) -> Path:
        return self.folder() if self.in_folder else self.zip()

    # and what comes of it

    def read(self, loader: Loader = Loader.FORMER, path: Path | None = None) -> Dataset:
        path = path or self.write()
        source = open_source(path, self.limits)
        for late in self.removed_late:
            (path / late).unlink()
        return read_dataset(source, self.task, Reading(loader, self.limits, 1))

    def defects(self, *kinds: str, loader: Loader = Loader.FORMER) -> list[Any]:
        """All defects but those of ``OF_EVERY_SET``, or those of the kinds named."""
        found = self.read(loader).defects
        return [one for one in found if (one.kind.name in kinds if kinds else one.kind.name not in OF_EVERY_SET)]

    def kinds(self, loader: Loader = Loader.FORMER) -> list[str]:
        """Names of the kinds of all defects but those of ``OF_EVERY_SET``, sorted."""
        return sorted(defect.kind.name for defect in self.defects(loader=loader))

    def stats(self, loader: Loader = Loader.FORMER) -> dict[str, Any]:
        return statistics(self.read(loader))

    def rows(self, image: str = "a.jpg", split: str = "train") -> list[list[float]] | None:
        """Rows of one image in the statistics; None where it was dropped."""
        part = self.stats()[split]
        return next((label[image] for label in part["labels"] if image in label), None) if part else None

    def check(self, profile: str = "hub", path: Path | None = None, **options: Any) -> Report:
        path = path or self.write()
        return check(CheckOptions(path, self.task, profile, limits=self.limits, workers=1, **options))


def headers_of(data: bytes | bytearray, name: str) -> tuple[int, int]:
    """Offsets of the directory entry and of the local header of an entry."""
    at = data.find(b"PK\x01\x02")
    while data[at + 46 : at + 46 + len(name.encode())] != name.encode():
        at = data.find(b"PK\x01\x02", at + 4)
        assert at > 0, f"no entry {name}"
    return at, struct.unpack_from("<I", data, at + 42)[0]


def sound(home: Path, task: str) -> Maker:
    """Two images in train, one in val; classify: two classes with two and one."""
    maker = Maker(home, task)
    if task == "classify":
        for index, path in enumerate(
            ("train/cat/a", "train/cat/b", "train/dog/c", "train/dog/d", "val/cat/e", "val/dog/f")
        ):
            maker.put(f"{path}.jpg", draw(seed=index))
        return maker
    for index, path in enumerate(("train/a", "train/b", "val/c")):
        maker.put(f"images/{path}.jpg", draw(seed=index)).put(f"labels/{path}.txt", ROWS[task])
    pose = {"kpt_shape": [2, 3], "flip_idx": [1, 0]} if task == "pose" else {}
    return maker.keys(train="images/train", val="images/val", names=["cat", "dog"], **pose)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Maker]:
    """``make(task)`` gives a sound dataset in memory."""

    def build(task: str = "detect") -> Maker:
        return sound(tmp_path, task)

    return build


@pytest.fixture
def detect(make: Callable[..., Maker]) -> Maker:
    return make("detect")


@pytest.fixture
def classify(make: Callable[..., Maker]) -> Maker:
    return make("classify")


@pytest.fixture(name="draw")
def draw_fixture() -> Callable[..., bytes]:
    """``draw(kind, size, seed, **options)``: the bytes of an image file."""
    return draw


@pytest.fixture(scope="session")
def sound_in(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Maker]:
    """Like ``make``, each in a folder of its own: for property tests and tables."""
    return lambda task="detect": sound(tmp_path_factory.mktemp("property"), task)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the data that is shared between projects and not part of this one."""
    if not (folder := os.environ.get("HUBACTION_SHARED_DATA")):
        pytest.skip("HUBACTION_SHARED_DATA is not set")
    return Path(folder)


def load_fake_service() -> ModuleType:
    """A service in memory; test folders are no packages."""
    name = "fake_service"
    if name not in sys.modules:
        path = Path(__file__).parent / "operations" / "fake_service.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A service in memory, which every operation talks to instead of a real one, by whatever key there is."""
    return load_fake_service().installed(monkeypatch)


# a service to talk to


@dataclasses.dataclass(frozen=True)
class Served:
    """The sandbox in one dialect: the variables that a job sets to reach it, its key, and the model that it has."""

    box: Any
    dialect: str
    key: str
    root: dict[str, str]
    model: str

    @property
    def variables(self) -> dict[str, str]:
        return {"HUB_API_KEY": self.key, **self.root}

    def asked(self, method: str, pattern: str) -> list[Any]:
        """The requests of a method whose path matches."""
        return [one for one in self.box.log if one.method == method and re.fullmatch(pattern, one.path)]


@pytest.fixture(params=["platform", "hub"])
def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A sandbox that is done at once, once in each dialect; waiting takes next to no time in this process."""
    from hubaction.hub.clock import SystemClock
    from hubaction.sandbox import Sandbox
    from hubaction.sandbox.world import HUB_MODEL, PLATFORM_MODEL

    monkeypatch.setattr(SystemClock, "sleep", lambda _clock, seconds: time.sleep(min(seconds, 0.01)))
    for name in ("HUB_API_KEY", "ULTRALYTICS_API_KEY", "ULTRALYTICS_PLATFORM_URL", "ULTRALYTICS_HUB_API"):
        monkeypatch.delenv(name, raising=False)
    with Sandbox(seconds=0.0, rate=0.0) as box:
        if request.param == "platform":
            yield Served(box, "platform", box.platform_key, {"ULTRALYTICS_PLATFORM_URL": box.url}, PLATFORM_MODEL)
        else:
            yield Served(box, "hub", box.hub_key, {"ULTRALYTICS_HUB_API": box.url}, HUB_MODEL)
        assert box.leaks == []
