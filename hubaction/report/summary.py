"""The job summary: GitHub Markdown, within the runner's size limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hubaction.report.annotations import PER_LEVEL
from hubaction.report.escape import markdown, markdown_code
from hubaction.report.finding import Finding, Severity
from hubaction.report.mermaid import LabelledCount, bar_chart
from hubaction.report.model import Report, amount, count, coverage, headline

BUDGET = 1_000_000
"""Bytes. The runner drops the whole summary above 1,048,576 bytes (actions/runner 2.336.0)."""

_NOTE = 2_000  # bytes kept for the note on what was left out
_NAMED = 20  # sections that the note names

_MARKS = {"passed": "✅", "failed": "❌", "unreadable": "❌", "interrupted": "⏹️"}
_LEVELS = {Severity.ERROR: "🔴 error", Severity.WARNING: "🟡 warning", Severity.NOTE: "🔵 note"}
_SHOWN = 20  # findings listed per rule
_CLASSES = 30  # rows of the class table
_BARS = 20  # bars of a chart
_BAR = 20  # characters of the longest bar in a table
_SPLITS = ("split", "images", "kept", "dropped", "without object", "objects")
_ALIGNMENTS = {"l": ":--", "r": "--:"}


class _Section(NamedTuple):
    """A part that is shown whole or not at all; ``name`` is how the note on what was left out calls it."""

    name: str
    text: str


def render_summary(report: Report) -> str:
    """Verdict, splits, rules and their findings (worst first), classes and sizes, what was not looked at.

    Over budget whole sections are left out, those of the worst rules last; the first and the last always stay.
    """
    first, last = _head(report), _coverage(report)
    room = BUDGET - _NOTE - _size(first) - _size(last)
    kept, left_out = [first], []
    for name, text in _sections(report):
        if _size(text) > room:
            left_out.append(name)
        else:
            kept.append(text)
            room -= _size(text)
    return "\n".join([*kept, *_note(left_out), last])


def _sections(report: Report) -> Iterator[_Section]:
    yield from _splits(report)
    groups = report.by_rule()
    if groups:
        yield _Section("the table of rules", _rules(report, groups))
    yield from (_Section(rule, _rule(report, rule, found)) for rule, found in groups.items())
    yield from _classes(report)
    yield from _sizes(report)


def _size(text: str) -> int:
    """Bytes of a part with the line end after it. A lone surrogate is written as an escape of six."""
    return len(text.encode("utf-8", "backslashreplace")) + 1


def _note(left_out: list[str]) -> list[str]:
    if not left_out:
        return []
    more = f" and {len(left_out) - _NAMED:,} more" if len(left_out) > _NAMED else ""
    names = ", ".join(left_out[:_NAMED])
    what = f"{count(len(left_out), 'section')} left out, since a job summary holds 1 MiB: {names}{more}"
    return [f"_{what}. The JSON report has everything._\n"]


def _head(report: Report) -> str:
    lines = [f"## {_MARKS[report.verdict]} Dataset check: {markdown_code(report.path)}", "", f"**{headline(report)}**"]
    if report.task_reason:
        lines.append(f"\nTask {report.task} inferred: {markdown(report.task_reason)}.")
    return "\n".join(lines) + "\n"


def _splits(report: Report) -> Iterator[_Section]:
    rows = []
    for name, split in report.splits.items():
        if split:
            numbers = (split.images, split.kept, split.images - split.kept, split.unlabelled, split.instances)
            rows.append([markdown(name), *(f"{number:,}" for number in numbers)])
    if rows:
        yield _Section("splits", _table("lrrrrr", _SPLITS, rows))


def _rules(report: Report, groups: dict[str, list[Finding]]) -> str:
    rows = [
        [_LEVELS[found[0].severity], f"{text.id} {text.name}", f"{report.outcome(text.id).found:,}", text.fix]
        for text, found in ((report.rules[rule], found) for rule, found in groups.items())
    ]
    few = [
        f"{PER_LEVEL} of {count(report.counts[severity], severity.word)}"
        for severity in sorted(Severity, reverse=True)
        if report.counts.get(severity, 0) > PER_LEVEL
    ]
    note = f"\nAnnotations show {', '.join(few)}, one of each rule first.\n" if few else ""
    return f"### Findings\n\n{_table('llrl', ('level', 'rule', 'findings', 'what to do'), rows)}{note}"


def _rule(report: Report, rule: str, findings: list[Finding]) -> str:
    text = report.rules[rule]
    outcome = report.outcome(rule)
    open_ = " open" if findings[0].severity is Severity.ERROR and outcome.found <= 5 else ""
    title = f"{_LEVELS[findings[0].severity]} <b>{rule} {text.name}</b>: {amount(outcome, len(findings))}"
    rows = [[markdown_code(str(finding.place)), markdown(finding.message)] for finding in findings[:_SHOWN]]
    if outcome.found > _SHOWN:
        rows.append(["…", f"{outcome.found - _SHOWN:,} more; the JSON report lists {len(findings):,}"])
    return _details(title, f"{text.what} {text.why}\n\n{_table('ll', ('where', 'what'), rows)}", open_)


def _classes(report: Report) -> Iterator[_Section]:
    """Objects per class, the most frequent first."""
    splits = {name: split for name, split in report.splits.items() if split and split.per_class}
    totals = [sum(column) for column in zip(*(split.per_class for split in splits.values()), strict=False)]
    if not any(totals):
        return
    order = sorted(range(len(totals)), key=lambda index: (-totals[index], index))[:_CLASSES]
    rows = [
        [
            str(index),
            markdown(_class_name(report, index)),
            f"{totals[index]:,}",
            *(f"{split.per_class[index]:,}" for split in splits.values()),
            _bar(totals[index], totals[order[0]]),
        ]
        for index in order
    ]
    more = f"\n{len(totals) - _CLASSES:,} more classes.\n" if len(totals) > _CLASSES else ""
    table = _table(f"rlr{'r' * len(splits)}l", ("index", "class", "objects", *map(markdown, splits), ""), rows)
    bars = [LabelledCount(index, _class_name(report, index), totals[index]) for index in order[:_BARS]]
    title = f"Objects per class ({len(totals):,} classes)"
    yield _Section("classes", _charted("Classes", title, "objects", bars, table + more))


def _class_name(report: Report, index: int) -> str:
    return report.names[index] if index < len(report.names) else f"class {index}"


def _sizes(report: Report) -> Iterator[_Section]:
    """How large objects are, where the report has counted it."""
    sizes = report.charts.object_sizes if report.charts else ()
    most = max((bar.count for bar in sizes), default=0)
    if not most:
        return
    bars = [LabelledCount(number, bar.label, bar.count) for number, bar in enumerate(sizes)]
    rows = [[markdown(bar.label), f"{bar.count:,}", _bar(bar.count, most)] for bar in sizes]
    table = _table("lrl", ("side", "objects", ""), rows)
    title = "Objects per size: side of a square of the same area in percent of the image's, also in dropped images"
    yield _Section("sizes", _charted("Sizes", title, "objects", bars, table))


def _charted(heading: str, title: str, unit: str, bars: list[LabelledCount], table: str) -> str:
    """A chart and its table. The chart stands outside the folded part: GitHub draws none that is hidden at first."""
    chart = f"{bar_chart(unit, bars)}\n\n" if len(bars) > 1 else ""
    return f"### {heading}\n\n{chart}{_details(title, table)}"


def _coverage(report: Report) -> str:
    lines = [f"_{markdown(line[:1].upper() + line[1:])}._" for line in coverage(report)]
    lines.append(f"_hub-action {report.version}, {count(report.files, 'file')} in {report.seconds:.1f} s._")
    return "\n\n".join(lines) + "\n"


def _bar(number: int, most: int) -> str:
    return "█" * max(1, round(_BAR * number / most)) if number else ""


def _details(title: str, text: str, open_: str = "") -> str:
    """A folded part; without the blank lines GitHub would take what is inside for HTML."""
    return f"<details{open_}><summary>{title}</summary>\n\n{text}\n</details>\n"


def _table(alignments: str, titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """``alignments`` has a letter for each column: l for text, r for numbers."""
    lines = [titles, (_ALIGNMENTS[letter] for letter in alignments), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
