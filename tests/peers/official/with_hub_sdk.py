"""hub-sdk 0.0.25, the official SDK of Ultralytics HUB. It reads the server's root when it is imported."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import requests
from hub_sdk import HUBClient
from hub_sdk.base.api_client import APIClient, APIClientError
from hub_sdk.config import HUB_API_ROOT
from steps import Place, step

MODEL = "Demo0Shapes0Yolo11n0"
WRONG_KEY = "f" * 42


def client(place: Place, key: str = "") -> HUBClient:
    return HUBClient({"api_key": key or place.hub_key})


def asked(place: Place, format: str = "onnx", model: str = MODEL) -> dict[str, Any]:
    """What get-export answers, asked as the SDK's own tests do; the status where it refuses."""
    api = APIClient(HUB_API_ROOT, client(place).get_auth_header())
    try:
        response = api.post("/get-export", json={"modelId": model, "format": format})
    except APIClientError as error:
        return {"refused": error.status_code}
    return dict(response.json())


@step
def hub_key_accepted(place: Place) -> object:
    return {"accepted": client(place).authenticated}


@step
def hub_key_refused(place: Place) -> object:
    return {"accepted": client(place, WRONG_KEY).authenticated}


@step
def hub_models(place: Place) -> object:
    """Create, read, change and delete."""
    hub = client(place)
    model = hub.model()
    config = {"batchSize": 16, "cache": "ram", "device": "0", "epochs": 5, "imageSize": 640, "patience": 10}
    model.create_model({"meta": {"name": "First"}, "projectId": "p", "datasetId": "d", "config": config})
    name, trained = model.data["meta"]["name"], model.is_trained()
    updated = model.update({"meta": {"name": "Second"}}) is not None
    changed = hub.model(model.id).data["meta"]["name"]
    deleted = [model.delete(hard=hard) is not None for hard in (True, False)]
    left = hub.model(model.id).data
    return {"name": name, "trained": trained, "changed": [updated, changed], "deleted": deleted, "left": left}


@step
def hub_model_read(place: Place) -> object:
    model = client(place).model(MODEL)
    return [model.is_trained(), model.has_best_weights(), model.is_pretrained(), model.get_architecture()]


@step
def hub_export(place: Place) -> object:
    """Start it, ask until it is ready, and fetch the file."""
    client(place).model(MODEL).export("onnx")
    answers = [asked(place) for _ in range(4)]
    content = requests.get(answers[-1]["data"]["url"], timeout=10).content
    return {
        "ready": [answer["success"] for answer in answers],
        "sha256": hashlib.sha256(content).hexdigest(),
    }


@step
def hub_export_fails(place: Place) -> object:
    client(place).model(MODEL).export("onnx")
    answer = asked(place)
    return {"failed": "refused" in answer or "fail" in answer["message"].lower()}


@step
def hub_export_missing(place: Place) -> object:
    return asked(place)


@step
def hub_dataset(place: Place) -> object:
    """Create, upload, and read the address back."""
    dataset = client(place).dataset()
    dataset.create_dataset({"meta": {"name": "shapes"}, "filename": place.sound.name})
    sent = dataset.upload_dataset(str(place.sound))
    dataset.get_data()
    content = requests.get(dataset.get_download_link(), timeout=10).content
    return {"sent": sent is not None, "same": content == place.sound.read_bytes()}


@step
def hub_dataset_changed(place: Place) -> object:
    """Change and delete."""
    hub = client(place)
    dataset = hub.dataset()
    dataset.create_dataset({"meta": {"name": "shapes"}, "filename": "shapes.zip"})
    updated = dataset.update({"meta": {"name": "forms"}}) is not None
    name = hub.dataset(dataset.id).data["meta"]["name"]
    return {"changed": [updated, name], "deleted": dataset.delete() is not None, "left": hub.dataset(dataset.id).data}


@step
def hub_pages(place: Place) -> object:
    """Five projects in pages of two, forth and back."""
    hub = client(place)
    for name in "abcde":
        hub.project().create_project({"meta": {"name": name}})
    pages = hub.project_list(page_size=2)
    seen = [pages.results]
    for move in (pages.next, pages.next, pages.next, pages.previous):
        move()
        seen.append(pages.results)
    names = ["".join(project["meta"]["name"] for project in results) for results in seen]
    response = hub.project().list(page=1, limit=2)
    return {"pages": pages.total_pages, "seen": names, "second": len(response.json()["data"]["results"])}


@step
def hub_limited(place: Place) -> object:
    """The SDK words a 429 by its reset time, unless it cannot read that."""
    api = APIClient(f"{HUB_API_ROOT}/v1/models", client(place).get_auth_header())
    try:
        api.get(f"/{MODEL}")
    except APIClientError as error:
        return {"refused": error.status_code, "knows when": bool(re.search(r"after \d{4}-\d\d-\d\d ", error.message))}
    return {"refused": None}
