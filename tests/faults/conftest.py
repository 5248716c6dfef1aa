"""Lets the tests import what they share, here and in ``tests/hub``: tests are no package."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

for folder in (Path(__file__).parent, Path(__file__).parents[1] / "hub"):
    sys.path.insert(0, str(folder))


@pytest.fixture
def stage(
    tmp_path: Path, detect: Any, draw: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any, caplog: Any
) -> Iterator[Any]:
    """A workspace with a dataset, a sandbox, and the action run against it with everything recorded."""
    from stage import Stage

    for index, name in enumerate(("train/a.jpg", "train/b.jpg", "val/c.jpg")):
        detect.image(draw(size=(64, 48), seed=index), name)  # the Platform takes none below 28 pixels
    with Stage(tmp_path, detect.zip(), monkeypatch, capsys, caplog).open() as made:
        yield made
