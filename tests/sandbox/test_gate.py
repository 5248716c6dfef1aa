"""What holds for every route: keys, ids of requests, dialects, rate limits, the log."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

EXPORTS = "/api/models/demo/shapes/yolo11n/exports"
PAGE = "This page could not be found"


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer ul_0000000000000000000000000000000000000000"},
        {"Authorization": "{platform}"},
        {"Authorization": "bearer {platform}"},
        {"Authorization": "Bearer {hub}"},
        {"x-api-key": "{platform}"},
    ],
)
def test_the_platform_wants_its_own_key(desk: Any, header: dict[str, str]) -> None:
    box = desk.box
    filled = {name: value.format(platform=box.platform_key, hub=box.hub_key) for name, value in header.items()}
    response = desk.ask("GET", "/api/account/summary", headers=filled)
    assert (response.status_code, response.json()) == (401, {"error": "Invalid or missing API key"})


@pytest.mark.parametrize("header", [{}, {"x-api-key": ""}, {"x-api-key": "0" * 42}, {"Authorization": "Bearer {hub}"}])
def test_hub_wants_its_own_key(desk: Any, header: dict[str, str]) -> None:
    filled = {name: value.format(hub=desk.box.hub_key) for name, value in header.items()}
    response = desk.ask("POST", "/v1/auth", headers=filled)
    assert (response.status_code, response.json()) == (401, {"success": False, "message": "Unauthorized"})
    assert desk.hub("POST", "/v1/auth").json() == {"success": True}


def test_a_key_for_the_other_one_does_no_harm(desk: Any) -> None:
    headers = {"Authorization": f"Bearer {desk.box.platform_key}", "x-api-key": "anything"}
    assert desk.ask("GET", "/api/account/summary", headers=headers).status_code == 200
    headers = {"x-api-key": desk.box.hub_key, "Authorization": "Bearer anything"}
    assert desk.ask("POST", "/v1/auth", headers=headers).status_code == 200


def test_keys_differ_and_can_be_given(open_desk: Callable[..., Any]) -> None:
    one, other = open_desk().box, open_desk().box
    assert one.platform_key != other.platform_key
    assert one.hub_key != other.hub_key
    assert len(one.platform_key) == 43
    given = open_desk(platform_key="ul_" + "a" * 40, hub_key="b" * 42)
    assert given.platform("GET", "/api/account/summary").status_code == 200
    assert given.hub("POST", "/v1/auth").status_code == 200


def test_every_answer_names_its_request(desk: Any) -> None:
    answers = [
        desk.platform("GET", "/api/account/summary"),
        desk.ask("GET", "/api/account/summary"),
        desk.ask("GET", "/nowhere"),
        desk.ask("GET", "/storage/files/a/b"),
        desk.hub("POST", "/model-reset", data=b"{"),
    ]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == len(ids)
    assert [entry.id for entry in desk.box.log] == ids


def test_a_route_that_there_is_not_answers_with_a_page(desk: Any) -> None:
    for path in ("/api/exports", "/api/models/0123456789abcdef01234567", "/api/datasets/demo/x/y/z"):
        response = desk.platform("GET", path)
        assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert PAGE in response.text
    assert desk.platform("PUT", "/api/account/summary").status_code == 405


@pytest.mark.parametrize("body", [b"", b"{", b"[1", b"\xff"])
def test_a_body_that_is_no_json(desk: Any, body: bytes) -> None:
    assert desk.platform("POST", EXPORTS, data=body).status_code == 400
    assert desk.hub("POST", "/get-export", data=body).status_code == 400


@pytest.mark.parametrize("body", [[], "x", 3, None])
def test_a_body_that_is_no_object(desk: Any, body: object) -> None:
    text = json.dumps(body).encode()
    assert desk.platform("POST", EXPORTS, data=text).json() == {"error": "body: expected an object"}
    assert desk.hub("POST", "/model-reset", data=text).status_code == 400


def test_a_body_of_unknown_or_excessive_length(desk: Any) -> None:
    assert desk.platform("POST", EXPORTS, data=iter([b"{}"])).status_code == 411
    assert desk.platform("POST", EXPORTS, data=b" " * ((8 << 20) + 1)).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("GET", "/api/account/summary", 100),
        ("GET", EXPORTS, 20),
        ("GET", "/api/models/demo/shapes/yolo11n/files", 30),
        ("DELETE", "/api/datasets/demo/none", 10),
        ("POST", "/api/upload/complete", 10),
    ],
)
def test_the_platforms_limits(open_desk: Callable[..., Any], method: str, path: str, most: int) -> None:
    desk = open_desk(rate=1)
    statuses = [desk.platform(method, path).status_code for _ in range(most)]
    assert 429 not in statuses
    desk.box.advance(48)
    refused = desk.platform(method, path)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "12"
    assert refused.headers["X-RateLimit-Reset"] == "2027-01-15T08:01:00.000Z"
    assert refused.json() == {
        "error": "Rate limit exceeded",
        "retryAfter": 12,
        "resetAt": "2027-01-15T08:01:00.000Z",
    }
    desk.box.advance(12)
    assert desk.platform(method, path).status_code == statuses[0]


def test_categories_are_counted_apart_and_all_exports_together(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate=1)
    for _ in range(10):
        desk.platform("GET", EXPORTS)
        desk.platform("GET", f"{EXPORTS}/none")
    assert desk.platform("DELETE", f"{EXPORTS}/none").status_code == 429
    assert desk.platform("GET", "/api/account/summary").status_code == 200


def test_hubs_limit_tells_unix_seconds(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate=0.1)
    answers = [desk.hub("POST", "/v1/auth") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    headers = answers[-1].headers
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After")
    assert [headers[name] for name in names] == ["100", "0", "1800000060", "60"]
    assert answers[-1].json() == {"success": False, "message": "Too many requests"}


def test_a_refused_key_uses_up_no_limit(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate=1)
    for _ in range(25):
        assert desk.ask("GET", EXPORTS).status_code == 401
    assert desk.platform("GET", EXPORTS).status_code == 200


def test_the_log_tells_what_was_sent(desk: Any) -> None:
    desk.session.headers["User-Agent"] = "tester/1"
    desk.platform("POST", f"{EXPORTS}?a=1", {"format": "onnx"})
    (entry,) = desk.box.log
    assert (entry.method, entry.path, entry.query) == ("POST", EXPORTS, "a=1")
    assert (entry.auth, entry.status, entry.json) == ("platform key in authorization", 201, {"format": "onnx"})
    assert entry.agent == "tester/1"
    assert {"authorization", "content-type", "content-length"} <= set(entry.headers)
    assert entry.leaks == ()


def test_the_log_holds_no_secret(desk: Any) -> None:
    box = desk.box
    body = {"apiKey": box.hub_key, "modelId": "x", "format": "onnx"}
    desk.hub("POST", "/get-export", body)
    desk.ask("GET", desk.finished()["file"]["downloadUrl"])
    desk.ask("GET", f"/{box.platform_key}?k={box.hub_key}", headers={"User-Agent": box.hub_key})
    told = json.dumps([dataclasses.asdict(entry) for entry in box.log])
    assert box.hub_key not in told
    assert box.platform_key not in told
    assert "signature=***" in told
    assert '\\"apiKey\\": \\"***\\"' in told


def test_a_key_in_its_place_is_no_leak(desk: Any) -> None:
    desk.platform("GET", "/api/account/summary")
    desk.hub("POST", "/get-export", {"apiKey": desk.box.hub_key, "modelId": "x", "format": "onnx"})
    assert desk.box.leaks == []


@pytest.mark.parametrize("key", ["platform_key", "hub_key"])
def test_a_key_anywhere_else_is_a_leak(desk: Any, key: str) -> None:
    secret = getattr(desk.box, key)
    desk.ask("GET", f"/api/models/{secret}")
    desk.ask("GET", f"/api/account/summary?key={secret}")
    desk.ask("POST", "/v1/auth", headers={"User-Agent": f"me {secret}"})
    desk.ask("POST", "/model-reset", json={"apiKey": secret})
    desk.ask("POST", "/get-export", json={"modelId": secret})
    desk.ask("GET", "/storage/files/a/b", headers={"x-api-key": secret})
    places = [leak.rpartition(": ")[2] for leak in desk.box.leaks]
    assert places == ["path", "query", "user-agent", "body", "body", "x-api-key"]
    assert secret not in str(desk.box.leaks)


def test_auth_is_told_by_kind(desk: Any) -> None:
    box = desk.box
    both = {"x-api-key": box.hub_key, "Authorization": "Bearer who"}
    for headers in ({}, {"x-api-key": box.platform_key}, both):
        desk.ask("POST", "/v1/auth", headers=headers)
    told = [entry.auth for entry in box.log]
    assert told == ["none", "platform key in x-api-key", "other in authorization and hub key in x-api-key"]
