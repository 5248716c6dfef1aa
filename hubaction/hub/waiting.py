"""Waits for exports: one question for all of them per interval, within a budget of time."""

from __future__ import annotations

from collections.abc import Sequence

from hubaction.errors import RateLimited, TimedOut, Unreachable
from hubaction.hub.clock import Clock
from hubaction.hub.service import Export, ModelId, Notify, Service, State
from hubaction.report.escape import visible

FIRST_INTERVAL, LAST_INTERVAL = 10.0, 15.0
"""Seconds between two questions: 4 to 6 a minute, of the 20 that the Platform allows for exports."""

_REPORT_EVERY = 30.0
_GRACE = 10.0  # seconds that the last question may take beyond the budget
_TRANSIENT = (Unreachable, RateLimited, TimedOut)


def wait_for_exports(
    service: Service, model: ModelId, exports: Sequence[Export], budget: float, notify: Notify, clock: Clock
) -> list[Export]:
    """The exports when all have ended or ``budget`` seconds are over; one that is still ``PENDING`` has timed out.

    An answer that fails to come is tolerated within the budget. Anything else the service refuses is raised.
    """
    wait = _Wait(service, model, list(exports), notify, clock)
    wait.run(budget)
    return wait.known


class _Wait:
    """The last known states, and when they were last told."""

    def __init__(self, service: Service, model: ModelId, known: list[Export], notify: Notify, clock: Clock) -> None:
        self.service = service
        self.model = model
        self.known = known
        self.notify = notify
        self.clock = clock
        self.start = self.reported = clock.monotonic()

    def run(self, budget: float) -> None:
        interval = FIRST_INTERVAL
        while self._pending() and (left := self.start + budget - self.clock.monotonic()) > 0:
            self.clock.sleep(min(interval, left))
            self._ask(max(self.start + budget, self.clock.monotonic() + _GRACE))
            self._report()
            interval = min(interval + 1, LAST_INTERVAL)

    def _pending(self) -> list[int]:
        return [index for index, export in enumerate(self.known) if export.state is State.PENDING]

    def _ask(self, deadline: float) -> None:
        """Ask once about all that are pending."""
        pending = self._pending()
        try:
            answers = self.service.exports(self.model, [self.known[index] for index in pending], deadline)
        except _TRANSIENT as error:
            self.notify(f"{error.cause} The wait goes on.")
            return
        for index, export in zip(pending, answers, strict=True):
            self.known[index] = export
            if export.state is not State.PENDING:
                self.notify(f"{export.format}: {export.state.value}.")

    def _report(self) -> None:
        """Say now and then what is still going on."""
        now = self.clock.monotonic()
        pending = self._pending()
        if pending and now - self.reported >= _REPORT_EVERY:
            self.reported = now
            running = ", ".join(_shown(self.known[index]) for index in pending)
            self.notify(f"After {_duration(now - self.start)} still waiting for: {running}.")


def _shown(export: Export) -> str:
    return f"{export.format} ({visible(export.word)})" if export.word else export.format


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
