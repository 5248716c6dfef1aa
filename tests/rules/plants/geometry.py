"""Family G."""

from __future__ import annotations

from sets import picture, row

from plants import Plant
from plants.labels import FIRST, Change, Files, edit

IMAGE = "images/train/aaapic.jpg"


def box(line: int, text: str) -> Change:
    """Replace cx cy w h of a line; class and keypoints stay."""
    return edit(line, lambda old: " ".join([old.split()[0], *text.split(), *old.split()[5:]]))


def polygon(line: int, text: str) -> Change:
    return edit(line, lambda old: " ".join([old.split()[0], *text.split()]))


def corner_pairs(files: Files) -> None:
    for path in files:
        if path.startswith("labels/"):
            files[path] = "".join(pair(line) for line in files[path].decode().splitlines()).encode()


def pair(line: str) -> str:
    cls, cx, cy, w, h = (float(word) for word in line.split())
    return f"{cls:.0f} {cx - w / 2:.6f} {cy - h / 2:.6f} {cx + w / 2:.6f} {cy + h / 2:.6f}\n"


def on_picture(size: tuple[int, int], *changes: Change) -> Change:
    """Changes in the label of a picture of another size."""

    def apply(files: Files) -> None:
        files[IMAGE] = picture(77, size)
        for change in changes:
            change(files)

    return apply


def on_small(change: Change) -> Change:
    return on_picture((64, 48), change)


def on_large(change: Change) -> Change:
    """So large that three thousandths of it are more than one pixel."""
    return on_picture((480, 400), change)


def thin(text: str) -> Change:
    """On a picture 400 high, so that the short side keeps enough pixels."""
    return on_picture((640, 160), box(1, text))


def crowd(number: int) -> Change:
    """One image with so many objects, in a grid of their own."""

    def apply(files: Files) -> None:
        rows = [f"0 {(at % 30 + 0.5) / 30:.6f} {(at // 30 + 0.5) / 20:.6f} 0.025 0.04" for at in range(number)]
        files[FIRST] = ("\n".join(rows) + "\n").encode()

    return apply


def default_box(task: str) -> Change:
    """The last object of every picture of train is the same."""

    def apply(files: Files) -> None:
        for path in files:
            if path.startswith("labels/train"):
                rows = files[path].decode().splitlines()
                rows[-1] = row(task, 99, 23)
                files[path] = ("\n".join(rows) + "\n").encode()

    return apply


THIN = "what is a hundred times as long as wide has less than 8 of 640 pixels across"
LARGE = "read as x y w h some boxes cover the whole image"
SMALL = "0.08 0.12 0.086 0.12 0.086 0.13 0.08 0.13 0.077 0.125"
FLAT = "0.05 0.12 0.15 0.12 0.15 0.138 0.05 0.138"

PLANTS: list[Plant] = [
    Plant("pixels", "G401", "error", "detect", box(3, "80 60 20 24"), (FIRST, 3, 3)),
    Plant("a-little", "G401", "error", "detect", box(3, "0.5 1.02 0.1 0.1"), (FIRST, 3, 7)),
    Plant("box", "G401", "error", "pose", box(3, "0.5 0.5 0.1 5"), (FIRST, 3, 15)),
    Plant("pixels", "G401", "error", "segment", polygon(3, "80 60 90 60 90 70"), (FIRST, 3, 9)),
    Plant("pixels", "G401", "error", "obb", polygon(3, "80 60 90 60 90 70 80 70"), (FIRST, 3, 9)),
    Plant("centre", "G402", "error", "detect", box(1, "-0.02 0.1 0.1 0.1"), (FIRST, 1, 3)),
    Plant("width", "G402", "error", "detect", box(1, "0.1 0.1 -0.005 0.1"), (FIRST, 1, 11)),
    Plant("height", "G402", "error", "pose", box(1, "0.1 0.1 0.1 -0.5"), (FIRST, 1, 15)),
    Plant("inside-tolerance", "G402", "warning", "detect", box(1, "-0.005 0.1 0.1 0.1"), (FIRST, 1, 3)),
    Plant("far", "G403", "warning", "detect", box(1, "0.05 0.1 0.13 0.1"), (FIRST, 1)),
    Plant("far", "G403", "warning", "pose", box(1, "0.05 0.1 0.13 0.1"), (FIRST, 1)),
    Plant("near", "G403", "note", "detect", box(1, "0.05 0.1 0.104 0.1"), (FIRST, 1)),
    Plant("corner-pairs", "G403", "error", "detect", corner_pairs, also=("G407",), why_also=LARGE),
    Plant("no-width", "G404", "error", "detect", box(4, "0.5 0.5 0 0.1"), (FIRST, 4)),
    Plant("no-height", "G404", "error", "pose", box(4, "0.5 0.5 0.1 0.0"), (FIRST, 4)),
    Plant("sub-pixel", "G405", "warning", "detect", on_small(box(1, "0.08 0.12 0.1 0.018")), (FIRST, 1)),
    Plant("sub-pixel", "G405", "warning", "pose", on_small(box(1, "0.08 0.12 0.015 0.1")), (FIRST, 1)),
    Plant("sub-pixel", "G405", "warning", "obb", on_small(polygon(1, FLAT)), (FIRST, 1)),
    Plant("dot", "G406", "warning", "detect", on_large(box(1, "0.08 0.12 0.003 0.003")), (FIRST, 1)),
    Plant("small", "G406", "note", "detect", box(1, "0.08 0.12 0.012 0.014"), (FIRST, 1)),
    Plant("small", "G406", "note", "segment", polygon(1, SMALL), (FIRST, 1)),
    Plant("thin", "G407", "warning", "detect", thin("0.5 0.04 0.98 0.0385"), (FIRST, 1), ("G406",), THIN),
    Plant("thinnish", "G407", "note", "detect", thin("0.5 0.12 0.9 0.15"), (FIRST, 1)),
    Plant("vast", "G407", "note", "detect", box(1, "0.5 0.5 0.96 0.96"), (FIRST, 1)),
    Plant("vast", "G407", "note", "obb", polygon(1, "0.01 0.01 0.99 0.01 0.99 0.99 0.01 0.99"), (FIRST, 1)),
    Plant("beyond-300", "G409", "note", "detect", crowd(301), FIRST),
    Plant("beyond-the-others", "G409", "note", "detect", crowd(60), FIRST),
    Plant("everywhere", "G410", "warning", "detect", default_box("detect"), (FIRST, 24)),
    Plant("everywhere", "G410", "warning", "segment", default_box("segment"), (FIRST, 24)),
    Plant("everywhere", "G410", "warning", "obb", default_box("obb"), (FIRST, 24)),
    Plant("everywhere", "G410", "warning", "pose", default_box("pose"), (FIRST, 24)),
]
