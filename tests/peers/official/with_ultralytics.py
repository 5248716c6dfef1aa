"""The module ``hub`` of ultralytics 8.4.114, the last that had it. It reads the server's root when it is imported."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import requests
from steps import Place, step
from ultralytics import hub
from ultralytics.utils import SETTINGS

MODEL = "Demo0Shapes0Yolo11n0"
WRONG_KEY = "f" * 42


def saved(key: str) -> None:
    """Save a key as an earlier login would have."""
    SETTINGS.update({"api_key": key})


def judged(function: Callable[..., object], **values: str) -> dict[str, object]:
    """The status with which a function was refused, or that it asked nobody."""
    try:
        function(**values)
    except AssertionError as error:
        status = re.search(r"failure (\d+)", str(error))
        return {"refused": int(status[1]) if status else "by ourselves"}
    return {"refused": None}


@step
def login(place: Place) -> object:
    saved("")
    return {"accepted": hub.login(place.hub_key), "saved": SETTINGS["api_key"] == place.hub_key}


@step
def login_unsaved(place: Place) -> object:
    saved("")
    return {"accepted": hub.login(place.hub_key, save=False), "saved": SETTINGS["api_key"] == place.hub_key}


@step
def login_refused(place: Place) -> object:
    saved("")
    return {"accepted": hub.login(WRONG_KEY), "saved": bool(SETTINGS["api_key"])}


@step
def logout(place: Place) -> object:
    saved(place.hub_key)
    hub.logout()
    return {"saved": bool(SETTINGS["api_key"])}


@step
def reset_model(place: Place) -> object:
    """An untrained model exports nothing any more."""
    saved(place.hub_key)
    hub.reset_model(MODEL)
    return judged(hub.export_model, model_id=MODEL, format="onnx")


@step
def reset_unknown_model(place: Place) -> object:
    saved(place.hub_key)
    return judged(hub.reset_model, model_id="x" * 20)


@step
def export_fmts_hub(place: Place) -> object:
    return hub.export_fmts_hub()


@step
def export_model(place: Place) -> object:
    saved(place.hub_key)
    return judged(hub.export_model, model_id=MODEL, format="onnx")


@step
def export_unknown_model(place: Place) -> object:
    saved(place.hub_key)
    return judged(hub.export_model, model_id="x" * 20, format="onnx")


@step
def export_unknown_format(place: Place) -> object:
    saved(place.hub_key)
    return judged(hub.export_model, model_id=MODEL, format="onxx")


@step
def export_with_wrong_key(place: Place) -> object:
    saved(WRONG_KEY)
    return judged(hub.export_model, model_id=MODEL, format="onnx")


@step
def get_export(place: Place) -> object:
    """Ask until it is ready, and fetch the file."""
    saved(place.hub_key)
    hub.export_model(MODEL, "coreml")
    answers = [hub.get_export(MODEL, "coreml") for _ in range(4)]
    content = requests.get(answers[-1]["data"]["url"], timeout=10).content
    return {
        "ready": [answer["success"] for answer in answers],
        "message": answers[-1]["message"],
        "sha256": hashlib.sha256(content).hexdigest(),
    }


@step
def get_failed_export(place: Place) -> object:
    saved(place.hub_key)
    hub.export_model(MODEL, "onnx")
    return {"told apart from a pending one": hub.get_export(MODEL, "onnx").get("success") is not False}


@step
def get_missing_export(place: Place) -> object:
    saved(place.hub_key)
    return judged(hub.get_export, model_id=MODEL, format="onnx")
