"""Family G, the part about size and number: too small, too thin, too many, too much alike."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hubaction.report.finding import Severity
from hubaction.rules.collector import Collector
from hubaction.rules.rule import Need, Option, Options, Rule
from hubaction.rules.view import SplitView, View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.dataset.rows import Rows


_THIN_EFFECTS = ("training leaves it out after augmentation", "such shapes are hard to learn")


def _below_one_pixel(view: View, options: Options, out: Collector) -> None:
    for split in view.splits.values():
        tiny = np.flatnonzero(split.rows.shorter_side < options["pixels"])
        out.add_rows(split, tiny, Severity.WARNING, partial(_pixel_message, split.rows))


@np.errstate(over="ignore", invalid="ignore")
def _pixel_message(rows: Rows, row: int) -> str:
    (width, height), (across, down) = (rows.box[row, 2:] * rows.size[row]).tolist(), rows.size[row].tolist()
    size = f"{width:.2g} x {height:.2g} pixels of {across:.0f} x {down:.0f}"
    return f"{size}: there is no picture of this object; it may be a stray click"


def _too_small(view: View, options: Options, out: Collector) -> None:
    """Objects that G405 reports are left out: what has no pixel needs no second word."""
    levels = ((0.0, options["warning"], Severity.WARNING), (options["warning"], options["note"], Severity.NOTE))
    scaled = {name: _scaled_side(split.rows, options["imgsz"]) for name, split in view.splits.items()}
    totals = np.zeros(len(view.names), dtype=np.int64)
    for split in view.splits.values():
        totals += np.bincount(split.row_class[split.row_class >= 0], minlength=len(totals))
    for least, most, level in levels:
        small = {name: np.flatnonzero((side >= least) & (side < most)) for name, side in scaled.items()}
        _report_by_class(view, small, totals, level, f"below {most:g} pixels at imgsz {options['imgsz']:g}", out)


@np.errstate(over="ignore", invalid="ignore")
def _scaled_side(rows: Rows, imgsz: float) -> NDArray[np.float64]:
    """float64 (m,): shorter side in pixels once the image's longer side is ``imgsz``; NaN for G405's objects."""
    scaled = rows.shorter_side * imgsz / np.maximum(rows.size[:, 0], rows.size[:, 1])
    return np.asarray(np.where(rows.shorter_side < 1, np.nan, scaled))


def _report_by_class(
    view: View,
    small: dict[str, NDArray[np.int64]],
    totals: NDArray[np.int64],
    level: Severity,
    what: str,
    out: Collector,
) -> None:
    """One fact a class, at the first such object."""
    counts = np.zeros(len(totals), dtype=np.int64)
    first: dict[int, tuple[SplitView, int]] = {}
    for name, found in small.items():
        split = view.splits[name]
        rows = found[split.row_class[found] >= 0]
        counts += np.bincount(split.row_class[rows], minlength=len(totals))
        classes, at = np.unique(split.row_class[rows], return_index=True)
        first = {cls: (split, int(rows[k])) for cls, k in zip(classes.tolist(), at.tolist(), strict=True)} | first
    for cls in sorted(first):
        split, row = first[cls]
        share = f"{counts[cls]:,} of {totals[cls]:,} objects ({counts[cls] / totals[cls]:.0%})"
        effect = "training leaves them out" if level is Severity.WARNING else "hardly any detail is left to learn from"
        path, line = split.labels[int(split.rows.image[row])], int(split.rows.line[row])
        message = f"class '{view.names[cls]}': {share} are {what}; {effect}"
        out.add(level, message, path, line=line, split=split.name, key=f"{level.word} {view.names[cls]}")


@np.errstate(over="ignore", invalid="ignore")
def _extreme_shape(view: View, options: Options, out: Collector) -> None:
    for split in view.splits.values():
        rows = split.rows
        ratio, area = _side_ratio(rows), rows.box[:, 2] * rows.box[:, 3]
        thin = ratio > options["ratio_warning"]
        thinnish = ~thin & (ratio > options["ratio_note"])
        vast = ~thin & ~thinnish & (area > options["area"]) & (rows.box[:, 2] > 0) & (rows.highest <= 1.01)
        left_out, hard = (partial(_thin_message, ratio, effect) for effect in _THIN_EFFECTS)
        out.add_rows(split, np.flatnonzero(thin), Severity.WARNING, left_out)
        out.add_rows(split, np.flatnonzero(thinnish), Severity.NOTE, hard)
        out.add_rows(split, np.flatnonzero(vast), Severity.NOTE, partial(_vast_message, area))


@np.errstate(over="ignore", invalid="ignore")
def _side_ratio(rows: Rows) -> NDArray[np.float64]:
    """float64 (m,): longer by shorter side, in pixels; NaN where there is none."""
    longer = np.maximum(rows.box[:, 2] * rows.size[:, 0], rows.box[:, 3] * rows.size[:, 1])
    return np.asarray(longer / rows.shorter_side)


def _thin_message(ratio: NDArray[np.float64], effect: str, row: int) -> str:
    return f"one side is {ratio[row]:.0f} times as long as the other; {effect}"


def _vast_message(area: NDArray[np.float64], row: int) -> str:
    return f"the box covers {area[row]:.0%} of the image; as a tool's default it would teach nothing"


def _crowded(view: View, options: Options, out: Collector) -> None:
    counts = {
        name: np.bincount(split.rows.image[split.rows.usable], minlength=len(split.images))
        for name, split in view.splits.items()
    }
    every = np.concatenate([np.zeros(0), *counts.values()])
    if not len(every):
        return
    mean = every.mean()
    usual = mean + options["sigmas"] * max(every.std(), mean**0.5)
    for name, split in view.splits.items():
        many = (counts[name] > options["objects"]) | ((counts[name] > usual) & (counts[name] >= options["least"]))
        for image in np.flatnonzero(many).tolist():
            count = int(counts[name][image])
            effect = (
                f"by default predictions end at {options['objects']:g}, so recall is capped"
                if count > options["objects"]
                else "are some of them there twice?"
            )
            message = f"{count:,} objects, where the images of the set have {mean:.1f} on average; {effect}"
            out.add(Severity.NOTE, message, split.labels[image], split=split.name, key="crowded")


def _repeated_box(view: View, options: Options, out: Collector) -> None:
    for split in view.splits.values():
        rows = split.rows
        least = max(2, int(options["images"]))
        ordered = np.sort(rows.box_hash[rows.usable])
        often = ordered[least - 1 :][ordered[least - 1 :] == ordered[: max(0, len(ordered) - least + 1)]]
        if len(often):
            _report_repeated(split, often, least, options["share"], out)


def _report_repeated(split: SplitView, often: NDArray[np.uint64], least: int, share: float, out: Collector) -> None:
    """One fact for each box that stands in so many images, at its first row."""
    rows = split.rows
    near = often[np.minimum(np.searchsorted(often, rows.box_hash), len(often) - 1)]
    found = np.flatnonzero((near == rows.box_hash) & rows.usable)
    found = found[np.argsort(rows.box_hash[found], kind="stable")]
    new_box = np.diff(rows.box_hash[found], prepend=~rows.box_hash[found[:1]]) != 0
    new_image = new_box | (np.diff(rows.image[found], prepend=-1) != 0)
    images = np.bincount((np.cumsum(new_box) - 1)[new_image])
    total = len(split.images)
    kept = (images >= least) & (images > share * total)
    for row, count in sorted(zip(found[new_box][kept].tolist(), images[kept].tolist(), strict=True)):
        message = f"the same class and box stand in {count:,} of {total:,} images of '{split.name}'; this is hardly an "
        message += "object that was drawn each time"
        path, line = split.labels[int(rows.image[row])], int(rows.line[row])
        out.add(Severity.WARNING, message, path, line=line, split=split.name, key=rows.key(row))


RULES = (
    Rule(
        id="G405",
        name="below-one-pixel",
        tasks="dspo",
        needs=(Need.TEXT, Need.HEADER),
        what="An object is less than one pixel wide or high.",
        why="There is nothing to see of it; training leaves it out or learns noise.",
        fix="Delete the row, or draw the object again; look for a scale that was applied twice.",
        bad="0 0.5 0.5 0.0005 0.3, in an image of 640 x 480",
        good="0 0.5 0.5 0.05 0.3, in an image of 640 x 480",
        source="Datumaro's NegativeLength; pixels of the image after EXIF orientation.",
        options={"pixels": Option(1, "shorter side that warns, in pixels")},
        check=_below_one_pixel,
    ),
    Rule(
        id="G406",
        name="too-small-at-imgsz",
        tasks="dspo",
        needs=(Need.TEXT, Need.HEADER),
        what="Once the image is scaled to the training size, objects of a class are only a few pixels wide or high.",
        why="Training leaves out boxes below 2 pixels, and the finest grid of the detectors has cells of 8.",
        fix="Train at a larger imgsz, or cut the images into tiles.",
        bad="0 0.5 0.5 0.01 0.01, at imgsz 640",
        good="0 0.5 0.5 0.05 0.05, at imgsz 640",
        source="2: wh_thr of box_candidates. 8: the finest stride. Two rows of dota8 are below 8.",
        options={
            "imgsz": Option(640, "training size, the longer side in pixels"),
            "warning": Option(2, "shorter side that warns, in pixels at imgsz"),
            "note": Option(8, "shorter side that is noted, in pixels at imgsz"),
        },
        check=_too_small,
    ),
    Rule(
        id="G407",
        name="extreme-shape",
        tasks="dso",
        needs=(Need.TEXT, Need.HEADER),
        what="A box is extremely long and thin, or covers the whole image.",
        why="Training leaves out boxes with sides of more than 100 to 1; a box as large as the image tells nothing of "
        "where the object is.",
        fix="Look whether the box was drawn by mistake; delete or redraw it.",
        bad="0 0.5 0.5 0.9 0.002",
        good="0 0.5 0.5 0.9 0.2",
        source="100: ar_thr of box_candidates. 0.9: cvflow.",
        options={
            "ratio_warning": Option(100, "longer by shorter side that warns"),
            "ratio_note": Option(20, "longer by shorter side that is noted"),
            "area": Option(0.9, "area that is noted, as a share of the image"),
        },
        check=_extreme_shape,
    ),
    Rule(
        id="G409",
        name="crowded-image",
        tasks="dspo",
        needs=(Need.TEXT,),
        what="An image has far more objects than the others, or more than predictions can hold.",
        why="Predictions and validation keep 300 objects an image by default, so the rest counts as missed.",
        fix="Raise max_det, cut the image into tiles, or look whether objects are there twice.",
        bad="a.txt with 412 rows",
        good="a.txt with 12 rows",
        source="300: the default of max_det. Mean and 3 sigma: cvflow; sigma counts for no less than that of a Poisson "
        "count, so that one object more in an even set is none too many.",
        options={
            "objects": Option(300, "objects of one image that are noted in any case"),
            "sigmas": Option(3, "standard deviations above the mean of the set that are noted"),
            "least": Option(10, "fewest objects for that"),
        },
        check=_crowded,
    ),
    Rule(
        id="G410",
        name="repeated-identical-box",
        tasks="dspo",
        needs=(Need.TEXT, Need.CROSS),
        what="The same class and box stand in many images of a split.",
        why="Objects do not keep their place to six decimals: these are copies or a tool's default, and a model learns "
        "the place instead of the object.",
        fix="Open some of the images and correct or delete the rows. For a fixed camera, ignore the rule.",
        bad="0 0.5 0.5 1 1 in every file",
        good="0 0.512 0.488 0.31 0.52, in one file",
        source="Ten images and 5 % of a split; boxes equal in 32 bits, polygons by their enclosing boxes.",
        options={
            "images": Option(10, "fewest images with the same box"),
            "share": Option(0.05, "share of the split's images that must be exceeded"),
        },
        check=_repeated_box,
    ),
)
