"""The Platform's datasets: records, images and exports."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping

from flask import Response, request

from hubaction.sandbox.answers import Refusal, answer, iso
from hubaction.sandbox.artifacts import Artifact, from_bytes, from_file
from hubaction.sandbox.contract import TASKS, accept, flag, mapping, number, one_of, slug, text, texts
from hubaction.sandbox.gate import Route, json_body, number_in_query
from hubaction.sandbox.ingest import splits_of
from hubaction.sandbox.limits import DEFAULT, EXPORT, MUTATION
from hubaction.sandbox.ndjson import ndjson
from hubaction.sandbox.world import OWNER, REGION, Dataset, Ingested, StoredImage, World, need_own, new_id

_DATASET = "/api/datasets/<owner>/<dataset>"
_DETAILS = {
    "description": text(1, 1000),
    "classNames": texts(25_000, 100),
    "format": one_of(["yolo", "coco", "raw", "ndjson"]),
    "visibility": one_of(["public", "private"]),
    "tags": texts(50, 50),
    "license": text(1, 64),
    "metadata": mapping(),
    "blurFaces": flag(),
}
_CREATE = _DETAILS | {
    "dataset": slug(1, 128, required=True),
    "name": text(1, 100, required=True),
    "task": one_of(TASKS),
    "owner": slug(4, 32),
    "imageCount": number(0, 10**9, whole=True),
}
_UPDATE = _DETAILS | {
    "name": text(1, 100),
    "task": one_of(TASKS),
    "starred": flag(),
    "initializeClassNames": flag(),
    "classColors": mapping(),
    "kptSkeletonId": text(1, 64),
    "iconColor": text(1, 32),
    "iconLetter": text(1, 2),
}
_UNSEEN = {"initializeClassNames", "kptSkeletonId", "starred"}  # they change what is shown elsewhere
_VERSION = {"description": text(1, 200), "download": flag()}
_LIMIT, _MOST = 50, 5000  # images in an answer


class PlatformDatasets:
    """The routes of datasets, but for the upload."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/api/datasets", self.create, MUTATION),
            Route("GET", "/api/datasets/<owner>", self.list_datasets, DEFAULT),
            Route("GET", _DATASET, self.retrieve, DEFAULT),
            Route("PATCH", _DATASET, self.update, MUTATION),
            Route("DELETE", _DATASET, self.delete, MUTATION),
            Route("GET", f"{_DATASET}/images", self.images, DEFAULT),
            Route("GET", f"{_DATASET}/export", self.export, EXPORT),
            Route("POST", f"{_DATASET}/export", self.create_version, EXPORT),
        ]

    def create(self) -> Response:
        given = accept(_CREATE, json_body())
        owner, slug = str(given.pop("owner", OWNER)), str(given.pop("dataset"))
        need_own(owner)
        if (owner, slug) in self._world.datasets:
            raise Refusal(409, "A dataset with this name already exists")
        now = self._world.now
        dataset = Dataset(owner, slug, str(given.pop("name")), now, now, task=str(given.pop("task", "")), details=given)
        self._world.datasets[owner, slug] = dataset
        return answer({"id": dataset.id, "owner": owner, "dataset": slug, "region": REGION}, 201)

    def list_datasets(self, owner: str) -> object:
        shown = [_listed(one, self._world.now) for key, one in self._world.datasets.items() if key[0] == owner]
        return {"datasets": shown[: number_in_query("limit", 20, 100)], "total": len(shown), "region": REGION}

    def retrieve(self, owner: str, dataset: str) -> object:
        return {"dataset": _shown(self._world.dataset(owner, dataset), self._world.now)}

    def update(self, owner: str, dataset: str) -> object:
        found = self._world.dataset(owner, dataset)
        given = accept(_UPDATE, json_body())
        if found.is_processing(self._world.now):
            raise Refusal(409, "The dataset is being processed")
        found.name, found.task = str(given.pop("name", found.name)), str(given.pop("task", found.task))
        found.details |= {name: value for name, value in given.items() if name not in _UNSEEN}
        found.updated = self._world.now
        return {"success": True, "dataset": found.slug}

    def delete(self, owner: str, dataset: str) -> object:
        self._world.dataset(owner, dataset)
        del self._world.datasets[owner, dataset]
        return {"success": True}

    def images(self, owner: str, dataset: str) -> object:
        result = self._world.dataset(owner, dataset).result or Ingested()
        start, most = number_in_query("offset", 0, 10**9), number_in_query("limit", _LIMIT, _MOST)
        wanted = [image for image in result.images if _is_wanted(image, request.args)]
        return {
            "images": [_image(image) for image in wanted[start : start + most]],
            "total": len(wanted),
            "hasMore": start + most < len(wanted),
            "classes": list(result.classes),
            "errorCount": sum(bool(image.error) for image in result.images),
        }

    def export(self, owner: str, dataset: str) -> object:
        found, result = self._ready(owner, dataset)
        if "v" not in request.args:
            return {"downloadUrl": self._download(found, result, len(found.versions)), "cached": False}
        version = number_in_query("v", 1, 10**6)
        if not 1 <= version <= len(found.versions):
            raise Refusal(404, "Version not found")
        return {"downloadUrl": self._download(found, result, version), "version": version}

    def create_version(self, owner: str, dataset: str) -> object:
        found, result = self._ready(owner, dataset)
        accept(_VERSION, json_body() if request.content_length else {})
        found.versions.append(_counts(result) | {"version": len(found.versions) + 1, "createdAt": iso(self._world.now)})
        version = len(found.versions)
        return {"version": version, "downloadUrl": self._download(found, result, version), "reused": False}

    def _ready(self, owner: str, dataset: str) -> tuple[Dataset, Ingested]:
        found = self._world.dataset(owner, dataset)
        if found.result is None or found.result.problem or found.is_processing(self._world.now):
            raise Refusal(409, "The dataset is not ready to be exported")
        return found, found.result

    def _download(self, dataset: Dataset, result: Ingested, version: int) -> str:
        path = self._world.folder / f"{new_id()}.ndjson"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(ndjson(dataset, result, version, lambda image: self._address(result, image)))
        return self._world.link(path.stem, lambda: from_file(f"{dataset.slug}.ndjson", path))

    def _address(self, result: Ingested, image: StoredImage) -> str:
        def fetch() -> Artifact:
            assert result.archive is not None  # or there would be no images
            with zipfile.ZipFile(result.archive) as members:
                return from_bytes(image.hash + image.name[-5:].replace("/", ""), members.read(image.name))

        return self._world.link(image.hash[:24], fetch)


def _is_wanted(image: StoredImage, query: Mapping[str, str]) -> bool:
    """Whether an image passes the filters ``split``, ``hasError`` and ``hasLabel`` of a query."""
    asked = {"hasError": bool(image.error), "hasLabel": image.labels > 0}
    if any(name in query and (query[name].lower() == "true") != holds for name, holds in asked.items()):
        return False
    return query.get("split", image.split) == image.split


def _image(image: StoredImage) -> dict[str, object]:
    name = image.name.rsplit("/", 1)[-1]
    return {
        "id": image.hash[:24],
        "hash": image.hash,
        "ext": name.rpartition(".")[2].lower(),
        "name": name,
        "width": image.width,
        "height": image.height,
        "split": image.split,
        "labelCount": image.labels,
        "bytes": image.size,
        "error": image.error or None,
    }


def _counts(result: Ingested) -> dict[str, object]:
    return {
        "imageCount": len(result.images),
        "classCount": len(result.classes),
        "annotationCount": result.annotations,
        "splits": splits_of(result.images),
    }


def _listed(dataset: Dataset, now: float) -> dict[str, object]:
    """A list leaves the metadata out."""
    return {name: value for name, value in _shown(dataset, now).items() if name != "metadata"}


def _shown(dataset: Dataset, now: float) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": dataset.id,
        "owner": dataset.owner,
        "dataset": dataset.slug,
        "name": dataset.name,
        "visibility": "private",
        "task": dataset.task or "detect",
        "starCount": 0,
        "isStarred": False,
        "versions": dataset.versions,
        "region": REGION,
        "createdAt": iso(dataset.created),
        "updatedAt": iso(dataset.updated),
        "metadata": {},
    }
    result = dataset.result or Ingested()
    return shown | dataset.details | _counts(result) | _of_ingest(dataset, now)


def _of_ingest(dataset: Dataset, now: float) -> dict[str, object]:
    """What tells how the last ingest went."""
    if not dataset.job:
        return {}
    job: dict[str, object] = {"lastIngestJobId": dataset.job}
    result = dataset.result
    if result is None or dataset.is_processing(now):
        return job | {"status": "processing"}
    if result.problem:
        problem = {"message": result.problem, "timestamp": iso(dataset.updated)}
        return job | {"status": "failed", "processingError": problem}
    errors = sum(bool(image.error) for image in result.images)
    summary = {"added": len(result.images) - errors, "errors": errors, "skippedCounts": result.skipped}
    total = sum(image.size for image in result.images)
    ready = {"status": "ready", "errorCount": errors, "lastIngestSummary": summary, "totalBytes": total}
    return job | ready | {"classNames": list(result.classes)}
