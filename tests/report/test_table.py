"""Every format is a function of the report alone, so a stored report gives the same files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hubaction.report.annotations import render_annotations
from hubaction.report.json_report import read_report, render_json
from hubaction.report.summary import render_summary
from hubaction.report.table import RENDERERS
from hubaction.report.text import render_text

EVERYTHING: dict[str, Callable[..., Any]] = {
    **{name: one.render for name, one in RENDERERS.items()},
    "summary": render_summary,
    "annotations": render_annotations,
    "text": render_text,
}


def test_names() -> None:
    assert {name: (one.file, one.media) for name, one in RENDERERS.items()} == {
        "json": ("report.json", "application/json"),
        "html": ("report.html", "text/html"),
        "sarif": ("report.sarif", "application/sarif+json"),
        "junit": ("junit.xml", "application/xml"),
    }


@pytest.mark.parametrize("name", EVERYTHING)
@pytest.mark.parametrize("task", ["detect", "segment", "pose", "obb", "classify"])
def test_a_stored_report_looks_the_same(make: Callable[..., Any], task: str, name: str) -> None:
    maker = make(task)
    folder = "train/cat" if task == "classify" else "images/train"
    maker.put(f"{folder}/empty.jpg", b"").put("labels/train/b.txt", b"0 .5 .5 x\n9 9 9 9 9\n")
    report = maker.check("default")
    assert report.findings
    again = read_report(render_json(report))
    assert EVERYTHING[name](again) == EVERYTHING[name](report)


@pytest.mark.parametrize("name", EVERYTHING)
def test_an_interrupted_check(report: Any, name: str) -> None:
    one = report(
        verdict="interrupted", exit_code=143, task="", names=(), splits={}, not_run=("all rules, for <b>\n::x::",)
    )
    text = str(EVERYTHING[name](one))
    assert "nterrupted" in text
    assert "all rules" in text
    assert EVERYTHING[name](read_report(render_json(one))) == EVERYTHING[name](one)


@pytest.mark.parametrize("name", RENDERERS)
def test_files_are_text_that_utf8_can_hold(report: Any, finding: Any, name: str) -> None:
    odd = "\ud800 \udcff\x00"
    text = RENDERERS[name].render(report([finding(odd, message=odd)], path=odd, location=odd, names=(odd,)))
    assert text.endswith("\n")
    text.encode("utf-8")
