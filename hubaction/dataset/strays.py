"""Pictures that lie among a split's images and yet are none of them, because the loader does not list them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hubaction.dataset.layout import Split, has_image_suffix, label_path
from hubaction.dataset.limits import MIB
from hubaction.dataset.source import DatasetSource, parents_of

OTHER_SUFFIXES = frozenset(
    "apng cr2 dib exr gif hdr heics heifs hif icns ico j2c j2k jfi jfif jif jpc jpe jpf jpm jpx jxl nef pbm pcx pfm pgm"
    " pnm ppm psd ras raw svg svgz tga xbm xpm".split()
)
"""Suffixes (lower case) of pictures that the loader does not look for."""

_TEXTS = frozenset("cache csv html ini json lock log md npy npz py pickle pkl toml txt xml yaml yml zip".split())
_MOST_UNKNOWN = 10_000  # files without a telling suffix that are looked into; each is read as a whole
_LARGEST_UNKNOWN = 64 * MIB  # bytes


@dataclass(frozen=True, slots=True)
class Stray:
    """A picture that the loader passes over.

    ``why``: what hides it, as a sentence goes on after "the loader passes over it: ". ``labelled``: a label file of
    its stem lies where the loader would look. ``in_class``: it lies in a class folder.
    """

    path: str
    split: str
    why: str
    labelled: bool = False
    in_class: bool = False


@dataclass(slots=True)
class Surroundings:
    """The files that lie among the images of the splits without being listed, by the split beside whose images.

    Attributes:
        unknown: paths whose first bytes must tell whether they are pictures; at most 10,000.
        skipped: how many more there were.
    """

    beside: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    skipped: int = 0


def surroundings(source: DatasetSource, splits: Iterable[Split], class_folders: Mapping[str, str]) -> Surroundings:
    """Files below a split's folder, or beside one of its images, that no split lists.

    Args:
        class_folders: for classify, each split's folder and name; only files in its class folders count.
    """
    splits = list(splits)
    listed = {image for split in splits for image in split.images}
    known = listed | {label for split in splits for label in split.labels}
    below, beside = _scope(splits, class_folders)
    found = Surroundings()
    for path in sorted(path for path in source.files.keys() - known if not is_left_behind(path)):
        folder = path.rpartition("/")[0]
        split = beside.get(folder) or next((below[up] for up in parents_of(path) if up in below), None)
        if split and not (class_folders and folder in class_folders):
            found.beside[path] = split
    unknown = [path for path in found.beside if _is_unknown(source, path)]
    found.unknown, found.skipped = unknown[:_MOST_UNKNOWN], max(0, len(unknown) - _MOST_UNKNOWN)
    return found


def strays(source: DatasetSource, found: Surroundings, formats: Mapping[str, str], *, classify: bool) -> list[Stray]:
    """The pictures among them; ``formats`` are those of the unknown files, as far as they are pictures."""
    pictures = ((path, split, _why(path, formats, classify=classify)) for path, split in found.beside.items())
    return [
        Stray(path, split, why, not classify and label_path(source.top, path) in source.files, classify)
        for path, split, why in pictures
        if why
    ]


def _scope(splits: list[Split], class_folders: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Folders in which, at any depth, and folders in which, directly, a picture is taken for one of a split."""
    if class_folders:
        return dict(class_folders), {}
    beside: dict[str, str] = {}
    below: dict[str, str] = {}
    for split in splits:
        folders = {image.rpartition("/")[0] for image in split.images}
        beside |= dict.fromkeys(folders, split.name)
        top = os.path.commonpath([folder or "." for folder in folders]) if "" not in folders else ""
        below |= {folder: split.name for folder in (top, *folders) if folder}
    return below, beside


def is_left_behind(path: str) -> bool:
    """Whether a tool left the file behind: rule A107 speaks of those."""
    return "/._" in f"/{path}" or ".ipynb_checkpoints/" in path


def _is_unknown(source: DatasetSource, path: str) -> bool:
    suffix = _suffix(path)
    known = has_image_suffix(path) or suffix in OTHER_SUFFIXES or suffix in _TEXTS
    return not known and 8 <= source.files[path].size <= _LARGEST_UNKNOWN


def _suffix(path: str) -> str:
    stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return suffix.lower() if dot and stem else ""


def _why(path: str, formats: Mapping[str, str], *, classify: bool) -> str:
    """What keeps the loader from listing a picture; '' for what is no picture."""
    suffix = _suffix(path)
    if path in formats:
        ending = f"its suffix .{suffix} is none of an image" if suffix else "it has no suffix"
        return f"{ending}, though its content is {formats[path]}"
    if suffix in OTHER_SUFFIXES:
        return f"the suffix .{suffix} is not one that it looks for"
    if not has_image_suffix(path):
        return ""
    if classify:
        return f"older loaders do not look for .{suffix}"
    return "its name or folder begins with a dot" if path.startswith(".") or "/." in path else ""
