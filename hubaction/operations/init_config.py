"""A starter ``.hubaction.yml`` that fits a dataset: nothing is switched off in it, everything found can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from hubaction.errors import UsageError
from hubaction.operations.check_dataset import CheckOptions, check, raise_if_failed
from hubaction.policy.config import CONFIG_NAME
from hubaction.policy.policy import default_policy
from hubaction.report.escape import visible
from hubaction.report.finding import Severity
from hubaction.report.model import Report, RuleOutcome, amount
from hubaction.rules.view import SMALL_SET

_HEAD = """\
# Configuration of the dataset gate. Every key may be left out; 'hubaction rules' lists the rules.
# A pull request can change this file too: to judge it by the file of the base branch, name that one with
# --config or the action's input 'config'."""


def starter_config(path: Path, task: str | None = None, progress: Callable[[int, int], None] | None = None) -> str:
    """The text of the file, after a look at the dataset.

    Raises:
        DatasetUnreadable: nothing lies at the path, or nothing of it can be read.
        UsageError: the task cannot be inferred.
    """
    report = check(CheckOptions(path, task, profile="default", config=None, progress=progress))
    if report.verdict == "unreadable":
        raise_if_failed(report)
    return "\n".join(_lines(report)) + "\n"


def write_starter(path: Path, text: str) -> Path:
    """Write it into the dataset's folder, or beside the zip, and say where. An existing file is never touched.

    Raises:
        UsageError: there is one already, the folder cannot be written, or a loader would mistake the file.
    """
    folder = path if path.is_dir() else path.parent
    target = folder / CONFIG_NAME
    if any(folder.glob("*.yml")) and not any(folder.glob("*.yaml")) and not target.exists():
        raise UsageError(
            f"Beside a data file with the suffix .yml, loaders would take {CONFIG_NAME} for a second one.",
            "Rename the data file to data.yaml, or put the text of --stdout into the folder above.",
        )
    try:
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{str(target)!r} exists already.", "See a new one with --stdout.") from None
    except OSError as error:
        raise UsageError(f"{str(target)!r} cannot be written: {error.strerror}.", "Use --stdout.") from error
    return target


def _lines(report: Report) -> Iterator[str]:
    yield _HEAD
    yield ""
    yield f"task: {report.task}" + (f"  # {visible(report.task_reason)}" if report.task_reason else "")
    yield "profile: default  # or strict, platform, hub"
    if 0 < report.images < SMALL_SET:
        yield f"# {report.images} images are a small set: rules about distributions only inform, but in 'strict'."
    yield f"# fail_on: {default_policy().fail_on.value}  # error, warning or never"
    found = [outcome for outcome in report.rules_run.values() if outcome.found]
    if found:
        yield from _about_findings(sorted(found, key=lambda one: (-max(one.counts), one.id)))
    yield ""
    yield "# per_path_ignores:"
    yield '#   - {paths: ["images/val/**"], rules: [I6], reason: "why these files are an exception"}'


def _about_findings(found: list[RuleOutcome]) -> Iterator[str]:
    failing = [one for one in found if max(one.counts) is Severity.ERROR]
    yield ""
    yield "# Found today. Remove the '# ' before 'ignore:' and before a rule to switch that rule off:"
    yield "# ignore:"
    for one in found:
        yield f"#   - {one.id}  # {one.name}: {max(one.counts).word}, {amount(one, one.found)}"
    yield ""
    yield "# Or keep a rule and put up with what is there:"
    yield "# tolerance:"
    for one in failing or found[:1]:
        yield f"#   {one.id}: {{max: {one.found}}}"
    yield ""
    yield "# Or let only new findings fail (hubaction check-dataset PATH --write-baseline FILE):"
    yield "# baseline: hubaction-baseline.json"
