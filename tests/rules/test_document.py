"""docs/rules.md says what the table of rules says."""

from __future__ import annotations

from pathlib import Path

from hubaction.rules import RULES
from hubaction.rules.document import render_rules
from hubaction.rules.rule import Need, Option, Rule

COMMITTED = Path(__file__).parents[2] / "docs/rules.md"


def test_the_committed_page_is_the_generated_one() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == render_rules(), "run 'make docs'"


def test_every_rule_has_a_row_that_leads_to_its_section() -> None:
    lines = render_rules().split("\n")
    for rule in RULES:
        title = f"{rule.id} {rule.name}"
        assert lines.count(f"## {title}") == 1
        assert sum(f"(#{title.lower().replace(' ', '-')})" in line for line in lines) == 1


def test_a_rule_in_full() -> None:
    options = {"iou": Option(0.95, "least | overlap")}
    one = Rule("V999", "x", "ds", (Need.BASE,), "What.", "Why.", "Fix.", "bad\n", "good", "Paper.", options=options)
    page = render_rules([one])
    sentences = ("What.", "**Why:** Why.", "**Fix:** Fix.", "**Source:** Paper.")
    for text in (*sentences, "```text\nbad\n```", "```text\ngood\n```"):
        assert text in page
    assert "| `iou` | 0.95 | least \\| overlap |" in page
    assert "| V999 | [x](#v999-x) | ds | the base branch | by hand | yes |" in page
