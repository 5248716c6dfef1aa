"""Family O: oriented boxes."""

from __future__ import annotations

from collections.abc import Callable

from plants import Plant

Files = dict[str, bytes]
LABEL = "labels/train/aaapic.txt"
AT = (LABEL, 3)
Corners = list[tuple[float, float]]


def edit(change: Callable[[Corners], Corners], line: int = 3) -> Callable[[Files], None]:
    """Change the corners of one row of the first label file."""

    def apply(files: Files) -> None:
        rows = files[LABEL].decode().splitlines()
        cls, *values = rows[line - 1].split()
        numbers = [float(value) for value in values]
        corners = change(list(zip(numbers[::2], numbers[1::2], strict=True)))
        rows[line - 1] = f"{cls} " + " ".join(f"{x:.6f} {y:.6f}" for x, y in corners)
        files[LABEL] = ("\n".join(rows) + "\n").encode()

    return apply


def slipped(corners: Corners) -> Corners:
    """The third corner falls back to near the middle of the box: little more than a triangle remains."""
    a, b, c, d = corners
    middle = [(a[axis] + c[axis]) / 2 for axis in (0, 1)]
    return [a, b, (middle[0] * 0.8 + c[0] * 0.2, middle[1] * 0.8 + c[1] * 0.2), d]


def swapped(corners: Corners) -> Corners:
    a, b, c, d = corners
    return [a, c, b, d]


def shifted(corners: Corners) -> Corners:
    """To the left until a corner lies 0.12 outside."""
    shift = min(x for x, _ in corners) + 0.12
    return [(x - shift, y) for x, y in corners]


def stretched(corners: Corners) -> Corners:
    """As wide as the image, half of it outside, yet with a centre and a width that the loader takes."""
    top, bottom = 0.02, 0.14
    return [(-0.502, top), (0.505, top), (0.505, bottom), (-0.502, bottom)]


PLANTS = [
    Plant("slipped-corner", "O521", "warning", "obb", edit(slipped), AT),
    Plant("bow-tie", "O522", "error", "obb", edit(swapped), AT),
    Plant(
        "left-of-image",
        "O523",
        "warning",
        "obb",
        edit(shifted, 1),
        (LABEL, 1),
        also=("G402",),
        why_also="a corner so far outside puts the centre of so small a box outside as well",
    ),
    Plant("half-outside", "O523", "error", "obb", edit(stretched, 1), (LABEL, 1, 3)),
]
