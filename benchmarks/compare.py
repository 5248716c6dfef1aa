"""Are two statistics files the same? Same keys, same numbers, same order, as JSON text sees them."""

from __future__ import annotations

import json
from pathlib import Path


def difference(ours: Path, theirs: Path) -> str | None:
    """Where the two files differ first, in words; None if they are equal."""
    return _difference(_load(ours), _load(theirs), "$")


def _load(path: Path) -> object:
    """The value in a JSON file."""
    value: object = json.loads(path.read_text(encoding="utf-8"))
    return value


def _difference(ours: object, theirs: object, place: str) -> str | None:
    """The first difference of two JSON values; `place` says where they stand."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and list(ours) == list(theirs):
        pairs = [(f"{place}.{key}", ours[key], theirs[key]) for key in ours]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = [(f"{place}[{number}]", *both) for number, both in enumerate(zip(ours, theirs, strict=True))]
    else:
        return None if json.dumps(ours) == json.dumps(theirs) else f"{place}: {_brief(ours)}, not {_brief(theirs)}"
    found = (_difference(mine, other, where) for where, mine, other in pairs)
    return next((text for text in found if text), None)


def _brief(value: object) -> str:
    """A value as JSON, cut to 80 characters; of an object only the keys."""
    text = json.dumps(list(value) if isinstance(value, dict) else value)
    return text if len(text) <= 80 else text[:77] + "..."
