"""Families I and P: image files, and images with their labels."""

from __future__ import annotations

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence
from hubaction.rules.rule import Case, Rule

RULES = (
    Rule(
        id="I601",
        name="image-unreadable",
        what="The file is not an image.",
        why="The loader drops it.",
        fix="Replace the file by the real picture; look at the step that downloaded or exported it.",
        cases={
            Kind.IMAGE_UNREADABLE: Case(Consequence.DROPS, "not an image: {reason}; it is dropped"),
            Kind.SPLIT_NO_IMAGE_LEFT: Case(
                Consequence.REJECTS, "none of the images of '{split}' is usable ({images} listed)"
            ),
        },
    ),
    Rule(
        id="I602",
        name="image-truncated",
        what="The image is cut off or damaged.",
        why="The loader drops it, or trains on a picture that is partly grey.",
        fix="Copy the file again from where it came.",
        cases={Kind.IMAGE_DAMAGED: Case(Consequence.DROPS, "a damaged {format}: {reason}; it is dropped")},
    ),
    Rule(
        id="I604",
        name="jpeg-trailing-bytes",
        what="The JPEG does not end with its end marker, though it decodes completely.",
        why="The loader writes such files anew in place, which loses quality and metadata.",
        fix="Cut the bytes after the end marker.",
        cases={
            Kind.IMAGE_REWRITTEN: Case(
                Consequence.CHANGES, "bytes follow the JPEG's end; the loader writes the file anew"
            )
        },
    ),
    Rule(
        id="I606",
        name="format-not-loaded",
        what="The content is an image format that the loader does not take.",
        why="The loader drops it, whatever its suffix says.",
        fix="Convert it to JPEG or PNG.",
        cases={Kind.IMAGE_FORMAT: Case(Consequence.DROPS, "the content is {format}, which the loader does not take")},
    ),
    Rule(
        id="I608",
        name="image-too-small",
        what="A side of the image is shorter than 10 pixels.",
        why="The loader drops it.",
        fix="Remove the image or replace it by a larger one.",
        cases={
            Kind.IMAGE_TOO_SMALL: Case(Consequence.DROPS, "{width} x {height} pixels, less than {least}; it is dropped")
        },
    ),
    Rule(
        id="I609",
        name="image-too-large",
        what="The image has more pixels or bytes than readers accept.",
        why="Pillow refuses more than 178,956,970 pixels as a decompression bomb; the image is dropped.",
        fix="Scale it down or cut it into tiles.",
        cases={Kind.IMAGE_TOO_LARGE: Case(Consequence.DROPS, "too large: {reason}; it is dropped")},
    ),
    Rule(
        id="P705",
        name="split-unlabelled",
        what="A split with images has no label file at all.",
        why="The loader stops.",
        fix="Put the labels where images/ is replaced by labels/ in each path, with the suffix .txt.",
        cases={
            Kind.SPLIT_UNLABELLED: Case(
                Consequence.REJECTS, "none of the {images} images of '{split}' has a label file, or none can be read"
            )
        },
    ),
    Rule(
        id="P706",
        name="backgrounds",
        what="Images without objects.",
        why="They count as background; a label file that is missing by mistake looks the same.",
        fix="Give a background image an empty label file, so that a missing one is a mistake.",
        cases={
            Kind.LABEL_MISSING: Case(
                Consequence.NOTE,
                "no label file at {label}, so it counts as background (images of '{split}' like this: {count})",
            ),
            Kind.SPLIT_ALL_BACKGROUND: Case(Consequence.CHANGES, "no image of '{split}' has an object"),
        },
    ),
    Rule(
        id="P707",
        name="list-entry-bad",
        what="An image list names something that is not there.",
        why="The loader skips it or stops.",
        fix="Correct the path; it is relative to the list's folder.",
        cases={Kind.LIST_ENTRY_MISSING: Case(Consequence.HARMS, "{value} is not in the dataset")},
    ),
)
