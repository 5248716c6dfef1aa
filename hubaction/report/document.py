"""The report as it stands in a JSON file of version 1. Fields are added here, with a default, and never renamed.

``schema/report-v1.json`` is made of these classes, their types and what they say of their attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from hubaction.report.finding import Consequence, Severity
from hubaction.report.picture import Charts, Gallery
from hubaction.report.typed_json import OneOf, Pattern

SCHEMA = "hubaction/report/1"

_PLAIN = Pattern(r"^[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*$")
"""For the words of the program itself: no character that could act on a terminal or turn the direction of text."""

Plain = Annotated[str, _PLAIN]
RuleId = Annotated[str, Pattern(r"^[A-Z]+[0-9]*$")]
RuleName = Annotated[str, Pattern(r"^[a-z0-9-]*$")]
SplitName = Annotated[str, OneOf("train", "val", "test")]
SeverityWord = Annotated[str, OneOf(*(severity.word for severity in sorted(Severity, reverse=True)))]
ConsequenceWord = Annotated[str, OneOf(*(consequence.name.lower() for consequence in Consequence))]
VerdictWord = Annotated[str, OneOf("passed", "failed", "unreadable", "interrupted")]
TaskWord = Annotated[str, OneOf("detect", "segment", "pose", "obb", "classify", "")]
FailOnWord = Annotated[str, OneOf("error", "warning", "never")]
StatusWord = Annotated[str, OneOf("passed", "findings", "not applicable", "disabled", "not run", "crashed")]


@dataclass(frozen=True, slots=True)
class DatasetPart:
    """What was checked.

    Attributes:
        path: the dataset as it was named.
        is_archive: whether it is a zip, else a folder.
        files: number of its files; of an interrupted check, how many were read.
        bytes: their sizes together; 0 for an interrupted check.
        names: names of the classes, by index.
        location: its path relative to the repository, or an absolute one outside of any.
        data_yaml: path of the data.yaml that was read, relative to the dataset; '' for none.
    """

    path: str
    is_archive: bool
    files: int
    bytes: int
    names: tuple[str, ...]
    location: str
    data_yaml: str = ""


@dataclass(frozen=True, slots=True)
class SplitPart:
    """Counts of one split.

    Attributes:
        images: images listed.
        kept: images that the loader keeps.
        unlabelled: kept images without an object.
        instances: objects that the loader keeps; for classify, images.
        per_class: the same by class index.
    """

    images: int
    kept: int
    unlabelled: int
    instances: int
    per_class: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FindingPart:
    """One finding.

    Attributes:
        rule: id of the rule.
        severity: how it counts for the verdict.
        consequence: what becomes of the data.
        path: the file, relative to the dataset; '' for the dataset as a whole.
        line, column: counted from 1, columns in characters; null where there is none.
        split: train, val or test; null where it belongs to none.
        message: what is wrong, one sentence without its full stop.
        fingerprint: 16 hexadecimal digits that stay the same when the line moves within its file.
        known: the baseline lists it, so it does not count.
    """

    rule: RuleId
    severity: SeverityWord
    consequence: ConsequenceWord
    path: str
    line: int | None
    column: int | None
    split: str | None
    message: str
    fingerprint: Annotated[str, Pattern("^[0-9a-f]*$")]
    known: bool


@dataclass(frozen=True, slots=True)
class RulePart:
    """What a rule that fired has to say.

    Attributes:
        name: its name in kebab case.
        what: what is wrong.
        why: what training would make of it.
        fix: what to do.
    """

    name: RuleName
    what: Plain
    why: Plain
    fix: Plain


@dataclass(frozen=True, slots=True)
class OutcomePart:
    """What became of one rule.

    Attributes:
        name: its name in kebab case.
        status: only passed and findings mean that it has looked at everything or, with a reason, at a part.
        reason: why it did not run, or only in part; '' otherwise.
        errors, warnings, notes: exact number of findings, without known ones; the report holds the first 1,000.
        files: number of paths touched.
        known: findings that the baseline knows.
        ignored: findings on paths that the configuration takes out.
        tolerated: findings that would fail the gate but for the rule's tolerance.
        lowered: whether some weigh less because the set is small.
    """

    name: RuleName
    status: StatusWord
    reason: str
    errors: int
    warnings: int
    notes: int
    files: int
    known: int
    ignored: int
    tolerated: int
    lowered: bool


@dataclass(frozen=True, slots=True)
class Document:
    """The report of hub-action on a dataset.

    Attributes:
        schema: name and version of this shape.
        version: version of hub-action.
        dataset: what was checked.
        task: as given or inferred; '' where an interrupted check had not inferred it yet.
        task_reason: how the task was inferred; '' where it was given.
        profile: how findings were weighed.
        fail_on: lowest severity that fails the gate.
        verdict: interrupted means that a signal ended the check before it judged anything.
        exit_code: 0 passed, 1 failed, 3 unreadable, 5 a bug in hub-action, 130 and 143 interrupted.
        errors, warnings, notes: exact number of findings, without known ones.
        known: findings that the baseline knows.
        tolerated: findings that would fail the gate but for a tolerance.
        splits: counts by split; null for a split without images.
        findings: worst first, at most 1,000 of a rule.
        rules: the rules that fired, by id.
        rules_run: what became of every rule, by id.
        not_run: what was not looked at, and why.
        remarks: what else a reader has to know.
        config: the configuration file that was used; '' for none.
        seconds: duration of the check.
        gallery: pictures of the worst findings, in small; empty where nobody asked for them.
        charts: distributions over the whole dataset; null where nobody asked for them.
    """

    schema: Annotated[str, OneOf(SCHEMA)]
    version: Plain
    dataset: DatasetPart
    task: TaskWord
    task_reason: str
    profile: Plain
    fail_on: FailOnWord
    verdict: VerdictWord
    exit_code: int
    errors: int
    warnings: int
    notes: int
    known: int
    tolerated: int
    splits: Mapping[SplitName, SplitPart | None]
    findings: tuple[FindingPart, ...]
    rules: Mapping[RuleId, RulePart]
    rules_run: Mapping[RuleId, OutcomePart]
    not_run: tuple[str, ...]
    remarks: tuple[str, ...]
    config: str
    seconds: float
    gallery: Gallery = field(default_factory=Gallery)
    charts: Charts | None = None
