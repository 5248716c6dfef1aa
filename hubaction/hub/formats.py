"""What models are exported to: names, suffixes and arguments, as the clients knew them when this version was made.

Sources: the export table of ultralytics 8.4.114 (the last client of HUB) and of 8.4.190, the published description of
the Platform's API 0.1.9 (August 2026) and its client library 0.1.99. No service lists its formats, so they may grow.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from hubaction.errors import UsageError
from hubaction.hub.service import Notify

_MOST = 80  # characters of a name that is wrong anyway
_TYPO = 0.75  # of difflib: 'onxx' is a typo of onnx (0.75); 'coreai' was new beside coreml (0.67)
_ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Format:
    """An export format.

    Attributes:
        suffix: of the exported file or folder; '' where nobody tells.
        args: arguments that the exporter understands beside those that suit every format.
        targets: devices that the argument ``name`` may name, as far as known.
        needs_gpu: the Platform wants to know on which GPU to build it.
        folder: the exporter makes a folder, which arrives as an archive.
    """

    name: str
    suffix: str
    args: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    needs_gpu: bool = False

    @property
    def folder(self) -> bool:
        return self.suffix.endswith("/")


def _format(name: str, suffix: str, args: str, targets: str = "", *, needs_gpu: bool = False) -> Format:
    return Format(name, suffix, tuple(args.split()), tuple(targets.split()), needs_gpu)


_RKNN = "rk3588 rk3576 rk3566 rk3568 rk3562 rv1103 rv1106 rv1103b rv1106b rk2118 rv1126b"
_QNN = "68 69 73 75 79 81 iq-8275 qcs8275"
_HAILO = "hailo8 hailo8l hailo10h hailo15h hailo15l"
_ASCEND = "Ascend310P3 Ascend310P1 Ascend310B4 Ascend310B1"
_ENGINE = "batch data dynamic quantize opset simplify workspace nms fraction"

_TABLE = (
    _format("torchscript", ".torchscript", "batch quantize nms dynamic"),
    _format("onnx", ".onnx", "batch data dynamic quantize opset simplify nms fraction"),
    _format("openvino", "_openvino_model/", "batch data dynamic quantize nms fraction"),
    _format("engine", ".engine", _ENGINE, needs_gpu=True),
    _format("coreml", ".mlpackage", "batch dynamic quantize nms"),
    _format("coreai", ".aimodel", "batch quantize"),
    _format("saved_model", "_saved_model/", "batch data fraction quantize opset nms keras"),
    _format("pb", ".pb", "batch opset"),
    _format("edgetpu", "_edgetpu.tflite", "data fraction quantize opset"),
    _format("litert", ".tflite", "batch quantize data fraction"),
    _format("paddle", "_paddle_model/", "batch"),
    _format("mnn", ".mnn", "batch dynamic quantize opset simplify nms"),
    _format("ncnn", "_ncnn_model/", "batch quantize"),
    _format("imx", "_imx_model/", "data quantize fraction nms"),
    _format("rknn", "_rknn_model/", "batch name quantize opset simplify data fraction", _RKNN),
    _format("executorch", "_executorch_model/", "batch"),
    _format("axelera", "_axelera_model/", "batch quantize fraction data"),
    _format("deepx", "_deepx_model/", "data quantize opset simplify optimize"),
    _format("qnn", "_qnn.onnx", "batch name quantize opset simplify fraction data", _QNN),
    _format("hailo", "_hailo_model/", "name quantize data fraction simplify conf iou", _HAILO),
    _format("ascend", "_ascend_model/", "batch name quantize opset simplify nms", _ASCEND),
    _format("xilinx", "_xilinx_model/", "name quantize data fraction opset simplify"),
    _format("ultralytics_tflite", "", ""),
    _format("ultralytics_coreml", "", ""),
)

FORMATS = {row.name: row for row in _TABLE}

HUB_FORMATS = tuple(
    "torchscript onnx openvino engine coreml saved_model pb edgetpu paddle mnn ncnn imx rknn executorch axelera deepx"
    " qnn litert hailo ascend ultralytics_tflite ultralytics_coreml".split()
)
"""In the order of the last client of HUB."""

PLATFORM_FORMATS = tuple(
    "torchscript onnx openvino engine coreml coreai saved_model pb edgetpu litert paddle mnn ncnn imx rknn executorch"
    " axelera deepx qnn hailo ascend xilinx".split()
)
"""In the order of the Platform's client library."""

_NOW = {
    "tflite": ("litert", ""),
    "ultralytics_tflite": ("litert", ""),
    "ultralytics_coreml": ("coreml", " The Platform can make a mobile import link for it on its page."),
    "tensorrt": ("engine", ""),
    "trt": ("engine", ""),
}
"""Names that went, and those that took their place."""

_GONE = {"tfjs": "Take saved_model or onnx and convert it with TensorFlow.js's own converter."}


def resolve(
    text: str,
    names: Sequence[str],
    notify: Notify,
    published: Callable[[], Collection[str]] = frozenset,
) -> str:
    """The format that a user means, as one of a service's ``names``; a name that was translated is notified.

    A typo of a known name and a name that no longer exists fail without a request. Any other unknown name may be
    newer than this version: then, and only then, ``published`` asks the service which names it publishes.

    Raises:
        UsageError: no name, a typo, or a name that neither we nor the service know.
    """
    name = text.strip().lower()
    if not name:
        raise UsageError("No export format is given.", _choose(names))
    if name in names:
        return name
    if name in _NOW and _NOW[name][0] in names:
        new, remark = _NOW[name]
        notify(f"Format {name} is now called {new}.{remark}")
        return new
    if name in _GONE:
        raise UsageError(f"Nothing is exported to {name} any more.", _GONE[name])
    if not close_to(name, names, _TYPO) and name in published():
        notify(f"Format {name} is newer than this version, but the service publishes it.")
        return name
    raise _unknown(name, names)


def close_to(name: str, names: Collection[str], cutoff: float = _ALIKE) -> str:
    """The known name that is most like another one, '' where none is; ``cutoff`` is difflib's ratio from 0 to 1."""
    return next(iter(difflib.get_close_matches(name[:_MOST], names, n=1, cutoff=cutoff)), "")


def _unknown(name: str, names: Sequence[str]) -> UsageError:
    close = close_to(name, names)
    asked = f"Did you mean {close}? " if close else ""
    return UsageError(f"The service has no export format {name[:_MOST]!r}.", asked + _choose(names))


def _choose(names: Sequence[str]) -> str:
    return f"Choose one of: {', '.join(names)}."
