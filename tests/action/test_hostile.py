"""Datasets whose names and values try to speak to the runner, to the summary's reader or to the terminal."""

from __future__ import annotations

import json
import os
import zipfile
from typing import Any

import pytest
from tricks import TRICKS, as_name, from_yaml, holds

from hubaction.rules import RULES

LEVELS = {"error", "warning", "notice"}
each = pytest.mark.parametrize("text", TRICKS.values(), ids=TRICKS)


@each
def test_only_the_expected_annotations_fire(checked: Any, text: str) -> None:
    result = checked(text)[0]
    stream = result.stream
    assert stream.names == ["error", "warning"]
    assert not stream.failures
    error, warning = stream.annotations
    assert (error.title, warning.title) == ("L302 token-not-number", "Y203 split-path-missing")
    assert (error.line, error.column, warning.line) == (1, 15, 3)
    assert len(error.message) < 4096
    for message in (error.message, warning.message):
        assert message.isprintable()


@each
def test_the_annotation_lies_on_the_file(checked: Any, text: str) -> None:
    error, warning = checked(text)[0].annotations
    assert warning.file == "ds/data.yaml"
    name = as_name(text)
    assert error.file.encode("utf-8") == f"ds/labels/train/{name}/{name}.txt".encode("utf-8", "backslashreplace")


@each
def test_outputs_are_exactly_these(checked: Any, text: str) -> None:
    assert checked(text)[0].outputs == {
        "verdict": "failed",
        "errors": "1",
        "warnings": "1",
        "images": "3",
        "instances": "420",
        "task": "detect",
        "report_json": "hub-action-report/report.json",
        "report_html": "hub-action-report/report.html",
        "report_sarif": "hub-action-report/report.sarif",
        "report_junit": "hub-action-report/junit.xml",
        "stats_file": "hub-action-report/stats.json",
    }


@each
def test_the_summary_holds_nothing_but_text(checked: Any, page: Any, text: str) -> None:
    summary = checked(text)[0].summary
    rendered = page.Page(summary)
    assert not rendered.foreign
    assert not page.broken_rows(summary)
    assert rendered.emphasis[0].startswith("failed: 1 error, 1 warning in 3 images")
    assert rendered.emphasis[1:-1] == [f"2 rules ran, {len(RULES) - 2} disabled."]
    assert rendered.emphasis[-1].startswith("hub-action ")
    assert not rendered.references
    assert rendered.outline == page.Page(checked("plain")[0].summary).outline
    assert all(line.isprintable() for line in summary.split("\n"))


@each
def test_nothing_is_silently_lost(checked: Any, page: Any, text: str) -> None:
    result = checked(text)[0]
    error, warning = result.annotations
    rows = ["".join(row) for row in page.Page(result.summary).rows]
    place = f"labels/train/{as_name(text)}/{as_name(text)}.txt:1:15"
    assert holds(error.message, place)
    assert holds(result.log, place)
    assert any(holds(row, place) for row in rows)
    assert holds(warning.message, f"'test' points to {text}")
    assert any(row.endswith("█") and holds(row, text) for row in rows)


@each
def test_the_log_is_plain_printable_text(checked: Any, text: str) -> None:
    lines = checked(text)[0].stream.plain  # the file of an annotation has to stay as it is
    assert len(lines) > 15
    assert [line for line in lines if not line.isprintable() or line != line.rstrip()] == []


@each
def test_the_report_and_the_statistics_hold_the_text_as_it_is(checked: Any, text: str) -> None:
    _, step = checked(text)
    report = json.loads((step.report_folder / "report.json").read_text(encoding="utf-8"))
    assert report["findings"][0]["path"] == f"labels/train/{as_name(text)}/{as_name(text)}.txt"
    stats = json.loads((step.report_folder / "stats.json").read_text(encoding="utf-8"))
    assert report["dataset"]["names"] == stats["names"] == [from_yaml(text), "dog"]


@each
def test_a_dataset_folder_of_that_name(step: Any, dataset: Any, page: Any, text: str) -> None:
    name = f"d{as_name(text)}d"
    dataset.root.rename(step.workspace / name)
    result = step.run(dataset_path=name)
    assert (result.code, result.stream.names) == (0, [])
    assert holds(result.log, name)
    rendered = page.Page(result.summary)
    assert not rendered.foreign
    assert holds(rendered.text, name)


@each
def test_a_missing_dataset_of_that_name(step: Any, page: Any, text: str) -> None:
    text = as_name(text)
    result = step.run(dataset_path=f"d{text}d")
    assert (result.code, result.stream.names) == (3, ["error"])
    assert result.outputs == {"verdict": "unreadable", "state": "error"}
    assert holds(result.annotations[0].message, text)
    rendered = page.Page(result.summary)
    assert not rendered.foreign
    assert holds(rendered.text, text)


@each
def test_class_folders_of_that_name(step: Any, png: bytes, page: Any, text: str) -> None:
    text = as_name(text)
    for folder in ("train/cat", f"train/{text}", "val/cat", f"val/x{text}"):
        (step.workspace / "ds" / folder).mkdir(parents=True)
        (step.workspace / "ds" / folder / "a.png").write_bytes(png)
    result = step.run(dataset_path="ds", task="classify", select="C531")
    assert (result.code, result.stream.names) == (1, ["error", "warning"])
    error, warning = result.annotations
    assert holds(error.message, f"class folder x{text} is not in train")
    assert holds(warning.message, f"class {text} of train has no folder here")
    rendered = page.Page(result.summary)
    assert not rendered.foreign
    assert not page.broken_rows(result.summary)
    assert json.loads((step.report_folder / "stats.json").read_text(encoding="utf-8"))["names"] == sorted(["cat", text])


@each
def test_an_archive_with_such_members(step: Any, dataset: Any, spoil: Any, page: Any, text: str) -> None:
    root = spoil(dataset, text).root
    with zipfile.ZipFile(step.workspace / "ds.zip", "w") as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                name = os.path.relpath(path, root).encode("utf-8", "backslashreplace").decode()
                archive.writestr(zipfile.ZipInfo(name), path.read_bytes())
    result = step.run(dataset_path="ds.zip")
    assert result.code == 1
    assert set(result.stream.names) <= LEVELS
    assert {one.file for one in result.annotations} == {"ds.zip"}
    assert not page.Page(result.summary).foreign


@each
@pytest.mark.parametrize("task", ["detect", "classify"])
def test_all_rules_show_the_text_as_text(
    step: Any, dataset: Any, spoil: Any, png: bytes, page: Any, task: str, text: str
) -> None:
    spoil(dataset, text)
    for folder in ("train/cat", f"train/{as_name(text)}", "val/cat", f"val/x{as_name(text)}"):
        (dataset.root / folder).mkdir(parents=True)
        (dataset.root / folder / "a.png").write_bytes(png)
    result = step.run(dataset_path="ds", task=task)
    assert result.code == 1
    assert set(result.stream.names) <= LEVELS
    assert not result.stream.failures
    assert all(one.message.isprintable() and one.title.isprintable() for one in result.annotations)
    assert [line for line in result.stream.plain if not line.isprintable()] == []
    assert not page.Page(result.summary).foreign
    assert not page.broken_rows(result.summary)
    assert not page.Page(result.summary).references


@each
def test_inputs_of_that_text(step: Any, dataset: Any, text: str) -> None:
    for name in ("operation", "task", "profile", "fail_on", "workers", "limits"):
        result = step.run(dataset_path="ds", **{name: f"x{text}"})
        assert (result.code, result.stream.names) == (2, ["error"]), name
        assert result.outputs == {"verdict": "error", "state": "error"}


@each
def test_an_entry_of_that_name_at_the_top(step: Any, dataset: Any, page: Any, text: str) -> None:
    """Its line in the log begins with the name."""
    text = as_name(text)
    (dataset.root / text).symlink_to("/nowhere")
    result = step.run(dataset_path="ds", select="A105")
    assert (result.code, result.stream.names) == (1, ["error"])
    assert result.annotations[0].title == "A105 zip-unsafe-entry"
    assert holds("".join(result.stream.plain), text)
    assert not page.Page(result.summary).foreign


def test_a_link_to_a_hostile_target(step: Any, dataset: Any, page: Any) -> None:
    (dataset.root / "images" / "train" / "link.png").symlink_to("/nowhere/\n::error::pwned\u202e<b>")
    result = step.run(dataset_path="ds")
    assert (result.code, result.stream.names) == (1, ["error"])
    assert "\\n::error::pwned\\u202e<b>" in result.annotations[0].message
    assert not page.Page(result.summary).foreign


def test_yaml_that_quotes_itself_in_the_error(step: Any, dataset: Any, page: Any) -> None:
    dataset.yaml('train: images/train\nval: images/val\nnames: {"x\\n::error::pwned": <b>|}\n')
    result = step.run(dataset_path="ds", task="detect")
    assert (result.code, set(result.stream.names)) == (1, {"error"})
    assert not page.Page(result.summary).foreign
