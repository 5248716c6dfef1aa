"""Groups of pictures that look alike, from fingerprints made for the purpose."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from hubaction.dataset.near_copies import Likeness, NearCopies, Picture, find_near_copies
from hubaction.dataset.pixels import Fingerprint


def picture(path: str, seed: int, flips: int = 0, grain: float = 0.0) -> Picture:
    """A picture in the split that its path begins with: of equal seeds the hashes differ by ``flips`` bits."""
    random = np.random.default_rng(seed)
    phash = int(random.integers(0, 2**64, dtype=np.uint64)) ^ ((1 << flips) - 1)
    values = random.normal(0, 32, 256)
    values = values + np.random.default_rng(zlib.crc32(path.encode())).normal(0, 32 * grain, 256) if grain else values
    values = (values - values.mean()) / values.std() * 32
    return Picture(
        path, path.partition("/")[0], Fingerprint(phash, np.clip(np.rint(values), -127, 127).astype(np.int8).tobytes())
    )


def paths(groups) -> list[list[str]]:
    return [[one.path for one in group.pictures] for group in groups]


def test_a_copy_in_another_split() -> None:
    near = find_near_copies([picture("train/a", 1), picture("train/b", 2), picture("val/c", 1, flips=3)])
    assert paths(near.across) == [["train/a", "val/c"]]
    (link,) = near.across[0].links
    assert (link.bits, link.mirrored) == (3, False)
    assert link.correlation == pytest.approx(1)
    assert (near.within, near.scenes, near.unfinished) == ((), (), 0)


def test_a_copy_in_the_same_split() -> None:
    near = find_near_copies([picture("train/a", 1), picture("train/c", 1, flips=6)])
    assert paths(near.within) == [["train/a", "train/c"]]
    assert near.across == ()


@pytest.mark.parametrize(("flips", "kind"), [(6, "across"), (7, "scenes"), (10, "scenes"), (11, "")])
def test_bits_decide(flips: int, kind: str) -> None:
    near = find_near_copies([picture("train/a", 1), picture("val/c", 1, flips=flips)])
    assert [name for name in ("across", "within", "scenes") if getattr(near, name)] == ([kind] if kind else [])


@pytest.mark.parametrize(("least", "kind"), [((0.99, 0.9), "scenes"), ((0.99, 0.99), ""), ((0.9, 0.9), "across")])
def test_thumbnails_decide(least: tuple[float, float], kind: str) -> None:
    one, other = picture("train/a", 1), picture("val/c", 1, grain=0.25)
    near = find_near_copies([one, other], likeness=Likeness(correlation=least[0], scene_correlation=least[1]))
    assert [name for name in ("across", "within", "scenes") if getattr(near, name)] == ([kind] if kind else [])


def test_a_copy_is_not_shown_as_a_scene_too() -> None:
    pictures = [picture("train/a", 1), picture("train/b", 1, flips=8), picture("val/c", 1, flips=1)]
    near = find_near_copies(pictures)
    assert (paths(near.across), paths(near.scenes)) == ([["train/a", "val/c"]], [])
    assert paths(find_near_copies(pictures[1:]).scenes) == [["train/b", "val/c"]]


def test_equal_bytes_are_no_near_copies_but_have_them() -> None:
    pictures = [picture("train/a", 1), picture("val/b", 1), picture("val/c", 1, flips=2)]
    near = find_near_copies(pictures, copies=[("train/a", "val/b")])
    assert paths(near.across) == [["train/a", "val/c"]]
    assert find_near_copies(pictures[:2], copies=[("train/a", "val/b")]) == NearCopies()


def test_groups_are_stars_not_chains() -> None:
    """Nine pictures in a row, each 5 bits from the next: the ends are no copies of each other."""
    chain = [picture("train/0", 1)._replace(path=f"train/{at}", split=("train", "val")[at % 2]) for at in range(9)]
    chain = [
        one._replace(fingerprint=one.fingerprint._replace(phash=one.fingerprint.phash ^ ((1 << 5 * at) - 1)))
        for at, one in enumerate(chain)
    ]
    near = find_near_copies(chain)
    assert len(near.across) > 1
    assert sorted(path for group in paths(near.across) for path in group) == sorted(one.path for one in chain)
    for group in near.across:
        assert all(link.bits <= 6 for link in group.links)


def test_every_picture_with_a_copy_is_in_exactly_one_group() -> None:
    random = np.random.default_rng(9)
    pictures = [
        picture(
            f"{random.choice(['train', 'val', 'test'])}/{at}", int(random.integers(0, 40)), int(random.integers(0, 7))
        )
        for at in range(200)
    ]
    near = find_near_copies(pictures)
    listed = [path for group in paths(near.across) for path in group]
    assert len(listed) == len(set(listed))
    seeds: dict[int, set[str]] = {}
    for one in pictures:
        seeds.setdefault(int.from_bytes(one.fingerprint.thumbnail[:8], "little"), set()).add(one.split)
    shared = [one.path for one in pictures if len(seeds[int.from_bytes(one.fingerprint.thumbnail[:8], "little")]) > 1]
    assert sorted(listed) == sorted(shared)


def test_the_order_given_does_not_matter() -> None:
    pictures = [picture(f"{split}/{at}", at % 7, at % 5) for at in range(30) for split in ("train", "val")]
    assert find_near_copies(pictures) == find_near_copies(pictures[::-1])


def test_a_crowd_of_copies_is_one_group_and_quick() -> None:
    pictures = [picture(f"{('train', 'val')[at % 5 == 0]}/{at:05}", 1) for at in range(3000)]
    near = find_near_copies(pictures)
    assert near.unfinished > 0
    assert sum(len(group.pictures) for group in near.across) == 3000
    assert len(near.across) < 10


def turned(one: Picture, path: str, how) -> Picture:
    from hubaction.dataset.fingerprint import hashes_of

    square = how(np.frombuffer(one.fingerprint.thumbnail, np.int8).reshape(16, 16))
    phash = int(hashes_of(square[None])[0])
    return Picture(path, path.partition("/")[0], Fingerprint(phash, square.tobytes()))


@pytest.mark.parametrize(
    "how",
    [np.fliplr, np.flipud, np.rot90, np.transpose, lambda square: np.rot90(square, 2)],
    ids=["mirrored", "upside down", "turned left", "transposed", "turned by half"],
)
def test_mirrored_copies_are_found_when_asked_for(how) -> None:
    upright = turned(picture("train/a", 4), "train/a", lambda square: square)
    both = [upright, turned(upright, "val/b", how), picture("val/c", 5)]
    assert find_near_copies(both).across == ()
    (group,) = find_near_copies(both, likeness=Likeness(mirrored=True)).across
    assert [one.path for one in group.pictures] == ["train/a", "val/b"]
    assert group.links[0].mirrored


def test_an_upright_copy_is_not_called_mirrored() -> None:
    near = find_near_copies([picture("train/a", 1), picture("val/c", 1, flips=3)], likeness=Likeness(mirrored=True))
    assert [link.mirrored for group in near.across for link in group.links] == [False]


@pytest.mark.parametrize(("flips", "mirrored"), [(6, False), (8, True)])
def test_a_picture_that_is_its_own_mirror_image_is_mirrored_only_where_that_makes_it_a_copy(
    flips: int, mirrored: bool
) -> None:
    one = turned(picture("train/a", 4), "train/a", lambda square: square // 2 + square[:, ::-1] // 2)
    print_ = one.fingerprint._replace(phash=one.fingerprint.phash ^ ((1 << flips) - 1))
    near = find_near_copies([one, Picture("val/b", "val", print_)], likeness=Likeness(mirrored=True))
    assert [link.mirrored for group in near.across for link in group.links] == [mirrored]
