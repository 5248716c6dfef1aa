"""``hubaction init``: a starter file that fits the dataset, changes nothing, and never overwrites."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hubaction.cli import main
from hubaction.errors import DatasetUnreadable
from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.operations.init_config import starter_config
from hubaction.policy.config import read_config

BROKEN = Path(__file__).parents[2] / "examples/shapes-broken"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A folder with one label row that the loader rejects, and no image that it could read."""
    folder = tmp_path / "set"
    for name, text in {
        "data.yaml": "train: images/train\nval: images/val\nnames: [a]\n",
        "images/train/x.jpg": "no image",
        "images/val/y.jpg": "no image",
        "labels/train/x.txt": "5 0.5 0.5 0.1 0.1\n",
        "LICENSE": "Apache License 2.0\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def uncommented(text: str, key: str) -> str:
    """The text with the block of one key switched on, as its own comment tells to."""
    block = re.search(rf"^# {key}:\n(#   .*\n)+", text, re.MULTILINE)
    assert block
    return text.replace(block.group(), re.sub(r"^# ", "", block.group(), flags=re.MULTILINE))


def test_the_starter_changes_nothing(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = check(CheckOptions(dataset))
    assert main(["init", str(dataset)]) == 0
    assert capsys.readouterr().out == f"wrote {dataset / '.hubaction.yml'}\n"
    after = check(CheckOptions(dataset))
    assert after.config == str(dataset / ".hubaction.yml")
    assert (after.findings, after.task, after.fail_on) == (before.findings, before.task, before.fail_on)


def test_it_fits_the_dataset(dataset: Path) -> None:
    text = starter_config(dataset)
    assert "task: detect  # every row has 5 columns" in text
    assert "# 2 images are a small set" in text
    found = {outcome.id for outcome in check(CheckOptions(dataset)).rules_run.values() if outcome.found}
    assert set(re.findall(r"^#   - (\w+)  #", text, re.MULTILINE)) == found


@pytest.mark.parametrize("key", ["ignore", "tolerance", "per_path_ignores"])
def test_what_it_suggests_is_valid_and_does_what_it_says(key: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yml"
    path.write_text(uncommented(starter_config(BROKEN), key), encoding="utf-8")
    assert getattr(read_config(path), key)
    report = check(CheckOptions(BROKEN, config=path))
    assert report.exit_code == (1 if key == "per_path_ignores" else 0)
    assert bool(report.findings) == (key != "ignore")


def test_an_existing_file_is_never_touched(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (dataset / ".hubaction.yml").write_text("profile: strict\n", encoding="utf-8")
    assert main(["init", str(dataset)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert (dataset / ".hubaction.yml").read_text(encoding="utf-8") == "profile: strict\n"


def test_loaders_would_mistake_it_beside_data_yml(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (dataset / "data.yaml").rename(dataset / "data.yml")
    assert main(["init", str(dataset)]) == 2
    assert "Rename the data file to data.yaml" in capsys.readouterr().err
    assert not (dataset / ".hubaction.yml").exists()


def test_stdout_writes_nothing(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(dataset), "--stdout"]) == 0
    assert capsys.readouterr().out == starter_config(dataset)
    assert not (dataset / ".hubaction.yml").exists()


def test_nothing_is_written_where_there_is_no_dataset(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "none", tmp_path / "empty"):
        with pytest.raises(DatasetUnreadable):
            starter_config(path, "detect")
