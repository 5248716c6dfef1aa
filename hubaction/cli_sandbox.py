"""The command ``hubaction sandbox``."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubaction.sandbox import Sandbox

_DESCRIPTION = """Run a local stand-in for HUB and the Ultralytics Platform, to try workflows without an account.

It is not the live service: it proves the logic of a client, and nothing about HUB or the Platform."""

_EPILOG = """faults are written METHOD PATH KIND[=VALUE] [TIMES|always]:
  --fault 'GET /storage/* cut=1000 2'      the next two downloads end after 1,000 bytes
  --fault 'POST /api/*/exports status=503' the next start of an export answers 503
  --fault '* /v1/* html always'            HUB answers with a page in place of JSON

While it runs, POST /_sandbox/knobs changes the settings, and GET /_sandbox/log tells what was asked."""


def add_sandbox(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a parser; ``args.run(args)`` then runs it and gives the exit code."""
    command = commands.add_parser(
        "sandbox",
        help="run a local stand-in for HUB and the Platform",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = command.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, this machine only)")
    add("--port", type=int, default=0, help="port to listen on (default: a free one)")
    add("--fast", action="store_true", help="exports and uploads are done at once, and no rate limit holds")
    add("--seconds", type=float, help="seconds that an export stays in each state (default: 2)")
    add("--fail", metavar="FORMAT=MESSAGE", action="append", default=[], help="exports to this format fail")
    add("--fault", metavar="FAULT", action="append", default=[], help="a fault of some requests, see below")
    add("--artifact-size", metavar="BYTES", type=int, help="size of what an export gives (default: a few kB)")
    add("--ready-file", metavar="FILE", type=Path, help="write address and keys there as JSON when it listens")
    command.set_defaults(run=run_sandbox)


def run_sandbox(args: argparse.Namespace) -> int:
    """Run the command until SIGINT or SIGTERM, and return its exit code."""
    from hubaction import console
    from hubaction.sandbox import Sandbox, parse_fault

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    faults = [parse_fault(text) for text in args.fault]
    with Sandbox(host=args.host, port=args.port, faults=faults) as box:
        box.turn(**_knobs(args))
        console.write(_welcome(box), sys.stdout)
        if args.ready_file:
            _write_ready(args.ready_file, box)
        stop.wait()
    console.write("The sandbox has stopped.", sys.stdout)
    return 0


def _knobs(args: argparse.Namespace) -> dict[str, object]:
    from hubaction.errors import UsageError

    knobs: dict[str, object] = {"seconds": 0.0, "rate": 0.0} if args.fast else {}
    failures = dict(text.partition("=")[::2] for text in args.fail)
    if "" in failures:
        raise UsageError("--fail names no format.", "Write it as --fail engine='no such GPU'.")
    given = {"seconds": args.seconds, "artifact_size": args.artifact_size, "failures": failures}
    return knobs | {name: value for name, value in given.items() if value is not None}


def _welcome(box: Sandbox) -> str:
    from hubaction.sandbox.world import HUB_MODEL, PLATFORM_MODEL

    return f"""The sandbox listens on {box.url} until it is stopped (Ctrl-C).
It is not the live service: it proves the logic of a client, and nothing about HUB or the Platform.

Platform, with the model {PLATFORM_MODEL}:
  export ULTRALYTICS_PLATFORM_URL={box.url} HUB_API_KEY={box.platform_key}

HUB, with the model {HUB_MODEL}:
  export ULTRALYTICS_HUB_API={box.url} HUB_API_KEY={box.hub_key}
"""


def _write_ready(path: Path, box: Sandbox) -> None:
    from hubaction.operations.output_file import write_file
    from hubaction.sandbox.world import HUB_MODEL, PLATFORM_MODEL

    keys = {"platform_key": box.platform_key, "hub_key": box.hub_key}
    ready = {"url": box.url, **keys, "platform_model": PLATFORM_MODEL, "hub_model": HUB_MODEL}
    write_file(path, lambda file: file.write(json.dumps(ready) + "\n"))
