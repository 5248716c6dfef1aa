"""Where a rule puts what it finds: exact counts, and as many facts as anyone will read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from hubaction.report.finding import Consequence, Fact, Place, Severity, Weight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.rules.view import SplitView

STORED = 1000
"""Facts kept of one rule; the counts go on (one export mistake repeats in every row)."""


class Collector:
    """Takes the facts of one rule.

    Attributes:
        facts: the first 1,000, or all of them for a baseline.
        counts: exact number by weight; ``files`` the paths touched.
        ignored: number of facts on paths that it is not to speak about.
        not_run: why the rule, or a part of it, could not look; '' when it could.
    """

    def __init__(self, rule: str, ignored: Callable[[str], bool] | None = None, stored: int | None = STORED) -> None:
        self.rule = rule
        self.facts: list[Fact] = []
        self.counts: Counter[Weight] = Counter()
        self.files: set[str] = set()
        self.ignored = 0
        self.not_run = ""
        self._ignored = ignored
        self._stored = stored

    def add(  # noqa: PLR0913 - a fact has many sides, all but two of them by name
        self,
        level: Severity,
        message: str,
        path: str = "",
        *,
        line: int | None = None,
        column: int | None = None,
        split: str | None = None,
        key: str = "",
        small: Severity | None = None,
        consequence: Consequence = Consequence.NOTE,
    ) -> None:
        """One fact.

        Args:
            level: what the catalogue calls it; policy may weigh it otherwise.
            key: what identifies it within its file, for fingerprints; the message where nothing better does.
            small: the level in a small set, where the catalogue lowers it.
        """
        if self._ignored and consequence is not Consequence.UNREADABLE and self._ignored(path):
            self.ignored += 1
            return
        weight = Weight(level, small, consequence)
        self.counts[weight] += 1
        self.files.add(path)
        if self._stored is None or len(self.facts) < self._stored:
            self.facts.append(Fact(self.rule, weight, Place(path, line, column, split), message, key))

    def add_rows(
        self,
        split: SplitView,
        rows: NDArray[np.int64],
        level: Severity,
        message: Callable[[int], str],
        token: Callable[[int], int] | None = None,
    ) -> None:
        """A fact for each row of an index array; ``message`` and ``token`` (index of the number to blame) are only
        called for the rows that are kept.
        """
        if self._ignored:
            kept = [not self._ignored(split.labels[image]) for image in split.rows.image[rows].tolist()]
            self.ignored += kept.count(False)
            rows = rows[np.array(kept, dtype=bool)]
        if not len(rows):
            return
        weight = Weight(level)
        self.counts[weight] += len(rows)
        self.files.update(split.labels[image] for image in np.unique(split.rows.image[rows]).tolist())
        room = len(rows) if self._stored is None else max(0, self._stored - len(self.facts))
        for row in rows[:room].tolist():
            path, line = split.labels[int(split.rows.image[row])], int(split.rows.line[row])
            place = Place(path, line, None, split.name, token(row) if token else None)
            self.facts.append(Fact(self.rule, weight, place, message(row), split.rows.key(row)))
