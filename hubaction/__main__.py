"""``python -m hubaction`` is the command line."""

from __future__ import annotations

from hubaction.cli import entry_point

entry_point()
