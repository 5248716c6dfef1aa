"""HUB's key check, and what it did with models: reset, export and get-export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubaction.sandbox.answers import Refusal, answer
from hubaction.sandbox.contract import HUB_FORMATS
from hubaction.sandbox.gate import Route, json_body
from hubaction.sandbox.jobs import Job
from hubaction.sandbox.limits import HUB_DEFAULT, HUB_EXPORT
from hubaction.sandbox.world import World

if TYPE_CHECKING:
    from flask import Response

_PENDING = "Export is processing."
READY = "Export ready!"
"""What the official SDK's own test compares with."""


class HubModels:
    """The routes of the former functions. Where no client shows what HUB answered, the words are a choice of ours."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/v1/auth", self.check_key, HUB_DEFAULT),
            Route("POST", "/model-reset", self.reset, HUB_DEFAULT),
            Route("POST", "/v1/models/<id>/export", self.export, HUB_EXPORT),
            Route("POST", "/get-export", self.get_export, HUB_EXPORT),
        ]

    def check_key(self) -> object:
        return {"success": True}

    def reset(self) -> object:
        model = str(_object(json_body()).get("modelId", ""))
        record = self._world.record("models", model)
        record |= {"status": "untrained", "has_best_weights": False, "has_last_weights": False}
        self._world.hub_jobs = {key: job for key, job in self._world.hub_jobs.items() if key[0] != model}
        return {"success": True, "message": "Model reset"}

    def export(self, id: str) -> object:
        record = self._world.record("models", id)
        args = _object(json_body())
        name = str(args.pop("format", ""))
        if name not in HUB_FORMATS:
            raise Refusal(400, f"Unsupported export format. Choose one of {', '.join(HUB_FORMATS)}")
        if record.get("status") != "trained":
            raise Refusal(400, "The model has not been trained")
        running = self._world.hub_jobs.get((id, name))
        if not (running and running.is_active):
            self._world.hub_jobs[id, name] = Job(_slug(record), name, args, "", self._world.now)
        return {"success": True, "message": "Export started"}

    def get_export(self) -> object:
        given = _object(json_body())
        model = str(given.get("modelId", ""))
        self._world.record("models", model)
        job = self._world.hub_jobs.get((model, str(given.get("format", ""))))
        if job is None:
            raise Refusal(404, "Export not found.")
        return self._state(job.read(self._world.now, self._world.knobs))

    def _state(self, job: Job) -> Response:
        if job.is_active:
            return answer({"success": False, "message": _PENDING})
        if job.state == "failed":
            message = f"Export failed. {job.error}".strip()
            return answer({"success": False, "message": message}, self._world.knobs.hub_failure_status)
        artifact = job.artifact(self._world.knobs)
        url = self._world.link(job.id, lambda: job.artifact(self._world.knobs))
        data = {"url": url, "format": job.format, "size": artifact.size}
        return answer({"success": True, "message": READY, "data": data})


def _object(body: object) -> dict[str, object]:
    if not isinstance(body, dict):
        raise Refusal(400, "The body must be an object")
    return body


def _slug(record: dict[str, object]) -> str:
    """The name that a model's files get: its own, of letters and digits only."""
    meta = record.get("meta")
    name = str(meta.get("name", "")) if isinstance(meta, dict) else ""
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum()) or "model"
