"""What the container of the action starts."""

from __future__ import annotations

from hubaction.action.run import run

if __name__ == "__main__":
    raise SystemExit(run())
