"""Downloads: whole or not at all, and on from where they broke."""

from __future__ import annotations

import dataclasses
import errno
import fcntl
import hashlib
import os
import random
import stat
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from wire import FakeClock, Reply, Server, serving

from hubaction.errors import Forbidden, NotFound, Rejected, ServiceError, TimedOut, Unreachable, UsageError
from hubaction.hub import part_file
from hubaction.hub.download import Downloaded, download
from hubaction.hub.secret import Secret
from hubaction.hub.service import Export, State
from hubaction.hub.storage import Storage

DATA = random.Random(4).randbytes(3_000_000)
SHA = hashlib.sha256(DATA).hexdigest()
TAG = {"ETag": '"v1"'}
FILE = Reply(200, DATA, TAG, ranges=True)
NAME = "best.onnx"


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def cut(at: int, reply: Reply = FILE) -> Reply:
    return dataclasses.replace(reply, cut=at)


class Scene:
    """One download: the server, the folder, and all that is said."""

    def __init__(self, server: Server, folder: Path, size: int | None = len(DATA)) -> None:
        self.server = server
        self.folder = folder
        self.told: list[str] = []
        self.clock = FakeClock()
        self.seen: list[tuple[int, int]] = []
        self.renewed = 0
        self.export = Export(
            "onnx", State.COMPLETED, id="e1", size=size, url=Secret(f"{server.url}/f?signature=top"), file_name=NAME
        )

    def refresh(self) -> Export:
        self.renewed += 1
        return dataclasses.replace(self.export, url=Secret(f"{self.server.url}/fresh?signature=top"))

    def run(self, **options: Any) -> Downloaded:
        storage = Storage(self.told.append, self.clock, (5.0, 5.0))
        return download(
            self.export,
            self.refresh,
            self.folder,
            storage,
            lambda *at: self.seen.append(at),
            model="yolo11n",
            **options,
        )

    def refused(self, kind: type[Exception], **options: Any) -> Any:
        """The error, which holds no address. Nothing has the final name."""
        with pytest.raises(kind) as raised:
            self.run(**options)
        assert type(raised.value) is kind
        assert "signature" not in "".join(traceback.format_exception(raised.value)) + "".join(self.told)
        assert not os.path.lexists(self.folder / NAME)
        return raised.value

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    @property
    def part(self) -> Path:
        (found,) = self.folder.glob(".*.part")
        return found

    def ranges(self) -> list[str | None]:
        return [seen.headers["Range"] for seen in self.server.seen]


def test_a_file_arrives_whole(tmp_path: Path) -> None:
    with serving(FILE) as server:
        scene = Scene(server, tmp_path / "new" / "folder")
        done = scene.run()
    assert done == Downloaded(scene.folder / NAME, len(DATA), SHA, 0)
    assert done.path.read_bytes() == DATA
    assert scene.names == [NAME]
    assert scene.seen[-1] == (len(DATA), len(DATA))
    assert not scene.renewed
    assert not scene.told


def test_the_file_has_an_ordinary_mode(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        with serving(FILE) as server:
            done = Scene(server, tmp_path).run()
    finally:
        os.umask(umask)
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o640


def test_the_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync, seen = os.fsync, []
    monkeypatch.setattr(part_file.os, "fsync", lambda handle: seen.append((tmp_path / NAME).exists()) or sync(handle))
    with serving(FILE) as server:
        Scene(server, tmp_path).run()
    assert seen == [False]


def test_cuts_are_mended_in_one_run(tmp_path: Path) -> None:
    with serving(cut(1_000_000), cut(900_000), cut(700_000), FILE) as server:
        scene = Scene(server, tmp_path)
        done = scene.run()
    assert done.sha256 == SHA
    assert scene.ranges() == [None, "bytes=999999-", "bytes=1899998-", "bytes=2599997-"]
    assert len(scene.told) == 3
    assert done.resumed_from == 0


def test_a_later_run_goes_on(tmp_path: Path) -> None:
    with serving(cut(1_000_000), Reply(400)) as server:
        scene = Scene(server, tmp_path)
        scene.refused(Rejected)
        assert scene.part.stat().st_size == 1_000_000
        assert stat.S_IMODE(scene.part.stat().st_mode) == 0o600
        server.script[:] = [FILE]
        done = scene.run()
    assert (done.sha256, done.resumed_from) == (SHA, 999_999)
    assert scene.names == [NAME]
    assert server.seen[-1].headers["If-Range"] == '"v1"'


def test_a_run_that_ended_just_before_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_paths: object) -> None:
        raise KeyboardInterrupt

    with serving(FILE) as server:
        scene = Scene(server, tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(part_file.os, "replace", fail)
            scene.refused(KeyboardInterrupt)
        done = scene.run()
    assert (done.sha256, done.resumed_from) == (SHA, len(DATA) - 1)
    assert scene.ranges() == [None, f"bytes={len(DATA) - 1}-"]


def test_the_earlier_bytes_are_part_of_the_checksum(tmp_path: Path) -> None:
    with serving(cut(1_000_000), Reply(400)) as server:
        scene = Scene(server, tmp_path)
        scene.refused(Rejected)
        with scene.part.open("r+b") as file:
            file.write(b"spoilt")
        server.script[:] = [FILE]
        assert scene.run().sha256 == hashlib.sha256(b"spoilt" + DATA[6:]).hexdigest()


@pytest.mark.parametrize("size", [len(DATA), 400_000])
def test_another_file_is_fetched_anew(tmp_path: Path, size: int) -> None:
    other = bytes(reversed(DATA))[:size]
    with serving(cut(1_000_000), Reply(400)) as server:
        scene = Scene(server, tmp_path)
        scene.refused(Rejected)
        server.script[:] = [Reply(200, other, {"ETag": '"v2"'})]  # the condition fails, so all of it comes
        scene.export = dataclasses.replace(scene.export, size=size)
        done = scene.run()
    assert (done.path.read_bytes(), done.sha256, done.resumed_from) == (other, hashlib.sha256(other).hexdigest(), 0)


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"v1"'}])
def test_what_cannot_be_told_apart_is_fetched_anew(tmp_path: Path, headers: dict[str, str]) -> None:
    with serving(cut(1_000_000, Reply(200, DATA, headers, ranges=True)), FILE) as server:
        scene = Scene(server, tmp_path)
        assert scene.run().sha256 == SHA
    assert scene.ranges() == [None, None]


@pytest.mark.parametrize("status", [206, 416])
def test_a_storage_that_refuses_the_range(tmp_path: Path, status: int) -> None:
    with serving(cut(1_000_000), Reply(status, DATA, {"Content-Range": "bytes 5-6/9"}), FILE) as server:
        scene = Scene(server, tmp_path)
        assert scene.run().sha256 == SHA
    assert scene.ranges() == [None, "bytes=999999-", None]


def test_a_storage_that_refuses_everything(tmp_path: Path) -> None:
    with serving(Reply(416)) as server:
        scene = Scene(server, tmp_path)
        scene.refused(Rejected)
    assert server.count == 1
    assert scene.names == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_an_address_that_is_over_is_renewed(tmp_path: Path, status: int) -> None:
    with serving(Reply(status), FILE) as server:
        scene = Scene(server, tmp_path)
        assert scene.run().sha256 == SHA
    assert [seen.path.partition("?")[0] for seen in server.seen] == ["/f", "/fresh"]
    assert scene.renewed == 1


@pytest.mark.parametrize(("status", "kind"), [(403, Forbidden), (404, NotFound)])
def test_an_address_is_renewed_once(tmp_path: Path, status: int, kind: type[ServiceError]) -> None:
    with serving(Reply(status)) as server:
        scene = Scene(server, tmp_path)
        error = scene.refused(kind)
    assert (scene.renewed, server.count) == (1, 2)
    assert error.cause.startswith("Could not download the export to onnx: the storage at 127.0.0.1:")
    assert scene.names == []


def test_an_address_may_end_again_after_much_has_come(tmp_path: Path) -> None:
    with serving(Reply(403), cut(1_000_000), Reply(403), FILE) as server:
        scene = Scene(server, tmp_path)
        assert scene.run().sha256 == SHA
    assert scene.renewed == 2


def test_a_missing_address_is_asked_for(tmp_path: Path) -> None:
    with serving(FILE) as server:
        scene = Scene(server, tmp_path)
        scene.export = dataclasses.replace(scene.export, url=None)
        assert scene.run().sha256 == SHA
        scene.refresh = lambda: scene.export  # type: ignore[method-assign]
        (tmp_path / NAME).unlink()
        assert "gives no address" in scene.refused(Unreachable).cause


def test_what_may_pass_is_tried_again(tmp_path: Path) -> None:
    with serving(Reply(503), Reply(429, b"", {"Retry-After": "9"}), Reply(500), FILE) as server:
        scene = Scene(server, tmp_path)
        assert scene.run().sha256 == SHA
    assert scene.clock.slept[1] >= 9
    assert scene.renewed == 0


def test_attempts_without_gain_end(tmp_path: Path) -> None:
    with serving(cut(1_000_000), cut(10)) as server:
        scene = Scene(server, tmp_path)
        error = scene.refused(Unreachable)
    assert "was cut" in error.cause
    assert server.count == 5
    assert scene.part.stat().st_size >= 1_000_000


@pytest.mark.parametrize(
    ("size", "found"), [(len(DATA) + 1, "3,000,000 in the storage"), (5, "5 bytes by the service")]
)
def test_service_and_storage_differ(tmp_path: Path, size: int, found: str) -> None:
    with serving(FILE) as server:
        scene = Scene(server, tmp_path, size)
        error = scene.refused(Unreachable)
    assert found in error.cause
    assert scene.names == []


@pytest.mark.parametrize("size", [len(DATA) - 1, 5])
def test_more_than_was_promised(tmp_path: Path, size: int) -> None:
    with serving(Reply(200, DATA, chunked=True)) as server:
        scene = Scene(server, tmp_path, size)
        error = scene.refused(Unreachable)
    assert "and more in the storage" in error.cause
    assert scene.names == []


def test_less_than_was_promised(tmp_path: Path) -> None:
    with serving(Reply(200, DATA, chunked=True)) as server:
        scene = Scene(server, tmp_path, len(DATA) + 5)
        assert "before its end" in scene.refused(Unreachable).cause


def test_a_length_that_is_wrong(tmp_path: Path) -> None:
    with serving(Reply(200, DATA, {"Content-Length": "4000000"})) as server:
        scene = Scene(server, tmp_path, None)
        assert "was cut" in scene.refused(Unreachable).cause
        scene.server.script[:] = [Reply(200, DATA, {"Content-Length": "3000"})]
        assert "3,000 in the storage" in Scene(server, tmp_path).refused(Unreachable).cause


def test_sizes_that_nobody_knows(tmp_path: Path) -> None:
    with serving(Reply(200, DATA, chunked=True)) as server:
        scene = Scene(server, tmp_path, None)
        assert scene.run().sha256 == SHA
    assert scene.seen[-1] == (len(DATA), 0)


def test_an_empty_file(tmp_path: Path) -> None:
    with serving(Reply(200, b"", TAG)) as server:
        scene = Scene(server, tmp_path, 0)
        done = scene.run()
    assert (done.size, done.path.read_bytes()) == (0, b"")
    assert scene.names == [NAME]


def test_an_older_file_is_replaced_by_a_complete_one_only(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"old")
    with serving(cut(1_000_000), Reply(400)) as server:
        scene = Scene(server, tmp_path)
        with pytest.raises(Rejected):
            scene.run()
        assert (tmp_path / NAME).read_bytes() == b"old"
        server.script[:] = [FILE]
        assert scene.run().path.read_bytes() == DATA


def test_a_link_with_the_name_is_replaced(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / NAME).symlink_to(victim)
    with serving(FILE) as server:
        Scene(server, folder).run()
    assert victim.read_bytes() == b"mine"
    assert not (folder / NAME).is_symlink()


def test_a_folder_with_the_name(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with serving(FILE) as server, pytest.raises(UsageError, match="cannot be written"):
        Scene(server, tmp_path).run()


def part_of(tmp_path: Path) -> Path:
    """Where the unfinished file lies."""
    with serving(cut(1_000_000), Reply(400)) as server:
        scene = Scene(server, tmp_path)
        scene.refused(Rejected)
    return scene.part


def plant_link(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


def plant_hard_link(path: Path, victim: Path) -> None:
    os.link(victim, path)


def plant_pipe(path: Path, _victim: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("plant", [plant_link, plant_hard_link, plant_pipe])
@pytest.mark.parametrize("ending", ["", ".etag"])
def test_what_is_planted_is_not_followed(tmp_path: Path, plant: Callable[[Path, Path], None], ending: str) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    folder = tmp_path / "out"
    target = part_of(folder)
    target = target.with_name(target.name + ending)
    target.unlink()
    plant(target, victim)
    with serving(FILE) as server:
        error = Scene(server, folder).refused(UsageError)
    assert "cannot be written" in error.cause
    assert victim.read_bytes() == b"mine"


def test_two_runs_at_once(tmp_path: Path) -> None:
    path = part_of(tmp_path)
    with path.open("rb") as other, serving(FILE) as server:
        fcntl.flock(other, fcntl.LOCK_EX)
        error = Scene(server, tmp_path).refused(UsageError)
        assert "Another run" in error.cause
        assert server.count == 0
        assert path.stat().st_size == 1_000_000
        fcntl.flock(other, fcntl.LOCK_UN)
        assert Scene(server, tmp_path).run().sha256 == SHA


def test_a_run_that_completes_before_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock then holds the complete file, which has another name by now and must not be written to."""
    path = part_of(tmp_path)
    lock = fcntl.flock

    def overtaken(handle: int, flags: int) -> None:
        if path.exists():
            path.rename(tmp_path / "complete")
        lock(handle, flags)

    monkeypatch.setattr(part_file.fcntl, "flock", overtaken)
    with serving(FILE) as server:
        monkeypatch.setattr(part_file, "_has_name", _once(part_file._has_name, monkeypatch.undo))
        assert Scene(server, tmp_path).run().sha256 == SHA
    assert (tmp_path / "complete").read_bytes() == DATA[:1_000_000]


def _once(check: Callable[[int, Path], bool], then: Callable[[], None]) -> Callable[[int, Path], bool]:
    def checked(handle: int, path: Path) -> bool:
        then()
        return check(handle, path)

    return checked


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int) -> None:
    write = os.write
    room = 1_500_000

    def fail(handle: int, data: Any) -> int:
        nonlocal room
        if room <= 0:
            raise OSError(fault, os.strerror(fault))
        written = write(handle, data[:room])
        room -= written
        return written

    with serving(FILE) as server:
        scene = Scene(server, tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(part_file.os, "write", fail)
            error = scene.refused(UsageError)
        assert "is full" in error.cause
        assert "it goes on where it stopped" in error.fix
        done = scene.run()
    assert done.sha256 == SHA
    assert done.resumed_from > 1_000_000


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with serving(FILE) as server, pytest.raises(UsageError, match="cannot be written"):
        Scene(server, tmp_path / "file" / "folder").run()


def test_a_deadline(tmp_path: Path) -> None:
    with serving(FILE) as server:
        scene = Scene(server, tmp_path)
        scene.refused(TimedOut, deadline=scene.clock.time)
    assert server.count == 0
    assert scene.names == []


def test_other_exports_have_other_parts(tmp_path: Path) -> None:
    path = part_of(tmp_path)
    with serving(FILE) as server:
        scene = Scene(server, tmp_path)
        scene.export = dataclasses.replace(scene.export, id="e2")
        assert scene.run().resumed_from == 0
    assert path.exists()
