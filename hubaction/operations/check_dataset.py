"""The dataset gate: read, judge, report."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hubaction.dataset.cache import CACHE_FILE
from hubaction.dataset.dataset import Dataset, Reading, read_dataset
from hubaction.dataset.datayaml import Loader
from hubaction.dataset.infer import infer_task
from hubaction.dataset.limits import Depth, Limits
from hubaction.dataset.scan import Progress
from hubaction.dataset.source import DatasetSource, is_data_yaml, open_source
from hubaction.dataset.statistics import write_statistics
from hubaction.errors import DatasetError, DatasetUnreadable, UsageError
from hubaction.operations.build_report import build_report, extent_of
from hubaction.operations.interrupted import Reached, interrupted_report
from hubaction.operations.outcome import Context, Outcome
from hubaction.operations.output_file import write_file
from hubaction.operations.report_files import (
    ReportFile,
    files_in,
    refuse_places_in,
    sheet_files,
    write_reports,
    write_sheets,
)
from hubaction.operations.settings import (
    IMAGES,
    parse_fail_on,
    parse_formats,
    parse_images,
    parse_limits,
    parse_workers,
    split_lines,
    split_words,
)
from hubaction.policy.baseline import Baseline, read_baseline
from hubaction.policy.config import Config, find_config, read_config
from hubaction.policy.given import UNSET, Given, Unset
from hubaction.policy.policy import Policy, resolve
from hubaction.policy.verdict import FailOn, Verdict, judge
from hubaction.report.annotations import render_annotations
from hubaction.report.escape import visible
from hubaction.report.finding import Severity
from hubaction.report.model import Report
from hubaction.report.summary import render_summary
from hubaction.rules import RULES
from hubaction.rules.collector import STORED
from hubaction.rules.engine import Selected, run_rules
from hubaction.rules.rule import Need
from hubaction.rules.view import View

_LISTED = 20  # findings in the text of an exception


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What to check and how. What is UNSET comes from the configuration file, else from the profile.

    Attributes:
        path: a zip, a folder or a data.yaml; ``shown_as`` is how reports name it, ``location`` where it lies relative
            to the repository.
        task: detect, segment, pose, obb or classify; None to infer it from the labels.
        reports: report files to write; report_dir: a folder for contact sheets, None for none.
        report_images: images that reports show at most. stats, write_baseline: other files to write; None for none.
        config: the configuration file; UNSET to look for one, None for none.
        select, ignore: ids, names and prefixes of rules.
        baseline: file of known findings.
        pixels: off, header or decode: how deep to look into images.
        cache_dir: folder of the file that remembers what decoding told; None to decode every image.
        workspace: the folder above which no configuration file is looked for.
    """

    path: Path
    task: str | None = None
    profile: str | Unset = UNSET
    fail_on: FailOn | Unset = UNSET
    limits: Limits = field(default_factory=Limits)
    workers: int | None = None
    progress: Progress | None = None
    shown_as: str | None = None
    location: str | None = None
    reports: tuple[ReportFile, ...] = ()
    report_dir: Path | None = None
    report_images: int = IMAGES
    stats: Path | None = None
    config: Path | Unset | None = UNSET
    select: tuple[str, ...] | Unset = UNSET
    ignore: tuple[str, ...] | Unset = UNSET
    baseline: Path | Unset = UNSET
    write_baseline: Path | None = None
    pixels: str | Unset = UNSET
    cache_dir: Path | None = None
    workspace: Path | None = None


def run(inputs: Mapping[str, str], context: Context) -> Outcome:
    """The operation: inputs of the action in, everything that it shows and writes out.

    Raises:
        DatasetUnreadable, UsageError: see ``check``, and inputs that cannot be used.
    """
    options = options_from(inputs, context)
    return outcome_of(checked(options, context), options, context)


def checked(options: CheckOptions, context: Context) -> Report:
    """The check, its progress shown. Raises as ``check`` does."""
    with context.activity("checked", "files") as progress:
        return check_until_stopped(dataclasses.replace(options, progress=progress))


def options_from(inputs: Mapping[str, str], context: Context) -> CheckOptions:
    """The inputs of the action as options. Raises UsageError."""
    path = context.workspace / inputs["dataset_path"]
    folder = context.output_folder(inputs["output_dir"])
    return CheckOptions(
        path,
        task=inputs["task"] or None,
        profile=inputs["profile"] or UNSET,
        fail_on=parse_fail_on(inputs["fail_on"], "The input fail_on") if inputs["fail_on"] else UNSET,
        limits=parse_limits(split_lines(inputs["limits"]), "The input limits"),
        workers=parse_workers(inputs["workers"], "The input workers") if inputs["workers"] else None,
        shown_as=inputs["dataset_path"],
        location=location_of(path, context),
        reports=files_in(folder, parse_formats(inputs["formats"], "The input formats")),
        report_dir=context.output_folder(inputs["report_dir"], "report_dir") if inputs["report_dir"] else None,
        report_images=parse_images(inputs["report_images"], "The input report_images"),
        stats=folder / "stats.json",
        config=context.workspace / inputs["config"] if inputs["config"] else UNSET,
        select=split_words(inputs["select"]),
        ignore=split_words(inputs["ignore"]),
        baseline=context.workspace / inputs["baseline"] if inputs["baseline"] else UNSET,
        pixels=inputs["pixels"] or UNSET,
        cache_dir=context.output_folder(inputs["cache_dir"], "cache_dir") if inputs["cache_dir"] else None,
        workspace=context.workspace,
    )


def location_of(path: Path, context: Context) -> str:
    """Where in the repository the root of a dataset lies."""
    return context.in_repository(path.parent if is_data_yaml(path) else path)


def outcome_of(report: Report, options: CheckOptions, context: Context) -> Outcome:
    """What to show, write and return for a report."""
    from hubaction.report.text import render_text  # rich takes a good part of a small check's time

    files = {f"report_{one.format}": one.path for one in options.reports}
    if options.stats and report.verdict != "interrupted":
        files["stats_file"] = options.stats
    return Outcome(
        exit_code=report.exit_code,
        text=render_text(report, width=160),
        summary=render_summary(report),
        annotations=render_annotations(dataclasses.replace(report, findings=report.new_findings)),
        written=(*files.values(), *sheet_files(report, options.report_dir)),
        outputs=_numbers(report) | {name: context.in_workspace(path) for name, path in files.items()},
    )


def _numbers(report: Report) -> dict[str, str]:
    """Of an interrupted check nothing but that: it has counted nothing."""
    if report.verdict == "interrupted":
        return {"verdict": report.verdict}
    return {
        "verdict": report.verdict,
        "errors": str(report.errors),
        "warnings": str(report.warnings),
        "images": str(report.images),
        "instances": str(report.instances),
        "task": report.task,
    }


def check(options: CheckOptions) -> Report:
    """Check a dataset and write the files that were asked for.

    Raises:
        DatasetUnreadable: nothing lies at the path.
        UsageError: a setting, a configuration file or a baseline that cannot be used; a task that cannot be inferred;
            an output file that is the dataset; a cache that a pull request could bring along with the dataset.
    """
    _check_outputs(options)
    return _examine(options, policy_for(options))


def check_until_stopped(options: CheckOptions) -> Report:
    """Like ``check``, but a signal does not take the report away: it then says how far the check came.

    Raises:
        DatasetUnreadable, UsageError: see ``check``.
        KeyboardInterrupt: a signal before the start, or a second one.
    """
    _check_outputs(options)
    policy = policy_for(options)
    started, reached = time.perf_counter(), Reached(options.progress)
    try:
        return _examine(dataclasses.replace(options, progress=reached), policy)
    except KeyboardInterrupt as stop:
        report = interrupted_report(stop, reached, options.path, policy, time.perf_counter() - started)
        report = _named(report, options, policy)
        write_reports(report, options.reports)
        return report


def _examine(options: CheckOptions, policy: Policy) -> Report:
    started = time.perf_counter()
    selection = policy.selection(RULES)
    baseline = read_baseline(policy.baseline) if policy.baseline and not options.write_baseline else None
    dataset, reason = _read(options, policy, selection)
    view = View(dataset)
    stored = None if policy.baseline or options.write_baseline else STORED
    results = run_rules(view, selection, former=policy.profile.former, stored=stored)
    baseline = Baseline.of(results) if options.write_baseline else baseline
    verdict = judge(results, policy, extent_of(dataset, view), baseline)
    remarks = _write_baseline(options, verdict, baseline)
    report = _named(build_report(dataset, verdict, policy, remarks), options, policy)
    report = dataclasses.replace(report, task_reason=reason, seconds=round(time.perf_counter() - started, 3))
    if options.report_dir or any(one.format == "html" for one in options.reports):
        from hubaction.operations.pictures import with_pictures

        report = with_pictures(report, dataset.source, view, options.report_images)
    _write(options, report, dataset)
    return report


def policy_for(options: CheckOptions) -> Policy:
    """The settings of the caller over those of the configuration file. Raises UsageError."""
    path = find_config(options.path, options.workspace) if isinstance(options.config, Unset) else options.config
    given = Given(
        options.profile,
        options.fail_on,
        options.select,
        options.ignore,
        options.baseline,
        UNSET if options.task is None else options.task,
        options.pixels,
    )
    return resolve(given, read_config(path) if path else Config())


def _read(options: CheckOptions, policy: Policy, selection: list[Selected]) -> tuple[Dataset, str]:
    """The dataset, and how its task was inferred."""
    former = policy.profile.former
    loader = Loader.FORMER if former else Loader.CURRENT
    source = open_source(options.path, options.limits)
    task, reason = (policy.task, "") if policy.task else infer_task_of(source, loader, options.limits)
    cache = options.cache_dir / CACHE_FILE if options.cache_dir else None
    depth = _depth(policy, selection)
    reading = Reading(loader, options.limits, options.workers, options.progress, depth, cache)
    return read_dataset(source, task, reading), reason


def _depth(policy: Policy, selection: list[Selected]) -> Depth:
    """How deep to look into images. Pixels are only decoded for a rule that looks at them.

    Raises:
        UsageError: headers are not to be read, though the profile cannot judge without.
    """
    depth = Depth(policy.pixels)
    if policy.profile.former and depth is Depth.OFF:
        cause = f"The profile {policy.profile.name} judges by the headers of the images, which pixels = off leaves out."
        raise UsageError(cause, "Use another profile, or pixels = header.")
    wanted = not policy.profile.former and any(Need.PIXELS in one.rule.needs for one in selection if not one.disabled)
    return Depth.HEADER if depth is Depth.DECODE and not wanted else depth


def _write_baseline(options: CheckOptions, verdict: Verdict, baseline: Baseline | None) -> list[str]:
    """Write the baseline that was asked for; the lines that the report says about it."""
    if not options.write_baseline or baseline is None:
        return []
    if verdict.exit_code:
        return ["no baseline was written, since the dataset could not be checked completely"]
    write_file(options.write_baseline, lambda file: file.write(baseline.render()))
    return [f"baseline of {sum(baseline.counts.values()):,} findings written to {options.write_baseline}"]


def _write(options: CheckOptions, report: Report, dataset: Dataset) -> None:
    write_reports(report, options.reports)
    write_sheets(report, options.report_dir)
    if options.stats:
        write_file(options.stats, lambda file: write_statistics(dataset, file))


def _named(report: Report, options: CheckOptions, policy: Policy) -> Report:
    """The report with the paths that its readers know."""
    return dataclasses.replace(
        report,
        path=options.shown_as or str(options.path),
        location=options.location or report.location,
        config=_shown(policy.config, options),
    )


def _shown(path: Path | None, options: CheckOptions) -> str:
    """A path as a reader of the report knows it: relative to the workspace where it lies below it."""
    if path is None:
        return ""
    base = options.workspace.absolute() if options.workspace else None
    return path.relative_to(base).as_posix() if base and path.is_relative_to(base) else str(path)


def raise_if_failed(report: Report) -> None:
    """Raise DatasetError, or DatasetUnreadable, listing the worst findings, unless the report passed."""
    if report.exit_code == 0:
        return
    listed = [f"  {f.place}: {f.rule} {f.message}" for f in report.new_findings if f.severity is Severity.ERROR]
    more = [f"  and {len(listed) - _LISTED:,} more, see error.report.findings"] if len(listed) > _LISTED else []
    lines = [f"{report.path} fails the check (task {report.task}, profile {report.profile}):", *listed[:_LISTED], *more]
    kind = DatasetUnreadable if report.verdict == "unreadable" else DatasetError
    raise kind("\n".join(visible(line, most=500) for line in lines), report=report)


def infer_task_of(source: DatasetSource, loader: Loader, limits: Limits) -> tuple[str, str]:
    """The inferred task, or detect for what cannot be read at all: the check then says why."""
    if not source.files:
        return "detect", "there is nothing to infer it from"
    return infer_task(source, loader, limits)


def _check_outputs(options: CheckOptions) -> None:
    others = (options.report_dir, options.stats)
    refuse_places_in(options.path, [*(one.path for one in options.reports), *filter(None, others)])
    if options.cache_dir and options.cache_dir.resolve().is_relative_to(_root_of(options.path)):
        cause = f"The cache {str(options.cache_dir)!r} lies in the dataset, whose author could write it at will."
        raise UsageError(cause, "Choose a folder outside of the dataset.")


def _root_of(dataset: Path) -> Path:
    root = dataset.resolve()
    return root.parent if is_data_yaml(root) else root
