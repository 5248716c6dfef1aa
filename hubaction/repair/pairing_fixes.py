"""Fixers of family P: labels where the loader does not look for them, and image lists."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator

from hubaction.dataset.layout import has_image_suffix
from hubaction.repair.edits import Proposal
from hubaction.repair.label_fixes import fits_count
from hubaction.repair.labeltext import LabelText
from hubaction.repair.view import View

_NO_LABELS = frozenset({"classes.txt", "obj.names", "notes.json", "license.txt", "requirements.txt"})
_LABEL_FOLDERS = frozenset({"label", "labels", "lable", "lables"})
_MOST_CANDIDATES = 100  # files of one name; where there are more, none is certain


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _stem(path: str) -> str:
    """The path without its suffix."""
    cut = path.rfind(".")
    return path[:cut] if cut > path.rfind("/") + 1 else path


def _plain(name: str) -> str:
    """A name as far as slips leave it alone: NFC, no blanks at its ends, lower case, no suffix, no image suffix."""
    stem = _stem(unicodedata.normalize("NFC", name).strip()).strip()
    return (_stem(stem) if has_image_suffix(stem) else stem).casefold()


def _lacking(view: View) -> Iterator[tuple[str, str]]:
    """Images without a label, and the label expected; none where several images share it or a folder lies there."""
    counts = Counter(view.pairs.values())
    for image, label in view.pairs.items():
        if label and counts[label] == 1 and label not in view.source.files and label not in view.source.folders:
            yield image, label


def _spare(view: View) -> list[str]:
    """Text files that are no label of an image, no image list and none of the texts that come with a dataset."""
    taken = {*view.pairs.values(), *view.lists}
    names = ((path, path.rpartition("/")[2].casefold()) for path in view.source.files if path not in taken)
    return sorted(
        path
        for path, name in names
        if name.rstrip().endswith(".txt") and name not in _NO_LABELS and not name.startswith("readme")
    )


def _is_label(view: View, path: str) -> bool:
    """Whether a file holds nothing but rows of the task."""
    text = LabelText.parse(view.read(path)) if view.source.files[path].size <= view.limits.max_label_bytes else None
    return text is not None and all(row.values and fits_count(len(row.values), view) for row in text.rows())


def misnamed(view: View) -> Iterator[Proposal]:
    """P703: a label gets the name that the loader looks for.

    Proves that the image has no label, that exactly one file is called like it but for case, accents' encoding, blanks,
    a doubled suffix, a folder ``label`` or another depth, that it holds nothing but rows of the task, that no image
    claims it by another name, and that it is the candidate for no second image.
    """
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in _spare(view):
        by_name[_plain(path.rpartition("/")[2])].append(path)
    wanted = [
        (label, _candidates(label, by_name)) for image, label in _lacking(view) if not _beside(view, image, label)
    ]
    claims = Counter(path for _, candidates in wanted for path in candidates)
    for label, candidates in wanted:
        if len(candidates) == 1 and claims[candidates[0]] == 1 and _is_label(view, candidates[0]):
            yield view.rename(candidates[0], label)
        elif candidates:
            yield view.leave(label, f"it is not certain that {candidates[0]} is meant")


def _candidates(label: str, by_name: dict[str, list[str]]) -> list[str]:
    """Files that may be meant: those in the folder where it is sought; else at its place in a folder called like
    ``labels``; else at any depth of such a folder.
    """
    alike = by_name.get(_plain(label.rpartition("/")[2]), [])
    if len(alike) > _MOST_CANDIDATES:
        return []
    here = [path for path in alike if _folder(path) == _folder(label)]
    head, rest = _label_root(label)
    inside = [(path, *_label_root(path, like=head)) for path in alike] if rest is not None else []
    same_place = [path for path, root, below in inside if root == head and below == rest]
    anywhere = [path for path, root, below in inside if root == head and below is not None]
    return here or same_place or anywhere


def _label_root(path: str, like: str | None = None) -> tuple[str, str | None]:
    """What lies before the folder of labels, and between it and the name; None where there is no such folder."""
    parts = path.split("/")[:-1]
    places = [at for at, part in enumerate(parts) if part.casefold() in _LABEL_FOLDERS]
    if like is not None:
        places = [at for at in places if "/".join(parts[:at]) == like]
    if not places:
        return "", None
    return "/".join(parts[: places[-1]]), "/".join(parts[places[-1] + 1 :])


def _beside(view: View, image: str, label: str) -> str:
    """The text file beside an image, where the loader looks elsewhere."""
    near = f"{_stem(image)}.txt"
    return near if near != label and near in view.source.files else ""


def beside_images(view: View) -> Iterator[Proposal]:
    """P704: a label beside its image moves to where the loader looks. Proves that nothing lies there, that only one
    image expects it, and that the file holds nothing but rows of the task.
    """
    for image, label in _lacking(view):
        near = _beside(view, image, label)
        if near and near not in view.pairs.values() and _is_label(view, near):
            yield view.rename(near, label)
        elif near:
            yield view.leave(near, "it holds other things than rows of the task")


def orphans(view: View) -> Iterator[Proposal]:
    """P701, unsafe: labels without an image go. Proves that they lie in a folder in which labels of the set are sought,
    that they hold nothing but numbers, that no file of their stem lies where the image would be, and that no image of
    their name lacks a label.
    """
    folders = {_folder(label) for label in view.pairs.values() if label}
    missing = {_plain(label.rpartition("/")[2]) for _, label in _lacking(view)}
    stems = {_stem(path) for path in view.source.files if not path.casefold().endswith(".txt")}
    for path in _spare(view):
        if _folder(path) not in folders or _image_stem(path) in stems:
            continue
        if _plain(path.rpartition("/")[2]) in missing or not _is_label(view, path):
            yield view.leave(path, "an image of its name lacks a label, or it holds other things than labels")
        else:
            yield view.delete(path)


def _image_stem(label: str) -> str:
    """The path, without suffix, at which the image of a label would lie."""
    head, found, tail = f"/{label}".rpartition("/labels/")
    return _stem((f"{head}/images/{tail}" if found else f"/{label}")[1:])


def list_entries(view: View) -> Iterator[Proposal]:
    """P707: in an image list, backslashes become slashes and repeated lines go. Proves that the entry is found only
    with slashes, and of a repeat that an earlier line leads to the same file.
    """
    for path in view.lists:
        raw = view.read(path) or b""
        try:
            lines = raw.decode("utf-8").splitlines(keepends=True)
        except UnicodeDecodeError:
            yield view.leave(path, "it is not UTF-8")
            continue
        new, places = _mended_list(view, _folder(path), lines)
        if places:
            yield view.write(path, new.encode(), places)


def _mended_list(view: View, folder: str, lines: list[str]) -> tuple[str, int]:
    """The new text, and how many lines change or go."""
    seen: set[str] = set()
    kept, places = [], 0
    for line in lines:
        entry = line.strip("\ufeff").strip()
        image = _found(view, folder, entry)
        slashed = "" if image or "\\" not in entry else _found(view, folder, entry.replace("\\", "/"))
        turned, image = bool(slashed), image or slashed
        if image and image in seen:
            places += 1
            continue
        seen.add(image)
        places += turned
        kept.append(line.replace("\\", "/") if turned else line)
    return "".join(kept), places


def _found(view: View, folder: str, entry: str) -> str:
    """The file that an entry leads to, relative to the list's folder or to the root; '' for none."""
    for base in (folder, ""):
        path = "/".join(part for part in f"{base}/{entry}".split("/") if part not in {"", "."})
        if path in view.source.files:
            return path
    return ""
