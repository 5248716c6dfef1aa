"""Sends a dataset to the Platform: create or reuse, signed address, one PUT, complete, ingest, wait, judge."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hubaction.errors import RateLimited, Rejected, ServiceError, TimedOut, Unreachable, UsageError
from hubaction.hub.answer import MOST_WORDS, Answer, count_at, list_at, object_at, text_at
from hubaction.hub.clock import Clock
from hubaction.hub.secret import Secret
from hubaction.hub.service import DatasetUpload, Notify, Progress, State, Uploaded
from hubaction.hub.storage import Storage
from hubaction.hub.transport import Transport

SUFFIXES = (".tar.gz", ".zip", ".tar", ".tgz", ".ndjson")
"""What the service takes a dataset as; the longer suffix before the one that it ends in."""

CONFLICTS = ("skip", "keep_both", "replace")
"""What becomes of an image that the dataset has already."""

FIRST_INTERVAL, LAST_INTERVAL = 5.0, 15.0
"""Seconds between two looks at a dataset that is being read in."""

_ENDED = {"ready": State.COMPLETED, "failed": State.FAILED}
_TYPE = "application/octet-stream"  # what the reference client declares for every archive
_REPORT_EVERY = 30.0
_GRACE = 10.0  # seconds that the last look may take beyond the deadline
_MOST_SLUG, _MOST_NAME = 128, 100
_MOST_REASONS, _MOST_IMAGES = 50, 10
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a dataset goes: '' for the owner is the key's own workspace; ``name`` is for people."""

    owner: str
    slug: str
    name: str


def read_target(text: str, root: str) -> Target:
    """The dataset that a user means: ``slug``, ``owner/slug``, ``ul://owner/datasets/slug`` or its page's address.

    Raises:
        UsageError: empty, or of another form.
    """
    path = text.strip().removeprefix("ul://")
    if path.startswith(f"{root}/"):
        path = path.removeprefix(f"{root}/").partition("?")[0].removesuffix("/")
    parts = path.split("/")
    if len(parts) == 3 and parts[1] == "datasets":
        del parts[1]
    owner, name = ("", *parts) if len(parts) == 1 else parts if len(parts) == 2 else ("", "")
    slug = slugify(name)
    if not slug or (owner and not _SLUG.fullmatch(owner)):
        raise UsageError(
            f"{text[:_MOST_NAME]!r} names no dataset on the Platform.", "Give owner/name, or a name alone."
        )
    return Target(owner, slug, name.strip()[:_MOST_NAME] if name.isprintable() else slug)


def slugify(name: str) -> str:
    """The name as a part of an address, as the service's own client forms it; '' where nothing is left of it."""
    kept = re.sub(r"[^a-z0-9 -]", "", name.lower())
    return re.sub(r"[ -]+", "-", kept).strip("-")[:_MOST_SLUG].strip("-")


@dataclass(frozen=True, slots=True)
class _Dataset:
    """A dataset on the service."""

    id: str
    owner: str
    slug: str
    is_new: bool

    @property
    def path(self) -> tuple[str, ...]:
        return ("api", "datasets", self.owner, self.slug)

    @property
    def shown(self) -> str:
        return f"ul://{self.owner}/datasets/{self.slug}"


class DatasetSender:
    """One dataset's way to the service. Only ``storage`` sees the signed address, and never the key."""

    def __init__(self, transport: Transport, storage: Storage, notify: Notify, clock: Clock) -> None:
        self._transport = transport
        self._storage = storage
        self._notify = notify
        self._clock = clock

    def send(self, upload: DatasetUpload, progress: Progress) -> Uploaded:
        """See Service.upload_dataset. ``PENDING`` in the result: the service is still reading at the deadline.

        Raises:
            UsageError: a target, suffix or conflict policy that the service does not know; no request was sent.
            Rejected: the dataset is busy with another upload, or the service stored another size than was sent.
        """
        target = read_target(upload.target, self._transport.root)
        suffix = _suffix(upload)
        dataset = self._dataset(target, upload)
        self._notify(f"{'Created' if dataset.is_new else 'Found'} dataset {dataset.shown}.")
        session = self._store(dataset, suffix, upload, progress)
        job = self._ingest(dataset, session, upload)
        record = self._wait(dataset, job, upload.deadline)
        return self._judged(dataset, record)

    def _dataset(self, target: Target, upload: DatasetUpload) -> _Dataset:
        """Create it; a name that is taken (409) means the dataset that has it."""
        body = {"dataset": target.slug, "name": target.name, "owner": target.owner, "task": upload.task}
        doing = f"create dataset {target.slug}"
        body = {key: value for key, value in body.items() if value}
        answer = self._transport.ask("POST", "/api/datasets", body=body, deadline=upload.deadline, doing=doing)
        if answer.status == 409:
            return self._existing(target, upload.deadline)
        if not answer.ok:
            raise self._transport.failure(answer, doing)
        owner = answer.text_at("owner") or target.owner
        return _Dataset(
            _needed(answer, "id"), owner or self._own_workspace(upload.deadline), _slug(answer, target), True
        )

    def _existing(self, target: Target, deadline: float) -> _Dataset:
        owner = target.owner or self._own_workspace(deadline)
        path = ("api", "datasets", owner, target.slug)
        answer = self._transport.call("GET", path, deadline=deadline, doing=f"read dataset {target.slug}")
        if answer.text_at("dataset", "status") == "processing":
            raise Rejected(
                f"Dataset {owner}/{target.slug} is still reading another upload.", "Try again when it is ready."
            )
        return _Dataset(_needed(answer, "dataset", "id"), owner, target.slug, is_new=False)

    def _own_workspace(self, deadline: float) -> str:
        path = ("api", "account", "summary")
        answer = self._transport.call("GET", path, deadline=deadline, doing="ask for the key's workspace")
        return _needed(answer, "username")

    def _store(self, dataset: _Dataset, suffix: str, upload: DatasetUpload, progress: Progress) -> str:
        """Send the file's bytes; the id of the session that they belong to."""
        size = upload.file.stat().st_size
        with upload.file.open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
        asked: dict[str, object] = {"assetType": "datasets", "assetId": dataset.id, "filename": dataset.slug + suffix}
        asked |= {"contentType": _TYPE, "totalBytes": size}
        answer = self._post("/api/upload/signed-url", asked, upload, "ask where to send the dataset")
        session, address = _needed(answer, "sessionId"), Secret(_needed(answer, "uploadUrl"))
        headers = {"Content-Type": _TYPE, **_headers(answer)}
        self._storage.put(address, upload.file, headers, progress, deadline=upload.deadline)
        done = {"sessionId": session, "checksum": checksum}
        stored = self._post("/api/upload/complete", done, upload, "complete the upload").count_at("file", "size")
        if stored is not None and stored != size:
            raise Rejected(f"The service stored {stored} of {size} bytes.", "Send the dataset again.")
        return session

    def _ingest(self, dataset: _Dataset, session: str, upload: DatasetUpload) -> str:
        """Have the service read what was sent; the id of that job."""
        body = {"sessionId": session} | ({"conflictPolicy": upload.conflict} if upload.conflict else {})
        path = (*dataset.path, "ingest")
        return _needed(self._post(path, body, upload, "have the dataset read"), "jobId")

    def _post(
        self, path: str | tuple[str, ...], body: Mapping[str, object], upload: DatasetUpload, doing: str
    ) -> Answer:
        return self._transport.call("POST", path, body=body, deadline=upload.deadline, doing=doing)

    def _wait(self, dataset: _Dataset, job: str, deadline: float) -> Mapping[str, object]:
        """The dataset's record once this very job has ended; an empty one at the deadline."""
        interval = FIRST_INTERVAL
        start = reported = self._clock.monotonic()
        while (left := deadline - self._clock.monotonic()) > 0:
            self._clock.sleep(min(interval, left))
            interval = min(interval + 2, LAST_INTERVAL)
            record = self._record(dataset, max(deadline, self._clock.monotonic() + _GRACE))
            if text_at(record, "status") in _ENDED and text_at(record, "lastIngestJobId") == job:
                return record
            now = self._clock.monotonic()
            if now - reported >= _REPORT_EVERY:
                reported = now
                self._notify(f"After {now - start:.0f} s the service is still reading {dataset.shown}.")
        return {}

    def _record(self, dataset: _Dataset, deadline: float) -> Mapping[str, object]:
        """The dataset as the service describes it now; an empty record where no answer comes."""
        try:
            answer = self._transport.call("GET", dataset.path, deadline=deadline, doing=f"read {dataset.shown}")
        except (Unreachable, RateLimited, TimedOut) as error:
            self._notify(f"{error.cause} The wait goes on.")
            return {}
        return answer.object_at("dataset")

    def _judged(self, dataset: _Dataset, record: Mapping[str, object]) -> Uploaded:
        state = _ENDED.get(text_at(record, "status"), State.PENDING)
        counts = (count_at(record, "errorCount"), count_at(record, "lastIngestSummary", "errors"))
        errors = max((count for count in counts if count is not None), default=None)
        return Uploaded(
            dataset.shown,
            dataset.is_new,
            state,
            images=count_at(record, "imageCount"),
            errors=errors,
            skipped=_counts(record, "lastIngestSummary", "skippedCounts"),
            splits=_counts(record, "splits"),
            problem=text_at(record, "processingError", "message")[:MOST_WORDS],
            bad_images=self._bad_images(dataset) if errors or state is State.FAILED else {},
        )

    def _bad_images(self, dataset: _Dataset) -> dict[str, str]:
        """The first images that the service could not read, with its words. The verdict stands without them."""
        query: dict[str, str | int] = {"hasError": "true", "limit": _MOST_IMAGES}
        try:
            answer = self._transport.call(
                "GET", (*dataset.path, "images"), query=query, doing="list the images with errors"
            )
        except ServiceError as error:
            self._notify(error.cause)
            return {}
        images = list_at(answer.data, "images")[:_MOST_IMAGES]
        words = {text_at(image, "name")[:MOST_WORDS]: text_at(image, "error")[:MOST_WORDS] for image in images}
        return {name: error for name, error in words.items() if name and error}


def _suffix(upload: DatasetUpload) -> str:
    """The archive's suffix, once everything that needs no request has been checked."""
    suffix = next((suffix for suffix in SUFFIXES if upload.file.name.lower().endswith(suffix)), "")
    if not suffix:
        kinds = ", ".join(SUFFIXES)
        raise UsageError(f"{upload.file.name!r} is no archive that the Platform takes.", f"It takes {kinds}.")
    if upload.conflict and upload.conflict not in CONFLICTS:
        raise UsageError(f"{upload.conflict!r} is no way to treat images that exist.", f"Use {', '.join(CONFLICTS)}.")
    return suffix


def _needed(answer: Answer, *keys: str) -> str:
    """A text without which nothing can go on. Raises Unreachable."""
    text = answer.text_at(*keys)
    if not text:
        cause = f"The service's answer holds no {'.'.join(keys)}."
        fix = "A newer version may know its form."
        raise Unreachable(cause, fix, status=answer.status, request_id=answer.request_id)
    return text


def _slug(answer: Answer, target: Target) -> str:
    """The service may have chosen another slug."""
    return answer.text_at("dataset") or target.slug


def _headers(answer: Answer) -> dict[str, str]:
    """What the signed address wants to be sent with it."""
    headers = object_at(answer.data, "headers").items()
    return {name: value for name, value in headers if isinstance(value, str) and value.isprintable()}


def _counts(record: object, *keys: str) -> dict[str, int]:
    counts = ((name[:_MOST_NAME], count_at({"": value}, "")) for name, value in object_at(record, *keys).items())
    return {name: count for name, count in list(counts)[:_MOST_REASONS] if count is not None}
