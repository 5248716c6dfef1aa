"""The whole gate: settings from flags, environment and file, baselines, and exact numbers in every report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hubaction.action.inputs import read_inputs
from hubaction.cli import main
from hubaction.errors import UsageError
from hubaction.operations.check_dataset import CheckOptions, check, run
from hubaction.operations.outcome import Context
from hubaction.report.json_report import as_dict
from hubaction.report.model import Report
from hubaction.report.summary import render_summary
from hubaction.report.text import render_text

BROKEN = Path(__file__).parents[2] / "examples/shapes-broken"


def config(folder: Path, text: str) -> Path:
    path = folder / "gate.yml"
    path.write_text(text, encoding="utf-8")
    return path


def status(report: Report, rule: str) -> str:
    return report.rules_run[rule].status


def test_the_file_is_used_and_named(tmp_path: Path) -> None:
    report = check(CheckOptions(BROKEN, config=config(tmp_path, "profile: strict\nselect: [D]\ntask: detect\n")))
    assert (report.profile, report.fail_on, report.task_reason) == ("strict", "warning", "")
    assert {finding.rule[0] for finding in report.findings} == {"D"}
    assert (status(report, "L306"), report.rules_run["L306"].reason) == ("disabled", "not selected")
    assert "gate.yml" in render_text(report)


def test_flag_over_environment_over_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config(tmp_path, "profile: strict\nfail_on: warning\n")

    def judged(*flags: str) -> tuple[str, str]:
        main(["check-dataset", str(BROKEN), "--config", str(path), "--report-json", str(tmp_path / "r.json"), *flags])
        capsys.readouterr()
        report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
        return report["profile"], report["fail_on"]

    assert judged() == ("strict", "warning")
    monkeypatch.setenv("HUBACTION_PROFILE", "hub")
    monkeypatch.setenv("HUBACTION_FAIL_ON", "never")
    assert judged() == ("hub", "never")
    assert judged("--profile", "default", "--fail-on", "error") == ("default", "error")


def test_inputs_over_environment_over_file(tmp_path: Path) -> None:
    config(tmp_path, "profile: strict\n")
    environment = {"INPUT_CONFIG": "gate.yml", "INPUT_SELECT": "L306, D\nV8", "HUBACTION_PROFILE": "hub"}
    inputs = {**read_inputs(environment), "dataset_path": str(BROKEN)}
    assert (inputs["profile"], inputs["fail_on"]) == ("hub", "")
    assert read_inputs({**environment, "INPUT_PROFILE": "default"})["profile"] == "default"
    run(inputs, Context(tmp_path))
    report = json.loads((tmp_path / "hub-action-report/report.json").read_text(encoding="utf-8"))
    assert (report["profile"], report["fail_on"], report["config"]) == ("hub", "error", "gate.yml")
    assert {rule[0] for rule, one in report["rules_run"].items() if one["status"] != "disabled"} == {"L", "D", "V"}


def test_a_written_baseline_passes_and_new_findings_fail(tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    written = check(CheckOptions(BROKEN, write_baseline=known, config=None))
    assert (written.exit_code, written.errors, written.known) == (0, 0, len(written.findings))
    again = check(CheckOptions(BROKEN, baseline=known, config=None))
    assert (again.exit_code, again.new_findings, again.remarks) == (0, (), ())
    content = json.loads(known.read_text(encoding="utf-8"))
    content["entries"] = [one for one in content["entries"] if one["rule"] != "L306"]
    content["entries"].append({"rule": "L306", "path": "gone.txt", "fingerprint": "0" * 16, "count": 1})
    known.write_text(json.dumps(content), encoding="utf-8")
    after = check(CheckOptions(BROKEN, baseline=known, config=None))
    assert (after.exit_code, {finding.rule for finding in after.new_findings}) == (1, {"L306"})
    assert after.errors == after.rules_run["L306"].found == len(after.new_findings)
    assert [remark[:40] for remark in after.remarks] == ["1 entry of the baseline matches nothing "]
    assert "G401" not in render_text(after)
    assert "more known" in render_text(after)


def test_known_findings_are_not_annotated(tmp_path: Path) -> None:
    check(CheckOptions(BROKEN, write_baseline=tmp_path / "known.json", config=None))
    config(tmp_path, "baseline: known.json")
    inputs = {**read_inputs({"INPUT_CONFIG": "gate.yml"}), "dataset_path": str(BROKEN)}
    outcome = run(inputs, Context(tmp_path))
    assert (outcome.exit_code, list(outcome.annotations), outcome.outputs["errors"]) == (0, [], "0")


def test_no_baseline_is_written_of_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "set.zip").write_bytes(b"no zip")
    report = check(CheckOptions(tmp_path / "set.zip", "detect", write_baseline=tmp_path / "known.json", config=None))
    assert report.exit_code == 3
    assert not (tmp_path / "known.json").exists()
    assert "no baseline was written" in report.remarks[0]


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    """A folder with 1,200 boxes without an area in 40 label files."""
    folder = tmp_path / "set"
    for name in ("images/train", "images/val", "labels/train"):
        (folder / name).mkdir(parents=True)
    (folder / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [a]\n", encoding="utf-8")
    (folder / "images/val/v.jpg").write_bytes(b"no image")
    rows = "".join(f"0 0.5 0.{index + 1:02} 0 0.1\n" for index in range(30))
    for index in range(40):
        (folder / f"images/train/{index}.jpg").write_bytes(b"no image")
        (folder / f"labels/train/{index}.txt").write_text(rows, encoding="utf-8")
    return folder


def test_reports_show_exact_numbers(flat: Path) -> None:
    report = check(CheckOptions(flat, "detect", select=("G404",), config=None))
    assert len(report.findings) == 1000
    assert (report.errors, report.rules_run["G404"].found, report.rules_run["G404"].files) == (1200, 1200, 40)
    for text in (render_text(report), render_summary(report)):
        assert "1,200 errors" in text
        assert "1,200 findings in 40 files, 1,000 kept" in text
    assert as_dict(report)["rules_run"]["G404"]["errors"] == as_dict(report)["errors"] == 1200


def test_a_baseline_knows_all_findings_and_not_only_those_kept(flat: Path, tmp_path: Path) -> None:
    check(CheckOptions(flat, "detect", select=("G404",), write_baseline=tmp_path / "known.json", config=None))
    report = check(CheckOptions(flat, "detect", select=("G404",), baseline=tmp_path / "known.json", config=None))
    assert (report.exit_code, report.errors, report.known, report.remarks) == (0, 0, 1200, ())


def test_coverage_is_a_line_of_every_report() -> None:
    report = check(CheckOptions(BROKEN, select=("L", "R", "V807", "K"), config=None))
    by_status = [outcome.status for outcome in report.rules_run.values()]
    ran = by_status.count("passed") + by_status.count("findings")
    for text in (render_text(report), render_summary(report)):
        assert f"{ran} rules ran, {by_status.count('not applicable')} not applicable" in text
        assert f"{by_status.count('disabled')} disabled" in text


def test_tolerance_in_the_headline(tmp_path: Path) -> None:
    path = config(tmp_path, "select: [L306]\ntolerance: {class-invalid: {max: 100}}")
    report = check(CheckOptions(BROKEN, config=path))
    assert (report.exit_code, report.errors, report.tolerated) == (0, 2, 2)
    assert "passed: 2 errors (2 tolerated)" in render_text(report)


def test_a_pull_requests_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / ".hubaction.yml").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="symbolic link"):
        check(CheckOptions(tmp_path, "detect"))
