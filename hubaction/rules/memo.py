"""What one rule computes of a split's rows and others use again."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from hubaction.dataset.rows import Rows

Value = TypeVar("Value")


class Memo(Generic[Value]):
    """Calls a function once for each ``Rows`` and keeps its result for as long as they live.

    The result must not refer to the rows themselves, or both would stay for ever.
    """

    def __init__(self, make: Callable[[Rows], Value]) -> None:
        self._make = make
        self._known: weakref.WeakKeyDictionary[Rows, Value] = weakref.WeakKeyDictionary()

    def __call__(self, rows: Rows) -> Value:
        if rows not in self._known:
            self._known[rows] = self._make(rows)
        return self._known[rows]
