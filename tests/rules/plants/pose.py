"""Family K: keypoints."""

from __future__ import annotations

from collections.abc import Callable

from plants import Plant

Files = dict[str, bytes]
LABEL = "labels/train/aaapic.txt"
AT = (LABEL, 3)


def put(point: str, keypoint: int = 1, dims: int = 3) -> Callable[[Files], None]:
    """Write ``x y visibility`` over one keypoint of the third row."""

    def apply(files: Files) -> None:
        rows = files[LABEL].decode().splitlines()
        values = rows[2].split()
        values[5 + dims * keypoint : 5 + dims * (keypoint + 1)] = point.split()
        rows[2] = " ".join(values)
        files[LABEL] = ("\n".join(rows) + "\n").encode()

    return apply


def without_visibility(change: Callable[[Files], None]) -> Callable[[Files], None]:
    """The same set with two values for each keypoint, then the change."""

    def apply(files: Files) -> None:
        files["data.yaml"] = files["data.yaml"].replace(b"kpt_shape: [4, 3]", b"kpt_shape: [4, 2]")
        for path in files:
            if path.startswith("labels/"):
                files[path] = "".join(_two_values(row) for row in files[path].decode().splitlines()).encode()
        change(files)

    return apply


def _two_values(row: str) -> str:
    values = row.split()
    return " ".join([*values[:5], *(v for at, v in enumerate(values[5:]) if at % 3 != 2)]) + "\n"


def first_point_of_others(files: Files) -> None:
    """In eight files, the first keypoint of the left four columns of objects lies well to the right of its box."""
    for path in sorted(path for path in files if path.startswith("labels/train/"))[:8]:
        rows = [row.split() for row in files[path].decode().splitlines()]
        for at, row in enumerate(rows):
            if at % 6 < 4:
                row[5] = f"{float(row[1]) + 1.2 * float(row[3]):.6f}"
        files[path] = "".join(" ".join(row) + "\n" for row in rows).encode()


PLANTS = [
    Plant("right-of-image", "K511", "error", "pose", put("1.2 0.5 2"), (*AT, 59)),
    Plant("right-of-image-2d", "K511", "error", "pose", without_visibility(put("1.2 0.5", dims=2)), AT),
    Plant("hidden-somewhere", "K512", "warning", "pose", put("0.4 0.1 0"), AT),
    Plant("hidden-outside", "K512", "error", "pose", put("1.4 0.1 0"), AT),
    Plant("visibility-three", "K513", "error", "pose", put("0.4 0.1 3"), AT),
    Plant("origin", "K514", "warning", "pose", put("0 0 2"), AT),
    Plant("origin-2d", "K514", "warning", "pose", without_visibility(put("0 0", dims=2)), AT),
    Plant("points-of-others", "K515", "warning", "pose", first_point_of_others),
]
