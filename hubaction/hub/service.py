"""What a service can do, in words that both dialects share."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hubaction.hub.secret import Secret

Notify = Callable[[str], None]
"""Told one line about what goes on: a wait, a retry, a name that was translated."""

Progress = Callable[[int, int], None]
"""Told bytes done and bytes in all (0 where nobody knows)."""


class State(enum.Enum):
    """Where an export stands. ``PENDING`` covers queued, starting, running and every word that is not known."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Account:
    """Whose key it is, as far as the service tells."""

    name: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class ModelId:
    """A model: its name for people, and the parts of its path (Platform: owner, project, model; HUB: id)."""

    shown: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export to.

    Attributes:
        format: by the name that the service knows.
        args: export arguments such as ``imgsz``; ``gpu_type`` is needed for TensorRT engines on the Platform.
    """

    format: str
    args: Mapping[str, object] = field(default_factory=dict)
    gpu_type: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """One export as the service describes it.

    Attributes:
        id: '' where the service has none (HUB).
        word: the service's own word for the state; ``error`` its own words about a failure (untrusted).
        size: bytes, None where it does not say; ``url`` is signed and short-lived; ``file_name`` is untrusted.
        seconds: from start to end as the service tells it, else None.
        joined: an equal export was running already, and this is that one.
    """

    format: str
    state: State
    id: str = ""
    word: str = ""
    args: Mapping[str, object] = field(default_factory=dict)
    gpu_type: str = ""
    size: int | None = None
    url: Secret | None = None
    file_name: str = ""
    error: str = ""
    created: str = ""
    seconds: float | None = None
    joined: bool = False


@dataclass(frozen=True, slots=True)
class DatasetUpload:
    """A dataset to send.

    Attributes:
        file: archive to send as it is.
        target: ``owner/slug`` or ``slug`` (then the key's own workspace); HUB: a name or the id of a dataset.
        task: '' lets the service infer it.
        deadline: of ``Clock.monotonic``, for the whole upload and its processing.
    """

    file: Path
    target: str
    task: str = ""
    deadline: float = float("inf")
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What the service made of a dataset.

    Attributes:
        shown: address or name of the dataset on the service; created: whether it is new.
        images, errors: as the service counts them; None where it does not say. skipped: labels by reason.
        problem: the service's own words where processing failed (untrusted).
        bad_images: the first images that it could not read, with its own words about each (untrusted).
    """

    shown: str
    created: bool
    state: State
    images: int | None = None
    errors: int | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)
    splits: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""
    bad_images: Mapping[str, str] = field(default_factory=dict)


class Service(Protocol):
    """A service that models are exported on. Every method raises ServiceError or one of its kinds (errors.py)."""

    @property
    def name(self) -> str:
        """For messages: 'Ultralytics Platform' or 'the HUB server at <root>'."""

    @property
    def formats(self) -> Sequence[str]:
        """Names of the formats known when this version was made; the service has the last word."""

    def check_key(self) -> Account:
        """Ask the service whose key this is. Raises Unauthorised where it does not know it."""

    def model(self, text: str) -> ModelId:
        """The model that a user means. Raises UsageError: empty, or no id of this service."""

    def format(self, text: str) -> str:
        """The format that a user means, by the service's own name. Raises UsageError with the nearest one."""

    def export_request(self, format: str, args: Mapping[str, object], gpu_type: str = "") -> ExportRequest:
        """What a user wants, checked without a request as far as it can be; texts are read as numbers or yes/no.

        Raises:
            UsageError: no such format, a value that is out of range, or no GPU named for a TensorRT engine.
        """

    def reset_model(self, model: ModelId) -> str:
        """Back to untrained; a sentence that says what was and what was not done."""

    def start_export(self, model: ModelId, request: ExportRequest) -> Export:
        """Start an export, or join an equal one that is running."""

    def exports(self, model: ModelId, wanted: Sequence[Export], deadline: float = float("inf")) -> list[Export]:
        """How the wanted ones stand now, in their order: one request where the service can list them.

        ``deadline`` is one of ``Clock.monotonic``; what could not be asked before it comes back as it was.
        """

    def find_exports(self, model: ModelId, formats: Sequence[str]) -> list[Export | None]:
        """The newest export of each format completed or under way, else the newest; None where there is none."""

    def refreshed(self, model: ModelId, export: Export) -> Export:
        """The same export with an address that is fresh."""

    def cancel(self, model: ModelId, export: Export) -> None:
        """End a running export on the service. Raises Rejected where the service cannot."""

    def upload_dataset(self, upload: DatasetUpload, progress: Progress) -> Uploaded:
        """Send an archive and wait until the service has read it."""
