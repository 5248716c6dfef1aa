"""The Platform's account, projects and models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubaction.sandbox.answers import Refusal, answer, iso
from hubaction.sandbox.artifacts import exported
from hubaction.sandbox.contract import (
    STATUSES,
    TASKS,
    accept,
    flag,
    mapping,
    mappings,
    number,
    one_of,
    slug,
    text,
    texts,
)
from hubaction.sandbox.gate import Route, json_body, number_in_query
from hubaction.sandbox.limits import DEFAULT, FILES, MUTATION
from hubaction.sandbox.world import OWNER, REGION, Model, Project, World, need_own

if TYPE_CHECKING:
    from flask import Response

_MODEL = "/api/models/<owner>/<project>/<model>"
_DETAILS = {
    "description": text(1, 1000),
    "metadata": mapping(),
    "trainArgs": mapping(),
    "trainResults": mappings(),
    "epochs": number(0, 100_000, whole=True),
    "version": text(1, 64),
}
_CREATE = _DETAILS | {
    "project": slug(1, 128, required=True),
    "owner": slug(4, 32),
    "model": slug(1, 128),
    "name": text(1, 100),
    "task": one_of(TASKS),
    "metrics": mapping(),
    "docs": text(0, 100_000),
    "environment": mapping(),
    "completedAt": text(1, 64),
}
_UPDATE = _DETAILS | {
    "name": text(1, 100),
    "status": one_of(STATUSES),
    "color": text(1, 32),
    "license": text(1, 64),
    "datasetSlug": slug(1, 128),
    "projectId": text(24, 24),
    "bestEpoch": number(0, 100_000, whole=True),
    "bestFitness": number(0, 1),
    "trainingError": mapping(),
    "starred": flag(),
}
_UNSEEN = {"datasetSlug", "projectId", "starred"}  # they change what is shown elsewhere
_CLONE = {
    "project": slug(1, 128, required=True),
    "owner": slug(4, 32),
    "model": slug(1, 128),
    "name": text(1, 100),
    "description": text(1, 1000),
}
_PROJECT = {
    "project": slug(1, 128, required=True),
    "name": text(1, 100, required=True),
    "owner": slug(4, 32),
    "visibility": one_of(["public", "private"]),
    "description": text(1, 1000),
    "metadata": mapping(),
    "tags": texts(50, 50),
    "license": text(1, 64),
}


class PlatformModels:
    """The routes of the account, of projects and of models."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/api/account/summary", self.account, DEFAULT),
            Route("POST", "/api/projects", self.create_project, MUTATION),
            Route("GET", "/api/projects/<owner>/<project>", self.retrieve_project, DEFAULT),
            Route("POST", "/api/models", self.create, MUTATION),
            Route("GET", "/api/models/<owner>/<project>", self.list_models, DEFAULT),
            Route("GET", _MODEL, self.retrieve, DEFAULT),
            Route("PATCH", _MODEL, self.update, MUTATION),
            Route("DELETE", _MODEL, self.delete, MUTATION),
            Route("POST", f"{_MODEL}/clone", self.clone, MUTATION),
            Route("GET", f"{_MODEL}/files", self.files, FILES),
        ]

    def account(self) -> object:
        owners: dict[str, list[str]] = {
            "projects": [owner for owner, _ in self._world.projects],
            "datasets": [owner for owner, _ in self._world.datasets],
            "models": [owner for owner, _, _ in self._world.models],
        }
        return {
            "username": OWNER,
            "name": "Sandbox",
            "accountType": "personal",
            "plan": "free",
            "creditsCents": 0,
            "counts": {name: found.count(OWNER) for name, found in owners.items()},
            "teams": [],
        }

    def create_project(self) -> Response:
        given = accept(_PROJECT, json_body())
        owner, slug = str(given.get("owner", OWNER)), str(given["project"])
        need_own(owner)
        if (owner, slug) in self._world.projects:
            raise Refusal(409, "A project with this name already exists")
        visibility = str(given.get("visibility", "private"))
        project = Project(owner, slug, str(given["name"]), self._world.now, visibility=visibility)
        self._world.projects[owner, slug] = project
        return answer({"id": project.id, "owner": owner, "project": slug, "region": REGION}, 201)

    def retrieve_project(self, owner: str, project: str) -> object:
        found = self._world.project(owner, project)
        models = [_listed(model) for model in self._in(owner, project)]
        about = {
            "id": found.id,
            "owner": owner,
            "project": project,
            "name": found.name,
            "visibility": found.visibility,
            "modelCount": len(models),
            "starCount": 0,
            "isStarred": False,
            "createdAt": iso(found.created),
            "updatedAt": iso(found.created),
            "metadata": {},
        }
        return {"project": about, "models": models, "isOwner": owner == OWNER}

    def list_models(self, owner: str, project: str) -> object:
        self._world.project(owner, project)
        most = number_in_query("limit", 20, 100)
        return {"models": [_listed(model) for model in self._in(owner, project)][:most], "region": REGION}

    def create(self) -> Response:
        given = accept(_CREATE, json_body())
        if "name" in given and "model" not in given:
            raise Refusal(400, "name: only together with model")
        model = self._new(given, str(given.get("owner", OWNER)))
        model.task = str(given.get("task", model.task))
        model.details = {name: given[name] for name in [*_DETAILS, "metrics"] if name in given}
        return answer(_created(model), 201)

    def retrieve(self, owner: str, project: str, model: str) -> object:
        return {"model": _shown(self._world.model(owner, project, model)), "isOwner": owner == OWNER}

    def update(self, owner: str, project: str, model: str) -> object:
        found = self._world.model(owner, project, model)
        need_own(owner)
        given = accept(_UPDATE, json_body())
        if found.status in {"starting", "running"}:
            raise Refusal(409, "Training is active")
        found.status = str(given.pop("status", found.status))
        found.name = str(given.pop("name", found.name))
        found.details |= {name: value for name, value in given.items() if name not in _UNSEEN}
        found.updated = self._world.now
        return {"success": True, "model": found.slug}

    def delete(self, owner: str, project: str, model: str) -> object:
        self._world.model(owner, project, model)
        need_own(owner)
        del self._world.models[owner, project, model]
        return {"success": True}

    def clone(self, owner: str, project: str, model: str) -> Response:
        source = self._world.model(owner, project, model)
        given = accept(_CLONE, json_body())
        if owner == given.get("owner", OWNER):
            raise Refusal(403, "A model cannot be cloned inside one workspace")
        copy = self._new({"model": source.slug, "name": source.name, **given}, str(given.get("owner", OWNER)))
        copy.status, copy.weights, copy.task = source.status, source.weights, source.task
        copy.details = dict(source.details)
        return answer(_created(copy), 201)

    def files(self, owner: str, project: str, model: str) -> object:
        found = self._world.model(owner, project, model)
        if not found.weights:
            raise Refusal(404, "The model has no files")
        url = self._world.link(f"{found.id}-best", lambda: exported("best", "pt", {}, 0, 0))
        return {"files": [{"name": "best.pt", "size": found.weights, "downloadUrl": url}]}

    def _new(self, given: dict[str, object], owner: str) -> Model:
        """A model that is put into its project. Raises Refusal (403, 404, 409)."""
        need_own(owner)
        project = self._world.project(owner, str(given["project"]))
        slug = str(given.get("model", f"model-{len(self._world.models)}"))
        if (owner, project.slug, slug) in self._world.models:
            raise Refusal(409, "A model with this name already exists in the project")
        now = self._world.now
        model = Model(owner, project.slug, slug, str(given.get("name", slug)), now, now)
        self._world.models[owner, project.slug, slug] = model
        return model

    def _in(self, owner: str, project: str) -> list[Model]:
        return [model for key, model in self._world.models.items() if key[:2] == (owner, project)]


def _created(model: Model) -> dict[str, object]:
    parts = {"owner": model.owner, "project": model.project, "model": model.slug, "name": model.name}
    return {"id": model.id, **parts, "region": REGION}


def _listed(model: Model) -> dict[str, object]:
    """A list leaves the metadata out."""
    return {name: value for name, value in _shown(model).items() if name != "metadata"}


def _shown(model: Model) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": model.id,
        "owner": model.owner,
        "project": model.project,
        "projectName": model.project.title(),
        "model": model.slug,
        "name": model.name,
        "visibility": "private" if model.owner == OWNER else "public",
        "status": model.status,
        "task": model.task,
        "hasWeights": bool(model.weights),
        "starCount": 0,
        "isStarred": False,
        "createdAt": iso(model.created),
        "updatedAt": iso(model.updated),
        "metadata": {},
    }
    return shown | model.details | ({"file": {"size": model.weights}} if model.weights else {})
