"""The action: environment in, annotations, outputs and summary out, exit code back."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from hubaction import console
from hubaction.action.capture import captured, runner_stream
from hubaction.action.commands import Commands
from hubaction.action.event import FORK_NOTE, is_from_fork
from hubaction.action.files import hand_over, write_outputs, write_summary
from hubaction.action.inputs import is_maskable, read_inputs, secrets
from hubaction.errors import DatasetUnreadable
from hubaction.operations.outcome import Context, Outcome
from hubaction.report.escape import markdown


def run(environment: Mapping[str, str] | None = None, stream: TextIO | None = None) -> int:
    """Run the operation that the inputs name. Every non-zero exit code has an ``::error::`` of its own.

    All that is printed goes to one stream, each line flushed and none of them foreign: secrets are masked first.
    """
    environment = os.environ if environment is None else environment
    console.set_up_process()
    with contextlib.nullcontext(stream) if stream else runner_stream() as out:
        return _run(environment, Commands(out))


def _run(environment: Mapping[str, str], commands: Commands) -> int:
    inputs = read_inputs(environment)
    workspace = Path(environment.get("GITHUB_WORKSPACE") or ".").absolute()
    try:
        commands.mask(secrets(environment, inputs))
        with captured(commands.text):
            outcome = _operate(inputs, _context(workspace, environment, commands))
        hand_over(outcome.written, workspace)
        return _publish(outcome, environment, commands)
    except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001 - every failure becomes a sentence
        return _fail(error, environment, commands)


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
    note = FORK_NOTE if outcome.outputs.get("report_sarif") and is_from_fork(environment) else ""
    write_summary(environment.get("GITHUB_STEP_SUMMARY", ""), outcome.summary + (f"\n_{note}_\n" if note else ""))
    commands.text(outcome.text + (f"\n{note}\n" if note else ""))
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
        outputs = {"verdict": _verdict(error, code), "state": _state(error)}
        write_outputs(environment.get("GITHUB_OUTPUT", ""), outputs)
    return code


def _verdict(error: BaseException, code: int) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return "unreadable" if code == DatasetUnreadable.exit_code else "error"


def _state(error: BaseException) -> str:
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
