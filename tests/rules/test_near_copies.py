"""What is said of pictures that look the same: how grave, where, with which numbers, and what was not looked at."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from looking import look
from PIL import Image, ImageOps
from plants.splits import TRAIN, copied, saved_anew
from sets import Files, picture, row, sound
from test_plants import write

from hubaction.dataset import hash_search, pixels
from hubaction.dataset.dataset import Reading, read_dataset
from hubaction.dataset.limits import Depth
from hubaction.dataset.near_copies import Group, Link, Picture
from hubaction.dataset.pixels import Fingerprint
from hubaction.dataset.source import open_source
from hubaction.report.finding import Fact
from hubaction.rules.near_copies import _shown
from hubaction.rules.view import View

COPY = "images/val/zzzpic.jpg"


def seen(folder: Path, *changes: Callable[[Files], None], task: str = "detect", **size: int) -> View:
    files = sound(task, **size)
    for change in changes:
        change(files)
    return View(read_dataset(open_source(write(files, folder)), task, Reading(workers=1, depth=Depth.DECODE)))


def facts(rule: str, view: View, options: Mapping[str, float] | None = None) -> list[Fact]:
    return list(look(rule, view, options).facts)


def test_the_finding_stands_at_val_and_names_the_file_in_train(tmp_path: Path) -> None:
    (fact,) = facts("V802", seen(tmp_path, saved_anew(TRAIN, COPY)))
    assert (fact.place.path, fact.place.split, fact.key) == (COPY, "val", TRAIN)
    assert fact.message.startswith(f"nearly the same picture as {TRAIN} (99 % alike, ")
    assert "such copies are 1 of the 4 images of val (25.0%)" in fact.message


def test_it_stands_at_val_whichever_name_comes_first(tmp_path: Path) -> None:
    (fact,) = facts("V802", seen(tmp_path, saved_anew("images/val/aakpic.jpg", "images/train/zzzpic.jpg")))
    assert (fact.place.path, fact.key) == ("images/val/aakpic.jpg", "images/train/zzzpic.jpg")


@pytest.mark.parametrize(("share", "level"), [(0.2, "error"), (0.25, "warning")])
def test_the_share_of_val_decides_how_grave_it_is(share: float, level: str, tmp_path: Path) -> None:
    (fact,) = facts("V802", seen(tmp_path, saved_anew(TRAIN, COPY)), {"share": share})
    assert fact.weight.level.word == level


def test_several_copies_are_one_finding(tmp_path: Path) -> None:
    more = [saved_anew(TRAIN, "images/val/zzypic.jpg", cut=0.008), saved_anew(TRAIN, "images/train/zzzpic.jpg")]
    (fact,) = facts("V802", seen(tmp_path, saved_anew(TRAIN, COPY), *more))
    assert "one of a group (train 2, val 2)" in fact.message
    assert "2 of the 5 images of val (40.0%)" in fact.message


def test_equal_bytes_are_compared_once_and_counted_each(tmp_path: Path) -> None:
    (fact,) = facts("V802", seen(tmp_path, saved_anew(TRAIN, COPY), copied(COPY, "images/val/zzypic.jpg")))
    assert "one of a group" not in fact.message
    assert "2 of the 5 images of val (40.0%)" in fact.message


def test_a_group_without_train_stands_at_val(tmp_path: Path) -> None:
    def tested(files: Files) -> None:
        files["data.yaml"] += b"test: images/test\n"

    (fact,) = facts("V802", seen(tmp_path, tested, saved_anew("images/val/aakpic.jpg", "images/test/aaapic.jpg")))
    assert (fact.place.path, fact.key) == ("images/val/aakpic.jpg", "images/test/aaapic.jpg")


def test_train_is_named_before_a_picture_that_is_more_alike(tmp_path: Path) -> None:
    def tested(files: Files) -> None:
        files["data.yaml"] += b"test: images/test\n"

    changes = saved_anew(TRAIN, COPY, cut=0.008), saved_anew(COPY, "images/test/aaapic.jpg")
    (fact,) = facts("V802", seen(tmp_path, tested, *changes))
    assert fact.place.path == COPY
    assert fact.message.startswith(f"nearly the same picture as {TRAIN}")


def test_the_link_shown_leads_from_val_to_train() -> None:
    val, test, train = (Picture(f"{split}/a", split, Fingerprint(0, b"")) for split in ("val", "test", "train"))
    links = (Link(test, val, 0, 1.0, False), Link(train, val, 5, 0.98, False))
    assert _shown(Group(links)) == Link(val, train, 5, 0.98, False)
    assert _shown(Group(links[:1])) == Link(val, test, 0, 1.0, False)


def test_thresholds_can_be_set(tmp_path: Path) -> None:
    view = seen(tmp_path, saved_anew(TRAIN, COPY, cut=0.025))
    assert [fact.weight.level.word for fact in facts("V802", view)] == ["note"]
    assert facts("V802", view, {"scene_correlation": 1.0}) == []
    wide = {"bits": 10, "correlation": 0.9}
    assert [fact.weight.level.word for fact in facts("V802", view, wide)] == ["error"]


@pytest.mark.parametrize("bits", [-5, -1, 1000])
def test_senseless_distances_are_taken_for_the_nearest(bits: int, tmp_path: Path) -> None:
    result = look("V802", seen(tmp_path), {"bits": bits, "scene_bits": bits})
    assert (result.status.value, result.reason) == ("passed", "")


def test_mirrored_copies_are_found_when_asked_for(tmp_path: Path) -> None:
    def mirrored(files: Files) -> None:
        out = io.BytesIO()
        ImageOps.mirror(Image.open(io.BytesIO(files[TRAIN]))).save(out, "JPEG")
        files[COPY], files["labels/val/zzzpic.txt"] = out.getvalue(), files["labels/train/aaapic.txt"]

    view = seen(tmp_path, mirrored)
    assert facts("V802", view) == []
    (fact,) = facts("V802", view, {"mirrored": 1})
    assert "mirrored or turned" in fact.message


def test_images_that_were_not_decoded_are_said_to_be_so(tmp_path: Path) -> None:
    files = sound("detect")
    folder = write(files, tmp_path)
    view = View(read_dataset(open_source(folder), "detect", Reading(workers=1, depth=Depth.HEADER)))
    assert look("V802", view).status.value == "not run"
    assert look("V805", view).status.value == "passed"


def test_images_that_are_too_large_to_decode_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def large(files: Files) -> None:
        files["images/train/zzzpic.png"] = picture(77, format="PNG")

    monkeypatch.setattr(pixels, "MAX_PIXELS", 1000)
    assert look("V802", seen(tmp_path, large)).reason == "images that were not decoded: 1"


def test_crowds_are_said_to_be_compared_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hash_search, "_ENOUGH", 1)
    view = seen(tmp_path, saved_anew(TRAIN, COPY))
    assert look("V802", view).reason == "images that look like dozens of others and were compared in part: 2"
    assert look("V805", view).reason == look("V802", view).reason


def test_damaged_images_are_left_out(tmp_path: Path) -> None:
    def damaged(files: Files) -> None:
        data = bytearray(files[COPY])
        data[-60:-20] = bytes(40)
        files[COPY] = bytes(data)

    view = seen(tmp_path, saved_anew(TRAIN, COPY), damaged)
    assert facts("V803", view) == facts("V802", view) == []
    assert [fact.place.path for rule in ("I602", "I603") for fact in facts(rule, view)] == [COPY]


def test_copies_in_a_split_are_a_note_with_their_number(tmp_path: Path) -> None:
    change = [
        saved_anew(TRAIN, f"images/train/{name}.jpg", cut=cut) for name, cut in (("zzypic", 0), ("zzzpic", 0.008))
    ]
    (fact,) = facts("V805", seen(tmp_path, *change))
    assert (fact.weight.level.word, fact.place.split) == ("note", "train")
    assert "it counts 3 times" in fact.message
    assert facts("V802", seen(tmp_path / "again", *change)) == []


@pytest.mark.parametrize(
    ("rows", "differs"),
    [
        (1, True),
        (24, False),
        (25, True),
    ],
)
def test_classes_of_near_copies_are_counted(rows: int, differs: bool, tmp_path: Path) -> None:
    """Places may move, as they do where a tool rounds them: the rows are those of another image."""
    text = "".join(row("detect", 5, at % 24) + "\n" for at in range(rows))
    found = facts("V806", seen(tmp_path, saved_anew(TRAIN, COPY, rows=text)))
    assert [fact.weight.level.word for fact in found] == (["note"] if differs else [])
