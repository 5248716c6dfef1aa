"""Sound datasets of every task, made in memory: path to bytes. On none of them may any rule say anything."""

from __future__ import annotations

import functools
import io

import numpy as np
from PIL import Image

Files = dict[str, bytes]

SIZE = (160, 120)  # pixels, width and height
KEYPOINTS = 4


@functools.lru_cache(maxsize=512)
def picture(seed: int, size: tuple[int, int] = SIZE, format: str = "JPEG") -> bytes:
    """A picture unlike any other: coarse and fine random blocks, neither dark, bright, flat nor blurred."""
    random = np.random.default_rng(seed)
    width, height = size
    coarse = random.integers(0, 256, (4, 5, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    fine = random.normal(0, 22, (height, width, 1))
    mixed = np.clip(np.asarray(image, dtype=float) * 0.8 + 25 + fine, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(mixed).save(out, format, quality=88)
    return out.getvalue()


def box(seed: int, index: int) -> tuple[float, float, float, float]:
    """cx cy w h of an object: boxes of one image lie in a grid of 6 x 4 cells and do not touch."""
    random = np.random.default_rng([seed, index])
    column, row = index % 6, index // 6
    w, h = random.uniform(0.10, 0.14), random.uniform(0.14, 0.20)
    return (column + 0.5) / 6 + random.uniform(-0.01, 0.01), (row + 0.5) / 4 + random.uniform(-0.015, 0.015), w, h


def row(task: str, seed: int, index: int) -> str:
    """One label row; classes alternate."""
    cx, cy, w, h = box(seed, index)
    cls = index % 2
    if task == "detect":
        values = [cx, cy, w, h]
    elif task == "segment":  # a hexagon, so its area is well below that of the box
        corners = [(0.5, 0), (1, 0.3), (1, 0.7), (0.5, 1), (0, 0.7), (0, 0.3)]
        values = [v for x, y in corners for v in (cx - w / 2 + x * w, cy - h / 2 + y * h)]
    elif task == "obb":  # a rectangle turned by 20 degrees in pixels
        angle = np.radians(20)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        half = np.array([w * SIZE[0], h * SIZE[1]]) * 0.35
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ turn.T / np.array(SIZE) + [cx, cy]
        values = [float(v) for v in corners.ravel()]
    else:
        values = [cx, cy, w, h]
        for x, y in [(0.3, 0.3), (0.7, 0.3), (0.3, 0.7), (0.7, 0.7)]:
            values += [cx - w / 2 + x * w, cy - h / 2 + y * h, 2]
        return f"{cls} " + " ".join("2" if v == 2 else f"{v:.6f}" for v in values)
    return f"{cls} " + " ".join(f"{v:.6f}" for v in values)


def sound(task: str, train: int = 10, val: int = 3, objects: int = 24) -> Files:
    """A dataset without a flaw. Classify has 110 images per class in train, since fewer would be scarce."""
    if task == "classify":
        return _sound_classes()
    files = {
        "data.yaml": _data_yaml(task).encode(),
        "README.md": b"# A set for tests\n\n## License\n\nApache-2.0\n",
        "LICENSE": b"Apache License 2.0\n",
    }
    for index in range(train + val):
        split = "train" if index < train else "val"
        files[f"images/{split}/{_name(index)}.jpg"] = picture(index)
        rows = [row(task, index, at) for at in range(objects)]
        files[f"labels/{split}/{_name(index)}.txt"] = ("\n".join(rows) + "\n").encode()
    return files


def _name(index: int) -> str:
    """Names that look like no video and no numbered sequence."""
    return "".join(chr(ord("a") + (index // 26**power) % 26) for power in (2, 1, 0)) + "pic"


def _data_yaml(task: str) -> str:
    lines = ["train: images/train", "val: images/val", "names:", "  0: cat", "  1: dog"]
    if task == "pose":
        lines += [f"kpt_shape: [{KEYPOINTS}, 3]", "flip_idx: [1, 0, 3, 2]"]
    return "\n".join(lines) + "\n"


def _sound_classes() -> Files:
    files = {"LICENSE": b"Apache License 2.0\n"}
    for index in range(280):
        split = "train" if index < 220 else "val"
        name = ("cat", "dog")[index % 2]
        files[f"{split}/{name}/{_name(index)}.jpg"] = picture(1000 + index, (48, 40))
    return files
