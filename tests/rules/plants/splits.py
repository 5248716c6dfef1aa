"""Plants for V801 to V806: copies and series across splits."""

from __future__ import annotations

from sets import picture, row

from plants import Plant

TRAIN = "images/train/aaapic.jpg"


def label(image: str) -> str:
    return image.replace("images/", "labels/").replace(".jpg", ".txt")


def copied(image: str, to: str, *, rows: bool = True):
    """Another name for an image, with the same label unless told otherwise."""

    def change(files: dict[str, bytes]) -> None:
        files[to] = files[image]
        if rows:
            files[label(to)] = files[label(image)]

    return change


def class_copy(path: str, to: str):
    return lambda files: files.update({to: files[path]})


def renamed(names: dict[str, list[str]]):
    """Give the first images of each split, and their labels, these stems."""

    def change(files: dict[str, bytes]) -> None:
        for split, stems in names.items():
            images = sorted(path for path in files if path.startswith(f"images/{split}/"))
            for image, stem in zip(images, stems, strict=False):
                to = f"images/{split}/{stem}.jpg"
                files[label(to)], files[to] = files.pop(label(image)), files.pop(image)

    return change


SERIES = ("clip", "walk", "night")
THREE = {
    "train": [f"{name}_{index:05}" for name in SERIES for index in range(0, 40, 10)],
    "val": [f"{name}_{index:05}" for name in SERIES for index in (5,)],
}
ONE = {"train": [f"clip_{index:05}" for index in range(8)], "val": ["clip_00100"]}
ROBOFLOW = {"train": ["street_jpg.rf.0a1b2c3d"], "val": ["street_jpg.rf.9f8e7d6c"]}


def class_sources(files: dict[str, bytes]) -> None:
    files["train/cat/street_jpg.rf.0a1b2c3d.jpg"] = picture(7001, (48, 40))
    files["val/cat/street_jpg.rf.9f8e7d6c.jpg"] = picture(7002, (48, 40))


def other_rows(files: dict[str, bytes]) -> None:
    """A copy within train that has lost a row and had another changed."""
    copied(TRAIN, "images/train/zzzpic.jpg")(files)
    rows = [row("detect", 0, index) for index in range(23)]
    files["labels/train/zzzpic.txt"] = ("\n".join(rows) + "\n").encode()


COPIED = "a copy within a split is a copy first"

PLANTS: list[Plant] = [
    Plant("train in val", "V801", "error", "detect", copied(TRAIN, "images/val/zzzpic.jpg"), "images/val/zzzpic.jpg"),
    Plant("train in val, zipped", "V801", "error", "detect", copied(TRAIN, "images/val/zzzpic.jpg"),
          "images/val/zzzpic.jpg", archive=True),
    Plant("train in val, classes", "V801", "error", "classify",
          class_copy("train/cat/aaapic.jpg", "val/cat/zzzpic.jpg"), "val/cat/zzzpic.jpg"),
    Plant("one photo of Roboflow", "V803", "error", "detect", renamed(ROBOFLOW),
          "images/val/street_jpg.rf.9f8e7d6c.jpg"),
    Plant("one photo of Roboflow, classes", "V803", "error", "classify", class_sources,
          "val/cat/street_jpg.rf.9f8e7d6c.jpg"),
    Plant("three videos cut up", "V804", "warning", "detect", renamed(THREE), "images/val/clip_00005.jpg",
          size={"train": 12, "val": 3}),
    Plant("one series", "V804", "note", "detect", renamed(ONE), "images/val/clip_00100.jpg"),
    Plant("twice in train", "V805", "warning", "detect", copied(TRAIN, "images/train/zzzpic.jpg"), TRAIN),
    Plant("twice in a class", "V805", "warning", "classify",
          class_copy("train/cat/aaapic.jpg", "train/cat/zzzpic.jpg"), "train/cat/aaapic.jpg"),
    Plant("a row less", "V806", "error", "detect", other_rows, TRAIN, also=("V805",), why_also=COPIED),
    Plant("in two classes", "V806", "error", "classify",
          class_copy("train/cat/aaapic.jpg", "train/dog/zzzpic.jpg"), "train/cat/aaapic.jpg", also=("V805",),
          why_also=COPIED),
]  # fmt: skip
