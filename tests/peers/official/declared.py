"""Holds answers against the types that the official SDK declares for them."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict


def unlike(value: object, hint: Any, at: str) -> Iterator[str]:
    """Where a value is not of its type: a field that is missing or unknown, or holds something else."""
    origin = get_origin(hint)
    if is_typeddict(hint):
        yield from _unlike_object(value, hint, at)
    elif origin in {Union, UnionType}:
        kinds = [list(unlike(value, kind, at)) for kind in get_args(hint)]
        yield from min(kinds, key=len)
    elif origin is Literal:
        if value not in get_args(hint):
            yield f"{at}: {value!r} is none of its words"
    elif origin in {list, dict} and isinstance(value, origin):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from unlike(item, get_args(hint)[-1], f"{at}.{key}" if origin is dict else f"{at}[]")
    elif hint is not Any and not _is_a(value, origin or hint):
        yield f"{at}: {type(value).__name__} in place of {hint}"


def _unlike_object(value: object, hint: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: {type(value).__name__} in place of an object"
        return
    fields = get_type_hints(hint)
    yield from (f"{at}.{name}: missing" for name in sorted(hint.__required_keys__ - value.keys()))
    yield from (f"{at}.{name}: unknown" for name in sorted(value.keys() - fields.keys()))
    for name in sorted(value.keys() & fields.keys()):
        yield from unlike(value[name], fields[name], f"{at}.{name}")


def _is_a(value: object, kind: Any) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)
