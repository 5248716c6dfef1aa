"""Exports as the Platform keeps them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

MODEL = "/api/models/demo/shapes/yolo11n"
EXPORTS = f"{MODEL}/exports"
FORMATS = (
    "torchscript onnx openvino engine coreml coreai saved_model pb edgetpu litert paddle mnn ncnn imx rknn executorch "
    "axelera deepx qnn hailo ascend xilinx"
).split()


def states(desk: Any, id: str, seconds: float, times: int) -> list[str]:
    found = []
    for _ in range(times):
        found.append(desk.shown(id)["status"])
        desk.box.advance(seconds)
    return found


def test_an_export_is_created_with_201(desk: Any) -> None:
    response = desk.platform("POST", EXPORTS, {"format": "engine", "gpuType": "l4", "args": {"imgsz": 320}})
    assert response.status_code == 201
    body = response.json()
    assert len(body.pop("id")) == 24
    assert body == {"format": "engine", "status": "queued", "gpuType": "l4", "region": "eu"}


def test_it_goes_through_the_states_by_time(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(seconds=10)
    one = desk.export()
    assert states(desk, one, 5, 7) == ["queued"] * 2 + ["starting"] * 2 + ["running"] * 2 + ["completed"]


def test_it_goes_through_the_states_by_reads(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(polls=2)
    one = desk.export()
    assert states(desk, one, 0, 7) == ["queued"] * 2 + ["starting"] * 2 + ["running"] * 2 + ["completed"]
    assert open_desk(polls=0).finished()["status"] == "completed"


def test_times_are_told_as_far_as_it_has_come(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(seconds=10)
    one = desk.export()
    queued = desk.shown(one)
    assert "startedAt" not in queued
    assert "file" not in queued
    desk.box.advance(10)
    assert desk.shown(one)["startedAt"] == "2027-01-15T08:00:10.000Z"
    desk.box.advance(20)
    done = desk.shown(one)
    assert (done["createdAt"], done["completedAt"]) == ("2027-01-15T08:00:00.000Z", "2027-01-15T08:00:30.000Z")
    assert "error" not in done
    desk.box.advance(20)
    assert desk.shown(one)["updatedAt"] == done["updatedAt"]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_a_file(desk: Any, name: str) -> None:
    one = desk.export(name, **({"gpuType": "l4"} if name == "engine" else {}))
    desk.box.advance(60)
    file = desk.shown(one)["file"]
    content = desk.ask("GET", file["downloadUrl"]).content
    assert len(content) == file["size"] > 4000
    assert file["downloadFilename"].startswith("yolo11n")
    if file["downloadFilename"].endswith((".zip", ".torchscript")):
        assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_files_are_named_as_exports_are(desk: Any) -> None:
    names = [desk.finished(name)["file"]["downloadFilename"] for name in ("onnx", "openvino", "edgetpu", "coreml")]
    assert names == ["yolo11n.onnx", "yolo11n_openvino_model.zip", "yolo11n_edgetpu.tflite", "yolo11n.mlpackage.zip"]


def test_a_failure_has_a_message_and_no_file(open_desk: Callable[..., Any]) -> None:
    export = open_desk(failures={"onnx": "no such opset"}).finished("onnx")
    assert export["status"] == "failed"
    assert export["error"] == {"message": "no such opset", "timestamp": "2027-01-15T08:01:00.000Z"}
    assert "file" not in export


def test_an_end_never_changes(desk: Any) -> None:
    one = desk.finished("onnx")["id"]
    desk.box.turn(failures={"onnx": "too late"})
    assert desk.shown(one)["status"] == "completed"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "format: required"),
        ({"format": "tflite"}, "format: must be one of torchscript, onnx"),
        ({"format": ["onnx"]}, "format: must be one of"),
        ({"format": "onnx", "half": True}, "half: unrecognized key"),
        ({"format": "onnx", "args": {"half": True}}, "args.half: unrecognized key"),
        ({"format": "onnx", "args": []}, "args: must be an object"),
        ({"format": "onnx", "args": {"imgsz": 31}}, "args.imgsz: must be an integer from 32 to 8192"),
        ({"format": "onnx", "args": {"imgsz": 640.5}}, "args.imgsz: must be an integer"),
        ({"format": "onnx", "args": {"batch": True}}, "args.batch: must be an integer from 1 to 32"),
        ({"format": "onnx", "args": {"nms": 1}}, "args.nms: must be true or false"),
        ({"format": "onnx", "args": {"quantize": 4}}, "args.quantize: must be one of 8, 16, 32"),
        ({"format": "onnx", "args": {"quantize": True}}, "args.quantize: must be one of"),
        ({"format": "engine"}, "gpuType: required for engine, one of rtx-2000-ada"),
        ({"format": "engine", "gpuType": "gtx"}, "gpuType: must be one of"),
        ({"format": "rknn", "args": {"name": "hailo8"}}, "args.name: must be one of rk3588"),
    ],
)
def test_what_the_contract_does_not_know_is_refused(desk: Any, body: dict[str, Any], message: str) -> None:
    response = desk.platform("POST", EXPORTS, body)
    assert response.status_code == 400
    assert response.json()["error"].startswith(message)
    assert desk.platform("GET", EXPORTS).json()["exports"] == []


def test_what_the_contract_knows_is_accepted(desk: Any) -> None:
    args = {"imgsz": 32, "quantize": "w8a16", "dynamic": False, "opset": 23, "conf": 0, "iou": 1.0, "workspace": 1.5}
    desk.export("onnx", args=args)
    desk.export("hailo", args={"name": "hailo8l"})
    desk.export("onnx", args=None)
    desk.export("onnx", args={}, gpuType="l4")
    assert desk.platform("GET", EXPORTS).json()["exports"][3]["args"] == args


def test_an_equal_export_that_is_active_is_a_conflict(desk: Any) -> None:
    one = desk.export("onnx", args={"imgsz": 640, "nms": True})
    again = desk.platform("POST", EXPORTS, {"format": "onnx", "args": {"nms": True, "imgsz": 640}})
    assert (again.status_code, again.json()) == (409, {"error": "An equivalent export is already active"})
    desk.export("onnx", args={"imgsz": 320, "nms": True})
    desk.export("onnx", args={"imgsz": 640, "nms": True}, gpuType="l4")
    desk.box.advance(60)
    assert desk.shown(one)["status"] == "completed"
    assert desk.export("onnx", args={"imgsz": 640, "nms": True}) != one


def test_the_list_is_newest_first_filtered_and_cut(desk: Any) -> None:
    done = desk.finished("onnx")["id"]
    ids = [desk.export(name) for name in ("pb", "mnn", "ncnn")]
    everything = desk.platform("GET", EXPORTS).json()
    assert [one["id"] for one in everything["exports"]] == [*reversed(ids), done]
    assert everything["region"] == "eu"
    assert [one["id"] for one in desk.platform("GET", f"{EXPORTS}?status=completed").json()["exports"]] == [done]
    assert [one["id"] for one in desk.platform("GET", f"{EXPORTS}?limit=2").json()["exports"]] == [ids[2], ids[1]]
    for query in ("status=ready", "limit=101", "limit=-1", "limit=x", "limit=" + "9" * 5000):
        assert desk.platform("GET", f"{EXPORTS}?{query}").status_code == 400


def test_delete_cancels_what_runs_and_removes_what_has_ended(desk: Any) -> None:
    one = desk.export()
    assert desk.platform("DELETE", f"{EXPORTS}/{one}").json() == {"success": True, "action": "cancelled"}
    assert desk.shown(one)["status"] == "cancelled"
    desk.box.advance(60)
    assert desk.shown(one)["status"] == "cancelled"
    assert desk.platform("DELETE", f"{EXPORTS}/{one}").json() == {"success": True, "action": "deleted"}
    assert desk.platform("GET", f"{EXPORTS}/{one}").status_code == 404
    assert desk.platform("DELETE", f"{EXPORTS}/{one}").status_code == 404


def test_a_deleted_export_takes_its_file_along(desk: Any) -> None:
    export = desk.finished()
    desk.platform("DELETE", f"{EXPORTS}/{export['id']}")
    assert desk.ask("GET", export["file"]["downloadUrl"]).status_code == 404


def test_a_link_for_phones(desk: Any) -> None:
    export = desk.finished("coreml")
    link = desk.platform("POST", f"{EXPORTS}/{export['id']}/mobile").json()
    assert link["expiresAt"] == "2027-01-16T08:01:00.000Z"
    assert link["importUrl"].startswith(desk.box.url)
    assert desk.platform("POST", f"{EXPORTS}/{desk.finished('onnx')['id']}/mobile").status_code == 400
    assert desk.platform("POST", f"{EXPORTS}/{desk.export('litert')}/mobile").status_code == 409


def test_who_may_export_what(desk: Any) -> None:
    official = desk.platform("POST", "/api/models/ultralytics/yolo11/yolo11n/exports", {"format": "onnx"})
    assert official.status_code == 403
    assert "Clone" in official.json()["error"]
    desk.platform("POST", "/api/models", {"project": "shapes", "model": "new", "name": "New"})
    assert desk.platform("POST", "/api/models/demo/shapes/new/exports", {"format": "onnx"}).status_code == 400
    for path in ("demo/shapes/none", "demo/none/yolo11n", "other/shapes/yolo11n"):
        assert desk.platform("POST", f"/api/models/{path}/exports", {"format": "onnx"}).status_code == 404
    for path in ("demo/Shapes/yolo11n", "abc/shapes/yolo11n", "demo/shapes/-a", "demo/shapes/a%20b"):
        assert desk.platform("GET", f"/api/models/{path}/exports").status_code == 400


def test_the_contract_lists_the_formats(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(more_formats=["lynx"])
    contract = desk.ask("GET", "/openapi.json").json()
    post = contract["paths"]["/api/models/{owner}/{project}/{model}/exports"]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["format"]["enum"] == [*FORMATS, "lynx"]
    assert desk.finished("lynx")["file"]["downloadFilename"] == "yolo11n.lynx"
