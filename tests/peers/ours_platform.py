"""Our client of the Platform, doing what the official SDK and its command line are told to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import requests
from place import Place, judged, step

from hubaction.dataset.limits import Limits
from hubaction.dataset.source import open_source
from hubaction.errors import Unauthorised
from hubaction.hub.connect import Settings, connect
from hubaction.hub.download import download
from hubaction.hub.export_args import GPUS
from hubaction.hub.secret import Secret
from hubaction.hub.service import DatasetUpload, Export, Service, State, Uploaded
from hubaction.hub.storage import Storage
from hubaction.operations.connection import Connection
from hubaction.operations.export_model import export_model
from hubaction.operations.exports import ExportOptions
from hubaction.operations.login import login
from hubaction.operations.outcome import Context
from hubaction.operations.pack_dataset import pack

WRONG_KEY = "ul_" + "0" * 40
WORDS = {State.COMPLETED: "ready", State.FAILED: "failed", State.PENDING: "processing"}


def platform(place: Place, key: str = "") -> Service:
    settings = Settings(Secret(key or place.box.platform_key), place.box.url, source="the scenario")
    return connect(settings, place.told.append, place.clock)


def start(
    service: Service, format: str = "onnx", model: str = "demo/shapes/yolo11n", gpu: str = "", **args: object
) -> Export:
    return service.start_export(service.model(model), service.export_request(format, args, gpu))


def followed(service: Service, export: Export) -> tuple[list[str], Export]:
    """The states that an export goes through, by the service's words, and how it ends."""
    model, words = service.model("demo/shapes/yolo11n"), []
    while True:
        (export,) = service.exports(model, [export])
        words.append(export.word)
        if export.state is not State.PENDING:
            return words, export


@step
def key_accepted(place: Place) -> object:
    return dataclasses.asdict(platform(place).check_key())


@step
def key_refused(place: Place) -> object:
    return judged(lambda: platform(place, WRONG_KEY).check_key())


@step
def key_malformed(place: Place) -> object:
    return judged(lambda: platform(place, "ul_1234").check_key())


@step
def formats_and_gpus(place: Place) -> object:
    return {"formats": list(platform(place).formats), "gpus": list(GPUS)}


@step
def model_missing(place: Place) -> object:
    return judged(lambda: start(platform(place), model="demo/shapes/none"))


@step
def model_of_others(place: Place) -> object:
    return judged(lambda: start(platform(place), model="ultralytics/yolo11/yolo11n"))


@step
def model_without_weights(place: Place) -> object:
    """The product creates no models, so this one is created by hand."""
    header = {"Authorization": f"Bearer {place.box.platform_key}"}
    body = {"project": "shapes", "model": "new", "name": "New"}
    requests.post(f"{place.box.url}/api/models", json=body, headers=header, timeout=10).raise_for_status()
    return judged(lambda: start(platform(place), model="demo/shapes/new"))


@step
def export_started(place: Place) -> object:
    export = start(platform(place), "engine", gpu="l4", imgsz="320", quantize="16")
    return {"format": export.format, "state": export.word, "gpu": export.gpu_type}


@step
def format_unknown(place: Place) -> object:
    return judged(lambda: start(platform(place), "tfjs"))


@step
def gpu_missing(place: Place) -> object:
    return judged(lambda: start(platform(place), "engine"))


@step
def export_twice(place: Place) -> object:
    service = platform(place)
    first, second = (start(service, imgsz=320) for _ in range(2))
    return {"joined": second.joined and second.id == first.id}


@step
def export_completes(place: Place) -> object:
    service = platform(place)
    states, export = followed(service, start(service, "openvino"))
    return {"states": states, "size": export.size, "file": export.file_name}


@step
def export_fails(place: Place) -> object:
    service = platform(place)
    states, export = followed(service, start(service))
    return {"state": states[-1], "error": export.error}


@step
def export_found(place: Place) -> object:
    service = platform(place)
    for size in (320, 640):
        followed(service, start(service, imgsz=size))
    (found,) = service.find_exports(service.model("demo/shapes/yolo11n"), ["onnx"])
    return {"args": dict(found.args), "state": found.word} if found else None


@step
def file_downloaded(place: Place) -> object:
    service = platform(place)
    _, export = followed(service, start(service, "coreml"))
    storage = Storage(place.told.append, place.clock)
    done = download(export, lambda: export, place.work, storage, lambda *_: None)
    return {"file": done.path.name, "sha256": done.sha256}


@step
def export_cancelled(place: Place) -> object:
    service = platform(place)
    export = start(service)
    service.cancel(service.model("demo/shapes/yolo11n"), export)
    states, _ = followed(service, export)
    return {"done": "cancelled", "state": states[-1]}


@step
def model_reset(place: Place) -> object:
    service = platform(place)
    told = service.reset_model(service.model("demo/shapes/yolo11n"))
    return {"status": "untrained" if "is now untrained" in told else told}


@step
def key_checked(place: Place) -> object:
    return judged(platform(place).check_key)


@step
def export_tried(place: Place) -> object:
    return judged(lambda: start(platform(place)))


def upload(place: Place, file: Path) -> Uploaded:
    return platform(place).upload_dataset(DatasetUpload(file, "shapes"), lambda *_: None)


def counts(done: Uploaded) -> Mapping[str, object]:
    return {
        "state": WORDS[done.state],
        "images": done.images,
        "splits": dict(done.splits),
        "errors": done.errors,
        "skipped": dict(done.skipped),
    }


@step
def dataset_uploaded(place: Place) -> object:
    return counts(upload(place, place.samples.sound))


@step
def dataset_packed(place: Place) -> object:
    limits, archive = Limits(), place.work / "packed.zip"
    pack(open_source(place.samples.folder, limits), "detect", limits, archive)
    return counts(upload(place, archive))


@step
def dataset_faulty(place: Place) -> object:
    done = upload(place, place.samples.faulty)
    return {**counts(done), "bad": sorted(done.bad_images)}


@step
def dataset_unreadable(place: Place) -> object:
    archive = place.work / "empty.zip"
    archive.write_bytes(b"this is no archive")
    done = upload(place, archive)
    return {"state": WORDS[done.state], "problem": done.problem}


@step
def dataset_exists(place: Place) -> object:
    first, second = (upload(place, place.samples.sound) for _ in range(2))
    return {"new": [first.created, second.created]}


@step
def dataset_busy(place: Place) -> object:
    service, clock = platform(place), place.clock
    first = DatasetUpload(place.samples.sound, "shapes", deadline=clock.monotonic() + 3)
    state = service.upload_dataset(first, lambda *_: None).state
    return {"first": WORDS[state], **judged(lambda: upload(place, place.samples.sound))}


def context(place: Place) -> Context:
    return Context(place.work, notify=place.told.append, clock=place.clock)


@step
def ul_key_accepted(place: Place) -> object:
    done = login(Connection(Secret(place.box.platform_key), place.box.url), context(place), save=False)
    return {"code": 0, "name": done.account.name}


@step
def ul_key_refused(place: Place) -> object:
    try:
        login(Connection(Secret(WRONG_KEY), place.box.url), context(place), save=False)
    except Unauthorised as error:
        return {"fails": error.exit_code != 0, "told": error.status == 401}
    return {"fails": False}


def exported(place: Place, **args: object) -> tuple[bool, str, dict[str, str]]:
    """Whether the operation fails, what it shows, and the digests of what it downloads."""
    connection = Connection(Secret(place.box.platform_key), place.box.url)
    options = ExportOptions("ul://demo/shapes/yolo11n", ("onnx",), args=args, wait=600, connection=connection)
    exports = export_model(dataclasses.replace(options, folder=place.work / "out"), context(place))
    outcome = exports.outcome()
    return outcome.exit_code != 0, outcome.text, {done.path.name: done.sha256 for done in exports.files.values()}


@step
def ul_export(place: Place) -> object:
    fails, _, files = exported(place, imgsz=320)
    return {"fails": fails, "files": files}


@step
def ul_export_fails(place: Place) -> object:
    fails, text, _ = exported(place)
    return {"fails": fails, "told": "Opset 7" in text}
