"""What started the workflow, as far as it changes what later steps may do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_MOST_BYTES = 30_000_000
"""Of an event. GitHub sends none above 25 MB."""

_WITH_RIGHTS = "pull_request_target"
"""The one event of its family that gets secrets and a token that may write."""

FORK_NOTE = (
    "This pull request comes from a fork, so the workflow's token cannot write: an upload of the SARIF file to code "
    "scanning would be refused. Annotations, summary and files are complete."
)


def is_from_fork(environment: Mapping[str, str]) -> bool:
    """Whether a pull request from another repository started the workflow, which then has no secrets and cannot write.

    The event says so itself, by the names of both repositories (a deleted fork has none). Without an event, or with
    one that cannot be read, the answer is no.
    """
    name = environment.get("GITHUB_EVENT_NAME", "")
    if not name.startswith("pull_request") or name == _WITH_RIGHTS:
        return False
    request = _part(_event(environment.get("GITHUB_EVENT_PATH", "")), "pull_request")
    base, head = (_part(_part(request, side), "repo").get("full_name") for side in ("base", "head"))
    return base is not None and head != base


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    return part if isinstance(part, dict) else {}


def _event(path: str) -> Mapping[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            event = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}
