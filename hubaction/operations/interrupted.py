"""What is left of a check that a signal ended: a report that says how far it came, and that it judged nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hubaction._version import __version__
from hubaction.dataset.scan import Progress
from hubaction.dataset.source import is_data_yaml
from hubaction.errors import Terminated, signal_code
from hubaction.policy.policy import Policy
from hubaction.report.model import Report


@dataclass(slots=True)
class Reached:
    """How many files have been read, of how many; tells it on to ``progress``."""

    progress: Progress | None = None
    done: int = 0
    total: int = 0

    def __call__(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self.progress:
            self.progress(done, total)


def interrupted_report(stop: KeyboardInterrupt, reached: Reached, path: Path, policy: Policy, seconds: float) -> Report:
    """The report on a dataset that nobody judged: without findings, counts or a verdict on it."""
    signal = "SIGTERM" if isinstance(stop, Terminated) else "SIGINT"
    extent = f"after {reached.done:,} of {reached.total:,} files were read" if reached.total else "at its start"
    return Report(
        version=__version__,
        path=str(path),
        location=(path.parent if is_data_yaml(path) else path).as_posix(),
        is_archive=path.is_file() and not is_data_yaml(path),
        task=policy.task or "",
        task_reason="",
        profile=policy.profile.name,
        fail_on=policy.fail_on.value,
        verdict="interrupted",
        exit_code=signal_code(stop),
        findings=(),
        rules={},
        names=(),
        splits={},
        files=reached.done,
        bytes=0,
        seconds=seconds,
        not_run=(f"all rules, for {signal} ended the check {extent}",),
    )
