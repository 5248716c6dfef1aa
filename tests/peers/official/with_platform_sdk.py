"""ultralytics-platform 0.1.99, the official SDK of the Platform, and what its command line adds for files."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

from declared import unlike
from steps import UNLIKE, Place, step
from ultralytics.utils.uploads import safe_upload
from ultralytics_platform import APIError, Platform
from ultralytics_platform.cli import download_file, package_dataset, upload_file

MODEL = ("demo", "shapes", "yolo11n")
ACTIVE = {"queued", "starting", "running"}
WRONG_KEY = "ul_" + "0" * 40


@contextlib.contextmanager
def platform(place: Place, key: str = "") -> Iterator[Platform]:
    """A client as the SDK makes it."""
    with Platform(api_key=key or place.platform_key, base_url=place.url) as client:
        yield client


def ask(method: Callable[..., Any], *parts: str, **values: Any) -> Any:
    """The answer of a method, held against the type that the SDK declares."""
    answer = method(*parts, **values)
    UNLIKE.extend(
        unlike(answer, get_type_hints(method)["return"], f"{type(method.__self__).__name__}.{method.__name__}")
    )
    return answer


def judged(method: Callable[..., Any], *parts: str, **values: Any) -> dict[str, object]:
    """Whether a method was refused, and with which status; every refusal must have words and an id."""
    try:
        ask(method, *parts, **values)
    except APIError as error:
        if not (isinstance(error.json, dict) and error.json.get("error") and error.request_id):
            UNLIKE.append(f"refusal {error.status_code}: no words or no id")
        return {"refused": error.status_code}
    return {"refused": None}


@step
def key_accepted(place: Place) -> object:
    with platform(place) as client:
        account = ask(client.account.summary)
    return {"name": account["username"], "plan": account["plan"]}


@step
def key_refused(place: Place) -> object:
    with platform(place, WRONG_KEY) as client:
        return judged(client.account.summary)


@step
def key_malformed(place: Place) -> object:
    with platform(place, "ul_1234") as client:
        return judged(client.account.summary)


@step
def formats_and_gpus(place: Place) -> object:
    with platform(place) as client:
        hints = get_type_hints(client.exports.create)
    gpus = next(kind for kind in get_args(hints["gpu_type"]) if get_args(kind))
    return {"formats": get_args(hints["format"]), "gpus": get_args(gpus)}


@step
def models(place: Place) -> object:
    """Create, change, clone, list, fetch and delete."""
    with platform(place) as client:
        ask(client.projects.create, project="more", name="More")
        assert ask(client.projects.retrieve, "demo", "more")["project"]["visibility"] == "private"
        created = ask(client.models.create, body={"project": "more", "model": "first", "name": "First", "task": "obb"})
        path = (created["owner"], created["project"], created["model"])
        ask(client.models.update, *path, description="changed", epochs=5)
        model = ask(client.models.retrieve, *path)["model"]
        copy = ask(client.models.clone, "ultralytics", "yolo11", "yolo11n", project_body="more", model_body="copy")
        listed = ask(client.models.list, "demo", "more")["models"]
        files = ask(client.models.files, "demo", "more", copy["model"])["files"]
        file = download_file(files[0]["downloadUrl"], place.work / "best.pt")
        ask(client.models.delete, *path)
        gone = judged(client.models.retrieve, *path)
    return {
        "model": [model["model"], model["task"], model["description"], model["epochs"], model["status"]],
        "listed": sorted(one["model"] for one in listed),
        "whole": file.stat().st_size == files[0]["size"],
        "gone": gone,
    }


@step
def every_field(place: Place) -> object:
    """Requests with every field that the SDK knows are let in, and their effects shown as its types have them."""
    text = {"description": "about it", "metadata": {"a": 1}}
    about = text | {"visibility": "private", "tags": ["a"], "license": "MIT"}
    names = {"class_names": ["a", "b"], "format": "yolo", "blur_faces": False}
    trained = {"trainArgs": {"imgsz": 640}, "trainResults": [{"epoch": 1}], "epochs": 3, "version": "8.4.0"}
    made = {
        "metrics": {"map": 0.5},
        "docs": "text",
        "environment": {"os": "linux"},
        "completedAt": "2026-11-01T00:00:00Z",
    }
    with platform(place) as client:
        ask(client.projects.create, project="full", name="Full", owner="demo", **about)
        body = {"project": "full", "owner": "demo", "model": "full", "name": "Full", "task": "pose"}
        ask(client.models.create, body=body | text | trained | made)
        results = {"train_results": [{"epoch": 2}], "best_epoch": 2, "best_fitness": 0.5, "epochs": 4}
        ask(client.models.update, *("demo", "full", "full"), status="completed", license="MIT", color="red", **results)
        model = ask(client.models.retrieve, "demo", "full", "full")["model"]
        owned = {"owner": "demo", "image_count": 3, "task": "obb"}
        ask(client.datasets.create, dataset="full", name="Full", **owned, **about, **names)
        shown = {"class_colors": {"a": "red"}, "icon_color": "red", "icon_letter": "F", "kpt_skeleton_id": "s"}
        ask(client.datasets.update, "demo", "full", name="Fuller", initialize_class_names=True, **shown)
        dataset = ask(client.datasets.retrieve, "demo", "full")["dataset"]
    return {"model": model["status"], "best": model["bestEpoch"], "dataset": dataset["name"], "tags": dataset["tags"]}


@step
def model_missing(place: Place) -> object:
    with platform(place) as client:
        return judged(client.exports.create, "demo", "shapes", "none", format="onnx")


@step
def model_of_others(place: Place) -> object:
    with platform(place) as client:
        return judged(client.exports.create, "ultralytics", "yolo11", "yolo11n", format="onnx")


@step
def model_without_weights(place: Place) -> object:
    with platform(place) as client:
        ask(client.models.create, body={"project": "shapes", "model": "new", "name": "New"})
        return judged(client.exports.create, "demo", "shapes", "new", format="onnx")


@step
def export_started(place: Place) -> object:
    with platform(place) as client:
        args = {"imgsz": 320, "quantize": 16}
        export = ask(client.exports.create, *MODEL, format="engine", gpu_type="l4", args=args)
    return {"format": export["format"], "state": export["status"], "gpu": export["gpuType"]}


@step
def format_unknown(place: Place) -> object:
    with platform(place) as client:
        return judged(client.exports.create, *MODEL, format="tfjs")


@step
def gpu_missing(place: Place) -> object:
    with platform(place) as client:
        return judged(client.exports.create, *MODEL, format="engine")


@step
def export_twice(place: Place) -> object:
    with platform(place) as client:
        ask(client.exports.create, *MODEL, format="onnx", args={"imgsz": 320})
        return judged(client.exports.create, *MODEL, format="onnx", args={"imgsz": 320})


def ended(client: Platform, id: str) -> tuple[list[str], Any]:
    """The states that an export goes through, and its last record."""
    states = []
    while (export := ask(client.exports.retrieve, *MODEL, id)["export"])["status"] in ACTIVE:
        states.append(export["status"])
    return [*states, export["status"]], export


@step
def export_completes(place: Place) -> object:
    with platform(place) as client:
        created = ask(client.exports.create, *MODEL, format="openvino")
        states, export = ended(client, created["id"])
    return {"states": states, "size": export["file"]["size"], "file": export["file"]["downloadFilename"]}


@step
def export_fails(place: Place) -> object:
    with platform(place) as client:
        states, export = ended(client, ask(client.exports.create, *MODEL, format="onnx")["id"])
    return {"state": states[-1], "error": export["error"]["message"]}


@step
def export_found(place: Place) -> object:
    """The newest completed export of a format, from the list."""
    with platform(place) as client:
        for size in (320, 640):
            ended(client, ask(client.exports.create, *MODEL, format="onnx", args={"imgsz": size})["id"])
        found = ask(client.exports.list, *MODEL, status="completed", limit=100)["exports"]
    newest = max(found, key=lambda export: export["createdAt"])
    return {"args": newest["args"], "state": newest["status"]}


@step
def file_downloaded(place: Place) -> object:
    with platform(place) as client:
        _, export = ended(client, ask(client.exports.create, *MODEL, format="coreml")["id"])
    name = Path(export["file"]["downloadFilename"]).name
    content = download_file(export["file"]["downloadUrl"], place.work / name).read_bytes()
    return {"file": name, "sha256": hashlib.sha256(content).hexdigest()}


@step
def export_cancelled(place: Place) -> object:
    with platform(place) as client:
        created = ask(client.exports.create, *MODEL, format="onnx")
        done = ask(client.exports.delete, *MODEL, created["id"])
        states, _ = ended(client, created["id"])
    return {"done": done["action"], "state": states[-1]}


@step
def export_deleted(place: Place) -> object:
    with platform(place) as client:
        path = (*MODEL, ask(client.exports.create, *MODEL, format="onnx")["id"])
        ended(client, path[-1])
        done = ask(client.exports.delete, *path)
        return {"done": done["action"], **judged(client.exports.retrieve, *path)}


@step
def mobile_link(place: Place) -> object:
    with platform(place) as client:
        path = (*MODEL, ask(client.exports.create, *MODEL, format="coreml")["id"])
        early = judged(client.exports.mobile, *path)
        ended(client, path[-1])
        return {"early": early, "link": bool(ask(client.exports.mobile, *path)["importUrl"])}


@step
def model_reset(place: Place) -> object:
    with platform(place) as client:
        ask(client.models.update, *MODEL, status="untrained")
        return {"status": ask(client.models.retrieve, *MODEL)["model"]["status"]}


@step
def key_checked(place: Place) -> object:
    """The key check, whatever goes wrong."""
    with platform(place) as client:
        return judged(client.account.summary)


@step
def export_tried(place: Place) -> object:
    """An export, whatever goes wrong."""
    with platform(place) as client:
        return judged(client.exports.create, *MODEL, format="onnx")


def created(client: Platform, slug: str = "shapes") -> Any:
    return ask(client.datasets.create, dataset=slug, name=slug)


def uploaded(client: Platform, archive: Path) -> Any:
    """The record of a new dataset, once the service has read an archive into it."""
    dataset = created(client)
    session = upload_file(client, archive, "datasets", dataset["id"])
    job = ask(client.datasets.ingest, "demo", "shapes", body={"sessionId": session})["jobId"]
    while (record := ask(client.datasets.retrieve, "demo", "shapes")["dataset"])["status"] == "processing":
        time.sleep(0.05)
    return record if record["lastIngestJobId"] == job else {}


def counts(record: Any) -> dict[str, object]:
    summary = record.get("lastIngestSummary", {})
    return {
        "state": record["status"],
        "images": record["imageCount"],
        "splits": record["splits"],
        "errors": record.get("errorCount"),
        "skipped": summary.get("skippedCounts", {}),
    }


@step
def dataset_uploaded(place: Place) -> object:
    with platform(place) as client:
        return counts(uploaded(client, place.sound))


@step
def dataset_packed(place: Place) -> object:
    """A folder, packed by the official command line's own packager."""
    with platform(place) as client:
        return counts(uploaded(client, package_dataset(place.folder, str(place.work), None)))


@step
def dataset_faulty(place: Place) -> object:
    with platform(place) as client:
        record = uploaded(client, place.faulty)
        images = ask(client.datasets.images, "demo", "shapes", has_error="true", limit=10)["images"]
    return counts(record) | {"bad": sorted(image["name"] for image in images if image["error"])}


@step
def dataset_unreadable(place: Place) -> object:
    archive = place.work / "empty.zip"
    archive.write_bytes(b"this is no archive")
    with platform(place) as client:
        record = uploaded(client, archive)
    return {"state": record["status"], "problem": record["processingError"]["message"]}


@step
def dataset_exists(place: Place) -> object:
    with platform(place) as client:
        created(client)
        return judged(client.datasets.create, dataset="shapes", name="shapes")


@step
def dataset_busy(place: Place) -> object:
    with platform(place) as client:
        dataset = created(client)
        for refused in (None, 409):
            session = upload_file(client, place.sound, "datasets", dataset["id"])
            told = judged(client.datasets.ingest, "demo", "shapes", body={"sessionId": session})
            if told["refused"] != refused:
                break
    return told


@step
def upload_foreign(place: Place) -> object:
    """A session of one dataset, completed with its digests, and ingested into another."""
    content = place.sound.read_bytes()
    with platform(place) as client:
        asked = {"assetType": "datasets", "assetId": created(client, "other")["id"], "filename": "shapes.zip"}
        asked |= {"contentType": "application/octet-stream", "totalBytes": len(content)}
        signed = ask(client.upload.signed_url, body=asked)
        sent = safe_upload(place.sound, signed["uploadUrl"], headers=signed.get("headers"))
        again = safe_upload(place.sound, signed["uploadUrl"], headers=signed.get("headers"))
        digests = {"checksum": hashlib.sha256(content).hexdigest(), "md5": hashlib.md5(content).hexdigest()}
        stored = ask(client.upload.complete, session_id=signed["sessionId"], **digests)["file"]["size"]
        created(client)
        told = judged(client.datasets.ingest, "demo", "shapes", body={"sessionId": signed["sessionId"]})
    return {"sent": sent, "again": again, "whole": stored == len(content), **told}


@step
def dataset_exported(place: Place) -> object:
    """As NDJSON, the current state and a version."""
    with platform(place) as client:
        uploaded(client, place.sound)
        current = ask(client.datasets.export, "demo", "shapes")
        version = ask(client.datasets.create_export, "demo", "shapes", description="first")
        listed = ask(client.datasets.retrieve, "demo", "shapes")["dataset"]["versions"]
        ask(client.datasets.list, "demo")
        ask(client.datasets.delete, "demo", "shapes")
    lines = download_file(current["downloadUrl"], place.work / "shapes.ndjson").read_text(encoding="utf-8").splitlines()
    return {"lines": len(lines), "version": version["version"], "listed": len(listed)}
