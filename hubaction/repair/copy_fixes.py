"""Fixer of V805: the same picture twice in one split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hubaction.dataset.classify import load_class_tree
from hubaction.dataset.copies import find_copies
from hubaction.repair.edits import Proposal
from hubaction.repair.labeltext import LabelText
from hubaction.repair.view import View


def copies_in_split(view: View) -> Iterator[Proposal]:
    """V805, unsafe: of pictures with the same bytes in one split the first stays, the others go with their labels.

    Proves equal bytes, equal labels (or the same class folder), that no other image uses the label, and that the
    picture is in no other split and no image list.
    """
    splits = _splits(view)
    uses = Counter(image for images in splits.values() for image in images)
    for images in splits.values():
        for first, *others in find_copies(view.source, images):
            for path in others:
                reason = _why_not(view, first, path, uses)
                yield view.leave(path, reason) if reason else view.delete(path)
                label = view.pairs.get(path)
                if not reason and label in view.source.files:
                    yield view.delete(label or "")


def _splits(view: View) -> dict[str, list[str]]:
    if view.task == "classify":
        tree = load_class_tree(view.source, view.limits).splits
        return {name: split.images for name, split in tree.items() if split}
    return {name: split.images for name, split in view.layout.splits.items() if split}


def _why_not(view: View, first: str, other: str, uses: Counter[str]) -> str:
    if uses[other] > 1:
        return "it is in another split as well"
    if view.task == "classify":
        return "" if first.rpartition("/")[0] == other.rpartition("/")[0] else "its copy is of another class"
    if view.lists:
        return "an image list may name it"
    label = view.pairs[other]
    if Counter(view.pairs.values())[label] > 1:
        return "another image uses its label"
    if any(view.tree.why_not(view.delete(path)) for path in (other, label) if path in view.source.files):
        return "it is reached through a symbolic link"
    same = _rows(view, view.pairs[first]) == _rows(view, label) is not None
    return "" if same else f"its label differs from that of {first}"


def _rows(view: View, label: str) -> frozenset[tuple[float, ...] | None] | None:
    """The rows of a label; none where it is missing, None where it cannot be read."""
    if label not in view.source.files:
        return frozenset()
    text = LabelText.parse(view.read(label))
    return frozenset(row.values for row in text.rows()) if text else None
