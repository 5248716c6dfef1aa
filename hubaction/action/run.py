"""The action: environment in, annotations, outputs and summary out, exit code back."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from hubaction import console
from hubaction.action.commands import Commands
from hubaction.action.files import hand_over, write_outputs, write_summary
from hubaction.action.inputs import is_maskable, read_inputs, secrets
from hubaction.operations.outcome import Context, Outcome
from hubaction.report.escape import markdown


def run(environment: Mapping[str, str] | None = None, stream: TextIO | None = None) -> int:
    """Run the operation that the inputs name. Every non-zero exit code has an ``::error::`` of its own."""
    environment = os.environ if environment is None else environment
    commands = Commands(stream or sys.stdout)
    signal.signal(signal.SIGTERM, _interrupt)
    console.set_up_process()
    inputs = read_inputs(environment)
    workspace = Path(environment.get("GITHUB_WORKSPACE") or ".").absolute()
    try:
        commands.mask(secrets(environment, inputs))
        outcome = _operate(inputs, _context(workspace, environment, commands))
        hand_over(outcome.written, workspace)
        return _publish(outcome, environment, commands)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last stop: every failure becomes a sentence
        return _fail(error, environment, commands)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Process 1 of a container has no default action for SIGTERM: end as on an interrupt."""
    raise KeyboardInterrupt


def _context(workspace: Path, environment: Mapping[str, str], commands: Commands) -> Context:
    def mask(secret: str) -> None:
        commands.mask([secret] if is_maskable(secret) else [])

    activity = functools.partial(console.progress, commands.stream)
    return Context(workspace, activity, commands.text, environment, mask)


def _operate(inputs: Mapping[str, str], context: Context) -> Outcome:
    from hubaction.operations.table import operation_named

    return operation_named(inputs["operation"])(inputs, context)


def _publish(outcome: Outcome, environment: Mapping[str, str], commands: Commands) -> int:
    """Annotations come last: a viewer scrolls to the end of the log, and the runner counts only the first ten."""
    write_outputs(environment.get("GITHUB_OUTPUT", ""), outcome.outputs)
    write_summary(environment.get("GITHUB_STEP_SUMMARY", ""), outcome.summary)
    commands.text(outcome.text)
    for annotation in outcome.annotations:
        commands.annotate(annotation)
    if outcome.exit_code and not any(one.command == "error" for one in outcome.annotations):
        commands.error(f"The step fails with exit code {outcome.exit_code}; the log above says why.")
    return outcome.exit_code


def _fail(error: BaseException, environment: Mapping[str, str], commands: Commands) -> int:
    cause, cure, code = console.describe(error)
    if trace := console.debug_traceback(error):
        commands.text(trace)
    commands.error(f"{cause} {cure}".rstrip())
    with contextlib.suppress(OSError):  # the runner's files may be what has failed; the error above says so
        write_summary(environment.get("GITHUB_STEP_SUMMARY", ""), f"## ❌ {markdown(cause)}\n\n{markdown(cure)}\n")
        verdict = "unreadable" if code == 3 else "error"
        state = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
        write_outputs(environment.get("GITHUB_OUTPUT", ""), {"verdict": verdict, "state": state})
    return code
