"""A server that speaks the protocol of Ultralytics HUB, which was shut down on 2026-07-31, as its last clients did."""

from __future__ import annotations

import dataclasses
import re
import secrets
from collections import deque
from collections.abc import Mapping, Sequence

from hubaction.errors import NotFound, RateLimited, Rejected, TimedOut, Unauthorised, Unreachable, UsageError
from hubaction.hub.answer import Answer
from hubaction.hub.clock import Clock
from hubaction.hub.export_args import checked
from hubaction.hub.formats import HUB_FORMATS, resolve
from hubaction.hub.model_ids import hub_model
from hubaction.hub.secret import Secret
from hubaction.hub.service import (
    Account,
    DatasetUpload,
    Export,
    ExportRequest,
    ModelId,
    Notify,
    Progress,
    State,
    Uploaded,
)
from hubaction.hub.stream import Stream, stream_of
from hubaction.hub.transport import Transport

MOST_REQUESTS, WINDOW = 19, 60.0
"""Requests about exports in so many seconds: the protocol asks about one format at a time, and 20 may be too many."""

_TRANSIENT = frozenset({408, 429})
_NOT_ABOUT_EXPORT = frozenset({401, 403, 404}) | _TRANSIENT
_URLS = (("data", "url"), ("data", "link"), ("data", "downloadUrl"), ("url",))
_FAILURE = re.compile("fail|error|not supported", re.IGNORECASE)
_ID = re.compile("[0-9A-Za-z]{20}")
_ENDS_NAME = re.compile('["\\x00-\\x1f\\x7f]')  # within a form's header
_MOST_WORD = 40
_INF = float("inf")


class HubServer:
    """The server that ``transport`` reaches."""

    formats: Sequence[str] = HUB_FORMATS

    def __init__(self, transport: Transport, key: Secret, notify: Notify, clock: Clock) -> None:
        self._transport = transport
        self._key = key
        self._notify = notify
        self._pace = _Pace(clock, notify)

    @property
    def name(self) -> str:
        return f"HUB server at {self._transport.root}"

    def check_key(self) -> Account:
        """See Service. The body's ``success`` decides whatever the status is, unless the server is in trouble."""
        doing = "check the key"
        answer = self._transport.ask("POST", ("v1", "auth"), doing=doing)
        if answer.flag_at("success"):
            return Account()
        failure = self._transport.failure(answer, doing)
        if answer.status in _TRANSIENT or answer.status >= 500 or not isinstance(answer.data, dict):
            raise failure
        raise Unauthorised(
            f"The {self.name} does not accept the key.",
            "Create a new key on that server.",
            status=answer.status,
            request_id=answer.request_id,
        )

    def model(self, text: str) -> ModelId:
        return hub_model(text)

    def format(self, text: str) -> str:
        return resolve(text, self.formats, self._notify)

    def export_request(self, format: str, args: Mapping[str, object], gpu_type: str = "") -> ExportRequest:
        name = self.format(format)
        if gpu_type.strip():
            self._notify("A HUB server chooses the GPU itself; gpu_type is not sent.")
        return ExportRequest(name, checked(name, args, self._notify))

    def reset_model(self, model: ModelId) -> str:
        doing = f"reset {model.shown}"
        self._done(self._transport.ask("POST", "/model-reset", body={"modelId": model.parts[0]}, doing=doing), doing)
        return f"The server has reset {model.shown} to untrained; it does not say what became of weights and exports."

    def start_export(self, model: ModelId, request: ExportRequest) -> Export:
        """See Service. The protocol has no ids: an equal export that is running already is not told apart."""
        doing = f"start the export to {request.format}"
        self._pace.wait(_INF, doing)
        path = ("v1", "models", model.parts[0], "export")
        self._done(
            self._transport.ask("POST", path, body={**request.args, "format": request.format}, doing=doing), doing
        )
        return Export(request.format, State.PENDING, args=request.args)

    def exports(self, model: ModelId, wanted: Sequence[Export], deadline: float = _INF) -> list[Export]:
        """See Service. One request for each, at a pace that the server bears; a failed request leaves one as it was."""
        return [self._polled_or_same(model, export, deadline) for export in wanted]

    def find_exports(self, model: ModelId, formats: Sequence[str]) -> list[Export | None]:
        """See Service. A server may not tell an export that never started from one that is going on.

        Raises:
            NotFound: the server has none of them, which may mean that it has no such model.
        """
        found: list[Export | None] = []
        missing: NotFound | None = None
        for name in formats:
            try:
                found.append(self._polled(model, Export(name, State.PENDING)))
            except NotFound as error:
                found.append(None)
                missing = error
        if missing and not any(found):
            raise missing
        return found

    def refreshed(self, model: ModelId, export: Export) -> Export:
        return self._polled(model, export)

    def cancel(self, model: ModelId, export: Export) -> None:  # noqa: ARG002  the protocol has no such request
        raise Rejected(f"A HUB server cannot cancel the export to {export.format}.", "It ends by itself.")

    def upload_dataset(self, upload: DatasetUpload, progress: Progress) -> Uploaded:
        """See Service. Its result tells only whether the server has the dataset: the protocol reports no check."""
        stream = _form(upload, progress)
        target = upload.target.strip()
        is_new = not _ID.fullmatch(target)
        name = self._created(target, upload) if is_new else target
        path = ("v1", "datasets", name)
        self._transport.call(
            "POST", (*path, "upload"), stream=stream, deadline=upload.deadline, doing="upload the dataset"
        )
        answer = self._transport.call("GET", path, deadline=upload.deadline, doing="read the dataset after its upload")
        state = State.COMPLETED if answer.text_at("data", "url") else State.PENDING
        return Uploaded(name, is_new, state)

    def _created(self, target: str, upload: DatasetUpload) -> str:
        """A new dataset's id."""
        if not target:
            raise UsageError("No dataset is named.", "Give a name for a new one, or the 20 characters of one's id.")
        body = {"meta": {"name": target}, "filename": upload.file.name}
        doing = "create the dataset"
        answer = self._transport.call("POST", ("v1", "datasets"), body=body, deadline=upload.deadline, doing=doing)
        name = answer.text_at("data", "id")
        if not name:
            raise Unreachable("The server created a dataset, but its answer holds no id.", status=answer.status)
        return name

    def _done(self, answer: Answer, doing: str) -> None:
        """Exactly 200 means done; the body was never read by a client."""
        if answer.status != 200:
            raise self._transport.failure(answer, doing)

    def _polled_or_same(self, model: ModelId, export: Export, deadline: float) -> Export:
        try:
            return self._polled(model, export, deadline)
        except (Unreachable, RateLimited) as error:
            self._notify(f"{error.cause} The export to {export.format} is taken as still going on.")
            return export
        except TimedOut:
            return export

    def _polled(self, model: ModelId, export: Export, deadline: float = _INF) -> Export:
        """The export as the server describes it now.

        Raises:
            Unauthorised, Forbidden, NotFound: 401, 403, 404. Unreachable, RateLimited: 408, 429, 5xx to the end.
            TimedOut: the deadline, which may come before the server bears another request.
        """
        doing = f"read the export to {export.format}"
        self._pace.wait(deadline, doing)
        body = {"apiKey": self._key.reveal(), "modelId": model.parts[0], "format": export.format}
        answer = self._transport.ask("POST", "/get-export", body=body, repeatable=True, deadline=deadline, doing=doing)
        if _is_refused(answer):
            raise self._transport.failure(answer, doing)
        return _read_export(answer, export)


class _Pace:
    """No more than ``MOST_REQUESTS`` in any ``WINDOW`` seconds."""

    def __init__(self, clock: Clock, notify: Notify) -> None:
        self._clock = clock
        self._notify = notify
        self._times: deque[float] = deque(maxlen=MOST_REQUESTS)

    def wait(self, deadline: float, doing: str) -> None:
        """Wait until one more is due, and count it. Raises TimedOut at once where that is after the deadline."""
        now = self._clock.monotonic()
        due = self._times[0] + WINDOW if len(self._times) == MOST_REQUESTS else now
        if due > deadline:
            raise TimedOut(f"Could not {doing} in time: the server bears only so many requests.", "Allow more time.")
        if due > now:
            self._notify(f"Waiting {due - now:.0f} s: a HUB server may refuse 20 requests a minute.")
            self._clock.sleep(due - now)
        self._times.append(self._clock.monotonic())


def _is_refused(answer: Answer) -> bool:
    """Whether an answer says nothing about the export itself. Any other 4xx is a failure of the export."""
    if answer.ok:
        return not isinstance(answer.data, dict)
    return answer.status in _NOT_ABOUT_EXPORT or not 400 <= answer.status < 500


def _read_export(answer: Answer, known: Export) -> Export:
    """The rule of the former clients' own tests: 200 with ``success`` is ready, and only words tell a failure."""
    if answer.status == 200 and answer.flag_at("success"):
        url = next((url for place in _URLS if (url := answer.text_at(*place))), "")
        return dataclasses.replace(known, state=State.COMPLETED, word="ready", url=Secret(url) if url else None)
    words = answer.words
    if answer.ok and not _FAILURE.search(words):
        return dataclasses.replace(known, state=State.PENDING, word=words[:_MOST_WORD], url=None)
    return dataclasses.replace(known, state=State.FAILED, word="failed", error=words, url=None)


def _form(upload: DatasetUpload, progress: Progress) -> Stream:
    """The archive as a multipart form whose only field is called as the file is, which the protocol wants."""
    name = upload.file.name
    if not name.lower().endswith(".zip"):
        raise UsageError(f"{name!r} is no zip, and a HUB server takes no other archive.", "Pack the dataset as a zip.")
    field = _ENDS_NAME.sub(lambda found: f"%{ord(found.group()):02X}", name)
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{field}"\r\n'
        "Content-Type: application/zip\r\n\r\n"
    )
    return dataclasses.replace(
        stream_of(upload.file, progress),
        before=head.encode(errors="replace"),
        after=f"\r\n--{boundary}--\r\n".encode(),
        content_type=f"multipart/form-data; boundary={boundary}",
    )
