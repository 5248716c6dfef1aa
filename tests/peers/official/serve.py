"""Runs where the official clients are installed: does the step that a line of stdin names, and answers with a line."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
import traceback
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path

from steps import STEPS, UNLIKE, Place

MODULES = ("with_platform_sdk", "with_ul", "with_hub_sdk", "with_ultralytics")
PEERS = ("ultralytics-platform", "hub-sdk", "ultralytics")


def introduced() -> dict[str, object]:
    """Versions of the official clients, and their files that are not as they were published."""
    installed = [distribution(name) for name in PEERS]
    changed = []
    for file in (file for one in installed for file in one.files or () if file.hash):
        content = Path(str(file.locate())).read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest()).decode().rstrip("=")
        changed += [str(file)] if digest != file.hash.value else []
    return {"versions": {one.metadata["Name"]: one.version for one in installed}, "changed": changed}


def done(order: dict[str, str]) -> dict[str, object]:
    """What came of a step. A failure of its own is an outcome that no scenario expects."""
    name = order.pop("step")
    texts = {key: order.pop(key) for key in ("url", "platform_key", "hub_key")}
    UNLIKE.clear()
    try:
        outcome = STEPS[name](Place(**texts, **{key: Path(path) for key, path in order.items()}))
    except Exception:
        outcome = {"crashed": traceback.format_exc()}
    return {"outcome": outcome, "unlike": sorted(set(UNLIKE))}


def main() -> None:
    """Answer until stdin ends. What the clients print goes to stderr."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        for module in MODULES:
            import_module(module)  # it registers its steps
        answers.write(json.dumps(introduced()) + "\n")
        answers.flush()
        for line in sys.stdin:
            answers.write(json.dumps(done(json.loads(line))) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
