"""The table of variants, for parametrising tests."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def variants(wanted: Callable[[Any], bool] = bool) -> list[Any]:
    """Those of the table that are wanted; one skipped stand-in without the data, so that the report says it."""
    if not (folder := os.environ.get("HUBACTION_SHARED_DATA")):
        return [pytest.param({}, id="all", marks=pytest.mark.skip(reason="HUBACTION_SHARED_DATA is not set"))]
    lines = (Path(folder) / "variants" / "variants.jsonl").read_text(encoding="utf-8").splitlines()
    return [pytest.param(variant, id=variant["id"]) for variant in map(json.loads, lines) if wanted(variant)]
