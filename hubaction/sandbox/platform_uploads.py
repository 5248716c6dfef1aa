"""The Platform's uploads: a signed address, one PUT, complete, ingest."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

from hubaction.sandbox.answers import Refusal, answer, iso
from hubaction.sandbox.contract import Field, accept, mapping, number, one_of, text
from hubaction.sandbox.gate import Route, json_body
from hubaction.sandbox.ingest import ingest, merged
from hubaction.sandbox.limits import UPLOAD
from hubaction.sandbox.storage import CREATE_ONLY
from hubaction.sandbox.world import Dataset, Ingested, Session, World, need_own, new_id

if TYPE_CHECKING:
    from flask import Response

_LIFE = 12 * 3600
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".ndjson")
_LARGEST_MODEL = 1 << 30
_LARGEST_ARCHIVE = 10 << 30
"""Bytes that a free plan may send."""
_POLICIES = ["skip", "keep_both", "replace"]
_SIGNED = {
    "assetType": one_of(["datasets", "models"], required=True),
    "assetId": text(24, 24, required=True),
    "filename": text(1, 256, required=True),
    "contentType": text(1, 50, required=True),
    "totalBytes": number(1, _LARGEST_ARCHIVE, whole=True, required=True),
}


def _hex(length: int) -> Field:
    def fits(value: object) -> bool:
        return isinstance(value, str) and len(value) == length and not set(value.lower()) - set("0123456789abcdef")

    return Field(fits, f"{length} hexadecimal digits")


_COMPLETE = {"sessionId": text(1, 64, required=True), "checksum": _hex(64), "md5": _hex(32)}
_INGEST = {
    "sessionId": text(1, 64),
    "sourceUrl": text(1, 4096),
    "reference": mapping(),
    "targetSplit": one_of(["train", "val", "test"]),
    "conflictPolicy": one_of(_POLICIES),
    "classMapping": mapping(),
    "imageMetadata": mapping(),
}


class PlatformUploads:
    """The routes of uploads, of which ten a minute are let in."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/api/upload/signed-url", self.sign, UPLOAD),
            Route("POST", "/api/upload/complete", self.complete, UPLOAD),
            Route("POST", "/api/datasets/<owner>/<dataset>/ingest", self.ingest, UPLOAD),
        ]

    def sign(self) -> object:
        given = accept(_SIGNED, json_body())
        kind, asset, name = str(given["assetType"]), str(given["assetId"]), str(given["filename"])
        self._need_asset(kind, asset)
        if not name.lower().endswith(_ARCHIVES if kind == "datasets" else ".pt"):
            raise Refusal(400, f"filename: must end in {', '.join(_ARCHIVES) if kind == 'datasets' else '.pt'}")
        total = given["totalBytes"]
        if not isinstance(total, int) or (kind == "models" and total > _LARGEST_MODEL):
            raise Refusal(400, "totalBytes: a model file has 1 GB at most")
        path = self._world.folder / new_id()
        session = Session(kind, asset, name, str(given["contentType"]), total, path)
        self._world.sessions[session.id] = session
        expires = self._world.now + _LIFE
        url = self._world.links.sign("PUT", f"/storage/uploads/{session.id}", expires)
        return {"sessionId": session.id, "uploadUrl": url, "expiresAt": iso(expires), "headers": CREATE_ONLY}

    def complete(self) -> object:
        given = accept(_COMPLETE, json_body())
        session = self._finished(str(given["sessionId"]))
        for field, digest in (("checksum", "sha256"), ("md5", "md5")):
            if field in given and _digest(session, digest) != str(given[field]).lower():
                raise Refusal(400, f"{field}: the uploaded object has another one")
        session.completed = True
        for model in self._world.models.values():
            if session.kind == "models" and model.id == session.asset:
                model.weights, model.status = session.total, "completed"
        return {"success": True, "file": {"size": session.total, "contentType": session.content_type}}

    def ingest(self, owner: str, dataset: str) -> Response:
        subject = self._world.dataset(owner, dataset)
        need_own(owner)
        given = accept(_INGEST, json_body())
        if sum(source in given for source in ("sessionId", "sourceUrl", "reference")) != 1:
            raise Refusal(400, "Exactly one of sessionId, sourceUrl and reference is needed")
        if "sessionId" not in given:
            raise Refusal(400, "The sandbox ingests uploads only: give a sessionId")
        if subject.is_processing(self._world.now):
            raise Refusal(409, "The dataset is being processed")
        session = self._finished(str(given["sessionId"]))
        if session.kind != "datasets" or session.asset != subject.id:
            raise Refusal(403, "The upload belongs to another resource")
        job = self._start(subject, session, str(given.get("conflictPolicy", "skip")))
        return answer({"jobId": job, "status": "queued"}, 201)

    def _start(self, subject: Dataset, session: Session, policy: str) -> str:
        """Have an archive read in the background; the id of the job."""
        before, subject.result = subject.result, None
        subject.job = new_id()
        subject.ready_at = self._world.now + self._world.knobs.seconds
        work = self._world.readers.submit(ingest, session.path, subject.task or None)
        work.add_done_callback(
            lambda done: self._arrived(subject, functools.partial(merged, before, done.result(), policy))
        )
        return subject.job

    def _arrived(self, subject: Dataset, result: functools.partial[Ingested]) -> None:
        with self._world.lock:
            subject.result = result()
            subject.task = subject.task or subject.result.task
            subject.updated = self._world.now

    def _need_asset(self, kind: str, id: str) -> None:
        owned: list[str] = [one.id for one in self._world.datasets.values()]
        if kind == "models":
            owned = [one.id for one in self._world.models.values()]
        if id not in owned:
            raise Refusal(404, f"{kind.removesuffix('s').title()} not found")

    def _finished(self, id: str) -> Session:
        """A session whose bytes have all come. Raises Refusal (400, 404)."""
        session = self._world.sessions.get(id)
        if session is None:
            raise Refusal(404, "Upload session not found")
        if not session.put or session.path.stat().st_size != session.total:
            raise Refusal(400, "The upload is not complete")
        return session


def _digest(session: Session, name: str) -> str:
    with session.path.open("rb") as file:
        return hashlib.file_digest(file, name).hexdigest()
