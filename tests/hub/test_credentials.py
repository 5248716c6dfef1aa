"""The saved key: one private file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from hubaction.errors import UsageError
from hubaction.hub import credentials
from hubaction.hub.credentials import forget_key, save_key, saved_key
from hubaction.hub.secret import Secret

KEY = Secret("ul_" + "0123456789" * 4)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_saved_read_and_forgotten(home: dict[str, str], tmp_path: Path) -> None:
    assert saved_key(home) is None
    assert forget_key(home) is False
    path = save_key(KEY, home)
    assert path == tmp_path / ".config" / "hubaction" / "api_key"
    assert saved_key(home) == KEY
    assert forget_key(home) is True
    assert forget_key(home) is False
    assert saved_key(home) is None


def test_nobody_else_reads_it(home: dict[str, str]) -> None:
    umask = os.umask(0)
    try:
        path = save_key(KEY, home)
    finally:
        os.umask(umask)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    path.chmod(0o644)
    path.parent.chmod(0o755)
    save_key(KEY, home)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_an_older_key_is_replaced_whole_or_not_at_all(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_key(Secret("old"), home)

    def fail(_old: str, _new: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(credentials.os, "replace", fail)
    with pytest.raises(UsageError, match="No space left") as raised:
        save_key(KEY, home)
    assert KEY.reveal() not in str(raised.value)
    assert raised.value.__cause__ is None
    assert saved_key(home) == Secret("old")
    assert list(path.parent.iterdir()) == [path]
    monkeypatch.undo()
    save_key(KEY, home)
    assert saved_key(home) == KEY


def test_a_link_is_replaced_and_not_followed(home: dict[str, str], tmp_path: Path) -> None:
    path = save_key(Secret("old"), home)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    path.unlink()
    path.symlink_to(victim)
    save_key(KEY, home)
    assert victim.read_text() == "mine"
    assert not path.is_symlink()


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"XDG_CONFIG_HOME": "{0}/x", "HOME": "{0}"}, "x"),
        ({"XDG_CONFIG_HOME": "relative", "HOME": "{0}"}, ".config"),
        ({"XDG_CONFIG_HOME": "", "APPDATA": "{0}/AppData"}, "AppData"),
        ({"USERPROFILE": "{0}"}, ".config"),
    ],
)
def test_the_users_configuration_folder(environment: dict[str, str], folder: str, tmp_path: Path) -> None:
    environment = {name: value.format(tmp_path) for name, value in environment.items()}
    assert save_key(KEY, environment) == tmp_path / folder / "hubaction" / "api_key"


@pytest.mark.parametrize("environment", [{}, {"HOME": ""}, {"HOME": "relative"}])
def test_without_a_home(environment: dict[str, str]) -> None:
    assert saved_key(environment) is None
    assert forget_key(environment) is False
    with pytest.raises(UsageError, match="HOME"):
        save_key(KEY, environment)


@pytest.mark.parametrize("content", [b"", b" \n"])
def test_an_empty_file_is_no_key(home: dict[str, str], content: bytes) -> None:
    save_key(KEY, home).write_bytes(content)
    assert saved_key(home) is None


def test_what_lies_there_is_read_in_bounds(home: dict[str, str]) -> None:
    path = save_key(KEY, home)
    path.write_bytes(b"\xff" * 100_000)
    found = saved_key(home)
    assert found is not None
    assert len(found.reveal()) == 4096
    path.unlink()
    os.mkfifo(path)
    assert saved_key(home) is None


def test_places_that_cannot_be_used(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("a file in the place of the folder")
    assert saved_key(home) is None
    assert forget_key(home) is False
    with pytest.raises(UsageError, match="cannot be saved"):
        save_key(KEY, home)


def test_a_folder_in_the_place_of_the_key(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".config/hubaction/api_key").mkdir(parents=True)
    assert saved_key(home) is None
    with pytest.raises(UsageError, match="cannot be removed"):
        forget_key(home)


def test_a_key_that_cannot_be_read(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    save_key(KEY, home)

    def fail(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(UsageError, match="cannot be read: Permission denied"):
        saved_key(home)
