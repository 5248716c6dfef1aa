"""Plants of family X."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from plants import Plant

Files = dict[str, bytes]

PICTURE = "images/train/aaapic.jpg"
CLASSIFIED = "train/cat/aaapic.jpg"


def with_gps(data: bytes) -> bytes:
    """The same picture with coordinates in its EXIF data."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)}
    block = exif.tobytes()
    return data[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + data[2:]


def gps(path: str) -> Callable[[Files], None]:
    return lambda files: files.update({path: with_gps(files[path])})


def no_licence(files: Files) -> None:
    files.pop("LICENSE")
    if "README.md" in files:
        files["README.md"] = b"# A set for tests\n\nWhatever.\n"


def token_in_yaml(files: Files) -> None:
    files["data.yaml"] += b"token: swordfish\n"


def key_in_yaml(files: Files) -> None:
    files["data.yaml"] += b"# made with ul_" + b"0123456789" * 4 + b"\n"


def url_in_readme(files: Files) -> None:
    files["README.md"] += b"\nGet it from ftp://me:swordfish@example.com/set.zip\n"


def key_in_list(files: Files) -> None:
    files["sources.txt"] = b"https://example.com/a.jpg?api_key=0a1b2c3d4e5f\n"


PLANTS: list[Plant] = [
    Plant("jpeg", "X951", "warning", "detect", gps(PICTURE), at=PICTURE),
    Plant("jpeg", "X951", "warning", "classify", gps(CLASSIFIED), at=CLASSIFIED),
    Plant("nothing", "X953", "note", "segment", no_licence),
    Plant("nothing", "X953", "note", "classify", no_licence),
    Plant("token", "X955", "error", "detect", token_in_yaml, at=("data.yaml", 6, 8)),
    Plant("key", "X955", "error", "pose", key_in_yaml, at=("data.yaml", 8, 13)),
    Plant("url", "X955", "error", "obb", url_in_readme, at=("README.md", 7, 22)),
    Plant("list", "X955", "error", "classify", key_in_list, at=("sources.txt", 1, 35)),
]
