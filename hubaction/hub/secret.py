"""A secret that shows itself to nobody by accident."""

from __future__ import annotations

from dataclasses import dataclass, field

SHOWN = "***"


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A key or a signed address. Printed, formatted or logged it is ``***``; only ``reveal`` gives the text."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """The text itself, for a request header and nothing else."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return SHOWN

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return SHOWN

    def __reduce__(self) -> str:
        raise TypeError("a secret is never pickled")
