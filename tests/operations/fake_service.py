"""A service in memory: what it answers stands in its attributes, what it was asked in ``asked``."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hubaction.errors import UsageError
from hubaction.hub import connect as connecting
from hubaction.hub import download as downloading
from hubaction.hub.clock import SystemClock
from hubaction.hub.connect import Settings
from hubaction.hub.download import Downloaded
from hubaction.hub.secret import Secret
from hubaction.hub.service import Account, DatasetUpload, Export, ExportRequest, ModelId, State, Uploaded

KEY = "ul_" + "0123456789abcdef" * 2 + "01234567"
URL = "https://storage.invalid/signed?signature=do-not-show"
FORMATS = ("torchscript", "onnx", "coreml", "engine")
MODEL = "demo/shapes/yolo11n"
CONTENT = b"an export"
Bytes = Callable[[int, int], None]


class FakeClock:
    """Waiting takes no time; ``slept`` tells what was waited."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return sum(self.slept)

    def now(self) -> float:
        return 1.8e9 + self.monotonic()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class FakeService:
    """What it does is set beforehand.

    Attributes:
        states: that each format goes through, one a question, the last one for ever. there: the newest exports.
        errors: raised by method, or by method and format. uploaded: its answer to a dataset.
    """

    name = "Fake Platform"
    formats = FORMATS

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.asked: list[tuple[Any, ...]] = []
        self.settings: list[Settings] = []
        self.account = Account("Ada", "pro")
        self.states: dict[str, list[Export]] = {}
        self.there: dict[str, Export] = {}
        self.errors: dict[str, BaseException] = {}
        self.uploaded = Uploaded(
            "ul://demo/datasets/ds", True, State.COMPLETED, images=2, errors=0, splits={"train": 2}
        )
        self.sent: bytes = b""
        self.content = CONTENT

    def export(self, name: str, state: State = State.PENDING, **values: Any) -> Export:
        """An export as the service would describe it."""
        known: dict[str, Any] = {"id": f"id-of-{name}", "word": "running"}
        if state is State.COMPLETED:
            known |= {"url": Secret(URL), "file_name": f"yolo11n.{name}", "size": len(self.content), "seconds": 41.6}
        return Export(name, state, **(known | values))

    def _ask(self, method: str, *arguments: Any) -> None:
        self.asked.append((method, *arguments))
        for name in (method, f"{method} {arguments[-1]}" if arguments else ""):
            if name in self.errors:
                raise self.errors[name]

    def check_key(self) -> Account:
        self._ask("check_key")
        return self.account

    def model(self, text: str) -> ModelId:
        if text.count("/") != 2:
            raise UsageError(f"{text!r} is no model.", "Give owner/project/model.")
        return ModelId(text, tuple(text.split("/")))

    def format(self, text: str) -> str:
        name = {"pt": "torchscript"}.get(text, text)
        if name not in FORMATS:
            raise UsageError(f"There is no format {text!r}.", f"Use one of {', '.join(FORMATS)}.")
        return name

    def export_request(self, format: str, args: Mapping[str, object], gpu_type: str = "") -> ExportRequest:
        if "bad" in args:
            raise UsageError("There is no argument 'bad'.")
        return ExportRequest(self.format(format), args, gpu_type)

    def reset_model(self, model: ModelId) -> str:
        self._ask("reset_model", model.shown)
        return "It is untrained now; weights were not touched."

    def start_export(self, model: ModelId, request: ExportRequest) -> Export:
        self._ask("start", model.shown, dict(request.args), request.gpu_type, request.format)
        return self._next(request.format) if request.format in self.states else self.export(request.format)

    def _next(self, name: str) -> Export:
        states = self.states[name]
        return states.pop(0) if len(states) > 1 else states[0]

    def exports(self, model: ModelId, wanted: Sequence[Export], deadline: float = float("inf")) -> list[Export]:
        self._ask("exports", tuple(one.format for one in wanted))
        return [self._next(one.format) if one.format in self.states else one for one in wanted]

    def find_exports(self, model: ModelId, formats: Sequence[str]) -> list[Export | None]:
        self._ask("find", tuple(formats))
        return [self.there.get(name) for name in formats]

    def refreshed(self, model: ModelId, export: Export) -> Export:
        return export

    def cancel(self, model: ModelId, export: Export) -> None:
        self._ask("cancel", export.id)

    def upload_dataset(self, upload: DatasetUpload, progress: Bytes) -> Uploaded:
        self.sent = upload.file.read_bytes()
        self._ask("upload", dataclasses.replace(upload, file=Path(upload.file.name)))
        progress(len(self.sent), len(self.sent))
        return self.uploaded


def installed(monkeypatch: Any) -> FakeService:
    """The service in the place of a real one, and downloads without a network."""
    service = FakeService()

    def connect(settings: Settings, _notify: object, _clock: object = None) -> FakeService:
        if settings.key is None:
            raise UsageError("No API key was given.", "Set HUB_API_KEY.")
        service.settings.append(settings)
        return service

    def download(
        export: Export, _refresh: object, folder: Path, _storage: object, progress: Bytes, *, model: str
    ) -> Downloaded:
        if error := service.errors.get(f"download {export.format}"):
            raise error
        path = folder / (export.file_name or f"{model}.{export.format}")
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(service.content)
        progress(len(service.content), len(service.content))
        return Downloaded(path, len(service.content), hashlib.sha256(service.content).hexdigest())

    monkeypatch.setattr(connecting, "connect", connect)
    monkeypatch.setattr(downloading, "download", download)
    for name in ("monotonic", "now", "sleep"):
        monkeypatch.setattr(SystemClock, name, staticmethod(getattr(service.clock, name)))
    return service
