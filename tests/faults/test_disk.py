"""Disks that are full, places that are taken, and two runs at once."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import environment, started, wait_until
from stage import ARTIFACT, FILES, SIZE

import hubaction.action.run as run_module
from hubaction.sandbox import parse_fault
from hubaction.sandbox.world import PLATFORM_MODEL

DIALECTS = ("platform", "hub")
DOWNLOADS = [(dialect, operation) for dialect in DIALECTS for operation in ("export-model", "get-export")]
NOBODY = 65534


def run(stage: Any, operation: str, dialect: str, **inputs: str) -> Any:
    if operation == "get-export":
        stage.prepare_export(dialect)
    return stage.run(operation, dialect, **inputs)


def shown_ranges(end: Any) -> int:
    """Downloads that asked for a part of the file."""
    return sum(one.path.startswith("/storage/") and "range" in one.headers for one in end.entries)


@contextlib.contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """The system refuses to let any file of this process grow further."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A file system of its own, with so much room."""
    libc = ctypes.CDLL(None, use_errno=True)
    folder.mkdir(parents=True, exist_ok=True)
    if libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, f"size={kilobytes}k".encode()):
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        libc.umount(os.fsencode(folder))


def as_nobody(function: Any) -> Any:
    """The same without root's right to write everywhere."""

    def called(*args: Any) -> Any:
        was_root = os.geteuid() == 0
        if was_root:
            os.seteuid(NOBODY)
        try:
            return function(*args)
        finally:
            if was_root:
                os.seteuid(0)

    return called


@pytest.mark.parametrize(("dialect", "operation"), DOWNLOADS)
def test_a_download_goes_on_once_a_full_disk_has_room(stage: Any, dialect: str, operation: str) -> None:
    with no_file_above(SIZE // 2):
        end = run(stage, operation, dialect)
    assert (end.code, end.kind, stage.on_disk(dialect)) == (4, "UsageError", "part")
    assert "is full. Make room and run it again: it goes on where it stopped." in end.text
    end = stage.run("get-export", dialect)
    assert (end.code, stage.on_disk(dialect), shown_ranges(end)) == (0, "file", 1)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_disk_that_is_really_full(stage: Any, dialect: str) -> None:
    with small_disk(stage.out, 128):
        end = run(stage, "get-export", dialect)
        assert (end.code, end.kind, stage.on_disk(dialect)) == (4, "UsageError", "part")
        assert "is full." in end.text


def test_a_key_on_a_full_disk_is_not_half_saved(stage: Any) -> None:
    with small_disk(stage.folder / "home", 16) as home:
        (home / "ballast").write_bytes(bytes(8 << 10))
        with contextlib.suppress(OSError), (home / "ballast").open("ab") as file:
            while True:
                file.write(bytes(512))
                file.flush()
        end = stage.run("login", "platform")
        assert (end.code, end.kind) == (2, "UsageError")
        assert "The key cannot be saved" in end.text
        assert not stage.saved_key.exists()
        assert [path.name for path in home.rglob("*") if path.is_file()] == ["ballast"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dataset_that_cannot_be_packed_is_not_sent(stage: Any, detect: Any, dialect: str) -> None:
    detect.folder().rename(stage.workspace / "set")
    with no_file_above(2000):
        end = stage.run("upload-dataset", dialect, dataset_path="set", output_dir="reports")
    assert end.code == 2, end.text
    assert "cannot be written" in end.text
    assert end.sent("*", "*") == 0


@pytest.mark.parametrize(("dialect", "operation"), DOWNLOADS)
def test_an_older_file_stays_until_the_new_one_is_complete(stage: Any, dialect: str, operation: str) -> None:
    stage.out.mkdir()
    (stage.out / FILES[dialect]).write_bytes(b"older")
    stage.box.faults.add(parse_fault("GET /storage/* cut=200000 1"), parse_fault("GET /storage/* reset always"))
    end = run(stage, operation, dialect)
    assert end.code == 4
    assert (stage.out / FILES[dialect]).read_bytes() == b"older"
    stage.box.faults.clear()
    end = stage.run("get-export", dialect)
    assert (end.code, stage.on_disk(dialect), shown_ranges(end)) == (0, "file", 1)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_link_in_place_of_the_file_is_replaced_and_not_followed(stage: Any, dialect: str) -> None:
    outside = stage.folder / "outside"
    outside.write_bytes(b"precious")
    stage.out.mkdir()
    (stage.out / FILES[dialect]).symlink_to(outside)
    assert run(stage, "get-export", dialect).code == 0
    assert (outside.read_bytes(), stage.on_disk(dialect)) == (b"precious", "file")
    assert not (stage.out / FILES[dialect]).is_symlink()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_folder_in_place_of_the_file(stage: Any, dialect: str) -> None:
    (stage.out / FILES[dialect]).mkdir(parents=True)
    end = run(stage, "get-export", dialect)
    assert (end.code, end.kind) == (4, "UsageError")
    assert "cannot be written: Is a directory. Choose another folder." in end.text
    assert (stage.out / FILES[dialect]).is_dir()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_file_in_place_of_the_folder(stage: Any, dialect: str) -> None:
    stage.out.write_bytes(b"mine")
    end = run(stage, "get-export", dialect)
    assert (end.code, end.kind) == (4, "UsageError")
    assert "Choose another folder." in end.text
    assert stage.out.read_bytes() == b"mine"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_folder_that_may_not_be_written(stage: Any, dialect: str) -> None:
    stage.prepare_export(dialect)
    with tempfile.TemporaryDirectory() as home:
        workspace = Path(home)
        (workspace / "locked").mkdir()
        workspace.chmod(0o755)
        (workspace / "locked").chmod(0o555)
        stage.extra["GITHUB_WORKSPACE"] = home
        with stage.monkeypatch.context() as patch:
            patch.setattr(run_module, "_operate", as_nobody(run_module._operate))
            end = stage.run("get-export", dialect, output_dir="locked")
        (workspace / "locked").chmod(0o755)
        assert (end.code, end.kind) == (4, "UsageError")
        assert "cannot be written: Permission denied. Choose another folder." in end.text
        assert list((workspace / "locked").iterdir()) == []


def test_of_two_runs_at_once_one_is_refused_and_the_other_completes(stage: Any) -> None:
    stage.prepare_export("platform")
    stage.box.faults.add(parse_fault("GET /storage/* hang=2 1"))
    first = ("get-export", PLATFORM_MODEL, "--output-dir", "hub-action-report")
    given = environment(stage.folder / "home", stage.box, "platform")
    with started(stage.workspace, given, *first) as process:
        wait_until(lambda: any(one.path.startswith("/storage/") for one in stage.box.log))
        end = stage.run("get-export", "platform")
        assert (end.code, end.kind, end.sent("GET", "/storage/*")) == (4, "UsageError", 0)
        assert "Another run is downloading to" in end.text
        printed = b"".join(process.communicate(timeout=30))
    stage.check_secrecy({"printed": printed})
    assert process.returncode == 0, printed
    assert stage.on_disk("platform") == "file"


def test_runs_one_after_the_other_give_the_same_file(stage: Any) -> None:
    stage.prepare_export("platform")
    for _ in range(2):
        assert stage.run("get-export", "platform").code == 0
        content = (stage.out / FILES["platform"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == ARTIFACT.sha256
