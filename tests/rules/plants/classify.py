"""Plants for family C: the class folders of a sound set are changed."""

from __future__ import annotations

from sets import picture

from plants import Plant


def rename(old: str, new: str):
    """Move all files of a folder."""

    def change(files: dict[str, bytes]) -> None:
        for path in [path for path in files if path.startswith(old)]:
            files[new + path.removeprefix(old)] = files.pop(path)

    return change


def put(path: str, seed: int = 5000):
    return lambda files: files.update({path: picture(seed, (48, 40))})


def without(prefix: str, note: str = ""):
    """Remove a folder, or leave a text in it."""

    def change(files: dict[str, bytes]) -> None:
        for path in [path for path in files if path.startswith(prefix)]:
            del files[path]
        if note:
            files[note] = b"nothing here"

    return change


def add_bird(files: dict[str, bytes]) -> None:
    """A class that is in val alone; enough images that it is no scarce one."""
    files["val/bird/zzpic.jpg"] = picture(6000, (48, 40))


PLANTS: list[Plant] = [
    Plant("class only in val", "C531", "error", "classify", add_bird, "val/bird"),
    Plant("class spelled otherwise", "C531", "error", "classify", rename("val/dog/", "val/Dog/"), "val/Dog"),
    Plant("class missing in val", "C531", "warning", "classify", without("val/dog/"), "val"),
    Plant("class of texts in val", "C532", "warning", "classify", without("val/dog/", "val/dog/a.txt"), "val/dog"),
    Plant(
        "class of texts in train",
        "C532",
        "error",
        "classify",
        lambda files: files.update({"train/owl/a.txt": b"soon", "val/owl/zzpic.jpg": picture(6001, (48, 40))}),
        "train/owl",
    ),
    Plant("beside the classes", "C533", "error", "classify", put("train/zzpic.jpg"), "train/zzpic.jpg"),
    Plant("no classes in test", "C533", "error", "classify", put("test/zzpic.jpg"), "test"),
    Plant("two folders deep", "C533", "warning", "classify", put("train/cat/indoors/zzpic.jpg"),
          "train/cat/indoors/zzpic.jpg"),
    Plant("one class", "C534", "error", "classify",
          lambda files: [without("train/dog/")(files), without("val/dog/")(files)], "train"),
]  # fmt: skip
