"""What a scenario is: something that an official client and ours do, and what must come of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from hubaction.sandbox.artifacts import exported

VERSIONS = {"ultralytics-platform": "0.1.99", "hub-sdk": "0.0.25", "ultralytics": "8.4.114"}

SAME = object()
NONE = object()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that an official client and ours do, each against a sandbox of its own that is like the other's.

    Attributes:
        name: begins with the official client. step: the function on either side.
        expected: what comes of it for the official client, and for ours unless ``ours`` says otherwise.
        ours: ``NONE`` where the product has no such call, and the sandbox alone is proven. why: there is a difference.
        trace: pattern (``METHOD PATH``) of the requests that count as well, each as ``METHOD PATH STATUS BODY``.
        our_requests: where they are not the same as the official client's ``requests``.
        faults, knobs: of the sandbox.
    """

    name: str
    step: str
    expected: object
    ours: object = SAME
    why: str = ""
    trace: str = ""
    requests: tuple[str, ...] = ()
    our_requests: tuple[str, ...] | None = None
    faults: tuple[str, ...] = ()
    knobs: Mapping[str, object] = field(default_factory=dict)


ITSELF = "by ourselves"
"""Refused by the client, which has its own reason and no status."""


def refused(status: int | str | None) -> dict[str, object]:
    """The outcome of what was refused; ``None`` stands for granted."""
    return {"refused": status}


def request(method: str, path: str, code: int, /, **body: object) -> str:
    """A request as ``run`` notes it."""
    return f"{method} {path} {code} {json.dumps(body, sort_keys=True) if body else ''}".rstrip()


def digest(format: str, **args: object) -> str:
    return exported("yolo11n", format, args, 0, 0).sha256


FAILING = {"polls": 0, "failures": {"onnx": "Opset 7 is too old"}}
"""Knobs: every export to ONNX fails, at once."""
