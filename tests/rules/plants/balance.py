"""Family V, classes and sizes of splits."""

from __future__ import annotations

from plants import Plant
from plants.distribution import BIG, classes, few_birds, third_class, without
from plants.labels import Change, Files


def val_only(number: int) -> Change:
    """So many objects of a third class, all of them in val."""

    def apply(files: Files) -> None:
        third_class(files)
        pick = {at: str(at % 2) for at in range(40 * 24)}
        classes({**pick, **{at * 3: "2" for at in range(number)}}, "val")(files)

    return apply


def train_only(files: Files) -> None:
    few_birds(150)(files)
    classes({at: str(at % 2) for at in range(40 * 24)}, "val")(files)


def small_objects(files: Files) -> None:
    """All boxes of val at two thirds of their size."""
    for path in files:
        if path.startswith("labels/val/"):
            rows = []
            for line in files[path].decode().splitlines():
                cls, cx, cy, w, h = line.split()
                rows.append(f"{cls} {cx} {cy} {float(w) * 0.67:.6f} {float(h) * 0.67:.6f}")
            files[path] = ("\n".join(rows) + "\n").encode()


def other_shares(files: Files) -> None:
    classes({at: "1" for at in range(40 * 24) if at % 4}, "val")(files)


def few_in_val(files: Files) -> None:
    without("val/cat/", 6)(files)
    without("val/dog/", 5)(files)


def nothing(files: Files) -> None:
    """The size of the set is the defect."""


PLANTS: list[Plant] = [
    Plant("unseen", "V807", "error", "detect", val_only(5), ("data.yaml", 2), size=BIG),
    Plant("hardly-unseen", "V807", "warning", "detect", val_only(4), ("data.yaml", 2), size=BIG),
    Plant("untested", "V807", "warning", "segment", train_only, ("data.yaml", 2), size=BIG),
    Plant("unseen-in-a-small-set", "V807", "note", "obb", val_only(5), ("data.yaml", 2)),
    Plant("val-tiny", "V808", "warning", "detect", nothing, ("data.yaml", 2), size={"train": 195, "val": 10}),
    Plant("val-larger", "V808", "warning", "pose", nothing, ("data.yaml", 2), size={"train": 100, "val": 101}),
    Plant("val-larger-in-a-small-set", "V808", "note", "detect", nothing, size={"train": 10, "val": 11}),
    Plant("val-tiny", "V808", "warning", "classify", few_in_val),
    Plant("sizes", "V809", "warning", "detect", small_objects, ("data.yaml", 2), size=BIG),
    Plant("sizes-in-a-small-set", "V809", "note", "detect", small_objects, size={"train": 10, "val": 9}),
    Plant("classes", "V809", "warning", "segment", other_shares, ("data.yaml", 2), size=BIG),
]
