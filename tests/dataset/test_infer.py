"""Which task a dataset is labelled for."""

from __future__ import annotations

from typing import Any

import pytest

from hubaction.dataset.datayaml import Loader
from hubaction.dataset.infer import infer_task
from hubaction.dataset.source import open_source
from hubaction.errors import UsageError

TASKS = ["detect", "segment", "pose", "obb", "classify"]
BOX, SQUARE, TRIANGLE = "0 .5 .5 .2 .2\n", "0 .1 .1 .2 .1 .2 .2 .1 .2\n", "0 .1 .1 .2 .1 .2 .2\n"


def infer(maker: Any, loader: Loader = Loader.CURRENT) -> str:
    return infer_task(open_source(maker.zip(), maker.limits), loader, maker.limits)[0]


@pytest.mark.parametrize("task", TASKS)
def test_task_of_a_sound_set(make: Any, task: str) -> None:
    assert infer(make(task)) == task


@pytest.mark.parametrize("task", TASKS)
def test_report_gives_the_reason(make: Any, task: str) -> None:
    maker = make(task)
    maker.task = None
    report = maker.check("default")
    assert report.task == task
    assert report.task_reason != ""


def test_reason_is_empty_where_the_task_was_given(detect: Any) -> None:
    assert detect.check().task_reason == ""


@pytest.mark.parametrize(
    ("text", "task"),
    [
        (BOX * 19 + SQUARE, "detect"),
        (SQUARE * 19 + BOX, "obb"),
        (TRIANGLE * 19 + BOX, "segment"),
        (TRIANGLE + SQUARE, "segment"),
        (SQUARE, "obb"),
    ],
    ids=["mostly-boxes", "mostly-corners", "mostly-polygons", "polygons-of-three-and-four", "corners"],
)
def test_task_that_most_rows_fit(detect: Any, text: str, task: str) -> None:
    assert infer(detect.drop("labels").label(text)) == task


def test_boxes_with_kpt_shape_are_not_pose(detect: Any) -> None:
    assert infer(detect.keys(kpt_shape=[2, 3])) == "detect"


@pytest.mark.parametrize("text", [BOX + SQUARE, BOX + TRIANGLE, "0 1 2 3\n", "0 .1 .1 .2 .2 .3\n"])
def test_rows_that_decide_nothing(detect: Any, text: str) -> None:
    with pytest.raises(UsageError, match="cannot be inferred") as caught:
        infer(detect.drop("labels").label(text))
    assert "Say which task it is" in caught.value.fix


@pytest.mark.parametrize("text", ["", "x y z", None], ids=["empty", "text", "none"])
def test_no_label_row_decides_nothing(detect: Any, text: str | None) -> None:
    detect.drop("labels")
    with pytest.raises(UsageError, match="no label row"):
        infer(detect if text is None else detect.label(text))


def test_unreadable_yaml_is_checked_as_detect(make: Any) -> None:
    assert infer(make("segment").yaml_text("{[")) == "detect"


def test_class_folders_without_train_are_not_guessed(classify: Any) -> None:
    assert infer(classify.drop("train")) == "detect"


@pytest.mark.parametrize("raw", [b"", b"no zip"])
def test_unreadable_archive_needs_no_task(detect: Any, raw: bytes) -> None:
    detect.raw, detect.task = raw, None
    assert detect.check().exit_code == 3


def test_damaged_and_large_labels_are_left_out(detect: Any) -> None:
    detect.label(SQUARE * 500).limit(max_label_bytes=100)
    assert infer(detect.set_field("labels/train/b.txt", "crc", 1)) == "detect"


def test_labels_beside_images_count_too(detect: Any) -> None:
    files = {path: data for path, data in detect.files.items() if path != "data.yaml"}
    detect.files = {path.replace("images/", "d/").replace("labels/", "d/"): data for path, data in files.items()}
    assert infer(detect.keys(train="d/train", val="d/val")) == "detect"
