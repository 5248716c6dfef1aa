"""Fixers of family I: the ends of JPEG files, and suffixes."""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image

from hubaction.dataset.images import END_OF_IMAGE, ImageFacts, ImageStatus, inspect_image
from hubaction.dataset.layout import label_path
from hubaction.dataset.pixels import MAX_PIXELS
from hubaction.repair.edits import Proposal
from hubaction.repair.jpeg import walk
from hubaction.repair.view import View

_SUFFIXES = {
    "JPEG": ("jpg", "jpeg", "mpo"),
    "MPO": ("jpg", "jpeg", "mpo"),
    "PNG": ("png",),
    "BMP": ("bmp",),
    "TIFF": ("tif", "tiff", "dng"),
    "WEBP": ("webp",),
    "AVIF": ("avif",),
    "HEIF": ("heic", "heif"),
}
"""Suffixes that go with a content; the first is the one to give."""


def _open_ended(view: View) -> Iterator[tuple[str, bytes]]:
    """JPEG images that do not end in the end marker, and their bytes."""
    for path in view.images:
        picture = view.picture(path)
        if picture and picture.facts.format == "JPEG" and not picture.ends:
            data = view.read(path)
            if data is not None:
                yield path, data


def end_marker(view: View) -> Iterator[Proposal]:
    """I602: FF D9 is appended. Proves that the file holds no end marker, that every scan of the picture is there to its
    last bit, and that libjpeg-turbo decodes the result without a single warning.
    """
    for path, data in _open_ended(view):
        found = walk(data)
        if found.end is not None:
            continue  # something follows the end marker: I604
        whole = data + (END_OF_IMAGE[1:] if data.endswith(b"\xff") else END_OF_IMAGE)
        if found.sound and not found.is_several_pictures and found.has_all_scans() and _decodes_cleanly(whole):
            yield view.write(path, whole, note="end marker appended")
        else:
            yield view.leave(path, "more than its end marker is missing")


def trailing_bytes(view: View) -> Iterator[Proposal]:
    """I604: what follows the end marker is cut. Proves, from segment to segment, where the picture ends; that no other
    picture or film follows; that the result decodes without a warning and to the same pixels.
    """
    for path, data in _open_ended(view):
        found = walk(data)
        if found.end is None or not found.sound:
            continue
        rest = data[found.end :]
        if found.is_several_pictures or b"\xff\xd8\xff" in rest or b"ftyp" in rest[:64]:
            yield view.leave(path, "another picture or a film follows")
        elif _decodes_cleanly(data[: found.end]) and _same_pixels(data, data[: found.end]):
            yield view.write(path, data[: found.end], note="bytes after the end marker cut")
        else:
            yield view.leave(path, "the picture itself is damaged or too large to be compared")


def _decodes_cleanly(data: bytes) -> bool:
    """Whether the strict decoder says nothing at all."""
    facts = inspect_image(data, pixels=True)
    pixels = facts.pixels
    return (
        facts.status is ImageStatus.OK and pixels is not None and not (pixels.broken or pixels.damage or pixels.skipped)
    )


def _same_pixels(one: bytes, other: bytes) -> bool:
    return _pixels(one) == _pixels(other) is not None


def _pixels(data: bytes) -> bytes | None:
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            return image.tobytes() if image.width * image.height <= MAX_PIXELS else None
    except Exception:  # noqa: BLE001 - hostile bytes make decoders raise nearly anything; then nothing is proven
        return None


def suffix(view: View) -> Iterator[Proposal]:
    """I605: an image gets the suffix of its content, its stem stays. Proves that header and suffix are of two formats
    which the loader takes, that nothing has the new name, that the label's name stays, and that no list names it.
    """
    listed = {line for path in view.lists for line in _names_in(view.read(path))}
    taken = {path.casefold() for path in view.source.files}
    for path in view.images:
        picture = view.picture(path)
        new = _proper_name(path, picture.facts) if picture else ""
        if not new:
            continue
        if view.task != "classify" and label_path(view.source.top, new) != label_path(view.source.top, path):
            yield view.leave(path, "its label would need another name")
        elif path.rpartition("/")[2] in listed:
            yield view.leave(path, "an image list names it")
        elif new.casefold() in taken:
            yield view.leave(path, f"{new} exists")
        else:
            yield view.rename(path, new)


def _proper_name(path: str, facts: ImageFacts) -> str:
    """The path with the content's suffix; '' where it has it, or the content tells nothing."""
    stem, _, old = path.rpartition(".")
    proper = _SUFFIXES.get(facts.format, ())
    loadable = {suffix for suffixes in _SUFFIXES.values() for suffix in suffixes}
    if facts.status is not ImageStatus.OK or not proper or old.lower() in proper or old.lower() not in loadable:
        return ""
    return f"{stem}.{proper[0]}"


def _names_in(raw: bytes | None) -> set[str]:
    text = (raw or b"").decode("utf-8-sig", "replace")
    return {line.strip().replace("\\", "/").rpartition("/")[2] for line in text.splitlines()}
