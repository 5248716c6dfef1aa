"""The hash and the thumbnail of a picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from hubaction.dataset.fingerprint import THUMBNAIL, fingerprint_of, hashes_of
from hubaction.dataset.pixels import Fingerprint, look_at


def scene(seed: int, height: int = 60, width: int = 80) -> np.ndarray:
    """uint8 (h, w): soft hills, as the 1/8 picture of a photo has them."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    waves = sum(
        random.normal() / (1 + u + v) * np.cos(np.pi * (u * rows + v * columns + random.uniform(0, 2)))
        for u in range(6)
        for v in range(6)
    )
    low, high = waves.min(), waves.max()
    return (20 + 200 * (waves - low) / (high - low)).astype(np.uint8)


def taken(grey: np.ndarray) -> Fingerprint:
    found = fingerprint_of(grey)
    assert found is not None
    return found


def bits(one: Fingerprint, other: Fingerprint) -> int:
    return (one.phash ^ other.phash).bit_count()


def correlation(one: Fingerprint, other: Fingerprint) -> float:
    a, b = (np.frombuffer(each.thumbnail, np.int8).astype(float) for each in (one, other))
    return float(np.corrcoef(a, b)[0, 1])


def naive_hash(grey: np.ndarray) -> int:
    """The definition, cell by cell and term by term."""
    height, width = grey.shape
    cells = np.zeros((32, 32))
    for row in range(32):
        for column in range(32):
            cells[row, column] = grey[
                row * height // 32 : (row + 1) * height // 32, column * width // 32 : (column + 1) * width // 32
            ].mean()
    at = np.arange(32)
    basis = [np.cos(np.pi * u * (2 * at + 1) / 64) for u in range(8)]
    terms = np.array([basis[u] @ cells @ basis[v] for u in range(8) for v in range(8)])
    median = np.median(terms[1:])
    return sum(1 << place for place, term in enumerate(terms) if place and term > median)


@pytest.mark.parametrize("seed", range(8))
def test_the_hash_is_its_definition(seed: int) -> None:
    grey = scene(seed, 64, 96)
    assert taken(grey).phash == naive_hash(grey)


def test_half_of_the_bits_are_set_and_the_constant_term_is_not() -> None:
    for seed in range(10):
        phash = taken(scene(seed)).phash
        assert phash.bit_count() == 31
        assert phash & 1 == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda grey: grey[::2, ::2],
        lambda grey: np.clip(grey * 1.15, 0, 255).astype(np.uint8),
        lambda grey: np.clip(grey + 15.0, 0, 255).astype(np.uint8),
        lambda grey: np.clip(grey + np.random.default_rng(1).normal(0, 4, grey.shape), 0, 255).astype(np.uint8),
    ],
    ids=["half size", "contrast", "brightness", "noise"],
)
def test_a_picture_saved_anew_stays_itself(change) -> None:
    for seed in range(10):
        one, other = taken(scene(seed)), taken(change(scene(seed)))
        assert bits(one, other) <= 6
        assert correlation(one, other) >= 0.97


def test_other_pictures_are_far() -> None:
    prints = [taken(scene(seed)) for seed in range(30)]
    closest = min(bits(a, b) for i, a in enumerate(prints) for b in prints[:i])
    assert closest > 6


def test_the_thumbnail_has_no_mean_and_a_known_spread() -> None:
    thumbnail = np.frombuffer(taken(scene(3)).thumbnail, np.int8).astype(float)
    assert thumbnail.shape == (THUMBNAIL * THUMBNAIL,)
    assert abs(thumbnail.mean()) < 0.5
    assert thumbnail.std() == pytest.approx(32, abs=0.5)


def test_one_shade_has_no_fingerprint() -> None:
    grain = np.random.default_rng(0).integers(126, 130, (60, 80)).astype(np.uint8)
    assert fingerprint_of(np.full((60, 80), 128, np.uint8)) is None
    assert fingerprint_of(grain) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 7), (32, 32), (33, 31), (640, 5)])
def test_any_shape_is_taken(shape: tuple[int, int]) -> None:
    grey = np.random.default_rng(5).integers(0, 256, shape).astype(np.uint8)
    found = fingerprint_of(grey)
    assert found is None or len(found.thumbnail) == THUMBNAIL * THUMBNAIL


def test_hashes_of_thumbnails_are_near_those_of_the_pictures() -> None:
    prints = [taken(scene(seed)) for seed in range(20)]
    thumbnails = np.frombuffer(b"".join(one.thumbnail for one in prints), np.int8).reshape(-1, THUMBNAIL, THUMBNAIL)
    for one, phash in zip(prints, hashes_of(thumbnails).tolist(), strict=True):
        assert (one.phash ^ phash).bit_count() <= 8


@pytest.mark.parametrize(("size", "compared"), [((32, 200), True), ((31, 200), False)])
def test_pictures_below_32_pixels_are_not_compared(size: tuple[int, int], compared: bool) -> None:
    out = io.BytesIO()
    Image.fromarray(scene(3, *size)).save(out, "PNG")
    seen = look_at(out.getvalue(), "PNG", "L", size[::-1], progressive=False)
    assert seen.quality is not None
    assert (seen.fingerprint is not None) is compared
