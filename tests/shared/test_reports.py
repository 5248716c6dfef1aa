"""Reports on all variants: the schema, the round trip, and the formats' agreement with the verdict."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from variant_table import variants

from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.report.json_report import as_dict, read_report, render_json
from hubaction.report.junit import render_junit
from hubaction.report.sarif import render_sarif
from hubaction.report.schema import report_schema


@pytest.mark.parametrize("variant", variants())
def test_formats_of(shared_data: Path, variant: dict[str, Any]) -> None:
    jsonschema: Any = pytest.importorskip("jsonschema")
    path = shared_data / "variants" / variant["file"]
    report = check(CheckOptions(path, variant["task"], "default", workers=1, location="data/set.zip"))
    text = render_json(report)
    jsonschema.Draft202012Validator(report_schema()).validate(json.loads(text))
    again = read_report(text)
    assert as_dict(again) == as_dict(report)

    junit = render_junit(again)
    assert junit == render_junit(report)
    root = ET.fromstring(junit)
    assert (int(root.get("failures", "")) + int(root.get("errors", "")) > 0) == (report.exit_code != 0)
    skipped = [one for one in report.rules_run.values() if one.status in {"not run", "not applicable", "disabled"}]
    assert int(root.get("skipped", "")) == len(skipped)

    sarif = render_sarif(again)
    assert sarif == render_sarif(report)
    (run,) = json.loads(sarif)["runs"]
    assert len(run["results"]) == len(report.findings)
    errors = sum(result["level"] == "error" for result in run["results"])
    assert errors == sum(finding.severity.word == "error" for finding in report.findings)
