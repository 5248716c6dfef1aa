"""The JSON schema of a report, from the classes of ``report/document.py``.

``python -m hubaction.report.schema > schema/report-v1.json``
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import json
import re
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any

from hubaction._version import PROJECT_URL
from hubaction.report.document import Document
from hubaction.report.typed_json import OneOf, Pattern, fields_of

Schema = dict[str, Any]

_SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    bytes: {"type": "string", "contentEncoding": "base64"},
}
_ATTRIBUTES = re.compile(r"^    (\w+(?:, \w+)*): (.*(?:\n {8}.*)*)", re.MULTILINE)


def report_schema() -> Schema:
    """The schema (JSON Schema draft 2020-12). It allows keys that it does not know: later versions add some."""
    definitions: dict[str, Schema] = {}
    whole = _object(Document, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{PROJECT_URL}/raw/v1/schema/report-v1.json",
        "title": "Report of hub-action",
        **whole,
        "$defs": dict(sorted(definitions.items())),
    }


def render_schema() -> str:
    """The schema as the text of its file."""
    return json.dumps(report_schema(), indent=1, ensure_ascii=True) + "\n"


def _schema(kind: Any, definitions: dict[str, Schema]) -> Schema:
    base, *parts = typing.get_args(kind) or (kind,)
    match typing.get_origin(kind):
        case typing.Annotated:
            return _schema(base, definitions) | _restriction(parts[0])
        case types.UnionType | typing.Union:
            return {"anyOf": [_schema(base, definitions), {"type": "null"}]}
        case origin if origin is tuple:
            return {"type": "array", "items": _schema(base, definitions)}
        case origin if origin is Mapping:
            names = {"propertyNames": _schema(base, definitions)}
            return {"type": "object", **names, "additionalProperties": _schema(parts[0], definitions)}
    return _plain(kind, definitions)


def _plain(kind: Any, definitions: dict[str, Schema]) -> Schema:
    if dataclasses.is_dataclass(kind):
        name = typing.cast("type", kind).__name__.removesuffix("Part")
        if name not in definitions:
            definitions[name] = {}  # its place, before the parts that it refers to
            definitions[name] = _object(kind, definitions)
        return {"$ref": f"#/$defs/{name}"}
    if issubclass(kind, enum.Enum):
        return {"enum": [one.value for one in kind]}
    return dict(_SCALARS[kind])


def _restriction(rule: OneOf | Pattern) -> Schema:
    return {"enum": list(rule.words)} if isinstance(rule, OneOf) else {"pattern": rule.pattern}


def _object(kind: Any, definitions: dict[str, Schema]) -> Schema:
    text = inspect.getdoc(kind) or ""
    said = _attributes(text)
    properties = {
        name: {**({"description": said[name]} if name in said else {}), **_schema(part, definitions)}
        for name, part in fields_of(kind).items()
    }
    required = [one.name for one in dataclasses.fields(kind) if _is_required(one)]
    return {
        "description": text.partition("\n")[0],
        "type": "object",
        "properties": properties,
        "required": required,
    }


def _is_required(one: dataclasses.Field[Any]) -> bool:
    return one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING


def _attributes(text: str) -> dict[str, str]:
    """What a docstring says of each attribute, in one line."""
    found = _ATTRIBUTES.findall(text.partition("Attributes:\n")[2])
    return {name: _sentence(said) for names, said in found for name in names.split(", ")}


def _sentence(text: str) -> str:
    words = " ".join(text.split())
    return words[:1].upper() + words[1:]


if __name__ == "__main__":
    sys.stdout.write(render_schema())
