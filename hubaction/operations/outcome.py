"""What every operation gets beside its inputs, and what it gives back."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from hubaction.errors import UsageError
from hubaction.hub.clock import Clock, SystemClock
from hubaction.report.annotations import Annotation

Progress = Callable[[int, int], None]
"""Told how much is done and how much there is in all, 0 where nobody knows."""

Activity = Callable[[str, str], AbstractContextManager[Progress]]
"""Shows the progress of one activity: what has been done ('checked'), to units of which kind ('files' or 'bytes')."""


@contextlib.contextmanager
def unseen(_verb: str, _unit: str) -> Iterator[Progress]:
    """An activity that nobody is to see."""
    yield lambda _done, _total: None


def _unheard(_text: str) -> None:
    """A line that nobody is to read."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where an operation runs.

    Attributes:
        workspace: the folder that relative paths are relative to.
        activity: shows progress.
        notify: told one line about what goes on, at once; it escapes the line.
        environment: variables that may hold a key and name a service.
        mask: told a key that came from elsewhere than the inputs, before anything is printed that could hold it.
        clock: for waiting.
    """

    workspace: Path
    activity: Activity = unseen
    notify: Callable[[str], None] = _unheard
    environment: Mapping[str, str] = field(default_factory=dict)
    mask: Callable[[str], None] = _unheard
    clock: Clock = field(default_factory=SystemClock)

    def in_workspace(self, path: Path) -> str:
        """A path for a later step: relative to the workspace, since a container's own paths mean nothing outside."""
        return Path(os.path.relpath(path, self.workspace.resolve())).as_posix()

    def in_repository(self, path: Path) -> str:
        """A path for an annotation: relative to the checkout that holds it, else to the workspace; absolute outside."""
        whole = Path(os.path.abspath(path))
        above = [whole, *whole.parents]
        root = next((folder for folder in above if os.path.exists(folder / ".git")), self.workspace)
        base = Path(os.path.abspath(root))
        return (whole.relative_to(base) if whole.is_relative_to(base) else whole).as_posix()

    def output_folder(self, name: str, source: str = "output_dir") -> Path:
        """A folder of the workspace to write into; ``source`` is the input that named it.

        Raises:
            UsageError: it lies outside, or leads through a link, which a pull request could have planted.
        """
        root = self.workspace.resolve()
        folder = Path(os.path.normpath(root / name))
        if not folder.is_relative_to(root):
            raise UsageError(f"{source} is {name!r}, outside the workspace.", "Choose a folder below the workspace.")
        if folder.resolve() != folder:
            raise UsageError(f"{source} {name!r} leads through a symbolic link.", "Choose another folder.")
        return folder


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that a face shows, writes and returns for an operation.

    Attributes:
        text: for the log; ``summary``: Markdown for the job summary.
        outputs: by the names of the action's outputs.
        written: files that the operation wrote.
    """

    exit_code: int
    text: str
    summary: str
    annotations: Sequence[Annotation]
    outputs: Mapping[str, str]
    written: Sequence[Path] = ()
