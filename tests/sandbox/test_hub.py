"""HUB: what its former functions and its official SDK ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MODEL = "Demo0Shapes0Yolo11n0"
FORMATS = (
    "torchscript onnx openvino engine coreml saved_model pb edgetpu paddle mnn ncnn imx rknn executorch axelera deepx "
    "qnn litert hailo ascend ultralytics_tflite ultralytics_coreml"
).split()


def start(desk: Any, format: str = "onnx", model: str = MODEL, **args: Any) -> Any:
    return desk.hub("POST", f"/v1/models/{model}/export", {"format": format, **args})


def get(desk: Any, format: str = "onnx", model: str = MODEL) -> Any:
    return desk.hub("POST", "/get-export", {"modelId": model, "format": format})


def test_an_export_is_pending_and_then_ready(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(seconds=10)
    assert (start(desk).status_code, get(desk).status_code) == (200, 200)
    assert get(desk).json() == {"success": False, "message": "Export is processing."}
    desk.box.advance(30)
    ready = get(desk).json()
    assert (ready["success"], ready["message"]) == (True, "Export ready!")
    assert len(desk.ask("GET", ready["data"]["url"]).content) == ready["data"]["size"]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_of_the_last_client(desk: Any, name: str) -> None:
    assert start(desk, name).json()["success"] is True
    desk.box.advance(60)
    assert desk.ask("GET", get(desk, name).json()["data"]["url"]).status_code == 200


def test_a_failure_says_so(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(failures={"onnx": "no such opset"})
    start(desk)
    desk.box.advance(60)
    failed = get(desk)
    assert (failed.status_code, failed.json()) == (200, {"success": False, "message": "Export failed. no such opset"})
    desk.box.turn(hub_failure_status=500)
    assert get(desk).status_code == 500


def test_a_second_start_joins_the_first_and_a_later_one_is_new(desk: Any) -> None:
    start(desk)
    desk.box.advance(5)
    assert start(desk).status_code == 200
    desk.box.advance(2)
    assert get(desk).json()["success"] is True
    start(desk, imgsz=320)
    assert get(desk).json()["success"] is False


@pytest.mark.parametrize(
    ("model", "format", "status", "message"),
    [
        ("none", "onnx", 404, "Model not found."),
        (MODEL, "coreai", 400, "Unsupported export format."),
        (MODEL, "", 400, "Unsupported export format."),
    ],
)
def test_exports_that_are_not_started(desk: Any, model: str, format: str, status: int, message: str) -> None:
    response = start(desk, format, model)
    assert (response.status_code, response.json()["success"]) == (status, False)
    assert response.json()["message"].startswith(message)


def test_exports_that_there_are_not(desk: Any) -> None:
    assert get(desk).json() == {"success": False, "message": "Export not found."}
    assert (get(desk).status_code, get(desk, model="none").status_code) == (404, 404)


def test_a_reset_takes_weights_and_exports(desk: Any) -> None:
    other = desk.hub("POST", "/v1/models", {"meta": {"name": "other"}}).json()["data"]["id"]
    desk.hub("PATCH", f"/v1/models/{other}", {"status": "trained"})
    start(desk)
    start(desk, model=other)
    assert desk.hub("POST", "/model-reset", {"modelId": MODEL}).status_code == 200
    record = desk.hub("GET", f"/v1/models/{MODEL}").json()["data"]
    assert (record["status"], record["has_best_weights"], record["has_last_weights"]) == ("untrained", False, False)
    assert (get(desk).status_code, get(desk, model=other).status_code) == (404, 200)
    assert start(desk).status_code == 400
    assert desk.hub("POST", "/model-reset", {"modelId": "none"}).json()["message"] == "Model not found."


@pytest.mark.parametrize("collection", ["models", "datasets", "projects", "users"])
def test_records_are_created_read_changed_and_deleted(desk: Any, collection: str) -> None:
    created = desk.hub("POST", f"/v1/{collection}", {"meta": {"name": "A"}, "id": "mine"}).json()
    record_id = created["data"]["id"]
    assert len(record_id) == 20
    path = f"/v1/{collection}/{record_id}"
    assert desk.hub("GET", path).json()["data"]["meta"] == {"name": "A"}
    assert desk.hub("PATCH", path, {"meta": {"name": "B"}, "id": "other"}).status_code == 200
    changed = desk.hub("GET", path).json()["data"]
    assert (changed["meta"], changed["id"]) == ({"name": "B"}, record_id)
    assert desk.hub("DELETE", f"{path}?hard=maybe").status_code == 400
    assert desk.hub("DELETE", f"{path}?hard=True").status_code == 200
    assert desk.hub("GET", path).status_code == 404
    assert desk.hub("POST", f"/v1/{collection}", {"meta": {"name": " "}}).status_code == 400


def test_there_are_four_collections(desk: Any) -> None:
    for path in ("/v1/teams", "/v1/teams/x"):
        assert desk.hub("GET", path).status_code == 404


def test_lists_go_on_after_a_record_or_by_page(desk: Any) -> None:
    ids = [desk.hub("POST", "/v1/datasets", {"meta": {"name": str(n)}}).json()["data"]["id"] for n in range(5)]

    def listed(query: str) -> tuple[list[str], str | None]:
        data = desk.hub("GET", f"/v1/datasets?{query}").json()["data"]
        assert data["total"] == 5
        return [record["id"] for record in data["results"]], data["lastRecordId"]

    assert listed("limit=2") == (ids[:2], ids[1])
    assert listed(f"limit=2&last_doc_id={ids[1]}") == (ids[2:4], ids[3])
    assert listed(f"limit=2&last_doc_id={ids[3]}") == (ids[4:], None)
    assert listed("limit=2&page=1") == (ids[2:4], ids[3])
    assert listed("limit=2&page=9") == ([], None)
    assert desk.hub("GET", "/v1/datasets?last_doc_id=none").status_code == 400


def uploaded(desk: Any, archive: Path) -> dict[str, Any]:
    record_id = desk.hub("POST", "/v1/datasets", {"meta": {"name": "A"}, "filename": archive.name}).json()["data"]["id"]
    with archive.open("rb") as file:
        response = desk.hub("POST", f"/v1/datasets/{record_id}/upload", files={archive.name: file})
    assert response.json() == {"success": True, "message": "Dataset uploaded", "data": {"id": record_id}}
    record: dict[str, Any] = desk.hub("GET", f"/v1/datasets/{record_id}").json()["data"]
    return record


def test_a_dataset_is_uploaded_checked_and_served(desk: Any, large: Callable[..., Any]) -> None:
    archive = large().zip("mine.zip")
    record = uploaded(desk, archive)
    assert (record["status"], record["task"], record["names"]) == ("ready", "detect", ["cat", "dog"])
    assert (record["stats"]["images"], record["stats"]["errors"]) == (3, 0)
    assert record["stats"]["splits"] == {"train": 2, "val": 1, "test": 0, "labeled": 3}
    assert desk.ask("GET", record["url"]).content == archive.read_bytes()


def test_a_dataset_that_cannot_be_read_has_failed(desk: Any, detect: Any) -> None:
    record = uploaded(desk, detect.drop("data.yaml").zip())
    assert record["status"] == "failed"
    assert "data.yaml" in record["error"]


def test_an_upload_is_one_file_of_a_dataset_that_there_is(desk: Any) -> None:
    record_id = desk.hub("POST", "/v1/datasets", {"meta": {"name": "A"}}).json()["data"]["id"]
    two = {"a.zip": b"1", "b.zip": b"2"}
    assert desk.hub("POST", f"/v1/datasets/{record_id}/upload", files=two).status_code == 400
    assert desk.hub("POST", f"/v1/datasets/{record_id}/upload").status_code == 400
    assert desk.hub("POST", "/v1/datasets/none/upload", files={"a.zip": b"1"}).status_code == 404
