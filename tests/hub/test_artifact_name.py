"""Names of downloaded files, which the service proposes."""

from __future__ import annotations

import pytest

from hubaction.hub.artifact_name import artifact_name
from hubaction.hub.formats import FORMATS
from hubaction.hub.service import Export, State


def named(file_name: str, format: str = "onnx", model: str = "yolo11n") -> str:
    return artifact_name(Export(format, State.COMPLETED, file_name=file_name), model)


@pytest.mark.parametrize(
    ("file_name", "format", "kept"),
    [
        ("best.onnx", "onnx", "best.onnx"),
        ("Größe 1.ONNX", "onnx", "Größe 1.ONNX"),
        ("best.onnx.zip", "onnx", "best.onnx.zip"),
        ("a/b/best.onnx", "onnx", "best.onnx"),
        ("..\\..\\best.onnx", "onnx", "best.onnx"),
        ("/etc/best.onnx", "onnx", "best.onnx"),
        ("best_openvino_model.zip", "openvino", "best_openvino_model.zip"),
        ("best.tar.gz", "openvino", "best.tar.gz"),
        ("best.newest", "newest", "best.newest"),
    ],
)
def test_names_that_are_kept(file_name: str, format: str, kept: str) -> None:
    assert named(file_name, format) == kept


@pytest.mark.parametrize(
    "file_name",
    [
        "",
        ".",
        "..",
        "a/",
        "a/..",
        ".onnx",
        ".bashrc.onnx",
        "Makefile",
        "train.py",
        "a\nb.onnx",
        "a\x00.onnx",
        "a\u202eb.onnx",
        "a\udc80.onnx",
        "a:b.onnx",
        "a*.onnx",
        "con.onnx",
        "COM1.onnx",
        "nul.zip",
        "best.onnx.",
        "best.onnx ",
        "x" * 150 + ".onnx",
        "ü" * 80 + ".onnx",
    ],
)
def test_names_that_are_not(file_name: str) -> None:
    assert named(file_name) == "yolo11n-onnx.onnx"


@pytest.mark.parametrize(
    ("format", "model", "name"),
    [
        ("openvino", "yolo11n", "yolo11n_openvino_model.zip"),
        ("edgetpu", "yolo11n", "yolo11n_edgetpu.tflite"),
        ("../new", "yolo11n", "yolo11n-new.new"),
        ("onnx", "../../x y", "x-y-onnx.onnx"),
        ("onnx", "", "model-onnx.onnx"),
        ("onnx", "m" * 500, "m" * 60 + "-onnx.onnx"),
        ("ultralytics_tflite", "m", "m-ultralytics_tflite.ultralytics_tflite"),
    ],
)
def test_names_of_our_own(format: str, model: str, name: str) -> None:
    assert named("", format, model) == name


def test_every_format_has_a_name_of_its_own() -> None:
    names = {named("", one) for one in FORMATS}
    assert len(names) == len(FORMATS)
    assert all(named(name, one) == name for one in FORMATS if (name := named("", one)))
