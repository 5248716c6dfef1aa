"""Our client of HUB's protocol and our public functions, doing what the official ones are told to do."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from unittest import mock

import requests
from place import Place, judged, step

import hubaction
from hubaction.errors import ExportFailed, Unauthorised
from hubaction.hub.connect import Settings, connect
from hubaction.hub.credentials import save_key, saved_key
from hubaction.hub.secret import Secret
from hubaction.hub.service import DatasetUpload, Export, ModelId, Service, State

MODEL = "Demo0Shapes0Yolo11n0"
WRONG_KEY = "f" * 42


def server(place: Place, key: str = "") -> tuple[Service, ModelId]:
    settings = Settings(Secret(key or place.box.hub_key), hub_api=place.box.url, source="the scenario")
    service = connect(settings, place.told.append, place.clock)
    return service, service.model(MODEL)


def start(service: Service, model: ModelId, format: str = "onnx") -> Export:
    return service.start_export(model, service.export_request(format, {}))


def digest_at(url: object) -> str:
    return hashlib.sha256(requests.get(str(url), timeout=10).content).hexdigest()


@step
def hub_key_accepted(place: Place) -> object:
    server(place)[0].check_key()
    return {"accepted": True}


@step
def hub_key_refused(place: Place) -> object:
    with contextlib.suppress(Unauthorised):
        server(place, WRONG_KEY)[0].check_key()
        return {"accepted": True}
    return {"accepted": False}


@step
def hub_export(place: Place) -> object:
    service, model = server(place)
    export = start(service, model)
    seen = [service.exports(model, [export])[0] for _ in range(4)]
    ready = [one.state is State.COMPLETED for one in seen]
    return {"ready": ready, "sha256": digest_at(seen[-1].url.reveal() if seen[-1].url else "")}


@step
def hub_export_fails(place: Place) -> object:
    service, model = server(place)
    (export,) = service.exports(model, [start(service, model)])
    return {"failed": export.state is State.FAILED}


@step
def hub_export_missing(place: Place) -> object:
    service, model = server(place)
    return judged(lambda: service.find_exports(model, ["onnx"]))


@step
def hub_dataset(place: Place) -> object:
    service, _ = server(place)
    done = service.upload_dataset(DatasetUpload(place.samples.sound, "shapes"), lambda *_: None)
    header = {"x-api-key": place.box.hub_key}
    record = requests.get(f"{place.box.url}/v1/datasets/{done.shown}", headers=header, timeout=10).json()["data"]
    content = requests.get(record["url"], timeout=10).content
    return {"sent": done.state is State.COMPLETED, "same": content == place.samples.sound.read_bytes()}


@step
def hub_limited(place: Place) -> object:
    service, _ = server(place)
    return judged(service.check_key)


# the public functions, which read the process's environment


@contextlib.contextmanager
def user(place: Place, key: str = "") -> Iterator[None]:
    """An environment of one's own, in which a login has saved a key."""
    home = {"HOME": str(place.work), "ULTRALYTICS_HUB_API": place.box.url}
    kept = {name: os.environ[name] for name in ("PATH", "NO_PROXY", "no_proxy") if name in os.environ}
    with mock.patch.dict(os.environ, kept | home, clear=True):
        if key:
            save_key(Secret(key), os.environ)
        yield


def is_saved(key: str) -> bool:
    saved = saved_key(os.environ)
    return saved is not None and saved.reveal() == key


@step
def login(place: Place) -> object:
    with user(place):
        return {"accepted": hubaction.login(place.box.hub_key), "saved": is_saved(place.box.hub_key)}


@step
def login_unsaved(place: Place) -> object:
    with user(place):
        return {"accepted": hubaction.login(place.box.hub_key, save=False), "saved": is_saved(place.box.hub_key)}


@step
def login_refused(place: Place) -> object:
    with user(place):
        return {"accepted": hubaction.login(WRONG_KEY), "saved": saved_key(os.environ) is not None}


@step
def logout(place: Place) -> object:
    with user(place, place.box.hub_key):
        hubaction.logout()
        return {"saved": saved_key(os.environ) is not None}


@step
def reset_model(place: Place) -> object:
    with user(place, place.box.hub_key):
        hubaction.reset_model(MODEL)
        return judged(lambda: hubaction.export_model(MODEL, "onnx"))


@step
def reset_unknown_model(place: Place) -> object:
    with user(place, place.box.hub_key):
        return judged(lambda: hubaction.reset_model("x" * 20))


@step
def export_fmts_hub(place: Place) -> object:
    with user(place):
        return hubaction.export_fmts_hub()


@step
def export_model(place: Place) -> object:
    with user(place, place.box.hub_key):
        return judged(lambda: hubaction.export_model(MODEL, "onnx"))


@step
def export_unknown_model(place: Place) -> object:
    with user(place, place.box.hub_key):
        return judged(lambda: hubaction.export_model("x" * 20, "onnx"))


@step
def export_unknown_format(place: Place) -> object:
    with user(place, place.box.hub_key):
        return judged(lambda: hubaction.export_model(MODEL, "onxx"))


@step
def export_with_wrong_key(place: Place) -> object:
    with user(place, WRONG_KEY):
        return judged(lambda: hubaction.export_model(MODEL, "onnx"))


@step
def get_export(place: Place) -> object:
    with user(place, place.box.hub_key):
        hubaction.export_model(MODEL, "coreml")
        answers = [hubaction.get_export(MODEL, "coreml") for _ in range(4)]
    data = answers[-1]["data"]
    url = data["url"] if isinstance(data, dict) else ""
    ready = [answer["success"] for answer in answers]
    return {"ready": ready, "message": answers[-1]["message"], "sha256": digest_at(url)}


@step
def get_failed_export(place: Place) -> object:
    with user(place, place.box.hub_key):
        hubaction.export_model(MODEL, "onnx")
        with contextlib.suppress(ExportFailed):
            hubaction.get_export(MODEL, "onnx")
            return {"told apart from a pending one": False}
    return {"told apart from a pending one": True}


@step
def get_missing_export(place: Place) -> object:
    with user(place, place.box.hub_key):
        return judged(lambda: hubaction.get_export(MODEL, "onnx"))
