"""The job summary: GitHub Markdown, within the runner's size limit."""

from __future__ import annotations

from hubaction.report.escape import markdown, markdown_code
from hubaction.report.finding import Finding, Severity
from hubaction.report.model import Report, amount, count, coverage, headline

BUDGET = 1_000_000
"""Bytes. The runner drops the whole summary above 1,048,576 bytes (actions/runner 2.336.0)."""

_MARKS = {"passed": "✅", "failed": "❌", "unreadable": "❌"}
_LEVELS = {Severity.ERROR: "🔴 error", Severity.WARNING: "🟡 warning", Severity.NOTE: "🔵 note"}
_SHOWN = 20  # findings listed per rule
_CLASSES = 30  # rows of the class table
_BAR = 20  # characters of the longest bar


def render_summary(report: Report) -> str:
    """Verdict, table of splits, findings by rule (worst first), classes. Whole sections are left out over budget."""
    sections = [_head(report), _splits(report), *_rules(report), _classes(report), _coverage(report)]
    kept, size = [], 0
    left_out = 0
    for section in filter(None, sections):
        size += len(section.encode("utf-8", "replace")) + 1
        if size > BUDGET - 200:
            left_out += 1
        else:
            kept.append(section)
    if left_out:
        kept.append(
            f"_{count(left_out, 'section')} left out: a job summary holds 1 MiB. The JSON report has everything._\n"
        )
    return "\n".join(kept)


def _head(report: Report) -> str:
    lines = [f"## {_MARKS[report.verdict]} Dataset check: {markdown_code(report.path)}", "", f"**{headline(report)}**"]
    if report.task_reason:
        lines.append(f"\nTask {report.task} inferred: {markdown(report.task_reason)}.")
    return "\n".join(lines) + "\n"


def _splits(report: Report) -> str:
    rows = []
    for name, split in report.splits.items():
        if split:
            numbers = (split.images, split.kept, split.images - split.kept, split.unlabelled, split.instances)
            rows.append(f"| {name} | " + " | ".join(f"{number:,}" for number in numbers) + " |")
    if not rows:
        return ""
    head = "| split | images | kept | dropped | without object | objects |\n| :-- | --: | --: | --: | --: | --: |"
    return "\n".join([head, *rows]) + "\n"


def _rules(report: Report) -> list[str]:
    groups = report.by_rule()
    if not groups:
        return []
    rows = [
        f"| {_LEVELS[found[0].severity]} | {text.id} {text.name} | {report.outcome(text.id).found:,} | {text.fix} |"
        for text, found in ((report.rules[rule], found) for rule, found in groups.items())
    ]
    table = (
        "### Findings\n\n| level | rule | findings | what to do |\n| :-- | :-- | --: | :-- |\n" + "\n".join(rows) + "\n"
    )
    return [table, *(_rule(report, rule, found) for rule, found in groups.items())]


def _rule(report: Report, rule: str, findings: list[Finding]) -> str:
    text = report.rules[rule]
    outcome = report.outcome(rule)
    open_ = " open" if findings[0].severity is Severity.ERROR and outcome.found <= 5 else ""
    title = f"{_LEVELS[findings[0].severity]} <b>{rule} {text.name}</b>: {amount(outcome, len(findings))}"
    lines = [f"<details{open_}><summary>{title}</summary>", "", f"{text.what} {text.why}", ""]
    lines += ["| where | what |", "| :-- | :-- |"]
    lines += [f"| {markdown_code(str(f.place))} | {markdown(f.message)} |" for f in findings[:_SHOWN]]
    if len(findings) > _SHOWN:
        lines.append(f"| … | {len(findings) - _SHOWN:,} more in the JSON report |")
    return "\n".join([*lines, "", "</details>", ""])


def _classes(report: Report) -> str:
    """Objects per class with bars, the most frequent first."""
    splits = {name: split for name, split in report.splits.items() if split and split.per_class}
    totals = [sum(column) for column in zip(*(split.per_class for split in splits.values()), strict=False)]
    if not any(totals):
        return ""
    order = sorted(range(len(totals)), key=lambda index: (-totals[index], index))[:_CLASSES]
    head = ["| class | objects | " + " | ".join(splits) + " | |", "| :-- | --: | " + "--: | " * len(splits) + ":-- |"]
    rows = [
        f"| {markdown(_class_name(report, index))} | {totals[index]:,} | "
        + " | ".join(f"{split.per_class[index]:,}" for split in splits.values())
        + f" | {'█' * max(1, round(_BAR * totals[index] / totals[order[0]])) if totals[index] else ''} |"
        for index in order
    ]
    more = [f"\n{len(totals) - _CLASSES:,} more classes."] if len(totals) > _CLASSES else []
    title = f"<details><summary>Objects per class ({len(totals):,} classes)</summary>\n"
    return "\n".join([title, *head, *rows, *more, "", "</details>", ""])


def _class_name(report: Report, index: int) -> str:
    return report.names[index] if index < len(report.names) else f"class {index}"


def _coverage(report: Report) -> str:
    lines = [f"_{markdown(line[:1].upper() + line[1:])}._" for line in coverage(report)]
    lines.append(f"_hub-action {report.version}, {count(report.files, 'file')} in {report.seconds:.1f} s._")
    return "\n\n".join(lines) + "\n"
