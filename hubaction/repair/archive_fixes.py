"""Fixers of family A: what surrounds a dataset, its archive, junk and caches."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hubaction.dataset.classify import load_class_tree
from hubaction.dataset.images import image_format
from hubaction.dataset.source import is_junk
from hubaction.repair.edits import Delete, LeftAlone, Proposal, Rename
from hubaction.repair.tree import Tree
from hubaction.repair.view import View
from hubaction.rules.filenames import JUNK_FOLDERS, is_os_junk

_PICKLES = (b"\x80", b"\x93NUMPY", b"PK")  # first bytes of caches
_DRIVE = re.compile(r"[A-Za-z]:")


def os_junk(view: View) -> Iterator[Proposal]:
    """A107: junk of operating systems and editors goes. Proves the exact name of a part of the path; a ``._`` file that
    is a picture stays.
    """
    tree = view.tree
    for path in sorted(tree.now, reverse=True):  # what lies in a folder before the folder
        if not is_os_junk(path):
            continue
        name = path.rpartition("/")[2]
        if name.startswith("._") and not _in_junk_folder(path) and image_format((tree.read(path) or b"")[:64]):
            yield LeftAlone(path, "it is a picture")
        else:
            yield Delete(path)


def _in_junk_folder(path: str) -> bool:
    return any(part in JUNK_FOLDERS for part in path.split("/")[:-1])


def stale_cache(view: View) -> Iterator[Proposal]:
    """A110: label caches go. Proves that the content is a pickle or array, or that the file lies where loaders write
    them: beside or in a folder of its stem.
    """
    folders = view.source.folders
    for path in sorted(view.source.files):
        if path.endswith(".cache"):
            head = (view.read(path) or b"")[:8]
            if head.startswith(_PICKLES) or path.removesuffix(".cache") in folders:
                yield view.delete(path)
            else:
                yield view.leave(path, "it is neither a pickle nor beside the folder of its name")


def backslashes(view: View) -> Iterator[Proposal]:
    """A104: entries of an archive get slashes for backslashes. Proves that the new name stays within the folder and is
    not that of another entry.
    """
    tree = view.tree
    if not view.source.is_archive:
        return
    for path in sorted(path for path in tree.now if "\\" in path):
        new = path.replace("\\", "/")
        parts = new.rstrip("/").split("/")
        member = tree.origin.members[tree.now[path]]
        if {"", ".", ".."} & set(parts) or _DRIVE.match(new):
            yield LeftAlone(path, "its name would leave the folder")
        elif new.endswith("/") and member and member.size:
            yield LeftAlone(path, "it is named like a folder and holds bytes")
        else:
            yield Rename(path, new)


def top_folder(view: View) -> Iterator[Proposal]:
    """A103: everything lies in one top folder, named like the archive (without ``-fixed``), the dataset directly in it.

    Proves that every entry can be placed and that the loader finds the same images and labels before and after, or,
    where the dataset lay too deep to be found, that it finds images then.
    """
    tree = view.tree
    if not view.source.is_archive or any(is_junk(path) for path in tree.now):
        return
    top = view.final_stem.removesuffix("-fixed") + "/"
    inner = _dataset_folder(view)
    if inner is None:
        if view.task != "classify" and view.layout.data.folder:
            yield LeftAlone(view.layout.data.path, "files lie outside of the folder of data.yaml")
    elif inner != top or tree.prefix != top:
        yield from _repacked(view, inner, top)


def _repacked(view: View, inner: str, top: str) -> Iterator[Proposal]:
    """Everything from one folder in another, or nothing."""
    tree, archive = view.tree, view.source.path.name
    if tree.origin.unplaced or tree.origin.locked or top in {"/", "./", "../"} or "\\" in "".join(tree.now):
        yield LeftAlone(archive, "it holds entries that cannot be placed in a folder")
        return
    renames = {path: top + path.removeprefix(inner) for path in tree.now if path.startswith(inner) and path != inner}
    edits = [Rename(path, new) for path, new in renames.items() if new != path]
    if any(map(tree.why_not, edits)) or not _finds_the_same(view, renames):
        yield LeftAlone(archive, "the loader would not find the same images and labels in another folder")
        return
    yield from edits
    yield from (Delete(path) for path in sorted(tree.now.keys() - renames.keys(), reverse=True))


def _dataset_folder(view: View) -> str | None:
    """The outermost folder that all files share in which data.yaml or a folder ``train`` lies, with a slash; '' for the
    top level, None where there is no such folder.
    """
    names = [path for path in view.tree.now if not path.endswith("/")]
    shared, parts = "", min(names, default="").split("/")[:-1]
    for part in ["", *parts]:
        shared = f"{shared}{part}/" if part else shared
        if not all(name.startswith(shared) for name in names):
            return None
        inside = [name.removeprefix(shared) for name in names]
        if any(("/" not in name and name.endswith((".yaml", ".yml"))) or name.startswith("train/") for name in inside):
            return shared
    return None


def _finds_the_same(view: View, renames: dict[str, str]) -> bool:
    """Whether the loader finds the same images and labels after the renames."""
    after = View(_Renamed(view.tree, renames), view.task, {}, view.final_stem)
    back = {new: old for old, new in renames.items()}
    return _found(view, {}) in ([], after_paths := _found(after, back)) and bool(after_paths)


def _found(view: View, back: dict[str, str]) -> list[tuple[str, str]]:
    """Images and the labels that exist, by whole paths before the renames."""
    prefix, files = view.tree.prefix, view.source.files

    def old(path: str) -> str:
        return back.get(prefix + path, prefix + path) if path in files else ""

    if view.task == "classify":
        splits = load_class_tree(view.source, view.limits).splits
        return sorted((old(image), name) for name, split in splits.items() if split for image in split.images)
    return sorted((old(image), old(label)) for image, label in view.pairs.items())


class _Renamed(Tree):
    """A tree under other names, to try them out."""

    def __init__(self, tree: Tree, renames: dict[str, str]) -> None:
        self.__dict__.update(
            {key: value for key, value in tree.__dict__.items() if key not in {"prefix", "_known_folders"}}
        )
        self.now = {renames.get(path, path): first for path, first in tree.now.items() if path in renames}
