"""The schema of the configuration file says what the parser says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hubaction.errors import UsageError
from hubaction.policy.config import KEYS, read_config
from hubaction.policy.schema import config_schema, render_schema
from hubaction.rules import RULES

COMMITTED = Path(__file__).parents[2] / "schema/hubaction-config-v1.json"

VALID = """
{}
---
---
{profile: platform, fail_on: never, task: classify, baseline: a/b.json}
---
{select: [], ignore: [V8, V, V80, V801, exact-copy-across-splits]}
---
severity: {V8: off, class-invalid: error, L: "off", L30: note, L306: false}
---
options: {G406: {imgsz: 1280, note: 0.5}, polygon-self-crossing: {lobe: 1}}
---
tolerance: {G406: {max: 0}, class-invalid: {max_percent: 100}}
---
per_path_ignores: [{paths: [a, "*"], rules: [V8, V801], reason: x}]
---
per_path_ignores: []
"""

INVALID = """
[]
---
profil: default
---
profile: Default
---
profile: [default]
---
fail_on: true
---
task: ""
---
task: null
---
select: V8
---
select: [V9]
---
select: [v801]
---
select: [V8*]
---
select: [1]
---
severity: {V8: fatal}
---
severity: {V8: true}
---
severity: {nothing: error}
---
options: {G4: {imgsz: 1}}
---
options: {L306: {}}
---
options: {G406: {imgz: 1}}
---
options: {G406: {imgsz: "1"}}
---
options: {G406: {imgsz: true}}
---
tolerance: {V8: {max: 1}}
---
tolerance: {L306: {}}
---
tolerance: {L306: {max: 1, max_percent: 2}}
---
tolerance: {L306: {max: -1}}
---
tolerance: {L306: {max: 0.5}}
---
tolerance: {L306: {max_percent: 100.5}}
---
tolerance: {L306: {most: 1}}
---
per_path_ignores: [{paths: [a], rules: [V8]}]
---
per_path_ignores: [{paths: [], rules: [V8], reason: x}]
---
per_path_ignores: [{paths: [a], rules: [], reason: x}]
---
per_path_ignores: [{paths: [a], rules: [V8], reason: " "}]
---
per_path_ignores: [{paths: [a], rules: [V8], reason: x, more: y}]
---
per_path_ignores: {}
---
baseline: ""
---
baseline: 1
"""


def texts(documents: str) -> list[str]:
    return documents.strip("\n").split("\n---\n")


def parser_takes(text: str, folder: Path) -> bool:
    path = folder / "config.yml"
    path.write_text(text, encoding="utf-8")
    try:
        read_config(path)
    except UsageError:
        return False
    return True


def schema_takes(text: str) -> bool:
    jsonschema: Any = pytest.importorskip("jsonschema")
    schema = config_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return bool(jsonschema.Draft202012Validator(schema).is_valid(yaml.safe_load(text)))


def test_the_committed_file_is_the_generated_one() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == render_schema(), "run 'make docs'"


@pytest.mark.parametrize("text", texts(VALID))
def test_the_parser_takes_what_is_valid(text: str, tmp_path: Path) -> None:
    assert parser_takes(text, tmp_path)


@pytest.mark.parametrize("text", texts(VALID))
def test_the_schema_takes_what_is_valid(text: str) -> None:
    assert schema_takes(text)


@pytest.mark.parametrize("text", texts(INVALID))
def test_the_parser_refuses_what_is_invalid(text: str, tmp_path: Path) -> None:
    assert not parser_takes(text, tmp_path)


@pytest.mark.parametrize("text", texts(INVALID))
def test_the_schema_refuses_what_is_invalid(text: str) -> None:
    assert not schema_takes(text)


def test_every_key_and_every_option_is_described() -> None:
    properties = config_schema()["properties"]
    assert tuple(properties) == KEYS
    assert all(one["description"] for one in properties.values())
    described = properties["options"]["properties"]
    for rule in RULES:
        expected = {name: option.help for name, option in rule.options.items()}
        for name in (rule.id, rule.name):
            found = described.get(name, {"properties": {}})["properties"]
            assert {key: one["description"] for key, one in found.items()} == expected
