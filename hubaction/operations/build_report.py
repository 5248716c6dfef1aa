"""A dataset and its verdict as the report that renderers show."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection, Iterable

from hubaction._version import __version__
from hubaction.dataset.classify import ClassSplit
from hubaction.dataset.dataset import Dataset
from hubaction.dataset.labels import token_column
from hubaction.dataset.source import DatasetSource, Reader, ReadError
from hubaction.dataset.statistics import split_totals, statistics
from hubaction.policy.baseline import stale_remark
from hubaction.policy.policy import Policy
from hubaction.policy.tolerance import Extent
from hubaction.policy.verdict import Judged, Verdict
from hubaction.report.finding import Finding
from hubaction.report.model import Report, RuleOutcome, RuleText, SplitSummary, count
from hubaction.rules import RULES
from hubaction.rules.view import View

_LEFT_OUT = {"off": "checksums, headers and pixels", "header": "the pixels"}


def extent_of(dataset: Dataset, view: View) -> Extent:
    """Images, objects (for classify, images) and whether the set is small."""
    images = len(view.distinct_images)
    rows = sum(len(files.table.lines) for files in dataset.read.values())
    return Extent(images, images if dataset.task == "classify" else rows, view.is_small)


def build_report(dataset: Dataset, verdict: Verdict, policy: Policy, remarks: Iterable[str] = ()) -> Report:
    """The report, but for how the dataset is named, the time it took and how the task was inferred."""
    findings = _with_columns(dataset.source, verdict.findings)
    return Report(
        version=__version__,
        path=str(dataset.source.path),
        location=dataset.source.path.as_posix(),
        is_archive=dataset.source.is_archive,
        task=dataset.task,
        task_reason="",
        profile=policy.profile.name,
        fail_on=policy.fail_on.value,
        verdict=verdict.word,
        exit_code=verdict.exit_code,
        findings=findings,
        rules=_texts({finding.rule for finding in findings}),
        names=tuple(dataset.names),
        splits={name: _summary(dataset, name) for name in ("train", "val", "test")},
        not_run=_not_looked_at(dataset, policy),
        files=len(dataset.source.files),
        bytes=sum(member.size for member in dataset.source.files.values()),
        seconds=0.0,
        make_stats=functools.partial(statistics, dataset),
        rules_run=_outcomes(verdict.rules),
        remarks=tuple(filter(None, [*dataset.remarks, *remarks, stale_remark(verdict.stale)])),
        data_yaml=dataset.data.path if dataset.data else "",
    )


def _not_looked_at(dataset: Dataset, policy: Policy) -> tuple[str, ...]:
    """What the setting ``pixels`` left out."""
    images = len({image for files in dataset.read.values() for image in files.images})
    if not images or policy.pixels not in _LEFT_OUT:
        return ()
    return (f"{_LEFT_OUT[policy.pixels]} of {count(images, 'image')} (pixels = {policy.pixels})",)


def _texts(fired: Collection[str]) -> dict[str, RuleText]:
    return {rule.id: RuleText(rule.id, rule.name, rule.what, rule.why, rule.fix) for rule in RULES if rule.id in fired}


def _outcomes(judged: Iterable[Judged]) -> dict[str, RuleOutcome]:
    names = {rule.id: rule.name for rule in RULES}
    return {
        one.rule: RuleOutcome(
            one.rule,
            names[one.rule],
            one.status.value,
            dict(one.counts),
            one.files,
            one.reason,
            one.known,
            one.ignored,
            one.failing if one.tolerated else 0,
            one.lowered,
        )
        for one in judged
    }


def _with_columns(source: DatasetSource, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings with the columns of the numbers to blame, which only the text can tell."""
    if all(finding.place.token is None for finding in findings):
        return findings
    with source.open() as reader:
        return tuple(_with_column(source, reader, finding) for finding in findings)


def _with_column(source: DatasetSource, reader: Reader, finding: Finding) -> Finding:
    place = finding.place
    if place.token is None or place.line is None:
        return finding
    try:
        column = token_column(reader.read(source.files[place.path]), place.line, place.token)
    except (ReadError, IndexError):
        return finding  # the file has changed since it was read; the line alone has to do
    return dataclasses.replace(finding, place=dataclasses.replace(place, column=column))


def _summary(dataset: Dataset, name: str) -> SplitSummary | None:
    split = dataset.splits.get(name)
    if split is None:
        return None
    totals = split_totals(dataset, split)
    images, instances = totals["image_stats"], totals["instance_stats"]
    listed = sum(split.counts) if isinstance(split, ClassSplit) else len(split.images)
    return SplitSummary(
        listed, images["total"], images["unlabelled"], instances["total"], tuple(instances["per_class"])
    )
