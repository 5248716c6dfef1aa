"""Dataclasses as JSON values and back. What is read comes from a file that anyone may have written, so types decide."""

from __future__ import annotations

import base64
import dataclasses
import enum
import functools
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LARGEST = 2**53
"""Whole numbers up to here are exact in every reader of JSON (RFC 8259, section 6)."""

_NAMES = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "an object",
    list: "a list",
}
_SCALARS = {str, int, float, bool}


class Malformed(ValueError):
    """A value that is not of the type that belongs in its place; the text says which and where."""


@dataclass(frozen=True, slots=True, init=False)
class OneOf:
    """In ``Annotated``: the texts that are possible."""

    words: tuple[str, ...]

    def __init__(self, *words: str) -> None:
        object.__setattr__(self, "words", words)

    def allows(self, text: str) -> bool:
        return text in self.words


@dataclass(frozen=True, slots=True)
class Pattern:
    """In ``Annotated``: what a text has to look like."""

    pattern: str

    def allows(self, text: str) -> bool:
        return re.search(self.pattern.replace("$", r"\Z"), text) is not None


@functools.cache
def fields_of(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields, by name."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return {one.name: hints[one.name] for one in dataclasses.fields(kind)}


def to_json(value: Any) -> Any:
    """Dataclasses as objects, tuples as arrays, enums by value, bytes in base64."""
    if value is None or type(value) in _SCALARS:
        return value
    if isinstance(value, tuple):
        return [to_json(one) for one in value]
    if isinstance(value, Mapping):
        return {key: to_json(one) for key, one in value.items()}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, enum.Enum):
        return value.value
    kind: Any = type(value)
    return {name: to_json(getattr(value, name)) for name in fields_of(kind)}


def from_json(kind: Any, value: object, where: str = "") -> Any:
    """A value of that type. Fields that the type does not have are ignored: a later version may have added them.

    Raises:
        Malformed: the value is of another type, out of range, or a field is missing.
    """
    base, *parts = typing.get_args(kind) or (kind,)
    match typing.get_origin(kind):
        case typing.Annotated:
            return _restricted(from_json(base, value, where), parts, where)
        case types.UnionType | typing.Union:
            return None if value is None else from_json(base, value, where)
        case origin if origin is tuple:
            return tuple(from_json(base, one, f"{where}[{at}]") for at, one in enumerate(_of(list, value, where)))
        case origin if origin is Mapping:
            items = _of(dict, value, where).items()
            return {from_json(base, key, where): from_json(parts[0], one, f"{where}.{key:.40}") for key, one in items}
        case _ if dataclasses.is_dataclass(kind):
            return _instance(kind, _of(dict, value, where), where)
    return _scalar(kind, value, where)


def _of(kind: type, value: object, where: str) -> Any:
    if not isinstance(value, kind):
        raise Malformed(f"{where or 'the whole'} is not {_NAMES[kind]}")
    return value


def _restricted(value: Any, rules: list[Any], where: str) -> Any:
    if not all(rule.allows(value) for rule in rules):
        raise Malformed(f"{where} is {value!r:.60}, which is not possible there")
    return value


def _instance(kind: Any, values: dict[str, Any], where: str) -> Any:
    start = f"{where}." if where else ""
    parts = fields_of(kind).items()
    given = {name: from_json(part, values[name], start + name) for name, part in parts if name in values}
    try:
        return kind(**given)
    except TypeError:
        missing = next(one.name for one in dataclasses.fields(kind) if one.name not in given)
        raise Malformed(f"{start}{missing} is missing") from None


def _scalar(kind: Any, value: object, where: str) -> Any:
    if kind is bytes:
        return _bytes(value, where)
    if issubclass(kind, enum.Enum):
        return kind(_restricted(value, [OneOf(*(one.value for one in kind))], where))
    if kind is float and type(value) is int:
        value = float(value) if _in_range(value) else value
    if type(value) is kind and _in_range(value):
        return value
    raise Malformed(f"{where} is not {_NAMES[kind]}")


def _in_range(value: object) -> bool:
    """Whether a number is finite and exact; true of everything else."""
    return not isinstance(value, int | float) or abs(value) <= _LARGEST


def _bytes(value: object, where: str) -> bytes:
    try:
        return base64.b64decode(_of(str, value, where), validate=True)
    except ValueError:
        raise Malformed(f"{where} is not base64") from None
