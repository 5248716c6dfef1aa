"""Applies a plan to a folder: every new file is written beside its place first, then all are put in place."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from hubaction.errors import UsageError
from hubaction.repair.plan import Change, Plan
from hubaction.report.escape import visible

_READ = 1 << 20


def apply_to_folder(plan: Plan) -> None:
    """Write, rename and delete. Until every new file is complete on disk, nothing of the dataset is touched.

    Raises:
        UsageError: a file is read-only, a link, or was changed since it was read (then nothing is touched); or the disk
            fails in between (then every file is either the old or the new one).
    """
    root = plan.tree.origin.root
    for change in plan.changes:
        _check(plan, root, change)
    staged: dict[str, str] = {}
    try:
        for change in plan.changes:
            if change.is_written and change.new_path is not None:
                staged[change.new_path] = _stage(root / change.path, plan.new_bytes(change) or b"")
        _put_in_place(root, plan.changes, staged)
    except OSError as error:
        raise UsageError(
            f"Writing stopped: {visible(str(error))}. Every file is either the old or the new one.", "Run it again."
        ) from error
    finally:
        for temporary in staged.values():
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _check(plan: Plan, root: Path, change: Change) -> None:
    """Raise UsageError unless the file is the one that was read, and may be changed."""
    name = visible(change.path)
    path = root / change.path.rstrip("/")
    origin = plan.tree.origin
    if _has_link(root, change.path) or (change.new_path and _has_link(root, change.new_path)):
        raise UsageError(f"{name} is reached through a symbolic link; nothing was changed.", "Mend the link's target.")
    try:
        found = os.lstat(path)
    except OSError as error:
        raise UsageError(f"{name} is gone; nothing was changed.", "Run it again.") from error
    if stat.S_ISDIR(found.st_mode):
        return
    if not found.st_mode & 0o222 or not os.access(path.parent, os.W_OK):
        raise UsageError(f"{name} is read-only; nothing was changed.", "Make it writable and run it again.")
    known = origin.digests.get(change.path)
    if (found.st_size, found.st_mtime_ns) != origin.stamps[change.path] or (known and known != _digest(path)):
        raise UsageError(f"{name} was changed since it was read; nothing was changed.", "Run it again.")
    if change.new_path not in {None, change.path} and _is_taken(path, root / (change.new_path or "")):
        raise UsageError(f"{visible(change.new_path or '')} exists; nothing was changed.", "Run it again.")


def _is_taken(old: Path, new: Path) -> bool:
    """Whether something else has the name (on systems that ignore case, the file itself may)."""
    return os.path.lexists(new) and not os.path.samefile(old, new)


def _has_link(root: Path, path: str) -> bool:
    """Whether the file or a folder above it, below the root, is a symbolic link."""
    parts = path.rstrip("/").split("/")
    return any((root / "/".join(parts[:end])).is_symlink() for end in range(1, len(parts) + 1))


def _digest(path: Path) -> bytes:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_READ):
            found.update(block)
    return found.digest()


def _stage(path: Path, data: bytes) -> str:
    """A complete temporary file beside another, with its mode and owner; its name."""
    handle, name = tempfile.mkstemp(prefix=".hubaction-", suffix=".tmp", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            old = os.stat(path)
            os.fchmod(handle, stat.S_IMODE(old.st_mode))
            with contextlib.suppress(OSError):
                os.fchown(handle, old.st_uid, old.st_gid)
            file.write(data)
            file.flush()
            os.fsync(handle)
    except BaseException:
        os.unlink(name)
        raise
    return name


def _put_in_place(root: Path, changes: list[Change], staged: dict[str, str]) -> None:
    """Renames first, then new contents, deletions last, contents before their folders."""
    for change in changes:
        if change.new_path not in {None, change.path}:
            target = root / (change.new_path or "")
            target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(root / change.path, target)
    for path, temporary in staged.items():
        os.replace(temporary, root / path)
    for change in sorted(changes, key=lambda change: change.path, reverse=True):
        if change.new_path is None and change.path.endswith("/"):
            os.rmdir(root / change.path)
        elif change.new_path is None:
            os.unlink(root / change.path)
