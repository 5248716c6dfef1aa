"""A dataset as the Platform exports it: NDJSON, the dataset on the first line and an image on each other."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator

from hubaction.sandbox.ingest import label_path
from hubaction.sandbox.world import Dataset, Ingested, StoredImage

_KEYS = {"detect": "boxes", "segment": "segments", "pose": "pose", "obb": "obb"}


def ndjson(dataset: Dataset, result: Ingested, version: int, address: Callable[[StoredImage], str]) -> Iterator[str]:
    """The lines, each with its end.

    Args:
        address: where an image can be fetched.
    """
    names = {str(index): name for index, name in enumerate(result.classes)}
    head = {"type": "dataset", "task": result.task, "name": dataset.name, "class_names": names, "version": version}
    yield json.dumps(head) + "\n"
    if result.archive is None:
        return
    with zipfile.ZipFile(result.archive) as members:
        stored = set(members.namelist())
        for image in result.images:
            if not image.error:
                yield json.dumps(_record(image, address(image), _annotations(image, result, members, stored))) + "\n"


def _record(image: StoredImage, url: str, annotations: dict[str, object]) -> dict[str, object]:
    size = {"width": image.width, "height": image.height}
    name = image.name.rsplit("/", 1)[-1]
    return {"type": "image", "file": name, "url": url, **size, "split": image.split, "annotations": annotations}


def _annotations(image: StoredImage, result: Ingested, members: zipfile.ZipFile, stored: set[str]) -> dict[str, object]:
    if result.task == "classify":
        return {"classification": [result.classes.index(image.name.split("/")[-2])]}
    path = label_path(image.name)
    if path not in stored or result.task not in _KEYS:
        return {}
    rows = [_row(line) for line in members.read(path).decode("utf-8", "replace").splitlines() if line.strip()]
    good = [row for row in rows if row]
    return {_KEYS[result.task]: good} if good else {}


def _row(line: str) -> list[float]:
    """The numbers of a row, the class as an integer; empty for a row that has none."""
    try:
        numbers = [float(token) for token in line.split()]
    except ValueError:
        return []
    return [int(numbers[0]), *numbers[1:]]
