"""Export arguments: read, held within the service's ranges, and remarked on where they have no effect."""

from __future__ import annotations

import pytest

from hubaction.errors import UsageError
from hubaction.hub.export_args import GPUS, QUANTIZE, checked, gpu_for


def read(format: str = "onnx", **args: object) -> tuple[dict[str, object], list[str]]:
    told: list[str] = []
    return checked(format, args, told.append), told


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("imgsz", "640", 640),
        ("imgsz", 32, 32),
        ("imgsz", 8192, 8192),
        ("dynamic", "True", True),
        ("dynamic", False, False),
        ("simplify", "no", False),
        ("nms", 1, True),
        ("opset", " 9 ", 9),
        ("opset", 23, 23),
        ("batch", 32, 32),
        ("quantize", "16", 16),
        ("quantize", 8, 8),
        ("quantize", "INT8", "int8"),
        ("fraction", "0.25", 0.25),
        ("data", "coco8.yaml", "coco8.yaml"),
    ],
)
def test_values(name: str, given: object, value: object) -> None:
    args, told = read(**{name: given})
    assert args == {name: value}
    assert type(args[name]) is type(value)
    assert told == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("imgsz", 31, "a whole number from 32 to 8192"),
        ("imgsz", 8193, "a whole number"),
        ("imgsz", "640.5", "a whole number"),
        ("imgsz", True, "a whole number"),
        ("imgsz", "9" * 5000, "a whole number"),
        ("opset", 8, "from 9 to 23"),
        ("opset", 24, "from 9 to 23"),
        ("batch", 0, "from 1 to 32"),
        ("batch", 33, "from 1 to 32"),
        ("workspace", 17, "a number from 1 to 16"),
        ("workspace", 0.5, "a number from 1 to 16"),
        ("conf", 1.01, "from 0 to 1"),
        ("iou", -0.1, "from 0 to 1"),
        ("iou", "nan", "from 0 to 1"),
        ("fraction", "inf", "from 0 to 1"),
        ("dynamic", "maybe", "true or false"),
        ("nms", 2, "true or false"),
        ("quantize", "4", "one of 8, 16, 32, int8"),
        ("quantize", "", "one of 8"),
    ],
)
def test_bad_values(name: str, value: object, words: str) -> None:
    with pytest.raises(UsageError, match=f"Export argument {name} is .*{words}") as caught:
        read(**{name: value})
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("old", "new"), [("half", "quantize=16"), ("int8", "quantize=8")])
def test_replaced(old: str, new: str) -> None:
    with pytest.raises(UsageError, match=f"{old} is not an export argument.*Use {new}"):
        read(**{old: True})


def test_typo() -> None:
    with pytest.raises(UsageError, match=r"no export argument 'imgs'.*Did you mean imgsz"):
        read(imgs=640)


def test_an_unknown_argument_is_passed_on() -> None:
    args, told = read(zebra={"a": [1]})
    assert args == {"zebra": {"a": [1]}}
    assert "zebra" in told[0]


def test_an_argument_without_effect() -> None:
    assert read("paddle", batch=2, imgsz=64, end2end=True)[1] == []
    args, told = read("paddle", nms=True)
    assert args == {"nms": True}
    assert told == ["Format paddle makes no use of the argument nms."]


def test_a_format_that_is_not_known_takes_all() -> None:
    assert read("zebra", nms=True) == ({"nms": True}, [])


def test_devices() -> None:
    assert read("hailo", name="hailo8l")[1] == []
    assert read("ascend", name="Ascend310P3")[1] == []
    args, told = read("hailo", name="hailo9")
    assert args == {"name": "hailo9"}
    assert "hailo9" in told[0]


def test_every_quantize_word_is_taken() -> None:
    for word in QUANTIZE:
        assert str(read(quantize=word)[0]["quantize"]) == word


def gpu(format: str, text: str) -> tuple[str, list[str]]:
    told: list[str] = []
    return gpu_for(format, text, told.append), told


def test_gpu() -> None:
    assert gpu("engine", " RTX-4090 ") == ("rtx-4090", [])
    assert gpu("onnx", "") == ("", [])
    assert gpu("zebra", "") == ("", [])
    assert all(gpu("engine", name) == (name, []) for name in GPUS)


def test_an_engine_needs_a_gpu() -> None:
    with pytest.raises(UsageError, match=r"engine is built for one type of GPU.*Set gpu_type to one of: .*h100-sxm"):
        gpu("engine", " ")


def test_gpu_remarks() -> None:
    chosen, told = gpu("onnx", "l4")
    assert (chosen, len(told)) == ("", 1)
    chosen, told = gpu("engine", "rtx-9090")
    assert chosen == "rtx-9090"
    assert "rtx-9090" in told[0]
