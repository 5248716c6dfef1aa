"""Fetches the file of an export: in pieces, on from where it broke, and whole or not at all under its name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hubaction.errors import Unreachable
from hubaction.hub.address import host_of
from hubaction.hub.answer import Answer
from hubaction.hub.artifact_name import artifact_name
from hubaction.hub.broken import Broken
from hubaction.hub.part_file import PartFile, open_part
from hubaction.hub.retry import Patience
from hubaction.hub.secret import Secret
from hubaction.hub.service import Export, Progress
from hubaction.hub.storage import FOREVER, CutError, Piece, Storage
from hubaction.report.escape import visible

_EXPIRED = frozenset({400, 401, 403, 404, 410})
"""What storages answer where a signature is over or its object has moved: S3 and Azure 403, Google 400."""

_GAIN = 64 << 10  # bytes that an attempt has to bring, so that the next one counts as the first


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A complete file. ``resumed_from``: bytes that an earlier run had left and that were not fetched again."""

    path: Path
    size: int
    sha256: str
    resumed_from: int = 0


def download(
    export: Export,
    refresh: Callable[[], Export],
    folder: Path,
    storage: Storage,
    progress: Progress,
    *,
    model: str = "model",
    deadline: float = FOREVER,
) -> Downloaded:
    """Fetch the file of a completed export into a folder.

    A file that has the name already is replaced, at one instant and only by a complete one: whoever runs a job again
    wants what the service has now. What an interrupted run has left is gone on with if the storage still has the same
    file, and fetched anew otherwise. Two runs that want the same file at once do not meet: the second one is refused.

    Args:
        export: completed; where its address is missing or over, ``refresh`` is asked for one that is not.
        model: for the file's name, where the one that the service gives is of no use.
        deadline: of the clock's ``monotonic``.

    Raises:
        UsageError: the folder cannot be written, the disk is full, or another run fetches the same file.
        Unreachable: the file does not come, or not in its length.
        NotFound, Forbidden: the storage refuses it, with a fresh address too. TimedOut.
    """
    name = artifact_name(export, model)
    with open_part(folder / f".{name}.{_short_id(export)}.part") as part:
        fetch = _Fetch(export, refresh, storage, part, progress, deadline, earlier=part.size)
        fetch.run()
        done = Downloaded(folder / name, part.size, part.digest(), fetch.earlier)
        part.publish(done.path)
    return done


def _short_id(export: Export) -> str:
    """The same for a later run that wants the same export. Where a service has no ids, its storage's own mark of the
    file tells an older export apart.
    """
    return hashlib.sha256(f"{export.format} {export.id}".encode("utf-8", "replace")).hexdigest()[:8]


@dataclass(slots=True)
class _Fetch:
    """One file on its way. ``earlier``: bytes of an earlier run that are still of use."""

    export: Export
    refresh: Callable[[], Export]
    storage: Storage
    part: PartFile
    progress: Progress
    deadline: float
    earlier: int
    is_renewed: bool = False

    def run(self) -> None:
        """Fetch until the file is complete. An attempt that brings much makes the count begin anew."""
        attempt, most = 1, self.part.size
        while (found := self._try()) is not None:
            if self.part.size >= most + _GAIN:
                attempt, most, self.is_renewed = 1, self.part.size, False
            if isinstance(found, Answer) and self._mended(found):
                continue
            if not self._patience().waits(found, attempt):
                raise self.storage.failure(found, self._url(), self._doing(), self.deadline)
            attempt += 1

    def _try(self) -> Answer | Broken | None:
        """One request. None when the file is complete.

        What is there is asked for from its last byte on, since a complete file has no byte behind its end to ask for.
        """
        start = max(0, self.part.size - 1) if self.part.validator else 0
        with self.storage.open(self._url(), start, self.part.validator, self.deadline) as found:
            return self._take(found) if isinstance(found, Piece) else found

    def _take(self, piece: Piece) -> Broken | None:
        total = self._total(piece)
        self.part.begin(piece.start, piece.validator)
        self.earlier = min(self.earlier, piece.start)
        try:
            for block in piece.blocks:
                if total is not None and self.part.size + len(block) > total:
                    raise self._wrong_size("more", total)
                self.part.write(block)
                self.progress(self.part.size, total or 0)
        except CutError as cut:
            return cut.broken
        if total is not None and self.part.size < total:
            return Broken("The storage ended the file before its end.", "Try again later.")
        if not self.part.size and self.export.size is None:
            return Broken("The storage gave an empty file, which no export is.", "Try again later.")
        return None

    def _total(self, piece: Piece) -> int | None:
        """Size of the whole file. Raises Unreachable where service and storage differ."""
        told = self.export.size
        if told is not None and piece.total is not None and told != piece.total:
            raise self._wrong_size(f"{piece.total:,}", told)
        return piece.total if told is None else told

    def _wrong_size(self, found: str, told: int) -> Unreachable:
        self.part.begin(0, "")
        cause = f"Could not {self._doing()}: it has {told:,} bytes by the service, and {found} in the storage."
        return Unreachable(cause, "Start the export again.")

    def _mended(self, refusal: Answer) -> bool:
        """Whether an address that is over could be renewed, or bytes that are of no use could be dropped."""
        if refusal.status == 416 and self.part.size:
            self.part.begin(0, "")
            return True
        if refusal.status not in _EXPIRED or self.is_renewed:
            return False
        self._renew()
        return True

    def _renew(self) -> None:
        self.is_renewed = True
        self.export = self.refresh()

    def _url(self) -> Secret:
        """The address. Raises Unreachable where the service has none."""
        if self.export.url is None and not self.is_renewed:
            self._renew()
        if self.export.url is None:
            cause = f"Could not {self._doing()}: the service gives no address for it."
            raise Unreachable(cause, "Look at the export on the service, and start it again.")
        return self.export.url

    def _doing(self) -> str:
        return f"download the export to {visible(self.export.format)}"

    def _patience(self) -> Patience:
        return Patience(host_of(self._url().reveal()), self.storage.clock, self.storage.notify, self.deadline)
