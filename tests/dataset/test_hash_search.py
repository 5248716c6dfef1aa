"""All near pairs of hashes, held to comparing all with all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubaction.dataset import hash_search
from hubaction.dataset.hash_search import HashPairs, pairs_within

HASHES = st.integers(0, 2**64 - 1)


@st.composite
def crowds(draw: st.DrawFn) -> list[int]:
    """A few hashes, and others a few bits away from them, so that there are pairs at every distance."""
    seeds = draw(st.lists(HASHES, min_size=1, max_size=6))
    flips = st.lists(st.integers(0, 63), max_size=14)
    near = draw(st.lists(st.tuples(st.sampled_from(seeds), flips), max_size=25))
    return seeds + [seed ^ sum(1 << bit for bit in set(flipped)) for seed, flipped in near]


def as_set(pairs: HashPairs) -> set[tuple[int, int, int]]:
    listed = list(zip(pairs.first.tolist(), pairs.second.tolist(), pairs.distance.tolist(), strict=True))
    assert len(listed) == len(set(listed))
    assert listed == sorted(listed)
    return set(listed)


def by_force(hashes: list[int], radius: int) -> set[tuple[int, int, int]]:
    return {
        (i, j, (hashes[i] ^ hashes[j]).bit_count())
        for j in range(len(hashes))
        for i in range(j)
        if (hashes[i] ^ hashes[j]).bit_count() <= radius
    }


@settings(deadline=None, max_examples=150)
@given(crowds(), st.integers(0, 12))
def test_every_near_pair_is_found_once(hashes: list[int], radius: int) -> None:
    found = pairs_within(np.array(hashes, dtype=np.uint64), radius)
    assert as_set(found) == by_force(hashes, radius)
    assert found.unfinished == 0


@pytest.mark.parametrize("radius", [0, 3, 6, 10, 12])
def test_many_random_hashes(radius: int) -> None:
    random = np.random.default_rng(radius)
    hashes = random.integers(0, 2**64, 1500, dtype=np.uint64)
    for at in range(0, 1500, 3):  # a third have a neighbour at a known distance
        flipped = random.choice(64, random.integers(0, 14), replace=False)
        hashes[at] = hashes[at + 1] ^ np.bitwise_or.reduce(np.uint64(1) << flipped.astype(np.uint64), initial=0)
    assert as_set(pairs_within(hashes, radius)) == by_force(hashes.tolist(), radius)


def test_the_order_given_does_not_matter() -> None:
    hashes = np.random.default_rng(1).integers(0, 2**20, 400, dtype=np.uint64)
    order = np.random.default_rng(2).permutation(400)
    straight, mixed = as_set(pairs_within(hashes, 4)), as_set(pairs_within(hashes[order], 4))
    back = {(*sorted((int(order[i]), int(order[j]))), bits) for i, j, bits in mixed}
    assert back == straight


def test_what_is_not_confirmed_is_left_out() -> None:
    hashes = np.zeros(10, dtype=np.uint64)
    even = pairs_within(hashes, 3, lambda first, second: (first + second) % 2 == 0)
    assert as_set(even) == {(i, j, 0) for j in range(10) for i in range(j) if (i + j) % 2 == 0}


def test_a_crowd_of_equals_is_compared_in_part_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = pairs_within(np.full(5000, 7, dtype=np.uint64), 6)
    assert pairs.unfinished > 4000
    assert len(pairs.first) < 5000 * 200
    met = np.zeros(5000, dtype=bool)
    met[pairs.first] = met[pairs.second] = True
    assert met.all()


def test_the_number_of_comparisons_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = np.arange(200, dtype=np.uint64)

    def unfinished() -> int:
        return pairs_within(hashes, 6, lambda first, _: np.zeros(len(first), dtype=bool)).unfinished

    assert unfinished() == 0
    monkeypatch.setattr(hash_search, "_MOST_COMPARISONS", 1000)
    assert unfinished() > 0


def test_nothing_and_one_have_no_pairs() -> None:
    assert as_set(pairs_within(np.zeros(0, dtype=np.uint64), 6)) == set()
    assert as_set(pairs_within(np.ones(1, dtype=np.uint64), 6)) == set()
