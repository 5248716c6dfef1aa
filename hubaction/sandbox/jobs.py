"""Exports on their way: queued, starting, running, and one of three ends."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from hubaction.sandbox.artifacts import Artifact, exported
from hubaction.sandbox.knobs import Knobs

ACTIVE = ("queued", "starting", "running")


@dataclass(slots=True)
class Job:
    """One export.

    Attributes:
        state: a word of ``ACTIVE``, or completed, failed or cancelled, which never change again.
        created, started, ended: seconds since 1970; None where it has not come to that.
        reads: answers that have shown it.
        error: why it failed.
    """

    model: str
    format: str
    args: Mapping[str, object]
    gpu: str
    created: float
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    state: str = ACTIVE[0]
    started: float | None = None
    ended: float | None = None
    updated: float = 0.0
    reads: int = 0
    error: str = ""

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def request(self) -> tuple[str, dict[str, object], str]:
        """What makes two exports equal."""
        return self.format, dict(self.args), self.gpu

    def read(self, now: float, knobs: Knobs) -> Job:
        """Itself, as far on as the knobs want it to be at this reading."""
        self.reads += 1
        if self.is_active:
            self._move(_steps(self, now, knobs), now, knobs)
        return self

    def cancel(self, now: float) -> None:
        self.state, self.ended, self.updated = "cancelled", now, now

    def artifact(self, knobs: Knobs) -> Artifact:
        """The file that it gave."""
        return exported(self.model, self.format, self.args, knobs.artifact_size, knobs.artifact_seed)

    def _move(self, steps: int, now: float, knobs: Knobs) -> None:
        if steps and self.started is None:
            self.started = now
        if steps < len(ACTIVE):
            self.state = ACTIVE[steps]
        else:
            self.error = knobs.failures.get(self.format, "")
            self.state = "failed" if self.format in knobs.failures else "completed"
            self.ended = now
        self.updated = now


def _steps(job: Job, now: float, knobs: Knobs) -> int:
    """States left behind, three at most."""
    if knobs.polls is not None:
        steps = (job.reads - 1) // knobs.polls if knobs.polls else len(ACTIVE)
    else:
        steps = int((now - job.created) / knobs.seconds) if knobs.seconds else len(ACTIVE)
    return min(steps, len(ACTIVE))
