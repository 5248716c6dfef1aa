"""The upload behind the gate: what is sent, and how the service's own counts are judged."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from hubaction.action.inputs import read_inputs
from hubaction.errors import DatasetUnreadable, Rejected, Unreachable, UsageError
from hubaction.hub.service import State
from hubaction.operations import upload_dataset
from hubaction.operations.outcome import Context, Outcome
from hubaction.report.escape import markdown, markdown_code


def run(workspace: Path, **inputs: str) -> Outcome:
    given = {"dataset_path": "ds", "dataset_id": "demo/ds", "task": "detect", "workers": "1", **inputs}
    context = Context(workspace, environment={"HUB_API_KEY": "a-key-of-nobody"})
    return upload_dataset.run(read_inputs({f"INPUT_{key.upper()}": value for key, value in given.items()}), context)


@pytest.fixture
def workspace(detect: Any, tmp_path: Path) -> Path:
    """With a sound dataset in ``ds``."""
    detect.folder("ds")
    return tmp_path


def sent(fake: Any) -> Any:
    return next(asked[1] for asked in fake.asked if asked[0] == "upload")


def test_a_folder_is_checked_packed_and_sent(fake: Any, workspace: Path) -> None:
    outcome = run(workspace, timeout="10m", conflict="replace")
    assert (outcome.exit_code, outcome.outputs["state"], outcome.outputs["verdict"]) == (0, "completed", "passed")
    assert (outcome.outputs["dataset"], outcome.outputs["images"]) == ("ul://demo/datasets/ds", "3")
    upload = sent(fake)
    assert (upload.target, upload.task, upload.deadline, upload.conflict) == ("demo/ds", "detect", 600.0, "replace")
    assert upload.file.name == "dataset.zip"
    with zipfile.ZipFile(io.BytesIO(fake.sent)) as archive:
        assert "dataset/images/train/a.jpg" in archive.namelist()
    assert {path.name for path in workspace.iterdir()} == {"ds", "hub-action-report"}


def test_a_zip_is_sent_as_it_is(fake: Any, detect: Any, tmp_path: Path) -> None:
    path = detect.zip("mine.zip")
    run(tmp_path, dataset_path="mine.zip")
    assert fake.sent == path.read_bytes()
    assert sent(fake).file.name == "mine.zip"


def test_an_inferred_task_is_sent(fake: Any, make: Any, tmp_path: Path) -> None:
    make("segment").folder("ds")
    run(tmp_path, task="")
    assert sent(fake).task == "segment"


def test_nothing_is_sent_where_the_gate_fails(fake: Any, detect: Any, tmp_path: Path) -> None:
    detect.keys(val="nowhere").folder("ds")
    outcome = run(tmp_path)
    assert (outcome.exit_code, outcome.outputs["verdict"], outcome.outputs["state"]) == (1, "failed", "failed")
    assert fake.asked == []
    assert "It fails the check; nothing was sent." in outcome.text
    assert "Y203" in outcome.text
    assert outcome.annotations[0].command == "error"
    assert any(one.title.startswith("Y203") for one in outcome.annotations)
    assert json.loads((tmp_path / "hub-action-report/report.json").read_text())["verdict"] == "failed"


def test_what_cannot_be_read_is_not_sent(fake: Any, tmp_path: Path) -> None:
    (tmp_path / "ds.zip").write_bytes(b"no zip")
    assert run(tmp_path, dataset_path="ds.zip", fail_on="never").exit_code == 3
    with pytest.raises(DatasetUnreadable):
        run(tmp_path, dataset_path="none.zip")
    assert fake.asked == []


LOST = [({"errors": 2}, 2), ({"skipped": {"unknown class": 3}}, 3), ({"errors": 1, "skipped": {"x": 1, "y": 0}}, 2)]


@pytest.mark.parametrize(("values", "number"), LOST)
@pytest.mark.parametrize("allowed", ["true", ""])
def test_what_the_service_could_not_use_fails_unless_allowed(
    fake: Any, workspace: Path, values: dict[str, Any], number: int, allowed: str
) -> None:
    fake.uploaded = dataclasses.replace(fake.uploaded, **values)
    outcome = run(workspace, allow_ingest_errors=allowed)
    assert (outcome.exit_code, outcome.outputs["state"]) == ((0, "completed") if allowed else (1, "failed"))
    assert outcome.annotations[0].command == ("warning" if allowed else "error")
    assert f"The service could not use {number} images or labels." in outcome.text
    assert f"The service could not use {number} images or labels." in outcome.summary


def test_counts_reasons_and_images_are_told(fake: Any, workspace: Path) -> None:
    fake.uploaded = dataclasses.replace(
        fake.uploaded,
        created=False,
        errors=1,
        splits={"train": 2, "val": 1},
        images=3,
        skipped={"unknown class": 4},
        bad_images={"a.jpg": "broken\n::error::x <b>"},
    )
    outcome = run(workspace)
    lines = outcome.text.split("\n")
    assert "✗ Upload to ul://demo/datasets/ds (added to what was there): failed" in lines
    assert "  the service counts 3 images (train 2, val 1), 1 error" in lines
    assert "  4 labels skipped: unknown class" in lines
    assert "  a.jpg: broken\\n::error::x <b>" in lines
    assert f"- {markdown('a.jpg: broken' + chr(10) + '::error::x <b>')}" in outcome.summary
    assert f"## ❌ Upload to {markdown_code('ul://demo/datasets/ds')}: failed" in outcome.summary


@pytest.mark.parametrize(
    ("state", "result", "words"),
    [
        (State.PENDING, "timed out", "The service is still reading the dataset."),
        (State.FAILED, "failed", "no label at all"),
        (State.CANCELLED, "failed", "no label at all"),
    ],
)
def test_other_ends(fake: Any, workspace: Path, state: State, result: str, words: str) -> None:
    fake.uploaded = dataclasses.replace(fake.uploaded, state=state, problem="no label at all")
    outcome = run(workspace, allow_ingest_errors="true")
    assert (outcome.exit_code, outcome.outputs["state"]) == (4, result)
    assert words in outcome.text
    assert outcome.annotations[0].command == "error"


@pytest.mark.parametrize("error", [Unreachable("Down."), Rejected("The dataset is busy.")])
def test_a_service_that_fails_is_told_beside_the_verdict(fake: Any, workspace: Path, error: Exception) -> None:
    fake.errors["upload"] = error
    outcome = run(workspace)
    assert (outcome.exit_code, outcome.outputs["state"], outcome.outputs["verdict"]) == (4, "failed", "passed")
    assert str(error) in outcome.text
    assert outcome.annotations[0].message == str(error)


def test_words_of_the_service_are_harmless_in_an_annotation(fake: Any, workspace: Path) -> None:
    fake.uploaded = dataclasses.replace(fake.uploaded, state=State.FAILED, problem="x\n::error::y\x1b" + "z" * 900)
    message = run(workspace).annotations[0].message
    assert message.startswith("x\\n::error::y\\x1bz")
    assert (message.isprintable(), len(message)) == (True, 501)


def test_an_interrupt_says_that_the_service_may_go_on(fake: Any, workspace: Path) -> None:
    fake.errors["upload"] = KeyboardInterrupt()
    outcome = run(workspace)
    assert (outcome.exit_code, outcome.outputs["state"]) == (130, "interrupted")
    assert "The service may go on with what it has received." in outcome.text


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"dataset_id": " "}, "There is no name for the dataset"),
        ({"timeout": "0"}, "The input timeout is '0'"),
        ({"allow_ingest_errors": "perhaps"}, "The input allow_ingest_errors is 'perhaps'"),
        ({"fail_on": "x"}, "The input fail_on is 'x'"),
    ],
)
def test_inputs_that_cannot_be_used(fake: Any, workspace: Path, inputs: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        run(workspace, **inputs)
    assert fake.asked == []
    assert not (workspace / "hub-action-report").exists()


def test_no_key_is_told_before_the_check(fake: Any, workspace: Path) -> None:
    inputs = read_inputs({"INPUT_DATASET_PATH": "ds", "INPUT_DATASET_ID": "demo/ds"})
    with pytest.raises(UsageError, match="No API key"):
        upload_dataset.run(inputs, Context(workspace))
    assert not (workspace / "hub-action-report").exists()


def test_the_archive_that_was_made_goes_away(fake: Any, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = workspace / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    fake.errors["upload"] = RuntimeError("a bug")
    with pytest.raises(RuntimeError):
        run(workspace)
    assert list(temporary.iterdir()) == []
