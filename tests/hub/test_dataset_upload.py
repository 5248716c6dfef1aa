"""A dataset's way to the Platform: what is sent in which order, and what is made of the service's counts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from scripted import ScriptedClock, ScriptedTransport, ok, refused

from hubaction.errors import Forbidden, NotFound, Rejected, Unreachable, UsageError
from hubaction.hub.answer import Answer
from hubaction.hub.dataset_upload import DatasetSender, Target, read_target, slugify
from hubaction.hub.secret import Secret
from hubaction.hub.service import DatasetUpload, State, Uploaded

ROOT = ScriptedTransport.root
DATASET = "/api/datasets/demo/shapes"
BYTES = b"PK" * 50
ADDRESS = "https://store.example.org/put?signature=s"
STEPS = [
    "POST /api/datasets",
    "POST /api/upload/signed-url",
    "POST /api/upload/complete",
    f"POST {DATASET}/ingest",
    f"GET {DATASET}",
]


class Storage:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.put_: list[tuple[str, bytes, dict[str, str], float]] = []

    def put(self, url: Secret, file: Path, headers: Mapping[str, str], progress: Any, *, deadline: float) -> None:
        self.put_.append((url.reveal(), file.read_bytes(), dict(headers), deadline))
        progress(len(BYTES), len(BYTES))


class Bench:
    """A Platform that takes everything, until a test says otherwise."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "my photos.zip"
        self.file.write_bytes(BYTES)
        self.clock = ScriptedClock()
        self.transport = ScriptedTransport(self.clock)
        self.storage = Storage()
        self.told: list[str] = []
        on = self.on = self.transport.on
        on("POST", "/api/datasets", ok({"id": "d1", "owner": "demo", "dataset": "shapes", "region": "eu"}, 201))
        on("POST", "/api/upload/signed-url", ok({"sessionId": "s1", "uploadUrl": ADDRESS, "headers": {"x-a": "b"}}))
        on("POST", "/api/upload/complete", ok({"success": True, "file": {"size": len(BYTES)}}))
        on("POST", f"{DATASET}/ingest", ok({"jobId": "j1", "status": "queued"}, 201))
        on("GET", DATASET, self.dataset())

    def dataset(self, status: str = "ready", job: str = "j1", **more: object) -> Answer:
        splits = {"train": 3, "val": 2, "test": 0, "labeled": 5}
        return ok(
            {
                "dataset": {
                    "id": "d1",
                    "status": status,
                    "lastIngestJobId": job,
                    "imageCount": 5,
                    "splits": splits,
                    **more,
                }
            }
        )

    def send(self, target: str = "demo/shapes", **more: Any) -> Uploaded:
        storage: Any = self.storage
        transport: Any = self.transport
        sender = DatasetSender(transport, storage, self.told.append, self.clock)
        upload = DatasetUpload(more.pop("file", self.file), target, **more)
        return sender.send(upload, lambda *_: None)

    def body(self, path: str) -> Any:
        return next(sent.body for sent in self.transport.sent if (sent.method, sent.path) == ("POST", path))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_whole_way(bench: Bench) -> None:
    result = bench.send(task="detect", conflict="skip", deadline=9000.0)
    assert bench.transport.requests() == STEPS
    assert bench.body("/api/datasets") == {"dataset": "shapes", "name": "shapes", "owner": "demo", "task": "detect"}
    assert bench.body("/api/upload/signed-url") == {
        "assetType": "datasets",
        "assetId": "d1",
        "filename": "shapes.zip",
        "contentType": "application/octet-stream",
        "totalBytes": 100,
    }
    headers = {"Content-Type": "application/octet-stream", "x-a": "b"}
    assert bench.storage.put_ == [(ADDRESS, BYTES, headers, 9000.0)]
    assert bench.body("/api/upload/complete") == {"sessionId": "s1", "checksum": hashlib.sha256(BYTES).hexdigest()}
    assert bench.body(f"{DATASET}/ingest") == {"sessionId": "s1", "conflictPolicy": "skip"}
    assert result == Uploaded(
        "ul://demo/datasets/shapes", True, State.COMPLETED, 5, splits={"train": 3, "val": 2, "test": 0, "labeled": 5}
    )
    assert {sent.options["deadline"] for sent in bench.transport.sent} == {9000.0}


def test_what_is_not_given_is_not_sent(bench: Bench) -> None:
    bench.send("shapes")
    assert bench.body("/api/datasets") == {"dataset": "shapes", "name": "shapes"}
    assert bench.body(f"{DATASET}/ingest") == {"sessionId": "s1"}


def test_the_services_own_slug_and_owner_are_used(bench: Bench) -> None:
    bench.on("POST", "/api/datasets", ok({"id": "d1", "owner": "team", "dataset": "shapes-2"}, 201))
    bench.on("POST", "/api/datasets/team/shapes-2/ingest", ok({"jobId": "j1"}, 201))
    bench.on("GET", "/api/datasets/team/shapes-2", bench.dataset())
    assert bench.send("shapes").shown == "ul://team/datasets/shapes-2"


@pytest.mark.parametrize("target", ["demo/shapes", "shapes"])
def test_a_taken_name_is_reused(bench: Bench, target: str) -> None:
    bench.on("POST", "/api/datasets", refused(409, "exists"))
    bench.on("GET", "/api/account/summary", ok({"username": "demo"}))
    bench.on("GET", DATASET, bench.dataset("ready", "j0"), bench.dataset())
    result = bench.send(target)
    assert (result.created, result.state) == (False, State.COMPLETED)
    assert ("GET /api/account/summary" in bench.transport.requests()) == (target == "shapes")
    assert bench.body("/api/upload/signed-url")["assetId"] == "d1"


def test_a_dataset_that_is_busy_is_not_sent_to(bench: Bench) -> None:
    bench.on("POST", "/api/datasets", refused(409))
    bench.on("GET", DATASET, bench.dataset("processing"))
    with pytest.raises(Rejected, match="still reading another upload"):
        bench.send()
    assert bench.storage.put_ == []


def test_a_taken_name_that_this_key_cannot_see(bench: Bench) -> None:
    bench.on("POST", "/api/datasets", refused(409))
    bench.on("GET", DATASET, refused(404))
    with pytest.raises(NotFound):
        bench.send()


@pytest.mark.parametrize("step", range(4))
def test_a_refusal_at_any_step_ends_it(bench: Bench, step: int) -> None:
    method, path = STEPS[step].split()
    bench.on(method, path, refused(403, "Plan limit reached"))
    with pytest.raises(Forbidden, match="Plan limit reached"):
        bench.send()
    assert bench.transport.requests() == STEPS[: step + 1]


@pytest.mark.parametrize("step", [0, 1, 3])
def test_an_answer_without_what_is_needed(bench: Bench, step: int) -> None:
    method, path = STEPS[step].split()
    bench.on(method, path, ok({"sessionId": "s1", "status": "x"}))
    with pytest.raises(Unreachable, match=r"holds no (id|uploadUrl|jobId)"):
        bench.send()


def test_another_size_than_was_sent(bench: Bench) -> None:
    bench.on("POST", "/api/upload/complete", ok({"file": {"size": 99}}))
    with pytest.raises(Rejected, match="stored 99 of 100 bytes"):
        bench.send()


def test_a_completion_that_tells_no_size(bench: Bench) -> None:
    bench.on("POST", "/api/upload/complete", ok({"success": True}))
    assert bench.send().state is State.COMPLETED


def test_headers_of_the_signed_address_cannot_break_the_request(bench: Bench) -> None:
    odd = {"a": "x\r\ny: z", "b": 5, "c": None, "d": "fine"}
    bench.on("POST", "/api/upload/signed-url", ok({"sessionId": "s1", "uploadUrl": ADDRESS, "headers": odd}))
    bench.send()
    assert bench.storage.put_[0][2] == {"Content-Type": "application/octet-stream", "d": "fine"}


def test_the_wait_is_for_this_very_job(bench: Bench) -> None:
    bench.on(
        "GET",
        DATASET,
        bench.dataset("ready", "j0"),
        bench.dataset("processing", "j1"),
        bench.dataset("provisioning", "j1"),
        bench.dataset("failed", "j0"),
        bench.dataset("failed", "j1", processingError={"message": "m" * 900}),
    )
    bench.on("GET", f"{DATASET}/images", ok({"images": []}))
    result = bench.send()
    assert (result.state, result.problem) == (State.FAILED, "m" * 500)
    assert bench.clock.slept == [5, 7, 9, 11, 13]


def test_the_wait_ends_at_the_deadline(bench: Bench) -> None:
    bench.on("GET", DATASET, bench.dataset("processing"))
    result = bench.send(deadline=bench.clock.time + 100)
    assert (result.state, result.images, result.errors) == (State.PENDING, None, None)
    assert sum(bench.clock.slept) == 100
    assert bench.transport.sent[-1].options["deadline"] == bench.clock.time + 10  # the last look has its time
    assert max(bench.clock.slept) == 15
    assert [line for line in bench.told if "still reading" in line] == [
        "After 32 s the service is still reading ul://demo/datasets/shapes.",
        "After 75 s the service is still reading ul://demo/datasets/shapes.",
    ]


def test_a_missing_answer_is_borne(bench: Bench) -> None:
    bench.on("GET", DATASET, Unreachable("The service is down."), refused(503), refused(429), bench.dataset())
    assert bench.send().state is State.COMPLETED
    assert len([line for line in bench.told if "The wait goes on" in line]) == 3


def test_a_lost_dataset_is_not_waited_for(bench: Bench) -> None:
    bench.on("GET", DATASET, refused(404))
    with pytest.raises(NotFound):
        bench.send()


@pytest.mark.parametrize(
    ("record", "errors"),
    [
        ({"errorCount": 2}, 2),
        ({"lastIngestSummary": {"errors": 3, "added": 1}}, 3),
        ({"errorCount": 2, "lastIngestSummary": {"errors": 1}}, 2),
        ({"errorCount": 0, "lastIngestSummary": {"errors": 4}}, 4),
        ({"errorCount": 0}, 0),
        ({"errorCount": "2", "lastIngestSummary": []}, None),
    ],
)
def test_errors_are_those_of_either_count(bench: Bench, record: dict[str, object], errors: int | None) -> None:
    bench.on("GET", DATASET, bench.dataset(**record))
    bench.on("GET", f"{DATASET}/images", ok({"images": []}))
    assert bench.send().errors == errors
    assert (f"GET {DATASET}/images" in bench.transport.requests()) == bool(errors)


def test_counts(bench: Bench) -> None:
    skipped = {"unmatched class": 4, "odd": "x", "less": -1, **{f"r{number}": 1 for number in range(100)}}
    bench.on("GET", DATASET, bench.dataset(lastIngestSummary={"skippedCounts": skipped}, splits=[], imageCount=1.5))
    result = bench.send()
    assert result.skipped["unmatched class"] == 4
    assert set(result.skipped) & {"odd", "less"} == set()
    assert len(result.skipped) <= 50
    assert (result.images, result.splits) == (None, {})


def test_the_first_bad_images(bench: Bench) -> None:
    bench.on("GET", DATASET, bench.dataset(errorCount=20))
    images = [{"name": "a.jpg", "error": "e" * 900}, {"name": "b.jpg"}, 5]
    images += [{"name": f"{number}.jpg", "error": "bad"} for number in range(20)]
    bench.on("GET", f"{DATASET}/images", ok({"images": images}))
    bad = bench.send().bad_images
    assert bad["a.jpg"] == "e" * 500
    assert list(bad) == ["a.jpg", *(f"{number}.jpg" for number in range(7))]
    assert bench.transport.sent[-1].options["query"] == {"hasError": "true", "limit": 10}


def test_a_failure_names_bad_images_without_a_count(bench: Bench) -> None:
    bench.on("GET", DATASET, bench.dataset("failed"))
    bench.on("GET", f"{DATASET}/images", ok({"images": [{"name": "a.jpg", "error": "bad"}]}))
    assert bench.send().bad_images == {"a.jpg": "bad"}


def test_the_verdict_stands_without_the_bad_images(bench: Bench) -> None:
    bench.on("GET", DATASET, bench.dataset(errorCount=1))
    bench.on("GET", f"{DATASET}/images", refused(500))
    result = bench.send()
    assert (result.state, result.errors, result.bad_images) == (State.COMPLETED, 1, {})
    assert "answered 500" in bench.told[-1]


@pytest.mark.parametrize("name", ["a.zip", "a.TAR", "a.tar.gz", "a.b.tgz", "a.ndjson"])
def test_suffixes(bench: Bench, name: str) -> None:
    file = bench.file.rename(bench.file.with_name(name))
    bench.send(file=file)
    suffix = ".tar.gz" if name == "a.tar.gz" else file.suffix.lower()
    assert bench.body("/api/upload/signed-url")["filename"] == f"shapes{suffix}"


@pytest.mark.parametrize(
    "more", [{"file": Path("x.rar")}, {"file": Path("zip")}, {"conflict": "overwrite"}, {"target": "a/b/c"}]
)
def test_what_cannot_be_is_told_before_any_request(bench: Bench, more: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        bench.send(**more)
    assert bench.transport.sent == []


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("shapes", Target("", "shapes", "shapes")),
        (" demo/shapes ", Target("demo", "shapes", "shapes")),
        ("ul://demo/datasets/shapes", Target("demo", "shapes", "shapes")),
        (f"{ROOT}/demo/datasets/shapes/", Target("demo", "shapes", "shapes")),
        (f"{ROOT}/demo/datasets/shapes?tab=1", Target("demo", "shapes", "shapes")),
        ("Why? Shapes", Target("", "why-shapes", "Why? Shapes")),
        ("demo/My Shapes", Target("demo", "my-shapes", "My Shapes")),
        ("My\x1bShapes", Target("", "myshapes", "myshapes")),
        ("x" * 300, Target("", "x" * 128, "x" * 100)),
    ],
)
def test_targets(text: str, target: Target) -> None:
    assert read_target(text, ROOT) == target


@pytest.mark.parametrize(
    "text", ["", " ", "/", "a/b/c", "demo/", "demo/!!", "../shapes", "Demo/shapes", "https://else.org/demo/datasets/x"]
)
def test_no_targets(text: str) -> None:
    with pytest.raises(UsageError, match="names no dataset"):
        read_target(text, ROOT)


@pytest.mark.parametrize(
    ("name", "slug"),
    [("My  Photos - 2", "my-photos-2"), ("my_set", "myset"), ("--a--", "a"), ("Äpfel", "pfel"), ("!", "")],
)
def test_slugify(name: str, slug: str) -> None:
    assert slugify(name) == slug


def test_a_slug_that_was_cut_does_not_end_in_a_hyphen() -> None:
    assert slugify("x" * 127 + " yy") == "x" * 127
