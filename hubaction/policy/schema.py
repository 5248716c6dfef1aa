"""The JSON schema of ``.hubaction.yml``, for editors, from the table of rules.

``python -m hubaction.policy.schema > schema/hubaction-config-v1.json``
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from hubaction.policy.catalogue import Catalogue
from hubaction.policy.config import KEYS, LEVELS
from hubaction.policy.profiles import PROFILES, FailOn
from hubaction.rules.rule import DEPTHS, TASK_LETTERS, Option, Rule

Schema = dict[str, Any]

_NAME = {"$ref": "#/$defs/selector"}
_TEXT = {"type": "string", "pattern": "\\S"}
_COUNT = {"type": "integer", "minimum": 0, "description": "Findings that are put up with."}
_PERCENT = {
    "type": "number",
    "minimum": 0,
    "maximum": 100,
    "description": "Percent of the images, or of the objects for rules about label rows.",
}


def config_schema(catalogue: Catalogue | None = None) -> Schema:
    """The schema (JSON Schema draft 2020-12)."""
    catalogue = catalogue or Catalogue()
    properties = {name: _PROPERTIES[name] for name in KEYS}
    properties["options"] = _options(catalogue.rules)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of hub-action (.hubaction.yml)",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": properties,
        "$defs": _definitions(catalogue),
    }


def render_schema() -> str:
    """The schema as the text of its file."""
    return json.dumps(config_schema(), indent=1, ensure_ascii=False) + "\n"


def _definitions(catalogue: Catalogue) -> Schema:
    names = [name for rule in catalogue.rules for name in (rule.id, rule.name)]
    prefixes = {
        "pattern": f"^({'|'.join(catalogue.prefixes)})$",
        "description": "All rules whose ids begin so.",
    }
    return {
        "rule": {"type": "string", "enum": names},
        "selector": {"type": "string", "anyOf": [{"$ref": "#/$defs/rule"}, prefixes]},
    }


def _options(rules: Iterable[Rule]) -> Schema:
    described = {name: _options_of(rule) for rule in rules if rule.options for name in (rule.id, rule.name)}
    return _object(described, "Thresholds of rules, by id or name of the rule.")


def _options_of(rule: Rule) -> Schema:
    return _object({name: _option(option) for name, option in rule.options.items()}, rule.what)


def _option(option: Option) -> Schema:
    return {"type": "number", "default": option.default, "description": option.help}


def _object(properties: Mapping[str, object], description: str, **more: object) -> Schema:
    kind = {"description": description, "type": "object", "additionalProperties": False}
    return {**kind, "properties": dict(properties), **more}


def _choice(words: Iterable[str], description: str) -> Schema:
    return {"description": description, "enum": list(words)}


def _list(items: Mapping[str, object], description: str, least: int = 0) -> Schema:
    return {"description": description, "type": "array", "items": dict(items), "minItems": least}


def _words(levels: Iterable[str]) -> list[str | bool]:
    """``off`` and ``false`` also as the truth value that YAML 1.1 reads in them."""
    return [*levels, False]


_IGNORE = _object(
    {
        "paths": _list(
            _TEXT, "Globs of paths relative to the dataset: * within a folder, ** across, a bare name anywhere.", 1
        ),
        "rules": _list(_NAME, "Ids, names and prefixes of rules.", 1),
        "reason": {**_TEXT, "description": "Why these files are an exception, for reviewers."},
    },
    "Rules that are not to speak about some files.",
    required=["paths", "rules", "reason"],
)

_PROPERTIES: Schema = {
    "profile": _choice(
        (one.name for one in PROFILES), "; ".join(f"{one.name}: {one.summary}" for one in PROFILES) + "."
    ),
    "fail_on": _choice((one.value for one in FailOn), "The lowest severity that fails the gate."),
    "task": _choice(TASK_LETTERS, "The task of the dataset; inferred from the labels where it is left out."),
    "pixels": _choice(DEPTHS, "How deep to look into images: not at all, at their headers, or at every pixel."),
    "select": _list(_NAME, "Only these rules run: ids, names and prefixes such as V8."),
    "ignore": _list(_NAME, "These rules do not run. The longest prefix wins over 'select'."),
    "severity": {
        "description": "Severity of all findings of a rule or a prefix; off does not run it. The longest prefix wins.",
        "type": "object",
        "propertyNames": _NAME,
        "additionalProperties": {"enum": _words(LEVELS)},
    },
    "options": {},
    "tolerance": {
        "description": "How many findings of a rule do not fail the gate. They are listed all the same.",
        "type": "object",
        "propertyNames": {"$ref": "#/$defs/rule"},
        "additionalProperties": {
            "type": "object",
            "properties": {"max": _COUNT, "max_percent": _PERCENT},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        },
    },
    "per_path_ignores": _list(_IGNORE, "Exceptions for files, each with its reason."),
    "baseline": {
        **_TEXT,
        "description": "File of known findings, relative to this file; 'check-dataset --write-baseline' writes it.",
    },
}


if __name__ == "__main__":
    sys.stdout.write(render_schema())
