"""The pass over all files: an image that kills or holds up its decoder costs one finding, whatever the set's size."""

from __future__ import annotations

import os
import pickle
import signal
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hubaction.dataset import jobs, scan
from hubaction.dataset.images import ImageFacts
from hubaction.dataset.jobs import Job
from hubaction.dataset.source import Member
from hubaction.operations.check_dataset import CheckOptions, check

PATHS = [f"images/train/{index:03}.jpg" for index in range(3)]


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Make the decode of chosen bytes do something else, in whatever process; and count all decodes."""
    log = tmp_path / "decodes"
    log.write_bytes(b"")
    odd: dict[bytes, Any] = {}
    real = jobs.inspect_image

    def inspect(data: bytes, *, pixels: bool = False) -> ImageFacts:
        with log.open("ab") as file:
            file.write(b"." if pixels else b"")
        return odd.get(data, lambda: real(data, pixels=pixels))()

    monkeypatch.setattr(jobs, "inspect_image", inspect)
    inspect.odd, inspect.log = odd, log  # type: ignore[attr-defined]
    return inspect


def die() -> ImageFacts:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def hang() -> ImageFacts:
    time.sleep(600)
    raise AssertionError


@pytest.mark.parametrize(("count", "workers"), [(3, 1), (300, 1), (300, 2)])
@pytest.mark.parametrize("fault", [die, hang])
def test_an_image_that_ends_or_holds_up_its_process(
    detect: Any, draw: Any, decodes: Any, monkeypatch: pytest.MonkeyPatch, fault: Any, count: int, workers: int
) -> None:
    monkeypatch.setattr(jobs, "_PATIENCE", 1.0)
    bad = draw("JPEG", (70, 50), 99)
    decodes.odd[bad] = fault
    for index in range(count):
        detect.pair(f"train/{index:03}.jpg", seed=index % 50)
    detect.image(bad, "train/001.jpg")
    report = check(CheckOptions(detect.zip(), "detect", workers=workers))
    (finding,) = (one for one in report.findings if one.rule == "I602")
    assert finding.place.path == "images/train/001.jpg"
    assert "crashed on it or did not come to an end" in finding.message
    assert report.images == count + 3
    assert not [one for one in report.rules_run.values() if one.status == "crashed"]


def member(number: int, size: int = 10) -> Member:
    return Member(f"images/{number}.jpg", size, 1, 2, 3, 8, b"stored")


def test_a_job_crosses_a_pipe() -> None:
    job = Job([(member(1), None), (None, member(2)), (member(3), member(4))], [member(5)], [member(6)])
    back = pickle.loads(pickle.dumps(job))
    assert back == job
    assert type(back.pairs[0][0]) is Member
    assert len(back) == 5
    assert [len(single) for single in job.singles()] == [1] * 5


def test_patience_grows_with_the_bytes() -> None:
    assert Job([(member(1, 0), None)]).patience == pytest.approx(60, abs=0.01)
    assert Job(others=[member(1, 50_000_000_000)]).patience > 3_600


@pytest.mark.parametrize(
    ("sizes", "portions"),
    [([1] * 250, [100, 100, 50]), ([], []), ([40 << 20] * 3, [1, 1, 1]), ([20 << 20] * 5, [2, 2, 1])],
    ids=["small", "none", "huge", "large"],
)
def test_portions(sizes: list[int], portions: list[int]) -> None:
    assert [len(portion) for portion in scan._portions(sizes, lambda size: size)] == portions


# --- pictures made to cost --------------------------------------------------------------------------------------------


def with_size(data: bytes, width: int, height: int) -> bytes:
    """A JPEG whose header claims another size."""
    at = next(at for mark in (b"\xff\xc0", b"\xff\xc2") if (at := data.find(mark)) >= 0)
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def many_scans(data: bytes, scans: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    last = data.rfind(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def one_finding(maker: Any, data: bytes, name: str = "train/a.jpg") -> Any:
    report = maker.drop("images/train/a").image(data, name).check("default")
    (finding,) = (one for one in report.findings if one.place.path == f"images/{name}" and one.rule != "I608")
    assert report.images == 3
    assert not [one for one in report.rules_run.values() if one.status == "crashed"]
    return finding


@pytest.mark.parametrize("cut", [0, 2], ids=["whole", "without end"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_header_of_four_thousand_megapixels(detect: Any, draw: Any, cut: int, progressive: bool) -> None:
    data = with_size(draw("JPEG", (64, 48), progressive=progressive), 65_500, 65_500)
    assert one_finding(detect, data[: len(data) - cut]).rule in {"I602", "I609"}


def test_a_png_of_four_thousand_megapixels(detect: Any, draw: Any) -> None:
    data = draw("PNG", (64, 48))
    head = b"IHDR" + struct.pack(">II", 65_500, 65_500) + data[24:29]
    bomb = data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]
    assert one_finding(detect, bomb, "train/a.png").rule in {"I602", "I609"}


@pytest.mark.parametrize("cut", [0, 2], ids=["whole", "without end"])
def test_thousands_of_scans_are_not_decoded(detect: Any, draw: Any, cut: int) -> None:
    data = many_scans(draw("JPEG", (3000, 2000), 1, progressive=True), 3_000)
    report = detect.image(data[: len(data) - cut]).check("default")
    said = [report.outcome("I602").reason, *(one.message for one in report.findings if one.rule == "I602")]
    assert ("and it is not decoded to tell more" if cut else "6 megapixels in 3009 scans are not decoded") in str(said)
    assert report.images == 3


def test_a_bomb_of_pixels_in_a_small_file(detect: Any, tmp_path: Path) -> None:
    Image.new("1", (12_000, 12_000)).save(tmp_path / "bomb.png")
    report = detect.image((tmp_path / "bomb.png").read_bytes(), "train/a.png").check("default")
    assert "144 megapixels are not decoded" in report.outcome("I602").reason
