"""The tables in the code, action.yml, the entry point and the documents say the same."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubaction import errors
from hubaction._version import __version__
from hubaction.action.inputs import INPUTS, OUTPUTS
from hubaction.cli import main
from hubaction.operations.check_dataset import CheckOptions
from hubaction.operations.report_files import DEFAULT_FOLDER, DEFAULT_FORMATS
from hubaction.operations.table import OPERATIONS
from hubaction.policy.config import Config
from hubaction.policy.given import UNSET, Given
from hubaction.policy.policy import resolve
from hubaction.policy.profiles import PROFILE_NAMES
from hubaction.report.table import RENDERERS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return loaded


def document(name: str) -> str:
    path = ROOT / name
    if not path.is_file():
        pytest.skip(f"{name} is not written yet")
    return path.read_text(encoding="utf-8")


def test_inputs(action: dict[str, Any]) -> None:
    declared = [(name, str(one["default"])) for name, one in action["inputs"].items()]
    assert declared == [(one.name, one.default) for one in INPUTS]


def test_inputs_are_strings_that_are_never_required(action: dict[str, Any]) -> None:
    for name, one in action["inputs"].items():
        assert re.fullmatch(r"[a-z][a-z_]*", name)
        assert set(one) == {"description", "required", "default"}, name
        assert one["required"] is False, "the runner does not enforce it"
        assert isinstance(one["default"], str)


def test_outputs(action: dict[str, Any]) -> None:
    assert tuple(action["outputs"]) == OUTPUTS
    assert all(set(one) == {"description"} for one in action["outputs"].values())


def test_defaults_are_values_that_the_code_knows() -> None:
    defaults = {one.name: one.default for one in INPUTS}
    assert defaults["operation"] in OPERATIONS
    assert (defaults["formats"], defaults["output_dir"]) == (DEFAULT_FORMATS, DEFAULT_FOLDER)
    options = CheckOptions(Path())
    for name in ("profile", "fail_on", "config", "select", "ignore", "baseline"):
        assert (defaults[name], getattr(options, name)) == ("", UNSET), f"{name} is the configuration file's"


def test_without_a_configuration_file_the_profile_is_default() -> None:
    policy = resolve(Given(), Config())
    assert (policy.profile.name, policy.fail_on.value) == ("default", "error")


def test_no_expression_in_action_yml() -> None:
    assert "${{" not in (ROOT / "action.yml").read_text(encoding="utf-8"), "in a description it stops the action"


def test_descriptions_are_sentences(action: dict[str, Any]) -> None:
    for one in [*action["inputs"].values(), *action["outputs"].values(), action]:
        assert re.fullmatch(r"\S.*\.", one["description"])


def test_it_runs_in_a_container_of_its_own(action: dict[str, Any]) -> None:
    assert action["runs"] == {"using": "docker", "image": "Dockerfile"}
    entry_point = next(line for line in document("Dockerfile").splitlines() if line.startswith("ENTRYPOINT"))
    assert ast.literal_eval(entry_point.removeprefix("ENTRYPOINT "))[-1].endswith("/entrypoint.py")
    assert not re.search(r"^USER\b", document("Dockerfile"), re.MULTILINE)


def test_the_entry_point_is_small_and_knows_the_action_only() -> None:
    text = (ROOT / "entrypoint.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 15
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [node.module for node in imports if isinstance(node, ast.ImportFrom)] == [
        "__future__",
        "hubaction.action.run",
    ]
    assert not [node for node in imports if isinstance(node, ast.Import)]


HEAVY = (
    "requests urllib3 numpy PIL multiprocessing rich yaml zipfile github actions_toolkit.core actions_toolkit.github "
    "hubaction.dataset hubaction.rules"
).split()


def test_starting_the_action_imports_nothing_heavy() -> None:
    code = "import sys; import hubaction.action.run; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert "actions_toolkit.command" in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("table", ["PROFILE_NAMES", "OPERATIONS", "RENDERERS"])
def test_action_yml_names_every_choice(action: dict[str, Any], table: str) -> None:
    name, choices = {
        "PROFILE_NAMES": ("profile", PROFILE_NAMES),
        "OPERATIONS": ("operation", tuple(OPERATIONS)),
        "RENDERERS": ("formats", tuple(RENDERERS)),
    }[table]
    for choice in choices:
        assert choice in action["inputs"][name]["description"]


def test_every_format_has_an_output_and_a_row_in_the_readme() -> None:
    assert [name for name in OUTPUTS if name.startswith("report_")] == [f"report_{name}" for name in RENDERERS]
    rows = re.findall(r"^\| (\w+) \| `(\S+)` \| .+ \|$", document("README.md"), re.MULTILINE)
    assert rows == [(name, one.file) for name, one in RENDERERS.items()]


# exit codes

EXIT_CODES = [0, 1, 2, 3, 4, 5, 130, 143]


def codes(text: str, pattern: str) -> dict[int, str]:
    return {int(code): meaning.strip() for code, meaning in re.findall(pattern, text, re.MULTILINE)}


def tree(kind: type[errors.HubActionError]) -> list[type[errors.HubActionError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in tree(child))]


SERVICE_ERRORS = (
    "ServiceError WrongKey Unauthorised Forbidden NotFound RateLimited Rejected Unreachable TimedOut ExportFailed"
).split()


def test_exit_codes_of_all_errors_stand_in_the_table() -> None:
    table = codes(errors.__doc__ or "", r"^(\d+) {3,5}(.+)$")
    assert sorted(table) == EXIT_CODES
    classes = {kind.__name__: kind.exit_code for kind in tree(errors.HubActionError)}
    service = dict.fromkeys(SERVICE_ERRORS, 4)
    assert classes == {"HubActionError": 5, "DatasetError": 1, "DatasetUnreadable": 3, "UsageError": 2, **service}
    assert set(classes.values()) <= table.keys() - {0}


def test_the_readme_has_the_same_exit_codes() -> None:
    rows = re.findall(r"^\| (\d+(?:, \d+)*) \| .+ \|$", document("README.md"), re.MULTILINE)
    assert [int(code) for row in rows for code in row.split(", ")] == EXIT_CODES


def test_signals_have_the_codes_of_a_shell() -> None:
    assert errors.signal_code(KeyboardInterrupt()) == 128 + signal.SIGINT
    assert errors.signal_code(errors.Terminated()) == 128 + signal.SIGTERM


def test_the_command_line_names_every_exit_code() -> None:
    with pytest.raises(SystemExit), contextlib.redirect_stdout(io.StringIO()) as out:
        main(["check-dataset", "--help"])
    assert [
        int(code) for code in re.findall(r"(?:^|   ?)(\d+) [a-z]", out.getvalue().partition("exit codes:")[2])
    ] == EXIT_CODES


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.UsageError("Cause.", "Fix."), "Cause. Fix."),
        (errors.UsageError("Cause."), "Cause."),
        (errors.DatasetUnreadable("Cause.", "Fix.", report=1), "Cause. Fix."),
    ],
)
def test_an_error_says_cause_and_cure(error: errors.HubActionError, text: str) -> None:
    assert str(error) == text


# documents


def test_the_version_stands_in_the_changes() -> None:
    assert re.search(rf"^## \[?v?{re.escape(__version__)}\b", document("CHANGELOG.md"), re.MULTILINE)


def test_the_readme_has_every_input_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:`(.+)`)? ?\| .+ \|$", document("README.md"), re.MULTILINE)
    assert rows == [(one.name, one.default) for one in INPUTS]


def test_the_readme_has_every_output_and_no_other() -> None:
    table = document("README.md").partition("| output |")[2].partition("\n\n")[0]
    names = re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.splitlines() if line.count("|") == 3))
    assert tuple(names) == OUTPUTS


def test_the_readme_never_puts_an_output_into_a_script() -> None:
    scripts = re.findall(r"^ *-? *run: .*(?:\n {10,}.*)*", document("README.md"), re.MULTILINE)
    assert scripts
    assert not [script for script in scripts if "${{" in script]
