"""Knobs: by argument, by method, and over the control routes."""

from __future__ import annotations

from typing import Any

import pytest

from hubaction.errors import UsageError
from hubaction.sandbox import Knobs, Sandbox

SUMMARY = "/api/account/summary"


def test_knobs_are_turned_one_by_one(desk: Any) -> None:
    desk.box.turn(seconds=5, failures={"onnx": "no"})
    desk.box.turn(more_formats=["lynx"])
    knobs = desk.box.knobs
    assert (knobs.seconds, knobs.failures, knobs.more_formats) == (5, {"onnx": "no"}, ("lynx",))
    assert Knobs().seconds == 2


@pytest.mark.parametrize(
    "knobs",
    [
        {"second": 1},
        {"seconds": -1},
        {"seconds": "1"},
        {"seconds": True},
        {"seconds": float("nan")},
        {"link_life": float("inf")},
        {"artifact_size": 1.5},
        {"polls": -1},
        {"polls": "2"},
        {"failures": ["onnx"]},
        {"failures": {"onnx": 1}},
        {"more_formats": "lynx"},
    ],
)
def test_knobs_that_there_are_not(desk: Any, knobs: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Sandbox(**knobs)
    before = desk.box.knobs
    with pytest.raises(UsageError):
        desk.box.turn(**knobs)
    assert desk.box.knobs == before


def test_a_knob_that_had_a_whole_number_takes_a_fraction_again(desk: Any) -> None:
    desk.box.turn(seconds=0)
    desk.box.turn(seconds=0.5)
    assert desk.box.knobs.seconds == 0.5


def test_knobs_over_the_control_route(desk: Any) -> None:
    turned = desk.ask("POST", "/_sandbox/knobs", json={"seconds": 7, "failures": {"pb": "no"}, "polls": None})
    assert turned.status_code == 200
    assert (turned.json()["knobs"]["seconds"], desk.box.knobs.failures) == (7, {"pb": "no"})
    assert "not the live service" in desk.ask("GET", "/_sandbox/").json()["about"]


def test_time_passes_over_the_control_route(desk: Any) -> None:
    one = desk.export()
    assert desk.shown(one)["status"] == "queued"
    desk.ask("POST", "/_sandbox/knobs", json={"advance": 6.5})
    assert desk.shown(one)["status"] == "completed"


def test_faults_over_the_control_route(desk: Any) -> None:
    desk.ask("POST", "/_sandbox/knobs", json={"faults": [f"GET {SUMMARY} status=500 always"]})
    assert desk.platform("GET", SUMMARY).status_code == 500
    desk.ask("POST", "/_sandbox/knobs", json={"clear_faults": True, "faults": [f"GET {SUMMARY} status=502"]})
    assert [desk.platform("GET", SUMMARY).status_code for _ in range(2)] == [502, 200]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"speed": 1},
        {"seconds": -1},
        {"faults": ["nonsense"]},
        {"faults": "GET / cut"},
        {"advance": "soon"},
        {"advance": -1},
        {"clear_faults": "yes"},
    ],
)
def test_control_refuses_what_it_does_not_know_and_changes_nothing(desk: Any, body: Any) -> None:
    before = desk.box.knobs
    response = desk.ask("POST", "/_sandbox/knobs", json=body)
    assert response.status_code == 400
    assert response.json()["error"]
    assert desk.box.knobs == before


def test_the_log_over_the_control_route(desk: Any) -> None:
    desk.platform("GET", SUMMARY)
    first = desk.ask("GET", "/_sandbox/log").json()["requests"][0]
    assert (first["path"], first["auth"], first["status"]) == (SUMMARY, "platform key in authorization", 200)
    desk.ask("DELETE", "/_sandbox/log")
    assert [entry.path for entry in desk.box.log] == []
