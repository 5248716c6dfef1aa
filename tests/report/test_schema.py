"""The published schema says what reports are, and the reader takes what the schema takes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hubaction.report.finding import Severity
from hubaction.report.json_report import Malformed, as_dict, read_report
from hubaction.report.model import RuleOutcome
from hubaction.report.picture import Bar, Charts, Gallery, Pair, Picture, Shape, ShapeKind, SizeCount
from hubaction.report.schema import render_schema, report_schema

COMMITTED = Path(__file__).parents[2] / "schema/report-v1.json"
BOX = Shape(ShapeKind.BOX, (0.1, 0.2, 0.3, 0.4), 1, 2, bad=True)
PICTURE = Picture("images/a.jpg", "train", 640, 480, b"\xff\xd8\x00", "", (BOX,), 3, (0,), "labels/a.txt", "cat")
CHARTS = Charts(((1, 2), (3, 4)), (Bar("0", 3),), (Bar("< 1 %", 2),), (SizeCount(640, 480, 7),), 1)


@pytest.fixture
def whole(report: Any, finding: Any) -> Any:
    """A report in which every part is there."""
    findings = [finding("a.txt", 3, 4), finding("", rule="B2", severity=Severity.NOTE)]
    rules_run = {
        "X1": RuleOutcome("X1", "name-x1", "findings", {Severity.ERROR: 1}, 1, "in part", 1, 2, 3, lowered=True),
        "B2": RuleOutcome("B2", "name-b2", "findings", {Severity.NOTE: 1}),
        "C3": RuleOutcome("C3", "name-c3", "not run", reason="why not"),
    }
    gallery = Gallery((PICTURE,), 9, (Pair(PICTURE, PICTURE, "the same bytes"),), 4, (1, -1))
    return report(
        findings,
        rules_run=rules_run,
        not_run=("this",),
        remarks=("that",),
        config=".hubaction.yml",
        data_yaml="data.yaml",
        seconds=1.25,
        gallery=gallery,
        charts=CHARTS,
    )


def strict(schema: Any) -> Any:
    """The schema without its leave to add keys."""
    closed = copy.deepcopy(schema)
    for part in [closed, *closed["$defs"].values()]:
        if "properties" in part:
            part["additionalProperties"] = False
    return closed


def validator(schema: Any) -> Any:
    jsonschema: Any = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_committed_schema_is_the_one_of_the_code() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == render_schema(), "run 'make docs'"


def test_it_has_a_name_of_its_own() -> None:
    schema = report_schema()
    assert schema["$id"].startswith("https://")
    assert schema["$id"].endswith("/schema/report-v1.json")


def test_every_key_is_explained() -> None:
    schema = report_schema()
    for name in (None, "Dataset", "Split", "Finding", "Rule", "Outcome"):
        part = schema["$defs"][name] if name else schema
        unsaid = [key for key, value in part["properties"].items() if "description" not in value]
        assert not unsaid, name


@pytest.mark.parametrize("closed", [False, True])
def test_reports_are_valid(whole: Any, report: Any, closed: bool) -> None:
    valid = validator(strict(report_schema()) if closed else report_schema())
    interrupted = report(verdict="interrupted", exit_code=143, task="", splits={}, names=(), not_run=("all rules",))
    for one in (whole, report(), interrupted):
        valid.validate(json.loads(json.dumps(as_dict(one))))


@pytest.mark.parametrize("task", ["detect", "segment", "pose", "obb", "classify"])
@pytest.mark.parametrize("profile", ["default", "hub"])
def test_reports_of_checks_are_valid(make: Callable[..., Any], task: str, profile: str) -> None:
    valid = validator(strict(report_schema()))
    maker = make(task)
    folder = "train/cat" if task == "classify" else "images/train"
    maker.put(f"{folder}/empty.jpg", b"").put("labels/train/b.txt", b"0 .5 .5 x\n9 9 9 9 9\n")
    valid.validate(as_dict(maker.check(profile)))
    valid.validate(as_dict(make(task).check(profile)))


def test_the_whole_report_comes_back(whole: Any) -> None:
    assert read_report(json.dumps(as_dict(whole))) == whole


def test_keys_of_a_later_version_are_ignored(whole: Any) -> None:
    values = as_dict(whole) | {"new": 1}
    values["findings"][0]["new"] = {}
    assert read_report(json.dumps(values)) == whole


@pytest.mark.parametrize("key", ["gallery", "charts"])
def test_keys_that_came_later_may_be_missing(whole: Any, key: str) -> None:
    values = as_dict(whole)
    del values[key]
    assert read_report(json.dumps(values)) != whole
    validator(report_schema()).validate(values)


# what is no report

WRONG: dict[str, tuple[tuple[Any, ...], Any]] = {
    "another schema": (("schema",), "hubaction/report/2"),
    "no text": (("version",), 1),
    "escape sequence": (("version",), "\x1b[31m"),
    "line end": (("profile",), "default\nx"),
    "direction": (("rules", "X1", "fix"), "\u202e"),
    "markup in a rule's name": (("rules", "X1", "name"), "<b>"),
    "no rule": (("findings", 0, "rule"), "x-1"),
    "no whole number": (("exit_code",), 1.5),
    "no number": (("seconds",), "1"),
    "truth for a number": (("errors",), True),
    "number for truth": (("dataset", "is_archive"), 0),
    "text for a list": (("remarks",), "x"),
    "list for an object": (("dataset",), []),
    "nothing for an object": (("dataset",), None),
    "nothing for text": (("config",), None),
    "verdict": (("verdict",), "great"),
    "task": (("task",), "depth"),
    "severity": (("findings", 0, "severity"), "fatal"),
    "consequence": (("findings", 0, "consequence"), "DROPS"),
    "status": (("rules_run", "C3", "status"), "skipped"),
    "split": (("splits",), {"<b>": None}),
    "line": (("findings", 0, "line"), "3"),
    "fingerprint": (("findings", 0, "fingerprint"), "xyz"),
    "kind of shape": (("gallery", "pictures", 0, "shapes", 0, "kind"), "circle"),
    "number in a shape": (("gallery", "pictures", 0, "shapes", 0, "points"), [0.1, "0.2"]),
}


def changed(values: Any, at: tuple[Any, ...], value: Any) -> Any:
    target = values
    for step in at[:-1]:
        target = target[step]
    target[at[-1]] = value
    return values


@pytest.mark.parametrize(("at", "value"), WRONG.values(), ids=WRONG)
def test_what_the_schema_refuses_the_reader_refuses(whole: Any, at: tuple[Any, ...], value: Any) -> None:
    values = changed(as_dict(whole), at, value)
    assert not validator(report_schema()).is_valid(values)
    with pytest.raises(Malformed):
        read_report(json.dumps(values))


@pytest.mark.parametrize("key", ["version", "dataset", "findings", "rules_run", "verdict"])
def test_a_missing_key_is_named(whole: Any, key: str) -> None:
    values = as_dict(whole)
    del values[key]
    assert not validator(report_schema()).is_valid(values)
    with pytest.raises(Malformed, match=f"^{key} is missing$"):
        read_report(json.dumps(values))


BEYOND_THE_SCHEMA: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "rule without a text": (("rules",), {}, "rules.X1 is missing"),
    "line end at the end, which Python's validator overlooks": (("profile",), "default\n", "profile is 'default"),
    "no base64": (("gallery", "pictures", 0, "thumbnail"), "ä", "thumbnail is not base64"),
    "stray characters in base64": (("gallery", "pictures", 0, "thumbnail"), "/9g!A<b>", "thumbnail is not base64"),
    "finding that is not there": (("gallery", "pictures", 0, "findings"), [2], "a finding that is not there"),
    "finding before the first": (("gallery", "pairs", 0, "left", "findings"), [-1], "a finding that is not there"),
    "classes for other findings": (("gallery", "classes"), [1], "not one class for each"),
    "half a point": (("gallery", "pictures", 0, "shapes", 0, "points"), [1.0], "half a point"),
    "no point": (("gallery", "pictures", 0, "shapes", 0, "points"), [], "half a point"),
    "a number too large": (("errors",), 10**400, "errors is not a whole number"),
    "a fraction too large": (("seconds",), 1e300, "seconds is not a number"),
}


@pytest.mark.parametrize(("at", "value", "says"), BEYOND_THE_SCHEMA.values(), ids=BEYOND_THE_SCHEMA)
def test_what_no_schema_can_refuse(whole: Any, at: tuple[Any, ...], value: Any, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read_report(json.dumps(changed(as_dict(whole), at, value)))


@pytest.mark.parametrize("text", ["", "no", b"\xff", "[]", "1", "null", "{}", "[" * 100_000, '{"a": NaN'])
def test_what_is_no_json_or_no_object(text: str | bytes) -> None:
    with pytest.raises(Malformed, match=r"^it is (no JSON|not of schema)"):
        read_report(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_is_finite(whole: Any, number: str) -> None:
    text = json.dumps(as_dict(whole)).replace('"seconds": 1.25', f'"seconds": {number}')
    assert number in text
    with pytest.raises(Malformed, match="seconds is not a number"):
        read_report(text)
