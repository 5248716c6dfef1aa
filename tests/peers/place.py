"""What our own client can be told to do, and where it does it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hubaction.errors import HubActionError, ServiceError
from hubaction.sandbox import Sandbox


class PassingClock:
    """Waits pass at once, for the client and for the sandbox; only a thread that works gets a moment."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def now(self) -> float:
        return time.time() + self._ahead

    def sleep(self, seconds: float) -> None:
        self._ahead += seconds
        self._box.advance(seconds)
        time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Samples:
    """The sample datasets: both as archives, the sound one as a folder too."""

    sound: Path
    faulty: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class Place:
    """One sandbox, and a folder to work in. ``told``: the lines that the client tells a user."""

    box: Sandbox
    work: Path
    samples: Samples
    told: list[str] = field(default_factory=list)

    @property
    def clock(self) -> PassingClock:
        return PassingClock(self.box)


Step = Callable[[Place], object]
STEPS: dict[str, Step] = {}


def step(function: Step) -> Step:
    """Make a function one that a scenario can name: ours for the official one of the same name."""
    STEPS[function.__name__] = function
    return function


def judged(function: Callable[[], object]) -> dict[str, object]:
    """The status with which something was refused, or that it was refused without an answer of that status."""
    try:
        function()
    except ServiceError as error:
        return {"refused": error.status or "by ourselves"}
    except HubActionError:
        return {"refused": "by ourselves"}
    return {"refused": None}
