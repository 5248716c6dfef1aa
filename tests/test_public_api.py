"""``import hubaction``: a drop-in for the former check, and one tree of errors."""

from __future__ import annotations

import inspect
import json
import logging
import urllib.request
from pathlib import Path
from typing import Any

import pytest

import hubaction
from hubaction import (
    DatasetError,
    DatasetUnreadable,
    ExportFailed,
    HubActionError,
    NotFound,
    ServiceError,
    Unauthorised,
    UsageError,
    WrongKey,
    check_dataset,
)


def test_public_names_exist() -> None:
    assert all(hasattr(hubaction, name) for name in hubaction.__all__)
    assert "check_dataset" in hubaction.__all__


FORMER = {  # ultralytics 8.4.114, ultralytics/hub/__init__.py
    "login": "(api_key: 'str | None' = None, save: 'bool' = True) -> 'bool'",
    "logout": "() -> 'None'",
    "reset_model": "(model_id: 'str' = '')",
    "export_fmts_hub": "() -> 'list[str]'",
    "export_model": "(model_id: 'str' = '', format: 'str' = 'torchscript')",
    "get_export": "(model_id: 'str' = '', format: 'str' = 'torchscript') -> 'dict",
}


@pytest.mark.parametrize("name", FORMER)
def test_signatures_are_the_former_ones(name: str) -> None:
    assert str(inspect.signature(getattr(hubaction, name))).startswith(FORMER[name])


def test_signature_takes_the_former_arguments() -> None:
    parameters = list(inspect.signature(check_dataset).parameters)
    assert parameters[:2] == ["path", "task"]


@pytest.mark.parametrize("task", ["detect", "segment", "pose", "obb", "classify"])
def test_sound_dataset_passes(make: Any, task: str) -> None:
    report = check_dataset(str(make(task).zip()), task)
    assert report.verdict == "passed"
    assert report.stats["train"]["image_stats"]["total"] == (4 if task == "classify" else 2)


@pytest.mark.parametrize("kind", [str, Path])
def test_path_may_be_text(detect: Any, kind: type) -> None:
    assert check_dataset(kind(detect.folder()), task="detect").stats["nc"] == 2


def test_profile_is_hub_unless_told_otherwise(detect: Any) -> None:
    path = detect.label("x").zip()
    assert check_dataset(path, "detect").profile == "hub"
    with pytest.raises(DatasetError):
        check_dataset(path, "detect", profile="default")


@pytest.mark.parametrize("text", ["profile: strict\nseverity: {X: error}\n", "select: []\n", "no configuration", "{["])
def test_no_configuration_file_is_looked_for(detect: Any, text: str) -> None:
    path = detect.put(".hubaction.yml", text).folder()
    report = check_dataset(path, "detect")
    assert (report.verdict, report.profile, report.config) == ("passed", "hub", "")
    assert {outcome.status for outcome in check_dataset(path, "detect", profile="default").rules_run.values()} == {
        "passed",
        "findings",
        "not applicable",
        "not run",
    }


def test_failure_lists_the_findings(detect: Any) -> None:
    path = detect.keys(val="images/nowhere").zip()
    with pytest.raises(DatasetError, match=r"data\.yaml:2: Y203 'val' points to images/nowhere") as caught:
        check_dataset(path, "detect")
    assert "Y203" in caught.value.args[0]
    assert caught.value.report.findings[0].rule == "Y203"
    assert caught.value.report.stats["nc"] == 2


def test_failure_is_one_printable_text(detect: Any) -> None:
    path = detect.keys(val="nowhere\x1b[31m\n::error::x").zip()
    with pytest.raises(DatasetError) as caught:
        check_dataset(path, "detect")
    assert "\x1b" not in str(caught.value)
    assert not [line for line in str(caught.value).split("\n") if line.lstrip().startswith("::")]


@pytest.mark.parametrize("raw", [b"", b"no zip"])
def test_unreadable_dataset(detect: Any, raw: bytes) -> None:
    detect.raw = raw
    with pytest.raises(DatasetUnreadable) as caught:
        check_dataset(detect.zip(), "detect")
    assert caught.value.exit_code == 3
    assert caught.value.report.verdict == "unreadable"


def test_missing_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnreadable, match="There is no file or folder"):
        check_dataset(tmp_path / "none.zip", "detect")


def test_unknown_task(detect: Any) -> None:
    with pytest.raises(UsageError, match="There is no task 'detection'"):
        check_dataset(detect.zip(), "detection")


def test_unknown_profile(detect: Any) -> None:
    with pytest.raises(UsageError, match="There is no profile 'none'"):
        check_dataset(detect.zip(), "detect", profile="none")


def test_task_is_inferred(make: Any) -> None:
    report = check_dataset(make("segment").zip())
    assert report.task == "segment"
    assert report.task_reason


def test_workers_may_be_given(detect: Any) -> None:
    assert check_dataset(detect.zip(), "detect", workers=2).verdict == "passed"


@pytest.mark.parametrize(
    ("error", "code", "parents"),
    [
        (HubActionError, 5, [Exception]),
        (UsageError, 2, [HubActionError]),
        (DatasetError, 1, [HubActionError]),
        (DatasetUnreadable, 3, [DatasetError, HubActionError]),
        (ServiceError, 4, [HubActionError]),
        (Unauthorised, 4, [ServiceError]),
        (WrongKey, 4, [ServiceError]),
        (ExportFailed, 4, [ServiceError]),
    ],
)
def test_tree_of_errors(error: type[HubActionError], code: int, parents: list[type]) -> None:
    assert error.exit_code == code
    assert all(issubclass(error, parent) for parent in parents)


@pytest.mark.parametrize(("cause", "fix", "text"), [("A.", "B.", "A. B."), ("A.", "", "A.")])
def test_error_says_cause_and_fix(cause: str, fix: str, text: str) -> None:
    error = UsageError(cause, fix)
    assert (str(error), error.cause, error.fix) == (text, cause, fix)


# the functions about models, against the sandbox in both dialects


@pytest.fixture
def account(served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A sandbox, whose key is in the environment of somebody with an empty home folder."""
    for name, value in {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "", **served.variables}.items():
        monkeypatch.setenv(name, value)
    return served


def saved(home: Path) -> list[str]:
    return [path.read_text().strip() for path in home.rglob("*") if path.is_file()]


def test_login_and_logout(account: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hubaction.login(save=False) is True
    assert saved(tmp_path) == []
    monkeypatch.delenv("HUB_API_KEY")
    assert hubaction.login(account.key) is True
    assert saved(tmp_path) == [account.key]
    assert hubaction.login() is True
    hubaction.logout()
    assert saved(tmp_path) == []
    with pytest.raises(UsageError, match="No API key"):
        hubaction.login()


def test_a_refused_key_is_false_and_not_saved(account: Any, tmp_path: Path) -> None:
    assert hubaction.login("ul_" + "0" * 40 if account.dialect == "platform" else "0" * 42) is False
    assert saved(tmp_path) == []


def test_a_key_of_the_wrong_kind_is_an_error_without_a_request(account: Any) -> None:
    with pytest.raises(WrongKey):
        hubaction.login("ul_no-hexadecimal")
    assert account.box.log == []


def test_a_server_that_is_not_there_is_an_error(account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    account.box.stop()
    with pytest.raises(ServiceError):
        hubaction.login()


def test_reset_model_says_what_it_did(account: Any) -> None:
    assert "untrained" in hubaction.reset_model(account.model)


def test_a_reset_that_fails_is_an_error(account: Any) -> None:
    with pytest.raises(NotFound):
        hubaction.reset_model("demo/shapes/none" if account.dialect == "platform" else "N" * 20)


def test_the_former_list_of_formats(account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    names = hubaction.export_fmts_hub()
    assert isinstance(names, list)
    assert ("coreai" in names) == (account.dialect == "platform")
    monkeypatch.delenv("HUB_API_KEY")
    former = hubaction.export_fmts_hub()
    assert (len(former), former[0], former[-2:]) == (22, "torchscript", ["ultralytics_tflite", "ultralytics_coreml"])
    assert account.box.log == []


def test_formats_have_suffixes_and_arguments() -> None:
    (onnx,) = [one for one in hubaction.list_formats() if one.name == "onnx"]
    assert onnx.suffix == ".onnx"
    assert "opset" in onnx.args


def test_an_export_from_start_to_end(account: Any, caplog: pytest.LogCaptureFixture) -> None:
    account.box.turn(seconds=3600.0)
    started = hubaction.export_model(account.model, "onnx")
    assert bool(started) == (account.dialect == "platform")
    pending = hubaction.get_export(account.model, "onnx")
    assert (pending["success"], pending["state"], pending["url"]) == (False, "pending", None)
    assert pending["message"] != "Export ready!"
    account.box.advance(4 * 3600)
    with caplog.at_level(logging.DEBUG):
        ready = hubaction.get_export(account.model, "onnx")
    assert (ready["success"], ready["message"], ready["state"]) == (True, "Export ready!", "completed")
    assert (ready["format"], ready["export_id"], ready["data"]) == ("onnx", started, {"url": ready["url"]})
    assert json.dumps(ready)
    with urllib.request.urlopen(str(ready["url"])) as response:
        content = response.read()
    assert len(content) == ready["size"] or account.dialect == "hub"
    assert content
    assert account.key not in caplog.text
    assert "signature=" not in caplog.text


def test_the_default_format_is_the_former_one(account: Any) -> None:
    hubaction.export_model(account.model)
    assert hubaction.get_export(account.model)["format"] == "torchscript"


def test_a_failed_export_is_told_from_a_pending_one(account: Any) -> None:
    account.box.turn(failures={"onnx": "The export failed: no such operator."})
    hubaction.export_model(account.model, "onnx")
    with pytest.raises(ExportFailed, match="no such operator"):
        hubaction.get_export(account.model, "onnx")


def test_an_export_that_was_never_started(account: Any) -> None:
    with pytest.raises(NotFound, match="export"):
        hubaction.get_export(account.model, "coreml")


@pytest.mark.parametrize("call", [hubaction.export_model, hubaction.get_export])
def test_no_model_and_no_format_fail_before_any_request(account: Any, call: Any) -> None:
    with pytest.raises(UsageError, match="model"):
        call()
    with pytest.raises(UsageError, match="onnx"):
        call(account.model, "onxx")
    assert account.box.log == []


def test_no_model_to_reset(account: Any) -> None:
    with pytest.raises(UsageError, match="model"):
        hubaction.reset_model()
    assert account.box.log == []
