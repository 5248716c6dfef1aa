"""The key that ``login`` saves: one file in the user's configuration folder, which nobody else may read."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hubaction.errors import UsageError
from hubaction.hub.secret import Secret

_NAME = "api_key"
_MOST = 4096  # bytes; a key has about 43


def saved_key(environment: Mapping[str, str]) -> Secret | None:
    """The saved key; None where there is none.

    Raises:
        UsageError: there is one and it cannot be read.
    """
    path = _path(environment)
    if path is None or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            text = file.read(_MOST).decode("utf-8", "replace").strip()
    except OSError as error:
        raise UsageError(f"The saved key {str(path)!r} cannot be read: {error.strerror}.", _LOGIN) from None
    return Secret(text) if text else None


def save_key(key: Secret, environment: Mapping[str, str]) -> Path:
    """Save a key, in place of an older one. Returns the file (mode 0600, in a folder of mode 0700).

    Raises:
        UsageError: the folder is not known or cannot be written.
    """
    path = _path(environment)
    if path is None:
        raise UsageError("The key cannot be saved: no home folder is known (HOME is not set).", "Set HOME.")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        _write(path, key)
    except OSError as error:
        raise UsageError(f"The key cannot be saved as {str(path)!r}: {error.strerror}.", "Check HOME.") from None
    return path


def forget_key(environment: Mapping[str, str]) -> bool:
    """Remove the saved key. Returns whether there was one.

    Raises:
        UsageError: it cannot be removed.
    """
    path = _path(environment)
    try:
        if path is not None:
            path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise UsageError(f"The saved key {str(path)!r} cannot be removed: {error.strerror}.", "Remove it.") from None
    return path is not None


_LOGIN = "Check the file's owner and mode, or remove it and log in again."


def _path(environment: Mapping[str, str]) -> Path | None:
    """The file, by the rules of the command line tools that developers know (gh, git): ``XDG_CONFIG_HOME``, on Windows
    ``AppData``, else ``.config`` in the home folder. A relative folder counts as none, as the XDG rules want it.
    """
    home = environment.get("HOME") or environment.get("USERPROFILE", "")
    places = (environment.get("XDG_CONFIG_HOME", ""), environment.get("APPDATA", ""), home and f"{home}/.config")
    folder = next((place for place in places if os.path.isabs(place)), "")
    return Path(folder) / "hubaction" / _NAME if folder else None


def _write(path: Path, key: Secret) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{_NAME}-", dir=path.parent)  # made with mode 0600
    try:
        with open(handle, "wb") as file:
            file.write(f"{key.reveal()}\n".encode())
            file.flush()
            os.fsync(handle)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
