"""All pairs of 64-bit hashes that differ in few bits, found without comparing all with all.

Multi-index hashing (Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", 2012): of
r + k chunks, two hashes within r bits have k chunks in common, so for every choice of k chunks only those are compared
that agree in them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indexes = NDArray[np.int64]

MOST_BITS = 12
"""Largest distance to search for: above, the choices of chunks are too many."""

_BITS = 64
_ENOUGH = 64
"""Confirmed partners after which a hash is compared no further: pictures that are alike by the dozen."""

_MOST_NEIGHBOURS = 256
"""Hashes with equal chunks that one is compared with, the next in numeric order. Of 100,000 random ones about 15 agree
at most; more means that the pictures are of one kind, such as diagrams on white."""

_MOST_COMPARISONS = 200_000_000
"""Comparisons in all, which take some three seconds. 100,000 random hashes need 54 million for 10 bits."""

Confirm = Callable[["Indexes", "Indexes"], "NDArray[np.bool_]"]
"""Tells of pairs (two index arrays) which of them count."""


@dataclass(frozen=True, slots=True)
class HashPairs:
    """Pairs of hashes, ``first < second``, in this order.

    Attributes:
        first, second: int (p,), indexes. distance: int (p,), bits in which they differ.
        unfinished: number of hashes that were not compared with all that they might have been near to.
    """

    first: Indexes
    second: Indexes
    distance: Indexes
    unfinished: int = 0


def pairs_within(hashes: NDArray[np.uint64], radius: int, confirm: Confirm | None = None) -> HashPairs:
    """All pairs of hashes (n,) that differ in at most ``radius`` bits and pass ``confirm``.

    A radius beyond 0 to 12 counts as the nearest of these. Memory grows with n alone, and so does time where there are
    no crowds of equals; those are compared in part.
    """
    search = _Search(hashes, min(max(radius, 0), MOST_BITS), confirm)
    for choice in search.choices():
        search.run(choice)
    return search.result()


class _Search:
    """The hashes in numeric order, what was found of them, and which need no more."""

    def __init__(self, hashes: NDArray[np.uint64], radius: int, confirm: Confirm | None) -> None:
        shuffled = np.random.default_rng(0).permutation(len(hashes))  # among equals, neighbours of any split
        self.rank = np.lexsort((shuffled, hashes))
        self.hashes = hashes[self.rank]
        self.radius = radius
        self.confirm = confirm
        self.common = max(1, radius // 3)  # the most for which the key has no more than 16 bits, which sort fast
        self.masks = _masks(radius + self.common)
        self.partners = np.zeros(len(hashes), dtype=np.int64)
        self.crowded = False  # whether some have partners enough
        self.cut_short = np.zeros(len(hashes), dtype=bool)
        self.compared = 0
        self.found: list[NDArray[np.int64]] = [np.zeros((3, 0), dtype=np.int64)]

    def choices(self) -> Iterator[tuple[int, ...]]:
        """The places of the chunks that have to be equal."""
        return itertools.combinations(range(len(self.masks)), self.common)

    def run(self, choice: tuple[int, ...]) -> None:
        """Compare each with those that follow it among the hashes with equal chunks, step by step."""
        key = _key(self.hashes, [self.masks[at] for at in choice])
        order = np.argsort(key, kind="stable")
        key, hashes = key[order], self.hashes[order]
        active, step = np.flatnonzero(key[1:] == key[:-1]), 1
        while len(active):
            if self.crowded:
                active = active[self.partners[order[active]] < _ENOUGH]
            if step > _MOST_NEIGHBOURS or self.compared > _MOST_COMPARISONS:
                self.cut_short[order[active]] = True
                return
            self.compared += len(active)
            differing = hashes[active] ^ hashes[active + step]
            near = np.flatnonzero(np.bitwise_count(differing) <= self.radius)
            self._keep(order[active[near]], order[active[near] + step], differing[near], choice)
            step += 1
            active = active[active + step < len(order)]
            active = active[key[active + step] == key[active]]

    def _keep(self, one: Indexes, other: Indexes, differing: NDArray[np.uint64], choice: tuple[int, ...]) -> None:
        """Keep the near pairs that no earlier choice has met."""
        new = np.ones(len(one), dtype=bool)
        for at in range(choice[-1]):
            if at not in choice:
                new &= differing & self.masks[at] != 0
        one, other, differing = one[new], other[new], differing[new]
        if self.confirm and len(one):
            good = self.confirm(self.rank[one], self.rank[other])
            one, other, differing = one[good], other[good], differing[good]
        if not len(one):
            return
        for side in (one, other):
            self.partners += np.bincount(side, minlength=len(self.partners))
        self.crowded = bool((self.partners >= _ENOUGH).any())
        first, second = self.rank[one], self.rank[other]
        distance = np.bitwise_count(differing).astype(np.int64)
        self.found.append(np.stack([np.minimum(first, second), np.maximum(first, second), distance]))

    def result(self) -> HashPairs:
        first, second, distance = np.concatenate(self.found, axis=1)
        order = np.lexsort((second, first))
        unfinished = int((self.cut_short | (self.partners >= _ENOUGH)).sum())
        return HashPairs(first[order], second[order], distance[order], unfinished)


def _masks(parts: int) -> list[np.uint64]:
    """The bits of each chunk; their sizes differ by one at most."""
    bounds = [_BITS * at // parts for at in range(parts + 1)]
    return [np.uint64((1 << stop) - (1 << start)) for start, stop in itertools.pairwise(bounds)]


def _key(hashes: NDArray[np.uint64], masks: list[np.uint64]) -> NDArray[np.uint16] | NDArray[np.uint64]:
    """The masked bits of each hash side by side, in 16 bits where they fit."""
    key = np.zeros(len(hashes), dtype=np.uint64)
    used = 0
    for mask in map(int, masks):
        start = (mask & -mask).bit_length() - 1
        key |= ((hashes & np.uint64(mask)) >> np.uint64(start)) << np.uint64(used)
        used += mask.bit_count()
    return key.astype(np.uint16) if used <= 16 else key
