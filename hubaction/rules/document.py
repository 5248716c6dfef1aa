"""The rule catalogue as Markdown, from the table of rules: ``python -m hubaction.rules.document > docs/rules.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from hubaction.rules import RULES
from hubaction.rules.rule import Need, Option, Repair, Rule

_HEAD = """\
# Rules

<!-- Generated from the table of rules by 'make docs'. Do not edit. -->

{running} of {all} rules run today. Name a rule by its id or name, or many by a prefix such as `V8`, in
`.hubaction.yml`, in `--select` and in `--ignore`. `hubaction rules ID` shows one of these sections at a terminal.

Tasks: d detect, s segment, p pose, o obb, c classify.
Fix: whether `hubaction fix` can mend it, *safe* meaning lossless.
"""
_REPAIRS = {Repair.NONE: "by hand", Repair.SAFE: "safe", Repair.UNSAFE: "unsafe"}


def render_rules(rules: Sequence[Rule] = RULES) -> str:
    """A table of all rules, and a section for each."""
    running = sum(not rule.later for rule in rules)
    lines = [_HEAD.format(running=running, all=len(rules)), *_table(rules)]
    for rule in rules:
        lines += ["", *_section(rule)]
    return "\n".join(lines) + "\n"


def _table(rules: Sequence[Rule]) -> Iterator[str]:
    yield "| rule | name | tasks | reads | fix | runs |"
    yield "| :-- | :-- | :-- | :-- | :-- | :-- |"
    for rule in rules:
        reads = ", ".join(need.value for need in rule.needs)
        runs = f"not yet: {_cell(rule.later)}" if rule.later else "yes"
        name = f"[{rule.name}](#{_anchor(rule)})"
        yield f"| {rule.id} | {name} | {rule.tasks} | {reads} | {_REPAIRS[rule.repair]} | {runs} |"


def _section(rule: Rule) -> Iterator[str]:
    yield f"## {rule.id} {rule.name}"
    yield ""
    yield rule.what
    for title, text in (("Why", rule.why), ("Fix", rule.fix), ("Source", rule.source), ("Not yet", rule.later)):
        if text:
            yield from ("", f"**{title}:** {text}")
    if Need.BASE in rule.needs:
        yield from ("", "It compares with the base branch.")
    if rule.options:
        yield from ("", "| option | default | |", "| :-- | --: | :-- |", *map(_option_row, rule.options.items()))
    for title, example in (("Bad", rule.bad), ("Good", rule.good)):
        if example:
            yield from ("", f"{title}:", "", "```text", example.strip("\n"), "```")


def _option_row(item: tuple[str, Option]) -> str:
    name, option = item
    return f"| `{name}` | {option.default:g} | {_cell(option.help)} |"


def _anchor(rule: Rule) -> str:
    return f"{rule.id} {rule.name}".lower().replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(render_rules())
