"""Assertions about runs of the action: each prints one line, none stops the run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine import Step

COMMANDS = {"error", "warning", "notice", "debug", "group", "endgroup", "add-mask"}
RUNNER_UID = 1001


class Checks:
    """Collects assertions: each prints one line, none stops the run."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.passed = 0
        self.failed = 0

    def title(self, text: str) -> None:
        """Start a group of checks."""
        print(f"== [{time.monotonic() - self.start:.0f}s] {text}", flush=True)

    def that(self, holds: object, text: str, seen: object = "") -> None:
        """Check one thing; what was seen is printed where it does not hold."""
        if holds:
            self.passed += 1
            print(f"ok     {text}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED {text}" + (f"; seen: {seen!s:.2000}" if seen != "" else ""), flush=True)

    def equal(self, seen: object, expected: object, text: str) -> None:
        """Check that two values are equal."""
        self.that(seen == expected, f"{text} is {expected!r:.80}", repr(seen))


def check_log(checks: Checks, step: Step, code: int, name: str) -> None:
    """What holds for every run: the exit code, no traceback, and no command that was not meant."""
    checks.equal(step.code, code, f"{name} ({step.seconds:.2f} s): exit code")
    if step.code != code:
        print(step.log[-3000:])
    checks.that("Traceback" not in step.log, f"{name}: no traceback", step.log[-1500:])
    unexpected = [command for command in step.commands if command.name not in COMMANDS]
    checks.that(not unexpected and "##[" not in step.log, f"{name}: no unexpected workflow command", unexpected)
    if code:
        checks.that(step.annotations("error"), f"{name}: says why it failed in an error annotation")


def check_owner(checks: Checks, step: Step, name: str) -> None:
    """What the action wrote as root belongs to the owner of the workspace."""
    foreign = [str(path) for path in step.workspace.rglob("*") if path.lstat().st_uid != RUNNER_UID]
    checks.that(not foreign, f"{name}: every file belongs to the owner of the workspace", foreign[:5])
