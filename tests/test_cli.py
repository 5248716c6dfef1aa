"""The command line: arguments in, lines and an exit code out."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from hubaction import console
from hubaction._version import __version__
from hubaction.cli import main
from hubaction.operations import check_dataset

ROOT = Path(__file__).resolve().parents[1]
GOOD, BAD, DOUBLE = "0 0.5 0.5 0.2 0.2", "0 0.5 0.5 0.2 1.7", "0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2"


def load(name: str, path: str) -> ModuleType:
    """A helper by its path; test folders are no packages."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def load_pair() -> ModuleType:
    return load("sound_pair", "action/pair.py")


class Dataset:
    """A small detect dataset: one good image a split."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.images = 0
        for split in ("train", "val"):
            self.add(split, "good", load_pair().GRID)
        (root / "LICENSE").write_text(load_pair().LICENSE)
        (root / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [cat, dog]\n")

    def add(self, split: str, name: str, rows: str) -> None:
        self.images += 1
        png = load_pair().picture(self.images)
        for kind, suffix, content in (("images", ".png", png), ("labels", ".txt", rows.encode())):
            path = self.root / kind / split / f"{name}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """A clean dataset in ``ds`` below the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HUBACTION_DEBUG", raising=False)
    return Dataset(tmp_path / "ds")


def check(*arguments: str) -> int:
    return main(["check-dataset", "ds", *arguments])


@pytest.mark.parametrize(
    ("rows", "arguments", "code"),
    [
        (GOOD, [], 0),
        (BAD, [], 1),
        (BAD, ["--fail-on", "never"], 0),
        (BAD, ["--profile", "hub", "--task", "detect"], 0),
        (BAD, ["--profile", "hub", "--task", "detect", "--fail-on", "warning"], 1),
        (DOUBLE, [], 0),
        (DOUBLE, ["--fail-on", "warning"], 1),
    ],
)
def test_exit_codes_of_a_verdict(
    dataset: Dataset, capsys: pytest.CaptureFixture[str], rows: str, arguments: list[str], code: int
) -> None:
    dataset.add("train", "more", rows)
    assert check(*arguments) == code
    out, err = capsys.readouterr()
    assert out.startswith("✗ ds\n  failed: " if code else "✓ ds\n  passed: ")
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["ds", "--task", "walk"], 2, "hubaction: There is no task 'walk'.\n  Use one of detect, segment,"),
        (
            ["ds", "--profile", "x"],
            2,
            "hubaction: There is no profile 'x'.\n  Use one of default, strict, hub, platform.",
        ),
        (["ds", "--fail-on", "x"], 2, "hubaction: --fail-on is 'x'.\n  Use one of error, warning, never."),
        (["ds", "--workers", "0"], 2, "hubaction: --workers is '0'.\n  Give a number of processes"),
        (["ds", "--limit", "x=1"], 2, "hubaction: --limit names 'x', which is no limit.\n"),
        (["ds", "--limit", "max_ratio=a"], 2, "hubaction: --limit sets max_ratio to 'a'.\n  Write max_ratio="),
        (["ds", "--report-json", "plain/x.json"], 2, "hubaction: 'plain/x.json' cannot be written:"),
        (["ds", "--stats", "ds/x.json"], 2, "hubaction: The output file 'ds/x.json' lies in the dataset"),
        (["dss"], 3, "hubaction: There is no file or folder at 'dss'.\n"),
        (["no/ds"], 3, "Its folder 'no' does not exist either.\n"),
        (["a\n##[error]b"], 3, "hubaction: There is no file or folder at 'a\\n##\\[error]b'.\n"),
    ],
    ids=[
        "task",
        "profile",
        "fail-on",
        "workers",
        "limit",
        "limit's number",
        "report",
        "statistics",
        "path",
        "folder",
        "odd path",
    ],
)
def test_refusals(
    dataset: Dataset, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    Path("plain").write_text("a file where a folder is wanted")
    assert main(["check-dataset", *arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "argv",
    [[], ["fly"], ["check-dataset"], ["check-dataset", "ds", "--fly"], ["check-dataset", "ds", "--workers", "many"]],
    ids=lambda argv: " ".join(argv) or "nothing",
)
def test_argparse_refuses(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: hubaction")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"hubaction {__version__}\n")


def test_help_lists_options_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check-dataset", "--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    for option in ("--task", "--profile", "--fail-on", "--report-json", "--stats", "--workers", "--limit", "--quiet"):
        assert option in out
    for line in ("0 passed", "1 findings", "2 bad arguments", "3 dataset missing", "4 service", "5 a bug"):
        assert line in out


def test_quiet_prints_the_verdict_only(dataset: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    dataset.add("train", "bad", BAD)
    assert check("--quiet") == 1
    assert capsys.readouterr() == ("ds: failed: 1 error in 3 images, 420 objects (detect, profile default)\n", "")


def test_report_and_statistics(dataset: Dataset) -> None:
    assert check("--report-json", "out/r.json", "--stats", "out/s.json", "--quiet") == 0
    report = json.loads(Path("out/r.json").read_text())
    assert (report["schema"], report["verdict"], report["dataset"]["path"]) == ("hubaction/report/1", "passed", "ds")
    assert json.loads(Path("out/s.json").read_text())["names"] == ["cat", "dog"]
    assert sorted(path.name for path in Path("out").iterdir()) == ["r.json", "s.json"]


def test_without_options_nothing_is_written(dataset: Dataset) -> None:
    check()
    assert [path.name for path in Path().iterdir()] == ["ds"]


def test_the_dataset_is_never_overwritten(dataset: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    Path("ds.zip").write_bytes(b"PK")
    assert main(["check-dataset", "ds.zip", "--stats", "./ds.zip"]) == 2
    assert Path("ds.zip").read_bytes() == b"PK"
    assert "'ds.zip' lies in the dataset" in capsys.readouterr().err


def test_limits_take_effect(dataset: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--limit", "max_label_bytes=3", "--limit", "max_ratio=5", "--task", "detect") == 1
    assert "max_label_bytes = 3" in capsys.readouterr().out


@pytest.mark.parametrize("workers", ["1", "2"])
def test_workers_do_not_change_the_result(dataset: Dataset, capsys: pytest.CaptureFixture[str], workers: str) -> None:
    for index in range(300):
        dataset.add("train", f"{index:03}", BAD if index % 100 == 7 else GOOD)
    assert check("--workers", workers, "--select", "G401") == 1
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines() if ".txt:" in line] == [
        f"labels/train/{index}07.txt:1:15" for index in range(3)
    ]
    assert err == ""


def test_progress_goes_to_the_error_stream(
    dataset: Dataset, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(0, 1000, 6))
    monkeypatch.setattr(console, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    for index in range(150):
        dataset.add("train", f"{index}", GOOD)
    assert check("--workers", "1") == 0
    out, err = capsys.readouterr()
    assert err == "checked 100 of 152 files\n"
    assert "checked" not in out
    check("--workers", "1", "--quiet")
    assert capsys.readouterr().err == ""


def test_a_bug_is_a_sentence(
    dataset: Dataset, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_options: object) -> None:
        raise RuntimeError("boom\x1b")

    monkeypatch.setattr(check_dataset, "check_until_stopped", crash)
    assert check() == 5
    err = capsys.readouterr().err
    assert err.splitlines()[0] == "hubaction: This is a bug in hub-action: RuntimeError: boom\\x1b"
    assert "Traceback" not in err
    monkeypatch.setenv("HUBACTION_DEBUG", "1")
    assert check() == 5
    assert capsys.readouterr().err.startswith("Traceback (most recent call last):")


def test_an_interrupt_is_a_sentence(
    dataset: Dataset, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check_dataset, "check_until_stopped", interrupted)
    assert check() == 130
    assert capsys.readouterr().err.startswith("hubaction: Interrupted")


NAMES = [
    "::error::pwned",
    "x ##[error]pwned",
    "a\r::error::pwned",
    os.fsdecode(b"caf\xe9"),
    "w " * 72 + "::error::pwned",
]


@pytest.mark.parametrize("name", NAMES, ids=["command", "old syntax", "carriage return", "surrogate", "wrapped"])
def test_odd_names_are_printable(dataset: Dataset, capsys: pytest.CaptureFixture[str], name: str) -> None:
    dataset.add("train", f"{name}/{name}", BAD)
    assert check() == 1
    out = capsys.readouterr().out
    assert out.encode("utf-8")
    assert [line for line in out.split("\n") if not line.isprintable()] == []


@pytest.mark.parametrize("quiet", [False, True])
@pytest.mark.parametrize("name", NAMES, ids=["command", "old syntax", "carriage return", "surrogate", "wrapped"])
def test_in_a_step_of_a_workflow_no_name_is_a_command(
    dataset: Dataset, capsys: pytest.CaptureFixture[str], name: str, quiet: bool
) -> None:
    dataset.root = dataset.root.rename(dataset.root.with_name(f"ds {name}"))
    (dataset.root / name).symlink_to("/nowhere")
    assert main(["check-dataset", dataset.root.name, *(["--quiet"] if quiet else [])]) == 1
    out = capsys.readouterr().out
    assert load("runner_oracle", "action/oracle.py").read_stream(out.encode()).commands == []


# as a process


def python_m(*arguments: str, **options: object) -> subprocess.Popen[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "hubaction", *arguments]
    return subprocess.Popen(command, text=True, env=environment, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload, no-any-return]


def test_as_a_process(dataset: Dataset) -> None:
    process = python_m("check-dataset", "ds", stdout=subprocess.PIPE)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("✓ ds\n")


def test_a_reader_that_takes_one_line(dataset: Dataset) -> None:
    for index in range(3):
        dataset.add("train", f"{index}" * 200, BAD)
    process = python_m("check-dataset", "ds", stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "✗ ds\n"
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert err == ""


def test_a_reader_that_has_gone(dataset: Dataset) -> None:
    read, write = os.pipe()
    os.close(read)
    process = python_m("check-dataset", "ds", stdout=write)
    os.close(write)
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert err == ""
    assert process.returncode == 141
