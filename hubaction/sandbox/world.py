"""Everything that a sandbox knows: projects, models, datasets and files. Nothing of it outlives the process."""

from __future__ import annotations

import secrets
import string
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hubaction.hub.clock import Clock
from hubaction.sandbox.answers import Refusal
from hubaction.sandbox.artifacts import Artifact
from hubaction.sandbox.contract import is_slug
from hubaction.sandbox.jobs import Job
from hubaction.sandbox.knobs import Knobs
from hubaction.sandbox.links import Links

OWNER = "demo"
OFFICIAL = "ultralytics"
HUB_MODEL = "Demo0Shapes0Yolo11n0"
PLATFORM_MODEL = f"{OWNER}/shapes/yolo11n"
REGION = "eu"
_T = TypeVar("_T")


def new_id() -> str:
    """An id as the Platform makes them: 24 hexadecimal digits."""
    return secrets.token_hex(12)


def new_hub_id() -> str:
    """An id as HUB made them: 20 letters and digits."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(20))


@dataclass(slots=True)
class Project:
    """A project of the Platform."""

    owner: str
    slug: str
    name: str
    created: float
    id: str = field(default_factory=new_id)
    visibility: str = "private"


@dataclass(slots=True)
class Model:
    """A model of the Platform. ``weights`` is the size of its checkpoint in bytes; 0 where there is none."""

    owner: str
    project: str
    slug: str
    name: str
    created: float
    updated: float
    id: str = field(default_factory=new_id)
    status: str = "untrained"
    task: str = "detect"
    weights: int = 0
    details: dict[str, object] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image that an ingest has found; ``error`` says why it cannot be used."""

    name: str
    split: str
    width: int
    height: int
    size: int
    labels: int
    hash: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of an archive.

    Attributes:
        problem: why nothing of it could be used; '' where something could.
        skipped: labels left out, by reason.
    """

    task: str = "detect"
    classes: tuple[str, ...] = ()
    images: tuple[StoredImage, ...] = ()
    annotations: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    problem: str = ""
    archive: Path | None = None


@dataclass(slots=True)
class Dataset:
    """A dataset of the Platform.

    Attributes:
        job: id of the last ingest; '' before the first.
        ready_at: when its processing may be seen to end (seconds since 1970).
        result: of the ingest, None while it is being read.
    """

    owner: str
    slug: str
    name: str
    created: float
    updated: float
    id: str = field(default_factory=new_id)
    task: str = ""
    details: dict[str, object] = field(default_factory=dict)
    job: str = ""
    ready_at: float = 0.0
    result: Ingested | None = None
    versions: list[dict[str, object]] = field(default_factory=list)

    def is_processing(self, now: float) -> bool:
        return bool(self.job) and (self.result is None or now < self.ready_at)


@dataclass(slots=True)
class Session:
    """An upload: declared, then put once, then completed."""

    kind: str
    asset: str
    filename: str
    content_type: str
    total: int
    path: Path
    id: str = field(default_factory=new_id)
    put: bool = False
    completed: bool = False


class World:
    """The state behind both dialects. Hold ``lock`` while reading or changing it.

    Attributes:
        hub: records of HUB by collection and id. hub_jobs: exports by model id and format.
        files: what the storage serves, by id.
        readers: runs ingests, one after the other.
    """

    def __init__(self, root: Callable[[], str], folder: Path, clock: Clock, knobs: Knobs) -> None:
        self.folder = folder
        self.clock = clock
        self.knobs = knobs
        self.lock = threading.RLock()
        self.links = Links(root)
        self.projects: dict[tuple[str, str], Project] = {}
        self.models: dict[tuple[str, str, str], Model] = {}
        self.datasets: dict[tuple[str, str], Dataset] = {}
        self.sessions: dict[str, Session] = {}
        self.hub: dict[str, dict[str, dict[str, object]]] = {"models": {}, "datasets": {}, "projects": {}, "users": {}}
        self.hub_jobs: dict[tuple[str, str], Job] = {}
        self.files: dict[str, Callable[[], Artifact]] = {}
        self.readers = ThreadPoolExecutor(1, "sandbox-ingest")

    @property
    def now(self) -> float:
        return self.clock.now()

    def link(self, id: str, make: Callable[[], Artifact]) -> str:
        """A signed address at which the storage serves a file for a while."""
        self.files[id] = make
        return self.links.sign("GET", f"/storage/files/{id}/{make().name}", self.now + self.knobs.link_life)

    def model(self, owner: str, project: str, model: str) -> Model:
        """A model that the demo account can see. Raises Refusal."""
        need_slugs(owner, project, model)
        return _found(self.models.get((owner, project, model)), "Model not found")

    def project(self, owner: str, project: str) -> Project:
        """A project that the demo account can see. Raises Refusal."""
        need_slugs(owner, project)
        return _found(self.projects.get((owner, project)), "Project not found")

    def dataset(self, owner: str, dataset: str) -> Dataset:
        """A dataset that the demo account can see. Raises Refusal."""
        need_slugs(owner, dataset)
        return _found(self.datasets.get((owner, dataset)), "Dataset not found")

    def record(self, collection: str, id: str) -> dict[str, object]:
        """A record of HUB. Raises Refusal."""
        return _found(self.hub.get(collection, {}).get(id), f"{collection.removesuffix('s').title()} not found.")


def _found(value: _T | None, otherwise: str) -> _T:
    if value is None:
        raise Refusal(404, otherwise)
    return value


def need_slugs(owner: str, *slugs: str) -> None:
    """Raises Refusal (400) for a path that no slug can make."""
    if not is_slug(owner, 4, 32) or not all(map(is_slug, slugs)):
        raise Refusal(400, "Invalid path parameters")


def need_own(owner: str) -> None:
    """Raises Refusal (403) where the demo account may look but not change."""
    if owner != OWNER:
        raise Refusal(403, "You do not have permission to change this resource")
