"""What becomes of an uploaded archive: it is checked as our own gate checks it, and its images are listed."""

from __future__ import annotations

import hashlib
import posixpath
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hubaction.errors import HubActionError
from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.report.finding import Consequence, Finding, Severity
from hubaction.report.model import Report
from hubaction.sandbox.world import Ingested, StoredImage

_IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
_SPLITS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
_OF_LABELS = "LGSKO"  # families of rules about rows
_OF_IMAGES = "I"
_OF_THE_SET = "AY"
_FATAL = {Consequence.REJECTS, Consequence.UNREADABLE}
_LARGEST = 50 << 20
"""Bytes of an image that are read for its size; the Platform takes no larger one."""


def ingest(archive: Path, task: str | None) -> Ingested:
    """Check an archive and list what is in it. Every failure is told in ``problem``."""
    if not zipfile.is_zipfile(archive):
        return Ingested(problem="The sandbox reads zip archives only.")
    try:
        report = check(CheckOptions(archive, task=task, profile="platform", config=None, workers=1))
    except HubActionError as error:
        return Ingested(problem=str(error))
    if problem := _problem(report):
        return Ingested(task=report.task, problem=problem)
    faulty = {finding.place.path: finding.message for finding in _errors(report, _OF_IMAGES)}
    try:
        images = tuple(_images(archive, faulty, report.task))
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        return Ingested(task=report.task, problem=f"The archive cannot be read: {error}")
    return Ingested(
        task=report.task,
        classes=report.names,
        images=images,
        annotations=sum(split.instances for split in report.splits.values() if split),
        skipped=_skipped(report),
        archive=archive,
    )


def _problem(report: Report) -> str:
    """Why nothing of the archive can be used."""
    fatal = [finding for finding in _errors(report, _OF_THE_SET) if finding.consequence in _FATAL]
    if fatal:
        return f"{fatal[0].place}: {fatal[0].message}"
    return "" if report.verdict != "unreadable" and report.images else "The archive holds no image that can be used."


def _errors(report: Report, families: str) -> Iterator[Finding]:
    return (one for one in report.findings if one.rule[0] in families and one.severity is Severity.ERROR)


def _skipped(report: Report) -> dict[str, int]:
    counts = {
        one.name: one.counts.get(Severity.ERROR, 0) for one in report.rules_run.values() if one.id[0] in _OF_LABELS
    }
    return {name: count for name, count in counts.items() if count}


def _images(archive: Path, faulty: dict[str, str], task: str) -> Iterator[StoredImage]:
    with zipfile.ZipFile(archive) as members:
        labels = {name for name in members.namelist() if name.endswith(".txt")}
        for info in members.infolist():
            parts = info.filename.split("/")
            splits = [_SPLITS[part] for part in parts if part in _SPLITS]
            if splits and info.filename.lower().endswith(_IMAGES):
                error = next((why for path, why in faulty.items() if _is_at(info.filename, path)), "")
                label = label_path(info.filename)
                rows = _rows(members, label) if label in labels else int(task == "classify")
                yield _image(members, info, splits[0], rows, error)


def _is_at(stored: str, path: str) -> bool:
    """Whether a name in the archive is that path, below whatever top folder there is."""
    return stored == path or stored.endswith(f"/{path}")


def label_path(image: str) -> str:
    """Where the labels of an image lie: below ``labels`` in place of the last ``images``."""
    head, _, tail = image.rpartition("/images/")
    if not head and image.startswith("images/"):
        return f"labels/{posixpath.splitext(image.removeprefix('images/'))[0]}.txt"
    return f"{head}/labels/{posixpath.splitext(tail)[0]}.txt"


def _rows(members: zipfile.ZipFile, path: str) -> int:
    return sum(bool(line.strip()) for line in members.read(path).splitlines())


def _image(members: zipfile.ZipFile, info: zipfile.ZipInfo, split: str, rows: int, error: str) -> StoredImage:
    with members.open(info) as file:
        content = file.read(_LARGEST)
    width, height = _size(content)
    digest = hashlib.sha256(content).hexdigest()
    return StoredImage(info.filename, split, width, height, info.file_size, rows, digest, error)


def _size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels; zeros where the header cannot be read."""
    import io
    import warnings

    from PIL import Image

    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content)) as image:
            return image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return 0, 0


def merged(old: Ingested | None, new: Ingested, policy: str) -> Ingested:
    """Two ingests of one dataset: ``skip`` keeps what is there, ``replace`` takes the new, ``keep_both`` has both."""
    if old is None or old.problem or new.problem:
        return new
    there = {image.name for image in old.images}
    arriving = {image.name for image in new.images}
    kept = [image for image in old.images if policy != "replace" or image.name not in arriving]
    added = [image for image in new.images if policy != "skip" or image.name not in there]
    images = (*kept, *added)
    annotations = sum(image.labels for image in images)
    return Ingested(new.task, new.classes, images, annotations, new.skipped, archive=new.archive)


def splits_of(images: tuple[StoredImage, ...]) -> dict[str, int]:
    """Images by split, and those with labels, as the Platform counts them."""
    counts = Counter(image.split for image in images)
    labelled = sum(image.labels > 0 for image in images)
    return {split: counts[split] for split in ("train", "val", "test")} | {"labeled": labelled}
