"""How many findings of a rule are put up with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a dataset is: distinct images, label rows, and whether the catalogue calls it small."""

    images: int = 0
    objects: int = 0
    small: bool = False


@dataclass(frozen=True, slots=True)
class Tolerance:
    """At most ``most`` findings, or a ``percent`` (0 to 100) of the images, or of the objects for rules about rows."""

    most: int | None = None
    percent: float | None = None

    def covers(self, findings: int, extent: Extent, *, of_objects: bool) -> bool:
        """Whether that many findings do not fail the gate."""
        if self.most is not None:
            return findings <= self.most
        assert self.percent is not None
        return findings * 100 <= self.percent * (extent.objects if of_objects else extent.images)
