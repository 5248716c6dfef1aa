"""The table of faults and operations, table.md, as cells to run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hubaction.sandbox import Fault, parse_fault

Place = tuple[str, str]
"""Dialect and operation."""

_CHANGES: dict[Place, str] = {
    ("platform", "reset-model"): "PATCH /api/models/*",
    ("platform", "export-model"): "POST /api/models/*/exports",
    ("platform", "upload-dataset"): "POST /api/datasets",
    ("hub", "login"): "POST /v1/auth",
    ("hub", "reset-model"): "POST /model-reset",
    ("hub", "export-model"): "POST /v1/models/*/export",
    ("hub", "upload-dataset"): "POST /v1/datasets",
}
_FILES = {
    (dialect, name): "GET /storage/*" for dialect in ("platform", "hub") for name in ("export-model", "get-export")
}
STEPS: dict[str, dict[Place, str]] = {
    "read": {
        ("platform", "login"): "GET /api/account/summary",
        ("platform", "get-export"): "GET /api/models/*/exports",
        ("hub", "get-export"): "POST /get-export",
    },
    "change": _CHANGES,
    "poll": {
        ("platform", "export-model"): "GET /api/models/*/exports",
        ("hub", "export-model"): "POST /get-export",
        ("platform", "upload-dataset"): "GET /api/datasets/*",
    },
    "file": _FILES,
    "send": {
        ("platform", "upload-dataset"): "PUT /storage/*",
        ("hub", "upload-dataset"): "POST /v1/datasets/*/upload",
    },
}
"""What a step of an operation asks of the service: method and path."""

DONE = {"login": "key", "export-model": "file", "get-export": "file"}
"""What an operation leaves on the disk when all goes well; others leave nothing."""


@dataclass(frozen=True)
class Cell:
    """One fault of one step of one operation, and how it is to end."""

    fault: str
    step: str
    dialect: str
    operation: str
    code: int
    kinds: tuple[str, ...]
    says: tuple[str, ...]
    disk: str
    sent: str

    def __str__(self) -> str:
        return f"{self.fault} {self.step} {self.dialect} {self.operation}"

    @property
    def request(self) -> tuple[str, str]:
        """Method and path of the step."""
        method, path = STEPS[self.step][self.dialect, self.operation].split()
        return method, path

    @property
    def is_of_sandbox(self) -> bool:
        """Whether the sandbox shows the fault itself."""
        return self.fault.endswith((" once", " always"))

    def sandbox_fault(self, other: str) -> Fault:
        """``other`` is the address of another host."""
        kind, times = self.fault.replace("OTHER", other).split()
        return parse_fault(f"{' '.join(self.request)} {kind} {'1' if times == 'once' else times}")


def cells() -> Iterator[Cell]:
    """Every cell of the table. A row without places stands for all operations that have its step."""
    for line in Path(__file__).with_name("table.md").read_text(encoding="utf-8").splitlines():
        values = [value.strip() for value in line.strip("|").split("|")]
        if not line.startswith("|") or values[0] in {"fault", ":--"}:
            continue
        fault, step, places, code, kind, says, disk, sent = values
        for dialect, operation in STEPS[step]:
            if _named(places, {dialect, operation}):
                left = DONE.get(operation, "-") if disk == "done" else disk
                yield Cell(
                    fault,
                    step,
                    dialect,
                    operation,
                    int(code),
                    tuple(kind.split(" OR ")),
                    tuple(says.split(" OR ")),
                    left,
                    sent,
                )


def _named(places: str, words: set[str]) -> bool:
    return not places or any(words.issuperset(place.split()) for place in places.split(","))
