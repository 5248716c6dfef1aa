"""Where annotations lie: on the file as the repository names it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

BAD = "0 0.5 0.5 0.2 0.2\n0 0.5 x 0.2 0.2"


def only(step: Any, **inputs: str) -> Any:
    """The one annotation of a run."""
    (one,) = step.run(**inputs).annotations
    return one


def test_line_and_column(step: Any, dataset: Any) -> None:
    dataset.add("train", "bad", BAD)
    one = only(step, dataset_path="ds")
    assert (one.file, one.line, one.column, one.end_line) == ("ds/labels/train/bad.txt", 2, 7, None)


def test_a_finding_about_a_whole_file_stands_at_its_first_line(step: Any, dataset: Any) -> None:
    dataset.add("train", "bad", "0 0.5 0.5 0.2 0.2")
    (dataset.root / "images/train/bad.png").write_bytes(b"no picture")
    one = only(step, dataset_path="ds")
    assert (one.title, one.file, one.line, one.column) == (
        "I601 image-unreadable",
        "ds/images/train/bad.png",
        1,
        None,
    )


def test_a_finding_about_the_dataset_has_no_file(step: Any) -> None:
    (step.workspace / "ds").mkdir()
    one = only(step, dataset_path="ds")
    assert (one.file, one.line) == ("", None)
    assert one.message.startswith("the dataset ")


@pytest.mark.parametrize(
    ("checkout", "file"),
    [("", "sub/ds/labels/train/bad.txt"), ("sub", "ds/labels/train/bad.txt"), ("sub/ds", "labels/train/bad.txt")],
    ids=["workspace", "sub-folder", "the dataset itself"],
)
def test_relative_to_the_checkout(step: Any, dataset: Any, checkout: str, file: str) -> None:
    (step.workspace / ".git").rmdir()
    dataset.add("train", "bad", BAD)
    (step.workspace / "sub").mkdir()
    dataset.root.rename(step.workspace / "sub" / "ds")
    (step.workspace / checkout / ".git").mkdir()
    assert only(step, dataset_path="sub/ds").file == file


def test_a_work_tree_has_a_file_called_git(step: Any, dataset: Any) -> None:
    dataset.add("train", "bad", BAD)
    (step.workspace / "sub").mkdir()
    dataset.root.rename(step.workspace / "sub" / "ds")
    (step.workspace / "sub" / ".git").write_text("gitdir: ../.git/worktrees/sub\n")
    assert only(step, dataset_path="sub/ds").file == "ds/labels/train/bad.txt"


def test_without_a_checkout_relative_to_the_workspace(step: Any, dataset: Any) -> None:
    (step.workspace / ".git").rmdir()
    dataset.add("train", "bad", BAD)
    assert only(step, dataset_path="ds").file == "ds/labels/train/bad.txt"


SPELLINGS = ["./ds", "ds/", "x/../ds", "ds//", "{workspace}/ds"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_the_path(step: Any, dataset: Any, spelling: str) -> None:
    (step.workspace / "x").mkdir()
    dataset.add("train", "bad", BAD)
    path = spelling.format(workspace=step.workspace)
    assert only(step, dataset_path=path).file == "ds/labels/train/bad.txt"


def test_the_whole_workspace(step: Any, dataset: Any) -> None:
    dataset.add("train", "bad", BAD)
    for path in list(dataset.root.iterdir()):
        path.rename(step.workspace / path.name)
    assert only(step).file == "labels/train/bad.txt"


def test_a_dataset_given_by_its_yaml(step: Any, dataset: Any) -> None:
    dataset.add("train", "bad", BAD)
    assert only(step, dataset_path="ds/data.yaml").file == "ds/labels/train/bad.txt"


@pytest.mark.parametrize("folder", ["", "sets/"])
def test_in_an_archive_on_the_archive_with_the_member_in_the_message(step: Any, dataset: Any, folder: str) -> None:
    dataset.add("train", "bad", BAD)
    target: Path = step.workspace / f"{folder}my set.zip"
    target.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for path in dataset.root.rglob("*"):
            archive.write(path, f"top/{path.relative_to(dataset.root)}")
    one = only(step, dataset_path=f"{folder}my set.zip", select="L302")
    assert (one.file, one.line, one.column) == (f"{folder}my set.zip", 1, None)
    assert one.message.startswith("labels/train/bad.txt:2:7 L302: ")


@pytest.mark.parametrize(
    ("checkout", "file"), [("", "sub/sets/ds.zip"), ("sub", "sets/ds.zip"), ("sub/sets", "ds.zip")]
)
def test_an_archive_relative_to_the_checkout(step: Any, dataset: Any, checkout: str, file: str) -> None:
    (step.workspace / ".git").rmdir()
    dataset.add("train", "bad", BAD)
    target: Path = step.workspace / "sub/sets/ds.zip"
    target.parent.mkdir(parents=True)
    with zipfile.ZipFile(target, "w") as archive:
        for path in dataset.root.rglob("*"):
            archive.write(path, path.relative_to(dataset.root))
    (step.workspace / checkout / ".git").mkdir()
    one = only(step, dataset_path="sub/sets/ds.zip", select="L302")
    assert (one.file, one.line) == (file, 1)
    assert one.message.startswith("labels/train/bad.txt:2:7 L302: ")


def test_an_archive_that_cannot_be_read(step: Any) -> None:
    (step.workspace / "ds.zip").write_bytes(b"PK no archive")
    one = only(step, dataset_path="ds.zip")
    assert (one.level, one.file, one.line) == ("error", "ds.zip", 1)


def test_splits_beside_the_folder_of_the_yaml(step: Any, dataset: Any) -> None:
    """A file is named as it lies in the repository, whatever way the data.yaml leads there."""
    dataset.add("train", "bad", BAD)
    (dataset.root / "config").mkdir()
    (dataset.root / "data.yaml").unlink()
    (dataset.root / "config/data.yaml").write_text(
        "train: ../images/train\nval: ../images/val\ntest: ../gone\nnames: [cat, dog]\n"
    )
    files = [one.file for one in step.run(dataset_path="ds", select="L302,Y203").annotations]
    assert files == ["ds/labels/train/bad.txt", "ds/config/data.yaml"]


@pytest.mark.parametrize("name", ["a,b", "a:b", "a=b", "100%", "a%2Cb", "a b", "ä", "=a", "a::b", "line=7,col=7"])
def test_odd_names_arrive_as_they_are(step: Any, dataset: Any, name: str) -> None:
    dataset.add("train", name, BAD)
    one = only(step, dataset_path="ds")
    assert (one.file, one.line, one.column) == (f"ds/labels/train/{name}.txt", 2, 7)


def test_ten_of_a_level_one_of_each_rule_first(step: Any, dataset: Any) -> None:
    for number in range(14):
        dataset.add("train", f"a{number:02}", "0 0.5 1.7 0.2 0.2")
        dataset.add("train", f"b{number:02}", "0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2")
    dataset.add("train", "z1", BAD)
    dataset.add("train", "z2", "7 0.5 0.5 0.2 0.2")
    result = step.run(dataset_path="ds", select="G401,L302,L306,L307")
    assert result.stream.names == ["error"] * 10 + ["warning"] * 10
    errors = [one for one in result.annotations if one.level == "error"]
    assert [one.title[:4] for one in errors] == ["G401", "L302", "L306"] + ["G401"] * 7
    assert result.outputs["errors"] == "16"
    assert [("6 more of this level" in one.message) for one in errors] == [False] * 9 + [True]
    assert "(4 more of this level in the job summary)" in result.annotations[-1].message


def test_ten_findings_leave_none_out(step: Any, dataset: Any) -> None:
    for number in range(10):
        dataset.add("train", f"a{number:02}", "0 0.5 1.7 0.2 0.2")
    result = step.run(dataset_path="ds", select="G401")
    assert len(result.annotations) == 10
    assert not any("more of this level" in one.message for one in result.annotations)
