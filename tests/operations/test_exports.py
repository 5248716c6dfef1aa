"""Operations on exports: what is asked of the service, and how each end is told."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from hubaction.action.inputs import read_inputs
from hubaction.errors import Forbidden, Rejected, Unauthorised, Unreachable, UsageError
from hubaction.hub.service import State
from hubaction.operations import export_model, get_export
from hubaction.operations.outcome import Context, Outcome

MODEL = "demo/shapes/yolo11n"
SUM = hashlib.sha256(b"an export").hexdigest()
DONE = State.COMPLETED


class Step:
    """An operation in a workspace; ``told`` is what it said on its way."""

    def __init__(self, workspace: Path, operation: Any) -> None:
        self.workspace = workspace
        self.operation = operation
        self.told: list[str] = []

    def run(self, **inputs: str) -> Outcome:
        given = {f"INPUT_{name.upper()}": value for name, value in {"model_id": MODEL, **inputs}.items()}
        context = Context(self.workspace, notify=self.told.append, environment={"HUB_API_KEY": "a-key-of-nobody"})
        outcome: Outcome = self.operation.run(read_inputs(given), context)
        return outcome


@pytest.fixture
def start(tmp_path: Path) -> Step:
    return Step(tmp_path, export_model)


@pytest.fixture
def get(tmp_path: Path) -> Step:
    return Step(tmp_path, get_export)


def rows(outcome: Outcome) -> list[tuple[Any, ...]]:
    return [(row["format"], row["required"], row["result"]) for row in json.loads(outcome.outputs["results"])]


def levels(outcome: Outcome) -> list[tuple[str, str]]:
    return [(one.command, one.message.partition(":")[0]) for one in outcome.annotations]


# export-model


def test_without_waiting_exports_are_started(fake: Any, start: Step) -> None:
    outcome = start.run(format="torchscript, onnx", export_args="imgsz=640\nnms = true", gpu_type="l4")
    args = {"imgsz": "640", "nms": "true"}
    assert fake.asked == [("start", MODEL, args, "l4", "torchscript"), ("start", MODEL, args, "l4", "onnx")]
    assert (outcome.exit_code, outcome.outputs["state"], list(outcome.annotations)) == (0, "started", [])
    assert rows(outcome) == [("torchscript", True, "started"), ("onnx", True, "started")]
    assert outcome.outputs["export_id"] == "id-of-torchscript\nid-of-onnx"
    assert start.told == ["torchscript: started, id id-of-torchscript.", "onnx: started, id id-of-onnx."]
    assert f"hubaction get-export {MODEL} --format torchscript,onnx --wait" in outcome.text
    assert f"hubaction get-export {MODEL} --format torchscript,onnx --wait" in outcome.summary
    assert fake.clock.slept == []


def test_an_export_that_ran_already_is_told(fake: Any, start: Step) -> None:
    fake.states["onnx"] = [fake.export("onnx", joined=True)]
    start.run(format="onnx")
    assert start.told == ["onnx: an equal export runs already, id id-of-onnx."]


def test_waiting_ends_with_files(fake: Any, start: Step) -> None:
    fake.states["onnx"] = [fake.export("onnx"), fake.export("onnx"), fake.export("onnx", DONE)]
    outcome = start.run(format="onnx", wait="true", output_dir="out/deep")
    assert (outcome.exit_code, outcome.outputs["state"], outcome.outputs["file"]) == (
        0,
        "completed",
        "out/deep/yolo11n.onnx",
    )
    assert (outcome.outputs["sha256"], list(outcome.written)) == (SUM, [start.workspace / "out/deep/yolo11n.onnx"])
    assert (start.workspace / "out/deep/yolo11n.onnx").read_bytes() == b"an export"
    (row,) = json.loads(outcome.outputs["results"])
    assert row == {
        "format": "onnx",
        "required": True,
        "result": "completed",
        "export_id": "id-of-onnx",
        "seconds": 41.6,
        "size": 9,
        "sha256": SUM,
        "file": "out/deep/yolo11n.onnx",
        "message": "",
    }
    table = "| onnx | yes | ✅ completed | 42 | 9 bytes | <code>" + SUM
    assert table in outcome.summary
    assert "To go on" not in outcome.text + outcome.summary


def test_nothing_is_downloaded_where_that_is_not_wanted(fake: Any, start: Step) -> None:
    fake.states["onnx"] = [fake.export("onnx"), fake.export("onnx", DONE)]
    outcome = start.run(format="onnx", wait="true", download="false")
    assert (outcome.exit_code, outcome.outputs["file"], list(start.workspace.iterdir())) == (0, "", [])
    assert "To go on" not in outcome.text


def test_the_four_other_ends_differ(fake: Any, start: Step) -> None:
    fake.states = {
        "torchscript": [fake.export("torchscript"), fake.export("torchscript", State.FAILED, error="no ::memory")],
        "onnx": [fake.export("onnx"), fake.export("onnx", State.CANCELLED)],
        "coreml": [fake.export("coreml")],
    }
    outcome = start.run(format="torchscript onnx coreml", wait="true", timeout="90s")
    assert [row[2] for row in rows(outcome)] == ["failed", "cancelled", "timed out"]
    assert (outcome.exit_code, outcome.outputs["state"]) == (4, "failed")
    assert levels(outcome) == [("error", "torchscript"), ("error", "onnx"), ("error", "coreml")]
    assert 80 <= sum(fake.clock.slept) <= 90
    assert "✗ torchscript  failed: no ::memory  [id id-of-torchscript]" in outcome.text
    assert "✗ onnx  cancelled: it was cancelled on the service" in outcome.text
    assert "✗ coreml  timed out: it still ran on the service when the time to wait was over" in outcome.text
    assert f"get-export {MODEL} --format coreml --wait" in outcome.text


@pytest.mark.parametrize(
    ("state", "told"), [(State.FAILED, "failed"), (State.CANCELLED, "cancelled"), (State.PENDING, "timed out")]
)
def test_each_bad_end_of_a_required_format_fails(fake: Any, start: Step, state: State, told: str) -> None:
    fake.states["onnx"] = [fake.export("onnx"), fake.export("onnx", state)]
    outcome = start.run(format="onnx", wait="true")
    assert (outcome.exit_code, outcome.outputs["state"], levels(outcome)) == (4, told, [("error", "onnx")])


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED, State.PENDING])
@pytest.mark.parametrize("format", ["torchscript", "torchscript,coreml"])
def test_optional_formats_may_fail(fake: Any, start: Step, state: State, format: str) -> None:
    fake.states["torchscript"] = [fake.export("torchscript", DONE)]
    fake.states["coreml"] = [fake.export("coreml"), fake.export("coreml", state)]
    outcome = start.run(format=format, optional_formats="coreml", wait="true")
    assert (outcome.exit_code, outcome.outputs["state"]) == (0, "completed")
    assert [row[:2] for row in rows(outcome)] == [("torchscript", True), ("coreml", False)]
    assert levels(outcome) == [("warning", "coreml")]
    assert "coreml (optional)" in outcome.text
    assert "| coreml | no |" in outcome.summary


def test_all_formats_may_be_optional(fake: Any, start: Step) -> None:
    outcome = start.run(optional_formats="onnx")
    assert rows(outcome) == [("onnx", False, "started")]


def test_the_default_format_is_the_former_one(fake: Any, start: Step) -> None:
    assert rows(start.run()) == [("torchscript", True, "started")]


def test_a_format_named_twice_is_started_once(fake: Any, start: Step) -> None:
    assert rows(start.run(format="pt,torchscript,pt")) == [("torchscript", True, "started")]
    assert len(fake.asked) == 1


def test_what_the_service_says_about_one_format_does_not_stop_the_others(fake: Any, start: Step) -> None:
    fake.errors["start torchscript"] = Rejected("The service says no.")
    outcome = start.run(format="torchscript,onnx")
    assert [row[::2] for row in rows(outcome)] == [("torchscript", "failed"), ("onnx", "started")]
    assert (outcome.exit_code, levels(outcome)) == (4, [("error", "torchscript")])
    assert "The service says no." in outcome.text


@pytest.mark.parametrize("error", [Unauthorised("No."), Unreachable("Down."), Forbidden("Not you.")])
def test_an_error_before_anything_is_started_ends_the_operation(fake: Any, start: Step, error: Exception) -> None:
    fake.errors["start torchscript"] = error
    with pytest.raises(type(error)):
        start.run(format="torchscript,onnx")
    assert len(fake.asked) == 1


def test_an_error_after_something_was_started_is_told_with_it(fake: Any, start: Step) -> None:
    fake.errors["start onnx"] = Unreachable("Down.")
    outcome = start.run(format="torchscript,onnx")
    assert [row[2] for row in rows(outcome)] == ["started", "failed"]
    assert "It was not started. Down." in outcome.text
    assert "--format torchscript --wait" in outcome.text


def test_a_wait_that_the_service_ends_tells_what_runs(fake: Any, start: Step) -> None:
    fake.errors["exports"] = Unauthorised("The key is revoked.")
    outcome = start.run(format="torchscript", wait="true")
    assert (outcome.exit_code, outcome.outputs["state"]) == (4, "pending")
    assert outcome.annotations[0].message == "The key is revoked."
    assert "The key is revoked." in outcome.text
    assert "The key is revoked." in outcome.summary
    assert "--format torchscript --wait" in outcome.text


@pytest.mark.parametrize("method", ["exports", "start onnx"])
def test_an_interrupt_tells_what_runs_and_how_to_go_on(fake: Any, start: Step, method: str) -> None:
    fake.errors[method] = KeyboardInterrupt()
    outcome = start.run(format="torchscript,onnx", wait="true")
    assert (outcome.exit_code, outcome.outputs["state"]) == (130, "interrupted")
    assert "id-of-torchscript" in outcome.outputs["export_id"]
    assert "Interrupted; nothing was cancelled on the service." in outcome.text
    assert f"To go on later: hubaction get-export {MODEL} --format torchscript" in outcome.text
    assert outcome.annotations[0].message.startswith("Interrupted")
    assert not [asked for asked in fake.asked if asked[0] == "cancel"]


def test_an_interrupt_while_the_first_is_started_does_not_claim_that_nothing_runs(fake: Any, start: Step) -> None:
    fake.errors["start torchscript"] = KeyboardInterrupt()
    outcome = start.run(format="torchscript,onnx")
    assert (outcome.exit_code, outcome.outputs["state"]) == (130, "interrupted")
    assert "it may run by now" in outcome.text
    assert rows(outcome) == [("torchscript", True, "pending"), ("onnx", True, "missing")]
    assert f"hubaction get-export {MODEL} --format torchscript --wait" in outcome.text


def test_an_interrupt_before_anything_is_asked_is_one_of_the_face(fake: Any, get: Step) -> None:
    fake.errors["find"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        get.run(format="torchscript")


def test_an_interrupted_download_can_be_gone_on_with(fake: Any, start: Step) -> None:
    fake.states["onnx"] = [fake.export("onnx", DONE)]
    fake.errors["download onnx"] = KeyboardInterrupt()
    outcome = start.run(format="onnx", wait="true")
    assert (outcome.exit_code, outcome.outputs["file"]) == (130, "")
    assert rows(outcome) == [("onnx", True, "completed")]
    assert "--format onnx --wait" in outcome.text


@pytest.mark.parametrize("error", [Unreachable("Cut."), UsageError("The disk is full.")])
def test_a_failed_download_fails_its_format_only(fake: Any, start: Step, error: Exception) -> None:
    fake.states = {name: [fake.export(name, DONE)] for name in ("torchscript", "onnx")}
    fake.errors["download torchscript"] = error
    outcome = start.run(format="torchscript,onnx", wait="true")
    assert (outcome.exit_code, [row[2] for row in rows(outcome)]) == (4, ["failed", "completed"])
    assert f"The export is ready, but was not downloaded. {error}" in outcome.text
    assert "--format torchscript --wait" in outcome.text
    assert outcome.outputs["file"] == "hub-action-report/yolo11n.onnx"


def test_the_command_to_go_on_names_the_servers_that_were_given(fake: Any, start: Step) -> None:
    outcome = start.run(format="onnx", platform_url="https://p.example", hub_api="https://h.example/a b")
    assert "--wait --platform-url https://p.example --hub-api 'https://h.example/a b'" in outcome.text
    (settings,) = fake.settings
    assert (settings.platform_url, settings.hub_api) == ("https://p.example", "https://h.example/a b")


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"model_id": ""}, "is no model"),
        ({"format": "onxx"}, "There is no format 'onxx'"),
        ({"format": "onnx", "optional_formats": "onxx"}, "There is no format 'onxx'"),
        ({"format": "torchscript,onnx", "export_args": "bad=1"}, "There is no argument"),
        ({"export_args": "imgsz"}, "The input export_args has the line 'imgsz'"),
        ({"wait": "maybe"}, "The input wait is 'maybe'. Use true or false."),
        ({"download": "1"}, "The input download is '1'"),
        ({"timeout": "soon"}, "The input timeout is 'soon'"),
        ({"output_dir": "../x"}, "outside the workspace"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_used_is_told_before_any_request(
    fake: Any, start: Step, inputs: dict[str, str], words: str
) -> None:
    with pytest.raises(UsageError, match=words.replace("(", "\\(")):
        start.run(**inputs)
    assert fake.asked == []


# get-export


def test_completed_exports_are_downloaded(fake: Any, get: Step) -> None:
    fake.there = {name: fake.export(name, DONE) for name in ("torchscript", "onnx")}
    outcome = get.run(format="onnx,torchscript")
    assert fake.asked == [("find", ("onnx", "torchscript"))]
    assert (outcome.exit_code, outcome.outputs["state"]) == (0, "completed")
    assert outcome.outputs["file"].split("\n") == [
        "hub-action-report/yolo11n.onnx",
        "hub-action-report/yolo11n.torchscript",
    ]
    assert outcome.outputs["sha256"] == f"{SUM}\n{SUM}"
    assert get.told == [
        "onnx: downloaded to hub-action-report/yolo11n.onnx.",
        "torchscript: downloaded to hub-action-report/yolo11n.torchscript.",
    ]


def test_pending_without_waiting_is_no_success(fake: Any, get: Step) -> None:
    fake.there = {"onnx": fake.export("onnx")}
    outcome = get.run(format="onnx")
    assert (outcome.exit_code, outcome.outputs["state"], rows(outcome)) == (4, "pending", [("onnx", True, "pending")])
    assert outcome.text.startswith(
        f"… {MODEL}\n  1 pending of 1 export on Fake Platform\n    … onnx  pending: it still"
    )
    assert fake.clock.slept == []


def test_pending_is_waited_for_where_asked(fake: Any, get: Step) -> None:
    fake.there = {"onnx": fake.export("onnx"), "coreml": fake.export("coreml", DONE)}
    fake.states["onnx"] = [fake.export("onnx", DONE)]
    outcome = get.run(format="onnx,coreml", wait="true")
    assert (outcome.exit_code, outcome.outputs["state"]) == (0, "completed")
    assert fake.asked[1:] == [("exports", ("onnx",))]


def test_an_export_that_is_not_there_is_missing(fake: Any, get: Step) -> None:
    outcome = get.run(format="onnx", wait="true")
    assert (outcome.exit_code, outcome.outputs["state"]) == (4, "missing")
    assert "onnx  missing: it was never started, or has been deleted" in outcome.text
    assert [asked[0] for asked in fake.asked] == ["find"]
    assert "To go on" not in outcome.text


def test_a_failed_export_fails(fake: Any, get: Step) -> None:
    fake.there = {"onnx": fake.export("onnx", State.FAILED, error="x" * 900)}
    outcome = get.run(format="onnx")
    assert (outcome.exit_code, outcome.outputs["state"]) == (4, "failed")
    assert len(json.loads(outcome.outputs["results"])[0]["message"]) == 501


# what is never shown


def test_no_key_and_no_signed_address_is_shown(fake: Any, start: Step) -> None:
    fake.states["onnx"] = [fake.export("onnx"), fake.export("onnx", DONE)]
    outcome = start.run(format="onnx,coreml", wait="true", api_key="ul_" + "c" * 40)
    shown = repr(dataclasses.astuple(outcome)) + repr(start.told)
    assert "c" * 40 not in shown
    assert "signature" not in shown


HOSTILE = "evil\x1b[31m\n::error::pwned | <b>@x ##[error]y"


def test_words_of_the_service_are_harmless(fake: Any, get: Step) -> None:
    fake.there = {"onnx": fake.export("onnx", State.FAILED, error=HOSTILE, id="i\n::set-output")}
    outcome = get.run(format="onnx")
    for text in (*outcome.text.split("\n"), *outcome.summary.split("\n"), outcome.annotations[0].message):
        assert text.isprintable()
    assert "<b>" not in outcome.summary
    assert "@x" not in outcome.summary
    assert outcome.outputs["export_id"] == "i\\n::set-output"
    assert "\n::" not in outcome.text
