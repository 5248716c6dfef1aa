"""The commands that talk to the service: key, formats, exports, upload."""

from __future__ import annotations

import argparse
import functools
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from hubaction.cli_check import add_gate, gate_options
from hubaction.hub.secret import Secret
from hubaction.report.escape import visible

if TYPE_CHECKING:
    from hubaction.operations.connection import Connection
    from hubaction.operations.exports import ExportOptions
    from hubaction.operations.outcome import Context, Outcome

_Commands = argparse._SubParsersAction  # noqa: SLF001 - the library has no public name for it

_EPILOG = """exit codes:
  0 done   1 the dataset fails its check   2 bad arguments   3 dataset missing or unreadable
  4 the service refused, failed or cannot be reached   5 a bug in hub-action

The key is read from HUB_API_KEY, else ULTRALYTICS_API_KEY, else what 'hubaction login' has saved. It is no argument,
since every process can read the arguments of every other. ULTRALYTICS_PLATFORM_URL and ULTRALYTICS_HUB_API name other
servers."""

_FOLDER = Path("hub-action-report")
_LONGEST_LINE = 4096


def add_hub(commands: _Commands[argparse.ArgumentParser]) -> None:
    """Add the commands to a parser; ``args.run(args)`` then runs one and gives the exit code."""
    _add_login(commands)
    _add_logout(commands)
    _add_list_formats(commands)
    _add_reset_model(commands)
    _add_export_model(commands)
    _add_get_export(commands)
    _add_upload_dataset(commands)


def _command(commands: _Commands[argparse.ArgumentParser], name: str, help: str) -> argparse.ArgumentParser:
    description = f"{help[:1].upper()}{help[1:]}."
    layout = argparse.RawDescriptionHelpFormatter
    return commands.add_parser(name, help=help, description=description, epilog=_EPILOG, formatter_class=layout)


def _asking(commands: _Commands[argparse.ArgumentParser], name: str, help: str) -> argparse.ArgumentParser:
    """A command that asks the service."""
    command = _command(commands, name, help)
    command.add_argument("--platform-url", metavar="URL", default="", help="root of the Platform")
    command.add_argument("--hub-api", metavar="URL", default="", help="root of a server that speaks HUB's protocol")
    return command


def _add_login(commands: _Commands[argparse.ArgumentParser]) -> None:
    command = _asking(commands, "login", "check the key with the service and save it for later commands")
    command.add_argument("--key-stdin", action="store_true", help="read the key from standard input")
    command.add_argument("--no-save", action="store_true", help="only check it")
    command.set_defaults(run=_login)


def _add_logout(commands: _Commands[argparse.ArgumentParser]) -> None:
    command = _command(commands, "logout", "remove the saved key")
    command.set_defaults(run=_logout)


def _add_list_formats(commands: _Commands[argparse.ArgumentParser]) -> None:
    command = _command(commands, "list-formats", "list the formats that models are exported to")
    command.set_defaults(run=_list_formats)


def _add_reset_model(commands: _Commands[argparse.ArgumentParser]) -> None:
    command = _asking(commands, "reset-model", "set a model back to untrained")
    command.add_argument("model", metavar="MODEL", help="owner/project/model, or the id of a HUB server")
    command.set_defaults(run=_reset_model)


def _add_export_model(commands: _Commands[argparse.ArgumentParser]) -> None:
    command = _asking(commands, "export-model", "start exports of a model")
    _add_exports(command)
    add = command.add_argument
    add("--arg", metavar="NAME=VALUE", action="append", default=[], help="an export argument, such as imgsz=640")
    add("--gpu-type", metavar="GPU", default="", help="the GPU that the format engine is built for, such as l4")
    command.set_defaults(run=_export_model)


def _add_get_export(commands: _Commands[argparse.ArgumentParser]) -> None:
    command = _asking(commands, "get-export", "find exports of a model and download them")
    _add_exports(command)
    command.set_defaults(run=_get_export, arg=[], gpu_type="")


def _add_exports(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("model", metavar="MODEL", help="owner/project/model, or the id of a HUB server")
    add("--format", metavar="FORMATS", action="append", help="formats, separated by commas (default: torchscript)")
    add("--optional", metavar="FORMATS", action="append", help="formats that may fail")
    add("--wait", action="store_true", help="wait until the exports have ended")
    add("--timeout", metavar="TIME", default="55m", help="how long to wait, such as 90s, 55m or 2h (default: 55m)")
    add("--output-dir", metavar="DIR", type=Path, default=_FOLDER, help=f"where files go (default: {_FOLDER})")
    add("--no-download", action="store_true", help="download nothing")


def _add_upload_dataset(commands: _Commands[argparse.ArgumentParser]) -> None:
    command = _asking(commands, "upload-dataset", "check a dataset and, where it passes, send it to the service")
    add_gate(command)
    add = command.add_argument
    add("--to", metavar="DATASET", required=True, help="owner/name or a name; on a HUB server also an id")
    add("--timeout", metavar="TIME", default="55m", help="for sending it and for the service to read it (default: 55m)")
    add("--conflict", default="", help="images that are there already: skip, keep_both or replace")
    add("--allow-ingest-errors", action="store_true", help="pass although the service could not use everything")
    command.set_defaults(run=_upload_dataset)


def _login(args: argparse.Namespace) -> int:
    from hubaction.operations.connection import Connection
    from hubaction.operations.login import describe, login

    connection = Connection(_key_from_stdin(), args.platform_url, args.hub_api) if args.key_stdin else _connection(args)
    for line in describe(login(connection, _context(), save=not args.no_save)):
        _print(visible(line, most=None))
    return 0


def _logout(_args: argparse.Namespace) -> int:
    from hubaction.operations.logout import logout

    _print(visible(logout(_context()), most=None))
    return 0


def _list_formats(_args: argparse.Namespace) -> int:
    from hubaction.operations.list_formats import list_formats, render_text

    _print(render_text(list_formats()))
    return 0


def _reset_model(args: argparse.Namespace) -> int:
    from hubaction.operations.reset_model import reset_model

    _print(visible(reset_model(_connection(args), args.model, _context()), most=None))
    return 0


def _export_model(args: argparse.Namespace) -> int:
    from hubaction.operations.export_model import export_model

    return _show(export_model(_export_options(args), _context()).outcome())


def _get_export(args: argparse.Namespace) -> int:
    from hubaction.operations.get_export import get_export

    return _show(get_export(_export_options(args), _context()).outcome())


def _upload_dataset(args: argparse.Namespace) -> int:
    from hubaction.operations.settings import parse_minutes
    from hubaction.operations.upload_dataset import UploadOptions, upload_dataset

    timeout = parse_minutes(args.timeout, "--timeout")
    options = UploadOptions(
        gate_options(args), args.to, timeout, args.conflict, args.allow_ingest_errors, _connection(args)
    )
    return _show(upload_dataset(options, _context()))


def _export_options(args: argparse.Namespace) -> ExportOptions:
    from hubaction.operations.exports import DEFAULT_FORMAT, ExportOptions
    from hubaction.operations.settings import parse_arguments, parse_minutes, words

    formats, optional = words(*args.format or ()), words(*args.optional or ())
    timeout = parse_minutes(args.timeout, "--timeout")
    return ExportOptions(
        args.model,
        formats or (() if optional else (DEFAULT_FORMAT,)),
        optional,
        parse_arguments("\n".join(args.arg), "--arg"),
        args.gpu_type,
        timeout if args.wait else None,
        None if args.no_download else Path.cwd() / args.output_dir,
        _connection(args),
    )


def _connection(args: argparse.Namespace) -> Connection:
    from hubaction.operations.connection import Connection

    return Connection(platform_url=args.platform_url, hub_api=args.hub_api)


def _key_from_stdin() -> Secret:
    """The first line of what is piped in. Nothing is ever asked of a person at a terminal."""
    from hubaction.errors import UsageError

    if sys.stdin.isatty():
        raise UsageError("--key-stdin reads a pipe, and this is a terminal.", "Use: hubaction login --key-stdin < FILE")
    key = sys.stdin.readline(_LONGEST_LINE).strip()
    if not key:
        raise UsageError("There is no key in standard input.", "Use: hubaction login --key-stdin < FILE")
    return Secret(key)


def _context() -> Context:
    """Progress and news on the error stream; an interrupt by SIGTERM is told like one by the keyboard."""
    from hubaction import console
    from hubaction.operations.outcome import Context

    signal.signal(signal.SIGTERM, _interrupt)
    activity = functools.partial(console.progress, sys.stderr)
    return Context(Path.cwd(), activity, lambda line: console.write(visible(line), sys.stderr), os.environ)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _show(outcome: Outcome) -> int:
    _print(outcome.text)
    return outcome.exit_code


def _print(text: str) -> None:
    from hubaction import console

    console.write(text, sys.stdout)
