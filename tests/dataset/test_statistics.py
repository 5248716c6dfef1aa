"""The statistics object, value for value (reference, end of section 11)."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest

from hubaction.dataset.statistics import statistics, write_statistics

TASKS = ["detect", "segment", "pose", "obb", "classify"]


def streamed(dataset: Any) -> str:
    out = io.StringIO()
    write_statistics(dataset, out)
    return out.getvalue()


def test_the_whole_object(detect: Any) -> None:
    stats = (
        detect.pair("train/e.jpg", "")
        .label("1 .5 .5 .2 .2\n1 .4 .4 .2 .2\n")
        .drop("labels/val/c")
        .label("", "val/c")
        .stats()
    )
    assert stats == {
        "nc": 2,
        "names": ["cat", "dog"],
        "train": {
            "instance_stats": {"total": 4, "per_class": [1, 3]},
            "image_stats": {"total": 3, "unlabelled": 1, "per_class": [1, 2]},
            "labels": [
                {"a.jpg": [[1, 0.5, 0.5, 0.2, 0.2], [1, 0.4, 0.4, 0.2, 0.2]]},
                {"b.jpg": [[0, 0.5, 0.5, 0.25, 0.25], [1, 0.25, 0.25, 0.125, 0.125]]},
                {"e.jpg": []},
            ],
        },
        "val": {
            "instance_stats": {"total": 0, "per_class": [0, 0]},
            "image_stats": {"total": 1, "unlabelled": 1, "per_class": [0, 0]},
            "labels": [{"c.jpg": []}],
        },
        "test": None,
    }


def test_order_of_the_keys(detect: Any) -> None:
    stats = detect.stats()
    assert list(stats) == ["nc", "names", "train", "val", "test"]
    assert list(stats["train"]) == ["instance_stats", "image_stats", "labels"]


@pytest.mark.parametrize("loaded", ["images", "instances"])
def test_dropped_images_are_in_no_count(detect: Any, loaded: str) -> None:
    stats = (detect.image(b"") if loaded == "images" else detect.label("x")).stats()["train"]
    assert stats["image_stats"]["total"] == 1
    assert [next(iter(label)) for label in stats["labels"]] == ["b.jpg"]
    assert stats["instance_stats"]["total"] == 2


@pytest.mark.parametrize("text", [".123450004", ".12345", ".00005", ".99995", ".333333333", ".0625", "1e-9", ".47945"])
def test_values_are_rounded_from_float32(detect: Any, text: str) -> None:
    detect.label(f"0 {text} .5 .2 .2\n")
    assert detect.rows()[0][1] == round(float(np.float32(float(text))), 4)


def test_rounding_is_that_of_float32_not_of_the_text(detect: Any) -> None:
    candidates = [f"0.{n:04}5" for n in range(1, 2000)]
    text = next(t for t in candidates if round(float(t), 4) != round(float(np.float32(float(t))), 4))
    assert detect.label(f"0 {text} .5 .2 .2\n").rows()[0][1] != round(float(text), 4)


def test_minus_zero_appears(detect: Any) -> None:
    assert str(detect.label("0 -0 .5 .2 .2\n").rows()[0][1]) == "-0.0"


def test_infinity_appears_in_a_pose(make: Any) -> None:
    rows = make("pose").label("0 inf .5 .2 .2 .4 .4 2 .6 .6 1\n").rows()
    assert rows[0][1] == float("inf")


def test_equal_names_in_sub_folders_repeat(detect: Any) -> None:
    detect.pair("train/x/a.jpg").pair("train/y/a.jpg")
    assert [next(iter(label)) for label in detect.stats()["train"]["labels"]] == ["a.jpg", "b.jpg", "a.jpg", "a.jpg"]


def test_names_come_in_mapping_order(detect: Any) -> None:
    detect.yaml_text("train: images/train\nval: images/val\nnames: {1: dog, 0: cat}\n")
    assert detect.stats()["names"] == ["dog", "cat"]


def test_count_vectors_have_nc_entries(detect: Any) -> None:
    detect.yaml_text("train: images/train\nval: images/val\nnames: {0: cat, '0': cow, 1: dog}\n")
    stats = detect.stats()
    assert (stats["nc"], stats["names"]) == (2, ["cow", "dog"])
    assert stats["train"]["instance_stats"]["per_class"] == [2, 2, 0]
    assert stats["train"]["image_stats"]["per_class"] == [2, 2, 0]


def test_segment_rows_are_the_vertices(make: Any) -> None:
    assert make("segment").rows() == [
        [0, 0.25, 0.25, 0.75, 0.25, 0.5, 0.75],
        [1, 0.1, 0.1, 0.2, 0.1, 0.2, 0.2, 0.1, 0.2],
    ]


def test_detect_rows_of_polygons_are_their_boxes(detect: Any) -> None:
    detect.label("0 .25 .25 .75 .25 .5 .75\n").label("0 .1 .1 .3 .1 .3 .5\n", "train/b")
    assert detect.rows() == [[0, 0.5, 0.5, 0.5, 0.5]]


def test_pose_rows_are_box_and_points(make: Any) -> None:
    assert make("pose").rows() == [[0, 0.5, 0.5, 0.25, 0.25, 0.4, 0.4, 2.0, 0.6, 0.6, 1.0]]


# --- as a stream ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
def test_stream_holds_the_same(make: Any, task: str) -> None:
    dataset = make(task).read()
    assert json.loads(streamed(dataset)) == statistics(dataset)
    assert list(json.loads(streamed(dataset))) == list(statistics(dataset))


@pytest.mark.parametrize("task", TASKS)
def test_stream_is_the_text_that_json_writes(make: Any, task: str) -> None:
    dataset = make(task).read()
    assert streamed(dataset) == json.dumps(statistics(dataset)) + "\n"


def test_stream_of_nothing(detect: Any) -> None:
    detect.files = {}
    assert json.loads(streamed(detect.read())) == {"nc": 0, "names": [], "train": None, "val": None, "test": None}


def test_stream_of_a_split_whose_images_are_all_dropped(detect: Any) -> None:
    dataset = detect.label("x").label("x", "train/b").read()
    assert json.loads(streamed(dataset))["train"]["labels"] == []


def test_stream_of_a_random_split_has_no_labels(classify: Any) -> None:
    classify.files = {f"{c}/{i}.jpg": classify.files["train/cat/a.jpg"] for c in ("cat", "dog") for i in range(5)}
    dataset = classify.read()
    assert json.loads(streamed(dataset)) == statistics(dataset)
    assert statistics(dataset)["train"]["labels"] is None


@pytest.mark.parametrize("name", ['q"uote', "ünï", "new\nline", "\U0001f600"])
def test_stream_escapes_names(detect: Any, name: str) -> None:
    dataset = detect.pair(f"train/{name}.jpg").keys(names=[name, "dog"]).read()
    assert json.loads(streamed(dataset)) == statistics(dataset)
