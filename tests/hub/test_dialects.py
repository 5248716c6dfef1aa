"""Both dialects over real sockets, against the sandbox: its rules are enforced there, so nothing here is scripted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hubaction.errors import NotFound, Rejected, Unauthorised, UsageError
from hubaction.hub.connect import Settings, connect
from hubaction.hub.formats import HUB_FORMATS, PLATFORM_FORMATS
from hubaction.hub.secret import Secret
from hubaction.hub.service import DatasetUpload, Export, ModelId, Service, State, Uploaded
from hubaction.hub.waiting import wait_for_exports
from hubaction.sandbox import Fault, Kind, Sandbox

MODELS = {"platform": "demo/shapes/yolo11n", "hub": "Demo0Shapes0Yolo11n0"}


class Leaping:
    """A clock that leaps instead of sleeping, and takes the sandbox along."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def now(self) -> float:
        return time.time() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds
        self.box.advance(seconds)
        time.sleep(0.01)  # the sandbox reads uploads in a thread, by no clock


class Bench:
    """A sandbox, and clients of it."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.clock = Leaping(box)
        self.told: list[str] = []

    def platform(self, key: str = "") -> Service:
        settings = Settings(Secret(key or self.box.platform_key), self.box.url, "", "test")
        return connect(settings, self.told.append, self.clock)

    def hub(self, key: str = "") -> Service:
        settings = Settings(Secret(key or self.box.hub_key), "", self.box.url, "test")
        return connect(settings, self.told.append, self.clock)

    def service(self, dialect: str) -> tuple[Service, ModelId]:
        service = self.platform() if dialect == "platform" else self.hub()
        return service, service.model(MODELS[dialect])

    def start(self, service: Service, model: ModelId, *formats: str) -> list[Export]:
        gpus = {"engine": "l4"}
        requests = [service.export_request(name, {}, gpus.get(name, "")) for name in formats]
        return [service.start_export(model, request) for request in requests]

    def wait(self, service: Service, model: ModelId, exports: list[Export], budget: float = 3600.0) -> list[Export]:
        return wait_for_exports(service, model, exports, budget, self.told.append, self.clock)

    def refusals(self) -> list[int]:
        return [entry.status for entry in self.box.log if entry.status == 429]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Sandbox(seconds=8.0, failures={"pb": "No such luck"}) as box:
        yield Bench(box)
        assert box.leaks == []


both = pytest.mark.parametrize("dialect", ["platform", "hub"])


def test_keys(bench: Bench) -> None:
    assert bench.platform().check_key().name == "demo"
    bench.hub().check_key()
    with pytest.raises(Unauthorised):
        bench.platform("ul_" + "0" * 40).check_key()
    with pytest.raises(Unauthorised):
        bench.hub("0" * 42).check_key()


@both
def test_from_start_to_end(bench: Bench, dialect: str) -> None:
    service, model = bench.service(dialect)
    started = bench.start(service, model, "onnx", "pb", "tflite")
    assert {export.state for export in started} == {State.PENDING}
    onnx, pb, litert = bench.wait(service, model, started)
    assert [export.format for export in (onnx, pb, litert)] == ["onnx", "pb", "litert"]
    assert (onnx.state, pb.state, litert.state) == (State.COMPLETED, State.FAILED, State.COMPLETED)
    assert "No such luck" in pb.error
    assert onnx.url is not None
    found = service.find_exports(model, ["litert", "ncnn", "onnx"])
    assert [export and export.state for export in found] == [State.COMPLETED, None, State.COMPLETED]
    assert service.refreshed(model, onnx).url is not None


@both
def test_all_formats_at_once_within_the_limits(bench: Bench, dialect: str) -> None:
    service, model = bench.service(dialect)
    names = PLATFORM_FORMATS if dialect == "platform" else HUB_FORMATS
    ended = bench.wait(service, model, bench.start(service, model, *names))
    assert [export.format for export in ended] == list(names)
    assert {export.state for export in ended if export.format != "pb"} == {State.COMPLETED}
    refused = len(bench.refusals())
    assert refused <= (1 if dialect == "platform" else 0)  # the 21st start asks how long to wait; no poll is refused


@both
def test_a_budget_that_is_too_short(bench: Bench, dialect: str) -> None:
    service, model = bench.service(dialect)
    [export] = bench.wait(service, model, bench.start(service, model, "onnx"), 12.0)
    assert export.state is State.PENDING


@both
def test_a_service_that_is_down_for_a_while(bench: Bench, dialect: str) -> None:
    service, model = bench.service(dialect)
    started = bench.start(service, model, "onnx")
    bench.box.faults.add(Fault("*export*", Kind.STATUS, "503", 7), Fault("*export*", Kind.HTML, "", 2))
    bench.box.faults.add(Fault("*export*", Kind.RESET, "", 2), Fault("*export*", Kind.EXTRA, "", None))
    [export] = bench.wait(service, model, started)
    assert export.state is State.COMPLETED
    assert any("wait goes on" in line or "still going on" in line for line in bench.told)


def test_an_unknown_state_goes_on(bench: Bench) -> None:
    service, model = bench.service("platform")
    started = bench.start(service, model, "onnx")
    bench.box.faults.add(Fault("*", Kind.STATE, "provisioning", 2))
    [export] = bench.wait(service, model, started)
    assert export.state is State.COMPLETED
    assert len([line for line in bench.told if "'provisioning'" in line and "taken as" in line]) == 1


def test_an_equal_export_is_joined(bench: Bench) -> None:
    service, model = bench.service("platform")
    request = service.export_request("engine", {"quantize": "16", "dynamic": "yes"}, "L4")
    first, second = service.start_export(model, request), service.start_export(model, request)
    assert (first.joined, second.joined, second.id) == (False, True, first.id)
    other = service.start_export(model, service.export_request("engine", {"quantize": 16}, "l4"))
    assert other.id != first.id


def test_cancel(bench: Bench) -> None:
    service, model = bench.service("platform")
    [export] = bench.start(service, model, "onnx")
    service.cancel(model, export)
    assert service.refreshed(model, export).state is State.CANCELLED
    with pytest.raises(Rejected):
        service.cancel(model, export)
    assert service.refreshed(model, export).state is State.CANCELLED


def test_a_format_that_the_service_has_since(bench: Bench) -> None:
    bench.box.turn(more_formats=["lynx"])
    service, model = bench.service("platform")
    [export] = bench.start(service, model, "lynx")
    assert export.format == "lynx"
    asked = len(bench.box.log)
    with pytest.raises(UsageError):
        bench.hub().format("lynx")
    with pytest.raises(UsageError):
        service.format("onxx")
    assert len(bench.box.log) == asked


@both
def test_reset(bench: Bench, dialect: str) -> None:
    service, model = bench.service(dialect)
    assert "untrained" in service.reset_model(model)


@both
def test_a_model_that_is_not_there(bench: Bench, dialect: str) -> None:
    service, _ = bench.service(dialect)
    model = service.model({"platform": "demo/shapes/nothing", "hub": "X" * 20}[dialect])
    for call in (
        lambda: service.reset_model(model),
        lambda: bench.start(service, model, "onnx"),
        lambda: service.find_exports(model, ["onnx"]),
    ):
        with pytest.raises(NotFound):
            call()


def send(bench: Bench, service: Service, file: Path, target: str, **more: Any) -> tuple[Uploaded, list[Any]]:
    seen: list[Any] = []
    upload = DatasetUpload(file, target, **more)
    return service.upload_dataset(upload, lambda *done: seen.append(done)), seen


@pytest.fixture
def photos(make: Callable[..., Any], draw: Callable[..., bytes]) -> Callable[[], Any]:
    """A dataset whose images are large enough for the Platform."""

    def build() -> Any:
        maker = make("detect")
        for seed, path in enumerate(path for path in maker.files if path.startswith("images/")):
            maker.put(path, draw(size=(64, 48), seed=seed))
        return maker

    return build


def test_upload_to_the_platform(bench: Bench, photos: Callable[[], Any]) -> None:
    file = photos().zip()
    service = bench.platform()
    first, seen = send(bench, service, file, "Wild Cats")
    assert (first.shown, first.created, first.state) == ("ul://demo/datasets/wild-cats", True, State.COMPLETED)
    assert first.images
    assert not first.errors
    assert first.splits["train"] > 0
    assert seen[-1] == (file.stat().st_size, file.stat().st_size)
    again, _ = send(bench, service, file, "demo/wild-cats", conflict="skip")
    assert (again.created, again.state) == (False, State.COMPLETED)


def test_upload_of_a_dataset_that_is_unsound(bench: Bench, photos: Callable[[], Any]) -> None:
    service = bench.platform()
    broken, _ = send(bench, service, photos().image(b"no image").zip("a.zip"), "broken")
    assert broken.errors == 1
    assert [name.rpartition("/")[2] for name in broken.bad_images] == ["a.jpg"]
    skipped, _ = send(bench, service, photos().label("9 0.5 0.5 0.1 0.1\n").zip("b.zip"), "skipped")
    assert sum(skipped.skipped.values()) > 0
    empty, _ = send(bench, service, photos().drop("images").zip("c.zip"), "empty")
    assert (empty.state, bool(empty.problem)) == (State.FAILED, True)


def test_upload_to_a_hub_server(bench: Bench, make: Callable[..., Any]) -> None:
    file = make("detect").zip()
    service = bench.hub()
    first, seen = send(bench, service, file, "Wild Cats")
    assert (first.created, first.state) == (True, State.COMPLETED)
    assert seen[-1] == (file.stat().st_size, file.stat().st_size)
    again, _ = send(bench, service, file, first.shown)
    assert (again.shown, again.created, again.state) == (first.shown, False, State.COMPLETED)
