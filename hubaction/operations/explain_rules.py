"""The rules for people at a terminal: a table of all, or the essay of one."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table

from hubaction.policy.catalogue import Catalogue
from hubaction.rules import RULES
from hubaction.rules.rule import Rule

_TABLE_WIDTH = 200  # characters that the longest line of the table may have where the output is no terminal
_ESSAY_WIDTH = 100


def rules_table(width: int = _TABLE_WIDTH) -> str:
    """Every rule in one line: id, name, tasks, repair, what it finds, and why it does not run yet."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for title in ("rule", "name", "tasks", "fix"):
        table.add_column(title, no_wrap=True)
    table.add_column("finds")
    for rule in RULES:
        later = f" (not yet: {rule.later})" if rule.later else ""
        table.add_row(rule.id, rule.name, rule.tasks, rule.repair.name.lower(), rule.what + later)
    out = io.StringIO()
    Console(file=out, width=width, no_color=True, highlight=False, markup=False, emoji=False).print(table)
    lines = [line.rstrip() for line in out.getvalue().strip("\n").split("\n")]
    legend = "tasks: d detect, s segment, p pose, o obb, c classify. 'hubaction rules ID' tells more about one."
    return "\n".join([*lines, "", legend, ""])


def rule_essay(name: str) -> str:
    """Everything about the rule of that id or name. Raises UsageError with the nearest name."""
    rule = Catalogue().rule(name)
    return "\n".join(_essay(rule)) + "\n"


def _essay(rule: Rule) -> Iterator[str]:
    yield f"{rule.id} {rule.name}"
    yield ""
    yield from _wrapped("", rule.what)
    yield from _wrapped("why: ", rule.why)
    yield from _wrapped("fix: ", rule.fix)
    yield ""
    yield f"tasks:  {', '.join(rule.task_names)}"
    yield f"reads:  {', '.join(need.value for need in rule.needs)}"
    yield f"repair: {rule.repair.value}"
    if rule.later:
        yield from _wrapped("does not run yet: ", rule.later)
    if rule.source:
        yield from _wrapped("source: ", rule.source)
    for name, option in rule.options.items():
        yield from _wrapped(f"option {name} = {option.default:g}: ", option.help)
    for title, example in (("bad", rule.bad), ("good", rule.good)):
        if example:
            yield from ("", f"{title}:", textwrap.indent(example, "    "))


def _wrapped(title: str, text: str) -> list[str]:
    return textwrap.wrap(title + text, _ESSAY_WIDTH, subsequent_indent="  " if title else "")
