"""The runner's files: outputs and the job summary; and the owner of what we write."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from actions_toolkit.file_command import prepare_key_value_message

from hubaction.action.commands import encodable
from hubaction.action.inputs import OUTPUTS


def write_outputs(path: str, values: Mapping[str, str]) -> None:
    """Append outputs of the table to the file GITHUB_OUTPUT, each value between delimiters made for it alone."""
    unknown = values.keys() - set(OUTPUTS)
    if unknown:
        raise KeyError(f"not outputs of action.yml: {sorted(unknown)}")
    lines = [prepare_key_value_message(name, encodable(value)) for name, value in values.items()]
    _append(path, "".join(f"{line}\n" for line in lines))


def write_summary(path: str, markdown: str) -> None:
    """Append to the file GITHUB_STEP_SUMMARY."""
    _append(path, encodable(markdown))


def _append(path: str, text: str) -> None:
    if path:  # unset outside a workflow
        with open(path, "a", encoding="utf-8", newline="\n") as file:
            file.write(text)


def hand_over(files: Iterable[Path], workspace: Path) -> None:
    """Give what root wrote, and its folders, to the workspace's owner, who has to read it and clean it up.

    Where that is refused (user namespaces, some network disks) the files stay as they are.
    """
    if os.name != "posix" or os.geteuid() != 0:
        return
    owner = workspace.stat()
    ours = {path for file in files for path in [file, *file.parents] if path.is_relative_to(workspace.resolve())}
    with contextlib.suppress(PermissionError):
        for path in ours - {workspace.resolve()}:
            if path.stat().st_uid == 0:
                os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
