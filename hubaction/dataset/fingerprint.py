"""Fingerprints of pictures: what stays the same when a picture is saved anew, scaled or brightened.

The hash is the pHash of C. Zauner ("Implementation and Benchmarking of Perceptual Image Hash Functions", 2010) as the
package imagededup computes it: the picture as 32 x 32 cells, the 8 x 8 lowest frequencies of its cosine transform, a
bit for each that is above their median. The constant term, which is brightness alone, is left out and its bit is 0.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.pixels import Fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.dataset.pixels import Grey

THUMBNAIL = 16
"""Cells on a side of a thumbnail."""

_CELLS = 32  # cells on a side of what is transformed
_LOW = 8  # lowest frequencies in each direction
_MEDIAN = (_LOW * _LOW - 1) // 2  # place of the median among the 63 sorted terms
_SCALE = 32.0  # of the thumbnail: int8 holds 4 standard deviations to either side
_LEAST_SPREAD = 2.0
"""Standard deviation of the thumbnail in grey levels below which there is nothing to compare: I611 calls that one
shade, and in what remains the rounding of a JPEG weighs as much as the picture."""


def fingerprint_of(grey: Grey) -> Fingerprint | None:
    """Fingerprint of a grey picture, uint8 (h, w) of any size; None where it is one shade but for fine grain.

    Resizing, transform and thumbnail are linear, so all are one product from each side: a picture of 80 x 60 takes
    some 20 microseconds.
    """
    height, width = grey.shape
    seen = _basis(height) @ grey.astype(np.float32) @ _basis(width).T
    thumbnail = seen[_LOW:, _LOW:].ravel()
    thumbnail -= thumbnail.mean()
    spread = float(np.sqrt(thumbnail @ thumbnail / len(thumbnail)))
    if spread < _LEAST_SPREAD:
        return None
    terms = seen[:_LOW, :_LOW].ravel()
    scaled = np.clip(np.rint(thumbnail * (_SCALE / spread)), -127, 127).astype(np.int8)
    return Fingerprint(int.from_bytes(_packed(terms[None]).tobytes(), "little"), scaled.tobytes())


def hashes_of(thumbnails: NDArray[np.int8]) -> NDArray[np.uint64]:
    """uint64 (n,): hashes of thumbnails (n, 16, 16); they differ by a few bits from those of the whole pictures."""
    cosines = _cosines(THUMBNAIL)
    hashes = [
        _packed((cosines @ block.astype(np.float32) @ cosines.T).reshape(len(block), -1)).view("<u8")[:, 0]
        for block in np.array_split(thumbnails, len(thumbnails) // 4096 + 1)
    ]
    return np.concatenate(hashes).astype(np.uint64, copy=False)


def _packed(terms: NDArray[np.float32]) -> NDArray[np.uint8]:
    """uint8 (n, 8): a bit for each of 64 terms (n, 64) that is above the median of those after the first."""
    above = terms > np.sort(terms[:, 1:], axis=1)[:, _MEDIAN, None]
    above[:, 0] = False
    return np.packbits(above, axis=1, bitorder="little")


@functools.lru_cache(maxsize=128)
def _basis(side: int) -> NDArray[np.float32]:
    """float32 (8 + 16, side): by which a column of pixels becomes its low frequencies and the means of its cells."""
    low = _cosines(_CELLS).astype(np.float64) @ _areas(_CELLS, side)
    return np.concatenate([low, _areas(THUMBNAIL, side)]).astype(np.float32)


def _cosines(cells: int) -> NDArray[np.float32]:
    """float32 (8, cells): the lowest frequencies of the cosine transform (DCT-II), without its scale."""
    angles = np.arange(_LOW)[:, None] * (2 * np.arange(cells) + 1) * (np.pi / (2 * cells))
    return np.asarray(np.cos(angles), dtype=np.float32)


def _areas(cells: int, side: int) -> NDArray[np.float64]:
    """float64 (cells, side): the share that each pixel has in each of the cells into which the side is divided."""
    bounds = np.linspace(0, side, cells + 1)
    pixels = np.arange(side)
    covered = np.minimum(bounds[1:, None], pixels + 1) - np.maximum(bounds[:-1, None], pixels)
    return np.asarray(np.maximum(covered, 0) * (cells / side))
