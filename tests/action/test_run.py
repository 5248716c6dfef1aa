"""The action from its environment to its exit code, in this process."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from hubaction.action.run import run
from hubaction.operations import table

PASSED = {
    "verdict": "passed",
    "errors": "0",
    "warnings": "0",
    "images": "2",
    "instances": "420",
    "task": "detect",
    "report_json": "hub-action-report/report.json",
    "report_html": "hub-action-report/report.html",
    "stats_file": "hub-action-report/stats.json",
}
FAILED = {"verdict": "error", "state": "error"}
BAD_ROW = "0 0.5 0.5 0.2 1.7"
DUPLICATE = "0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2"


def test_a_clean_dataset_passes(step: Any, dataset: Any) -> None:
    result = step.run(dataset_path="ds")
    assert (result.code, result.stream.commands, result.outputs) == (0, [], PASSED)
    assert result.log.startswith("✓ ds\n  passed: no findings in 2 images, 420 objects (detect, profile default)\n")
    assert result.summary.startswith("## ✅ Dataset check: <code>ds</code>\n")


def test_a_broken_dataset_fails_and_says_where(step: Any, dataset: Any) -> None:
    dataset.add("train", "bad", BAD_ROW)
    result = step.run(dataset_path="ds")
    assert (result.code, result.outputs["verdict"], result.outputs["errors"]) == (1, "failed", "1")
    (one,) = result.annotations
    assert (one.level, one.file, one.line, one.column) == ("error", "ds/labels/train/bad.txt", 1, 15)
    assert one.title == "G401 not-normalised"
    assert one.message.startswith("labels/train/bad.txt:1:15 G401: height 1.7 is above 1; the whole image is dropped.")
    assert "## ❌ Dataset check" in result.summary


def test_annotations_follow_the_report_in_the_log(step: Any, dataset: Any) -> None:
    dataset.add("train", "bad", BAD_ROW)
    lines = step.run(dataset_path="ds").log.splitlines()
    assert lines[0].startswith("✗ ds")
    assert [line.startswith("::error ") for line in lines] == [False] * (len(lines) - 1) + [True]


@pytest.mark.parametrize(
    ("fail_on", "code", "levels"),
    [("error", 0, ["warning"]), ("warning", 1, ["warning", "error"]), ("never", 0, ["warning"])],
)
def test_fail_on_with_a_warning(step: Any, dataset: Any, fail_on: str, code: int, levels: list[str]) -> None:
    dataset.add("train", "double", DUPLICATE)
    result = step.run(dataset_path="ds", fail_on=fail_on)
    assert (result.code, result.stream.names) == (code, levels)
    assert result.outputs["verdict"] == ("failed" if code else "passed")
    assert result.outputs["warnings"] == "1"


def test_never_passes_a_dataset_with_errors(step: Any, dataset: Any) -> None:
    dataset.add("train", "bad", BAD_ROW)
    result = step.run(dataset_path="ds", fail_on="never")
    assert (result.code, result.outputs["verdict"], result.outputs["errors"]) == (0, "passed", "1")


def test_nothing_readable_is_not_a_pass(step: Any) -> None:
    (step.workspace / "ds").mkdir()
    result = step.run(dataset_path="ds", fail_on="never")
    assert (result.code, result.outputs["verdict"]) == (3, "unreadable")
    assert "error" in result.stream.names


def test_the_profile_decides_on_the_severity(step: Any, dataset: Any) -> None:
    dataset.add("train", "bad", BAD_ROW)
    result = step.run(dataset_path="ds", profile="hub", task="detect")
    assert (result.code, result.outputs["errors"], result.outputs["warnings"]) == (0, "0", "1")
    assert json.loads((step.report_folder / "report.json").read_text())["profile"] == "hub"


def test_files_lie_where_the_outputs_say(step: Any, dataset: Any) -> None:
    outputs = step.run(dataset_path="ds", output_dir="a/b c").outputs
    assert outputs["report_json"] == "a/b c/report.json"
    report = json.loads((step.workspace / outputs["report_json"]).read_text())
    assert (report["schema"], report["verdict"]) == ("hubaction/report/1", "passed")
    assert "train" in json.loads((step.workspace / outputs["stats_file"]).read_text())


def test_a_second_run_on_the_whole_workspace_ignores_the_first_ones_report(step: Any, dataset: Any) -> None:
    first = step.run(dataset_path="ds", output_dir="ds/hub-action-report")
    second = step.run(dataset_path="ds", output_dir="ds/hub-action-report")
    assert first.outputs == second.outputs
    assert json.loads((step.workspace / second.outputs["report_json"]).read_text())["dataset"]["files"] == 6


def test_the_dataset_is_never_changed(step: Any, dataset: Any) -> None:
    dataset.add("train", "bad", BAD_ROW)

    def state() -> list[tuple[str, int, bytes]]:
        files = sorted(path for path in dataset.root.rglob("*") if path.is_file())
        return [(str(path), path.stat().st_mtime_ns, path.read_bytes()) for path in files]

    before = state()
    step.run(dataset_path="ds")
    assert state() == before


# inputs


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("INPUT_DATASET-PATH", "ds"),
        ("INPUT_DATASET_PATH", "  ds \n"),
        ("INPUT_DATASET-PATH", "\tds"),
    ],
    ids=["with hyphen", "with blanks", "with both"],
)
def test_spellings_of_an_input(step: Any, dataset: Any, variable: str, value: str) -> None:
    step.extra = {"INPUT_DATASET_PATH": "", variable: value}
    assert step.run().outputs == PASSED


def test_the_underscore_goes_before_the_hyphen(step: Any, dataset: Any) -> None:
    step.extra = {"INPUT_DATASET-PATH": "elsewhere"}
    assert step.run(dataset_path="ds").code == 0


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_blank_inputs_have_their_defaults(step: Any, dataset: Any, blank: str) -> None:
    names = ("operation", "task", "profile", "fail_on", "output_dir", "workers", "limits", "api_key")
    assert step.run(dataset_path="ds", **dict.fromkeys(names, blank)).outputs == PASSED


def test_the_default_dataset_is_the_workspace(step: Any, dataset: Any) -> None:
    for path in list(dataset.root.iterdir()):
        path.rename(step.workspace / path.name)
    result = step.run()
    assert (result.code, result.outputs) == (0, PASSED)


@pytest.mark.parametrize("name", ["check-dataset", "check_dataset"])
def test_spellings_of_the_operation(step: Any, dataset: Any, name: str) -> None:
    assert step.run(dataset_path="ds", operation=name).outputs == PASSED


def test_several_limits(step: Any, dataset: Any) -> None:
    result = step.run(dataset_path="ds", limits="\n max_ratio = 200 \r\n\nmax_label_bytes=3\n", task="detect")
    assert (result.code, result.outputs["errors"] != "0") == (1, True)
    assert "max_label_bytes = 3" in result.log


# refusals

REFUSED: dict[str, tuple[dict[str, str], int, str]] = {
    "operation": ({"operation": "fly"}, 2, "There is no operation 'fly'. Use one of check-dataset, upload-dataset,"),
    "task": ({"task": "walk"}, 2, "There is no task 'walk'. Use one of detect, segment, pose, obb, classify."),
    "profile": ({"profile": "x"}, 2, "There is no profile 'x'. Use one of default, strict, hub, platform."),
    "fail_on": ({"fail_on": "note"}, 2, "The input fail_on is 'note'. Use one of error, warning, never."),
    "no workers": ({"workers": "0"}, 2, "The input workers is '0'."),
    "negative workers": ({"workers": "-1"}, 2, "The input workers is '-1'."),
    "half a worker": ({"workers": "1.5"}, 2, "The input workers is '1.5'."),
    "too many workers": ({"workers": "1025"}, 2, "from 1 to 1024"),
    "wordy workers": ({"workers": "auto"}, 2, "The input workers is 'auto'."),
    "limit without number": ({"limits": "max_ratio"}, 2, "The input limits sets max_ratio to ''."),
    "limit misspelt": ({"limits": "max_ration=1"}, 2, "Did you mean max_ratio?"),
    "limit unknown": ({"limits": "zzz=1"}, 2, "names 'zzz', which is no limit. The limits are max_image_bytes,"),
    "limit negative": ({"limits": "max_ratio=-1"}, 2, "sets max_ratio to '-1'"),
    "limit of words": ({"limits": "max_ratio=many"}, 2, "and a whole number"),
    "limit, leading underscore": ({"limits": "max_ratio=_5"}, 2, "and a whole number"),
    "limit, two underscores": ({"limits": "max_ratio=1__0"}, 2, "and a whole number"),
    "limit of 5,000 figures": ({"limits": "max_ratio=" + "9" * 5000}, 2, "sets max_ratio to"),
    "missing dataset": ({"dataset_path": "dss"}, 3, "Did you mean"),
    "missing folder": ({"dataset_path": "no/ds.zip"}, 3, "does not exist either"),
    "file in place of a folder": ({"dataset_path": "ds/data.yaml/x"}, 3, "There is no file or folder"),
    "dataset path of 5,000 characters": ({"dataset_path": "x" * 5000}, 3, "cannot be opened"),
    "data.yaml's path of 5,000 characters": ({"dataset_path": "x" * 5000 + ".yaml"}, 3, "cannot be opened"),
    "output above": ({"output_dir": ".."}, 2, "outside the workspace"),
    "output beside": ({"output_dir": "../x"}, 2, "outside the workspace"),
    "output around": ({"output_dir": "a/../../workspace2"}, 2, "outside the workspace"),
    "absolute output": ({"output_dir": "/var/tmp/x"}, 2, "outside the workspace"),
    "output through a link": ({"output_dir": "link"}, 2, "leads through a symbolic link"),
    "output below a link": ({"output_dir": "link/a/b"}, 2, "leads through a symbolic link"),
    "output where a file lies": ({"output_dir": "plain"}, 2, "cannot be written"),
    "output below a file": ({"output_dir": "plain/x"}, 2, "cannot be written"),
    "output in the dataset": ({"output_dir": "ds/images"}, 2, "lies in the dataset"),
}
REFUSALS = [pytest.param(*refusal, id=name) for name, refusal in REFUSED.items()]


@pytest.mark.parametrize(("inputs", "code", "words"), REFUSALS)
def test_refusals(step: Any, dataset: Any, page: Any, inputs: dict[str, str], code: int, words: str) -> None:
    outside = step.root / "outside"
    outside.mkdir()
    (step.workspace / "link").symlink_to(outside)
    (step.workspace / "plain").write_text("a file")
    result = step.run(**{"dataset_path": "ds", **inputs})
    assert (result.code, result.stream.names) == (code, ["error"])
    assert words in result.annotations[0].message
    assert result.outputs == {**FAILED, "verdict": "unreadable" if code == 3 else "error"}
    assert "Traceback" not in result.log
    assert page.Page(result.summary).text.startswith("❌ ")
    assert list(outside.iterdir()) == []
    assert {path.name for path in step.root.iterdir()} == {"workspace", "file_commands", "outside"}


def test_a_task_that_cannot_be_inferred(step: Any, dataset: Any) -> None:
    for label in dataset.root.rglob("*.txt"):
        label.write_bytes(b"")
    result = step.run(dataset_path="ds")
    assert (result.code, result.stream.names) == (2, ["error"])
    assert "Say which task it is" in result.annotations[0].message


def test_a_planted_report_file_is_replaced_not_followed(step: Any, dataset: Any) -> None:
    victim = step.root / "victim"
    victim.write_text("untouched")
    step.report_folder.mkdir()
    (step.report_folder / "report.json").symlink_to(victim)
    assert step.run(dataset_path="ds").code == 0
    assert victim.read_text() == "untouched"
    assert not (step.report_folder / "report.json").is_symlink()


# bugs


def crash(_inputs: object, _context: object) -> None:
    raise RuntimeError("boom\n::error::pwned ##[error]pwned <b>")


def test_a_crash_is_a_sentence(step: Any, page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUBACTION_DEBUG", raising=False)
    monkeypatch.setitem(table.OPERATIONS, "check-dataset", crash)  # type: ignore[arg-type]
    result = step.run()
    assert (result.code, result.stream.names, result.outputs) == (5, ["error"], FAILED)
    assert "This is a bug in hub-action: RuntimeError: boom" in result.annotations[0].message
    assert "HUBACTION_DEBUG=1" in result.annotations[0].message
    assert "Traceback" not in result.log
    assert result.stream.plain == []
    rendered = page.Page(result.summary)
    assert "RuntimeError: boom" in rendered.text
    assert not rendered.foreign


def test_debugging_shows_the_traceback_as_plain_text(step: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBACTION_DEBUG", "1")
    monkeypatch.setitem(table.OPERATIONS, "check-dataset", crash)  # type: ignore[arg-type]
    result = step.run()
    assert (result.code, result.stream.names) == (5, ["error"])
    assert "Traceback (most recent call last):" in result.stream.plain
    assert "| ::error::pwned ##\\[error]pwned <b>" in result.stream.plain


def test_an_interrupt_is_told(step: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_inputs: object, _context: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(table.OPERATIONS, "check-dataset", interrupted)  # type: ignore[arg-type]
    result = step.run()
    outputs = {"verdict": "interrupted", "state": "interrupted"}
    assert (result.code, result.stream.names, result.outputs) == (130, ["error"], outputs)
    assert "Interrupted" in result.annotations[0].message
    assert "Interrupted" in result.summary


# secrets

SECRET = "k3y/with+odd=signs & more"
QUOTED = "k3y%2Fwith%2Bodd%3Dsigns%20%26%20more"


@pytest.mark.parametrize("variable", ["INPUT_API_KEY", "INPUT_API-KEY", "HUB_API_KEY", "ULTRALYTICS_API_KEY"])
@pytest.mark.parametrize("path", ["ds", "missing"])
def test_a_secret_is_masked_before_anything_else(step: Any, dataset: Any, variable: str, path: str) -> None:
    step.extra = {variable: SECRET}
    result = step.run(dataset_path=path)
    first, second = result.stream.commands[:2]
    assert [(one.name, one.data) for one in (first, second)] == [("add-mask", SECRET), ("add-mask", QUOTED)]
    lines = result.log.splitlines()
    assert [line.startswith("::add-mask::") for line in lines] == [True, True] + [False] * (len(lines) - 2)
    rest = "\n".join(lines[2:]) + result.summary + str(result.outputs)
    assert SECRET not in rest
    assert QUOTED not in rest
    for file in step.workspace.rglob("*.json"):
        assert SECRET.encode() not in file.read_bytes()


def test_several_secrets_and_one_that_spans_lines(step: Any, dataset: Any) -> None:
    step.extra = {"HUB_API_KEY": "first-secret\nsecond-secret", "ULTRALYTICS_API_KEY": "plain-secret"}
    stream = step.run(dataset_path="ds", api_key="plain-secret").stream
    assert [one.data for one in stream.commands if one.name != "add-mask"] == []
    assert stream.masked("first-secret, second-secret, plain-secret") == "***, ***, ***"
    assert len(stream.commands) == 3  # the one without odd signs looks the same in a URL, and is masked once


@pytest.mark.parametrize("value", ["", "   ", "a", "1234567"])
def test_short_values_are_not_masked(step: Any, dataset: Any, value: str) -> None:
    step.extra = {"HUB_API_KEY": value}
    assert step.run(dataset_path="ds", api_key=value).stream.commands == []


def test_a_secret_that_is_no_utf8(step: Any, dataset: Any) -> None:
    step.extra = {"HUB_API_KEY": os.fsdecode(b"secret-\xff-secret")}
    assert step.run(dataset_path="ds").code == 0


# the runner's files


def test_outside_of_a_workflow_nothing_stands_in_for_the_files(step: Any, dataset: Any) -> None:
    dataset.add("train", "bad", BAD_ROW)
    stream = io.StringIO()
    assert run({"GITHUB_WORKSPACE": str(step.workspace), "INPUT_DATASET_PATH": "ds"}, stream) == 1
    assert run({"GITHUB_WORKSPACE": str(step.workspace), "INPUT_DATASET_PATH": "no"}, stream) == 3
    assert "set-output" not in stream.getvalue()
    assert stream.getvalue().count("::error") == 2


def test_without_a_workspace_paths_are_relative_to_the_current_folder(
    step: Any, dataset: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(step.workspace)
    assert run({"INPUT_DATASET_PATH": "ds"}, io.StringIO()) == 0
    assert (step.report_folder / "report.json").is_file()


def test_what_stands_in_the_files_stays(step: Any, dataset: Any) -> None:
    environment = step.environment({"dataset_path": "ds"})
    Path(environment["GITHUB_OUTPUT"]).write_text("earlier=1\n")
    Path(environment["GITHUB_STEP_SUMMARY"]).write_text("# Earlier\n")
    run(environment, io.StringIO())
    assert Path(environment["GITHUB_OUTPUT"]).read_text().startswith("earlier=1\n")
    assert Path(environment["GITHUB_STEP_SUMMARY"]).read_text().startswith("# Earlier\n")


def test_every_output_has_a_delimiter_of_its_own(step: Any, dataset: Any) -> None:
    delimiters = re.findall(rb"^[a-z_]+<<(.+)$", step.run(dataset_path="ds").output_file, re.MULTILINE)
    assert len(set(delimiters)) == len(PASSED)
    assert set(delimiters).isdisjoint(re.findall(rb"^[a-z_]+<<(.+)$", step.run(dataset_path="ds").output_file, re.M))


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_a_file_of_the_runner_that_cannot_be_written(step: Any, dataset: Any, name: str) -> None:
    environment = step.environment({"dataset_path": "ds"}) | {name: str(step.root / "missing" / "file")}
    stream = io.StringIO()
    assert run(environment, stream) == 5
    assert stream.getvalue().count("::error") == 1


def test_outputs_where_the_workspace_is_a_link(step: Any, dataset: Any) -> None:
    (step.root / "link").symlink_to(step.workspace)
    step.extra = {"GITHUB_WORKSPACE": str(step.root / "link")}
    result = step.run(dataset_path="ds")
    assert result.outputs["report_json"] == "hub-action-report/report.json"


def mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


def test_reports_can_be_read_by_everyone(step: Any, dataset: Any) -> None:
    before = os.umask(0o022)
    try:
        step.run(dataset_path="ds")
    finally:
        os.umask(before)
    assert mode(step.report_folder / "report.json") == mode(step.report_folder / "stats.json") == "0o644"
    assert mode(step.report_folder) == "0o755"


root_only = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can hand files over")


@root_only
def test_files_are_handed_over_to_the_owner_of_the_workspace(step: Any, dataset: Any) -> None:
    os.chown(step.workspace, 1001, 1002)
    step.run(dataset_path="ds", output_dir="a/b")
    for path in ("a", "a/b", "a/b/report.json", "a/b/stats.json"):
        status = (step.workspace / path).stat()
        assert (status.st_uid, status.st_gid) == (1001, 1002), path
    assert dataset.root.stat().st_uid == 0
    assert step.root.stat().st_uid == 0


@root_only
def test_a_refused_hand_over_keeps_the_verdict(step: Any, dataset: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    result = step.run(dataset_path="ds")
    assert (result.code, result.outputs) == (0, PASSED)
