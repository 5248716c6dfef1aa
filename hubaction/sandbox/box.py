"""The sandbox as one thing: start it, use it, stop it."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from hubaction.hub.clock import Clock, SystemClock
from hubaction.sandbox.control import Control
from hubaction.sandbox.furnish import furnish
from hubaction.sandbox.gate import Gate, Route, root_of_request
from hubaction.sandbox.hub_models import HubModels
from hubaction.sandbox.hub_records import HubRecords
from hubaction.sandbox.knobs import Fault, FaultTable, Knobs
from hubaction.sandbox.log import Entry, Keys
from hubaction.sandbox.platform_datasets import PlatformDatasets
from hubaction.sandbox.platform_exports import PlatformExports
from hubaction.sandbox.platform_models import PlatformModels
from hubaction.sandbox.platform_uploads import PlatformUploads
from hubaction.sandbox.server import Server, listen
from hubaction.sandbox.storage import Storage
from hubaction.sandbox.world import World


class Sandbox:
    """Both services on one local address, with an account of their own. Nothing it says is about the live services.

    >>> with Sandbox(seconds=0) as box:
    ...     print(box.url, box.platform_key)

    Attributes:
        url: root of both dialects, such as ``http://127.0.0.1:40123``.
        platform_key, hub_key: the keys that it accepts; random unless given.
        faults: those still to come.
        knobs: see ``Knobs``; ``turn`` changes them.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        platform_key: str = "",
        hub_key: str = "",
        clock: Clock | None = None,
        faults: Iterable[Fault] = (),
        **knobs: object,
    ) -> None:
        """Serve at once, until ``stop``.

        Args:
            port: 0 for a free one.
            knobs: fields of ``Knobs``.

        Raises:
            UsageError: the port cannot be had, or there is no such knob.
        """
        turned = Knobs().turned(knobs)
        self.platform_key = platform_key or f"ul_{secrets.token_hex(20)}"
        self.hub_key = hub_key or secrets.token_hex(21)
        self.faults = FaultTable(faults)
        self._clock = _Shifted(clock or SystemClock())
        with listen(host, port) as listening:
            reached_at = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not listened on
            self.url = f"http://{reached_at}:{listening.getsockname()[1]}"
            self._folder = tempfile.TemporaryDirectory(prefix="hubaction-sandbox-")
            self._world = World(root_of_request, Path(self._folder.name), self._clock, turned)
            furnish(self._world)
            self._gate = Gate(self._world, Keys(self.platform_key, self.hub_key), self.faults, self._routes())
            self._server = Server(listening, self._gate.app)
        self._server.start()

    def _routes(self) -> list[Route]:
        world = self._world
        control = Control(world, self.faults, lambda: self._gate.log, self.advance)
        parts = (PlatformModels, PlatformExports, PlatformDatasets, PlatformUploads, HubModels, HubRecords, Storage)
        return [*control.routes(), *(route for part in parts for route in part(world).routes())]

    @property
    def knobs(self) -> Knobs:
        return self._world.knobs

    @property
    def log(self) -> list[Entry]:
        """The requests so far, oldest first."""
        return self._gate.log.entries

    @property
    def leaks(self) -> list[str]:
        """Where a key was seen that should not be there; empty for a client that keeps its secrets."""
        return [f"{entry.method} {entry.path}: {place}" for entry in self.log for place in entry.leaks]

    def turn(self, **knobs: object) -> None:
        """Change knobs. Raises UsageError for one that there is not."""
        with self._world.lock:
            self._world.knobs = self._world.knobs.turned(knobs)

    def advance(self, seconds: float) -> None:
        """Let time pass for the sandbox: exports go on, links expire, rate limits recover."""
        self._clock.ahead += seconds

    def stop(self) -> None:
        """End all connections and remove all files."""
        self._gate.stopping.set()
        self._server.stop()
        self._world.readers.shutdown(cancel_futures=True)
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Shifted:
    """A clock that can be put forward."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ahead = 0.0

    def monotonic(self) -> float:
        return self._clock.monotonic() + self.ahead

    def now(self) -> float:
        return self._clock.now() + self.ahead

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)
