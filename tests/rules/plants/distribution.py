"""Family D."""

from __future__ import annotations

from plants import Plant
from plants.labels import Change, Files


def classes(pick: dict[int, str], split: str = "train") -> Change:
    """Classes of the rows of a split, by their number in it; all others are class 0."""

    def apply(files: Files) -> None:
        number = 0
        for path in sorted(path for path in files if path.startswith(f"labels/{split}/")):
            rows = []
            for line in files[path].decode().splitlines():
                rows.append(f"{pick.get(number, '0')} {line.split(' ', 1)[1]}")
                number += 1
            files[path] = ("\n".join(rows) + "\n").encode()

    return apply


def third_class(files: Files) -> None:
    files["data.yaml"] = files["data.yaml"].replace(b"  1: dog\n", b"  1: dog\n  2: bird\n")


def few_birds(number: int) -> Change:
    """So many objects of a third class in train, and one in val."""

    def apply(files: Files) -> None:
        third_class(files)
        both = {at: str(at % 2) for at in range(6000)}
        classes({**both, **{at * 7: "2" for at in range(number)}})(files)
        classes({**both, 5: "2"}, "val")(files)

    return apply


def without(part: str, keep: int) -> Change:
    """Delete all pictures below a folder but the first few."""

    def apply(files: Files) -> None:
        for path in sorted(path for path in files if path.startswith(part))[keep:]:
            del files[path]

    return apply


def one_dog_in(often: int) -> Change:
    def apply(files: Files) -> None:
        classes(dict.fromkeys(range(0, 6000, often), "1"))(files)
        classes(dict.fromkeys(range(0, 6000, often), "1"), "val")(files)

    return apply


BIG = {"train": 160, "val": 40}  # no small set: 200 images
RARE = "so few objects are also far fewer than those of the other classes"

PLANTS: list[Plant] = [
    Plant("unused", "D851", "note", "detect", third_class, ("data.yaml", 6)),
    Plant("unused", "D851", "note", "segment", third_class, ("data.yaml", 6)),
    Plant("unused", "D851", "warning", "detect", third_class, ("data.yaml", 6), size=BIG),
    Plant("scarce", "D852", "note", "detect", few_birds(9), ("data.yaml", 6)),
    Plant("very-scarce", "D852", "warning", "detect", few_birds(9), ("data.yaml", 6), ("D853",), RARE, size=BIG),
    Plant("scarce", "D852", "note", "pose", few_birds(90), ("data.yaml", 6), size=BIG),
    Plant("scarce", "D852", "note", "obb", few_birds(20), ("data.yaml", 6)),
    Plant("scarce", "D852", "note", "classify", without("train/cat/", 99), "train/cat"),
    Plant("one-in-fifty", "D853", "note", "detect", one_dog_in(52), ("data.yaml", 5), size={"train": 230, "val": 40}),
    Plant("two-of-a-hundred", "D853", "note", "classify", without("train/cat/", 2), "train/cat", ("D852",), RARE),
]
