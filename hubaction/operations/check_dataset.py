"""The dataset gate: read, judge, report."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hubaction._version import __version__
from hubaction.dataset.classify import ClassSplit
from hubaction.dataset.dataset import TASKS, Dataset, Reading, read_dataset
from hubaction.dataset.datayaml import Loader
from hubaction.dataset.infer import infer_task
from hubaction.dataset.limits import Limits
from hubaction.dataset.scan import Progress
from hubaction.dataset.source import OUTPUT_FOLDER, DatasetSource, is_data_yaml, open_source
from hubaction.dataset.statistics import split_totals, statistics, write_statistics
from hubaction.errors import DatasetError, DatasetUnreadable, UsageError
from hubaction.operations.outcome import Context, Outcome
from hubaction.operations.output_file import write_file
from hubaction.operations.settings import parse_fail_on, parse_limits, parse_workers, split_lines
from hubaction.policy.profiles import PROFILE_NAMES, Profile, profile_named
from hubaction.policy.verdict import FailOn, judge
from hubaction.report.annotations import render_annotations
from hubaction.report.escape import visible
from hubaction.report.finding import Severity
from hubaction.report.json_report import render_json
from hubaction.report.model import Report, RuleText, SplitSummary
from hubaction.report.summary import render_summary
from hubaction.report.text import render_text
from hubaction.rules import RULES
from hubaction.rules.engine import run_rules

_LISTED = 20  # findings in the text of an exception


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What to check and how.

    Attributes:
        path: a zip, a folder or a data.yaml; ``shown_as`` is how reports name it, ``location`` where it lies relative
            to the repository.
        task: detect, segment, pose, obb or classify; None to infer it from the labels.
        report_json, stats: files to write; None for none.
    """

    path: Path
    task: str | None = None
    profile: str = "default"
    fail_on: FailOn = FailOn.ERROR
    limits: Limits = field(default_factory=Limits)
    workers: int | None = None
    progress: Progress | None = None
    shown_as: str | None = None
    location: str | None = None
    report_json: Path | None = None
    stats: Path | None = None


def run(inputs: Mapping[str, str], context: Context) -> Outcome:
    """The operation: inputs of the action in, everything that it shows and writes out.

    Raises:
        DatasetUnreadable, UsageError: see ``check``, and inputs that cannot be used.
    """
    path = context.workspace / inputs["dataset_path"]
    folder = context.output_folder(inputs["output_dir"])
    options = CheckOptions(
        path,
        task=inputs["task"] or None,
        profile=inputs["profile"],
        fail_on=parse_fail_on(inputs["fail_on"], "The input fail_on"),
        limits=parse_limits(split_lines(inputs["limits"]), "The input limits"),
        workers=parse_workers(inputs["workers"], "The input workers") if inputs["workers"] else None,
        progress=context.progress,
        shown_as=inputs["dataset_path"],
        location=context.in_repository(path.parent if is_data_yaml(path) else path),
        report_json=folder / "report.json",
        stats=folder / "stats.json",
    )
    return _outcome(check(options), options, context)


def _outcome(report: Report, options: CheckOptions, context: Context) -> Outcome:
    written = [path for path in (options.report_json, options.stats) if path]
    return Outcome(
        exit_code=report.exit_code,
        text=render_text(report, width=160),
        summary=render_summary(report),
        annotations=render_annotations(report),
        written=written,
        outputs={
            "verdict": report.verdict,
            "errors": str(report.errors),
            "warnings": str(report.warnings),
            "images": str(report.images),
            "instances": str(report.instances),
            "task": report.task,
            "report_json": context.in_workspace(written[0]),
            "stats_file": context.in_workspace(written[1]),
        },
    )


def check(options: CheckOptions) -> Report:
    """Check a dataset and write the files that were asked for.

    Raises:
        DatasetUnreadable: nothing lies at the path.
        UsageError: an unknown task, or one that cannot be inferred; an output file inside the dataset.
    """
    started = time.perf_counter()
    _check_options(options)
    profile = profile_named(options.profile)
    loader = Loader.FORMER if profile.former_loader else Loader.CURRENT
    source = open_source(options.path, options.limits)
    task, reason = (options.task, "") if options.task else infer_task_of(source, loader, options.limits)
    dataset = read_dataset(source, task, Reading(loader, options.limits, options.workers, options.progress))
    report = _report(options, dataset, profile, reason, started)
    if options.report_json:
        write_file(options.report_json, lambda file: file.write(render_json(report)))
    if options.stats:
        write_file(options.stats, lambda file: write_statistics(dataset, file))
    return report


def raise_if_failed(report: Report) -> None:
    """Raise DatasetError, or DatasetUnreadable, listing the worst findings, unless the report passed."""
    if report.exit_code == 0:
        return
    listed = [f"  {f.place}: {f.rule} {f.message}" for f in report.findings if f.severity is Severity.ERROR]
    more = [f"  and {len(listed) - _LISTED:,} more, see error.report.findings"] if len(listed) > _LISTED else []
    lines = [f"{report.path} fails the check (task {report.task}, profile {report.profile}):", *listed[:_LISTED], *more]
    kind = DatasetUnreadable if report.verdict == "unreadable" else DatasetError
    raise kind("\n".join(visible(line, most=500) for line in lines), report=report)


def infer_task_of(source: DatasetSource, loader: Loader, limits: Limits) -> tuple[str, str]:
    """The inferred task, or detect for what cannot be read at all: the check then says why."""
    if not source.files:
        return "detect", "there is nothing to infer it from"
    return infer_task(source, loader, limits)


def _check_options(options: CheckOptions) -> None:
    for kind, given, known in (("task", options.task, TASKS), ("profile", options.profile, PROFILE_NAMES)):
        if given is not None and given not in known:
            raise UsageError(f"There is no {kind} {given!r}.", f"Use one of {', '.join(known)}.")
    for output in (options.report_json, options.stats):
        if output and _is_in_dataset(output.resolve(), options.path):
            cure = f"Write it elsewhere, or into {OUTPUT_FOLDER}/, which no check looks at."
            raise UsageError(f"The output file {str(output)!r} lies in the dataset, which a check never changes.", cure)


def _is_in_dataset(output: Path, dataset: Path) -> bool:
    root = dataset.resolve()
    if is_data_yaml(root):
        root = root.parent
    return output.is_relative_to(root) and not output.is_relative_to(root / OUTPUT_FOLDER)


def _report(options: CheckOptions, dataset: Dataset, profile: Profile, reason: str, started: float) -> Report:
    verdict = judge(run_rules(dataset.task, dataset.defects), profile, options.fail_on)
    fired = {finding.rule for finding in verdict.findings}
    return Report(
        version=__version__,
        path=options.shown_as or str(options.path),
        location=options.location or options.path.as_posix(),
        is_archive=dataset.source.is_archive,
        task=dataset.task,
        task_reason=reason,
        profile=profile.name,
        fail_on=options.fail_on.value,
        verdict=verdict.word,
        exit_code=verdict.exit_code,
        findings=verdict.findings,
        rules={
            rule.id: RuleText(rule.id, rule.name, rule.what, rule.why, rule.fix) for rule in RULES if rule.id in fired
        },
        names=tuple(dataset.names),
        splits={name: _summary(dataset, name) for name in ("train", "val", "test")},
        files=len(dataset.source.files),
        bytes=sum(member.size for member in dataset.source.files.values()),
        seconds=time.perf_counter() - started,
        make_stats=functools.partial(statistics, dataset),
    )


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
