"""HUB's records of models, datasets, projects and users, and the upload of a dataset."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from flask import Response, request

from hubaction.sandbox.answers import Refusal, answer
from hubaction.sandbox.artifacts import from_file
from hubaction.sandbox.furnish import hub_model
from hubaction.sandbox.gate import Route, json_body, number_in_query
from hubaction.sandbox.ingest import ingest, splits_of
from hubaction.sandbox.limits import HUB_DEFAULT
from hubaction.sandbox.world import Ingested, World, new_hub_id, new_id

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

_MOST = 1000  # records in an answer


class HubRecords:
    """The routes that the official SDK of HUB creates, reads, changes, deletes and lists records with."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        one = "/v1/<collection>/<id>"
        return [
            Route("POST", "/v1/<collection>", self.create, HUB_DEFAULT),
            Route("GET", "/v1/<collection>", self.list_records, HUB_DEFAULT),
            Route("GET", one, self.read, HUB_DEFAULT),
            Route("PATCH", one, self.update, HUB_DEFAULT),
            Route("DELETE", one, self.delete, HUB_DEFAULT),
            Route("POST", "/v1/datasets/<id>/upload", self.upload, HUB_DEFAULT, streams=True),
        ]

    def create(self, collection: str) -> object:
        given, new = _object(json_body()), new_hub_id()
        meta = given.get("meta")
        name = meta.get("name") if isinstance(meta, dict) else None
        if not isinstance(name, str) or not name.strip():
            raise Refusal(400, "meta.name is required")
        usual = hub_model(new, name) if collection == "models" else {}
        self._collection(collection)[new] = usual | given | {"id": new}
        return {"success": True, "message": "Created", "data": {"id": new}}

    def list_records(self, collection: str) -> object:
        """Records in order of creation: from a page on, or after the one that ``last_doc_id`` names."""
        records = list(self._collection(collection).values())
        most = number_in_query("limit", 10, _MOST)
        ids = [record["id"] for record in records]
        last = request.args.get("last_doc_id")
        if last is not None and last not in ids:
            raise Refusal(400, "last_doc_id is not the id of a record")
        start = ids.index(last) + 1 if last else number_in_query("page", 0, 10**6) * most
        shown = records[start : start + most]
        more = shown and start + most < len(records)
        data = {"results": shown, "total": len(records), "lastRecordId": shown[-1]["id"] if more else None}
        return {"success": True, "data": data}

    def read(self, collection: str, id: str) -> object:
        return {"success": True, "data": self._world.record(collection, id)}

    def update(self, collection: str, id: str) -> object:
        record = self._world.record(collection, id)
        record |= _object(json_body()) | {"id": id}
        return {"success": True, "message": "Updated"}

    def delete(self, collection: str, id: str) -> object:
        if request.args.get("hard", "False") not in {"True", "False"}:
            raise Refusal(400, "hard must be True or False")
        self._world.record(collection, id)
        del self._world.hub[collection][id]
        return {"success": True, "message": "Deleted"}

    def upload(self, id: str) -> Response:
        """Take the archive of a dataset: the one part of the form, named as the file is."""
        with self._world.lock:
            self._world.record("datasets", id)
        parts = list(request.files.items())
        if len(parts) != 1:
            raise Refusal(400, "One file is expected")
        path = self._world.folder / new_id()
        _save(parts[0][1], path)
        result = ingest(path, None)
        with self._world.lock:
            record = self._world.record("datasets", id)
            name = PurePosixPath(parts[0][0]).name
            record |= {"url": self._world.link(path.name, lambda: from_file(name, path)), **_stats(result)}
        return answer({"success": True, "message": "Dataset uploaded", "data": {"id": id}})

    def _collection(self, name: str) -> dict[str, dict[str, object]]:
        if name not in self._world.hub:
            raise Refusal(404, "Not found.")
        return self._world.hub[name]


def _object(body: object) -> dict[str, object]:
    if not isinstance(body, dict):
        raise Refusal(400, "The body must be an object")
    return body


def _save(part: FileStorage, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(part.stream, file)


def _stats(result: Ingested) -> dict[str, object]:
    if result.problem:
        return {"status": "failed", "error": result.problem}
    stats = {"images": len(result.images), "splits": splits_of(result.images), "skipped": result.skipped}
    errors = sum(bool(image.error) for image in result.images)
    return {"status": "ready", "task": result.task, "names": list(result.classes), "stats": stats | {"errors": errors}}
