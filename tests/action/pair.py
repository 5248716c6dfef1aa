"""A sound detect dataset of two images, about which no rule of the default profile has anything to say."""

from __future__ import annotations

import functools
import io

import numpy as np
from PIL import Image

COLUMNS, ROWS = 14, 15
OBJECTS = COLUMNS * ROWS
"""Objects in one image: enough that neither of the two classes is scarce."""

GRID = "\n".join(
    f"{at % 2} {(at % COLUMNS + 0.5) / COLUMNS:.4f} {(at // COLUMNS + 0.5) / ROWS:.4f} "
    f"{0.05 + at * 0.00002:.5f} {0.05 + at * 0.00003:.5f}"
    for at in range(OBJECTS)
)
"""Label rows of two classes: boxes side by side, no two of one size."""

LICENSE = "Apache License 2.0\n"


@functools.lru_cache(maxsize=512)
def picture(seed: int) -> bytes:
    """A PNG unlike any other, neither dark, bright, flat nor blurred."""
    random = np.random.default_rng(seed)
    blocks = Image.fromarray(random.integers(0, 256, (3, 4, 3), dtype=np.uint8)).resize((128, 96))
    grain = random.normal(0, 22, (96, 128, 1))
    file = io.BytesIO()
    Image.fromarray(np.clip(np.asarray(blocks) * 0.8 + 25 + grain, 0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()
