"""The account, projects and models as the Platform keeps them."""

from __future__ import annotations

from typing import Any

import pytest

MODELS = "/api/models"
DEMO = f"{MODELS}/demo/shapes/yolo11n"


def test_the_account(desk: Any) -> None:
    account = desk.platform("GET", "/api/account/summary").json()
    assert (account["username"], account["plan"], account["teams"]) == ("demo", "free", [])
    assert account["counts"] == {"projects": 1, "datasets": 0, "models": 1}
    desk.dataset()
    assert desk.platform("GET", "/api/account/summary").json()["counts"]["datasets"] == 1


def test_a_project_is_created_once_and_read(desk: Any) -> None:
    body = {"project": "mine", "name": "Mine", "visibility": "private", "owner": "demo"}
    created = desk.platform("POST", "/api/projects", body)
    assert created.status_code == 201
    assert created.json() | {"id": ""} == {"id": "", "owner": "demo", "project": "mine", "region": "eu"}
    assert desk.platform("POST", "/api/projects", body).status_code == 409
    assert desk.platform("POST", "/api/projects", body | {"owner": "other"}).status_code == 403
    found = desk.platform("GET", "/api/projects/demo/mine").json()
    assert (found["project"]["name"], found["project"]["visibility"], found["models"]) == ("Mine", "private", [])
    assert found["isOwner"] is True


def test_the_demo_model_is_trained(desk: Any) -> None:
    found = desk.platform("GET", DEMO).json()
    model = found["model"]
    assert (model["status"], model["task"], model["hasWeights"]) == ("completed", "detect", True)
    assert model["classNames"] == ["circle", "square", "triangle"]
    assert found["isOwner"] is True
    files = desk.platform("GET", f"{DEMO}/files").json()["files"]
    assert [file["name"] for file in files] == ["best.pt"]
    assert len(desk.ask("GET", files[0]["downloadUrl"]).content) == files[0]["size"] == model["file"]["size"]


def test_a_model_is_created_changed_and_deleted(desk: Any) -> None:
    created = desk.platform("POST", MODELS, {"project": "shapes", "model": "new", "name": "New", "task": "pose"})
    assert created.status_code == 201
    assert created.json()["model"] == "new"
    path = f"{MODELS}/demo/shapes/new"
    model = desk.platform("GET", path).json()["model"]
    assert (model["name"], model["task"], model["status"]) == ("New", "pose", "untrained")
    assert (model["hasWeights"], desk.platform("GET", f"{path}/files").status_code) == (False, 404)
    desk.box.advance(5)
    changed = desk.platform("PATCH", path, {"name": "Newer", "status": "failed", "epochs": 7})
    assert changed.json() == {"success": True, "model": "new"}
    model = desk.platform("GET", path).json()["model"]
    assert (model["name"], model["status"], model["epochs"]) == ("Newer", "failed", 7)
    assert model["updatedAt"] == "2027-01-15T08:00:05.000Z"
    assert desk.platform("DELETE", path).json() == {"success": True}
    assert desk.platform("GET", path).status_code == 404


def test_models_are_listed_by_project(desk: Any) -> None:
    desk.platform("POST", MODELS, {"project": "shapes"})
    listed = desk.platform("GET", f"{MODELS}/demo/shapes").json()["models"]
    assert [model["project"] for model in listed] == ["shapes", "shapes"]
    assert len(desk.platform("GET", f"{MODELS}/demo/shapes?limit=1").json()["models"]) == 1
    assert desk.platform("GET", f"{MODELS}/demo/none").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"project": "Shapes"}, 400),
        ({"project": "shapes", "name": "no slug"}, 400),
        ({"project": "shapes", "model": "a" * 129}, 400),
        ({"project": "shapes", "model": "a", "name": " "}, 400),
        ({"project": "shapes", "model": "a", "name": "a\nb"}, 400),
        ({"project": "shapes", "task": "track"}, 400),
        ({"project": "shapes", "weights": 1}, 400),
        ({"project": "none"}, 404),
        ({"project": "yolo11", "owner": "ultralytics"}, 403),
        ({"project": "shapes", "model": "yolo11n"}, 409),
    ],
)
def test_models_that_are_not_created(desk: Any, body: dict[str, Any], status: int) -> None:
    assert desk.platform("POST", MODELS, body).status_code == status


def test_a_reset_is_a_change_of_status_and_keeps_the_weights(desk: Any) -> None:
    assert desk.platform("PATCH", DEMO, {"status": "untrained"}).status_code == 200
    model = desk.platform("GET", DEMO).json()["model"]
    assert (model["status"], model["hasWeights"]) == ("untrained", True)


def test_nothing_is_changed_while_a_training_runs(desk: Any) -> None:
    desk.platform("PATCH", DEMO, {"status": "running"})
    assert desk.platform("PATCH", DEMO, {"status": "untrained"}).status_code == 409
    assert desk.platform("GET", DEMO).json()["model"]["status"] == "running"


def test_what_belongs_to_others_is_seen_and_not_changed(desk: Any) -> None:
    path = f"{MODELS}/ultralytics/yolo11/yolo11n"
    assert desk.platform("GET", path).json()["isOwner"] is False
    assert desk.platform("PATCH", path, {"name": "Mine"}).status_code == 403
    assert desk.platform("DELETE", path).status_code == 403
    assert desk.platform("PATCH", DEMO, {"state": "x"}).status_code == 400


def test_an_official_model_is_cloned_and_can_then_be_exported(desk: Any) -> None:
    path = f"{MODELS}/ultralytics/yolo11/yolo11n/clone"
    assert desk.platform("POST", path, {"project": "shapes"}).status_code == 409
    clone = desk.platform("POST", path, {"project": "shapes", "model": "copy"})
    assert (clone.status_code, clone.json()["model"]) == (201, "copy")
    exports = f"{MODELS}/demo/shapes/copy/exports"
    assert desk.platform("POST", exports, {"format": "onnx"}).status_code == 201
    assert desk.platform("POST", f"{DEMO}/clone", {"project": "shapes"}).status_code == 403
