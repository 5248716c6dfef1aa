"""Pictures that look the same though their bytes differ: found by hash, confirmed by thumbnail, put into groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hubaction.dataset.fingerprint import THUMBNAIL, hashes_of
from hubaction.dataset.hash_search import pairs_within
from hubaction.dataset.pixels import Fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indexes = NDArray[np.int64]

_BLOCK = 8192  # pairs of thumbnails compared together: 16 MB as float32


@dataclass(frozen=True, slots=True)
class Likeness:
    """From where on two pictures are the same, and from where on they show the same scene.

    The defaults were measured on pictures of which the truth is known (benchmarks/near_copies.md): saving anew, scaling
    and brightening stay within 6 bits and a correlation of 0.97; most crops by 5 % and over half of the frames that are
    2 % further stay within 10 and 0.90; among 10,000 different photos nothing is found.

    Attributes:
        bits, scene_bits: most bits in which the hashes may differ, at most 12.
        correlation, scene_correlation: least correlation (0 to 1) of the thumbnails.
        mirrored: compare with all pictures mirrored and turned by quarters too.
    """

    bits: int = 6
    correlation: float = 0.97
    scene_bits: int = 10
    scene_correlation: float = 0.9
    mirrored: bool = False


class Picture(NamedTuple):
    """One image to compare."""

    path: str
    split: str
    fingerprint: Fingerprint


class Link(NamedTuple):
    """Two pictures that look alike.

    ``bits``: in how many of 64 their hashes differ; ``correlation``: of their thumbnails, at most 1; ``mirrored``:
    whether one has to be mirrored or turned for it.
    """

    picture: Picture
    partner: Picture
    bits: int
    correlation: float
    mirrored: bool


class Group(NamedTuple):
    """Pictures that look alike: links between one in the middle and the others, seldom between two of the others."""

    links: tuple[Link, ...]

    @property
    def pictures(self) -> list[Picture]:
        """Each once, by path."""
        both = (one for link in self.links for one in (link.picture, link.partner))
        return sorted({one.path: one for one in both}.values())


@dataclass(frozen=True, slots=True)
class NearCopies:
    """Groups of pictures that look alike. Each picture is in at most one group of each kind.

    Attributes:
        across: the same picture in several splits; every picture with such a partner is in one of them.
        within: the same picture in one split.
        scenes: pictures of several splits that show one scene; without those of ``across``.
        unfinished: number of pictures that look like dozens of others and were compared with some of them.
    """

    across: tuple[Group, ...] = ()
    within: tuple[Group, ...] = ()
    scenes: tuple[Group, ...] = ()
    unfinished: int = 0


def find_near_copies(
    pictures: Sequence[Picture], copies: Sequence[Sequence[str]] = (), likeness: Likeness | None = None
) -> NearCopies:
    """Groups of pictures that look alike, in the order of their first paths.

    Args:
        pictures: each path once; the result does not depend on their order.
        copies: paths of images with equal bytes, group by group. They are not near copies of each other.
    """
    train_first = sorted(pictures, key=lambda one: (one.split != "train", one.path))  # it is then named as the source
    table = _Table(train_first, copies)
    if len(table.pictures) < 2:
        return NearCopies()
    likeness = likeness or Likeness()
    edges, unfinished = _upright(table, likeness)
    if likeness.mirrored:
        edges, more = _with_mirrored(table, likeness, edges)
        unfinished = max(unfinished, more)
    same, crossing = edges.are_same(likeness), table.split[edges.first] != table.split[edges.second]
    copied = np.zeros(len(table.pictures), dtype=bool)
    for side in (edges.first, edges.second):
        copied[side[same & crossing]] = True
    scene = ~same & crossing & ~copied[edges.first] & ~copied[edges.second]
    kinds = [edges.take(which) for which in (same & crossing, same & ~crossing, scene)]
    across, within, scenes = (_groups(table, kind, likeness if unfinished else None) for kind in kinds)
    return NearCopies(across, within, scenes, unfinished)


class _Table:
    """The pictures to compare, as arrays; of images with equal bytes one from each split.

    Attributes:
        split: int (n,). copy: int (n,), equal where the bytes are.
        hashes: uint64 (n,). thumbnails: int8 (n, 256). lengths: float32 (n,), their Euclidean lengths.
    """

    def __init__(self, pictures: list[Picture], copies: Sequence[Sequence[str]]) -> None:
        group = {path: number for number, paths in enumerate(copies) for path in paths}
        first: dict[tuple[int, str], Picture] = {}
        for number, one in enumerate(pictures, len(copies)):
            first.setdefault((group.get(one.path, number), one.split), one)
        self.pictures = list(first.values())
        splits = {name: number for number, name in enumerate(dict.fromkeys(split for _, split in first))}
        self.copy = np.array([number for number, _ in first], dtype=np.int64)
        self.split = np.array([splits[split] for _, split in first], dtype=np.int64)
        self.hashes = np.array([one.fingerprint.phash for one in self.pictures], dtype=np.uint64)
        joined = b"".join(one.fingerprint.thumbnail for one in self.pictures)
        self.thumbnails = np.frombuffer(joined, dtype=np.int8).reshape(-1, THUMBNAIL * THUMBNAIL)
        self.lengths = _lengths(self.thumbnails)


def _lengths(thumbnails: NDArray[np.int8]) -> NDArray[np.float32]:
    squares = np.einsum("ij,ij->i", thumbnails, thumbnails, dtype=np.float32)
    return np.asarray(np.sqrt(squares))


@dataclass(frozen=True, slots=True)
class _Edges:
    """Pairs of pictures of a table that look alike: indexes, bits, correlation, whether mirrored; all (p,)."""

    first: Indexes
    second: Indexes
    bits: Indexes
    correlation: NDArray[np.float64]
    mirrored: NDArray[np.bool_]

    def take(self, which: NDArray[np.bool_] | Indexes) -> _Edges:
        """Some of the pairs."""
        return _Edges(
            self.first[which], self.second[which], self.bits[which], self.correlation[which], self.mirrored[which]
        )

    def are_same(self, likeness: Likeness) -> NDArray[np.bool_]:
        """bool (p,): the two are the same picture."""
        return np.asarray((self.bits <= likeness.bits) & (self.correlation >= likeness.correlation))

    def are_scene(self, likeness: Likeness) -> NDArray[np.bool_]:
        """bool (p,): the two show the same scene."""
        return np.asarray((self.bits <= likeness.scene_bits) & (self.correlation >= likeness.scene_correlation))


def _correlation(
    table: _Table, first: Indexes, second: Indexes, others: NDArray[np.int8] | None = None
) -> NDArray[np.float64]:
    """float64 (p,): of the thumbnails of pairs, block by block; of ``others`` (n, 256) on the second side."""
    others = table.thumbnails if others is None else others
    result = np.empty(len(first))
    for start in range(0, len(first), _BLOCK):
        one, other = first[start : start + _BLOCK], second[start : start + _BLOCK]
        a, b = table.thumbnails[one].astype(np.float32), others[other].astype(np.float32)
        result[start : start + _BLOCK] = np.einsum("ij,ij->i", a, b) / (table.lengths[one] * table.lengths[other])
    return np.minimum(result, 1.0)


def _upright(table: _Table, likeness: Likeness) -> tuple[_Edges, int]:
    """Pairs as the pictures stand, and how many pictures were compared in part."""
    least = min(likeness.correlation, likeness.scene_correlation)

    def confirm(first: Indexes, second: Indexes) -> NDArray[np.bool_]:
        return np.asarray((table.copy[first] != table.copy[second]) & (_correlation(table, first, second) >= least))

    pairs = pairs_within(table.hashes, max(likeness.bits, likeness.scene_bits), confirm)
    correlation = _correlation(table, pairs.first, pairs.second)
    edges = _Edges(pairs.first, pairs.second, pairs.distance, correlation, np.zeros(len(correlation), dtype=bool))
    return edges.take(edges.are_same(likeness) | edges.are_scene(likeness)), pairs.unfinished


# mirrored and turned


def _with_mirrored(table: _Table, likeness: Likeness, edges: _Edges) -> tuple[_Edges, int]:
    """The pairs, and those of which one picture is mirrored or turned; each pair once, upright where that will do."""
    parts, unfinished = [edges], 0
    squares = table.thumbnails.reshape(-1, THUMBNAIL, THUMBNAIL)
    for orientation in range(1, 8):
        turned = np.rot90(squares, orientation % 4, axes=(1, 2))
        turned = turned[:, :, ::-1] if orientation >= 4 else turned
        part, more = _turned(table, likeness, squares, turned)
        parts.append(part)
        unfinished = max(unfinished, more)
    joined = _joined(parts)
    order = np.lexsort((-joined.correlation, joined.mirrored, ~joined.are_same(likeness), joined.second, joined.first))
    best = np.diff(joined.first[order] * len(squares) + joined.second[order], prepend=-1) > 0
    return joined.take(order[best]), unfinished


def _joined(parts: list[_Edges]) -> _Edges:
    return _Edges(
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.second for part in parts]),
        np.concatenate([part.bits for part in parts]),
        np.concatenate([part.correlation for part in parts]),
        np.concatenate([part.mirrored for part in parts]),
    )


def _turned(
    table: _Table, likeness: Likeness, upright: NDArray[np.int8], turned: NDArray[np.int8]
) -> tuple[_Edges, int]:
    """Pairs of a picture and another one that is turned. Their hashes are those of the thumbnails."""
    count = len(upright)
    flat = turned.reshape(count, -1)

    def confirm(first: Indexes, second: Indexes) -> NDArray[np.bool_]:
        one, other = np.minimum(first, second), np.maximum(first, second) - count
        good: NDArray[np.bool_] = one < other  # an upright one with a turned one, each pair once
        good[good] = table.copy[one[good]] != table.copy[other[good]]
        good[good] = _correlation(table, one[good], other[good], flat) >= likeness.correlation
        return good

    hashes = np.concatenate([hashes_of(upright), hashes_of(turned)])
    pairs = pairs_within(hashes, likeness.bits, confirm)
    first, second = pairs.first, pairs.second - count
    correlation = _correlation(table, first, second, flat)
    return _Edges(first, second, pairs.distance, correlation, np.ones(len(first), dtype=bool)), pairs.unfinished


# groups


def _groups(table: _Table, edges: _Edges, crowded: Likeness | None) -> tuple[Group, ...]:
    """Stars: the picture with most partners and all of them, then of the rest, and so on.

    A picture whose partners are all taken joins the group of the one that it is most like, so that none is lost. Where
    there are crowds, of which not all pairs are known, groups are joined whose middles are the same picture.
    """
    links = _stars(_neighbours(edges))
    middles = {centre: centre for centre, _, _ in links.values()}
    if crowded:
        middles |= _joined_middles(table, sorted(middles), crowded)
    groups: dict[int, list[Link]] = defaultdict(list)
    for node, (centre, partner, edge) in links.items():
        if edge >= 0:
            groups[middles[centre]].append(_link(table, edges, node, partner, edge))
    return tuple(sorted(Group(tuple(sorted(members))) for members in groups.values()))


def _neighbours(edges: _Edges) -> dict[int, list[tuple[int, int]]]:
    """Of each picture its partners, and by which edge; the most alike first."""
    neighbours: dict[int, list[tuple[int, int]]] = defaultdict(list)
    order = np.lexsort((edges.second, edges.first, -edges.correlation))
    pairs = zip(order.tolist(), edges.first[order].tolist(), edges.second[order].tolist(), strict=True)
    for edge, one, other in pairs:
        neighbours[one].append((other, edge))
        neighbours[other].append((one, edge))
    return neighbours


def _joined_middles(table: _Table, middles: list[int], likeness: Likeness) -> dict[int, int]:
    """Of each middle of a group the one whose group it joins, if any."""
    some = _Table([table.pictures[node] for node in middles], ())
    edges, _ = _upright(some, likeness)
    stars = _stars(_neighbours(edges.take(edges.are_same(likeness))))
    return {middles[node]: middles[centre] for node, (centre, _, _) in stars.items()}


def _stars(neighbours: dict[int, list[tuple[int, int]]]) -> dict[int, tuple[int, int, int]]:
    """Of each picture: the middle of its group, the partner that ties it to the group, and by which edge (-1: none)."""
    placed: dict[int, tuple[int, int, int]] = {}
    alone: list[int] = []
    for node in sorted(neighbours, key=lambda node: (-len(neighbours[node]), node)):
        if node in placed:
            continue
        free = [(other, edge) for other, edge in neighbours[node] if other not in placed]
        if not free:
            alone.append(node)
            continue
        placed[node] = node, node, -1
        placed.update({other: (node, node, edge) for other, edge in free})
    for node in alone:
        partner, edge = neighbours[node][0]
        placed[node] = placed[partner][0], partner, edge
    return placed


def _link(table: _Table, edges: _Edges, node: int, partner: int, edge: int) -> Link:
    one, other = table.pictures[node], table.pictures[partner]
    return Link(one, other, int(edges.bits[edge]), float(edges.correlation[edge]), bool(edges.mirrored[edge]))
