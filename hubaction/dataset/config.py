"""What data.yaml says of classes and keypoints, by the loader's own conversions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from hubaction.dataset.datayaml import DataYaml
from hubaction.dataset.defects import Kind, shown

SPLITS = ("train", "val", "test")

_MISSPELT = {
    "train": {"train", "training", "trian", "tran", "trains", "train_images"},
    "val": {"val", "valid", "vaild", "validate", "vals", "eval", "dev", "val_images"},
}
"""Keys that people write for the two that the loader asks for; compared without case and outer blanks."""

_MOST_CLASSES = 1_000_000  # names made up for a bare 'nc'; the Platform takes 25,000
_MOST_KEYPOINTS = 100_000
_WORDNET = re.compile(r"n\d{8}")


@dataclass(slots=True)
class ClassNames:
    """Class names as the loader converts them.

    Attributes:
        names: the names in the order of the mapping, which is index order in a sound file.
        nc: length of the count vectors. It differs from ``len(names)`` only where keys collapse, such as 0 and "0".
    """

    names: list[str] = field(default_factory=list)
    nc: int = 0


def read_names(data: DataYaml) -> ClassNames:
    """Classes by the loader's steps; a step that it refuses leaves a defect in ``data``."""
    names, has_nc = data.values.get("names"), "nc" in data.values
    if names is None and not has_nc:
        data.add(Kind.NAMES_INVALID, "names", reason="there is neither 'names' nor 'nc'")
        return ClassNames()
    nc = _read_nc(data) if has_nc else None
    if names is None:
        return _generated(data, nc or 0)
    if not isinstance(names, list | dict):
        data.add(Kind.NAMES_INVALID, "names", reason=f"'names' is neither a list nor a mapping but {shown(names)}")
        return ClassNames()
    if nc is not None and nc != len(names):
        data.add(Kind.NAMES_INVALID, "nc", reason=f"'nc' is {nc} but 'names' has {len(names)} entries")
    return _converted(data, names)


def _read_nc(data: DataYaml) -> int | None:
    """``nc`` as the loader converts it: an int, or anything that float() finds integral."""
    value = data.values["nc"]
    if isinstance(value, int):
        return int(value)
    try:
        number = float(value)
        if number.is_integer():
            return int(number)
    except (TypeError, ValueError):
        pass
    data.add(Kind.NAMES_INVALID, "nc", reason=f"'nc' must be a whole number, not {shown(value)}")
    return None


def _generated(data: DataYaml, nc: int) -> ClassNames:
    data.add(Kind.NAMES_GENERATED, "nc", nc=nc)
    if nc <= 0 or isinstance(data.values["nc"], bool):
        data.add(Kind.NAMES_INVALID, "nc", reason=f"'nc' is {shown(data.values['nc'])}, so there is no class")
    count = min(max(nc, 0), _MOST_CLASSES)
    return ClassNames([f"class_{i}" for i in range(count)], count)


def _converted(data: DataYaml, names: list[Any] | dict[Any, Any]) -> ClassNames:
    nc = len(names)
    pairs = list(names.items()) if isinstance(names, dict) else list(enumerate(names))
    try:
        mapping = {int(key): str(value) for key, value in pairs}
    except (TypeError, ValueError, OverflowError):
        data.add(Kind.NAMES_INVALID, "names", reason="the keys of 'names' must be whole numbers")
        return ClassNames()
    if not mapping:
        data.add(Kind.NAMES_INVALID, "names", reason="'names' is empty")
        return ClassNames()
    _check_keys(data, mapping)
    if mapping.get(0, "").startswith("n0"):
        _check_wordnet(data, mapping)
    return ClassNames(list(mapping.values()), nc)


def _check_wordnet(data: DataYaml, mapping: dict[int, str]) -> None:
    """Name 0 looks like an ImageNet code, so the loader looks all names up in its table of such codes."""
    data.add(Kind.NAMES_IMAGENET, "names", 0, name=mapping[0])
    for index, name in mapping.items():
        if not _WORDNET.fullmatch(name):
            reason = f"{shown(name)} is no ImageNet code, as all names must be when name 0 starts with n0"
            data.add(Kind.NAMES_INVALID, "names", index, reason=reason)
            return


def _check_keys(data: DataYaml, mapping: dict[int, str]) -> None:
    count = len(mapping)
    if (highest := max(mapping)) >= count:
        reason = f"{count} names need the indices 0 to {count - 1}, but {highest} is used"
        data.add(Kind.NAMES_INVALID, "names", highest, reason=reason)
    elif 0 not in mapping:
        data.add(Kind.NAMES_INVALID, "names", reason="index 0 is missing")
    elif (lowest := min(mapping)) < 0:
        data.add(Kind.NAMES_KEYS_ODD, "names", lowest, key=lowest)


def read_split_values(data: DataYaml) -> dict[str, Any]:
    """The raw values of train, val and test; a missing key leaves a defect."""
    values = data.values
    if "val" not in values and "validation" in values:
        data.add(Kind.VALIDATION_RENAMED, "validation")
        data.lines.setdefault(("val",), data.lines.get(("validation",), 1))
        values = {**values, "val": values["validation"]}
    for key, spellings in _MISSPELT.items():
        if key not in values:
            near = next((str(other) for other in values if str(other).strip().casefold() in spellings), "")
            data.add(Kind.SPLIT_KEY_MISSING, near or key, key=key, near=f"; the file has '{near:.40}'" if near else "")
    for key in (*SPLITS, "minival"):
        if not could_be_paths(values.get(key)):
            data.add(Kind.SPLIT_TYPE, key, split=key, value=shown(values[key]))
    return {name: values.get(name) for name in SPLITS}


def could_be_paths(value: Any) -> bool:
    """Whether the loader can join the value, or each of its elements, to a folder; nothing is fine, too."""
    if isinstance(value, str):
        parts = [len(part.encode("utf-8", "replace")) for part in value.split("/")]
        return "\0" not in value and max(parts) <= 255 and sum(parts) + len(parts) < 4000
    return not value or (isinstance(value, list | dict) and all(isinstance(one, str) for one in value))


@dataclass(frozen=True, slots=True)
class Keypoints:
    """``kpt_shape``: number of keypoints and values of each (2: x y, 3: x y visibility); zeros outside pose."""

    count: int = 0
    dims: int = 0

    @property
    def columns(self) -> int:
        return self.count * self.dims


def read_keypoints(data: DataYaml, task: str) -> Keypoints | None:
    """``kpt_shape`` for pose. None where the loader fails on it, whatever the task; a defect says why."""
    shape = data.values.get("kpt_shape", [0, 0])
    if not isinstance(shape, list | dict | str) or len(shape) != 2:
        data.add(Kind.KPT_SHAPE, "kpt_shape", reason=f"it must be a list of two numbers, not {shown(shape)}")
        return None
    if task != "pose":
        return Keypoints()
    count, dims = shape if isinstance(shape, list) else (None, None)
    if type(count) is not int or type(dims) is not int or not 0 < count <= _MOST_KEYPOINTS or dims not in {2, 3}:
        given = f"not {shown(shape)}" if "kpt_shape" in data.values else "and it is missing"
        data.add(Kind.KPT_SHAPE, "kpt_shape", reason=f"pose needs [number of keypoints, 2 or 3], {given}")
        return None
    return Keypoints(count, dims)


def check_flip_idx(data: DataYaml, keypoints: Keypoints) -> None:
    """``flip_idx`` as the loader checks it after a pose split was read: its length, not its values."""
    flip = data.values.get("flip_idx", [])
    if not isinstance(flip, list | dict | str):
        data.add(Kind.FLIP_IDX, "flip_idx", reason=f"it must be a list, not {shown(flip)}")
    elif not flip:
        data.add(Kind.FLIP_IDX_MISSING, "flip_idx")
    elif len(flip) != keypoints.count:
        data.add(Kind.FLIP_IDX, "flip_idx", reason=f"it has {len(flip)} entries for {keypoints.count} keypoints")
