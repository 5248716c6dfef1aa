"""Family L."""

from __future__ import annotations

from collections.abc import Callable

from sets import row

from plants import Plant

Files = dict[str, bytes]
Change = Callable[[Files], None]
FIRST = "labels/train/aaapic.txt"


def edit(line: int, change: Callable[[str], str], path: str = FIRST) -> Change:
    """Replace one line (from 1) of a label file."""

    def apply(files: Files) -> None:
        rows = files[path].decode().splitlines()
        rows[line - 1] = change(rows[line - 1])
        files[path] = ("\n".join(rows) + "\n").encode()

    return apply


def raw(change: Callable[[bytes], bytes], path: str = FIRST) -> Change:
    def apply(files: Files) -> None:
        files[path] = change(files[path])

    return apply


def token(line: int, index: int, text: str, path: str = FIRST) -> Change:
    def change(old: str) -> str:
        words = old.split(" ")
        words[index] = text
        return " ".join(words)

    return edit(line, change, path)


def moved(line: int, source: int, by: float, cls: str | None = None) -> Change:
    """Make a line another line's box, polygon or keypoints, moved to the right; ``cls`` replaces its class."""

    def apply(files: Files) -> None:
        rows = files[FIRST].decode().splitlines()
        words = rows[source - 1].split()
        for index in range(1, 2 if len(words) == 5 else len(words), 2) if by else ():
            words[index] = f"{float(words[index]) + by:.6f}"
        rows[line - 1] = " ".join([cls if cls is not None else words[0], *words[1:]])
        files[FIRST] = ("\n".join(rows) + "\n").encode()

    return apply


def turned(line: int, source: int) -> Change:
    """Make a line another line's polygon, begun at its second vertex."""

    def apply(files: Files) -> None:
        rows = files[FIRST].decode().splitlines()
        words = rows[source - 1].split()
        rows[line - 1] = " ".join([words[0], *words[3:], *words[1:3]])
        files[FIRST] = ("\n".join(rows) + "\n").encode()

    return apply


def polygons(seed: int) -> bytes:
    return "".join(row("segment", seed, at) + "\n" for at in range(24)).encode()


def boxes(seed: int) -> bytes:
    return "".join(row("detect", seed, at) + "\n" for at in range(24)).encode()


def folder_for_label(files: Files) -> None:
    del files[FIRST]
    files[f"{FIRST}/note.md"] = b"A folder.\n"


def all_boxes(files: Files) -> None:
    for path in files:
        if path.startswith("labels/"):
            files[path] = boxes(sum(path.encode()))


def all_polygons(files: Files) -> None:
    for path in files:
        if path.startswith("labels/"):
            files[path] = polygons(sum(path.encode()))


def detect_with_keypoints(files: Files) -> None:
    files["data.yaml"] += b"kpt_shape: [3, 3]\n"
    files[FIRST] = files[FIRST].replace(b"\n", b" 0.5 0.5 2 0.5 0.5 2 0.5 0.5 2\n", 1)


PLANTS: list[Plant] = [
    Plant("latin1", "L301", "error", "detect", raw(lambda b: b + b"\xe9\n"), (FIRST, 25)),
    Plant("utf16", "L301", "error", "detect", raw(lambda b: b.decode().encode("utf-16")), (FIRST, 1)),
    Plant("nul", "L301", "error", "segment", raw(lambda b: b + b"\0\0"), (FIRST, 25, 1)),
    Plant("bom", "L301", "warning", "detect", raw(lambda b: b"\xef\xbb\xbf" + b), (FIRST, 1, 1)),
    Plant("folder", "L301", "warning", "obb", folder_for_label, FIRST),
    Plant("cr-only", "L301", "note", "pose", raw(lambda b: b.replace(b"\n", b"\r")), (FIRST, 1)),
    Plant("comma", "L302", "error", "detect", edit(2, lambda r: r.replace(" ", ",")), (FIRST, 2, 1)),
    Plant("name", "L302", "error", "segment", token(3, 0, "cat"), (FIRST, 3, 1)),
    Plant("dota", "L302", "error", "obb", edit(1, lambda r: f"{r[2:]} plane 0"), (FIRST, 1)),
    Plant("nan", "L302", "error", "pose", token(4, 2, "nan"), (FIRST, 4, 12)),
    Plant("underscore", "L302", "warning", "detect", token(2, 3, "0.1_2"), (FIRST, 2)),
    Plant("nbsp", "L302", "warning", "detect", edit(1, lambda r: r.replace(" ", "\xa0", 1)), (FIRST, 1, 2)),
    Plant("confidence", "L303", "error", "detect", edit(5, lambda r: f"{r} 0.9"), (FIRST, 5)),
    Plant("x-without-y", "L303", "error", "segment", edit(5, lambda r: f"{r} 0.9"), (FIRST, 5)),
    Plant("five-corners", "L303", "error", "obb", edit(5, lambda r: f"{r} 0.5 0.5"), (FIRST, 5)),
    Plant("keypoint-missing", "L303", "error", "pose", edit(5, lambda r: " ".join(r.split()[:-3])), (FIRST, 5)),
    Plant("keypoints", "L303", "warning", "detect", detect_with_keypoints, (FIRST, 1)),
    Plant("blank-row", "L303", "warning", "detect", raw(lambda b: b.replace(b"\n", b"\n  \n", 1)), (FIRST, 2)),
    Plant("box", "L304", "error", "segment", edit(7, lambda _: row("detect", 0, 6)), (FIRST, 7)),
    Plant("polygon", "L304", "error", "detect", edit(7, lambda _: row("segment", 0, 6)), (FIRST, 7)),
    Plant("box", "L304", "error", "obb", edit(7, lambda _: row("detect", 0, 6)), (FIRST, 7)),
    Plant("one-file-of-boxes", "L305", "error", "segment", raw(lambda _: boxes(0)), (FIRST, 1)),
    Plant("boxes-only", "L305", "error", "obb", all_boxes, (FIRST, 1)),
    Plant("some-polygons", "L305", "warning", "detect", raw(lambda _: polygons(0)), (FIRST, 1)),
    Plant("polygons-only", "L305", "note", "detect", all_polygons, (FIRST, 1)),
    Plant("too-large", "L306", "error", "detect", token(3, 0, "2"), (FIRST, 3, 1)),
    Plant("negative", "L306", "error", "segment", token(3, 0, "-1"), (FIRST, 3, 1)),
    Plant("fraction", "L306", "error", "obb", token(3, 0, "0.5"), (FIRST, 3, 1)),
    Plant("far-too-large", "L306", "error", "pose", token(3, 0, "99999999999"), (FIRST, 3, 1)),
    Plant("decimal", "L306", "warning", "detect", token(3, 0, "1.0"), (FIRST, 3, 1)),
    Plant("same-row", "L307", "warning", "detect", moved(9, 3, 0), (FIRST, 9)),
    Plant("turned-polygon", "L307", "warning", "segment", turned(9, 3), (FIRST, 9)),
    Plant("same-polygon", "L307", "warning", "segment", moved(9, 3, 0), (FIRST, 9)),
    Plant("same-corners", "L307", "warning", "obb", moved(9, 3, 0), (FIRST, 9)),
    Plant("same-pose", "L307", "warning", "pose", moved(9, 3, 0), (FIRST, 9)),
    Plant("shifted", "L308", "warning", "detect", moved(9, 3, 0.001), (FIRST, 9)),
    Plant("shifted", "L308", "warning", "segment", moved(9, 3, 0.001), (FIRST, 9)),
    Plant("shifted", "L308", "warning", "obb", moved(9, 3, 0.001), (FIRST, 9)),
    Plant("other-class", "L309", "warning", "detect", moved(9, 3, 0, "1"), (FIRST, 9, 1)),
    Plant("other-class", "L309", "warning", "segment", moved(9, 3, 0, "1"), (FIRST, 9, 1)),
    Plant("other-class", "L309", "warning", "obb", moved(9, 3, 0.0005, "1"), (FIRST, 9, 1)),
]
