"""The report for machines."""

from __future__ import annotations

import json
from typing import Any

from hubaction.report.finding import Severity
from hubaction.report.json_report import SCHEMA, as_dict, render_json

KEYS = (
    "schema version dataset task task_reason profile fail_on verdict exit_code errors warnings notes known tolerated "
    "splits findings rules rules_run not_run remarks config seconds gallery charts"
).split()


def test_keys_of_schema_1(report: Any, finding: Any) -> None:
    parsed = json.loads(render_json(report([finding("a.txt", 3, 4), finding("b.txt", severity=Severity.NOTE)])))
    assert SCHEMA == parsed["schema"] == "hubaction/report/1"
    assert list(parsed) == KEYS
    assert list(parsed["dataset"]) == ["path", "is_archive", "files", "bytes", "names", "location", "data_yaml"]
    assert parsed["splits"]["train"] == {
        "images": 1200,
        "kept": 1198,
        "unlabelled": 3,
        "instances": 4000,
        "per_class": [3000, 1000],
    }
    assert parsed["splits"]["test"] is None
    assert parsed["findings"][0] == {
        "rule": "X1",
        "severity": "error",
        "consequence": "drops",
        "path": "a.txt",
        "line": 3,
        "column": 4,
        "split": "train",
        "message": "it is wrong",
        "fingerprint": "",
        "known": False,
    }
    assert parsed["rules"] == {"X1": {"name": "name-x1", "what": "What X1.", "why": "Why X1.", "fix": "Fix it."}}
    assert (parsed["errors"], parsed["warnings"], parsed["notes"]) == (1, 0, 1)


def test_round_trip_of_odd_text(report: Any, finding: Any) -> None:
    odd = 'a"\\\n\r\u2028\ud800 \udcff\x00\x1b😺</script>'
    whole = report([finding(odd, message=odd)], path=odd, names=(odd,), not_run=(odd,))
    text = render_json(whole)
    assert text.isascii()
    assert text.endswith("}\n")
    assert json.loads(text) == json.loads(json.dumps(as_dict(whole)))
    parsed = json.loads(text)
    assert parsed["findings"][0]["path"] == parsed["dataset"]["names"][0] == parsed["not_run"][0] == odd


def test_order_of_findings_is_kept(report: Any, finding: Any) -> None:
    findings = [finding("b.txt"), finding("a.txt"), finding("c.txt", severity=Severity.WARNING, rule="A1")]
    parsed = json.loads(render_json(report(findings)))
    assert [one["path"] for one in parsed["findings"]] == ["a.txt", "b.txt", "c.txt"]
    assert list(parsed["rules"]) == ["X1", "A1"]


def test_the_same_report_gives_the_same_text(report: Any, finding: Any) -> None:
    assert render_json(report([finding()])) == render_json(report([finding()]))
