"""Waiting for exports: how often is asked, for how long, and what is told meanwhile."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from scripted import ScriptedClock

from hubaction.errors import NotFound, RateLimited, TimedOut, Unauthorised, Unreachable
from hubaction.hub.service import Export, ModelId, State
from hubaction.hub.waiting import wait_for_exports

MODEL = ModelId("demo/shapes/yolo11n", ("demo", "shapes", "yolo11n"))
Answers = Callable[[float, Export], Export | Exception]


class Exporting:
    """A service whose exports stand as a function tells by time."""

    def __init__(self, clock: ScriptedClock, answers: Answers) -> None:
        self.clock = clock
        self.start = clock.time
        self.answers = answers
        self.asked: list[tuple[float, list[str], float]] = []

    def exports(self, model: ModelId, wanted: Sequence[Export], deadline: float) -> list[Export]:
        assert model is MODEL
        now = self.clock.time - self.start
        self.asked.append((now, [export.format for export in wanted], deadline - self.start))
        found = [self.answers(now, export) for export in wanted]
        for one in found:
            if isinstance(one, Exception):
                raise one
        return [one for one in found if isinstance(one, Export)]


def wait(answers: Answers, budget: float, *formats: str) -> tuple[list[Export], Exporting, list[str]]:
    clock = ScriptedClock()
    service: Any = Exporting(clock, answers)
    told: list[str] = []
    exports = [Export(name, State.PENDING, word="queued") for name in formats or ("onnx",)]
    return wait_for_exports(service, MODEL, exports, budget, told.append, clock), service, told


def after(**seconds: float) -> Answers:
    """Each format is completed after so many seconds."""

    def answer(now: float, export: Export) -> Export:
        if now < seconds[export.format]:
            return dataclasses.replace(export, word="running")
        return dataclasses.replace(export, state=State.COMPLETED, word="completed")

    return answer


def test_one_question_for_all_that_are_pending() -> None:
    ended, service, told = wait(after(onnx=20, engine=30, pb=1), 600, "onnx", "engine", "pb")
    assert [export.format for export in ended] == ["onnx", "engine", "pb"]
    assert {export.state for export in ended} == {State.COMPLETED}
    assert [formats for _, formats, _ in service.asked] == [["onnx", "engine", "pb"], ["onnx", "engine"], ["engine"]]
    assert told == ["pb: completed.", "onnx: completed.", "engine: completed."]


def test_intervals_grow_from_10_to_15_seconds() -> None:
    _, service, _ = wait(after(onnx=200), 600)
    times = [0.0, *(now for now, _, _ in service.asked)]
    gaps = [later - now for now, later in itertools.pairwise(times)]
    assert gaps[:7] == [10, 11, 12, 13, 14, 15, 15]
    assert max(gaps) == 15


def test_the_budget_ends_the_wait() -> None:
    [export], service, _ = wait(after(onnx=9999), 25)
    assert (export.state, export.word) == (State.PENDING, "running")
    assert [(now, deadline) for now, _, deadline in service.asked] == [(10, 25), (21, 31), (25, 35)]


@pytest.mark.parametrize("budget", [0, -5])
def test_no_budget_no_question(budget: float) -> None:
    [export], service, told = wait(after(onnx=0), budget)
    assert (export.state, service.asked, told) == (State.PENDING, [], [])


def test_what_has_ended_before_is_not_asked_about() -> None:
    clock = ScriptedClock()
    service: Any = Exporting(clock, after(onnx=0))
    done = Export("pb", State.FAILED)
    assert wait_for_exports(service, MODEL, [done], 60, print, clock) == [done]
    assert (service.asked, clock.slept) == ([], [])


@pytest.mark.parametrize("kind", [Unreachable, RateLimited, TimedOut])
def test_a_missing_answer_is_borne(kind: type[Exception]) -> None:
    def answer(now: float, export: Export) -> Export | Exception:
        return kind("The service is down.") if now < 40 else after(onnx=0)(now, export)

    [export], _, told = wait(answer, 600)
    assert export.state is State.COMPLETED
    assert told[0] == "The service is down. The wait goes on."


def test_a_missing_answer_to_the_end_keeps_the_last_known_state() -> None:
    [export], service, _ = wait(lambda *_: Unreachable("Down."), 60)
    assert (export.state, export.word) == (State.PENDING, "queued")
    assert len(service.asked) == 5


@pytest.mark.parametrize("kind", [Unauthorised, NotFound])
def test_a_refusal_ends_the_wait(kind: type[Exception]) -> None:
    with pytest.raises(kind):
        wait(lambda *_: kind("No."), 600)


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_every_end_is_an_end(state: State) -> None:
    [export], service, told = wait(lambda _, export: dataclasses.replace(export, state=state), 600)
    assert (export.state, len(service.asked), told) == (state, 1, [f"onnx: {state.value}."])


def test_every_half_minute_one_line_tells_what_still_runs() -> None:
    _, _, told = wait(after(onnx=95, pb=50), 600, "onnx", "pb")
    assert told == [
        "After 33 s still waiting for: onnx (running), pb (running).",
        "pb: completed.",
        "After 1 min 15 s still waiting for: onnx (running).",
        "onnx: completed.",
    ]


def test_a_word_of_the_service_is_made_visible() -> None:
    def answer(_now: float, export: Export) -> Export:
        return dataclasses.replace(export, word="\x1b[31mred\n::error::")

    _, _, told = wait(answer, 60)
    assert told
    assert all(line.isprintable() for line in told)
