"""Names of formats: those of each service, former names, typos, and names newer than this version."""

from __future__ import annotations

import pytest

from hubaction.errors import UsageError
from hubaction.hub.formats import FORMATS, HUB_FORMATS, PLATFORM_FORMATS, resolve

HUB_IN_ORDER = """torchscript, onnx, openvino, engine, coreml, saved_model, pb, edgetpu, paddle, mnn, ncnn, imx, rknn,
executorch, axelera, deepx, qnn, litert, hailo, ascend, ultralytics_tflite, ultralytics_coreml"""


def never() -> list[str]:
    raise AssertionError("the service was asked")


def test_lists() -> None:
    assert list(HUB_FORMATS) == HUB_IN_ORDER.replace(",", " ").split()
    assert len(PLATFORM_FORMATS) == len(set(PLATFORM_FORMATS)) == 22
    assert set(PLATFORM_FORMATS) - set(HUB_FORMATS) == {"coreai", "xilinx"}
    assert set(FORMATS) == {*HUB_FORMATS, *PLATFORM_FORMATS}


@pytest.mark.parametrize(
    ("name", "suffix", "folder"),
    [("onnx", ".onnx", False), ("openvino", "_openvino_model/", True), ("litert", ".tflite", False)],
)
def test_suffixes(name: str, suffix: str, folder: bool) -> None:
    assert (FORMATS[name].suffix, FORMATS[name].folder) == (suffix, folder)
    assert [row.name for row in FORMATS.values() if row.needs_gpu] == ["engine"]


def test_every_platform_format_has_a_suffix() -> None:
    assert all(FORMATS[name].suffix for name in PLATFORM_FORMATS)


@pytest.mark.parametrize("text", ["onnx", " ONNX ", "Onnx\n"])
def test_known(text: str) -> None:
    told: list[str] = []
    assert resolve(text, PLATFORM_FORMATS, told.append, never) == "onnx"
    assert told == []


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("tflite", "litert", "litert"),
        ("ultralytics_tflite", "litert", "litert"),
        ("ultralytics_coreml", "coreml", "mobile"),
        ("TensorRT", "engine", "engine"),
    ],
)
def test_former_names_are_translated_with_a_notice(old: str, new: str, word: str) -> None:
    told: list[str] = []
    assert resolve(old, PLATFORM_FORMATS, told.append, never) == new
    assert len(told) == 1
    assert word in told[0]


def test_names_that_hub_has_stay() -> None:
    told: list[str] = []
    assert resolve("ultralytics_tflite", HUB_FORMATS, told.append) == "ultralytics_tflite"
    assert resolve("tflite", HUB_FORMATS, told.append) == "litert"
    assert len(told) == 1


@pytest.mark.parametrize(("typo", "meant"), [("onxx", "onnx"), ("torchscrip", "torchscript"), ("opnvino", "openvino")])
def test_a_typo_fails_without_a_request(typo: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"Did you mean {meant}\\?"):
        resolve(typo, PLATFORM_FORMATS, print, never)


def test_no_name_fails_without_a_request() -> None:
    with pytest.raises(UsageError, match=r"No export format.*Choose one of: torchscript, onnx,"):
        resolve(" \n", PLATFORM_FORMATS, print, never)


def test_a_format_that_is_gone_fails_without_a_request() -> None:
    with pytest.raises(UsageError, match=r"tfjs any more.*saved_model"):
        resolve("tfjs", PLATFORM_FORMATS, print, never)


def test_a_new_name_is_used_where_the_service_publishes_it() -> None:
    told: list[str] = []
    assert resolve("Zebra", PLATFORM_FORMATS, told.append, lambda: {"zebra"}) == "zebra"
    assert "newer" in told[0]
    assert resolve("coreai", HUB_FORMATS, told.append, lambda: ["coreai"]) == "coreai"  # near coreml, yet no typo


def test_an_unknown_name_fails_with_all_names() -> None:
    with pytest.raises(UsageError, match=r"no export format 'zebra'.*Choose one of: torchscript.*xilinx"):
        resolve("zebra", PLATFORM_FORMATS, print, lambda: {"onnx"})


def test_a_hostile_name_is_neither_shown_raw_nor_whole() -> None:
    with pytest.raises(UsageError) as caught:
        resolve("\x1b[31m::error::" + "z" * 10_000, PLATFORM_FORMATS, print)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 600
