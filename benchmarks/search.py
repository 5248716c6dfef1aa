"""How long the search for near copies takes among 100,000 pictures that have nothing in common.

    python benchmarks/search.py        prints seconds

Hashes and thumbnails are random, so none is spared by an early find. The time is that of the search alone, as the
default check makes it: nomination by hash, confirmation by thumbnail, groups. Median of three.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
PICTURES = 100_000
RUNS = 3


def search_time(python: Path) -> float:
    """Seconds, from a process of its own."""
    words = [str(python), str(Path(__file__).resolve())]
    return float(subprocess.run(words, capture_output=True, check=True, text=True).stdout)


def main() -> None:
    """The timed process."""
    sys.path.insert(0, str(ROOT))
    from hubaction.dataset.near_copies import Picture, find_near_copies
    from hubaction.dataset.pixels import Fingerprint

    random = np.random.default_rng(4)
    hashes = random.integers(0, 1 << 64, PICTURES, dtype=np.uint64).tolist()
    thumbnails = np.clip(random.normal(0, 32, (PICTURES, 256)), -127, 127).astype(np.int8)
    prints = [Fingerprint(*both) for both in zip(hashes, (one.tobytes() for one in thumbnails), strict=True)]
    pictures = [Picture(f"{i:06d}.jpg", "val" if i % 5 == 0 else "train", one) for i, one in enumerate(prints)]
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        find_near_copies(pictures)
        seconds.append(time.perf_counter() - start)
    print(statistics.median(seconds))


if __name__ == "__main__":
    main()
