"""The Platform's exports of a model."""

from __future__ import annotations

from flask import Response, request

from hubaction.sandbox.answers import Refusal, answer, iso
from hubaction.sandbox.artifacts import file_name
from hubaction.sandbox.contract import MOBILE, SUFFIXES, export_request
from hubaction.sandbox.gate import Route, json_body, number_in_query
from hubaction.sandbox.jobs import ACTIVE, Job
from hubaction.sandbox.limits import EXPORT
from hubaction.sandbox.world import OFFICIAL, OWNER, REGION, Model, World

_BASE = "/api/models/<owner>/<project>/<model>/exports"
_STATES = [*ACTIVE, "completed", "failed", "cancelled"]
_MOBILE_LIFE = 24 * 3600


class PlatformExports:
    """The routes of exports, which all share one rate limit; and the contract in which a client reads the formats."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        return [
            Route("POST", _BASE, self.create, EXPORT),
            Route("GET", _BASE, self.list_exports, EXPORT),
            Route("GET", f"{_BASE}/<id>", self.retrieve, EXPORT),
            Route("DELETE", f"{_BASE}/<id>", self.delete, EXPORT),
            Route("POST", f"{_BASE}/<id>/mobile", self.mobile, EXPORT),
            Route("GET", "/openapi.json", self.contract, None, is_open=True),
        ]

    def create(self, owner: str, project: str, model: str) -> Response:
        subject = self._world.model(owner, project, model)
        job = self._job(subject, json_body())
        if owner != OWNER:
            clone = " Clone the official model into your own project first." if owner == OFFICIAL else ""
            raise Refusal(403, f"Editor access is required to export this model.{clone}")
        if not subject.weights:
            raise Refusal(400, "The model has no weights to export")
        if any(one.is_active and one.request == job.request for one in subject.jobs):
            raise Refusal(409, "An equivalent export is already active")
        subject.jobs.append(job)
        created = {"id": job.id, "format": job.format, "status": job.state, "region": REGION}
        return answer(created | ({"gpuType": job.gpu} if job.gpu else {}), 201)

    def _job(self, subject: Model, body: object) -> Job:
        given = export_request(body, self._world.knobs.more_formats)
        args = given.get("args")
        now = self._world.now
        gpu = str(given.get("gpuType", ""))
        return Job(subject.slug, str(given["format"]), args if isinstance(args, dict) else {}, gpu, now, updated=now)

    def list_exports(self, owner: str, project: str, model: str) -> object:
        jobs = self._world.model(owner, project, model).jobs
        most, status = number_in_query("limit", 20, 100), request.args.get("status")
        if status not in {None, *_STATES}:
            raise Refusal(400, f"status: must be one of {', '.join(_STATES)}")
        shown = [self._shown(job.read(self._world.now, self._world.knobs)) for job in reversed(jobs)]
        wanted = [one for one in shown if status in {None, one["status"]}]
        return {"exports": wanted[:most], "region": REGION}

    def retrieve(self, owner: str, project: str, model: str, id: str) -> object:
        job = _find(self._world.model(owner, project, model), id)
        return {"export": self._shown(job.read(self._world.now, self._world.knobs))}

    def delete(self, owner: str, project: str, model: str, id: str) -> object:
        subject = self._world.model(owner, project, model)
        job = _find(subject, id).read(self._world.now, self._world.knobs)
        if job.is_active:
            job.cancel(self._world.now)
            return {"success": True, "action": "cancelled"}
        subject.jobs.remove(job)
        self._world.files.pop(id, None)
        return {"success": True, "action": "deleted"}

    def mobile(self, owner: str, project: str, model: str, id: str) -> object:
        job = _find(self._world.model(owner, project, model), id)
        if job.format not in MOBILE:
            raise Refusal(400, f"Only {', '.join(sorted(MOBILE))} can be imported on a phone")
        if job.state != "completed":
            raise Refusal(409, "The export is not completed")
        expires = self._world.now + _MOBILE_LIFE
        return {"importUrl": self._world.links.sign("GET", f"/mobile/{id}", expires), "expiresAt": iso(expires)}

    def contract(self) -> object:
        """The part of the published contract that lists the formats."""
        formats = {"type": "string", "enum": [*SUFFIXES, *self._world.knobs.more_formats]}
        schema = {"type": "object", "properties": {"format": formats}, "required": ["format"]}
        body = {"content": {"application/json": {"schema": schema}}}
        path = "/api/models/{owner}/{project}/{model}/exports"
        about = {"title": "hub-action sandbox, not the live service", "version": "0.1.9"}
        return {"openapi": "3.1.0", "info": about, "paths": {path: {"post": {"requestBody": body}}}}

    def _shown(self, job: Job) -> dict[str, object]:
        shown: dict[str, object] = {"id": job.id, "status": job.state, "format": job.format}
        shown |= {"args": dict(job.args), "createdAt": iso(job.created), "updatedAt": iso(job.updated)}
        if job.gpu:
            shown["gpuType"] = job.gpu
        if job.started is not None:
            shown["startedAt"] = iso(job.started)
        if job.ended is not None:
            shown["completedAt"] = iso(job.ended)
        if job.state == "completed":
            shown["file"] = self._file(job)
        elif job.state == "failed":
            shown["error"] = {"message": job.error, "timestamp": iso(job.ended or 0.0)}
        return shown

    def _file(self, job: Job) -> dict[str, object]:
        url = self._world.link(job.id, lambda: job.artifact(self._world.knobs))
        size = job.artifact(self._world.knobs).size
        return {"size": size, "downloadUrl": url, "downloadFilename": file_name(job.model, job.format)}


def _find(model: Model, id: str) -> Job:
    for job in model.jobs:
        if job.id == id:
            return job
    raise Refusal(404, "Export not found")
