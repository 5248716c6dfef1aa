"""Plants of family Y."""

from __future__ import annotations

from collections.abc import Callable

from plants import Plant

Files = dict[str, bytes]
Change = Callable[[Files], None]

LISTED = "images/train/aaapic.jpg"


def replaced(old: str, new: str) -> Change:
    """Exchange a piece of data.yaml that must be there."""

    def change(files: Files) -> None:
        text = files["data.yaml"].decode()
        assert old in text
        files["data.yaml"] = text.replace(old, new).encode()

    return change


def added(line: str) -> Change:
    return lambda files: files.update({"data.yaml": files["data.yaml"] + f"{line}\n".encode()})


def encoded(write: Callable[[bytes], bytes]) -> Change:
    return lambda files: files.update({"data.yaml": write(files["data.yaml"])})


def moved(old: str, new: str) -> Change:
    """Move all files below a folder."""

    def change(files: Files) -> None:
        for path in [path for path in files if path.startswith(old)]:
            files[new + path.removeprefix(old)] = files.pop(path)

    return change


def both(*changes: Change) -> Change:
    def change(files: Files) -> None:
        for one in changes:
            one(files)

    return change


def listed(prefix: str) -> Change:
    """Give train as an image list, the first entry with a prefix."""

    def change(files: Files) -> None:
        images = sorted(path for path in files if path.startswith("images/train/"))
        files["train.txt"] = "".join(f"{prefix if path == LISTED else ''}{path}\n" for path in images).encode()
        replaced("train: images/train", "train: train.txt")(files)

    return change


PLANTS: list[Plant] = [
    Plant("open-bracket", "Y201", "error", "detect", added("x: [1\n"), at="data.yaml"),
    Plant("list", "Y201", "error", "pose", encoded(lambda raw: b"- 1\n- 2\n"), at=("data.yaml", 1)),
    Plant("latin", "Y201", "error", "segment", encoded(lambda raw: raw + "# \xe4\n".encode("latin-1")), at="data.yaml"),
    Plant("documents", "Y201", "error", "obb", added("---\nmore: 1"), at="data.yaml"),
    Plant("tag", "Y201", "error", "detect", added("x: !!python/name:os.system"), at="data.yaml"),
    Plant("number", "Y201", "error", "detect", added("path: 5"), at=("data.yaml", 6)),
    Plant("test-number", "Y201", "error", "detect", added("test: 5"), at=("data.yaml", 6)),
    Plant("flip", "Y201", "error", "segment", added("flip_idx: 1"), at=("data.yaml", 6)),
    Plant("key-conflict", "Y201", "error", "detect", added("x: 1\nx: 2"), at=("data.yaml", 7, 1)),
    Plant("key-repeated", "Y201", "warning", "detect", added("x: [1]\nx: [1]"), at=("data.yaml", 7, 1)),
    Plant("bom", "Y201", "note", "obb", encoded(lambda raw: b"\xef\xbb\xbf" + raw), at="data.yaml"),
    Plant("valid", "Y202", "error", "detect", replaced("val:", "valid:"), at=("data.yaml", 2)),
    Plant("null", "Y202", "error", "pose", replaced("val: images/val", "val:"), at=("data.yaml", 2)),
    Plant("no-list", "Y202", "error", "obb", replaced("val: images/val", "val: []"), at=("data.yaml", 2)),
    Plant("validation", "Y202", "warning", "segment", replaced("val:", "validation:"), at=("data.yaml", 2)),
    Plant("case", "Y203", "error", "detect", replaced("val: images/val", "val: images/Val"), at=("data.yaml", 2)),
    Plant(
        "empty",
        "Y203",
        "error",
        "segment",
        both(replaced("val: images/val", "val: docs"), lambda f: f.update({"docs/a.md": b"x"})),
    ),
    Plant(
        "empty-list",
        "Y203",
        "error",
        "detect",
        both(replaced("val: images/val", "val: val.txt"), lambda f: f.update({"val.txt": b""})),
    ),
    Plant("test", "Y203", "warning", "obb", added("test: images/test"), at=("data.yaml", 6)),
    Plant(
        "elsewhere",
        "Y203",
        "warning",
        "detect",
        added("test: /usr"),
        at=("data.yaml", 6),
        also=("Y205",),
        why_also="the path is absolute",
    ),
    Plant("no-train", "Y203", "error", "classify", moved("train/", "learn/")),
    Plant("no-val", "Y203", "error", "classify", moved("val/", "more/")),
    Plant("only-test", "Y203", "warning", "classify", moved("val/", "test/"), at="test"),
    Plant("relative", "Y204", "warning", "detect", added("path: coco8"), at=("data.yaml", 6)),
    Plant("absolute", "Y205", "warning", "pose", added("path: /data/set")),
    Plant("drive", "Y205", "warning", "segment", added("path: 'C:\\set'"), at=("data.yaml", 6)),
    Plant("home", "Y205", "warning", "obb", added("path: ~/set"), at=("data.yaml", 6)),
    Plant("in-a-list", "Y205", "warning", "detect", listed("/"), at=("train.txt", 1)),
    Plant("from-one", "Y206", "error", "detect", replaced("  0: cat\n  1: dog", "  1: cat\n  2: dog")),
    Plant("nc", "Y206", "error", "segment", added("nc: 3"), at=("data.yaml", 6)),
    Plant(
        "nc-true",
        "Y206",
        "error",
        "obb",
        replaced("names:\n  0: cat\n  1: dog", "nc: true\nnames: [cat, dog]"),
        at=("data.yaml", 3),
    ),
    Plant("blank", "Y206", "error", "pose", replaced("1: dog", "1: ' '"), at=("data.yaml", 5)),
    Plant("float-key", "Y206", "error", "detect", replaced("1: dog", "1.0: dog"), at="data.yaml"),
    Plant(
        "generated", "Y206", "warning", "detect", replaced("names:\n  0: cat\n  1: dog", "nc: 2"), at=("data.yaml", 3)
    ),
    Plant("nc-text", "Y206", "warning", "obb", added("nc: '2'"), at=("data.yaml", 6)),
    Plant("same", "Y207", "error", "detect", replaced("1: dog", "1: 'cat '"), at=("data.yaml", 5)),
    Plant("case", "Y207", "warning", "segment", replaced("1: dog", "1: Cat"), at=("data.yaml", 5)),
    Plant(
        "case",
        "Y207",
        "warning",
        "classify",
        both(moved("train/dog/", "train/Cat/"), moved("val/dog/", "val/Cat/")),
        at="train/cat",
        also=("A108",),
        why_also="the folders become one where case does not count",
    ),
    Plant(
        "accent",
        "Y207",
        "error",
        "classify",
        both(
            *(
                moved(f"{split}/{old}/", f"{split}/{new}/")
                for split in ("train", "val")
                for old, new in (("cat", "\xe4"), ("dog", "a\u0308"))
            )
        ),
        also=("A108",),
        why_also="the folders become one where accents are normalised",
    ),
    Plant("no", "Y208", "warning", "pose", replaced("1: dog", "1: no"), at=("data.yaml", 5)),
    Plant("code", "Y209", "error", "detect", added("download: |\n  import os\n  print(os.name)"), at=("data.yaml", 6)),
    Plant("bash", "Y209", "error", "obb", added("download: bash get.sh"), at=("data.yaml", 6)),
    Plant("same", "Y210", "warning", "detect", replaced("val: images/val", "val: images/train"), at=("data.yaml", 2)),
    Plant(
        "nested",
        "Y210",
        "error",
        "segment",
        replaced("train: images/train", "train: images"),
        at=("data.yaml", 2),
        size={"train": 190, "val": 20, "objects": 2},
    ),
    Plant("four", "Y211", "error", "pose", replaced(", 3]", ", 4]"), at="data.yaml"),
    Plant("detect", "Y211", "error", "detect", added("kpt_shape: [17]"), at=("data.yaml", 6)),
    Plant("mapping", "Y211", "error", "obb", added("kpt_shape: {a: 1, b: 2}"), at=("data.yaml", 6)),
    Plant("length", "Y212", "error", "pose", replaced("[1, 0, 3, 2]", "[1, 0, 2]"), at=("data.yaml", 7)),
    Plant("range", "Y212", "error", "pose", replaced("[1, 0, 3, 2]", "[1, 0, 3, 99]"), at=("data.yaml", 7)),
    Plant("twice", "Y212", "error", "pose", replaced("[1, 0, 3, 2]", "[1, 0, 3, 3]"), at=("data.yaml", 7)),
    Plant("circle", "Y212", "error", "pose", replaced("[1, 0, 3, 2]", "[1, 2, 3, 0]"), at=("data.yaml", 7)),
    Plant("absent", "Y212", "warning", "pose", replaced("flip_idx: [1, 0, 3, 2]\n", "")),
]
