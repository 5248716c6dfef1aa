"""Family P, images without objects."""

from __future__ import annotations

from sets import picture

from plants import Plant
from plants.distribution import BIG
from plants.labels import FIRST, Change, Files


def labels_of(files: Files, split: str, number: int | None = None) -> list[str]:
    return sorted(path for path in files if path.startswith(f"labels/{split}/"))[:number]


def missing(split: str, number: int | None = None) -> Change:
    def apply(files: Files) -> None:
        for path in labels_of(files, split, number):
            del files[path]

    return apply


def empty(split: str, number: int | None = None) -> Change:
    def apply(files: Files) -> None:
        for path in labels_of(files, split, number):
            files[path] = b"\n"

    return apply


def test_without_labels(files: Files) -> None:
    files["data.yaml"] += b"test: images/test\n"
    files["images/test/quux.jpg"] = picture(500)


IMAGE = FIRST.replace("labels", "images").replace(".txt", ".jpg")

PLANTS: list[Plant] = [
    Plant("val", "P705", "error", "detect", missing("val"), ("data.yaml", 2)),
    Plant("train", "P705", "error", "pose", missing("train"), ("data.yaml", 1)),
    Plant("test", "P705", "warning", "segment", test_without_labels),
    Plant("one-missing", "P706", "note", "detect", missing("train", 1), IMAGE),
    Plant("one-empty", "P706", "note", "obb", empty("train", 1), FIRST),
    Plant("many-in-a-small-set", "P706", "note", "detect", empty("train", 2), FIRST, size={"train": 14, "val": 3}),
    Plant("many-missing", "P706", "warning", "detect", missing("train", 17), IMAGE, size=BIG),
    Plant("many-empty", "P706", "warning", "segment", empty("train", 17), FIRST, size=BIG),
    Plant("all-of-val", "P706", "error", "detect", empty("val"), ("data.yaml", 2)),
    Plant("all-of-train", "P706", "error", "pose", empty("train"), ("data.yaml", 1)),
]
