"""The baseline: findings that were there before the gate, as a multiset of fingerprints.

An entry hides as many findings as it counts and not one more, so a second copy of a known defect still fails.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from hubaction.errors import UsageError
from hubaction.policy.yamlfile import read_bounded
from hubaction.report.finding import Consequence, Fact
from hubaction.rules.engine import RuleResult, Status

SCHEMA = "hubaction/baseline/1"
_MOST_BYTES = 256 << 20
_CURE = "Write it anew with 'hubaction check-dataset --write-baseline FILE', or correct the path."
_FINGERPRINT = re.compile(r"[0-9a-f]{16}", re.ASCII)


class Known(NamedTuple):
    """What a known finding is recognised by; no line, so that it may move within its file."""

    rule: str
    path: str
    fingerprint: str


def identity(fact: Fact) -> Known:
    """What recognises a fact."""
    return Known(fact.rule, fact.place.path, fact.fingerprint)


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many findings of each identity are known."""

    counts: Mapping[Known, int] = field(default_factory=dict)

    @classmethod
    def of(cls, results: Iterable[RuleResult]) -> Baseline:
        """Everything that was found, but for what can never be known: unreadable data and crashes of rules."""
        facts = (fact for result in results if result.status is not Status.CRASHED for fact in result.facts)
        return cls(Counter(identity(fact) for fact in facts if may_be_known(fact)))

    def render(self) -> str:
        """The file: JSON, sorted, an entry a line, so that a change is easy to review."""
        entries = ",\n".join(f"  {json.dumps({**key._asdict(), 'count': n})}" for key, n in sorted(self.counts.items()))
        body = f"[\n{entries}\n ]" if entries else "[]"
        return f'{{\n "schema": "{SCHEMA}",\n "entries": {body}\n}}\n'

    def stale(self, left: Mapping[Known, int], results: Iterable[RuleResult]) -> list[Known]:
        """Entries of which some are left over, without those of rules that did not look."""
        blind = {result.rule for result in results if result.status not in {Status.PASSED, Status.FINDINGS}}
        return sorted(key for key, number in left.items() if number > 0 and key.rule not in blind)


def may_be_known(fact: Fact) -> bool:
    """Whether a baseline may hide it."""
    return fact.weight.consequence is not Consequence.UNREADABLE


def stale_remark(stale: Sequence[Known]) -> str:
    """A line about entries that match nothing any more; '' without any."""
    if not stale:
        return ""
    first, number = stale[0], len(stale)
    entries = "1 entry of the baseline matches" if number == 1 else f"{number:,} entries of the baseline match"
    return f"{entries} nothing any more (the first: {first.rule} at {first.path or 'the dataset'}); write it anew"


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file. Raises UsageError where it is missing or malformed: that is never taken for empty."""
    try:
        content = json.loads(read_bounded(path, _MOST_BYTES))
        return Baseline(_counts(content))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{str(path)!r} is no baseline of schema {SCHEMA}: {_reason(error)}.", _CURE) from error


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON from line {error.lineno} on"
    return str(error) if type(error) is _Malformed else "its structure is another"


class _Malformed(ValueError):
    """What is wrong with an entry."""


def _counts(content: Any) -> dict[Known, int]:
    if content["schema"] != SCHEMA or not isinstance(content["entries"], list):
        raise _Malformed("the schema or the list of entries is missing")
    counts: dict[Known, int] = {}
    for number, entry in enumerate(content["entries"], start=1):
        key = Known(entry["rule"], entry["path"], entry["fingerprint"])
        valid = all(isinstance(text, str) for text in key) and _FINGERPRINT.fullmatch(key.fingerprint)
        if not valid or type(entry["count"]) is not int or entry["count"] < 1:
            raise _Malformed(f"entry {number} has a value that is not possible")
        if key in counts:
            raise _Malformed(f"entry {number} repeats an earlier one")
        counts[key] = entry["count"]
    return counts
