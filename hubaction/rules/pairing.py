"""Family P: images and their labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules.misplaced import folder_of, name_of, pairing
from hubaction.rules.rule import Case, Need, Options, Repair, Rule

if TYPE_CHECKING:
    from hubaction.rules.collector import Collector
    from hubaction.rules.view import View


def _orphan(view: View, _: Options, out: Collector) -> None:
    for path in pairing(view).orphans:
        message = "a label file without an image of its name: its objects are trained on nowhere"
        out.add(Severity.WARNING, message, path, key="orphan")


def _collision(view: View, _: Options, out: Collector) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    names: dict[str, str] = {}
    for split in view.splits.values():
        for image, label in zip(split.images, split.labels, strict=True):
            owners[label].add(image)
            names.setdefault(label, split.name)
    for label, images in owners.items():
        if len(images) > 1 and label:
            first, *others = sorted(images)
            listed = ", ".join(name_of(other) for other in others[:3]) + (", ..." if len(others) > 3 else "")
            message = f"shares its label file {name_of(label)} with {listed}: each is trained with the others' objects"
            out.add(Severity.ERROR, message, first, split=names[label], key=" ".join(others))


def _misnamed(view: View, _: Options, out: Collector) -> None:
    """Label files under another name one by one; those in another folder folder by folder."""
    found = pairing(view)
    moved: Counter[tuple[str, str, str]] = Counter()
    first: dict[tuple[str, str, str], str] = {}
    for name, label, instead in found.misnamed:
        if folder_of(label) == folder_of(instead):
            message = f"the loader looks for {name_of(label)} and takes the image for background"
            out.add(Severity.ERROR, message, instead, split=name, key="misnamed")
        else:
            pair = (name, folder_of(instead), folder_of(label))
            moved[pair] += 1
            first.setdefault(pair, instead)
    for (name, here, there), count in moved.items():
        message = (
            f"{count:,} label file(s) lie in {here or 'the root'!r}, the loader looks in {there or 'the root'!r} "
            "and takes the images for background"
        )
        out.add(Severity.ERROR, message, first[name, here, there], split=name, key=f"{here} {there}")


def _beside(view: View, _: Options, out: Collector) -> None:
    found = pairing(view)
    for name, folder, count, missing, first in found.beside:
        if missing:
            message = (
                f"{count:,} .txt file(s) lie beside the images in {folder!r}, but the loader looks in a folder "
                f"'labels': {missing:,} image(s) have no label there and count as background"
            )
            out.add(Severity.ERROR, message, first, split=name, key=folder)
        else:
            message = f"{count:,} .txt file(s) lie beside the images in {folder!r}; the loader reads those in 'labels'"
            out.add(Severity.NOTE, message, first, split=name, key=folder)
    for name, first in found.flat:
        message = (
            "no folder is called 'images', so labels are read from beside the images; other tools look in 'labels'"
        )
        out.add(Severity.NOTE, message, first, split=name, key="flat")


RULES = (
    Rule(
        id="P701",
        name="label-orphan",
        tasks="dspo",
        needs=(Need.LISTING,),
        what="A label file belongs to no image.",
        why="Its objects are trained on nowhere; perhaps the image was lost or renamed.",
        fix="Bring the image back, or delete the label file.",
        bad="labels/train/street.txt without images/train/street.jpg",
        good="labels/train/street.txt and images/train/street.jpg",
        source="Exempt: classes.txt, obj.names, notes.json, README*.",
        repair=Repair.UNSAFE,
        check=_orphan,
    ),
    Rule(
        id="P702",
        name="stem-collision",
        tasks="dspo",
        needs=(Need.LISTING,),
        what="Several images share one label file, since they differ in the suffix only.",
        why="Each of them is trained with the objects of all.",
        fix="Rename one image, and give it a label file of its own.",
        bad="images/train/street.jpg and images/train/street.png",
        good="images/train/street.jpg and images/train/street-2.png",
        check=_collision,
    ),
    Rule(
        id="P703",
        name="label-misnamed",
        tasks="dspo",
        needs=(Need.LISTING,),
        what="The label of an image is there, under another name or in another folder than the loader looks for.",
        why="The image counts as background, so the model learns that its objects are none.",
        fix="Rename or move the label file: the last 'images' of the image's path becomes 'labels', the suffix .txt.",
        bad="images/train/street.jpg and labels/train/street.jpg.txt",
        good="images/train/street.jpg and labels/train/street.txt",
        repair=Repair.SAFE,
        check=_misnamed,
    ),
    Rule(
        id="P704",
        name="labels-beside-images",
        tasks="dspo",
        needs=(Need.LISTING,),
        what="Label files lie beside the images, where the loader does not look.",
        why="The images count as background, so the model learns that their objects are none.",
        fix="Move the .txt files to a folder 'labels' beside 'images'.",
        bad="images/train/street.jpg and images/train/street.txt",
        good="images/train/street.jpg and labels/train/street.txt",
        repair=Repair.SAFE,
        check=_beside,
    ),
    Rule(
        id="P707",
        name="list-entry-bad",
        tasks="dspo",
        needs=(Need.YAML, Need.LISTING),
        what="A line of an image list names no image, or the same one again.",
        why="The loader skips the line in silence, so the split is smaller than the list looks.",
        fix="Correct the path; it is relative to the list's folder or to the root, with forward slashes.",
        bad=".\\images\\train\\street.jpg",
        good="./images/train/street.jpg",
        repair=Repair.SAFE,
        cases={
            Kind.LIST_ENTRY_MISSING: Case(
                Consequence.HARMS, "{value} is not in the dataset, so it is not trained on", Severity.ERROR
            ),
            Kind.LIST_ENTRY_DUPLICATE: Case(
                Consequence.HARMS, "{value} is listed before; the loader counts it twice", Severity.ERROR
            ),
            Kind.LIST_ENTRY_BLANK: Case(Consequence.HARMS, "a blank line names no image", Severity.ERROR),
            Kind.LIST_ENTRY_UNLOADABLE: Case(
                Consequence.HARMS, "{value} has no suffix of an image, so the loader skips it", Severity.ERROR
            ),
        },
    ),
)
