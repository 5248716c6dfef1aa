"""Arguments of an export, checked before a request. Ranges are those of the Platform's published API 0.1.9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hubaction.errors import UsageError
from hubaction.hub.formats import FORMATS, close_to
from hubaction.hub.service import Notify

QUANTIZE = tuple("8 16 32 int8 fp16 fp32 w8a8 w16a16 w32a32 w8a16 w8a32".split())

GPUS = tuple(
    "rtx-2000-ada rtx-a4500 rtx-a5000 rtx-4000-ada l4 a40 rtx-3090 rtx-a6000 rtx-pro-4000 rtx-pro-4500 rtx-4090"
    " rtx-6000-ada l40s rtx-pro-5000 rtx-5090 l40 a100-80gb-pcie a100-80gb-sxm rtx-pro-6000 h100-pcie h100-nvl h100-sxm"
    " h200-nvl h200-sxm b200 b300 jetson-thor-t5000 jetson-thor-t4000 jetson-agx-orin-64gb jetson-agx-orin-32gb"
    " jetson-orin-nx-16gb jetson-orin-nx-8gb jetson-orin-nano-8gb jetson-orin-nano-4gb".split()
)
"""What the Platform builds TensorRT engines for, as far as known."""

_YES_NO = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
OF_EVERY_FORMAT = ("imgsz", "end2end")
"""Arguments that suit every format."""

_REPLACED = {"half": "quantize=16", "int8": "quantize=8"}
_MOST = 80


@dataclass(frozen=True, slots=True)
class _Number:
    """A whole or broken number within bounds, both included."""

    low: float
    high: float
    whole: bool = True

    def read(self, text: str) -> object:
        number = int(text) if self.whole else float(text)
        if not self.low <= number <= self.high:
            raise ValueError
        return number

    def __str__(self) -> str:
        return f"a {'whole ' * self.whole}number from {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class _Flag:
    """Yes or no."""

    def read(self, text: str) -> object:
        return _YES_NO[text.lower()]

    def __str__(self) -> str:
        return "true or false"


@dataclass(frozen=True, slots=True)
class _Word:
    """One of some words; any text where there are none. Digits become a number, as the service writes them."""

    words: tuple[str, ...] = ()

    def read(self, text: str) -> object:
        if self.words and text.lower() not in self.words:
            raise ValueError
        if not self.words:
            return text
        return int(text) if text.isdecimal() else text.lower()

    def __str__(self) -> str:
        return f"one of {', '.join(self.words)}"


_KINDS: Mapping[str, _Number | _Flag | _Word] = {
    "imgsz": _Number(32, 8192),
    "quantize": _Word(QUANTIZE),
    **dict.fromkeys(("dynamic", "simplify", "nms", "end2end", "optimize", "keras"), _Flag()),
    "opset": _Number(9, 23),
    "conf": _Number(0, 1, whole=False),
    "iou": _Number(0, 1, whole=False),
    "batch": _Number(1, 32),
    "workspace": _Number(1, 16, whole=False),
    "fraction": _Number(0, 1, whole=False),
    "name": _Word(),
    "data": _Word(),
}


def checked(format: str, args: Mapping[str, object], notify: Notify) -> dict[str, object]:
    """The arguments with texts read as what they stand for; what the format does not understand is notified.

    A name that is not known is passed on, since the service may know it, unless it looks like a typo.

    Raises:
        UsageError: a value of the wrong kind or out of range, a typo, or an argument that was replaced.
    """
    read = {name: _value(name, value) for name, value in args.items()}
    known = FORMATS.get(format)
    for name in read:
        if name not in _KINDS:
            notify(f"Export argument {name[:_MOST]!r} is not known to this version; the service decides about it.")
        elif known and name not in (*known.args, *OF_EVERY_FORMAT):
            notify(f"Format {format} makes no use of the argument {name}.")
    _remark_on_target(format, str(read.get("name", "")), notify)
    return read


def gpu_for(format: str, gpu_type: str, notify: Notify) -> str:
    """The GPU type to send: '' where the format needs none.

    Raises:
        UsageError: a TensorRT engine is wanted and no GPU is named.
    """
    gpu = gpu_type.strip().lower()
    needs_gpu = format in FORMATS and FORMATS[format].needs_gpu
    if needs_gpu and not gpu:
        raise UsageError(f"Format {format} is built for one type of GPU, and none is given.", f"{_gpus()}.")
    if gpu and format in FORMATS and not needs_gpu:
        notify(f"Format {format} is not bound to a GPU; gpu_type is not sent.")
        return ""
    if gpu and gpu not in GPUS:
        notify(f"GPU type {gpu[:_MOST]!r} is not known to this version; the service decides about it.")
    return gpu


def _value(name: str, value: object) -> object:
    """A value as JSON: texts are read by the argument's kind."""
    if name in _REPLACED:
        raise UsageError(f"{name} is not an export argument of the service.", f"Use {_REPLACED[name]} instead.")
    kind = _KINDS.get(name)
    if kind is None:
        if close := close_to(name, tuple(_KINDS), 0.75):
            raise UsageError(f"There is no export argument {name[:_MOST]!r}.", f"Did you mean {close}?")
        return value
    try:
        return kind.read(str(value).strip())
    except (ValueError, KeyError):
        raise UsageError(f"Export argument {name} is {str(value)[:_MOST]!r}.", f"It must be {kind}.") from None


def _remark_on_target(format: str, target: str, notify: Notify) -> None:
    targets = FORMATS[format].targets if format in FORMATS else ()
    if target and targets and target not in targets:
        notify(f"Device {target[:_MOST]!r} is not among those known for {format}: {', '.join(targets)}.")


def _gpus() -> str:
    return f"Set gpu_type to one of: {', '.join(GPUS)}"
