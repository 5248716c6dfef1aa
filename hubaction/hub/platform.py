"""The Ultralytics Platform, spoken as its published API 0.1.9 describes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from hubaction.errors import NotFound, Rejected, Unreachable
from hubaction.hub.answer import Answer, text_at, value_at
from hubaction.hub.clock import Clock
from hubaction.hub.dataset_upload import DatasetSender
from hubaction.hub.export_args import checked, gpu_for
from hubaction.hub.export_record import STATES, is_equal, newest, read_export
from hubaction.hub.formats import PLATFORM_FORMATS, resolve
from hubaction.hub.model_ids import platform_model
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
from hubaction.hub.storage import Storage
from hubaction.hub.transport import Transport
from hubaction.report.escape import visible

_PAGE = 100  # exports in one answer, the most that the service gives
_MOST_NAMED = 10  # unknown words for a state that are worth a line each
_MOST_ALONE = 2  # exports asked for one by one: with the list, three requests per interval of a wait
_WEIGHTS = {True: " It still has weights.", False: " It has no weights.", None: ""}
_INF = float("inf")


class Platform:
    """The service that ``transport`` reaches. ``storage`` takes what goes to signed addresses, without the key."""

    name = "Ultralytics Platform"
    formats: Sequence[str] = PLATFORM_FORMATS

    def __init__(self, transport: Transport, storage: Storage, notify: Notify, clock: Clock) -> None:
        self._transport = transport
        self._storage = storage
        self._notify = notify
        self._clock = clock
        self._named: set[str] = set()
        self._newer: set[str] = set()  # formats that the service turned out to publish

    def check_key(self) -> Account:
        doing = "check the key"
        answer = self._transport.call("GET", ("api", "account", "summary"), doing=doing)
        if not isinstance(answer.data, dict):
            raise self._transport.failure(answer, doing)
        name = answer.text_at("username") or answer.text_at("name")
        return Account(name[:_PAGE], answer.text_at("plan")[:_PAGE])

    def model(self, text: str) -> ModelId:
        return platform_model(text, self._transport.root)

    def format(self, text: str) -> str:
        """See Service. A name that we do not know is looked up in the published description of the API."""
        name = resolve(text, (*self.formats, *self._newer), self._notify, self._published_formats)
        self._newer |= {name}.difference(self.formats)
        return name

    def export_request(self, format: str, args: Mapping[str, object], gpu_type: str = "") -> ExportRequest:
        name = self.format(format)
        return ExportRequest(name, checked(name, args, self._notify), gpu_for(name, gpu_type, self._notify))

    def reset_model(self, model: ModelId) -> str:
        """See Service. The service has no call that resets a model: this sets its status, and reads it back.

        Raises:
            Rejected: the model is being trained, or its status is another one afterwards.
        """
        path = ("api", "models", *model.parts)
        doing = f"reset {model.shown}"
        answer = self._transport.ask("PATCH", path, body={"status": "untrained"}, doing=doing)
        if answer.status == 409:
            self._notify("A model that is being trained cannot be reset: cancel its training first.")
        self._expect(answer, doing)
        now = self._transport.call("GET", path, doing=f"read {model.shown} after its reset")
        status = now.text_at("model", "status")
        if status != "untrained":
            cause = f"The status of {model.shown} is {visible(status)!r} after the reset, not 'untrained'."
            raise Rejected(cause, "Look at the model on the Platform.", status=now.status, request_id=now.request_id)
        told = f"The status of {model.shown} is now untrained. Weights and exports were not touched."
        return f"{told}{_WEIGHTS[now.flag_at('model', 'hasWeights')]}"

    def start_export(self, model: ModelId, request: ExportRequest) -> Export:
        """See Service. Where the service answers that an equal export is active (409), that one is joined."""
        doing = f"start the export to {request.format}"
        answer = self._transport.ask("POST", _exports(model), body=_body(request), doing=doing)
        if answer.status == 409 and (running := self._equal(model, request)):
            return dataclasses.replace(running, joined=True)
        self._expect(answer, doing)
        asked = Export(request.format, State.PENDING, args=request.args, gpu_type=request.gpu_type)
        export = self._read(answer.data, asked)
        if not export.id:
            cause = f"The service accepted the export to {request.format}, but its answer holds no id."
            raise Unreachable(cause, "Look for it with get-export.", status=answer.status, request_id=answer.request_id)
        return export

    def exports(self, model: ModelId, wanted: Sequence[Export], deadline: float = _INF) -> list[Export]:
        """See Service. Two that the list does not hold are asked for alone, so that the service bears the pace."""
        listed = {text_at(record, "id"): record for record in self._list(model, deadline)}
        alone = [old for old in wanted if old.id not in listed][:_MOST_ALONE]
        known = {old.id: self._read(listed[old.id], old) for old in wanted if old.id in listed}
        known |= {old.id: self._retrieved_or_gone(model, old, deadline) for old in alone}
        return [known.get(old.id, old) for old in wanted]

    def find_exports(self, model: ModelId, formats: Sequence[str]) -> list[Export | None]:
        """See Service. Behind a full page of newer exports, completed ones are looked for apart."""
        records = self._list(model)
        completed = {text_at(record, "format") for record in records if text_at(record, "status") == "completed"}
        if len(records) >= _PAGE and not completed.issuperset(formats):
            records = [*records, *self._list(model, status="completed")]
        exports = [self._read(record) for record in records]
        return [newest(exports, name) for name in formats]

    def refreshed(self, model: ModelId, export: Export) -> Export:
        return self._retrieved(model, export)

    def cancel(self, model: ModelId, export: Export) -> None:
        """See Service. The service deletes what has ended, file and all, by the same call: so its state is asked first.

        Raises:
            Rejected: the export has ended by now.
        """
        now = self.refreshed(model, export)
        if now.state is not State.PENDING:
            raise Rejected(f"The export to {now.format} is {now.state.value} and cannot be cancelled.")
        doing = f"cancel the export to {export.format}"
        answer = self._transport.call("DELETE", (*_exports(model), export.id), doing=doing)
        if answer.text_at("action") == "deleted":
            self._notify(f"The export to {now.format} ended at that very moment, and was deleted.")

    def upload_dataset(self, upload: DatasetUpload, progress: Progress) -> Uploaded:
        sender = DatasetSender(self._transport, self._storage, self._notify, self._clock)
        return sender.send(upload, progress)

    def _list(self, model: ModelId, deadline: float = _INF, status: str = "") -> list[object]:
        """Records of the model's exports: one page, which is all of them for nearly every model."""
        query = {"limit": _PAGE} | ({"status": status} if status else {})
        doing = f"list the exports of {model.shown}"
        answer = self._transport.call("GET", _exports(model), query=query, deadline=deadline, doing=doing)
        if not isinstance(value_at(answer.data, "exports"), list):
            raise self._transport.failure(answer, doing)
        return answer.list_at("exports")

    def _retrieved(self, model: ModelId, old: Export, deadline: float = _INF) -> Export:
        """One export by its id."""
        doing = f"read the export to {old.format}"
        answer = self._transport.call("GET", (*_exports(model), old.id), deadline=deadline, doing=doing)
        record = answer.object_at("export")
        if not record:
            raise self._transport.failure(answer, doing)
        return self._read(record, old)

    def _retrieved_or_gone(self, model: ModelId, old: Export, deadline: float) -> Export:
        """The same; one that was deleted counts as cancelled."""
        try:
            return self._retrieved(model, old, deadline)
        except NotFound:
            return dataclasses.replace(old, state=State.CANCELLED, word="deleted", url=None)

    def _equal(self, model: ModelId, request: ExportRequest) -> Export | None:
        """The active export that makes the same file."""
        listed = map(self._read, self._list(model))
        return next((one for one in listed if one.state is State.PENDING and is_equal(one, request)), None)

    def _read(self, record: object, known: Export | None = None) -> Export:
        """An export; a word for its state that nobody knows is named once."""
        export = read_export(record, known)
        if export.word not in STATES and export.word not in self._named and len(self._named) < _MOST_NAMED:
            self._named.add(export.word)
            self._notify(f"The service calls an export {visible(export.word)!r}; it is taken as still going on.")
        return export

    def _expect(self, answer: Answer, doing: str) -> None:
        if not answer.ok:
            raise self._transport.failure(answer, doing)

    def _published_formats(self) -> frozenset[str]:
        """Names of export formats in the service's own description of its API; none where it has none."""
        answer = self._transport.ask("GET", "/openapi.json", doing="read which formats the service has")
        return frozenset(_format_names(answer.data)) if answer.ok else frozenset()


def _exports(model: ModelId) -> tuple[str, ...]:
    return ("api", "models", *model.parts, "exports")


def _body(request: ExportRequest) -> dict[str, object]:
    body: dict[str, object] = {"format": request.format}
    if request.gpu_type:
        body["gpuType"] = request.gpu_type
    if request.args:
        body["args"] = dict(request.args)
    return body


def _format_names(document: object) -> Iterator[str]:
    """Every text of the lists that name both ONNX and TorchScript, wherever the document keeps them."""
    rest = [document]
    while rest:
        value = rest.pop()
        if isinstance(value, list) and "onnx" in value and "torchscript" in value:
            yield from (name for name in value if isinstance(name, str))
        elif isinstance(value, list | dict):
            rest += value.values() if isinstance(value, dict) else value
