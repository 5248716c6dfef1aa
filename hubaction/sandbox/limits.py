"""Rate limits: a sliding window of a minute for each key and category."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass

WINDOW = 60.0


@dataclass(frozen=True, slots=True)
class Category:
    """Requests that share a counter, and how many of them a minute admits."""

    name: str
    most: int


# The Platform's, as documented.
DEFAULT = Category("default", 100)
UPLOAD = Category("upload", 10)
EXPORT = Category("export", 20)
FILES = Category("download", 30)
MUTATION = Category("mutation", 10)
# HUB's exact ones are not known; these keep a client modest.
HUB_DEFAULT = Category("hub", 100)
HUB_EXPORT = Category("hub export", 20)


class Windows:
    """The requests of the last minute."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, Category], deque[float]] = defaultdict(deque)

    def wait(self, who: str, category: Category, now: float, rate: float) -> int:
        """Whole seconds until a request is admitted; 0 when it is, and it then counts.

        Args:
            rate: factor of the category's limit; 0 admits everything.
        """
        times = self._times[who, category]
        while times and times[0] <= now - WINDOW:
            times.popleft()
        if rate and len(times) >= max(1, int(category.most * rate)):
            return max(1, math.ceil(times[0] + WINDOW - now))
        times.append(now)
        return 0
