"""Plants for V801 to V806: copies and series across splits."""

from __future__ import annotations

import io

from PIL import Image
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


def saved_anew(image: str, to: str, *, cut: float = 0.0, rows: str = ""):
    """A picture of another name, saved anew, with ``rows`` or else the same label; ``cut`` is off each side."""

    def change(files: dict[str, bytes]) -> None:
        with Image.open(io.BytesIO(files[image])) as whole:
            width, height = whole.size
            edges = (width * cut, height * cut, width * (1 - cut), height * (1 - cut))
            part = whole.crop(tuple(map(round, edges))).resize((width, height))
        out = io.BytesIO()
        part.save(out, "JPEG", quality=70)
        files[to] = out.getvalue()
        if image.startswith("images/"):
            files[label(to)] = rows.encode() or files[label(image)]

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
    Plant("saved anew in val", "V802", "error", "detect", saved_anew(TRAIN, "images/val/zzzpic.jpg"),
          "images/val/zzzpic.jpg"),
    Plant("saved anew in val, zipped", "V802", "error", "detect", saved_anew(TRAIN, "images/val/zzzpic.jpg"),
          "images/val/zzzpic.jpg", archive=True),
    Plant("saved anew, classes", "V802", "error", "classify",
          saved_anew("train/cat/aaapic.jpg", "val/cat/zzzpic.jpg"), "val/cat/zzzpic.jpg"),
    Plant("the same scene", "V802", "note", "detect", saved_anew(TRAIN, "images/val/zzzpic.jpg", cut=0.025),
          "images/val/zzzpic.jpg"),
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
    Plant("saved anew in train", "V805", "note", "detect", saved_anew(TRAIN, "images/train/zzzpic.jpg"),
          "images/train/zzzpic.jpg"),
    Plant("saved anew with a class more", "V806", "note", "detect",
          saved_anew(TRAIN, "images/train/zzzpic.jpg", rows=row("detect", 3, 0) + "\n"),
          "images/train/zzzpic.jpg", also=("V805",),
          why_also=COPIED),
    Plant("saved anew in another class", "V806", "warning", "classify",
          saved_anew("train/cat/aaapic.jpg", "train/dog/zzzpic.jpg"), "train/dog/zzzpic.jpg", also=("V805",),
          why_also=COPIED),
    Plant("a row less", "V806", "error", "detect", other_rows, TRAIN, also=("V805",), why_also=COPIED),
    Plant("in two classes", "V806", "error", "classify",
          class_copy("train/cat/aaapic.jpg", "train/dog/zzzpic.jpg"), "train/cat/aaapic.jpg", also=("V805",),
          why_also=COPIED),
]  # fmt: skip
