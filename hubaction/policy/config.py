"""``.hubaction.yml``: the configuration file of a dataset's gate.

It may come from the pull request that it judges, so it is read as text of a stranger: it selects and weighs, it cannot
make anything run, and no rule about an unreadable dataset can be switched off. To keep a pull request from changing its
own gate, name a file from the base branch (``--config``, input ``config``); then no other file is looked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from hubaction.errors import UsageError
from hubaction.policy.catalogue import Catalogue, did_you_mean, quoted
from hubaction.policy.given import UNSET, Unset
from hubaction.policy.profiles import PROFILE_NAMES, FailOn
from hubaction.policy.tolerance import Tolerance
from hubaction.policy.yamlfile import MOST_BYTES, Value, parse_yaml, read_bounded
from hubaction.report.finding import Severity
from hubaction.rules.rule import DEPTHS, TASK_LETTERS

T = TypeVar("T")

CONFIG_NAME = ".hubaction.yml"
LEVELS: Mapping[str, Severity | None] = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "note": Severity.NOTE,
    "off": None,
    "false": None,  # what YAML 1.1 makes of off
}
"""Words of the key ``severity``; None switches a rule off."""


@dataclass(frozen=True, slots=True)
class PathIgnore:
    """Rules (selectors) that are not to speak about some paths (globs), and why."""

    paths: tuple[str, ...]
    rules: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says; its keys are the file's.

    Attributes:
        path: the file; None where there is none.
        severity: by selector; None for off.
        options: number by name, by id of a rule. tolerance: by id of a rule.
        baseline: as a path that does not depend on where the file lies.
    """

    path: Path | None = None
    profile: str | Unset = UNSET
    fail_on: FailOn | Unset = UNSET
    select: tuple[str, ...] | Unset = UNSET
    ignore: tuple[str, ...] | Unset = UNSET
    severity: Mapping[str, Severity | None] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    tolerance: Mapping[str, Tolerance] = field(default_factory=dict)
    per_path_ignores: tuple[PathIgnore, ...] = ()
    baseline: Path | Unset = UNSET
    task: str | Unset = UNSET
    pixels: str | Unset = UNSET


def find_config(dataset: Path, workspace: Path | None = None) -> Path | None:
    """The nearest ``.hubaction.yml`` in the dataset's folder (beside a zip or data.yaml) or above it.

    The search ends at the root of the git checkout or at the workspace. Outside of both it looks no further than the
    first folder, since a file in a shared folder such as /tmp may be anyone's.

    Raises:
        UsageError: the file found is a symbolic link, which a pull request could point at any file of the machine.
    """
    whole = dataset.absolute()
    start = whole if os.path.isdir(whole) else whole.parent
    for folder in _up_to_root(start, workspace):
        path = folder / CONFIG_NAME
        if path.is_symlink():
            raise UsageError(f"{str(path)!r} is a symbolic link, which is not followed.", "Name its target instead.")
        if path.is_file():
            return path
    return None


def _up_to_root(start: Path, workspace: Path | None) -> list[Path]:
    limit = workspace.absolute() if workspace else None
    folders = [start, *start.parents]
    for index, folder in enumerate(folders):
        if folder == limit or (folder / ".git").exists():
            return folders[: index + 1]
    return [start]


def read_config(path: Path, catalogue: Catalogue | None = None) -> Config:
    """The file's settings. Raises UsageError, which names file, line and the nearest right name."""
    root = parse_yaml(read_bounded(path, MOST_BYTES), str(path))
    if root is None:
        return Config(path)
    return Config(path, **_Parser(path, catalogue or Catalogue()).settings(root))


class _Parser:
    """One method for each key of the file, of the same name."""

    def __init__(self, path: Path, catalogue: Catalogue) -> None:
        self._folder = path.absolute().parent
        self._catalogue = catalogue

    def settings(self, root: Value) -> dict[str, Any]:
        keys = {name: getattr(self, f"_{name}") for name in KEYS}
        return {name: keys[name](value) for name, value in _known(root, KEYS, "key").items()}

    def _profile(self, value: Value) -> str:
        return value.word(PROFILE_NAMES)

    def _fail_on(self, value: Value) -> FailOn:
        return FailOn(value.word(one.value for one in FailOn))

    def _task(self, value: Value) -> str:
        return value.word(TASK_LETTERS)

    def _pixels(self, value: Value) -> str:
        return value.word(DEPTHS)

    def _baseline(self, value: Value) -> Path:
        """A path below or beside the file; an absolute one would lead a pull request's file anywhere."""
        path = Path(value.text())
        if path.is_absolute():
            raise value.error("The path of the baseline is absolute.", "Write it relative to this file.")
        return self._folder / path

    def _select(self, value: Value) -> tuple[str, ...]:
        return tuple(self._selector(item, item.text()) for item in value.items())

    _ignore = _select

    def _severity(self, value: Value) -> dict[str, Severity | None]:
        entries = value.entries()
        return {self._selector(level, name): LEVELS[level.word(LEVELS)] for name, level in entries.items()}

    def _options(self, value: Value) -> dict[str, dict[str, float]]:
        return self._by_rule(value, self._options_of)

    def _options_of(self, value: Value, id: str) -> dict[str, float]:
        known = self._catalogue.rule(id).options
        if not known:
            raise value.key_error(f"{id} has no options.", "Remove this entry.")
        return {name: number.number() for name, number in _known(value, known, f"option of {id}").items()}

    def _tolerance(self, value: Value) -> dict[str, Tolerance]:
        return self._by_rule(value, _tolerance_of)

    def _by_rule(self, value: Value, read: Callable[[Value, str], Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, one in value.entries().items():
            rule = _at(one, self._catalogue.rule, name)
            if rule.id in found:
                raise one.key_error(f"{rule.id} {rule.name} stands here twice.", "Remove one of them.")
            found[rule.id] = read(one, rule.id)
        return found

    def _per_path_ignores(self, value: Value) -> tuple[PathIgnore, ...]:
        return tuple(self._path_ignore(item) for item in value.items())

    def _path_ignore(self, value: Value) -> PathIgnore:
        entries = _known(value, ("paths", "rules", "reason"), "key")
        for name in ("paths", "rules", "reason"):
            if name not in entries:
                raise value.error(f"The key {name} is missing.", "An ignore needs paths, rules and a reason.")
        for name in ("paths", "rules"):
            if not entries[name].items():
                raise entries[name].error(f"The list {name} is empty.", "Name one at least.")
        paths = tuple(item.text() for item in entries["paths"].items())
        return PathIgnore(paths, self._select(entries["rules"]), entries["reason"].text())

    def _selector(self, value: Value, text: str) -> str:
        return _at(value, self._catalogue.check_selector, text)


KEYS = (
    "profile",
    "fail_on",
    "task",
    "pixels",
    "select",
    "ignore",
    "severity",
    "options",
    "tolerance",
    "per_path_ignores",
    "baseline",
)
"""Keys of the file, in the order of the documentation."""


def _known(value: Value, known: Mapping[str, object] | tuple[str, ...], what: str) -> dict[str, Value]:
    """The entries of a mapping whose keys are all known."""
    entries = value.entries()
    for name, one in entries.items():
        if name not in known:
            near = did_you_mean(name, known) or f"Possible: {', '.join(known)}."
            raise one.key_error(f"{quoted(name)} is no {what}.", near)
    return entries


def _at(value: Value, find: Callable[[str], T], text: str) -> T:
    """What ``find`` gives; its error gets the value's file and line."""
    try:
        return find(text)
    except UsageError as error:
        raise value.key_error(error.cause, error.fix) from None


def _tolerance_of(value: Value, id: str) -> Tolerance:
    entries = _known(value, ("max", "max_percent"), f"tolerance of {id}")
    if len(entries) != 1:
        raise value.error("A tolerance is either max or max_percent.", "Write one of them, such as {max: 5}.")
    if "max" in entries:
        number = entries["max"].number(least=0)
        if number % 1:
            raise entries["max"].error("max counts findings, so it is a whole number.", "Or use max_percent.")
        return Tolerance(most=int(number))
    return Tolerance(percent=entries["max_percent"].number(least=0, most=100))
