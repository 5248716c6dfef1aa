"""Plants: one defect each, put into a sound set. A family has a module with ``PLANTS``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plant:
    """A defect to plant.

    Attributes:
        rule: the rule that must fire. level: error, warning or note (in profile ``default``).
        task: of the sound set. change: edits its files in place.
        at: where the rule must point: path, or (path, line), or (path, line, column); None for anywhere.
        also: other rules that must fire too, because they speak about another side of the same defect.
        size: arguments of ``sets.sound`` where the usual set is too small.
        archive: check it as a zip. make_zip: writes the zip where an ordinary one cannot hold the defect.
        why_also: a sentence for ``also``.
    """

    id: str
    rule: str
    level: str
    task: str
    change: Callable[[dict[str, bytes]], None]
    at: str | tuple[str | int, ...] | None = None
    also: tuple[str, ...] = ()
    why_also: str = ""
    size: dict[str, int] = field(default_factory=dict)
    archive: bool = False
    make_zip: Callable[[dict[str, bytes]], bytes] | None = None


def all_plants() -> list[Plant]:
    """Every plant of every family."""
    modules = [importlib.import_module(f"plants.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return [plant for module in modules for plant in module.PLANTS]
