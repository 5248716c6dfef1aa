"""The sandbox's own routes, for scripts: turn a knob, arm a fault, let time pass, read the log."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from hubaction.errors import UsageError
from hubaction.sandbox.answers import Refusal
from hubaction.sandbox.contract import accept, flag, number, texts
from hubaction.sandbox.gate import Route, json_body
from hubaction.sandbox.knobs import FaultTable, parse_fault
from hubaction.sandbox.log import Log
from hubaction.sandbox.world import World

ABOUT = "This is the hub-action sandbox, not the live service: it proves the logic of a client and nothing else."
_OWN = {"faults": texts(1000, 1000), "clear_faults": flag(), "advance": number(0, 1e9)}


class Control:
    """The routes below ``/_sandbox/``, open to whoever reaches the address: the sandbox holds nothing of value."""

    def __init__(
        self, world: World, faults: FaultTable, log: Callable[[], Log], pass_time: Callable[[float], None]
    ) -> None:
        self._world = world
        self._faults = faults
        self._log = log
        self._pass_time = pass_time

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/_sandbox/", self.about, None, is_open=True),
            Route("GET", "/_sandbox/log", self.log, None, is_open=True),
            Route("DELETE", "/_sandbox/log", self.forget, None, is_open=True),
            Route("POST", "/_sandbox/knobs", self.turn, None, is_open=True),
        ]

    def about(self) -> object:
        return {"about": ABOUT, "knobs": dataclasses.asdict(self._world.knobs)}

    def log(self) -> object:
        return {"requests": [dataclasses.asdict(entry) for entry in self._log().entries]}

    def forget(self) -> object:
        self._log().clear()
        return {"success": True}

    def turn(self) -> object:
        """Change knobs by name; ``faults`` adds some as text, ``clear_faults`` ends all, ``advance`` passes seconds."""
        body = json_body()
        if not isinstance(body, dict):
            raise Refusal(400, "body: expected an object")
        try:
            self._turn({str(name): value for name, value in body.items()})
        except UsageError as error:
            raise Refusal(400, str(error)) from None
        return self.about()

    def _turn(self, body: dict[str, object]) -> None:
        own = accept(_OWN, {name: body.pop(name) for name in _OWN if name in body})
        lines, seconds = own.get("faults", []), own.get("advance", 0)
        faults = [parse_fault(str(text)) for text in lines] if isinstance(lines, list) else []
        self._world.knobs = self._world.knobs.turned(body)
        if own.get("clear_faults"):
            self._faults.clear()
        self._faults.add(*faults)
        self._pass_time(seconds if isinstance(seconds, int | float) else 0)
