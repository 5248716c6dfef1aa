"""``.hubaction.yml``: where it is found, what it may say, and how it refuses the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubaction.errors import UsageError
from hubaction.policy.config import KEYS, Config, PathIgnore, find_config, read_config
from hubaction.policy.given import UNSET
from hubaction.policy.profiles import FailOn
from hubaction.policy.tolerance import Tolerance
from hubaction.policy.yamlfile import MOST_BYTES, MOST_DEPTH
from hubaction.report.finding import Severity


def read(folder: Path, text: str | bytes) -> Config:
    path = folder / ".hubaction.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_config(path)


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(UsageError) as caught:
        read(folder, text)
    return str(caught.value).replace(str(folder), "")


def test_every_key(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        """
        profile: strict
        fail_on: never
        task: pose
        select: [L, class-invalid]
        ignore: [V801]
        severity: {V8: off, V801: error, D8: "off", L307: note}
        options: {too-small-at-imgsz: {imgsz: 1.28e3}}
        tolerance: {duplicate-row: {max: 5}, L306: {max_percent: 0.5}}
        per_path_ignores: [{paths: ["a/**"], rules: [I6], reason: old camera}]
        baseline: base/known.json
        """,
    )
    assert config == Config(
        tmp_path / ".hubaction.yml",
        "strict",
        FailOn.NEVER,
        ("L", "class-invalid"),
        ("V801",),
        {"V8": None, "V801": Severity.ERROR, "D8": None, "L307": Severity.NOTE},
        {"G406": {"imgsz": 1280}},
        {"L307": Tolerance(most=5), "L306": Tolerance(percent=0.5)},
        (PathIgnore(("a/**",), ("I6",), "old camera"),),
        tmp_path / "base/known.json",
        "pose",
    )


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\ufeff", "---\n"])
def test_nothing_said_is_nothing_set(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, text) == Config(tmp_path / ".hubaction.yml")


@pytest.mark.parametrize(
    ("text", "line", "near"),
    [
        ("profil: strict", 1, "Did you mean profile?"),
        ("\nfail-on: error", 2, "Did you mean fail_on?"),
        ("profile: stric", 1, "Did you mean strict?"),
        ("task: detection", 1, "Did you mean detect?"),
        ("fail_on: [error]", 1, "Use one of error, warning, never."),
        ("select:\n- L306\n- clas-invalid", 3, "Did you mean class-invalid?"),
        ("ignore: [l306]", 1, "Did you mean L306?"),
        ("severity:\n  V8: error\n  Q9: error", 3, "is neither a rule nor a prefix"),
        ("severity: {V8: errror}", 1, "Did you mean error?"),
        ("options:\n  too-small-at-imgsz:\n    imgz: 1", 3, "Did you mean imgsz?"),
        ("options: {L306: {x: 1}}", 1, "L306 has no options."),
        ("options: {G40: {imgsz: 1}}", 1, "'G40' is no rule."),
        ("options: {G406: {imgsz: '640'}}", 1, "'640' is no number."),
        ("options: {G406: {imgsz: .nan}}", 1, "'.nan' is no number."),
        ("options: {G406: {imgsz: 1e999}}", 1, "is no number."),
        ("options: {G406: {imgsz: 1}, too-small-at-imgsz: {imgsz: 2}}", 1, "stands here twice."),
        ("tolerance: {L306: {max: 1, max_percent: 1}}", 1, "either max or max_percent"),
        ("tolerance: {L306: {}}", 1, "either max or max_percent"),
        ("tolerance: {L306: {max: 1.5}}", 1, "whole number"),
        ("tolerance: {L306: {max: -1}}", 1, "is no number from 0"),
        ("tolerance: {L306: {max_percent: 101}}", 1, "is no number from 0 to 100"),
        ("tolerance: {L306: 5}", 1, "is no mapping"),
        ("per_path_ignores: [{paths: [a], rules: [L]}]", 1, "The key reason is missing."),
        ("per_path_ignores: [{paths: [a], rules: [L], reason: ' '}]", 1, "is no text"),
        ("per_path_ignores: [{paths: [], rules: [L], reason: x}]", 1, "The list paths is empty."),
        ("baseline: /etc/passwd", 1, "is absolute"),
        ("select: V8", 1, "'V8' is no list."),
        ("select:", 1, "An empty value is no list."),
        ("select: [L]\nignore: [V]\nselect: [G]", 3, "'select' stands here twice"),
        ("- a", 1, "is no mapping"),
        ("a: [1", 1, "this is no YAML"),
        ("a: 1\n---\nb: 2", 2, "this is no YAML"),
        ("task: detect\nselect: &a [L]\nignore: *a", 2, "anchors and aliases"),
        ("task: !!python/object/apply:os.system [x]", 1, "tags are not taken"),
        ("task: !custom detect", 1, "tags are not taken"),
    ],
)
def test_a_refusal_names_the_line_and_the_nearest(text: str, line: int, near: str, tmp_path: Path) -> None:
    message = refusal(tmp_path, text)
    assert message.startswith(f"/.hubaction.yml:{line}: ")
    assert near in message


def test_bounds(tmp_path: Path) -> None:
    assert "larger than" in refusal(tmp_path, b"#" * (MOST_BYTES + 1))
    assert "levels deep" in refusal(tmp_path, "[" * (MOST_DEPTH + 1))
    assert "levels deep" in refusal(tmp_path, "[" * 100_000)
    assert "not UTF-8" in refusal(tmp_path, b"\xff")
    assert "no YAML" in refusal(tmp_path, b"a: \x00")
    assert read(tmp_path, b"#" * MOST_BYTES).profile is UNSET


def test_a_strangers_text_is_shortened_and_printable(tmp_path: Path) -> None:
    message = refusal(tmp_path, '"\\u202e::error::%s\\n": 1' % ("x" * 10_000))
    assert len(message) < 400
    assert message.isprintable()


def test_every_key_has_a_parser_of_its_name(tmp_path: Path) -> None:
    for key in KEYS:
        assert "is no key" not in refusal(tmp_path, f"{key}: {{}}\n{key}: []")


def test_the_nearest_file_up_to_the_checkout(tmp_path: Path) -> None:
    inner = tmp_path / "repo/sets/a"
    inner.mkdir(parents=True)
    (tmp_path / ".hubaction.yml").touch()
    assert find_config(inner) is None
    assert find_config(inner, tmp_path) == tmp_path / ".hubaction.yml"
    (tmp_path / "repo/.git").mkdir()
    assert find_config(inner, tmp_path) is None
    for folder in (tmp_path / "repo", tmp_path / "repo/sets", inner):
        (folder / ".hubaction.yml").touch()
        assert find_config(inner) == folder / ".hubaction.yml"
    (inner / "data.yaml").touch()
    assert find_config(inner / "data.yaml") == inner / ".hubaction.yml"
    assert find_config(tmp_path / "repo/sets/set.zip") == tmp_path / "repo/sets/.hubaction.yml"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".hubaction.yml").symlink_to("/etc/hostname")
    with pytest.raises(UsageError, match="symbolic link"):
        find_config(tmp_path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        read_config(tmp_path / "none.yml")


def test_the_example_in_the_readme_is_valid(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    example = readme.split("## Configuration")[1].split("```yaml\n")[1].split("```")[0]
    config = read(tmp_path, example)
    assert [key for key in KEYS if getattr(config, key) in (UNSET, {}, ())] == []
