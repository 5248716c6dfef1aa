"""Datasets of many images that exist only as label text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hubaction.dataset.config import Keypoints
from hubaction.dataset.dataset import Dataset, SplitFiles
from hubaction.dataset.images import ImageFacts, ImageStatus
from hubaction.dataset.labels import LabelColumns
from hubaction.rules.view import View


def view_of_many(task: str = "detect", names: Sequence[str] = ("cat", "dog"), **splits: Sequence[str | None]) -> View:
    """Each split is a list of label texts, one an image; None is a missing label. For classify they are the classes."""
    source: Any = SimpleNamespace(is_archive=False, top="", prefix="", path=Path("set"), files={}, folders=set())
    dataset = Dataset(source, task, names=list(names), nc=len(names), keypoints=Keypoints())
    for name, texts in splits.items():
        columns = LabelColumns()
        labels = [f"labels/{name}/{at}.txt" for at in range(len(texts))]
        for label, text in zip(labels, texts, strict=True):
            if text is None or task == "classify":
                columns.add_none()
            else:
                columns.add_text(text.encode())
                source.files[label] = label
        images = [f"images/{name}/{at}.jpg" for at in range(len(texts))]
        facts = [ImageFacts(ImageStatus.OK, "JPEG", 640, 480)] * len(texts)
        classes = [text or "" for text in texts] if task == "classify" else []
        dataset.read[name] = SplitFiles(name, images, labels, facts, columns.table(), classes)
    return View(dataset)


def boxes(number: int, cls: int = 0, size: float = 0.05) -> str:
    """Rows of objects in a grid."""
    return "\n".join(f"{cls} {(at % 19 + 1) / 20} {(at // 19 + 1) / 20} {size} {size}" for at in range(number))
