"""A dataset in a folder as a zip to send: data.yaml, the images of its splits and their labels, and nothing else."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from hubaction.dataset.classify import ClassSplit, load_class_tree
from hubaction.dataset.datayaml import Loader
from hubaction.dataset.layout import Layout, Split, has_image_suffix, label_path, load_layout
from hubaction.dataset.limits import Limits
from hubaction.dataset.source import DatasetSource, Member, Reader, ReadError
from hubaction.errors import DatasetUnreadable, UsageError
from hubaction.report.escape import visible

TOP = "dataset"
"""The archive's only top folder."""

_KEPT = ("kpt_shape", "flip_idx", "kpt_names")
"""What of data.yaml goes along beside names and splits. ``path`` and ``download`` mean something here only."""

_WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold: equal datasets give equal archives
_MODE = 0o100644 << 16
_UNIX = 3


def pack(source: DatasetSource, task: str, limits: Limits, target: Path) -> None:
    """Write the archive. Images are stored as they are, since they are compressed already; texts are deflated.

    Raises:
        DatasetUnreadable: a file cannot be read any more.
        UsageError: the archive cannot be written, or a file name is none that an archive can hold.
    """
    try:
        with zipfile.ZipFile(target, "w") as archive, source.open() as reader:
            for name, content in _contents(source, task, limits):
                _add(archive, name, _bytes(reader, content))
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"The archive to send cannot be written: {reason}.", "Make room for it, or zip it yourself."
        ) from error


def _contents(source: DatasetSource, task: str, limits: Limits) -> Iterator[tuple[str, Member | bytes]]:
    """Name and content of each entry, in their order."""
    if task == "classify":
        named = dict(_classified(source, limits))
    else:
        layout = load_layout(source, Loader.CURRENT, limits)
        yield "data.yaml", _data_yaml(layout)
        named = {name: path for split in _splits(layout) for name, path in _labelled(source, split)}
    for name in sorted(named):
        yield name, source.files[named[name]]


def _splits(layout: Layout) -> list[Split]:
    return [split for split in layout.splits.values() if split]


def _data_yaml(layout: Layout) -> bytes:
    """Class names by index, where each split lies in the archive, and what belongs to the task."""
    values: dict[str, Any] = {split.name: f"images/{split.name}" for split in _splits(layout)}
    values["names"] = dict(enumerate(layout.classes.names))
    values |= {key: layout.data.values[key] for key in _KEPT if key in layout.data.values}
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True).encode("utf-8")


def _labelled(source: DatasetSource, split: Split) -> Iterator[tuple[str, str]]:
    """Entry and path of the images of a split and of their labels, both where a loader looks for them."""
    base = posixpath.commonpath([posixpath.dirname(image) for image in split.images])
    for image, label in zip(split.images, split.labels, strict=True):
        name = f"images/{split.name}/{posixpath.relpath(image, base or '.')}"
        yield name, image
        if label in source.files:
            yield label_path(TOP, name), label


def _classified(source: DatasetSource, limits: Limits) -> Iterator[tuple[str, str]]:
    """Entry and path of the images of a class tree; one without splits stays as it is."""
    splits = [split for split in load_class_tree(source, limits).splits.values() if split]
    if any(split.random for split in splits):
        yield from ((path, path) for path in source.files if "/" in path and has_image_suffix(path))
    for split in splits:
        yield from ((_in_split(split, path), path) for path in split.images)


def _in_split(split: ClassSplit, path: str) -> str:
    return f"{split.name}/{path[len(split.folder) + 1 :]}"


def _bytes(reader: Reader, content: Member | bytes) -> bytes:
    if isinstance(content, bytes):
        return content
    try:
        return reader.read(content)
    except ReadError as error:
        cause = f"{visible(content.path)} cannot be read any more: {error.reason}."
        raise DatasetUnreadable(cause, "Leave the dataset alone while it is uploaded.") from error


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(f"{TOP}/{name}", _WHEN)
    entry.create_system, entry.external_attr = _UNIX, _MODE
    entry.compress_type = zipfile.ZIP_STORED if has_image_suffix(name) else zipfile.ZIP_DEFLATED
    try:
        archive.writestr(entry, data)
    except UnicodeEncodeError:
        raise UsageError(f"The file name {visible(name)} is no UTF-8.", "Rename the file.") from None
