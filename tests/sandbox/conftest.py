"""A sandbox to talk to over real sockets, with ``requests`` and nothing of our client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from hubaction.sandbox import Sandbox

EXPORTS = "/api/models/demo/shapes/yolo11n/exports"
HUB_MODEL = "Demo0Shapes0Yolo11n0"
ZIP = "application/zip"


class Still:
    """A clock that stands still, so that only ``advance`` lets time pass."""

    def monotonic(self) -> float:
        return 1000.0

    def now(self) -> float:
        return 1_800_000_000.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("the sandbox never sleeps by this clock")


class Desk:
    """Somebody who asks the sandbox by hand."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.session = requests.Session()
        self.session.trust_env = False

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request without a key."""
        address = path if path.startswith("http") else f"{self.box.url}{path}"
        return self.session.request(method, address, timeout=20, allow_redirects=False, **options)

    def platform(self, method: str, path: str, json: object = None, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.box.platform_key}"}
        return self.ask(method, path, json=json, headers=headers, **options)

    def hub(self, method: str, path: str, json: object = None, **options: Any) -> requests.Response:
        return self.ask(method, path, json=json, headers={"x-api-key": self.box.hub_key}, **options)

    # what several tests need

    def export(self, format: str = "onnx", **request: Any) -> str:
        """Start an export; its id."""
        response = self.platform("POST", EXPORTS, {"format": format, **request})
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def shown(self, id: str) -> dict[str, Any]:
        """An export as the Platform shows it."""
        export: dict[str, Any] = self.platform("GET", f"{EXPORTS}/{id}").json()["export"]
        return export

    def finished(self, format: str = "onnx") -> dict[str, Any]:
        """An export that is completed, if nothing is wrong with it."""
        one = self.export(format)
        self.box.advance(60)
        return self.shown(one)

    def dataset(self, slug: str = "shapes", **details: Any) -> str:
        """A new dataset; its id."""
        response = self.platform("POST", "/api/datasets", {"dataset": slug, "name": slug, **details})
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def signed(self, id: str, size: int, name: str = "set.zip", kind: str = "datasets") -> dict[str, Any]:
        """An address for an upload of so many bytes."""
        body = {"assetType": kind, "assetId": id, "filename": name, "contentType": ZIP, "totalBytes": size}
        response = self.platform("POST", "/api/upload/signed-url", body)
        assert response.status_code == 200, response.text
        signed: dict[str, Any] = response.json()
        return signed

    def put(self, signed: dict[str, Any], content: bytes, **headers: str) -> requests.Response:
        sent = {"Content-Type": ZIP, **signed["headers"], **headers}
        return self.ask("PUT", signed["uploadUrl"], data=content, headers=sent)

    def ingested(self, archive: Path, slug: str = "shapes", **options: Any) -> dict[str, Any]:
        """Upload an archive into a dataset, new or not, and wait; the dataset as the Platform shows it."""
        known = self.platform("GET", f"/api/datasets/demo/{slug}")
        one = known.json()["dataset"]["id"] if known.ok else self.dataset(slug)
        signed = self.signed(one, archive.stat().st_size)
        assert self.put(signed, archive.read_bytes()).status_code == 200
        body = {"sessionId": signed["sessionId"], **options}
        response = self.platform("POST", f"/api/datasets/demo/{slug}/ingest", body)
        assert response.status_code == 201, response.text
        return self.settled(slug, response.json()["jobId"])

    def settled(self, slug: str, job: str) -> dict[str, Any]:
        """A dataset once it is no longer processed."""
        self.box.advance(60)
        while True:
            dataset: dict[str, Any] = self.platform("GET", f"/api/datasets/demo/{slug}").json()["dataset"]
            assert dataset["lastIngestJobId"] == job
            if dataset["status"] != "processing":
                return dataset
            time.sleep(0.02)


@pytest.fixture
def open_desk() -> Iterator[Callable[..., Desk]]:
    """``open_desk(**knobs)``: a sandbox whose time stands still, and somebody to ask it; no rate limit unless asked."""
    desks: list[Desk] = []

    def open_one(**options: Any) -> Desk:
        desks.append(Desk(Sandbox(**{"clock": Still(), "rate": 0, **options})))
        return desks[-1]

    yield open_one
    for desk in desks:
        desk.session.close()
        desk.box.stop()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()


@pytest.fixture
def large(make: Callable[..., Any], draw: Callable[..., bytes]) -> Callable[..., Any]:
    """``large(task)``: a sound dataset whose images are large enough for the Platform."""

    def build(task: str = "detect") -> Any:
        maker = make(task)
        for index, path in enumerate([path for path in maker.files if path.endswith(".jpg")]):
            maker.put(path, draw(size=(64, 48), seed=index))
        return maker

    return build
