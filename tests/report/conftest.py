"""Reports made by hand, and what readers of them see."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hubaction.report.finding import Consequence, Finding, Place, Severity
from hubaction.report.model import Report, RuleText, SplitSummary

MakeFinding = Callable[..., Finding]
MakeReport = Callable[..., Report]


def load(name: str, path: str) -> ModuleType:
    """A helper by its path; test folders are no packages."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def page() -> ModuleType:
    """What a browser gets of a summary."""
    return load("summary_page", "page.py")


@pytest.fixture(scope="session")
def runner() -> ModuleType:
    """What GitHub's runner makes of a stream."""
    return load("runner_oracle", "../action/oracle.py")


@pytest.fixture(scope="session")
def finding() -> MakeFinding:
    """A finding of rule X1 unless it says otherwise."""

    def make(
        path: str = "labels/a.txt",
        line: int | None = None,
        column: int | None = None,
        *,
        rule: str = "X1",
        severity: Severity = Severity.ERROR,
        message: str = "it is wrong",
    ) -> Finding:
        return Finding(rule, severity, Consequence.DROPS, Place(path, line, column, "train"), message)

    return make


@pytest.fixture(scope="session")
def report() -> MakeReport:
    """A report with these findings, worst first as the judge sorts them."""

    def make(findings: Sequence[Finding] = (), **changes: Any) -> Report:
        ordered = tuple(sorted(findings, key=Finding.sort_key))
        failed = any(one.severity is Severity.ERROR for one in ordered)
        rules = {
            one.rule: RuleText(one.rule, f"name-{one.rule.lower()}", f"What {one.rule}.", f"Why {one.rule}.", "Fix it.")
            for one in ordered
        }
        values: dict[str, Any] = {
            "version": "9.9.9",
            "path": "ds",
            "location": "sub/ds",
            "is_archive": False,
            "task": "detect",
            "task_reason": "",
            "profile": "default",
            "fail_on": "error",
            "verdict": "failed" if failed else "passed",
            "exit_code": int(failed),
            "findings": ordered,
            "rules": rules,
            "names": ("cat", "dog"),
            "splits": {
                "train": SplitSummary(1200, 1198, 3, 4000, (3000, 1000)),
                "val": SplitSummary(10, 10, 0, 20, (0, 20)),
                "test": None,
            },
            "files": 2421,
            "bytes": 123_456,
            "seconds": 1.2345,
        }
        return Report(**{**values, **changes})

    return make
