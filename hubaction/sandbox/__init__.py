"""A local stand-in for both services, for dry runs, demonstrations and tests.

It proves the logic of a client, not the live services. It needs the optional extra ``sandbox``.
"""

from __future__ import annotations

from importlib.util import find_spec

from hubaction.errors import UsageError

if find_spec("flask") is None:
    raise UsageError("The sandbox needs Flask, which is not installed.", "Run: pip install 'hub-action[sandbox]'")

from hubaction.sandbox.box import Sandbox
from hubaction.sandbox.knobs import Fault, Kind, Knobs, parse_fault
from hubaction.sandbox.log import Entry

__all__ = ["Entry", "Fault", "Kind", "Knobs", "Sandbox", "parse_fault"]
