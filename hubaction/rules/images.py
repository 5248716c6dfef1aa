"""Family I: image files."""

from __future__ import annotations

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence
from hubaction.rules.rule import Case, Need, Rule

RULES = (
    Rule(
        id="I601",
        name="image-unreadable",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="The file is not an image.",
        why="The loader drops it.",
        fix="Replace the file by the real picture; look at the step that downloaded or exported it.",
        bad="",
        good="",
        cases={
            Kind.IMAGE_UNREADABLE: Case(Consequence.DROPS, "not an image: {reason}; it is dropped"),
            Kind.SPLIT_NO_IMAGE_LEFT: Case(Consequence.REJECTS, "none of the {images} images of this split is usable"),
        },
    ),
    Rule(
        id="I602",
        name="image-truncated",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="The image is cut off or damaged.",
        why="The loader drops it, or trains on a picture that is partly grey.",
        fix="Copy the file again from where it came.",
        bad="",
        good="",
        cases={Kind.IMAGE_DAMAGED: Case(Consequence.DROPS, "a damaged {format}: {reason}; it is dropped")},
    ),
    Rule(
        id="I604",
        name="jpeg-trailing-bytes",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="The JPEG does not end with its end marker, though it decodes completely.",
        why="The loader writes such files anew in place, which loses quality and metadata.",
        fix="Cut the bytes after the end marker.",
        bad="",
        good="",
        cases={
            Kind.IMAGE_REWRITTEN: Case(
                Consequence.CHANGES, "bytes follow the JPEG's end; the loader writes the file anew"
            )
        },
    ),
    Rule(
        id="I606",
        name="format-not-loaded",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="The content is an image format that the loader does not take.",
        why="The loader drops it, whatever its suffix says.",
        fix="Convert it to JPEG or PNG.",
        bad="",
        good="",
        cases={Kind.IMAGE_FORMAT: Case(Consequence.DROPS, "the content is {format}, which the loader does not take")},
    ),
    Rule(
        id="I608",
        name="image-too-small",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="A side of the image is shorter than 10 pixels.",
        why="The loader drops it.",
        fix="Remove the image or replace it by a larger one.",
        bad="",
        good="",
        cases={
            Kind.IMAGE_TOO_SMALL: Case(Consequence.DROPS, "{width} x {height} pixels, less than {least}; it is dropped")
        },
    ),
    Rule(
        id="I609",
        name="image-too-large",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="The image has more pixels or bytes than readers accept.",
        why="Pillow refuses more than 178,956,970 pixels as a decompression bomb; the image is dropped.",
        fix="Scale it down or cut it into tiles.",
        bad="",
        good="",
        cases={Kind.IMAGE_TOO_LARGE: Case(Consequence.DROPS, "too large: {reason}; it is dropped")},
    ),
)
