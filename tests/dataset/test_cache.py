"""The cache: what it keeps, that it is as good as a look at the image, and that no file makes it stumble."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubaction.dataset import cache as module
from hubaction.dataset.cache import ImageCache, cache_key
from hubaction.dataset.image_columns import ROW
from hubaction.dataset.images import ImageFacts, ImageStatus, inspect_image
from hubaction.dataset.pixels import PixelFacts

MAGIC = b"hubaction images 1\n"


def key(number: int) -> bytes:
    return cache_key(b"%d" % number, number)


def filled(path: Path, numbers: range, draw: Callable[..., bytes]) -> ImageCache:
    """A saved cache with one entry for each number."""
    cache = ImageCache(path)
    for number in numbers:
        cache.add(key(number), inspect_image(draw("JPEG", (64, 48), number), pixels=True))
    cache.save()
    assert cache.remark == ""
    return cache


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "images.cache"


def test_facts_come_back(path: Path, draw: Any) -> None:
    filled(path, range(5), draw)
    cache = ImageCache(path)
    assert (len(cache), cache.remark) == (5, "")
    for number in range(5):
        assert cache.facts(cache.find(key(number))) == inspect_image(draw("JPEG", (64, 48), number), pixels=True)
    assert cache.find(key(7)) == -1


def test_images_of_all_kinds_come_back(path: Path, draw: Any) -> None:
    cut = draw("JPEG", (640, 480), 1)[:-40]
    kept = [inspect_image(data, pixels=True) for data in (draw("PNG"), cut, draw("GIF"), b"", draw("TIFF"))]
    cache = ImageCache(path)
    for number, facts in enumerate(kept):
        cache.add(key(number), facts)
    cache.save()
    again = ImageCache(path)
    assert [again.facts(again.find(key(number))) for number in range(len(kept))] == kept


def test_without_a_file_it_is_empty_and_says_nothing(path: Path) -> None:
    cache = ImageCache(path)
    assert (len(cache), cache.remark) == (0, "")
    cache.save()
    assert not path.exists(), "nothing was found out"


def test_what_is_known_is_not_written_again(path: Path, draw: Any) -> None:
    filled(path, range(2), draw)
    before = path.stat().st_ino
    cache = ImageCache(path)
    cache.facts(cache.find(key(0)))
    cache.save()
    assert path.stat().st_ino == before


def test_the_file_can_be_read_by_the_step_that_carries_it(path: Path, draw: Any) -> None:
    filled(path, range(1), draw)
    assert path.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_entries_of_other_datasets_stay_up_to_a_bound(path: Path, draw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SPARE", 3)
    filled(path, range(6), draw)
    cache = ImageCache(path)
    cache.facts(cache.find(key(5)))
    cache.add(key(9), ImageFacts(ImageStatus.UNRECOGNISED, reason="new"))
    cache.save()
    kept = ImageCache(path)
    assert [number for number in range(10) if kept.find(key(number)) >= 0] == [0, 1, 2, 5, 9]
    assert kept.facts(kept.find(key(9))).reason == "new"
    assert kept.facts(kept.find(key(5))).width == 64


def test_a_file_never_grows_beyond_its_bound(path: Path, draw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 4)
    filled(path, range(3), draw)
    cache = filled(path, range(10, 13), draw)
    assert cache.find(key(1)) == 1
    kept = ImageCache(path)
    assert [number for number in range(20) if kept.find(key(number)) >= 0] == [0, 10, 11, 12]
    filled(path, range(20, 30), draw)
    assert len(ImageCache(path)) == 4


def test_kinds_that_no_entry_needs_are_dropped(path: Path, draw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SPARE", 0)
    cache = ImageCache(path)
    for number in range(4):
        cache.add(key(number), ImageFacts(ImageStatus.BROKEN, reason=f"reason {number}"))
    cache.save()
    cache = ImageCache(path)
    cache.add(key(10), ImageFacts(ImageStatus.BROKEN, reason="the only one that is left, and one spare"))
    cache.save()
    assert path.read_bytes().count(b"reason") == 1


def test_the_same_bytes_are_kept_once(path: Path) -> None:
    cache = ImageCache(path)
    for _ in range(3):
        cache.add(key(1), ImageFacts(ImageStatus.BROKEN, reason="x"))
    cache.save()
    assert len(ImageCache(path)) == 1


@pytest.mark.parametrize("where", ["reason", "broken", "damage", "skipped"])
def test_a_long_message_is_not_kept(path: Path, where: str) -> None:
    text = "x" * 501
    facts = ImageFacts(ImageStatus.BROKEN, reason=text if where == "reason" else "")
    if where != "reason":
        facts = facts._replace(pixels=PixelFacts(**{where: text}))
    cache = ImageCache(path)
    cache.add(key(1), facts)
    cache.save()
    assert not path.exists()


# --- files that are not what they should be ---------------------------------------------------------------------------


def sealed(body: bytes) -> bytes:
    return MAGIC + hashlib.sha256(body).digest() + body


def rewritten(data: bytes, change: Callable[[Any], object], rows: Callable[[bytearray], object] | None = None) -> bytes:
    """The file with another head or other rows, and a checksum that fits."""
    body = data[len(MAGIC) + 32 :]
    size = int.from_bytes(body[:4], "little")
    head = json.loads(body[4 : 4 + size])
    head = change(head) or head
    rest = bytearray(body[4 + size :])
    if rows:
        rows(rest)
    text = json.dumps(head).encode()
    return sealed(struct.pack("<I", len(text)) + text + rest)


def kind(at: int, value: object) -> Callable[[bytes], bytes]:
    return lambda data: rewritten(data, lambda head: head["kinds"][0].__setitem__(at, value))


def row(form: str, at: int, value: Any) -> Callable[[bytes], bytes]:
    """Overwrite a number of the last row."""
    return lambda data: rewritten(
        data, lambda head: None, lambda rest: struct.pack_into(form, rest, len(rest) - ROW.size + at, value)
    )


def versions(**changed: str) -> Callable[[bytes], bytes]:
    return lambda data: rewritten(data, lambda head: head["versions"].update(changed))


UNUSABLE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda data: b"", "not one of this format"),
    "another file": (lambda data: b"PK\3\4" + data, "not one of this format"),
    "a pickle": (lambda data: b"\x80\x04cos\nsystem\n", "not one of this format"),
    "a later format": (lambda data: data.replace(MAGIC, b"hubaction images 2\n"), "not one of this format"),
    "cut": (lambda data: data[:-1], "damaged"),
    "cut after the magic": (lambda data: MAGIC, "damaged"),
    "longer": (lambda data: data + b"\0", "damaged"),
    "one bit": (lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:], "damaged"),
    "no body": (lambda data: sealed(b""), "content"),
    "a head that is too long": (lambda data: sealed(b"\xff\xff\xff\xff[]"), "other versions"),
    "a head that is no JSON": (lambda data: sealed(b"\2\0\0\0{x"), "content"),
    "a head of many brackets": (lambda data: sealed(struct.pack("<I", 200_000) + b"[" * 200_000), "content"),
    "a head that is a list": (lambda data: rewritten(data, lambda head: [1]), "other versions"),
    "no kinds": (lambda data: rewritten(data, lambda head: {"versions": head["versions"]}), "content"),
    "kinds that are no list": (lambda data: rewritten(data, lambda head: {**head, "kinds": {"0": 1}}), "content"),
    "a kind too few": (lambda data: rewritten(data, lambda head: {**head, "kinds": []}), "content"),
    "half a row": (lambda data: rewritten(data, lambda head: None, lambda rest: rest.pop()), "content"),
    "another release": (versions(hubaction="9.9.9"), "other versions"),
    "another decoder": (versions(simplejpeg="0.0.1"), "other versions"),
    "other modules": (versions(modules="0" * 64), "other versions"),
    "an unknown status": (kind(0, "SOUND"), "content"),
    "a status that is no text": (kind(0, 1), "content"),
    "a long format": (kind(1, "J" * 17), "content"),
    "an orientation of 9": (kind(3, 9), "content"),
    "an orientation of truth": (kind(3, True), "content"),
    "a reason that is long": (kind(5, "x" * 501), "content"),
    "no bits": (kind(6, 0), "content"),
    "a flag that is a number": (kind(7, 1), "content"),
    "a damage that is a list": (kind(11, ["x"]), "content"),
    "a number of a kind that is not there": (row("<I", 0, 1), "content"),
    "a width of billions": (row("<I", 4, 1 << 31), "content"),
    "a height of billions": (row("<I", 8, 0xFFFFFFFF), "content"),
    "a brightness that is no number": (row("<d", 12, float("nan")), "content"),
    "an infinite spread": (row("<d", 44, float("inf")), "content"),
    "a share of a million": (row("<d", 52, 1e6), "content"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_an_unusable_file_is_passed_over_and_replaced(path: Path, draw: Any, case: str) -> None:
    filled(path, range(3), draw)
    change, reason = UNUSABLE[case]
    path.write_bytes(change(path.read_bytes()))
    cache = ImageCache(path)
    assert len(cache) == 0
    assert cache.remark.startswith("the cache was not used: ")
    assert reason in cache.remark
    cache.add(key(1), ImageFacts(ImageStatus.BROKEN, reason="x"))
    cache.save()
    assert (len(ImageCache(path)), ImageCache(path).remark) == (1, "")


def test_a_file_that_is_too_large_is_not_read(path: Path, draw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, range(3), draw)
    monkeypatch.setattr(module, "_LARGEST", path.stat().st_size - 1)
    assert "it is too large" in ImageCache(path).remark


@pytest.mark.parametrize("what", ["link", "folder", "pipe"])
def test_what_is_no_regular_file_is_not_opened(path: Path, draw: Any, what: str, tmp_path: Path) -> None:
    filled(tmp_path / "elsewhere", range(3), draw)
    path.parent.mkdir()
    {"link": lambda: path.symlink_to(tmp_path / "elsewhere"), "folder": path.mkdir, "pipe": lambda: os.mkfifo(path)}[
        what
    ]()
    cache = ImageCache(path)
    assert len(cache) == 0
    assert cache.remark.startswith("the cache ")


@given(at=st.integers(0, 2_000), junk=st.binary(min_size=1, max_size=30), seal=st.booleans())
def test_any_damage(tmp_path: Path, draw: Any, at: int, junk: bytes, seal: bool) -> None:
    path = tmp_path / "images.cache"
    path.unlink(missing_ok=True)
    filled(path, range(3), draw)
    data = bytearray(path.read_bytes())
    at %= len(data)
    data[at : at + len(junk)] = junk
    path.write_bytes(sealed(bytes(data[len(MAGIC) + 32 :])) if seal else data)
    cache = ImageCache(path)
    for entry in range(len(cache)):
        assert isinstance(cache.facts(entry), ImageFacts)
    cache.add(key(9), ImageFacts(ImageStatus.BROKEN))
    cache.save()
    assert ImageCache(path).find(key(9)) >= 0


def test_a_folder_that_cannot_be_written_costs_a_remark(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    cache = ImageCache(path)
    cache.add(key(1), ImageFacts(ImageStatus.BROKEN))
    monkeypatch.setattr(module.tempfile, "mkstemp", refuse)
    cache.save()
    assert cache.remark == "the cache could not be written: Permission denied"


def test_a_write_that_fails_leaves_the_old_file_alone(path: Path, draw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, range(2), draw)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    cache = ImageCache(path)
    cache.add(key(7), ImageFacts(ImageStatus.BROKEN))
    monkeypatch.setattr(module.os, "replace", fail)
    cache.save()
    assert cache.remark == "the cache could not be written: No space left on device"
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_two_runs_at_once_leave_a_whole_file(path: Path, draw: Any) -> None:
    first, second = ImageCache(path), ImageCache(path)
    first.add(key(1), ImageFacts(ImageStatus.BROKEN))
    second.add(key(2), ImageFacts(ImageStatus.BROKEN))
    first.save()
    second.save()
    assert (len(ImageCache(path)), ImageCache(path).remark) == (1, "")
