"""What readers see of damaged images, and where the thresholds of family I lie."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import test_plants
from PIL import Image
from plants import Plant
from plants.images import CAT, FIRST, cut, exif, flat, halved, header_only, move, photo, put, saved
from sets import picture

from hubaction.dataset.dataset import Reading, read_dataset
from hubaction.dataset.images import ImageStatus, inspect_image
from hubaction.dataset.limits import Depth
from hubaction.dataset.source import open_source
from hubaction.rules import images
from hubaction.rules.engine import Selected, Status, run_rules
from hubaction.rules.view import View

BIG = picture(4242, (640, 480))
PROGRESSIVE = saved(Image.open(io.BytesIO(BIG)), progressive=True, quality=88)
END = b"\xff\xd9"


def flipped(data: bytes, count: int) -> bytes:
    start = data.index(b"\xff\xda") + 20
    changed = bytearray(data)
    for at in np.random.default_rng(3).integers(start, len(data) - 2, count):
        if 0 < changed[at] < 255 and changed[at - 1] < 255:  # markers stay as they are
            changed[at] ^= 0x55
    return bytes(changed)


def without(data: bytes, count: int) -> bytes:
    return data[:-count]


def verdict(data: bytes) -> str:
    """sound, damaged (a reader goes on), broken (the loader drops it) or late (only a full decode notices)."""
    facts = inspect_image(data, pixels=True)
    if facts.status is not ImageStatus.OK:
        return "broken"
    assert facts.pixels is not None
    assert not facts.pixels.skipped
    return "late" if facts.pixels.broken else "damaged" if facts.pixels.damage else "sound"


@pytest.mark.parametrize("good", [BIG, PROGRESSIVE], ids=["baseline", "progressive"])
@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda data: data, "sound"),
        (lambda data: cut(data, 30), "broken"),
        (lambda data: cut(data, 98), "broken"),
        (lambda data: without(data, 2), "broken"),
        (lambda data: without(data, 1), "broken"),
        (lambda data: data[: len(data) // 2] + bytes(len(data) // 2), "cut"),
        (lambda data: cut(data, 30, END), "damaged"),
        (lambda data: cut(data, 98, END), "damaged"),
        (halved, "damaged"),
        (header_only, "late"),
        (lambda data: data + b"\n", "sound"),
        (lambda data: data + data, "sound"),
    ],
    ids=[
        "whole", "cut at 30 %", "cut at 98 %", "no end marker", "half an end marker", "zeros to the end",
        "cut at 30 % and end marker", "cut at 98 % and end marker", "second half zeros and end marker",
        "header and end marker", "trailing newline", "two pictures",
    ],
)  # fmt: skip
def test_what_a_strict_decode_sees_of_a_damaged_jpeg(damage: object, expected: str, good: bytes) -> None:
    seen = verdict(damage(good))
    assert seen in {"cut": {"broken", "late"}}.get(expected, {expected})


def test_flipped_bytes_inside_are_noticed() -> None:
    assert verdict(flipped(BIG, 60)) == "damaged"


@pytest.mark.parametrize(
    "data",
    [
        saved(photo("L")),
        saved(photo("CMYK")),
        saved(photo(), subsampling=0),
        saved(photo(), subsampling=2, optimize=True),
        saved(photo(), restart_marker_blocks=4),
        BIG.replace(b"\xff\xc0", b"\xff\xc9", 1),  # arithmetic coding: other data altogether, so at best damaged
        *(saved(photo().resize((side, side))) for side in (1, 7, 8, 9)),
        *(saved(photo(), kind) for kind in ("PNG", "BMP", "TIFF", "WEBP", "AVIF")),
        *(saved(photo(mode), "PNG") for mode in ("1", "L", "P", "LA", "RGBA")),
    ],
)
def test_sound_images_of_every_kind_are_not_called_broken(data: bytes) -> None:
    facts = inspect_image(data, pixels=True)
    assert facts.status is ImageStatus.OK
    assert facts.pixels is not None
    assert not facts.pixels.broken


@pytest.mark.parametrize("format", ["BMP", "TIFF", "WEBP", "PNG"])
def test_a_cut_file_of_another_format_is_noticed(format: str) -> None:
    assert verdict(cut(saved(photo(), format), 60)) in {"broken", "late"}


@pytest.mark.parametrize(("percent", "lost"), [(30, 0.7), (50, 0.5), (90, 0.1), (98, 0.0)])
def test_how_much_of_a_cut_picture_is_flat(percent: int, lost: float) -> None:
    facts = inspect_image(cut(BIG, percent, END), pixels=True)
    assert facts.pixels is not None
    assert facts.pixels.flat_bottom == pytest.approx(lost, abs=0.04)


def test_a_picture_too_large_to_decode_is_skipped_with_a_reason() -> None:
    facts = inspect_image(saved(Image.new("1", (8_000, 6_000)), "PNG"), pixels=True)
    assert facts.pixels is not None
    assert "48 megapixels" in facts.pixels.skipped


def test_pixels_are_only_looked_at_on_request() -> None:
    assert inspect_image(BIG).pixels is None
    assert inspect_image(cut(BIG, 50, END)).status is ImageStatus.OK


@pytest.mark.parametrize(
    ("data", "bits"),
    [
        (saved(photo(), "PNG"), 8),
        (saved(Image.fromarray(np.zeros((20, 20), dtype=np.uint16)), "PNG"), 16),
        (saved(Image.fromarray(np.zeros((20, 20), dtype=np.uint16)), "TIFF"), 16),
        (saved(Image.new("F", (20, 20)), "TIFF"), 32),
        (saved(photo(), "TIFF"), 8),
        (saved(photo()), 8),
    ],
)
def test_bits_of_a_channel(data: bytes, bits: int) -> None:
    assert inspect_image(data).bits == bits


@pytest.mark.parametrize(
    ("gps", "expected"),
    [({2: (48.0, 8.0, 1.0), 4: (11.0, 30.0, 1.0)}, True), ({0: b"\2\3\0\0"}, False), ({}, False)],
    ids=["coordinates", "version only", "empty"],
)
def test_gps_means_coordinates(gps: dict[int, object], expected: bool) -> None:
    data = Image.Exif()
    data[34853] = gps
    assert inspect_image(saved(photo(), exif=data.tobytes())).has_gps is expected


def found(change: object, tmp_path: Path, task: str = "classify") -> set[str]:
    return {f.rule for f in test_plants.checked(Plant("", "", "", task, change), tmp_path).findings}


@pytest.mark.parametrize(
    ("change", "task"),
    [
        (put(saved(photo(size=(32, 32))), CAT), "classify"),  # I608
        (put(saved(photo(), exif=exif({274: 1})), CAT), "classify"),  # I607
        (move(CAT, "train/cat/aaapic.JPEG"), "classify"),  # I605
        (move(FIRST, "images/train/aaapic.png", saved(photo(), "PNG")), "detect"),  # I605
        (lambda files: files.update({"cover.gif": saved(photo("P"), "GIF")}), "detect"),  # I606: not among images
        (lambda files: files.update({"images/train/notes": b"nothing but text"}), "detect"),  # I606
        (move(CAT, "train/cat/aaapic.png", saved(Image.open(io.BytesIO(picture(5, (200, 200)))), "PNG")), "classify"),
    ],
)
def test_just_inside(change: object, task: str, tmp_path: Path) -> None:
    assert found(change, tmp_path, task) == set()


@pytest.mark.parametrize(("spread", "fires"), [(0, True), (3, True), (8, False)])
def test_one_shade_is_a_spread_below_two_levels(spread: int, fires: bool, tmp_path: Path) -> None:
    values = np.indices((120, 160)).sum(axis=0) // 20 % 2 * spread + 120
    data = saved(Image.fromarray(values.astype(np.uint8)).convert("RGB"), "PNG")
    change = move(CAT, "train/cat/aaapic.png", data)
    findings = test_plants.checked(Plant("", "", "", "classify", change), tmp_path).findings
    assert any(f.rule == "I611" and f.severity.word == "warning" for f in findings) is fires


def test_channels_in_data_yaml_say_what_is_usual(tmp_path: Path) -> None:
    def grey(files: dict[str, bytes]) -> None:
        files["data.yaml"] += b"channels: 1\n"
        for path in [path for path in files if path.endswith(".jpg")]:
            files[path] = saved(Image.open(io.BytesIO(files[path])).convert("L"), quality=92)

    def colour(files: dict[str, bytes]) -> None:
        files["data.yaml"] += b"channels: 1\n"

    assert found(grey, tmp_path / "grey", "detect") == set()
    assert found(colour, tmp_path / "colour", "detect") == {"I610"}


def test_what_is_left_out_is_said_to_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "train/cat/a.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(saved(Image.new("L", (9_000, 5_000)), "PNG"))
    view = View(read_dataset(open_source(tmp_path), "classify", Reading(workers=1, depth=Depth.DECODE)))
    rules = [Selected(rule) for rule in images.RULES if rule.id in {"I602", "I603", "I611"}]
    results = run_rules(view, rules, former=False)
    assert [result.status for result in results] == [Status.NOT_RUN] * 3
    assert all("45 megapixels" in result.reason for result in results)


def test_a_flat_picture_is_not_also_called_blurred(tmp_path: Path) -> None:
    findings = test_plants.checked(Plant("", "", "", "classify", put(flat(128), CAT)), tmp_path).findings
    assert [f.rule for f in findings] == ["I611"]
