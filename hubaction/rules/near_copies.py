"""Family V, the part about pictures that look the same though their bytes differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from hubaction.dataset.near_copies import Group, Likeness, Link, NearCopies
from hubaction.report.finding import Severity
from hubaction.rules.rule import Need, Option, Options, Rule

if TYPE_CHECKING:
    from hubaction.rules.collector import Collector
    from hubaction.rules.view import View

LIKENESS = Likeness()

_JUDGED = ("val", "test")  # splits whose score a copy in train spoils


def alike(link: Link) -> str:
    """How sure it is that two pictures are the same, in words."""
    turned = "mirrored or turned, " if link.mirrored else ""
    return f"{turned}{int(link.correlation * 100)} % alike, {link.bits} of 64 bits apart"


def report_near_within(view: View, out: Collector) -> None:
    """A note for each group of near copies in one split."""
    near = view.near_copies(LIKENESS)
    out.not_run = _crowded(near)
    for group in near.within:
        link, times = group.links[0], len(group.pictures)
        message = f"nearly the same picture as {link.partner.path} ({alike(link)}): it counts {times:,} times"
        out.add(Severity.NOTE, message, link.picture.path, split=link.picture.split, key=_others(group, link))


def _near_across(view: View, options: Options, out: Collector) -> None:
    near = view.near_copies(_likeness(options))
    out.not_run = "; ".join(filter(None, [_not_decoded(view), _crowded(near)]))
    affected = _affected(view, near.across)
    for group in near.across:
        _report_copy(view, group, affected, options["share"], out)
    for group in near.scenes:
        _report_scene(group, out)


def _likeness(options: Options) -> Likeness:
    return Likeness(
        bits=int(options["bits"]),
        correlation=options["correlation"],
        scene_bits=int(options["scene_bits"]),
        scene_correlation=options["scene_correlation"],
        mirrored=bool(options["mirrored"]),
    )


def _not_decoded(view: View) -> str:
    skipped = sum(facts.pixels is not None and bool(facts.pixels.skipped) for _, _, facts in view.readable_images)
    return f"images that were not decoded: {skipped:,}" if skipped else ""


def _crowded(near: NearCopies) -> str:
    count = near.unfinished
    return f"images that look like dozens of others and were compared in part: {count:,}" if count else ""


def _affected(view: View, groups: Iterable[Group]) -> Counter[str]:
    """By split, the number of images that have a near copy in another one; of those with equal bytes, all."""
    splits = {one.path: one.split for group in groups for one in group.pictures}
    if splits and view.copies:
        homes = {path: split.name for split, path, _ in view.readable_images}
        for paths in view.copies:
            reached = {splits[path] for path in paths if path in splits}
            splits |= {path: homes[path] for path in paths if homes.get(path) in reached}
    return Counter(splits.values())


def _report_copy(view: View, group: Group, affected: Counter[str], most: float, out: Collector) -> None:
    link = _shown(group)
    name = link.picture.split
    total = len(view.splits[name].images)
    share = affected[name] / total
    message = (
        f"nearly the same picture as {link.partner.path} ({alike(link)}){_size(group)}: the score on {name} counts "
        f"what was learned; such copies are {affected[name]:,} of the {total:,} images of {name} ({share:.1%})"
    )
    level = Severity.ERROR if share > most else Severity.WARNING
    out.add(level, message, link.picture.path, split=name, key=_others(group, link))


def _report_scene(group: Group, out: Collector) -> None:
    link = _shown(group)
    message = (
        f"looks like the scene of {link.partner.path} ({alike(link)}){_size(group)}: a crop of the same photo, or the "
        "next frame of a video"
    )
    out.add(Severity.NOTE, message, link.picture.path, split=link.picture.split, key=_others(group, link))


def _shown(group: Group) -> Link:
    """The link to show a leak by, from where the score is taken to train if there is one: the surest."""
    both = [one for link in group.links for one in (link, link._replace(picture=link.partner, partner=link.picture))]
    return min(both, key=_order)


def _order(link: Link) -> tuple[int, bool, float, str]:
    judged = _JUDGED.index(link.picture.split) if link.picture.split in _JUDGED else len(_JUDGED)
    return judged, link.partner.split != "train", -link.correlation, link.picture.path


def _others(group: Group, link: Link) -> str:
    return " ".join(one.path for one in group.pictures if one.path != link.picture.path)


def _size(group: Group) -> str:
    """How many pictures of which splits, where they are more than two."""
    counts = Counter(one.split for one in group.pictures)
    listed = ", ".join(f"{split} {count:,}" for split, count in sorted(counts.items()))
    return f", one of a group ({listed})" if counts.total() > 2 else ""


RULE = Rule(
    id="V802",
    name="near-copy-across-splits",
    tasks="dspoc",
    needs=(Need.PIXELS, Need.CROSS),
    what="Two splits hold the same picture, saved anew: scaled, compressed otherwise or brightened.",
    why="The model is examined on what it was taught, so the score says nothing of new pictures. What is only the same "
    "scene, cropped or a frame later, is a note.",
    fix="Keep one of the two, in one split; ignore the rule where all pictures are of one kind, such as X-rays.",
    bad="images/train/a.png and images/val/a-small.jpg, the same photo",
    good="no two splits share a photo",
    source="A pHash distance of at most 6 bits nominates, a correlation of 0.97 of the thumbnails confirms; 10 and "
    "0.90 for a scene; measured in benchmarks/near_copies.md. Below 32 pixels or of one shade they are not compared.",
    options={
        "bits": Option(LIKENESS.bits, "pHash distance (0 to 12 bits) up to which two may be the same"),
        "correlation": Option(LIKENESS.correlation, "correlation (0 to 1) of thumbnails from which they are the same"),
        "scene_bits": Option(LIKENESS.scene_bits, "pHash distance (0 to 12 bits) up to which they may be one scene"),
        "scene_correlation": Option(
            LIKENESS.scene_correlation, "correlation (0 to 1) of thumbnails from which they are one scene"
        ),
        "share": Option(0.01, "share (0 to 1) of a split's images with such a copy above which it is an error"),
        "mirrored": Option(0, "1: look for mirrored pictures and those turned by quarters too"),
    },
    check=_near_across,
)
