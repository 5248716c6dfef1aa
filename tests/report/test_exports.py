"""What became of exports, in every form that it is told in."""

from __future__ import annotations

import dataclasses
import json
from types import ModuleType
from typing import Any

import pytest

from hubaction.report.exports import (
    ExportReport,
    ExportRow,
    Result,
    render_annotations,
    render_summary,
    render_text,
    results_json,
)

DONE = ExportRow("onnx", True, Result.COMPLETED, "e1", 41.6, 12_345_678, "ab" * 32, "out/m.onnx")
HOSTILE = "x\r\n::error::y ##[error]z | <b> &amp; `c` [l](http://e.x) @ada #1 \x1b[31m\u202e"


def report(*rows: ExportRow, **values: Any) -> ExportReport:
    return ExportReport("demo/shapes/m", "Ultralytics Platform", rows or (DONE,), **values)


def row(result: Result, *, required: bool = True, **values: Any) -> ExportRow:
    return ExportRow("coreml", required, result, **values)


@pytest.mark.parametrize("result", list(Result))
def test_required_results_decide(result: Result) -> None:
    one = report(DONE, row(result), row(Result.FAILED, required=False))
    assert one.result is result
    assert one.has_failed is (result not in {Result.COMPLETED, Result.STARTED})


def test_the_worst_of_several_counts() -> None:
    order = [Result.COMPLETED, Result.STARTED, Result.PENDING, Result.TIMED_OUT, Result.MISSING, Result.CANCELLED]
    order.append(Result.FAILED)
    for index, worst in enumerate(order):
        assert report(*(row(one) for one in reversed(order[: index + 1]))).result is worst


def test_where_none_is_required_the_worst_of_all_counts_and_nothing_fails() -> None:
    one = report(row(Result.COMPLETED, required=False), row(Result.FAILED, required=False))
    assert (one.result, one.has_failed) == (Result.FAILED, False)


def test_text() -> None:
    text = render_text(report(DONE, row(Result.TIMED_OUT, required=False), resume="hubaction get-export m"))
    assert text == (
        "✓ demo/shapes/m\n"
        "  1 completed, 1 timed out of 2 exports on Ultralytics Platform\n"
        "    ✓ onnx  completed  [id e1, 42 s, 12.3 MB, out/m.onnx]\n"
        "    ✗ coreml (optional)  timed out: it still ran on the service when the time to wait was over\n"
        "  To go on later: hubaction get-export m"
    )


def test_every_result_has_words_of_its_own() -> None:
    lines = [render_text(report(row(result))).split("\n")[2] for result in Result]
    assert len({line.partition("  ")[2] for line in lines}) == len(Result)
    assert all(": " in line for line in lines[1:])


def test_what_stopped_it_is_told_first_among_the_annotations() -> None:
    one = report(row(Result.PENDING), stopped="Interrupted.")
    assert render_text(one).startswith("✗ ")
    assert "\n  Interrupted." in render_text(one)
    first = render_annotations(one)[0]
    assert (first.command, first.message) == ("error", "Interrupted.")


def test_summary(page: ModuleType) -> None:
    summary = render_summary(report(DONE, row(Result.FAILED, message="no memory"), resume="hubaction get-export a,b"))
    rendered = page.Page(summary)
    assert rendered.rows[0] == ["format", "required", "result", "seconds", "size", "sha256", "file"]
    assert rendered.rows[1] == ["onnx", "yes", "✅ completed", "42", "12.3 MB", "ab" * 32, "out/m.onnx"]
    assert rendered.rows[2] == ["coreml", "yes", "❌ failed", "", "", "", ""]
    assert "coreml: no memory" in rendered.text
    assert "use the operation get-export with wait: true, or hubaction get-export a,b." in rendered.text
    assert summary.startswith("## ❌ ")


def test_the_summary_says_why_below_the_table(page: ModuleType) -> None:
    rows = (DONE, row(Result.CANCELLED), dataclasses.replace(DONE, format="ncnn", message="as it was"))
    rendered = page.Page(render_summary(report(*rows)))
    assert "coreml: it was cancelled on the service" in rendered.text
    assert "ncnn: as it was" in rendered.text
    assert "onnx:" not in rendered.text


def test_a_message_beside_a_good_end_is_told() -> None:
    assert "completed: as it was  [" in render_text(report(dataclasses.replace(DONE, message="as it was")))


def test_a_long_command_is_told_whole(page: ModuleType) -> None:
    command = "hubaction get-export " + "a," * 300
    one = report(resume=command)
    assert command in render_text(one)
    assert command in page.Page(render_summary(one)).text


@pytest.mark.parametrize(("size", "shown"), [(0, "0 bytes"), (99_999, "99,999 bytes"), (100_000, "0.1 MB")])
def test_sizes(size: int, shown: str) -> None:
    assert f"{shown}, out/m.onnx]" in render_text(report(dataclasses.replace(DONE, size=size)))


def test_annotations_by_requirement() -> None:
    rows = [DONE, row(Result.STARTED), row(Result.CANCELLED), row(Result.FAILED, required=False, message="why")]
    notes = render_annotations(report(*rows))
    assert [(note.command, note.title) for note in notes] == [
        ("error", "export cancelled"),
        ("warning", "export failed"),
    ]
    assert notes[1].message == "coreml: failed: why"


def test_no_more_annotations_than_the_runner_shows() -> None:
    rows = [row(Result.FAILED, required=index % 2 == 0) for index in range(44)]
    levels = [note.command for note in render_annotations(report(*rows))]
    assert (levels.count("error"), levels.count("warning")) == (10, 10)


def test_results_are_json_that_holds_no_odd_character() -> None:
    text = results_json([dataclasses.replace(DONE, message="\x1b\udce9\n"), row(Result.PENDING)])
    assert text.isascii()
    assert "\n" not in text
    first, second = json.loads(text)
    assert first["message"] == "\\x1b\\udce9\\n"
    assert (second["result"], second["seconds"], second["size"]) == ("pending", None, None)


def test_untrusted_words_are_words(page: ModuleType) -> None:
    bad = ExportRow(HOSTILE, True, Result.FAILED, HOSTILE, file=HOSTILE, message=HOSTILE)
    one = ExportReport(HOSTILE, HOSTILE, (bad,), stopped=HOSTILE, resume=HOSTILE)
    text, summary = render_text(one), render_summary(one)
    assert all(line.isprintable() and not line.lstrip().startswith("::") for line in text.split("\n"))
    rendered = page.Page(summary)
    assert rendered.foreign <= {"ul", "li"}
    assert page.broken_rows(summary) == []
    assert "@ada" not in summary
    assert "ada" in rendered.text
    assert all(note.message.isprintable() for note in render_annotations(one))


def test_long_words_are_bounded() -> None:
    one = report(row(Result.FAILED, message="w" * 100_000), stopped="s" * 100_000)
    for text in (render_text(one), render_summary(one), *(note.message for note in render_annotations(one))):
        assert len(text) < 2_500
