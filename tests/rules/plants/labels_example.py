"""One plant as a pattern for the families."""

from __future__ import annotations

from plants import Plant


def class_seven(files: dict[str, bytes]) -> None:
    path = "labels/train/aaapic.txt"
    rows = files[path].decode().splitlines()
    rows[2] = "7" + rows[2][1:]
    files[path] = ("\n".join(rows) + "\n").encode()


PLANTS: list[Plant] = []
