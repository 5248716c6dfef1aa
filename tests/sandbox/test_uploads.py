"""Datasets of the Platform: records, the upload, and what an ingest makes of an archive."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATASETS = "/api/datasets"
SET = f"{DATASETS}/demo/shapes"
SIGN = "/api/upload/signed-url"
DONE = "/api/upload/complete"


def test_a_dataset_is_created_read_changed_and_deleted(desk: Any) -> None:
    created = desk.platform("POST", DATASETS, {"dataset": "shapes", "name": "Shapes", "visibility": "private"})
    assert created.status_code == 201
    asset = created.json()["id"]
    assert created.json() == {"id": asset, "owner": "demo", "dataset": "shapes", "region": "eu"}
    dataset = desk.platform("GET", SET).json()["dataset"]
    assert (dataset["id"], dataset["name"], dataset["imageCount"]) == (asset, "Shapes", 0)
    assert "status" not in dataset
    assert desk.platform("PATCH", SET, {"description": "new", "name": "S"}).json()["success"] is True
    dataset = desk.platform("GET", SET).json()["dataset"]
    assert (dataset["description"], dataset["name"]) == ("new", "S")
    assert [one["dataset"] for one in desk.platform("GET", f"{DATASETS}/demo").json()["datasets"]] == ["shapes"]
    assert desk.platform("DELETE", SET).json() == {"success": True}
    assert desk.platform("GET", SET).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"dataset": "shapes", "name": "again"}, 409),
        ({"dataset": "other"}, 400),
        ({"name": "other"}, 400),
        ({"dataset": "Other", "name": "x"}, 400),
        ({"dataset": "other", "name": "x" * 101}, 400),
        ({"dataset": "other", "name": "x", "task": "track"}, 400),
        ({"dataset": "other", "name": "x", "classNames": ["a", 1]}, 400),
        ({"dataset": "other", "name": "x", "tags": ["a"] * 51}, 400),
        ({"dataset": "other", "name": "x", "slug": "other"}, 400),
        ({"dataset": "other", "name": "x", "owner": "somebody"}, 403),
    ],
)
def test_datasets_that_are_not_created(desk: Any, body: dict[str, Any], status: int) -> None:
    desk.dataset()
    assert desk.platform("POST", DATASETS, body).status_code == status


def test_a_sound_archive_becomes_a_ready_dataset(desk: Any, large: Callable[..., Any]) -> None:
    dataset = desk.ingested(large().zip())
    assert (dataset["status"], dataset["task"], dataset["classNames"]) == ("ready", "detect", ["cat", "dog"])
    assert (dataset["imageCount"], dataset["annotationCount"], dataset["errorCount"]) == (3, 6, 0)
    assert dataset["splits"] == {"train": 2, "val": 1, "test": 0, "labeled": 3}
    assert dataset["lastIngestSummary"] == {"added": 3, "errors": 0, "skippedCounts": {}}


@pytest.mark.parametrize("task", ["segment", "pose", "obb", "classify"])
def test_the_task_is_inferred_from_the_labels(desk: Any, large: Callable[..., Any], task: str) -> None:
    assert desk.ingested(large(task).zip())["task"] == task


def test_images_and_labels_that_cannot_be_used_are_counted(desk: Any, large: Callable[..., Any]) -> None:
    maker = large().image(b"no picture", "train/b.jpg").label("0 0.5 0.5 0.2 0.2\n7 0.5 0.5 0.2 0.2\n", "val/c")
    dataset = desk.ingested(maker.zip())
    assert (dataset["status"], dataset["errorCount"]) == ("ready", 1)
    assert dataset["lastIngestSummary"] == {"added": 2, "errors": 1, "skippedCounts": {"class-invalid": 1}}
    (faulty,) = desk.platform("GET", f"{SET}/images?hasError=true").json()["images"]
    assert (faulty["name"], faulty["width"]) == ("b.jpg", 0)
    assert faulty["error"]


def test_images_are_listed_filtered_and_paged(desk: Any, large: Callable[..., Any]) -> None:
    desk.ingested(large().drop("labels/train/b").zip())

    def names(query: str) -> list[str]:
        return [image["name"] for image in desk.platform("GET", f"{SET}/images?{query}").json()["images"]]

    assert names("") == ["a.jpg", "b.jpg", "c.jpg"]
    assert names("split=val") == ["c.jpg"]
    assert names("hasLabel=false") == ["b.jpg"]
    assert names("hasError=false") == ["a.jpg", "b.jpg", "c.jpg"]
    assert names("limit=1&offset=1") == ["b.jpg"]
    page = desk.platform("GET", f"{SET}/images?limit=2").json()
    assert (page["total"], page["hasMore"], page["classes"]) == (3, True, ["cat", "dog"])
    assert (page["images"][0]["width"], page["images"][0]["height"], page["images"][0]["labelCount"]) == (64, 48, 2)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda maker: maker.drop("data.yaml"), "data.yaml"),
        (lambda maker: maker.yaml_text("names: [\n"), "data.yaml"),
        (lambda maker: maker.drop("images"), ""),
    ],
)
def test_an_archive_of_no_use_fails(
    desk: Any, large: Callable[..., Any], spoil: Callable[[Any], Any], says: str
) -> None:
    dataset = desk.ingested(spoil(large()).zip())
    assert dataset["status"] == "failed"
    assert says in dataset["processingError"]["message"]
    assert "lastIngestSummary" not in dataset


def test_what_is_no_zip_fails(desk: Any, tmp_path: Path) -> None:
    (tmp_path / "set.zip").write_bytes(b"no archive")
    dataset = desk.ingested(tmp_path / "set.zip")
    assert dataset["processingError"]["message"] == "The sandbox reads zip archives only."


def test_a_dataset_is_processed_for_a_while(open_desk: Callable[..., Any], large: Callable[..., Any]) -> None:
    desk = open_desk(seconds=30)
    asset, content = desk.dataset(), large().zip().read_bytes()
    signed = desk.signed(asset, len(content))
    desk.put(signed, content)
    body = {"sessionId": signed["sessionId"]}
    job = desk.platform("POST", f"{SET}/ingest", body)
    assert (job.status_code, job.json()["status"]) == (201, "queued")
    while desk.box._world.datasets["demo", "shapes"].result is None:
        time.sleep(0.02)  # it has been read long before it may be seen to be
    desk.box.advance(29)
    dataset = desk.platform("GET", SET).json()["dataset"]
    assert (dataset["status"], dataset["lastIngestJobId"]) == ("processing", job.json()["jobId"])
    assert desk.platform("POST", f"{SET}/ingest", body).status_code == 409
    assert desk.platform("PATCH", SET, {"name": "x"}).status_code == 409
    assert desk.platform("GET", f"{SET}/export").status_code == 409
    assert desk.settled("shapes", job.json()["jobId"])["status"] == "ready"


@pytest.mark.parametrize(("policy", "images", "first"), [("skip", 4, 2), ("replace", 4, 0), ("keep_both", 7, 2)])
def test_a_second_ingest(desk: Any, large: Callable[..., Any], policy: str, images: int, first: int) -> None:
    desk.ingested(large().zip("one.zip"))
    again = large().label("", "train/a").pair("train/new.jpg").zip("two.zip")
    dataset = desk.ingested(again, conflictPolicy=policy)
    assert dataset["imageCount"] == images
    listed = desk.platform("GET", f"{SET}/images").json()["images"]
    assert next(image["labelCount"] for image in listed if image["name"] == "a.jpg") == first


def test_an_address_for_an_upload(desk: Any) -> None:
    signed = desk.signed(desk.dataset(), 10)
    assert signed["expiresAt"] == "2027-01-15T20:00:00.000Z"
    assert signed["uploadUrl"].startswith(desk.box.url)
    assert len(signed["sessionId"]) == 24


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"assetType": "images"}, 400),
        ({"assetId": "0" * 24}, 404),
        ({"assetId": "short"}, 400),
        ({"filename": "set.rar"}, 400),
        ({"filename": "a" * 253 + ".zip"}, 400),
        ({"contentType": "x" * 51}, 400),
        ({"totalBytes": 0}, 400),
        ({"totalBytes": 1.5}, 400),
        ({"totalBytes": (10 << 30) + 1}, 400),
        ({"assetType": "models"}, 404),
        ({"more": 1}, 400),
    ],
)
def test_addresses_that_are_not_given(desk: Any, change: dict[str, Any], status: int) -> None:
    body = {"assetType": "datasets", "filename": "set.zip", "contentType": "application/zip", "totalBytes": 1}
    assert desk.platform("POST", SIGN, {**body, "assetId": desk.dataset(), **change}).status_code == status


def test_an_upload_is_put_once(desk: Any) -> None:
    signed = desk.signed(desk.dataset(), 4)
    assert desk.put(signed, b"abcd").status_code == 200
    again = desk.put(signed, b"abcd")
    assert (again.status_code, again.headers["content-type"]) == (412, "application/xml")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"abc", {}, 400),
        (b"abcde", {}, 400),
        (iter([b"abc"]), {}, 400),
        (iter([b"abc", b"de"]), {}, 400),
        (b"abcd", {"Content-Type": "application/octet-stream"}, 403),
        (b"abcd", {"x-goog-if-generation-match": "1"}, 403),
        (b"abcd", {"Authorization": "Bearer x"}, 400),
        (b"abcd", {"x-api-key": "x"}, 400),
    ],
)
def test_an_upload_is_put_as_it_was_declared(desk: Any, content: Any, headers: dict[str, str], status: int) -> None:
    signed = desk.signed(desk.dataset(), 4)
    refused = desk.put(signed, content, **headers)
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/xml")
    assert desk.put(signed, b"abcd").status_code == 200


def test_an_upload_may_come_in_chunks(desk: Any) -> None:
    assert desk.put(desk.signed(desk.dataset(), 4), iter([b"ab", b"cd"])).status_code == 200


def test_an_upload_that_breaks_off_may_be_sent_again(desk: Any) -> None:
    signed = desk.signed(desk.dataset(), 4 << 20)

    def broken() -> Any:
        yield b"x" * (1 << 20)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        desk.put(signed, broken())
    assert desk.put(signed, b"x" * (4 << 20)).status_code == 200


def test_of_two_uploads_at_once_one_wins(desk: Any) -> None:
    signed = desk.signed(desk.dataset(), 2)
    both_have_begun = threading.Barrier(2, timeout=10)
    statuses: list[int] = []

    def send() -> None:
        def slowly() -> Any:
            yield b"a"
            both_have_begun.wait()
            yield b"b"

        import requests

        headers = {"Content-Type": "application/zip", **signed["headers"]}
        statuses.append(requests.put(signed["uploadUrl"], data=slowly(), headers=headers, timeout=20).status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 412]


def test_an_address_is_good_for_one_file_one_method_and_a_while(desk: Any) -> None:
    first, second = (desk.signed(desk.dataset(name), 4) for name in ("one", "two"))
    swapped = first["uploadUrl"].replace(first["sessionId"], second["sessionId"])
    assert desk.put({**first, "uploadUrl": swapped}, b"abcd").status_code == 403
    longer = first["uploadUrl"].replace("expires=1", "expires=2")
    assert desk.put({**first, "uploadUrl": longer}, b"abcd").status_code == 403
    assert desk.ask("GET", first["uploadUrl"]).status_code == 405
    desk.box.advance(12 * 3600 - 1)
    assert desk.put(first, b"abcd").status_code == 200
    desk.box.advance(1)
    late = desk.put(second, b"abcd")
    assert late.status_code == 403
    assert "ExpiredToken" in late.text


def test_complete_compares_the_checksum(desk: Any) -> None:
    signed = desk.signed(desk.dataset(), 4)
    body = {"sessionId": signed["sessionId"]}
    assert desk.platform("POST", DONE, body).json() == {"error": "The upload is not complete"}
    desk.put(signed, b"abcd")
    digest, md5 = hashlib.sha256(b"abcd").hexdigest(), hashlib.md5(b"abcd").hexdigest()
    assert desk.platform("POST", DONE, {**body, "checksum": digest[::-1]}).status_code == 400
    assert desk.platform("POST", DONE, {**body, "checksum": "x"}).status_code == 400
    done = desk.platform("POST", DONE, {**body, "checksum": digest.upper(), "md5": md5})
    assert done.json() == {"success": True, "file": {"size": 4, "contentType": "application/zip"}}
    assert desk.platform("POST", DONE, {"sessionId": "none"}).status_code == 404


def test_an_ingest_wants_an_upload_of_the_same_dataset(desk: Any) -> None:
    asset, other = desk.dataset(), desk.signed(desk.dataset("other"), 4)
    signed = desk.signed(asset, 4)
    ingest = f"{SET}/ingest"
    assert desk.platform("POST", ingest, {"sessionId": signed["sessionId"]}).status_code == 400
    desk.put(other, b"abcd")
    assert desk.platform("POST", ingest, {"sessionId": other["sessionId"]}).status_code == 403
    assert desk.platform("POST", ingest, {"sessionId": "none"}).status_code == 404
    assert desk.platform("POST", ingest, {}).status_code == 400
    two = {"sessionId": signed["sessionId"], "sourceUrl": "https://example.com/a.zip"}
    assert desk.platform("POST", ingest, two).status_code == 400
    assert desk.platform("POST", ingest, {"sourceUrl": "https://example.com/a.zip"}).status_code == 400
    odd = {"sessionId": signed["sessionId"], "conflictPolicy": "ask"}
    assert desk.platform("POST", ingest, odd).status_code == 400
    assert desk.platform("POST", f"{DATASETS}/demo/none/ingest", {"sessionId": "x"}).status_code == 404


def test_weights_make_a_model_exportable(desk: Any) -> None:
    new = desk.platform("POST", "/api/models", {"project": "shapes", "model": "new", "name": "New"}).json()
    signed = desk.signed(new["id"], 4, "best.pt", "models")
    desk.put(signed, b"abcd")
    desk.platform("POST", DONE, {"sessionId": signed["sessionId"]})
    path = "/api/models/demo/shapes/new"
    assert desk.platform("GET", path).json()["model"]["status"] == "completed"
    assert desk.platform("POST", f"{path}/exports", {"format": "onnx"}).status_code == 201


@pytest.mark.parametrize(
    ("task", "key", "row"),
    [
        ("detect", "boxes", [0, 0.5, 0.5, 0.25, 0.25]),
        ("segment", "segments", [0, 0.25, 0.25, 0.75, 0.25, 0.5, 0.75]),
        ("classify", "classification", 0),
    ],
)
def test_an_export_of_a_dataset(desk: Any, large: Callable[..., Any], task: str, key: str, row: object) -> None:
    desk.ingested(large(task).zip())
    export = desk.platform("GET", f"{SET}/export").json()
    assert export["cached"] is False
    head, *images = [json.loads(line) for line in desk.ask("GET", export["downloadUrl"]).text.splitlines()]
    assert (head["type"], head["task"], head["class_names"]) == ("dataset", task, {"0": "cat", "1": "dog"})
    assert images[0]["annotations"][key][0] == row
    assert (images[0]["width"], images[0]["split"]) == (64, "train")
    assert desk.ask("GET", images[0]["url"]).content.startswith(b"\xff\xd8")


def test_versions_of_a_dataset(desk: Any, large: Callable[..., Any]) -> None:
    desk.ingested(large().zip())
    assert desk.platform("GET", f"{SET}/export?v=1").status_code == 404
    made = desk.platform("POST", f"{SET}/export", {"description": "first"}).json()
    assert (made["version"], made["reused"]) == (1, False)
    assert desk.platform("GET", f"{SET}/export?v=1").json()["version"] == 1
    versions = desk.platform("GET", SET).json()["dataset"]["versions"]
    assert [(one["version"], one["imageCount"]) for one in versions] == [(1, 3)]
    assert desk.platform("POST", f"{SET}/export", {"name": "x"}).status_code == 400
