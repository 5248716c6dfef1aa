"""Family X: what is a secret and what is talk about one, and that the value never shows."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest
from plants import Plant
from plants.privacy import PLANTS
from test_plants import checked

from hubaction.dataset.texts import find_secrets
from hubaction.rules import RULES

KEY = "ul_" + "0123456789abcdef" * 2 + "01234567"


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ("data.yaml", f"key: {KEY}", 6),
        ("data.yaml", "api_key: abc", 10),
        ("data.yaml", '"password": "hunter2"', 13),
        ("data.yaml", "hub_token: a1b2c3d4", 12),
        ("README.md", "token=a1b2c3d4e5", 7),
        ("README.md", "API-Key: `a1b2c3d4e5`", 10),
        ("train.txt", "https://me:swordfish@example.com/a.jpg", 12),
        ("train.txt", "https://example.com/a.jpg?x=1&token=a1b2c3d4", 37),
        ("train.txt", "https://s3.example.com/a.jpg?X-Amz-Signature=0123456789abcdef", 46),
    ],
)
def test_a_secret_is_found_where_it_starts(path: str, line: str, column: int) -> None:
    assert [(d.line, d.column) for d in find_secrets(path, f"first\n{line}\n")] == [(2, column)]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("data.yaml", "api_key:"),
        ("data.yaml", "api_key: ''"),
        ("data.yaml", "api_key: null"),
        ("data.yaml", "api_key: ${{ secrets.KEY }}"),
        ("data.yaml", "api_key: <your key>"),
        ("data.yaml", "api_key: YOUR_API_KEY"),
        ("data.yaml", "password: xxxxxxxx"),
        ("data.yaml", "num_token: 512"),
        ("data.yaml", "  3: token"),
        ("data.yaml", "names: [token, password]"),
        ("data.yaml", "download: https://example.com/set.zip"),
        ("README.md", "Token: positional embeddings"),
        ("README.md", "The password is with the secretary."),
        ("README.md", "curl -H 'token: $TOKEN'"),
        ("README.md", "https://user:password@example.com"),
        ("README.md", f"commit {KEY[3:]}"),
        ("train.txt", "images/token=12.jpg"),
        ("train.txt", "https://example.com/a.jpg?page=12345678"),
    ],
)
def test_talk_of_secrets_is_none(path: str, line: str) -> None:
    assert find_secrets(path, line) == []


@pytest.mark.parametrize("plant", [plant for plant in PLANTS if plant.rule == "X955"], ids=lambda plant: plant.id)
def test_the_value_is_in_no_finding(plant: Plant, tmp_path: Path) -> None:
    said = "".join(str(dataclasses.astuple(finding)) for finding in checked(plant, tmp_path).findings)
    assert [value for value in ("swordfish", "0123456789", "0a1b2c3d4e5f") if value in said] == []


def test_a_hostile_line_costs_no_time() -> None:
    started = time.perf_counter()
    for line in (
        "a" * 65536,
        "token" * 13000,
        "token: " * 9000,
        "://" * 20000,
        "?key=" * 13000,
        "_" * 65536,
        "# " * 30000,
    ):
        find_secrets("data.yaml", line)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("readme", "said"),
    [
        (b"# Set\n\n## Licence\n\nCC BY 4.0\n", set()),
        (b"# Set\n\nLicense: CC BY 4.0\n", set()),
        (b"**License** MIT", set()),
        (b"The pictures are licensed under CC0.", set()),
        (b"We photograph licence plates.", {"X953"}),
        (b"", {"X953"}),
    ],
)
def test_a_readme_may_state_the_licence(readme: bytes, said: set[str], tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        del files["LICENSE"]
        files["README.md"] = readme

    assert {finding.rule for finding in checked(Plant("", "", "", "detect", change), tmp_path).findings} == said


@pytest.mark.parametrize("line", ["license: MIT", "roboflow:\n  license: CC BY 4.0", "licence: MIT"])
def test_data_yaml_may_state_the_licence(line: str, tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        del files["LICENSE"], files["README.md"]
        files["data.yaml"] += f"{line}\n".encode()

    assert [finding.rule for finding in checked(Plant("", "", "", "detect", change), tmp_path).findings] == []


@pytest.mark.parametrize("line", ["license:", "license: ''", "license: null", "# the code is under an MIT license"])
def test_a_key_without_a_value_states_none(line: str, tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        del files["LICENSE"], files["README.md"]
        files["data.yaml"] += f"{line}\n".encode()

    assert [f.rule for f in checked(Plant("", "", "", "detect", change), tmp_path).findings] == ["X953"]


def test_flat_labels_are_no_texts(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files |= {f"{index}.txt": b"token: a1b2c3d4e5\n" for index in range(21)}

    assert "X955" not in {finding.rule for finding in checked(Plant("", "", "", "detect", change), tmp_path).findings}


def test_every_rule_about_the_base_branch_says_why_it_does_not_run() -> None:
    waiting = [rule.id for rule in RULES if rule.id.startswith("R") or rule.id == "X954"]
    assert len(waiting) == 10
    assert {rule.later for rule in RULES if rule.id in waiting} == {"needs the base branch, which is not read yet"}
