"""The pictures of a report: which images to show, and what of them."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hubaction.dataset.source import DatasetSource, Reader, ReadError
from hubaction.dataset.thumbnail import Thumbnail, make_thumbnail, refusal
from hubaction.operations.charts import charts_of
from hubaction.operations.shapes import shapes_of
from hubaction.report.picture import Gallery, Pair, Picture
from hubaction.rules.near_copies import LIKENESS, alike

if TYPE_CHECKING:
    from hubaction.report.finding import Finding
    from hubaction.report.model import Report
    from hubaction.rules.view import SplitView, View

_SHARE_OF_PAIRS = 10  # one pair for so many images that may be shown
_COPY_RULES = frozenset({"V801", "V802", "V805", "V806"})


class _Home(NamedTuple):
    """Where an image stands: its split and its index there."""

    split: SplitView
    at: int

    @property
    def path(self) -> str:
        return self.split.images[self.at]


def with_pictures(report: Report, source: DatasetSource, view: View, most: int) -> Report:
    """The report with its charts, and with at most ``most`` images read again and made small; 0 for none."""
    findings = report.new_findings
    homes = _homes(view, {finding.place.path for finding in findings})
    order = _worst_first(findings, homes)
    alike = list(_alike(view, findings, homes))
    with source.open() as reader:
        album = _Album(source, reader, homes, findings)
        pairs = tuple(
            Pair(album.picture(left), album.picture(right), likeness)
            for left, right, likeness in alike[: most // _SHARE_OF_PAIRS]
        )
        pictures = tuple(album.picture(path) for path in order[: max(0, most - 2 * len(pairs))])
    known = {name: index for index, name in enumerate(view.names)}
    classes = tuple(_class_of(finding, homes, known) for finding in findings)
    gallery = Gallery(pictures, len(order), pairs, len(alike), classes)
    return dataclasses.replace(report, gallery=gallery, charts=charts_of(view))


def _homes(view: View, paths: set[str]) -> dict[str, _Home]:
    """Where the images stand that these paths belong to, by the path of the image and by that of its label."""
    copies = {path for group in view.copies for path in group}.union(_near(view))
    homes: dict[str, _Home] = {}
    for split in view.splits.values():
        for index, (image, label) in enumerate(zip(split.images, split.labels, strict=True)):
            if image in paths or label in paths or image in copies:
                homes.setdefault(image, _Home(split, index))
                if label:
                    homes.setdefault(label, _Home(split, index))
    return homes


def _worst_first(findings: tuple[Finding, ...], homes: dict[str, _Home]) -> list[str]:
    """Paths of the images that have a finding: one for each rule, then by severity, the rules taking turns."""
    seen: Counter[str] = Counter()
    ranked = []
    for number, finding in enumerate(findings):
        if home := homes.get(finding.place.path):
            turn = seen[finding.rule]
            seen[finding.rule] += 1
            ranked.append((turn > 0, -finding.severity, turn, number, home.path))
    return list(dict.fromkeys(path for *_, path in sorted(ranked)))


def _alike(view: View, findings: tuple[Finding, ...], homes: dict[str, _Home]) -> Iterator[tuple[str, str, str]]:
    """(path, path, in words how alike) of the images to show side by side, worst first: the copies and near copies
    that rules have found fault with.
    """
    groups = {path: group for group in view.copies for path in group}
    near = _near(view)
    shown: set[frozenset[str]] = set()
    for finding in findings:
        path = finding.place.path
        if finding.rule not in _COPY_RULES:
            continue
        if path in groups and finding.rule != "V802":
            other, likeness = _twin(finding, groups[path], homes), "the same bytes"
        else:
            other, likeness = near.get(path, ("", ""))
        if other and (pair := frozenset({path, other})) not in shown:
            shown.add(pair)
            yield path, other, likeness


def _near(view: View) -> dict[str, tuple[str, str]]:
    """Of each image that nearly is another one: that which it is most like, and in words how alike."""
    near = view.near_copies(LIKENESS)
    links = [link for group in (*near.across, *near.within, *near.scenes) for link in group.links]
    found: dict[str, tuple[str, str]] = {}
    for link in sorted(links, key=lambda link: link.correlation):
        found[link.picture.path] = link.partner.path, alike(link)
        found[link.partner.path] = link.picture.path, alike(link)
    return found


def _twin(finding: Finding, group: tuple[str, ...], homes: dict[str, _Home]) -> str:
    """The copy that a finding is about: for V805 one in the same split, otherwise rather one in another."""
    same = finding.rule == "V805"
    others = [path for path in group if path != finding.place.path and path in homes]
    others.sort(key=lambda path: (homes[path].split.name == finding.place.split) is not same)
    return others[0] if others else ""


def _class_of(finding: Finding, homes: dict[str, _Home], known: dict[str, int]) -> int:
    """Index of the class that a finding is about: that of its row, or of the image's class folder; -1 for none."""
    home, line = homes.get(finding.place.path), finding.place.line
    if home is None:
        return -1
    if home.split.classes:
        return known.get(home.split.classes[home.at], -1)
    if line is None or finding.place.path == home.path:
        return -1
    rows = home.split.rows
    first, stop = np.searchsorted(rows.image, [home.at, home.at + 1]).tolist()
    row = first + int(np.searchsorted(rows.line[first:stop], line))
    return int(home.split.row_class[row]) if row < stop and rows.line[row] == line else -1


class _Album:
    """Makes pictures, each once."""

    def __init__(
        self, source: DatasetSource, reader: Reader, homes: dict[str, _Home], findings: tuple[Finding, ...]
    ) -> None:
        self._source = source
        self._reader = reader
        self._homes = homes
        self._findings = findings
        self._numbers: defaultdict[str, list[int]] = defaultdict(list)
        for number, finding in enumerate(findings):
            if home := homes.get(finding.place.path):
                self._numbers[home.path].append(number)
        self.picture = functools.cache(self._picture)

    def _picture(self, path: str) -> Picture:
        split, index = self._homes[path]
        facts, label = split.facts[index], split.labels[index]
        numbers = self._numbers[path]
        places = (self._findings[number].place for number in numbers)
        bad = {place.line for place in places if place.line is not None}
        shapes, more = shapes_of(split, index, bad)
        thumbnail = self._thumbnail(split, index)
        turned = facts.orientation >= 5
        return Picture(
            path=path,
            split=split.name,
            width=facts.height if turned else facts.width,
            height=facts.width if turned else facts.height,
            thumbnail=thumbnail.data,
            reason=thumbnail.reason,
            shapes=shapes,
            more=more,
            findings=tuple(numbers),
            label=label,
            caption=split.classes[index] if split.classes else "",
        )

    def _thumbnail(self, split: SplitView, index: int) -> Thumbnail:
        facts, path = split.facts[index], split.images[index]
        if reason := refusal(facts):
            return Thumbnail(reason=reason)
        try:
            data = self._reader.read(self._source.files[path])
        except ReadError as error:
            return Thumbnail(reason=error.reason)
        return make_thumbnail(data, facts.format)
