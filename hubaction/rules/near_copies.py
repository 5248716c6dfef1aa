"""Family V, the part about pictures that look the same though their bytes differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from hubaction.dataset.near_copies import Group, Likeness, Link
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
    for group in view.near_copies(LIKENESS).within:
        link = group.links[0]
        message = f"nearly the same picture as {link.partner.path} ({alike(link)}){_size(group)}: it counts twice"
        out.add(Severity.NOTE, message, link.picture.path, split=link.picture.split, key=_others(group, link))


def _near_across(view: View, options: Options, out: Collector) -> None:
    decoded = sum(facts.pixels is not None and not facts.pixels.skipped for _, _, facts in view.readable_images)
    if decoded < len(view.readable_images):
        out.not_run = f"images that were not decoded: {len(view.readable_images) - decoded:,}"
    likeness = Likeness(
        bits=int(options["bits"]),
        correlation=options["correlation"],
        scene_bits=int(options["scene_bits"]),
        scene_correlation=options["scene_correlation"],
        mirrored=bool(options["mirrored"]),
    )
    near = view.near_copies(likeness)
    if near.unfinished:
        out.not_run = f"images that look like dozens of others and were compared in part: {near.unfinished:,}"
    affected = _affected(near.across)
    for group in near.across:
        _report_copy(view, group, affected, options["share"], out)
    for group in near.scenes:
        _report_scene(group, out)


def _affected(groups: Iterable[Group]) -> Counter[str]:
    """By split, the number of pictures that have a near copy in another one."""
    return Counter(one.split for group in groups for one in group.pictures)


def _report_copy(view: View, group: Group, affected: Counter[str], most: float, out: Collector) -> None:
    link = _shown(group)
    name = link.picture.split
    share = affected[name] / len(view.splits[name].images)
    message = (
        f"nearly the same picture as {link.partner.path} ({alike(link)}){_size(group)}: the score on {name} counts "
        f"what was learned; {affected[name]:,} images of {name} ({share:.1%}) have such a copy in another split"
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


def _order(link: Link) -> tuple[bool, int, bool, float, str]:
    judged = _JUDGED.index(link.picture.split) if link.picture.split in _JUDGED else len(_JUDGED)
    same = link.picture.split == link.partner.split
    return same, judged, link.partner.split != "train", -link.correlation, link.picture.path


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
    "0.90 for a scene; measured in benchmarks/near_copies.md. Pictures below 32 pixels or of one shade are not compared.",
    options={
        "bits": Option(LIKENESS.bits, "pHash distance (0 to 12) up to which two pictures are compared"),
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
