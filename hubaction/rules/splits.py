"""Family V: splits and leakage. The rules about sizes and classes of splits stand in ``balance``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from hubaction.report.finding import Severity
from hubaction.rules import near_copies
from hubaction.rules.near_copies import LIKENESS, alike, report_near_within
from hubaction.rules.rule import Need, Option, Options, Repair, Rule
from hubaction.rules.sequences import neighbours, sequences, source_key, stem_of

if TYPE_CHECKING:
    from hubaction.dataset.near_copies import Group
    from hubaction.rules.collector import Collector
    from hubaction.rules.view import SplitView, View

_JUDGED = ("val", "test")  # splits whose score a copy in train spoils
_LISTED = 3


def _homes(view: View) -> dict[str, str]:
    """The split of each image: the first, where several list it (of which Y210 speaks)."""
    homes: dict[str, str] = {}
    for split in view.splits.values():
        for path in split.images:
            homes.setdefault(path, split.name)
    return homes


def _copies(view: View) -> Iterator[dict[str, list[str]]]:
    """Groups of equal images, by split."""
    homes = _homes(view) if view.copies else {}
    for group in view.copies:
        by_split: dict[str, list[str]] = defaultdict(list)
        for path in group:
            if path in homes:
                by_split[homes[path]].append(path)
        yield by_split


def _some(paths: list[str]) -> str:
    return ", ".join(paths[:_LISTED]) + (f" and {len(paths) - _LISTED:,} more" if len(paths) > _LISTED else "")


def _place(by_split: dict[str, list[str]]) -> tuple[str, str]:
    """(split, path) to show a leak at: where the score is taken."""
    name = next((name for name in _JUDGED if by_split.get(name)), next(iter(by_split)))
    return name, by_split[name][0]


def _copy_across(view: View, _: Options, out: Collector) -> None:
    for by_split in _copies(view):
        if len(by_split) > 1:
            name, path = _place(by_split)
            others = [one for split in by_split for one in by_split[split] if one != path]
            message = (
                f"the same picture, byte for byte, as {_some(others)}: the score on {name} counts what was learned"
            )
            out.add(Severity.ERROR, message, path, split=name, key=" ".join(others))


def _copy_within(view: View, _: Options, out: Collector) -> None:
    for by_split in _copies(view):
        for name, paths in by_split.items():
            if len(paths) > 1:
                message = f"the same picture, byte for byte, as {_some(paths[1:])}: it counts {len(paths)} times"
                out.add(Severity.WARNING, message, paths[0], split=name, key=" ".join(paths[1:]))
    report_near_within(view, out)


def _copy_relabelled(view: View, _: Options, out: Collector) -> None:
    near = [*view.near_copies(LIKENESS).across, *view.near_copies(LIKENESS).within]
    labels = _Labels(view, (one.path for group in near for one in group.pictures))
    for alike_ones in near:
        _report_near_relabelled(labels, alike_ones, out)
    for group in view.copies:
        said = {path: label for path in group if (label := labels.of(path)) is not None}
        if len(set(said.values())) > 1:
            first = group[0] if group[0] in said else next(iter(said))
            other = next(path for path, label in said.items() if label != said[first])
            what = "stands for another class" if view.task == "classify" else "has other objects in its label"
            message = f"the same picture, byte for byte, {what} as {other}: training is told both"
            name = labels.split[first].name
            out.add(Severity.ERROR, message, first, split=name, key=" ".join(p for p in group if p != first))


def _report_near_relabelled(labels: _Labels, group: Group, out: Collector) -> None:
    """A fact for the first two whose classes differ. Places are not compared: tools round them anew, and crops move
    them; nor is it sure that these are the same moment of a video, so only the class of a whole picture is a warning.
    """
    for link in group.links:
        first, other = link.picture, link.partner
        mine, theirs = labels.classes(first.path), labels.classes(other.path)
        if mine is None or theirs is None or mine == theirs:
            continue
        whole = labels.task == "classify"
        what = "stands for another class" if whole else "has other classes, or other numbers of them, in its label"
        message = f"nearly the same picture as {other.path} ({alike(link)}), but {what}"
        level = Severity.WARNING if whole else Severity.NOTE
        out.add(level, message, first.path, split=first.split, key=other.path)
        return


class _Labels:
    """What is said of an image: its class folder, or its rows as a set, rounded to 6 decimals."""

    def __init__(self, view: View, near: Iterable[str]) -> None:
        self.task = view.task
        self.split: dict[str, SplitView] = {}
        self.index: dict[str, int] = {}
        wanted = {path for group in view.copies for path in group}.union(near)
        for split in view.splits.values():
            for index, path in enumerate(split.images if wanted else []):
                if path in wanted and path not in self.split:
                    self.split[path], self.index[path] = split, index
        self.bad = {name: {problem.file for problem in split.problems} for name, split in view.splits.items()}

    def of(self, path: str) -> frozenset[str] | None:
        """None where the image is in no split, or its label cannot be read."""
        if (place := self._place(path)) is None:
            return None
        split, index = place
        if self.task == "classify":
            return frozenset([split.classes[index]])
        return frozenset(split.rows.key(row) for row in self._rows(split, index))

    def classes(self, path: str) -> list[str] | None:
        """The class of each object, sorted, or the class folder; None where ``of`` is."""
        if (place := self._place(path)) is None:
            return None
        split, index = place
        if self.task == "classify":
            return [split.classes[index]]
        return sorted(f"{split.rows.cls[row]:g}" for row in self._rows(split, index))

    def _place(self, path: str) -> tuple[SplitView, int] | None:
        split, index = self.split.get(path), self.index.get(path, 0)
        return None if split is None or index in self.bad[split.name] else (split, index)

    def _rows(self, split: SplitView, index: int) -> range:
        first, stop = np.searchsorted(split.rows.image, [index, index + 1]).tolist()
        return range(first, stop)


def _same_source(view: View, _: Options, out: Collector) -> None:
    groups: dict[tuple[str, str], dict[str, list[str]]] = {}
    homes = _homes(view)
    for split in view.splits.values():
        for path, cls in zip(split.images, split.classes or [""] * len(split.images), strict=True):
            if homes[path] == split.name and ".rf." in path and (key := source_key(stem_of(path))):
                groups.setdefault((cls, key), defaultdict(list))[split.name].append(path)
    for (_cls, key), by_split in groups.items():
        if len(by_split) > 1:
            name, path = _place(by_split)
            others = [one for split, paths in by_split.items() if split != name for one in paths]
            message = (
                f"made of the same picture, {key!r}, as {_some(others)}: the score on {name} counts what was learned"
            )
            out.add(Severity.ERROR, message, path, split=name, key=key)


def _sequence(view: View, options: Options, out: Collector) -> None:
    shared = [one for one in sequences(view) if len(one.images) > 1 and one.count >= options["images"]]
    level = Severity.WARNING if len(shared) >= options["groups"] else Severity.NOTE
    near = {name: sum(neighbours(one, name) for one in shared if one.images.get(name)) for name in _JUDGED}
    for one in shared:
        name, path = _place(one.images)
        counts = ", ".join(f"{split} {len(paths):,}" for split, paths in one.images.items())
        message = f"{one.key!r} looks like one video or scene, and it is cut up among the splits ({counts})"
        if name in near and "train" in one.images:
            total = len(view.splits[name].images)
            message += (
                f"; {neighbours(one, name):,} of these {len(one.images[name]):,} images of {name} have a neighbour in "
                f"train, and so have {near[name] / total:.0%} of all images of {name}"
            )
        out.add(level, message, path, split=name, key=one.key)


RULES: tuple[Rule, ...] = (
    Rule(
        id="V801",
        name="exact-copy-across-splits",
        tasks="dspoc",
        needs=(Need.CROSS,),
        what="The same picture lies in two splits.",
        why="The model is examined on what it was taught, so the score says nothing of new pictures.",
        fix="Keep it in one split only.",
        bad="images/train/a.jpg and images/val/b.jpg with the same bytes",
        good="no two splits share a picture",
        source="Equal SHA-256.",
        check=_copy_across,
    ),
    near_copies.RULE,
    Rule(
        id="V803",
        name="same-source-across-splits",
        tasks="dspoc",
        needs=(Need.LISTING,),
        what="Pictures that Roboflow made of one photo lie in two splits.",
        why="Augmented twins of val's pictures are in train, so the score says nothing of new pictures.",
        fix="Split first and augment afterwards: export a version anew with the split set before augmentation.",
        bad="train/street_jpg.rf.0a1b2c3d.jpg and valid/street_jpg.rf.9f8e7d6c.jpg",
        good="every street_jpg.rf.*.jpg in train",
        source="Roboflow's names: the photo's name, its suffix, .rf. and a hash.",
        check=_same_source,
    ),
    Rule(
        id="V804",
        name="sequence-across-splits",
        tasks="dspoc",
        needs=(Need.LISTING,),
        what="The frames of a video, or the tiles of a scene, are cut up among the splits.",
        why="Neighbouring frames are nearly the same picture, so the score says nothing of new scenes.",
        fix="Put whole videos or scenes into one split.",
        bad="train/clip_000122.jpg and val/clip_000123.jpg",
        good="all of clip_* in train, all of walk_* in val",
        source="Names without frame number, time or tile suffix; many sets number all their pictures in one series.",
        options={
            "images": Option(5, "least number of images of a series"),
            "groups": Option(3, "number of such series from which it is a warning"),
        },
        check=_sequence,
    ),
    Rule(
        id="V805",
        name="copy-in-split",
        tasks="dspoc",
        needs=(Need.CROSS,),
        what="The same picture lies in a split twice. Saved anew it is a note, where pictures are decoded.",
        why="It counts twice, in training and in the score.",
        fix="Delete the copies and their labels.",
        bad="images/train/a.jpg and images/train/a copy.jpg with the same bytes",
        good="every picture once",
        source="Equal SHA-256; nearly the same as for V802.",
        repair=Repair.UNSAFE,
        check=_copy_within,
    ),
    Rule(
        id="V806",
        name="copy-with-other-labels",
        tasks="dspoc",
        needs=(Need.TEXT, Need.CROSS),
        what="The same picture is there twice, with different labels. Saved anew, where pictures are decoded, it is a "
        "warning for class folders and else a note.",
        why="Training is told that both are true, and whatever it answers is counted wrong once.",
        fix="Find out which label is right, and delete the other copy.",
        bad="cat/a.jpg and dog/b.jpg with the same bytes",
        good="copies of a picture have the same objects",
        source="Equal SHA-256; rows are compared as sets, rounded to 6 decimals. Nearly the same as for V802; then "
        "only the classes are compared.",
        check=_copy_relabelled,
    ),
)
