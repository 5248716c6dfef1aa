"""Downloads: signed addresses, ranges, validators, and files that are made up."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from hubaction.sandbox.artifacts import exported

MEGABYTE = 1 << 20


def test_a_download_tells_what_it_is(desk: Any) -> None:
    file = desk.finished("onnx")["file"]
    response = desk.ask("GET", file["downloadUrl"])
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(file["size"])
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Content-Disposition"] == 'attachment; filename="yolo11n.onnx"'
    assert response.headers["ETag"].startswith('"')
    head = desk.ask("HEAD", file["downloadUrl"])
    assert head.status_code == 403  # it is signed for GET


@pytest.mark.parametrize(
    ("wanted", "status", "part", "told"),
    [
        ("bytes=100-", 206, slice(100, None), "bytes 100-4199/4200"),
        ("bytes=0-", 206, slice(0, None), "bytes 0-4199/4200"),
        ("bytes=100-199", 206, slice(100, 200), "bytes 100-199/4200"),
        ("bytes=4199-", 206, slice(4199, None), "bytes 4199-4199/4200"),
        ("bytes=100-9999", 206, slice(100, None), "bytes 100-4199/4200"),
        ("bytes=4200-", 416, None, "bytes */4200"),
        ("bytes=200-100", 416, None, "bytes */4200"),
        ("bytes=-100", 200, slice(None), None),
        ("lines=1-", 200, slice(None), None),
    ],
)
def test_ranges(open_desk: Callable[..., Any], wanted: str, status: int, part: slice | None, told: str | None) -> None:
    desk = open_desk(artifact_size=4200)
    url = desk.finished()["file"]["downloadUrl"]
    whole = desk.ask("GET", url).content
    response = desk.ask("GET", url, headers={"Range": wanted})
    assert (response.status_code, response.headers.get("Content-Range")) == (status, told)
    assert response.content == (b"" if part is None else whole[part])


def test_a_changed_file_is_not_continued(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(artifact_size=4200)
    url = desk.finished()["file"]["downloadUrl"]
    tag = desk.ask("GET", url).headers["ETag"]
    headers = {"Range": "bytes=100-", "If-Range": tag}
    assert desk.ask("GET", url, headers=headers).status_code == 206
    desk.box.turn(artifact_seed=1)
    changed = desk.ask("GET", url, headers=headers)
    assert (changed.status_code, len(changed.content)) == (200, 4200)
    assert changed.headers["ETag"] != tag


def test_a_link_is_good_for_a_while_and_for_one_file(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(link_life=100)
    one, other = desk.finished("onnx"), desk.finished("pb")
    url = one["file"]["downloadUrl"]
    assert desk.ask("GET", url.replace(one["id"], other["id"])).status_code == 403
    assert desk.ask("GET", url.split("?")[0]).status_code == 403
    assert desk.ask("GET", url[:-1] + "\u00fc").status_code == 403
    desk.box.advance(39)
    assert desk.ask("GET", url).status_code == 200
    desk.box.advance(1)
    expired = desk.ask("GET", url)
    assert (expired.status_code, expired.headers["content-type"]) == (403, "application/xml")
    assert "ExpiredToken" in expired.text
    fresh = desk.shown(one["id"])["file"]["downloadUrl"]
    assert desk.ask("GET", fresh).status_code == 200


@pytest.mark.parametrize("header", ["Authorization", "x-api-key"])
def test_a_link_takes_no_other_credentials(desk: Any, header: str) -> None:
    url = desk.finished()["file"]["downloadUrl"]
    assert desk.ask("GET", url, headers={header: "anything"}).status_code == 400


def test_links_lead_to_where_the_client_is(desk: Any) -> None:
    root = desk.box.url.replace("127.0.0.1", "localhost")
    desk.box.turn(polls=0)
    one = desk.export()
    path = f"{root}/api/models/demo/shapes/yolo11n/exports/{one}"
    url = desk.platform("GET", path).json()["export"]["file"]["downloadUrl"]
    assert url.startswith(f"{root}/storage/")
    assert desk.ask("GET", url).status_code == 200


def test_a_small_file_is_the_same_each_time_and_says_that_it_is_no_model() -> None:
    one, again, other = (exported("m", "openvino", {"imgsz": size}, 0, 0) for size in (320, 320, 640))
    assert (one.tag, one.sha256) == (again.tag, again.sha256)
    assert one.sha256 != other.sha256
    with zipfile.ZipFile(io.BytesIO(b"".join(one.read(0, one.size)))) as archive:
        assert archive.namelist() == ["metadata.json", "weights.bin"]
        about = json.loads(archive.read("metadata.json"))
    assert (about["format"], about["args"], about["is_a_model"]) == ("openvino", {"imgsz": 320}, False)


def test_a_file_that_is_made_up() -> None:
    size = 3 * MEGABYTE + 5
    artifact = exported("m", "onnx", {}, size, 0)
    content = b"".join(artifact.read(0, size))
    assert (artifact.size, len(content)) == (size, size)
    assert artifact.sha256 == hashlib.sha256(content).hexdigest()
    blocks = {content[start : start + MEGABYTE] for start in range(0, size, MEGABYTE)}
    assert len(blocks) == 4
    for start, end in ((0, 1), (5, 9), (MEGABYTE - 3, MEGABYTE + 3), (2 * MEGABYTE, size), (size, size)):
        assert b"".join(artifact.read(start, end)) == content[start:end]
    assert exported("m", "onnx", {}, size, 1).sha256 != artifact.sha256


def test_a_large_file_arrives_whole(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(artifact_size=5 * MEGABYTE + 1)
    file = desk.finished()["file"]
    content = desk.ask("GET", file["downloadUrl"]).content
    expected = exported("yolo11n", "onnx", {}, file["size"], 0)
    assert hashlib.sha256(content).hexdigest() == expected.sha256
