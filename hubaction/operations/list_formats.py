"""The formats that models are exported to. No request is sent: no service lists them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from hubaction.hub.export_args import OF_EVERY_FORMAT
from hubaction.hub.formats import FORMATS, HUB_FORMATS, PLATFORM_FORMATS, Format
from hubaction.hub.secret import Secret
from hubaction.operations.connection import Connection, connection_from, settings_for
from hubaction.operations.outcome import Context, Outcome

_HEAD = ("format", "file", "Platform", "HUB", f"arguments beside {' and '.join(OF_EVERY_FORMAT)}")


def run(inputs: Mapping[str, str], context: Context) -> Outcome:
    """The operation; the output ``formats`` holds those of the service that the key belongs to.

    Raises:
        UsageError: a root of a service is no address.
    """
    key = settings_for(connection_from(inputs), context).key
    chosen = HUB_FORMATS if key and not is_platform_key(key) else PLATFORM_FORMATS
    outputs = {"formats": json.dumps(list(chosen))}
    return Outcome(0, render_text(list_formats()), render_summary(list_formats()), (), outputs)


def list_formats() -> tuple[Format, ...]:
    """Every format of the Platform or of HUB."""
    return tuple(FORMATS.values())


def former_formats(context: Context) -> tuple[str, ...]:
    """What the former function listed: HUB's formats, in its order; the Platform's where the key is one of its keys."""
    key = settings_for(Connection(), context).key
    return PLATFORM_FORMATS if key and is_platform_key(key) else HUB_FORMATS


def is_platform_key(key: Secret) -> bool:
    """Whether a key is meant for the Platform, sound or not."""
    return key.reveal().startswith("ul_")


def render_text(formats: Sequence[Format]) -> str:
    """A table for a terminal or a log."""
    rows = [_HEAD, *map(_cells, formats)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def render_summary(formats: Sequence[Format]) -> str:
    """The same as Markdown."""
    rows = [_HEAD, (":--",) * len(_HEAD), *map(_cells, formats)]
    return "\n".join(["## Export formats", "", *(f"| {' | '.join(row)} |" for row in rows), ""])


def _cells(one: Format) -> tuple[str, ...]:
    yes = {True: "yes", False: ""}
    args = ", ".join((*one.args, "gpu_type") if one.needs_gpu else one.args)
    return one.name, one.suffix, yes[one.name in PLATFORM_FORMATS], yes[one.name in HUB_FORMATS], args
