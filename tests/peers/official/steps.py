"""What the official clients can be told to do, and where they do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """One sandbox, and a folder to work in.

    Attributes:
        platform_key, hub_key: keys that it accepts.
        sound, faulty: archives of the two sample datasets. folder: the sound one as a folder.
    """

    url: str
    platform_key: str
    hub_key: str
    work: Path
    sound: Path
    faulty: Path
    folder: Path


Step = Callable[[Place], object]
STEPS: dict[str, Step] = {}
UNLIKE: list[str] = []
"""Where answers are not as the official client's own types describe them."""


def step(function: Step) -> Step:
    """Make a function one that a scenario can name."""
    STEPS[function.__name__] = function
    return function
