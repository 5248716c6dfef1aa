"""Small sets for the tests of fixers, as path to bytes, and how to write, mend and read them."""

from __future__ import annotations

import functools
import io
import os
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from hubaction.operations.fix import FixOptions, FixReport, fix

Files = dict[str, bytes]

ROWS = {
    "detect": b"0 0.5 0.5 0.25 0.25\n1 0.25 0.25 0.125 0.125\n",
    "segment": b"0 0.1 0.1 0.5 0.1 0.3 0.5\n1 0.6 0.6 0.9 0.6 0.75 0.9\n",
    "obb": b"0 0.1 0.1 0.4 0.1 0.4 0.3 0.1 0.3\n",
    "pose": b"0 0.5 0.5 0.4 0.4 0.5 0.5 2 0.6 0.6 1\n0 0.4 0.4 0.4 0.4 0.5 0.4 2 0.000000 0.000000 0\n",
}


@functools.cache
def picture(seed: int = 0, size: tuple[int, int] = (64, 48), format: str = "JPEG", **options: object) -> bytes:
    """A noisy picture; the same bytes for the same arguments."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format, **options)
    return out.getvalue()


def sound(task: str) -> Files:
    """A set in which nothing is to be mended."""
    if task == "classify":
        names = [f"{split}/{name}/{n}.jpg" for split in ("train", "val") for name in ("cat", "dog") for n in "ab"]
        return {name: picture(seed) for seed, name in enumerate(names)}
    shape = b"kpt_shape: [2, 3]\nflip_idx: [0, 1]\n" if task == "pose" else b""
    files = {"data.yaml": b"# a set\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n  1: 'dog'\n" + shape}
    for seed, name in enumerate(("train/a", "train/b", "val/c")):
        files[f"images/{name}.jpg"] = picture(seed)
        files[f"labels/{name}.txt"] = ROWS[task]
    return files


def write(files: Files, folder: Path, *, archive: bool = False, top: str = "set/") -> Path:
    """The set as a folder ``set`` or an archive ``set.zip``, every other entry deflated."""
    root = folder / "set"
    if archive:
        with zipfile.ZipFile(folder / "set.zip", "w") as out:
            for number, (name, data) in enumerate(files.items()):
                info = zipfile.ZipInfo(top + name, (2001, 2, 3, 4, 5, 6))
                info.external_attr = 0o640 << 16
                out.writestr(info, data, compress_type=zipfile.ZIP_DEFLATED if number % 2 else zipfile.ZIP_STORED)
        return folder / "set.zip"
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def read(path: Path, top: str = "set/") -> Files:
    """All files of a folder or archive."""
    if path.is_dir():
        found = [Path(folder) / name for folder, _, names in os.walk(path) for name in names]
        return {one.relative_to(path).as_posix(): one.read_bytes() for one in found}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name.removeprefix(top): archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def mend(path: Path, task: str | None, *select: str, unsafe: bool = False, dry_run: bool = False) -> FixReport:
    return fix(FixOptions(path, task, unsafe, dry_run, select))


def changed_lines(report: FixReport) -> list[str]:
    """The diff without heads and context."""
    return [line for line in report.diff if not line.startswith((" ", "@@", "--- a/", "+++ b/", "\\"))]
