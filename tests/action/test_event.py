"""Pull requests from forks: what cannot be done is said, and nothing else changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubaction.action.event import FORK_NOTE, is_from_fork

OURS, THEIRS = {"full_name": "o/r", "fork": False}, {"full_name": "stranger/r", "fork": True}


def pull_request(head: object, base: object = OURS) -> dict[str, object]:
    return {"pull_request": {"head": {"repo": head}, "base": {"repo": base}}}


def environment(folder: Path, event: object, name: str = "pull_request") -> dict[str, str]:
    path = folder / "event.json"
    path.write_text(event if isinstance(event, str) else json.dumps(event), encoding="utf-8")
    return {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path), "GITHUB_REPOSITORY": "o/r"}


EVENTS: dict[str, tuple[object, str, bool]] = {
    "fork": (pull_request(THEIRS), "pull_request", True),
    "review of a fork": (pull_request(THEIRS), "pull_request_review", True),
    "deleted fork": (pull_request(None), "pull_request", True),
    "own branch": (pull_request(OURS), "pull_request", False),
    "own branch of a fork": (pull_request(THEIRS, THEIRS), "pull_request", False),
    "with rights": (pull_request(THEIRS), "pull_request_target", False),
    "push": ({"repository": OURS}, "push", False),
    "a push with such a key": (pull_request(THEIRS), "push", False),
    "no event": ({}, "pull_request", False),
    "a list": ([], "pull_request", False),
    "no base": ({"pull_request": {"head": {"repo": THEIRS}}}, "pull_request", False),
    "odd values": ({"pull_request": {"head": 1, "base": []}}, "pull_request", False),
    "no JSON": ("{", "pull_request", False),
    "deep": ("[" * 100_000, "pull_request", False),
}


@pytest.mark.parametrize(("event", "name", "fork"), EVENTS.values(), ids=EVENTS)
def test_events(tmp_path: Path, event: object, name: str, fork: bool) -> None:
    assert is_from_fork(environment(tmp_path, event, name)) is fork


def test_no_event_at_all() -> None:
    assert not is_from_fork({})
    assert not is_from_fork({"GITHUB_EVENT_NAME": "pull_request"})
    assert not is_from_fork({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": "/nowhere"})


def test_no_utf8(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_bytes(b'{"pull_request": "\xff"}')
    assert not is_from_fork({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(path)})


@pytest.mark.parametrize(
    ("head", "formats", "said"), [(THEIRS, "json,sarif", 1), (THEIRS, "json,html,junit", 0), (OURS, "json,sarif", 0)]
)
def test_one_line_about_what_cannot_be_done(
    step: Any, dataset: Any, page: Any, tmp_path: Path, head: object, formats: str, said: int
) -> None:
    dataset.add("train", "bad", "0 0.5 x 0.2 0.2")
    plain = step.run(dataset_path="ds", formats=formats)
    step.extra = environment(tmp_path, pull_request(head))
    result = step.run(dataset_path="ds", formats=formats)
    assert (result.code, result.annotations, result.outputs) == (1, plain.annotations, plain.outputs)
    assert result.stream.plain.count(FORK_NOTE) == page.Page(result.summary).emphasis.count(FORK_NOTE) == said
    assert not page.Page(result.summary).foreign
