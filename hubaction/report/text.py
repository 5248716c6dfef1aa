"""The report for a terminal or a log."""

from __future__ import annotations

import io

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hubaction.report.escape import visible
from hubaction.report.finding import Finding, Severity
from hubaction.report.model import Report, amount, coverage, headline

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_VERDICTS = {
    "passed": ("✓", "bold green"),
    "failed": ("✗", "bold red"),
    "unreadable": ("✗", "bold red"),
    "interrupted": ("✗", "bold red"),
}
_SHOWN = 10  # findings listed per rule; all of them are in the JSON report


def render_text(report: Report, *, width: int = 120, color: bool = False) -> str:
    """Verdict, counts per split, and findings grouped by rule, worst first. ``width`` is in characters."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=color, no_color=not color, highlight=False, markup=False, emoji=False
    )
    mark, style = _VERDICTS[report.verdict]
    console.print(Text(f"{mark} {visible(report.path)}", style="bold"))
    console.print(Text(f"  {headline(report)}", style=style))
    if report.task_reason:
        console.print(Text(f"  task {report.task} inferred: {visible(report.task_reason)}", style="dim"))
    if any(report.splits.values()):
        console.print()
        console.print(Padding(_splits(report), (0, 2)))
    for rule, findings in report.by_rule().items():
        console.print()
        _print_rule(console, report, rule, findings)
    if lines := coverage(report):
        console.print()
    for line in lines:
        console.print(Padding(Text(visible(line, most=2000), style="dim"), (0, 2)))
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def _splits(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("split")
    for title in ("images", "kept", "without object", "objects"):
        table.add_column(title, justify="right")
    for name, split in report.splits.items():
        if split:
            numbers = (split.images, split.kept, split.unlabelled, split.instances)
            table.add_row(name, *(f"{number:,}" for number in numbers))
        elif name != "test":
            table.add_row(name, "none", "", "", "")
    return table


def _print_rule(console: Console, report: Report, rule: str, findings: list[Finding]) -> None:
    text = report.rules[rule]
    worst = findings[0].severity
    title = Text.assemble((f"{worst.word} ", _STYLES[worst]), (f"{rule} {text.name}", "bold"), f"  {text.what}")
    console.print(Padding(title, (0, 2)))
    for finding in findings[:_SHOWN]:
        where = Text(visible(str(finding.place)), style="cyan" if console.is_terminal else "")
        console.print(Padding(Text.assemble(where, "  ", visible(finding.message)), (0, 0, 0, 6)))
    outcome = report.outcome(rule)
    if outcome.found > _SHOWN:
        more = f"and {outcome.found - _SHOWN:,} more: {amount(outcome, len(findings))} in the JSON report"
        console.print(Padding(Text(more, style="dim"), (0, 0, 0, 6)))
    console.print(Padding(Text(f"why: {text.why}", style="dim"), (0, 0, 0, 4)))
    console.print(Padding(Text(f"fix: {text.fix}", style="dim"), (0, 0, 0, 4)))
