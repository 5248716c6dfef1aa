"""Report files: which, where, and made again from a stored report."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from hubaction.cli import main
from hubaction.errors import UsageError
from hubaction.operations import report_files
from hubaction.operations.check_dataset import CheckOptions, check, location_of
from hubaction.operations.outcome import Context
from hubaction.operations.report_files import files_in, read_report_file
from hubaction.operations.settings import parse_formats
from hubaction.report.table import RENDERERS

ALL = ["junit.xml", "report.html", "report.json", "report.sarif"]

# which


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("json", ("json",)),
        ("html,sarif", ("html", "sarif")),
        (" junit\n json ,, html", ("junit", "json", "html")),
        ("json,json", ("json",)),
    ],
)
def test_formats(text: str, names: tuple[str, ...]) -> None:
    assert parse_formats(text, "x") == names


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("htlm", "The input formats names 'htlm', which is no format. Did you mean html?"),
        ("json,pdf", "names 'pdf', which is no format. The formats are json, html, sarif, junit."),
        ("HTML", "names 'HTML'"),
        (",", "The input formats names no format. The formats are"),
        ("", "names no format"),
        ("\x1b[31m" + "x" * 9000, r"names '\\x1b\[31mx+, which"),
    ],
)
def test_what_is_no_format(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        parse_formats(text, "The input formats")
    assert len(str(caught.value)) < 300


def test_every_file_has_a_name_of_its_own(tmp_path: Path) -> None:
    paths = [one.path for one in files_in(tmp_path, RENDERERS)]
    assert len(set(paths)) == len(RENDERERS)


# on the command line


def run(*arguments: str) -> int:
    return main(["check-dataset", "set", "--quiet", "--workers", "1", *arguments])


@pytest.fixture
def here(detect: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    detect.folder()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_word_nothing_is_written(here: Path) -> None:
    assert run() == 0
    assert os.listdir(here) == ["set"]


def test_formats_alone(here: Path) -> None:
    assert run("--formats", "sarif,html, junit json") == 0
    assert sorted(os.listdir(here / "hub-action-report")) == ALL


def test_a_folder_alone(here: Path) -> None:
    assert run("--output-dir", "out/deep") == 0
    assert sorted(os.listdir(here / "out/deep")) == ["report.html", "report.json"]


def test_a_single_json_file_beside_the_folder(here: Path) -> None:
    assert run("--report-json", "r.json", "--formats", "sarif", "--output-dir", "out") == 0
    assert (os.listdir(here / "out"), (here / "r.json").is_file()) == (["report.sarif"], True)


def test_an_unknown_format_stops_before_the_check(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--formats", "html,sarf") == 2
    assert "Did you mean sarif?" in capsys.readouterr().err
    assert os.listdir(here) == ["set"]


def test_no_report_in_the_dataset(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--output-dir", "set/out") == 2
    assert "lies in the dataset" in capsys.readouterr().err
    assert not (here / "set" / "out").exists()
    assert run("--output-dir", "set/hub-action-report") == 0


# where in the repository


def test_sarif_of_the_command_line_is_relative_to_the_repository(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / ".git").mkdir()
    (here / "set" / "labels" / "train" / "a.txt").write_text("9 .5 .5 .1 .1\n")
    monkeypatch.chdir(here / "set" / "labels")
    assert main(["check-dataset", "../data.yaml", "--quiet", "--formats", "sarif", "--output-dir", str(here)]) == 1
    (run,) = json.loads((here / "report.sarif").read_text())["runs"]
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]
    assert "set/labels/train/a.txt" in places
    assert all(place.startswith("set/") for place in places)


def test_location(tmp_path: Path) -> None:
    context = Context(tmp_path / "work")
    assert location_of(tmp_path / "work" / "..set" / "data.yaml", context) == "..set"
    assert location_of(tmp_path / "other" / "set.zip", context) == str(tmp_path / "other" / "set.zip")


def test_a_report_of_the_api_knows_its_place(detect: Any) -> None:
    root = detect.folder()
    by_yaml = check(CheckOptions(root / "data.yaml", workers=1))
    assert (by_yaml.location, by_yaml.data_yaml) == (root.as_posix(), "data.yaml")
    assert check(CheckOptions(detect.zip(), workers=1)).data_yaml == "data.yaml"


# from a stored report


def test_files_made_again_are_the_same(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "set" / "labels" / "train" / "a.txt").write_text("9 .5 .5 .1 .1\n")
    assert run("--formats", "json,html,sarif,junit", "--output-dir", "one") == 1
    capsys.readouterr()
    assert main(["report", "one/report.json", "--formats", "junit,sarif,html,json", "--output-dir", "two"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "wrote two/junit.xml",
        "wrote two/report.sarif",
        "wrote two/report.html",
        "wrote two/report.json",
    ]
    for name in ALL:
        assert (here / "two" / name).read_bytes() == (here / "one" / name).read_bytes(), name


def test_files_lie_beside_the_stored_report(here: Path) -> None:
    assert run("--report-json", "out/r.json") == 0
    assert main(["report", "out/r.json", "--formats", "junit"]) == 0
    assert sorted(os.listdir(here / "out")) == ["junit.xml", "r.json"]


def test_a_stored_report_is_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check-dataset", "set", "--workers", "1", "--report-json", "r.json"])
    shown = capsys.readouterr().out
    assert main(["report", "r.json"]) == 0
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "There is no file"),
        (b"", "is no report of hub-action: it is no JSON from line 1 on"),
        (b"[" * 100_000, "it is no JSON"),
        (b"{}", "it is not of schema hubaction/report/1"),
        (b'{"schema": "hubaction/report/1"}', "version is missing"),
        (b'{"schema": "hubaction/report/1", "version": "\\u001b[31m"}', "version is '\\x1b[31m'"),
    ],
)
def test_what_is_no_report(here: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, says: str) -> None:
    if content is not None:
        (here / "r.json").write_bytes(content)
    assert main(["report", "r.json", "--formats", "html"]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert "\x1b" not in told
    assert not (here / "report.html").exists()


def test_a_stored_report_is_bounded(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("--report-json", "r.json")
    monkeypatch.setattr(report_files, "_MOST_BYTES", 1000)
    with pytest.raises(UsageError, match=r"larger than 1,000 bytes"):
        read_report_file(here / "r.json")
