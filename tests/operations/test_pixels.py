"""How deep images are looked into, and the cache: what a report says, and what it does not depend on."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from hubaction.dataset import jobs
from hubaction.dataset.cache import CACHE_FILE
from hubaction.dataset.images import ImageFacts
from hubaction.errors import UsageError
from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.policy.config import Config
from hubaction.policy.given import Given
from hubaction.policy.policy import resolve
from hubaction.report.json_report import as_dict
from hubaction.report.model import Report, coverage
from hubaction.rules import RULES
from hubaction.rules.rule import DEPTHS, Need

TASKS = ["detect", "segment", "pose", "obb", "classify"]


def comparable(report: Report) -> dict[str, Any]:
    """The report and the statistics without path, timing and the container."""
    found = as_dict(report) | {"stats": report.stats}
    del found["seconds"]
    for where in ("path", "location", "is_archive"):
        del found["dataset"][where]
    return found


def spoilt(maker: Any, draw: Any, images: int = 0) -> Any:
    """A set with broken, damaged, dark, equal and odd pictures, and broken labels."""
    folder = "train/cat" if maker.task == "classify" else "images/train"
    big = draw("JPEG", (640, 480), 3)
    odd = {"empty.jpg": b"", "text.png": b"words", "anim.jpg": b"GIF89a", "cut.jpg": big[:-400] + big[-2:]}
    odd |= {"half.jpg": big[:2000], "one.jpg": big, "two.jpg": big, "three.png": draw("PNG", (640, 480), 3)}
    for name, data in odd.items():
        maker.put(f"{folder}/{name}", data)
    for index in range(images):
        maker.put(f"{folder}/{index:03}.jpg", draw("JPEG", (96, 72), index))
    return maker.put("labels/train/b.txt", b"0 .5 .5 x\n").put("labels/val/c.txt", b"9 9 9 9 9\n")


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """``decodes()``: how many images were looked into, in whatever process, since the last call."""
    log = tmp_path / "decodes.log"
    log.write_bytes(b"")
    real = jobs.inspect_image

    def inspect(data: bytes, *, pixels: bool = False) -> ImageFacts:
        with log.open("ab", buffering=0) as file:
            file.write(b".")
        return real(data, pixels=pixels)

    def count() -> int:
        found = log.stat().st_size
        log.write_bytes(b"")
        return found

    monkeypatch.setattr(jobs, "inspect_image", inspect)
    return count


# --- pixels -----------------------------------------------------------------------------------------------------------


def statuses(report: Report, *needs: Need) -> set[str]:
    """What became of the rules with one of these needs, which run at all and found nothing."""
    ids = {rule.id for rule in RULES if set(needs) & set(rule.needs) and not rule.later}
    outcomes = [one for one in report.rules_run.values() if one.id in ids]
    return {one.status for one in outcomes} - {"not applicable", "findings"}


@pytest.mark.parametrize("task", TASKS)
def test_header_runs_no_rule_about_pixels_and_says_so(make: Any, draw: Any, task: str, decodes: Any) -> None:
    maker = spoilt(make(task), draw)
    report = maker.check("default", pixels="header")
    assert statuses(report, Need.PIXELS) == {"not run"}
    assert {one.rule for one in report.findings}.isdisjoint({"I603", "I611", "V802"})
    assert report.not_run == (f"the pixels of {report.images} images (pixels = header)",)
    assert "needs decoded images (pixels = header)" in "\n".join(coverage(report))
    assert decodes() == report.images


@pytest.mark.parametrize("task", TASKS)
def test_off_looks_into_no_image(make: Any, draw: Any, task: str, decodes: Any) -> None:
    maker = spoilt(make(task), draw)
    report = maker.check("default", pixels="off")
    assert statuses(report, Need.PIXELS, Need.HEADER) == {"not run"}
    assert report.not_run == (f"checksums, headers and pixels of {report.images} images (pixels = off)",)
    assert not {one.rule for one in report.findings if one.rule[0] == "I"}
    assert decodes() == 0
    if task != "classify":
        assert {"L302", "V805"} & {one.rule for one in report.findings}
        assert sum(one.rule.startswith("L") for one in report.findings) >= 2


@pytest.mark.parametrize("pixels", DEPTHS)
def test_missing_labels_are_told_at_any_depth(detect: Any, pixels: str) -> None:
    report = detect.drop("labels/train/b").check("default", pixels=pixels)
    assert "missing label files in 'train': 1 of 2" in str([one.message for one in report.findings])


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("pixels", ["off", "header"])
def test_a_shallow_look_finds_nothing_that_a_deep_one_does_not(make: Any, draw: Any, task: str, pixels: str) -> None:
    maker = make(task)
    shallow, deep = maker.check("default", pixels=pixels), maker.check("default")
    assert {one.rule for one in shallow.findings} <= {one.rule for one in deep.findings}
    assert shallow.instances == deep.instances


@pytest.mark.parametrize("task", TASKS)
def test_decode_is_what_is_done_without_a_word(make: Any, draw: Any, task: str) -> None:
    maker = spoilt(make(task), draw)
    assert comparable(maker.check("default")) == comparable(maker.check("default", pixels="decode"))
    assert not maker.check("default").not_run


@pytest.mark.parametrize("pixels", ["header", "decode"])
def test_profile_hub_reads_headers_whatever_is_asked_for(detect: Any, draw: Any, pixels: str) -> None:
    maker = spoilt(detect, draw)
    assert comparable(maker.check("hub", pixels=pixels))["findings"] == comparable(maker.check("hub"))["findings"]


def test_profile_hub_cannot_do_without_headers(detect: Any) -> None:
    with pytest.raises(UsageError, match="The profile hub judges by the headers"):
        detect.check("hub", pixels="off")


def test_no_pixel_is_decoded_for_rules_that_look_at_none(detect: Any) -> None:
    report = detect.check("default", select=("L",))
    assert not report.not_run, "nothing was asked for that was not done"


@pytest.mark.parametrize("pixels", DEPTHS)
def test_a_given_depth_beats_that_of_the_file(pixels: str) -> None:
    assert resolve(Given(pixels=pixels), Config(pixels="header")).pixels == pixels
    assert resolve(Given(), Config(pixels=pixels)).pixels == pixels
    assert resolve(Given(), Config()).pixels == "decode"


def test_an_unknown_depth_names_the_nearest(detect: Any) -> None:
    with pytest.raises(UsageError, match="There is no pixels 'headers'") as caught:
        detect.check("default", pixels="headers")
    assert "header" in caught.value.fix


def test_the_file_can_set_the_depth(detect: Any, tmp_path: Path) -> None:
    (tmp_path / ".hubaction.yml").write_text("pixels: off\n")
    assert "pixels = off" in str(detect.check("default").not_run)


# --- the cache --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("in_folder", [False, True], ids=["zip", "folder"])
def test_cached_and_cold_reports_are_the_same(
    make: Any, draw: Any, task: str, in_folder: bool, tmp_path: Path, decodes: Any
) -> None:
    maker = spoilt(make(task), draw)
    path = maker.folder() if in_folder else maker.zip()
    plain = maker.check("default", path=path)
    decodes()
    cold = maker.check("default", path=path, cache_dir=tmp_path / "cache")
    read = decodes()
    warm = maker.check("default", path=path, cache_dir=tmp_path / "cache")
    assert (read > 10, decodes()) == (True, 0)
    assert comparable(plain) == comparable(cold) == comparable(warm)
    assert len(cold.findings) > 5


def test_zip_and_folder_and_any_number_of_workers_share_a_cache(
    detect: Any, draw: Any, tmp_path: Path, decodes: Any
) -> None:
    maker = spoilt(detect, draw, images=300)
    options = CheckOptions(maker.zip(), "detect", cache_dir=tmp_path / "cache", workers=3)
    cold = comparable(check(options))
    assert decodes() > 300
    for path in (options.path, maker.folder()):
        for workers in (1, 2, 3):
            assert comparable(check(dataclasses.replace(options, path=path, workers=workers))) == cold
    assert decodes() == 0


def test_only_changed_images_are_decoded(detect: Any, draw: Any, tmp_path: Path, decodes: Any) -> None:
    for index in range(400):
        detect.pair(f"train/{index:03}.jpg", seed=index)
    first = CheckOptions(detect.zip(), "detect", cache_dir=tmp_path / "cache", workers=2)
    check(first)
    decodes()
    for index in range(0, 400, 100):
        detect.image(draw("JPEG", (50, 40), index), f"train/{index:03}.jpg")
    detect.image(detect.files["images/train/001.jpg"], "train/moved.jpg")
    changed = detect.zip("changed.zip")
    warm = check(dataclasses.replace(first, path=changed))
    assert decodes() == 4
    assert comparable(warm) == comparable(check(CheckOptions(changed, "detect")))


def test_damage_of_a_zip_is_found_though_its_directory_says_what_it_said(
    detect: Any, draw: Any, tmp_path: Path
) -> None:
    detect.method = 0
    path = detect.image(draw("JPEG", (64, 48), 8)).zip()
    options = CheckOptions(path, "detect", cache_dir=tmp_path / "cache")
    assert not [one for one in check(options).findings if one.rule == "A106"]
    data = bytearray(path.read_bytes())
    at = data.index(draw("JPEG", (64, 48), 8)) + 300
    data[at] ^= 1
    path.write_bytes(data)
    assert [one.place.path for one in check(options).findings if one.rule == "A106"] == ["images/train/a.jpg"]


def test_a_wrong_checksum_in_the_directory_is_found_though_the_bytes_are_known(detect: Any, tmp_path: Path) -> None:
    options = CheckOptions(detect.zip(), "detect", cache_dir=tmp_path / "cache")
    check(options)
    wrong = detect.set_field("images/train/a.jpg", "crc", 7).zip("wrong.zip")
    for _ in range(2):
        found = check(dataclasses.replace(options, path=wrong)).findings
        assert [one.place.path for one in found if one.rule == "A106"] == ["images/train/a.jpg"]


def test_a_damaged_cache_costs_a_remark_and_nothing_else(detect: Any, tmp_path: Path) -> None:
    options = CheckOptions(detect.zip(), "detect", cache_dir=tmp_path / "cache")
    cold = check(options)
    file = tmp_path / "cache" / CACHE_FILE
    file.write_bytes(file.read_bytes()[:-5])
    again = check(options)
    assert again.remarks == ("the cache was not used: it is damaged; a new one takes its place",)
    assert comparable(dataclasses.replace(again, remarks=())) == comparable(cold)
    assert check(options).remarks == ()


@pytest.mark.parametrize("pixels", ["off", "header"])
def test_without_pixels_there_is_no_cache(detect: Any, tmp_path: Path, pixels: str) -> None:
    detect.check("default", pixels=pixels, cache_dir=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("inside", [".", "cache", "images/train", "hub-action-report", "link"])
@pytest.mark.parametrize("by_yaml", [False, True])
def test_a_cache_in_the_dataset_is_refused(detect: Any, tmp_path: Path, inside: str, by_yaml: bool) -> None:
    folder = detect.folder()
    place = folder / inside
    if inside == "link":
        place = tmp_path / "link"
        place.symlink_to(folder / "images")
    with pytest.raises(UsageError, match="lies in the dataset, whose author could write it"):
        detect.check("default", path=folder / "data.yaml" if by_yaml else folder, cache_dir=place)


def test_a_cache_beside_the_dataset_is_taken(detect: Any, tmp_path: Path) -> None:
    detect.check("default", path=detect.folder(), cache_dir=tmp_path / "set-cache")
    assert (tmp_path / "set-cache" / CACHE_FILE).is_file()
