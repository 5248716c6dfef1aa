"""What every operation gets beside its inputs, and what it gives back."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hubaction.errors import UsageError
from hubaction.report.annotations import Annotation


@dataclass(frozen=True, slots=True)
class Context:
    """Where an operation runs.

    Attributes:
        workspace: the folder that relative paths are relative to.
        progress: told how many files of how many are done.
    """

    workspace: Path
    progress: Callable[[int, int], None] | None = None

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
        """A folder of the workspace to write into.

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
