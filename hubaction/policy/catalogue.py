"""How users name rules: by id (``V801``), by name (``exact-copy-across-splits``), or many by a prefix (``V8``)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from hubaction.errors import UsageError
from hubaction.report.escape import visible
from hubaction.rules import RULES
from hubaction.rules.rule import Rule


class Catalogue:
    """The rules by everything that they may be called."""

    def __init__(self, rules: Sequence[Rule] = RULES) -> None:
        self.rules = rules
        self._by_name = {rule.id: rule for rule in rules} | {rule.name: rule for rule in rules}
        self.prefixes = sorted({rule.id[:end] for rule in rules for end in range(1, len(rule.id))})

    def rule(self, text: str) -> Rule:
        """The rule of that id or name. Raises UsageError with the nearest."""
        if text in self._by_name:
            return self._by_name[text]
        raise UsageError(f"{quoted(text)} is no rule.", self._nearest(text, self._by_name))

    def check_selector(self, text: str) -> str:
        """The text, where it names one rule or more. Raises UsageError with the nearest."""
        if text in self._by_name or text in self.prefixes:
            return text
        near = did_you_mean(text, self._by_name) or self._nearest(text, self.prefixes)
        raise UsageError(f"{quoted(text)} is neither a rule nor a prefix of rules.", near)

    def _nearest(self, text: str, known: Iterable[str]) -> str:
        return did_you_mean(text, known) or "'hubaction rules' lists them."


def reach(selector: str, rule: Rule) -> int:
    """How closely a selector names a rule: characters of its id, all of them for a name; 0 for another rule's."""
    if selector == rule.name:
        return len(rule.id)
    return len(selector) if rule.id.startswith(selector) else 0


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """'Did you mean ...?', or '' where nothing is near."""
    names = list(known)
    for spelling in (text, text.upper(), text.lower().replace("_", "-"), text.lower().replace("-", "_")):
        if close := difflib.get_close_matches(spelling[:80], names, n=1, cutoff=0.6):
            return f"Did you mean {close[0]}?"
    return ""


def quoted(text: str) -> str:
    """A stranger's text for a message: short, printable, in quotes."""
    return f"'{visible(text, most=60)}'"
