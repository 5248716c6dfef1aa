"""Login, logout, reset and the list of formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubaction.action.inputs import read_inputs
from hubaction.errors import Rejected, Unauthorised, Unreachable, UsageError
from hubaction.hub.formats import FORMATS, HUB_FORMATS, PLATFORM_FORMATS
from hubaction.hub.service import Account
from hubaction.operations import list_formats, login, logout, reset_model
from hubaction.operations.outcome import Context, Outcome

KEY = "ul_" + "b" * 40


class Job:
    """A job with a home folder of its own; ``masked`` is what it had masked."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.variables: dict[str, str] = {}
        self.masked: list[str] = []

    def run(self, operation: Any, **inputs: str) -> Outcome:
        given = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
        environment = {"HOME": str(self.home), **self.variables}
        context = Context(self.home, environment=environment, mask=self.masked.append)
        outcome: Outcome = operation.run(read_inputs(given), context)
        assert KEY not in repr(outcome)
        return outcome

    @property
    def files(self) -> list[Path]:
        return [path for path in self.home.rglob("*") if path.is_file()]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


# login and logout


def test_an_accepted_key_is_told_and_not_saved(fake: Any, job: Job) -> None:
    outcome = job.run(login, api_key=KEY)
    assert (outcome.exit_code, outcome.outputs, list(outcome.annotations)) == (0, {}, [])
    assert outcome.text == "✓ Logged in\n  The Fake Platform accepts the key (api_key). It belongs to Ada, plan pro."
    assert "The Fake Platform accepts the key" in outcome.summary
    assert job.files == []
    assert job.masked == [KEY]


def test_a_saved_key_serves_later_steps_until_logout(fake: Any, job: Job) -> None:
    outcome = job.run(login, api_key=KEY, save_key="true")
    (file,) = job.files
    assert (file.read_text().strip(), oct(file.stat().st_mode & 0o777)) == (KEY, "0o600")
    assert f"It is saved in {file} until the operation logout removes it." in outcome.text
    job.masked.clear()
    job.run(reset_model, model_id="a/b/c")
    assert fake.settings[-1].key.reveal() == KEY
    assert job.masked == [KEY]
    assert "The saved key was removed." in job.run(logout).text
    assert job.files == []
    with pytest.raises(UsageError, match="No API key"):
        job.run(reset_model, model_id="a/b/c")


def test_a_refused_key_is_not_saved(fake: Any, job: Job) -> None:
    fake.errors["check_key"] = Unauthorised("The service does not accept the key.")
    with pytest.raises(Unauthorised):
        job.run(login, api_key=KEY, save_key="true")
    assert job.files == []


@pytest.mark.parametrize("flag", ["yes", "1"])
def test_save_key_is_true_or_false(fake: Any, job: Job, flag: str) -> None:
    with pytest.raises(UsageError, match="The input save_key is"):
        job.run(login, api_key=KEY, save_key=flag)
    assert fake.asked == []


def test_a_service_that_does_not_tell_whose_key_it_is(fake: Any, job: Job) -> None:
    fake.account = Account()
    assert job.run(login, api_key=KEY).text.endswith("accepts the key (api_key).")


def test_names_of_an_account_are_harmless(fake: Any, job: Job) -> None:
    fake.account = Account("a\n::error::b\x1b<b>", "p\n")
    outcome = job.run(login, api_key=KEY)
    assert all(line.isprintable() for line in outcome.text.split("\n") + outcome.summary.split("\n"))
    assert "<b>" not in outcome.summary


def test_logout_without_a_key(fake: Any, job: Job) -> None:
    assert job.run(logout).text == "✓ No key was saved."


def test_logout_says_that_a_variable_still_sets_a_key(fake: Any, job: Job) -> None:
    job.variables = {"HUB_API_KEY": KEY, "ULTRALYTICS_API_KEY": KEY}
    assert job.run(logout).text == "✓ No key was saved. HUB_API_KEY and ULTRALYTICS_API_KEY still set one."


# reset-model


def test_a_reset_tells_what_was_not_touched(fake: Any, job: Job) -> None:
    outcome = job.run(reset_model, api_key=KEY, model_id="a/b/c")
    assert fake.asked == [("reset_model", "a/b/c")]
    assert outcome.text == "✓ It is untrained now; weights were not touched."
    assert "weights were not touched" in outcome.summary


@pytest.mark.parametrize("error", [Rejected("It is being trained."), Unreachable("Down.")])
def test_a_reset_that_fails_is_an_error(fake: Any, job: Job, error: Exception) -> None:
    fake.errors["reset_model"] = error
    with pytest.raises(type(error)):
        job.run(reset_model, api_key=KEY, model_id="a/b/c")


@pytest.mark.parametrize("model", ["", "a/b"])
def test_a_reset_of_no_model(fake: Any, job: Job, model: str) -> None:
    with pytest.raises(UsageError):
        job.run(reset_model, api_key=KEY, model_id=model)
    assert fake.asked == []


# list-formats


@pytest.mark.parametrize(
    ("key", "names"),
    [("", PLATFORM_FORMATS), (KEY, PLATFORM_FORMATS), ("ul_odd", PLATFORM_FORMATS), ("0a1b", HUB_FORMATS)],
)
def test_the_formats_are_those_of_the_key(job: Job, key: str, names: tuple[str, ...]) -> None:
    outcome = job.run(list_formats, api_key=key)
    assert json.loads(outcome.outputs["formats"]) == list(names)
    assert outcome.exit_code == 0


def test_the_table_has_every_format_once(job: Job) -> None:
    outcome = job.run(list_formats)
    lines = [line.split() for line in outcome.text.split("\n")]
    assert [line[0] for line in lines[1:]] == list(FORMATS)
    assert lines[0] == ["format", "file", "Platform", "HUB", *"arguments beside imgsz and end2end".split()]
    assert ["coreai", ".aimodel", "yes", "batch,", "quantize"] in lines
    assert "| engine | .engine | yes | yes |" in outcome.summary
    assert "gpu_type" in next(line for line in outcome.text.split("\n") if line.startswith("engine"))
