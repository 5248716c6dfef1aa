"""The Platform's dialect: what is sent, and what is made of every answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from scripted import ScriptedClock, ScriptedTransport, Sent, ok, refused

from hubaction.errors import NotFound, Rejected, ServiceError, Unauthorised, Unreachable, UsageError
from hubaction.hub.answer import Answer
from hubaction.hub.platform import Platform
from hubaction.hub.service import Account, Export, ExportRequest, State

MODEL = "/api/models/demo/shapes/yolo11n"
EXPORTS = f"{MODEL}/exports"


class Bench:
    """A Platform over a scripted transport."""

    def __init__(self) -> None:
        clock = ScriptedClock()
        self.told: list[str] = []
        self.transport = ScriptedTransport(clock)
        self.on = self.transport.on
        storage: Any = None
        transport: Any = self.transport
        self.service = Platform(transport, storage, self.told.append, clock)
        self.model = self.service.model("demo/shapes/yolo11n")

    def start(self, format: str = "onnx", gpu_type: str = "", **args: object) -> Export:
        return self.service.start_export(self.model, ExportRequest(format, args, gpu_type))

    def exports(self, *wanted: Export) -> list[Export]:
        return self.service.exports(self.model, wanted)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def record(id: str = "e1", status: str = "running", format: str = "onnx", **more: object) -> dict[str, object]:
    return {"id": id, "status": status, "format": format, "createdAt": "2026-08-01T10:00:00Z", **more}


def completed(id: str = "e1", format: str = "onnx", **more: object) -> dict[str, object]:
    file = {"size": 12, "downloadUrl": "https://store.example.org/x?signature=s", "downloadFilename": "yolo11n.onnx"}
    times = {"startedAt": "2026-08-01T10:00:05Z", "completedAt": "2026-08-01T10:00:47.500Z"}
    return record(id, "completed", format, file=file, **times) | more


def listed(*records: object) -> Answer:
    return ok({"exports": list(records), "region": "eu"})


def known(id: str = "e1", format: str = "onnx", **more: Any) -> Export:
    return Export(format, State.PENDING, id=id, **more)


def test_check_key(bench: Bench) -> None:
    bench.on("GET", "/api/account/summary", ok({"username": "demo", "name": "Demo", "plan": "pro"}))
    assert bench.service.check_key() == Account("demo", "pro")


def test_check_key_of_an_account_without_fields(bench: Bench) -> None:
    bench.on("GET", "/api/account/summary", ok({"username": None, "plan": 3}))
    assert bench.service.check_key() == Account("", "")


def test_check_key_that_is_refused(bench: Bench) -> None:
    bench.on("GET", "/api/account/summary", refused(401))
    with pytest.raises(Unauthorised):
        bench.service.check_key()


def test_start_sends_what_is_wanted(bench: Bench) -> None:
    bench.on("POST", EXPORTS, ok({"id": "e1", "format": "engine", "status": "queued", "region": "eu"}, 201))
    export = bench.start("engine", "l4", imgsz=640)
    assert bench.transport.sent[0].body == {"format": "engine", "gpuType": "l4", "args": {"imgsz": 640}}
    assert (export.id, export.format, export.state, export.word) == ("e1", "engine", State.PENDING, "queued")
    assert (export.args, export.gpu_type, export.joined) == ({"imgsz": 640}, "l4", False)


def test_start_without_arguments_sends_the_format_alone(bench: Bench) -> None:
    bench.on("POST", EXPORTS, ok({"id": "e1", "status": "running"}, 201))
    assert bench.start().format == "onnx"
    assert bench.transport.sent[0].body == {"format": "onnx"}


@pytest.mark.parametrize(
    ("args", "theirs"),
    [({}, None), ({}, {}), ({"quantize": 16, "nms": True}, {"nms": True, "quantize": "16"})],
)
def test_start_joins_an_equal_export(bench: Bench, args: dict[str, object], theirs: object) -> None:
    bench.on("POST", EXPORTS, refused(409))
    ours = record("right", args=theirs)
    others = [
        record("other-format", format="engine"),
        record("other-args", args={"imgsz": 320}),
        record("other-gpu", args=theirs, gpuType="l4"),
        completed("ended", args=theirs),
    ]
    bench.on("GET", EXPORTS, listed(*others, ours))
    export = bench.start(**args)
    assert (export.id, export.joined, export.state) == ("right", True, State.PENDING)
    assert bench.transport.sent[1].options["query"] == {"limit": 100}


def test_a_conflict_without_an_equal_export_is_the_servers_to_explain(bench: Bench) -> None:
    bench.on("POST", EXPORTS, refused(409, "The model is busy"))
    bench.on("GET", EXPORTS, listed(record(format="engine")))
    with pytest.raises(Rejected, match="The model is busy"):
        bench.start()


@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_start(bench: Bench, status: int) -> None:
    bench.on("POST", EXPORTS, refused(status, "No such option"))
    with pytest.raises(Rejected, match="No such option") as caught:
        bench.start()
    assert caught.value.status == status
    assert bench.transport.requests() == [f"POST {EXPORTS}"]


@pytest.mark.parametrize("data", [{}, {"id": 7}, {"id": None, "status": "queued"}])
def test_a_start_without_an_id_is_no_start(bench: Bench, data: object) -> None:
    bench.on("POST", EXPORTS, ok(data, 201))
    with pytest.raises(Unreachable, match="no id"):
        bench.start()


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("queued", State.PENDING),
        ("starting", State.PENDING),
        ("running", State.PENDING),
        ("completed", State.COMPLETED),
        ("failed", State.FAILED),
        ("cancelled", State.CANCELLED),
    ],
)
def test_states(bench: Bench, word: str, state: State) -> None:
    bench.on("GET", EXPORTS, listed(record(status=word)))
    [export] = bench.exports(known())
    assert (export.state, export.word) == (state, word)
    assert bench.told == []


def test_an_unknown_state_goes_on_and_is_named_once(bench: Bench) -> None:
    bench.on("GET", EXPORTS, listed(record(status="provi\x1b[1msioning"), record("e2", status=4)))
    for _ in range(3):
        first, second = bench.exports(known(), known("e2"))
        assert (first.state, second.state, second.word) == (State.PENDING, State.PENDING, "")
    assert len(bench.told) == 2
    assert "provi" in bench.told[0]
    assert "\x1b" not in bench.told[0]


def test_endless_unknown_states_are_not_all_named(bench: Bench) -> None:
    bench.on("GET", EXPORTS, lambda _sent: listed(record(status=f"word-{len(bench.transport.sent)}")))
    for _ in range(50):
        bench.exports(known())
    assert len(bench.told) == 10


def test_all_exports_by_one_request_in_the_order_asked(bench: Bench) -> None:
    failed = record("e2", "failed", "coreml", error={"message": "x" * 900, "timestamp": "t"})
    bench.on("GET", EXPORTS, listed(record("other"), completed(), failed, "nonsense"))
    bench.service.exports(bench.model, [known("e2", "coreml"), known(args={"imgsz": 64}, joined=True)], 1234.0)
    bad, good = bench.service.exports(bench.model, [known("e2", "coreml"), known(args={"imgsz": 64}, joined=True)])
    assert (bad.state, bad.error, bad.format) == (State.FAILED, "x" * 500, "coreml")
    assert (good.state, good.size, good.file_name, good.seconds) == (State.COMPLETED, 12, "yolo11n.onnx", 42.5)
    assert (good.args, good.joined) == ({"imgsz": 64}, True)
    assert good.url is not None
    assert good.url.reveal() == "https://store.example.org/x?signature=s"
    assert "signature" not in repr(good)
    assert bench.transport.requests() == [f"GET {EXPORTS}"] * 2
    assert [sent.options["deadline"] for sent in bench.transport.sent] == [1234.0, float("inf")]


def test_the_format_is_ours_whatever_a_record_says(bench: Bench) -> None:
    bench.on("GET", EXPORTS, listed(completed(format="../evil")))
    assert bench.exports(known())[0].format == "onnx"


@pytest.mark.parametrize(
    "times",
    [
        {"startedAt": "2026-08-01T10:00:05Z", "completedAt": None},
        {"startedAt": "soon", "completedAt": "2026-08-01T10:00:05Z"},
        {"startedAt": "2026-08-01T10:00:05Z", "completedAt": "2026-08-01T10:00:04Z"},
        {"startedAt": 5, "completedAt": []},
        {"startedAt": "0001-01-01T00:00:00+14:00", "completedAt": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_times_that_tell_no_duration(bench: Bench, times: dict[str, object]) -> None:
    bench.on("GET", EXPORTS, listed(completed() | times))
    assert bench.exports(known())[0].seconds is None


@pytest.mark.parametrize("file", [None, [], "x", {"size": -1, "downloadUrl": 5, "downloadFilename": {}}])
def test_a_file_of_any_shape(bench: Bench, file: object) -> None:
    bench.on("GET", EXPORTS, listed(completed() | {"file": file, "error": 5, "args": 7}))
    [export] = bench.exports(known())
    assert (export.size, export.url, export.file_name, export.error) == (None, None, "", "")


def test_one_that_is_not_listed_is_asked_for_alone(bench: Bench) -> None:
    bench.on("GET", EXPORTS, listed(record("e3")))
    bench.on("GET", f"{EXPORTS}/e1", ok({"export": completed()}))
    bench.on("GET", f"{EXPORTS}/e2", refused(404))
    states = [export.state for export in bench.exports(known("e1"), known("e2"), known("e3"))]
    assert states == [State.COMPLETED, State.CANCELLED, State.PENDING]


def test_no_more_than_two_are_asked_for_alone(bench: Bench) -> None:
    bench.on("GET", EXPORTS, listed())
    wanted = [known(f"e{number}") for number in range(22)]
    for number in range(2):
        bench.on("GET", f"{EXPORTS}/e{number}", ok({"export": record(f"e{number}", "failed")}))
    exports = bench.exports(*wanted)
    assert len(bench.transport.sent) == 3
    assert [export.state for export in exports] == [State.FAILED] * 2 + [State.PENDING] * 20


@pytest.mark.parametrize("data", [None, [], {}, {"exports": None}, {"exports": {}}, "x"])
def test_a_list_in_another_form_is_no_empty_list(bench: Bench, data: object) -> None:
    bench.on("GET", EXPORTS, ok(data))
    with pytest.raises(Unreachable, match="form that is not known"):
        bench.service.find_exports(bench.model, ["onnx"])


def test_find_takes_the_newest_that_has_not_failed(bench: Bench) -> None:
    bench.on(
        "GET",
        EXPORTS,
        listed(
            completed("middle", createdAt="2026-08-02T00:00:00Z"),
            completed("newest", createdAt="2026-08-02T01:00:00+00:30"),
            completed("old", createdAt="2026-08-01T00:00:00Z"),
            record("broken", "failed", createdAt="2026-08-03T00:00:00Z"),
            record("earlier", "failed", "litert", createdAt="2026-08-01T00:00:00Z"),
            record("worst", "cancelled", "litert", createdAt="2026-08-02T00:00:00Z"),
            completed("done", "coreml", createdAt="2026-08-02T00:00:00Z"),
            record("failed", "failed", "coreml", createdAt="2026-08-01T00:00:00Z"),
            record("later", "running", "coreml", createdAt="2026-08-03T00:00:00Z"),
        ),
    )
    found = bench.service.find_exports(bench.model, ["coreml", "engine", "onnx", "litert"])
    assert [export and export.id for export in found] == ["later", None, "newest", "worst"]
    assert len(bench.transport.sent) == 1


def test_find_looks_behind_a_full_page(bench: Bench) -> None:
    def answer(sent: Sent) -> Answer:
        if sent.options["query"].get("status") == "completed":
            return listed(completed("behind", "coreml"))
        return listed(*(record(f"e{number}") for number in range(99)), record("failed", "failed", "coreml"))

    bench.on("GET", EXPORTS, answer)
    assert [export and export.id for export in bench.service.find_exports(bench.model, ["coreml"])] == ["behind"]


def test_refreshed(bench: Bench) -> None:
    bench.on("GET", f"{EXPORTS}/e1", ok({"export": completed()}), ok({"export": None}), refused(404))
    export = bench.service.refreshed(bench.model, known(args={"nms": True}))
    assert (export.state, export.url is not None, export.args) == (State.COMPLETED, True, {"nms": True})
    with pytest.raises(Unreachable):
        bench.service.refreshed(bench.model, known())
    with pytest.raises(NotFound):
        bench.service.refreshed(bench.model, known())


def test_cancel(bench: Bench) -> None:
    bench.on("GET", f"{EXPORTS}/e1", ok({"export": record()}))
    bench.on("DELETE", f"{EXPORTS}/e1", ok({"success": True, "action": "cancelled"}))
    bench.service.cancel(bench.model, known())
    assert bench.transport.requests() == [f"GET {EXPORTS}/e1", f"DELETE {EXPORTS}/e1"]
    assert bench.told == []


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_cancel_never_deletes_what_has_ended(bench: Bench, status: str) -> None:
    bench.on("GET", f"{EXPORTS}/e1", ok({"export": record(status=status)}))
    with pytest.raises(Rejected, match=f"is {status} and cannot be cancelled"):
        bench.service.cancel(bench.model, known())
    assert bench.transport.requests() == [f"GET {EXPORTS}/e1"]


def test_cancel_that_came_too_late_is_told(bench: Bench) -> None:
    bench.on("GET", f"{EXPORTS}/e1", ok({"export": record()}))
    bench.on("DELETE", f"{EXPORTS}/e1", ok({"success": True, "action": "deleted"}))
    bench.service.cancel(bench.model, known())
    assert "was deleted" in bench.told[0]


@pytest.mark.parametrize(
    ("has_weights", "words"),
    [(True, "not touched. It still has weights."), (False, "It has no weights."), (None, "exports were not touched.")],
)
def test_reset(bench: Bench, has_weights: object, words: str) -> None:
    bench.on("PATCH", MODEL, ok({"success": True}))
    bench.on("GET", MODEL, ok({"model": {"status": "untrained", "hasWeights": has_weights}}))
    sentence = bench.service.reset_model(bench.model)
    assert sentence.startswith("The status of demo/shapes/yolo11n is now untrained.")
    assert sentence.endswith(words)
    assert bench.transport.sent[0].body == {"status": "untrained"}


def test_reset_while_training(bench: Bench) -> None:
    bench.on("PATCH", MODEL, refused(409, "Training is active"))
    with pytest.raises(Rejected, match="Training is active"):
        bench.service.reset_model(bench.model)
    assert "cancel its training first" in bench.told[0]
    assert bench.transport.requests() == [f"PATCH {MODEL}"]


@pytest.mark.parametrize("data", [{"model": {"status": "completed"}}, {}])
def test_reset_that_did_nothing(bench: Bench, data: object) -> None:
    bench.on("PATCH", MODEL, ok({"success": True}))
    bench.on("GET", MODEL, ok(data))
    with pytest.raises(Rejected, match="not 'untrained'"):
        bench.service.reset_model(bench.model)


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429, 500])
def test_refusals_are_errors_everywhere(bench: Bench, status: int) -> None:
    bench.on("GET", EXPORTS, refused(status))
    bench.on("POST", EXPORTS, refused(status))
    bench.on("PATCH", MODEL, refused(status))
    calls: Sequence[Any] = (
        lambda: bench.exports(known()),
        lambda: bench.service.find_exports(bench.model, ["onnx"]),
        bench.start,
        lambda: bench.service.reset_model(bench.model),
    )
    for call in calls:
        with pytest.raises(ServiceError) as caught:
            call()
        assert caught.value.status == status


def openapi(*names: object) -> dict[str, object]:
    schema = {"properties": {"format": {"enum": list(names)}, "gpuType": {"enum": ["l4", "zebra"]}}}
    return {"paths": {"/api/x": {"post": {"requestBody": [{"schema": schema}]}}}}


def test_a_new_format_is_looked_up_once_it_is_needed(bench: Bench) -> None:
    bench.on("GET", "/openapi.json", ok(openapi("onnx", "torchscript", "lynx", 5)))
    assert bench.service.format("lynx") == "lynx"
    assert bench.service.export_request("lynx", {}).format == "lynx"
    assert bench.transport.requests() == ["GET /openapi.json"]
    assert len(bench.told) == 1
    with pytest.raises(UsageError, match="no export format 'zebra'"):
        bench.service.format("zebra")


@pytest.mark.parametrize("answer", [refused(404), ok(None), ok({"enum": ["lynx"]})])
def test_a_new_format_that_is_not_published(bench: Bench, answer: Answer) -> None:
    bench.on("GET", "/openapi.json", answer)
    with pytest.raises(UsageError, match="no export format 'lynx'"):
        bench.service.format("lynx")


def test_export_request(bench: Bench) -> None:
    request = bench.service.export_request("tflite", {"imgsz": "320"}, "")
    assert request == ExportRequest("litert", {"imgsz": 320})
    assert bench.service.export_request("engine", {}, "L4").gpu_type == "l4"
    assert bench.transport.sent == []
    with pytest.raises(UsageError, match="gpu_type"):
        bench.service.export_request("engine", {})
