"""Family I: image files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules.rule import Case, Need, Option, Options, Repair, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.dataset.images import ImageFacts
    from hubaction.rules.collector import Collector
    from hubaction.rules.view import SplitView, View

_FORMATS = {
    "JPEG": {"jpg", "jpeg", "mpo"},
    "MPO": {"jpg", "jpeg", "mpo"},
    "PNG": {"png"},
    "BMP": {"bmp"},
    "TIFF": {"tif", "tiff", "dng"},
    "WEBP": {"webp"},
    "AVIF": {"avif"},
    "HEIF": {"heic", "heif"},
}
"""Suffixes that go with a content that the loader takes."""

_CHANNELS = {"1": 1, "L": 1, "P": 3, "RGB": 3, "YCbCr": 3, "LA": 2, "RGBA": 4}
"""Channels by Pillow mode; those missing here (CMYK, 16 bits) are reported for themselves."""

_MODE_WORDS = {"1": "black and white", "L": "grey", "LA": "grey with transparency", "P": "of a palette"}
_MODE_WORDS |= {"RGB": "RGB", "RGBA": "RGB with transparency", "YCbCr": "YCbCr"}

Image = tuple["SplitView", str, "ImageFacts"]
Columns = Mapping[str, "NDArray[np.float64]"]


def _unreadable(view: View, _: Options, out: Collector) -> None:
    """Without a reason, the container is damaged there, and A106 has said so."""
    for defect in view.defects_of(Kind.IMAGE_UNREADABLE):
        if reason := defect.detail.get("reason"):
            out.add(
                Severity.ERROR,
                f"not an image: {reason}; the loader drops it",
                defect.path,
                split=defect.split,
            )


def _not_decoded(view: View, out: Collector) -> None:
    """Note how many images were not decoded, and why the first was not."""
    reasons = [facts.pixels.skipped for _, _, facts in view.readable_images if facts.pixels and facts.pixels.skipped]
    if reasons:
        out.not_run = f"images that were not decoded: {len(reasons)}; the first: {reasons[0]}"


def _truncated(view: View, _: Options, out: Collector) -> None:
    for split, path, facts in view.readable_images:
        if facts.pixels and facts.pixels.broken:
            message = (
                f"its header is a sound {facts.format}, but its pixels cannot be decoded to the end "
                f"({facts.pixels.broken}); the loader keeps it, and training stops at it or sees grey"
            )
            out.add(Severity.ERROR, message, path, split=split.name, key="pixels")
    _not_decoded(view, out)


def _damaged(view: View, options: Options, out: Collector) -> None:
    for split, path, facts in view.readable_images:
        if not facts.pixels or not facts.pixels.damage:
            continue
        lost = facts.pixels.flat_bottom
        level = Severity.ERROR if lost >= options["lost_share"] else Severity.WARNING
        seen = f"the lowest {lost:.0%} of the picture is one flat grey" if lost >= 0.005 else "parts may be wrong"
        message = f"its data is damaged inside ({facts.pixels.damage}): {seen}, and every reader takes it in silence"
        out.add(level, message, path, split=split.name, key="damage")
    _not_decoded(view, out)


def _trailing(view: View, _: Options, out: Collector) -> None:
    for split, path, facts in view.readable_images:
        if facts.unterminated and not (facts.pixels and (facts.pixels.damage or facts.pixels.broken)):
            message = "bytes follow the end of the picture, so the loader writes the file anew in lower quality"
            out.add(Severity.WARNING, message, path, split=split.name, key="trailing")


def _mismatch(view: View, _: Options, out: Collector) -> None:
    known = {suffix for suffixes in _FORMATS.values() for suffix in suffixes} | {"jp2"}
    for split, path, facts in view.readable_images:
        suffix = path.rpartition(".")[2].lower()
        if facts.format in _FORMATS and suffix in known and suffix not in _FORMATS[facts.format]:
            message = f"the suffix says .{suffix}, the content is {facts.format}: readers that trust names fail on it"
            out.add(Severity.WARNING, message, path, split=split.name, key=facts.format)


def _not_loaded(view: View, _: Options, out: Collector) -> None:
    for defect in view.defects_of(Kind.IMAGE_FORMAT):
        name = defect.detail["format"]
        newer = name == "JPEG2000"
        effect = "older loaders drop it" if newer else "the loader drops it"
        level = Severity.WARNING if newer else Severity.ERROR
        out.add(level, f"the content is {name}: {effect}", defect.path, split=defect.split, key=f"{name}")
    for stray in view.strays:
        costs = stray.labelled or (stray.in_class and stray.split == "train")
        lost = (
            "its label is lost with it" if stray.labelled else "it is never trained on" if costs else "nobody sees it"
        )
        message = f"the loader passes over this picture: {stray.why}; {lost}"
        out.add(Severity.ERROR if costs else Severity.WARNING, message, stray.path, split=stray.split, key="stray")


def _turned(view: View, _: Options, out: Collector) -> None:
    for split, path, facts in view.readable_images:
        if facts.orientation != 1:
            message = (
                f"EXIF orientation {facts.orientation}: some readers turn the picture by it and some do not, "
                "so the labels fit only one of them"
            )
            out.add(Severity.WARNING, message, path, split=split.name, key=f"orientation {facts.orientation}")


def _too_small(view: View, options: Options, out: Collector) -> None:
    for split, path, facts in view.readable_images:
        if 10 <= min(facts.width, facts.height) < options["side_pixels"]:
            message = f"{facts.width} x {facts.height} pixels: enlarged for training, it holds next to nothing"
            out.add(Severity.WARNING, message, path, split=split.name, key="small")


def _too_large(view: View, options: Options, out: Collector) -> None:
    for split, path, facts in view.readable_images:
        pixels, member = facts.width * facts.height, view.files.get(path)
        if pixels > options["pixels"]:
            message = f"{pixels:,} pixels: Pillow warns of a decompression bomb above {int(options['pixels']):,}"
            out.add(Severity.WARNING, message, path, split=split.name, key="pixels")
        elif member and member.size > options["bytes"]:
            message = f"{member.size:,} bytes, over the {int(options['bytes']):,} that the Platform takes"
            out.add(Severity.WARNING, message, path, split=split.name, key="bytes")


def _surprising(view: View, _: Options, out: Collector) -> None:
    plain: list[Image] = []
    for image in view.readable_images:
        split, path, facts = image
        if oddity := _oddity(facts):
            out.add(Severity.WARNING, oddity, path, split=split.name, key="mode")
        elif facts.mode in _CHANNELS:
            plain.append(image)
    _other_modes(view, plain, out)


def _oddity(facts: ImageFacts) -> str:
    if facts.mode == "CMYK":
        return "CMYK, the colours of print: readers turn them into RGB each in its own way"
    if facts.bits > 8:
        return f"{facts.bits} bits a channel: training sees 8 of them, and some readers clip the rest to white"
    return "it holds several frames or pages, of which training reads one" if facts.animated else ""


def _other_modes(view: View, images: list[Image], out: Collector) -> None:
    """One fact for each mode that is not the usual one, or not what ``channels`` in data.yaml says."""
    modes = Counter(facts.mode for _, _, facts in images)
    channels = view.data.values.get("channels") if view.data else None
    expected = channels if isinstance(channels, int) and not isinstance(channels, bool) else None
    usual = min(modes, key=lambda mode: (-modes[mode], mode), default="")
    told: set[str] = set()
    for split, path, facts in images:
        differs = _CHANNELS[facts.mode] != expected if expected is not None else facts.mode != usual
        if not differs or facts.mode in told:
            continue
        told.add(facts.mode)
        norm = f"channels: {expected} in data.yaml" if expected is not None else f"most are {_MODE_WORDS[usual]}"
        message = f"{_MODE_WORDS[facts.mode]}, but {norm} ({modes[facts.mode]:,} of {len(images):,} images like this)"
        out.add(Severity.NOTE, message, path, split=split.name, key=facts.mode)


_LOOKS: tuple[tuple[str, Callable[[Columns, Options], NDArray[np.bool_]]], ...] = (
    ("nearly black: 99 % of its pixels are darker than 30 % of white", lambda q, o: q["bright"] < o["dark"]),
    ("nearly white: 95 % of its pixels are close to white", lambda q, o: 1 - q["dim"] < o["light"]),
    ("blurred: it has hardly an edge", lambda q, o: q["sharpness"] < o["blurred"]),
    ("nearly empty: it consists of a few shades", lambda q, o: q["information"] < o["information"]),
)


def _low_quality(view: View, options: Options, out: Collector) -> None:
    seen = [image for image in view.readable_images if image[2].pixels and image[2].pixels.quality]
    if seen:
        _report_looks(seen, options, out)
    _not_decoded(view, out)


def _report_looks(images: list[Image], options: Options, out: Collector) -> None:
    """Images of one shade one by one; what else is poor once for each way, with its share."""
    qualities = [facts.pixels.quality for _, _, facts in images if facts.pixels and facts.pixels.quality]
    columns = dict(zip(qualities[0]._fields, np.array(qualities).T, strict=True))
    uniform = columns["spread"] < options["uniform_levels"]
    for at in np.flatnonzero(uniform).tolist():
        spread = f"spread {columns['spread'][at]:.1f} of 255 grey levels"
        message = f"the whole picture is one shade ({spread}): there is nothing to see"
        out.add(Severity.WARNING, message, images[at][1], split=images[at][0].name, key="uniform")
    for text, applies in _LOOKS:
        hits = np.flatnonzero(applies(columns, options) & ~uniform)
        if len(hits):
            share = f"{len(hits):,} of {len(images):,} images ({len(hits) / len(images):.1%})"
            split, path, _ = images[int(hits[0])]
            out.add(Severity.NOTE, f"{text} ({share} like this)", path, split=split.name, key=text)


RULES = (
    Rule(
        id="I601",
        name="image-unreadable",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="A file with the suffix of an image is none.",
        why="The loader drops it with a line in the log; its labels are never trained on.",
        fix="Put the real picture in its place; look at the step that downloaded or exported it.",
        bad="street.jpg is a web page that says 404",
        good="street.jpg begins with ff d8 ff, the signature of JPEG",
        cases={
            Kind.IMAGE_UNREADABLE: Case(Consequence.DROPS, "not an image: {reason}; it is dropped"),
            Kind.SPLIT_NO_IMAGE_LEFT: Case(
                Consequence.REJECTS, "none of the images of '{split}' is usable ({images} listed)"
            ),
        },
        check=_unreadable,
    ),
    Rule(
        id="I602",
        name="image-truncated",
        tasks="dspoc",
        needs=(Need.HEADER, Need.PIXELS),
        what="An image is cut off: it cannot be decoded to its end.",
        why="The loader drops it where it notices; where it does not, training stops at it or skips it.",
        fix="Copy the file again from where it came.",
        bad="half of street.jpg, as an interrupted download leaves it",
        good="a street.jpg that ends in ff d9",
        source="Pillow's decode, by which the loader decides; libjpeg-turbo's strict one for JPEG.",
        repair=Repair.SAFE,
        cases={
            Kind.IMAGE_DAMAGED: Case(
                Consequence.DROPS, "a damaged {format}: {reason}; the loader drops it", Severity.ERROR
            )
        },
        check=_truncated,
    ),
    Rule(
        id="I603",
        name="jpeg-damaged",
        tasks="dspoc",
        needs=(Need.PIXELS,),
        what="A JPEG has its end marker, but bytes inside are lost or wrong.",
        why="Every reader fills the gap with grey and says nothing, so the model learns that objects are grey.",
        fix="Copy the file again from where it came.",
        bad="street.jpg of which the second half is zeros",
        good="a street.jpg that a strict decoder takes without a warning",
        source="Flat rows at the bottom: files cut at 90 % have 7 %, files with 60 flipped bytes none.",
        options={"lost_share": Option(0.05, "share (0 to 1) of flat rows at the bottom from which it is an error")},
        check=_damaged,
    ),
    Rule(
        id="I604",
        name="jpeg-trailing-bytes",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="A JPEG does not end with its end marker, though it decodes completely.",
        why="The loader writes such files anew in place, which loses quality and metadata and changes the data.",
        fix="Cut the bytes after the end marker ff d9.",
        bad="... ff d9 0a",
        good="... ff d9",
        source="The last two bytes, as the loader tests them.",
        repair=Repair.SAFE,
        cases={
            Kind.IMAGE_REWRITTEN: Case(
                Consequence.CHANGES, "bytes follow the JPEG's end; the loader writes the file anew"
            )
        },
        check=_trailing,
    ),
    Rule(
        id="I605",
        name="extension-mismatch",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="The suffix names another format than the content has.",
        why="Loaders that look at the content read it, tools that look at the name fail on it.",
        fix="Rename the file; keep the stem, so that the label still belongs to it.",
        bad="street.jpg with the content of a WebP",
        good="street.webp with the content of a WebP",
        repair=Repair.SAFE,
        check=_mismatch,
    ),
    Rule(
        id="I606",
        name="format-not-loaded",
        tasks="dspoc",
        needs=(Need.LISTING, Need.HEADER),
        what="A picture lies among the images, but the loader does not take it.",
        why="It is passed over without a word, and its label with it.",
        fix="Convert it to JPEG or PNG, with a name that does not begin with a dot.",
        bad="images/train/street.gif",
        good="images/train/street.png",
        source="The suffixes and contents that ultralytics 8.4 loads.",
        repair=Repair.UNSAFE,
        cases={Kind.IMAGE_FORMAT: Case(Consequence.DROPS, "the content is {format}, which the loader does not take")},
        check=_not_loaded,
    ),
    Rule(
        id="I607",
        name="exif-orientation",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="EXIF says that the picture has to be turned.",
        why="Labelling tools and loaders differ in whether they obey, so boxes may lie on a turned picture.",
        fix="Turn the pixels themselves and remove the tag, then look at one image with its labels.",
        bad="EXIF orientation 6",
        good="EXIF orientation 1, or no EXIF",
        source="EXIF tag 274.",
        repair=Repair.UNSAFE,
        check=_turned,
    ),
    Rule(
        id="I608",
        name="image-too-small",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="A side of the image is very short.",
        why="Below 10 pixels the loader drops it; below the network's stride of 32 there is nothing to find in it.",
        fix="Remove the image or replace it by a larger one.",
        bad="640 x 9 pixels",
        good="640 x 480 pixels",
        source="10: the loader's own test. 32: the largest stride; the official examples have 106 and more.",
        options={"side_pixels": Option(32, "shorter side in pixels below which it warns")},
        cases={
            Kind.IMAGE_TOO_SMALL: Case(
                Consequence.DROPS, "{width} x {height} pixels, less than {least}; it is dropped", Severity.ERROR
            )
        },
        check=_too_small,
    ),
    Rule(
        id="I609",
        name="image-too-large",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="The image has more pixels or bytes than readers accept.",
        why="Pillow refuses more than 178,956,970 pixels as a decompression bomb, and the image is dropped.",
        fix="Scale it down or cut it into tiles.",
        bad="20,000 x 10,000 pixels",
        good="4,000 x 3,000 pixels",
        source="Pillow's limit and half of it; 50 MB is the Platform's limit for an image.",
        options={
            "pixels": Option(89_478_485, "width times height above which it warns"),
            "bytes": Option(50_000_000, "size in bytes above which it warns"),
        },
        cases={
            Kind.IMAGE_TOO_LARGE: Case(Consequence.DROPS, "too large: {reason}; it is dropped", Severity.ERROR),
        },
        check=_too_large,
    ),
    Rule(
        id="I610",
        name="mode-surprise",
        tasks="dspoc",
        needs=(Need.HEADER,),
        what="The colours are stored in another way than in the rest of the set.",
        why="Readers convert it silently, each in its own way; a grey picture among colour ones looks unlike them.",
        fix="Convert it to what the others are, 8 bits a channel; or set 'channels' in data.yaml.",
        bad="one CMYK JPEG among RGB ones",
        good="RGB throughout",
        check=_surprising,
    ),
    Rule(
        id="I611",
        name="low-quality",
        tasks="dspoc",
        needs=(Need.PIXELS,),
        what="There is little to see in the image: it is dark, washed out, blurred, nearly empty or one shade.",
        why="Nobody could have labelled it well, and the model learns noise from it.",
        fix="Look at it; remove what a person cannot recognise either.",
        bad="a photo taken with the lens cap on",
        good="a photo with light, shade and edges",
        source="cleanvision 0.3.7's cuts, on the grey 1/8 picture: dark 0.30 for 0.32, since averaging dims "
        "the brightest pixels by 0.02; blur against contrast.",
        options={
            "dark": Option(0.3, "brightness (0 to 1) that 99 % of the pixels stay below"),
            "light": Option(0.05, "distance from white (0 to 1) that 95 % of the pixels stay within"),
            "blurred": Option(0.29, "sharpness (0 to 1) below which it counts as blurred"),
            "information": Option(0.3, "entropy of the grey values (1 = 10 bits) below which it counts as empty"),
            "uniform_levels": Option(2, "standard deviation in grey levels below which it is one shade"),
        },
        check=_low_quality,
    ),
)
