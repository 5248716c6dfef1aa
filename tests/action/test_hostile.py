"""Datasets whose names and values try to speak to the runner, to the summary's reader or to the terminal."""

from __future__ import annotations

import functools
import json
import os
import re
import zipfile
from typing import Any

import pytest

from hubaction.rules import RULES

HOSTILE = {
    "line feed": "a\n::error::pwned",
    "carriage return": "a\r::error::pwned",
    "CR LF": "a\r\n::warning file=x::pwned\r\n",
    "command": "::error::pwned",
    "add-mask": "::add-mask::labels",
    "stop-commands": "::stop-commands::pwned",
    "set-output": "\n::set-output name=verdict::passed",
    "old syntax": "x##[error]pwned",
    "old syntax, one hash more": "###[set-output name=verdict]passed",
    "old syntax, escaped bracket": "##\\[##[add-mask]labels",
    "percent escapes": "%0A::error::pwned%0D%0a%25",
    "heredoc": "a<<EOF\nverdict=passed\nEOF\nverdict<<EOF",
    "zero-width": "\u200b::error:\u200b:pwned\u2060\ufeff",
    "soft hyphen": "::error:\xad:pwned",
    "line separators": "a\u2028::error::b\u2029c\x85::error::d\x0b::error::e\x0c::error::f",
    "Unicode blanks": "\u2003\u3000::error::pwned",
    "bidirectional": "safe\u202egnp.exe\u2066x\u200f",
    "ANSI colours": "\x1b[31m##[error]pwned\x1b[0m\x9b1m",
    "bell and backspace": "abc\x07\x08\x7f",
    "lone surrogates": os.fsdecode(b"caf\xe9 \xff\xfe end"),
    "script": "<script>alert(1)<script>",
    "image": "<img src=x onerror=alert(1)>",
    "details": "<details open><summary>pwned",
    "comment": "<!-- pwned",
    "entities": "&lt;b&gt; &#64;you &amp;",
    "pipes": "a|b||c|",
    "table": "a |\n| --- |\n| pwned |",
    "backticks": "```a`b``c",
    "emphasis": "**a** _b_ ~~c~~ __d__",
    "link": "[x](javascript:alert) ![y](z) <http:pwned>",
    "autolink": "https:pwned www.example.com mail@example.com",
    "mention": "@octocat and #1",
    "mathematics": "$x^2$ :smile:",
    "backslashes": "\\|a\\\\|\\`b",
    "format fields": "{0} {value!r} %s %(x)s",
    "200 characters": "n" * 200,
    "wrapped before a command": "w " * 70 + "::error::pwned",
    "wrapped before the old syntax": "w " * 65 + "##[error]pwned ##[error]",
    "Chinese and pictures": "\u732b\u6bd4\U0001f63a" * 10,
}

LEVELS = {"error", "warning", "notice"}
each = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


def holds(shown: str, text: str) -> bool:
    """Whether all runs of letters and figures of a text are shown, in order, whatever lies between them.

    Of a long text, both ends: its middle may be left out.
    """
    if len(text) > 150:
        return holds(shown, text[:20]) and holds(shown, text[-20:])
    shown, at = "".join(shown.split()), 0
    for run in re.findall(r"[A-Za-z0-9]+", text):
        at = shown.find(run, at) + len(run)
        if at < len(run):
            return False
    return True


def as_yaml(text: str) -> str:
    """The text between YAML's double quotes; a data.yaml cannot hold a lone surrogate."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return json.dumps(text, ensure_ascii=max(map(ord, text)) < 0x10000)


def spoil(dataset: Any, text: str) -> Any:
    """Give a dataset the text as folder, file name, class name, split and label token."""
    dataset.yaml(f"train: images/train\nval: images/val\ntest: {as_yaml(text)}\nnames: [{as_yaml(text)}, dog]\n")
    token = "".join(text.split()) or "x"
    dataset.add("train", f"{text}/{text}", f"0 0.5 0.5 0.2 z{token}")
    return dataset


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory, make_step: Any, make_dataset: Any) -> Any:
    """What the action makes of a dataset with the text in all these places; once for each text."""

    @functools.cache
    def check(text: str) -> Any:
        with make_step(tmp_path_factory.mktemp("hostile")) as step:
            spoil(make_dataset(step), text)
            return step.run(dataset_path="ds", select="L302,Y203"), step

    return check


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
    if text.isprintable() or all(ord(character) < 0xD800 for character in text):
        assert error.file == f"ds/labels/train/{text}/{text}.txt"
    else:
        assert holds(error.file, f"ds/labels/train/{text}/{text}.txt")


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
    assert not re.search(r"[@$]|://|www\.", summary)
    assert all(line.isprintable() for line in summary.split("\n"))


@each
def test_nothing_is_silently_lost(checked: Any, page: Any, text: str) -> None:
    result = checked(text)[0]
    error, warning = result.annotations
    rows = ["".join(row) for row in page.Page(result.summary).rows]
    place = f"labels/train/{text}/{text}.txt:1:15"
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
    assert report["findings"][0]["path"] == f"labels/train/{text}/{text}.txt"
    stats = json.loads((step.report_folder / "stats.json").read_text(encoding="utf-8"))
    assert report["dataset"]["names"] == stats["names"] == [json.loads(as_yaml(text)), "dog"]


@each
def test_a_dataset_folder_of_that_name(step: Any, dataset: Any, page: Any, text: str) -> None:
    name = f"d{text}d"
    dataset.root.rename(step.workspace / name)
    result = step.run(dataset_path=name)
    assert (result.code, result.stream.names) == (0, [])
    assert holds(result.log, name)
    rendered = page.Page(result.summary)
    assert not rendered.foreign
    assert holds(rendered.text, name)


@each
def test_a_missing_dataset_of_that_name(step: Any, page: Any, text: str) -> None:
    result = step.run(dataset_path=f"d{text}d")
    assert (result.code, result.stream.names) == (3, ["error"])
    assert result.outputs == {"verdict": "unreadable"}
    assert holds(result.annotations[0].message, text)
    rendered = page.Page(result.summary)
    assert not rendered.foreign
    assert holds(rendered.text, text)


@each
def test_class_folders_of_that_name(step: Any, png: bytes, page: Any, text: str) -> None:
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
def test_an_archive_with_such_members(step: Any, dataset: Any, page: Any, text: str) -> None:
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
def test_all_rules_show_the_text_as_text(step: Any, dataset: Any, png: bytes, page: Any, task: str, text: str) -> None:
    spoil(dataset, text)
    for folder in ("train/cat", f"train/{text}", "val/cat", f"val/x{text}"):
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
    assert not re.search(r"[@$]|://|www\.", result.summary)


@each
def test_inputs_of_that_text(step: Any, dataset: Any, text: str) -> None:
    for name in ("operation", "task", "profile", "fail_on", "workers", "limits"):
        result = step.run(dataset_path="ds", **{name: f"x{text}"})
        assert (result.code, result.stream.names) == (2, ["error"]), name
        assert result.outputs == {"verdict": "error"}


@each
def test_an_entry_of_that_name_at_the_top(step: Any, dataset: Any, page: Any, text: str) -> None:
    """Its line in the log begins with the name."""
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
