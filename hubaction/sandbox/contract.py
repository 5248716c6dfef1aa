"""What the Platform's published contract (OpenAPI 0.1.9, SDK 0.1.99) lets into a request.

Written apart from the client's own tables on purpose: were both one table, an error in it would never show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from hubaction.sandbox.answers import Refusal

SUFFIXES = {
    "torchscript": ".torchscript",
    "onnx": ".onnx",
    "openvino": "_openvino_model/",
    "engine": ".engine",
    "coreml": ".mlpackage",
    "coreai": ".aimodel",
    "saved_model": "_saved_model/",
    "pb": ".pb",
    "edgetpu": "_edgetpu.tflite",
    "litert": ".tflite",
    "paddle": "_paddle_model/",
    "mnn": ".mnn",
    "ncnn": "_ncnn_model/",
    "imx": "_imx_model/",
    "rknn": "_rknn_model/",
    "executorch": "_executorch_model/",
    "axelera": "_axelera_model/",
    "deepx": "_deepx_model/",
    "qnn": "_qnn.onnx",
    "hailo": "_hailo_model/",
    "ascend": "_ascend_model/",
    "xilinx": "_xilinx_model/",
}
"""The Platform's formats in order, and how their files end; a suffix with a slash is a folder."""
HUB_FORMATS = (
    "torchscript onnx openvino engine coreml saved_model pb edgetpu paddle mnn ncnn imx rknn executorch axelera deepx "
    "qnn litert hailo ascend ultralytics_tflite ultralytics_coreml tflite tfjs"
).split()
"""HUB's formats: the last client's in order, and the two that older clients had."""
MOBILE = {"coreml", "coreai", "litert"}
TARGETS = {
    "rknn": "rk3588 rk3576 rk3566 rk3568 rk3562 rv1103 rv1106 rv1103b rv1106b rk2118 rv1126b".split(),
    "qnn": "68 69 73 75 79 81 iq-8275 qcs8275".split(),
    "hailo": "hailo8 hailo8l hailo10h hailo15h hailo15l".split(),
    "ascend": "Ascend310P3 Ascend310P1 Ascend310B4 Ascend310B1".split(),
}
"""Devices that the argument ``name`` can have, for the formats that are made for one."""
GPU_TYPES = (
    "rtx-2000-ada rtx-a4500 rtx-a5000 rtx-4000-ada l4 a40 rtx-3090 rtx-a6000 rtx-pro-4000 rtx-pro-4500 rtx-4090 "
    "rtx-6000-ada l40s rtx-pro-5000 rtx-5090 l40 a100-80gb-pcie a100-80gb-sxm rtx-pro-6000 h100-pcie h100-nvl "
    "h100-sxm h200-nvl h200-sxm b200 b300 jetson-thor-t5000 jetson-thor-t4000 jetson-agx-orin-64gb "
    "jetson-agx-orin-32gb jetson-orin-nx-16gb jetson-orin-nx-8gb jetson-orin-nano-8gb jetson-orin-nano-4gb"
).split()
TASKS = "detect segment semantic depth classify pose obb".split()
STATUSES = "pending untrained starting running completed failed cancelled".split()
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_QUANTIZE = [8, 16, 32, *"8 16 32 int8 fp16 fp32 w8a8 w16a16 w32a32 w8a16 w8a32".split()]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a request: whether a value fits, and what to say where it does not."""

    fits: Callable[[object], bool]
    says: str
    required: bool = False


def one_of(accepted: Collection[object], *, required: bool = False) -> Field:
    """One of some words or whole numbers."""
    words = ", ".join(str(word) for word in accepted)
    return Field(lambda value: _is_plain(value) and value in accepted, f"one of {words}", required)


def text(low: int, high: int, *, required: bool = False) -> Field:
    """Text of so many characters, not blank and without control characters."""

    def fits(value: object) -> bool:
        return (
            isinstance(value, str) and low <= len(value) <= high and bool(value.strip()) and not _CONTROL.search(value)
        )

    return Field(fits, f"text of {low} to {high} characters", required)


def slug(low: int, high: int, *, required: bool = False) -> Field:
    """A slug of so many characters."""
    return Field(lambda value: is_slug(value, low, high), f"a slug of {low} to {high} characters", required)


def number(low: float, high: float, *, whole: bool = False, required: bool = False) -> Field:
    """A number in a range, its ends included."""

    def fits(value: object) -> bool:
        is_number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        return is_number and low <= value <= high  # type: ignore[operator]  # is_number has looked

    return Field(fits, f"{'an integer' if whole else 'a number'} from {low} to {high}", required)


def flag() -> Field:
    """True or false."""
    return Field(lambda value: isinstance(value, bool), "true or false")


def mapping(*, null: bool = False) -> Field:
    """An object, whatever is in it; or null where that is allowed."""
    return Field(lambda value: isinstance(value, dict) or (null and value is None), "an object")


def texts(count: int, length: int) -> Field:
    """A list of texts."""

    def fits(value: object) -> bool:
        return isinstance(value, list) and len(value) <= count and all(text(1, length).fits(one) for one in value)

    return Field(fits, f"at most {count} texts of 1 to {length} characters")


def mappings() -> Field:
    """A list of objects, whatever is in them."""
    return Field(lambda value: isinstance(value, list) and all(isinstance(one, dict) for one in value), "objects")


def is_slug(value: object, low: int = 1, high: int = 128) -> bool:
    """Whether a value is a slug of so many characters: words of lower case and digits, joined by single hyphens."""
    return isinstance(value, str) and low <= len(value) <= high and _SLUG.fullmatch(value) is not None


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def accept(fields: Mapping[str, Field], body: object, where: str = "") -> dict[str, object]:
    """The body, which fits the fields. Raises Refusal (400), with the words of the first one that does not."""
    if not isinstance(body, dict):
        raise Refusal(400, f"{where or 'body'}: expected an object")
    for name in body:
        if name not in fields:
            raise Refusal(400, f"{where}{name}: unrecognized key")
    for name, field in fields.items():
        if name not in body and field.required:
            raise Refusal(400, f"{where}{name}: required")
        if name in body and not field.fits(body[name]):
            raise Refusal(400, f"{where}{name}: must be {field.says}")
    return body


EXPORT_ARGS = {
    "imgsz": number(32, 8192, whole=True),
    "quantize": one_of(_QUANTIZE),
    **dict.fromkeys("dynamic simplify nms end2end optimize keras".split(), flag()),
    "opset": number(9, 23, whole=True),
    "conf": number(0, 1),
    "iou": number(0, 1),
    "batch": number(1, 32, whole=True),
    "workspace": number(1, 16),
    "name": text(1, 64),
}


def export_request(body: object, more_formats: Collection[str]) -> dict[str, object]:
    """The request for an export that is within the contract. Raises Refusal (400)."""
    fields = {
        "format": one_of([*SUFFIXES, *more_formats], required=True),
        "gpuType": one_of(GPU_TYPES),
        "args": mapping(null=True),
    }
    given = accept(fields, body)
    name, args = str(given["format"]), accept(EXPORT_ARGS, given.get("args") or {}, "args.")
    if name == "engine" and "gpuType" not in given:
        raise Refusal(400, f"gpuType: required for engine, one of {', '.join(GPU_TYPES)}")
    if "name" in args and args["name"] not in TARGETS.get(name, [args["name"]]):
        raise Refusal(400, f"args.name: must be one of {', '.join(TARGETS[name])}")
    return given
