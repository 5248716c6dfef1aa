"""The dialect of HUB: what is sent, at what pace, and what is made of answers that tell little."""

from __future__ import annotations

import email.parser
import email.policy
from pathlib import Path
from typing import Any

import pytest
from scripted import ScriptedClock, ScriptedTransport, Sent, ok, refused

from hubaction.errors import (
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    TimedOut,
    Unauthorised,
    Unreachable,
    UsageError,
)
from hubaction.hub.answer import Answer
from hubaction.hub.formats import HUB_FORMATS
from hubaction.hub.hub_server import HubServer
from hubaction.hub.secret import Secret
from hubaction.hub.service import Account, DatasetUpload, Export, ExportRequest, State

ID = "Demo0Shapes0Yolo11n0"
KEY = "a1" * 21


class Bench:
    """A HUB server over a scripted transport."""

    def __init__(self) -> None:
        self.clock = ScriptedClock()
        self.told: list[str] = []
        self.transport = ScriptedTransport(self.clock)
        self.on = self.transport.on
        transport: Any = self.transport
        self.service = HubServer(transport, Secret(KEY), self.told.append, self.clock)
        self.model = self.service.model(ID)

    def poll(self, answer: Answer | Exception) -> Export:
        self.on("POST", "/get-export", answer)
        return self.service.refreshed(self.model, pending())


@pytest.fixture
def bench() -> Bench:
    return Bench()


def pending(format: str = "onnx") -> Export:
    return Export(format, State.PENDING)


def said(status: int, **body: object) -> Answer:
    return Answer(status, data=body)


def test_name_holds_the_root(bench: Bench) -> None:
    assert bench.service.name == "HUB server at https://service.example.org"


def test_check_key(bench: Bench) -> None:
    bench.on("POST", "/v1/auth", said(200, success=True))
    assert bench.service.check_key() == Account()
    assert bench.transport.sent[0].body is None


@pytest.mark.parametrize(
    "answer", [said(200, success=False), said(200), said(401, success=False), said(403, message="no"), said(404)]
)
def test_success_decides_about_a_key(bench: Bench, answer: Answer) -> None:
    bench.on("POST", "/v1/auth", answer)
    with pytest.raises(Unauthorised, match="does not accept the key"):
        bench.service.check_key()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (said(408, success=False), Unreachable),
        (said(429, success=False), RateLimited),
        (said(500, success=False), Unreachable),
        (said(503, success=False), Unreachable),
        (Answer(200, data=None), Unreachable),
        (Answer(404, data=None), NotFound),
    ],
)
def test_a_server_in_trouble_says_nothing_about_a_key(bench: Bench, answer: Answer, kind: type[ServiceError]) -> None:
    bench.on("POST", "/v1/auth", answer)
    with pytest.raises(kind):
        bench.service.check_key()


def test_reset(bench: Bench) -> None:
    bench.on("POST", "/model-reset", Answer(200))
    assert "does not say" in bench.service.reset_model(bench.model)
    assert bench.transport.sent[0].body == {"modelId": ID}


@pytest.mark.parametrize("status", [201, 202, 204, 400, 404, 500])
def test_only_200_is_done(bench: Bench, status: int) -> None:
    bench.on("POST", "/model-reset", said(status, success=True))
    bench.on("POST", f"/v1/models/{ID}/export", said(status, success=True))
    with pytest.raises(ServiceError):
        bench.service.reset_model(bench.model)
    with pytest.raises(ServiceError):
        bench.service.start_export(bench.model, ExportRequest("onnx"))


def test_start(bench: Bench) -> None:
    bench.on("POST", f"/v1/models/{ID}/export", Answer(200))
    export = bench.service.start_export(bench.model, ExportRequest("onnx", {"imgsz": 320, "format": "pb"}))
    assert bench.transport.sent[0].body == {"format": "onnx", "imgsz": 320}
    assert (export.format, export.state, export.id) == ("onnx", State.PENDING, "")


@pytest.mark.parametrize(
    "body",
    [{"data": {"url": "u"}}, {"data": {"link": "u"}}, {"data": {"downloadUrl": "u"}}, {"url": "u"}],
)
def test_ready(bench: Bench, body: dict[str, object]) -> None:
    export = bench.poll(said(200, success=True, message="Export ready!", **body))
    assert export.state is State.COMPLETED
    assert export.url is not None
    assert export.url.reveal() == "u"
    assert bench.transport.sent[0].body == {"apiKey": KEY, "modelId": ID, "format": "onnx"}


def test_ready_without_an_address(bench: Bench) -> None:
    export = bench.poll(said(200, success=True, data={"url": 5}))
    assert (export.state, export.url) == (State.COMPLETED, None)


@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        (said(200, success=False, message="Export is processing."), State.PENDING, ""),
        (said(200, success=False), State.PENDING, ""),
        (said(200, success="true", message="x"), State.PENDING, ""),
        (said(202, success=True), State.PENDING, ""),
        (said(200, success=False, message="Export FAILED."), State.FAILED, "Export FAILED."),
        (said(200, success=False, message="An Error."), State.FAILED, "An Error."),
        (said(200, success=False, message="Not Supported"), State.FAILED, "Not Supported"),
        (said(400, message="No weights"), State.FAILED, "No weights"),
        (said(409), State.FAILED, ""),
        (said(422, success=True, message="m"), State.FAILED, "m"),
    ],
)
def test_what_an_answer_means(bench: Bench, answer: Answer, state: State, error: str) -> None:
    export = bench.poll(answer)
    assert (export.state, export.error, export.url) == (state, error, None)


def test_a_word_is_bounded(bench: Bench) -> None:
    assert bench.poll(said(200, success=False, message="w" * 5000)).word == "w" * 40


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(401), Unauthorised),
        (refused(403), Forbidden),
        (refused(404), NotFound),
        (refused(408), Unreachable),
        (refused(429), RateLimited),
        (refused(500), Unreachable),
        (refused(503), Unreachable),
        (refused(302), Unreachable),
        (Answer(200, data=None), Unreachable),
        (Answer(200, data=["success"]), Unreachable),
    ],
)
def test_answers_that_say_nothing_about_the_export(bench: Bench, answer: Answer, kind: type[ServiceError]) -> None:
    with pytest.raises(kind):
        bench.poll(answer)


def by_format(**answers: Answer | Exception) -> Any:
    def reply(sent: Sent) -> Answer:
        answer = answers[sent.body["format"]]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return reply


def test_exports_in_order_and_trouble_leaves_one_as_it_was(bench: Bench) -> None:
    bench.on(
        "POST",
        "/get-export",
        by_format(
            onnx=refused(503),
            coreml=said(200, success=True, url="u"),
            engine=Unreachable("Cut.", ""),
            pb=refused(429),
            litert=TimedOut("Late.", ""),
        ),
    )
    names = ["onnx", "coreml", "engine", "pb", "litert"]
    exports = bench.service.exports(bench.model, [pending(name) for name in names], 5000.0)
    assert [export.format for export in exports] == names
    assert [export.state for export in exports] == [State.PENDING, State.COMPLETED, *[State.PENDING] * 3]
    assert len(bench.told) == 3
    assert all("still going on" in line for line in bench.told)
    assert {sent.options["deadline"] for sent in bench.transport.sent} == {5000.0}
    assert all(sent.options["repeatable"] for sent in bench.transport.sent)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_exports_of_a_model_that_is_refused(bench: Bench, status: int) -> None:
    bench.on("POST", "/get-export", refused(status))
    with pytest.raises(ServiceError):
        bench.service.exports(bench.model, [pending()])


def test_find_asks_for_each(bench: Bench) -> None:
    bench.on("POST", "/get-export", by_format(onnx=said(200, success=True), pb=said(200, success=False)))
    found = bench.service.find_exports(bench.model, ["onnx", "pb"])
    assert [export and export.state for export in found] == [State.COMPLETED, State.PENDING]


def test_find_tells_a_missing_export_from_a_missing_model(bench: Bench) -> None:
    bench.on("POST", "/get-export", by_format(onnx=refused(404), pb=said(200, success=False)))
    found = bench.service.find_exports(bench.model, ["onnx", "pb"])
    assert [export and export.format for export in found] == [None, "pb"]
    bench.on("POST", "/get-export", refused(404, "Model not found."))
    with pytest.raises(NotFound, match="Model not found"):
        bench.service.find_exports(bench.model, ["onnx", "pb"])
    assert bench.service.find_exports(bench.model, []) == []


def test_never_more_than_19_requests_in_any_minute(bench: Bench) -> None:
    bench.on("POST", "/get-export", said(200, success=False))
    wanted = [pending(name) for name in HUB_FORMATS]
    for _ in range(3):
        bench.service.exports(bench.model, wanted)
        bench.clock.sleep(10)
    times = [sent.time for sent in bench.transport.sent]
    assert len(times) == 66
    assert all(sum(start <= time < start + 60 for time in times) <= 19 for start in times)
    assert times[18] == times[0]  # no pause before it is needed
    assert any("Waiting 60 s" in line for line in bench.told)


def test_starts_count_too(bench: Bench) -> None:
    bench.on("POST", f"/v1/models/{ID}/export", Answer(200))
    bench.on("POST", "/get-export", said(200, success=False))
    for name in HUB_FORMATS[:10]:
        bench.service.start_export(bench.model, ExportRequest(name))
    bench.service.exports(bench.model, [pending(name) for name in HUB_FORMATS[:10]])
    times = [sent.time for sent in bench.transport.sent]
    assert times[18] == times[0]
    assert times[19] == times[0] + 60


def test_the_pace_does_not_lead_beyond_the_deadline(bench: Bench) -> None:
    bench.on("POST", "/get-export", said(200, success=True))
    exports = bench.service.exports(bench.model, [pending(name) for name in HUB_FORMATS], bench.clock.time + 59)
    assert [export.state for export in exports] == [State.COMPLETED] * 19 + [State.PENDING] * 3
    assert bench.clock.slept == []


def test_nothing_can_be_cancelled(bench: Bench) -> None:
    with pytest.raises(Rejected, match="cannot cancel the export to onnx"):
        bench.service.cancel(bench.model, pending())
    assert bench.transport.sent == []


def test_export_request(bench: Bench) -> None:
    request = bench.service.export_request("ultralytics_coreml", {"imgsz": "64"}, "l4")
    assert request == ExportRequest("ultralytics_coreml", {"imgsz": 64})
    assert "gpu_type is not sent" in bench.told[0]
    assert bench.service.export_request("engine", {}).gpu_type == ""
    with pytest.raises(UsageError, match="Did you mean onnx"):
        bench.service.format("onxx")
    with pytest.raises(UsageError):
        bench.service.format("zebra")
    assert bench.transport.sent == []


def upload(bench: Bench, folder: Path, target: str = "shapes", name: str = "set.zip") -> tuple[Any, list[Any]]:
    file = folder / name
    file.write_bytes(b"PK" * 5)
    seen: list[Any] = []
    return bench.service.upload_dataset(DatasetUpload(file, target), lambda *done: seen.append(done)), seen


def body_of(sent: Sent) -> Any:
    """The one part of the form that was sent."""
    stream = sent.options["stream"]
    whole = b"".join(stream)
    assert len(whole) == len(stream)
    head = f"Content-Type: {stream.content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + whole)
    [part] = message.iter_parts()  # type: ignore[attr-defined]
    return part


def test_upload_of_a_new_dataset(bench: Bench, tmp_path: Path) -> None:
    bench.on("POST", "/v1/datasets", ok({"data": {"id": "d1"}}))
    bench.on("POST", "/v1/datasets/d1/upload", Answer(200))
    bench.on("GET", "/v1/datasets/d1", ok({"data": {"url": "https://x"}}))
    result, _ = upload(bench, tmp_path)
    assert (result.shown, result.created, result.state, result.images) == ("d1", True, State.COMPLETED, None)
    create, send, _read = bench.transport.sent
    assert create.body == {"meta": {"name": "shapes"}, "filename": "set.zip"}
    part = body_of(send)
    assert part.get_payload(decode=True) == b"PK" * 5
    assert part["Content-Disposition"] == 'form-data; name="set.zip"; filename="set.zip"'


def test_upload_to_a_dataset_by_its_id(bench: Bench, tmp_path: Path) -> None:
    target = "Demo0Dataset00000000"
    bench.on("POST", f"/v1/datasets/{target}/upload", Answer(200))
    bench.on("GET", f"/v1/datasets/{target}", ok({"data": {}}))
    result, _ = upload(bench, tmp_path, target)
    assert (result.shown, result.created, result.state) == (target, False, State.PENDING)


def test_a_file_name_cannot_end_the_forms_header(bench: Bench, tmp_path: Path) -> None:
    bench.on("POST", "/v1/datasets", ok({"data": {"id": "d1"}}))
    bench.on("POST", "/v1/datasets/d1/upload", Answer(200))
    bench.on("GET", "/v1/datasets/d1", ok({}))
    upload(bench, tmp_path, name='a"\r\nX: ü.zip')
    stream = bench.transport.sent[1].options["stream"]
    assert stream.before.count(b"\r\n") == 4
    assert 'name="a%22%0D%0AX: ü.zip"'.encode() in stream.before


def test_upload_that_cannot_be(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no zip"):
        upload(bench, tmp_path, name="set.tar")
    with pytest.raises(UsageError, match="No dataset is named"):
        upload(bench, tmp_path, " ")
    assert bench.transport.sent == []
    bench.on("POST", "/v1/datasets", ok({"data": {}}))
    with pytest.raises(Unreachable, match="no id"):
        upload(bench, tmp_path)
