"""Which images a report shows, and what of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hubaction.errors import UsageError
from hubaction.operations import pictures
from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.operations.report_files import ReportFile
from hubaction.operations.settings import MOST_IMAGES, parse_images
from hubaction.operations.shapes import MOST_POINTS, MOST_SHAPES
from hubaction.report.finding import Consequence, Finding, Place, Severity
from hubaction.report.model import Report
from hubaction.report.picture import Picture, ShapeKind
from hubaction.rules.view import View

Look = Callable[..., Report]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """``look(maker, most)``: the report of a check that shows at most so many images."""

    def run(maker: Any, most: int = 60, **options: Any) -> Report:
        html = ReportFile("html", tmp_path / "out" / "report.html")
        return check(
            CheckOptions(
                maker.write(),
                maker.task,
                limits=maker.limits,
                reports=(html,),
                report_images=most,
                workers=1,
                **options,
            )
        )

    return run


def shown(report: Report, path: str) -> Picture:
    return next(picture for picture in report.gallery.pictures if picture.path == path)


def rules_of(report: Report, picture: Picture) -> set[str]:
    return {report.new_findings[number].rule for number in picture.findings}


# --- which ------------------------------------------------------------------------------------------------------------


def test_one_of_each_rule_comes_first_then_the_worst(detect: Any, look: Look) -> None:
    for index in range(6):
        detect.pair(f"train/bad{index}.jpg", "9 .5 .5 .1 .1\n", seed=index)  # an error
        detect.pair(f"train/out{index}.jpg", "0 .95 .5 .3 .2\n", seed=index + 10)  # a warning
    report = look(detect, 5, select=("L306", "G403"))
    assert [rules_of(report, one) for one in report.gallery.pictures] == [{"L306"}, {"G403"}, *[{"L306"}] * 3]
    assert report.gallery.affected == 12


def test_rules_of_a_severity_take_turns(detect: Any, look: Look) -> None:
    for index in range(5):
        detect.pair(f"train/a{index}.jpg", "9 .5 .5 .1 .1\n", seed=index)
        detect.put(f"images/train/z{index}.jpg", b"words").label("0 .5 .5 .1 .1", f"train/z{index}")
    report = look(detect, 6, select=("L306", "I601"))
    assert sorted(next(iter(rules_of(report, one))) for one in report.gallery.pictures) == ["I601"] * 3 + ["L306"] * 3


def test_a_sound_image_is_not_shown(detect: Any, look: Look) -> None:
    report = look(detect.label("9 .5 .5 .1 .1\n"), select=("L306",))
    assert [picture.path for picture in report.gallery.pictures] == ["images/train/a.jpg"]


def test_none_wanted(detect: Any, look: Look) -> None:
    report = look(detect.label("9 .5 .5 .1 .1\n"), 0)
    assert report.gallery.pictures == ()
    assert report.gallery.affected
    assert report.charts


def test_nothing_is_read_again_unless_somebody_looks(detect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "with_pictures", None)
    report = check(CheckOptions(detect.write(), "detect", workers=1))
    assert (report.gallery.pictures, report.charts) == ((), None)


def test_what_the_baseline_knows_is_not_shown(detect: Any, look: Look, tmp_path: Path) -> None:
    detect.label("9 .5 .5 .1 .1\n")
    known = tmp_path / "known.json"
    check(CheckOptions(detect.write(), "detect", write_baseline=known, workers=1))
    report = look(detect, baseline=known)
    assert report.known
    assert report.gallery.pictures == ()


@pytest.mark.parametrize("in_folder", [False, True], ids=["zip", "folder"])
def test_thumbnails_of_zip_and_folder(detect: Any, look: Look, in_folder: bool) -> None:
    detect.in_folder = in_folder
    picture = look(detect.label("9 .5 .5 .1 .1\n"), select=("L306",)).gallery.pictures[0]
    with Image.open(io.BytesIO(picture.thumbnail)) as image:
        assert image.size == (32, 24) == (picture.width, picture.height)


def test_what_the_scan_found_broken_is_not_decoded(
    detect: Any, look: Look, draw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    detect.image(draw(size=(90, 90))[:-200])
    decoded: list[str] = []

    def make(_data: bytes, name: str) -> pictures.Thumbnail:
        decoded.append(name)
        return pictures.Thumbnail(reason="x")

    monkeypatch.setattr(pictures, "make_thumbnail", make)
    picture = shown(look(detect, select=("I602",)), "images/train/a.jpg")
    assert picture.thumbnail == b""
    assert "damaged or cut off" in picture.reason
    assert decoded == []


def test_an_image_that_vanishes_has_a_reason(detect: Any, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    detect.in_folder = True
    detect.label("9 .5 .5 .1 .1\n")
    homes = pictures._homes

    def late(*args: Any) -> Any:
        (detect.home / "set" / "images/train/a.jpg").unlink()
        return homes(*args)

    monkeypatch.setattr(pictures, "_homes", late)
    picture = look(detect, select=("L306",)).gallery.pictures[0]
    assert picture.thumbnail == b""
    assert picture.reason


def test_classes_carry_their_folder_name(classify: Any, look: Look) -> None:
    picture = shown(look(classify.put("train/cat/a.jpg", b"words")), "train/cat/a.jpg")
    assert (picture.caption, picture.label, picture.shapes) == ("cat", "", ())


# --- shapes -----------------------------------------------------------------------------------------------------------


def test_boxes(detect: Any, look: Look) -> None:
    report = look(detect.label("0 .5 .5 .2 .4\n1 .9 .5 .4 .2\n"), select=("G403",))
    good, bad = shown(report, "images/train/a.jpg").shapes
    assert (good.kind, good.points, good.index, good.line, good.bad) == (
        ShapeKind.BOX,
        (0.4, 0.3, 0.6, 0.7),
        0,
        1,
        False,
    )
    assert (bad.points, bad.index, bad.line, bad.bad) == ((0.7, 0.4, 1.08, 0.6), 1, 2, True)
    assert bad.sticks_out
    assert not good.sticks_out


def test_bad_ones_lie_on_top(detect: Any, look: Look) -> None:
    report = look(detect.label("9 .5 .5 .2 .4\n1 .5 .5 .4 .2\n"), select=("L306",))
    assert [(shape.line, shape.bad, shape.index) for shape in shown(report, "images/train/a.jpg").shapes] == [
        (2, False, 1),
        (1, True, -1),
    ]


def test_pixels_are_shown_where_they_were_meant(detect: Any, look: Look) -> None:
    report = look(detect.label("0 16 12 8 6\n"), select=("G401",))
    assert shown(report, "images/train/a.jpg").shapes[0].points == (0.375, 0.375, 0.625, 0.625)


def test_rows_of_too_many_or_too_few_columns(detect: Any, look: Look) -> None:
    report = look(detect.label("0 .5 .5 .2 .4 .9\n0 .5 .5\n0 nan .5 .1 .1\n"), select=("L3",))
    assert [shape.line for shape in shown(report, "images/train/a.jpg").shapes] == [1]


@pytest.mark.parametrize("text", ["0 .5 .5 1e308 -1e308\n", "0 1e300 1e300 .1 .1\n", "1e300 .5 .5 .1 .1\n"])
def test_absurd_numbers_stay_drawable(detect: Any, look: Look, text: str) -> None:
    for shape in shown(look(detect.label(text)), "images/train/a.jpg").shapes:
        assert all(-0.08 <= point <= 1.08 for point in shape.points)


def test_polygons(make: Any, look: Look) -> None:
    maker = make("segment").label("0 .1 .1 .9 .1 1.3 .9\n")
    shape = shown(look(maker), "images/train/a.jpg").shapes[0]
    assert (shape.kind, shape.points) == (ShapeKind.POLYGON, (0.1, 0.1, 0.9, 0.1, 1.08, 0.9))


def test_oriented_boxes(make: Any, look: Look) -> None:
    maker = make("obb").label("0 .1 .1 .9 .1 .9 1.4 .1 .9\n")
    shape = shown(look(maker), "images/train/a.jpg").shapes[0]
    assert (shape.kind, len(shape.points)) == (ShapeKind.ORIENTED, 8)


@pytest.mark.parametrize(("dims", "row"), [(3, "0 .5 .5 .2 .2 .4 .4 3 .6 .6 0\n"), (2, "0 .5 .5 .2 .2 .4 .4 0 0\n")])
def test_keypoints(make: Any, look: Look, dims: int, row: str) -> None:
    maker = make("pose").keys(kpt_shape=[2, dims]).label(row + "9" + row[1:])
    shapes = shown(look(maker), "images/train/a.jpg").shapes
    points = next(one for one in shapes if one.kind is ShapeKind.KEYPOINTS)
    assert [one.kind for one in shapes if one.line == points.line] == [ShapeKind.BOX, ShapeKind.KEYPOINTS]
    assert points.points == (0.4, 0.4), "one that is not there has no place"


def test_shapes_are_bounded_and_bad_ones_kept(detect: Any, look: Look) -> None:
    rows = "".join(f"0 .5 .5 .2 .{index + 100}\n" for index in range(300)) + "9 .5 .5 .1 .1\n"
    picture = shown(look(detect.label(rows), select=("L306",)), "images/train/a.jpg")
    assert len(picture.shapes) == MOST_SHAPES
    assert picture.more == 301 - MOST_SHAPES
    assert picture.shapes[-1].bad


def test_points_are_bounded(make: Any, look: Look) -> None:
    outline = " ".join(f"{index / 5000:.4f} {index % 2 / 2:.1f}" for index in range(5000))
    maker = make("segment").label(f"0 {outline}\n" * 30 + "9 .1 .1 .2 .1 .2 .2\n")
    picture = shown(look(maker, select=("L306",)), "images/train/a.jpg")
    assert sum(len(shape.points) // 2 for shape in picture.shapes) <= MOST_POINTS + 100
    assert picture.shapes[-1].bad
    assert picture.more + len(picture.shapes) == 31


def test_a_turned_image_has_the_size_one_sees(detect: Any, look: Look) -> None:
    exif = Image.Exif()
    exif[274] = 6
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, "JPEG", exif=exif)
    picture = shown(look(detect.image(out.getvalue()).label("9 .5 .5 .1 .1\n")), "images/train/a.jpg")
    assert (picture.width, picture.height) == (20, 40)


# --- classes of findings ----------------------------------------------------------------------------------------------


def test_the_class_of_a_finding_is_that_of_its_row(detect: Any, look: Look) -> None:
    detect.label("0 .5 .5 .1 .1\n\n1 .95 .5 .3 .2\n").put("images/val/c.jpg", b"words")
    report = look(detect, select=("G403", "I601", "L306"))
    found = dict(zip((one.rule for one in report.new_findings), report.gallery.classes, strict=True))
    assert found == {"G403": 1, "I601": -1}


def test_a_line_without_a_row_has_no_class(detect: Any) -> None:
    view = View(detect.label("\n\n1 .5 .5 .1 .1\n").read())
    path = "labels/train/a.txt"
    homes = pictures._homes(view, {path})
    found = [Finding("X1", Severity.NOTE, Consequence.NOTE, Place(path, line), "") for line in (1, 3, 4)]
    assert [pictures._class_of(one, homes, {}) for one in found] == [-1, 1, -1]


def test_the_class_of_a_finding_is_that_of_its_folder(classify: Any, look: Look) -> None:
    report = look(classify.put("train/dog/c.jpg", b"words"), select=("I601",))
    assert report.gallery.classes == (report.names.index("dog"),)


# --- pairs ------------------------------------------------------------------------------------------------------------


def test_copies_across_splits_stand_side_by_side(detect: Any, look: Look) -> None:
    detect.put("images/val/c.jpg", detect.files["images/train/a.jpg"])
    detect.put("images/val/d.jpg", detect.files["images/train/a.jpg"]).put("labels/val/d.txt", "0 .5 .5 .2 .2\n")
    pair = look(detect, select=("V801",)).gallery.pairs[0]
    assert {pair.left.split, pair.right.split} == {"train", "val"}
    assert pair.left.thumbnail == pair.right.thumbnail != b""
    assert pair.likeness == "the same bytes"


def test_copies_within_a_split_stand_side_by_side(detect: Any, look: Look) -> None:
    same = detect.files["images/train/a.jpg"]
    detect.put("images/val/c.jpg", same).put("images/train/z.jpg", same).put("labels/train/z.txt", "0 .5 .5 .2 .2\n")
    pair = look(detect, select=("V805",)).gallery.pairs[0]
    assert (pair.left.path, pair.right.path) == ("images/train/a.jpg", "images/train/z.jpg")


def test_near_copies_stand_side_by_side_and_say_how_alike_they_are(detect: Any, look: Look) -> None:
    photo = Image.effect_noise((8, 6), 200).resize((320, 240), Image.Resampling.BICUBIC)
    for name, quality in (("train/sharp.jpg", 95), ("val/rough.jpg", 40)):
        out = io.BytesIO()
        photo.save(out, "JPEG", quality=quality)
        detect.put(f"images/{name}", out.getvalue()).put(f"labels/{name[:-3]}txt", "0 .5 .5 .2 .2\n")
    (pair,) = look(detect, select=("V802",)).gallery.pairs
    assert (pair.left.path, pair.right.path) == ("images/val/rough.jpg", "images/train/sharp.jpg")
    assert "% alike" in pair.likeness


def test_copies_that_no_rule_minds_are_no_pair(detect: Any, look: Look) -> None:
    detect.put("images/val/c.jpg", detect.files["images/train/a.jpg"])
    assert look(detect, select=("L",)).gallery.pairs == ()


def test_one_pair_for_ten_images(detect: Any, look: Look, draw: Any) -> None:
    for index in range(9):
        for split in ("train", "val"):
            detect.pair(f"{split}/p{index}.jpg", seed=100 + index)
    gallery = look(detect, 30, select=("V801",)).gallery
    assert (len(gallery.pairs), gallery.alike) == (3, 9)
    assert len(gallery.pictures) == 9
    assert look(detect, 9, select=("V801",)).gallery.pairs == ()
    assert len(look(detect, 10, select=("V801",)).gallery.pictures) == 8, "a pair counts for two"
    assert len({frozenset({pair.left.path, pair.right.path}) for pair in gallery.pairs}) == 3


# --- charts -----------------------------------------------------------------------------------------------------------


def test_charts_count_what_is_there(detect: Any, look: Look, draw: Any) -> None:
    detect.drop("labels", "images").image(draw(size=(60, 40)), "train/a.jpg").image(
        draw(size=(60, 40), seed=2), "val/c.jpg"
    )
    detect.image(draw(size=(30, 90), seed=4), "train/e.jpg")
    detect.label("0 0 0 .5 .5\n0 1 0 .005 .005\n0 7 .5 .1 .1\n").label("0 .5 .5 1 1\n", "val/c")
    charts = look(detect).charts
    assert charts is not None
    assert [(bar.label, bar.count) for bar in charts.objects_per_image if bar.count] == [
        ("0", 1),
        ("1", 1),
        ("3 to 5", 1),
    ]
    sizes = {bar.label: bar.count for bar in charts.object_sizes if bar.count}
    assert sizes == {"below 1 %": 1, "10 to 20 %": 1, "50 % and more": 2}
    assert (charts.centres[0][0], charts.centres[0][31], charts.centres[16][16]) == (1, 1, 1)
    assert sum(map(sum, charts.centres)) == 3, "one lies outside"
    assert [(one.width, one.height, one.count) for one in charts.image_sizes] == [(60, 40, 2), (30, 90, 1)]


def test_charts_of_classes_have_no_boxes(classify: Any, look: Look) -> None:
    charts = look(classify).charts
    assert charts is not None
    assert (charts.centres, charts.objects_per_image, charts.object_sizes) == ((), (), ())
    assert sum(one.count for one in charts.image_sizes) == 6


def test_an_empty_dataset_has_charts(detect: Any, look: Look) -> None:
    report = look(detect.drop("images", "labels"))
    assert report.charts is not None
    assert report.charts.image_sizes == ()


# --- settings and files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", str(MOST_IMAGES + 1), "9" * 5000])
def test_no_number_of_pictures(text: str) -> None:
    with pytest.raises(UsageError, match="from 0 to 1,000"):
        parse_images(text, "--report-images")


@pytest.mark.parametrize("text", ["0", "60", str(MOST_IMAGES)])
def test_numbers_of_pictures(text: str) -> None:
    assert parse_images(text, "x") == int(text)


def test_contact_sheets_are_written(detect: Any, tmp_path: Path) -> None:
    detect.label("9 .5 .5 .1 .1\n")
    check(CheckOptions(detect.write(), "detect", report_dir=tmp_path / "sheets", workers=1))
    with Image.open(tmp_path / "sheets" / "contact-sheet-01.png") as sheet:
        assert sheet.format == "PNG"


def test_contact_sheets_never_lie_in_the_dataset(detect: Any) -> None:
    detect.in_folder = True
    path = detect.write()
    with pytest.raises(UsageError, match="lies in the dataset"):
        check(CheckOptions(path, "detect", report_dir=path / "sheets", workers=1))
