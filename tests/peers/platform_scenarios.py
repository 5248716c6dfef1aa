"""The Platform: the official SDK and its command line."""

from __future__ import annotations

from scenario import FAILING, ITSELF, NONE, Scenario, digest, refused, request

from hubaction.sandbox.contract import GPU_TYPES, SUFFIXES

SDK, UL = "platform SDK", "ul"
MODEL = "/api/models/demo/shapes/yolo11n"
EXPORTS = f"{MODEL}/exports"
SUMMARY = "/api/account/summary"
AT_ONCE = {"polls": 0}
SOUND = {
    "state": "ready",
    "images": 16,
    "splits": {"train": 12, "val": 4, "test": 0, "labeled": 16},
    "errors": 0,
    "skipped": {},
}
FAULTY = {
    "state": "ready",
    "images": 20,
    "splits": {"train": 14, "val": 6, "test": 0, "labeled": 18},
    "errors": 5,
    "skipped": {"token-not-number": 2, "column-count": 1, "class-invalid": 2, "not-normalised": 1},
    "bad": ["scene_06.jpg", "scene_09.jpg", "scene_11.jpg", "scene_17.jpg", "scene_19.jpg"],
}
CREATED = request("POST", "/api/datasets", 201, dataset="shapes", name="shapes")
INGESTED = request("POST", "/api/datasets/demo/shapes/ingest", 201, sessionId="<id>")
BEFORE = "ours tells it before any request"

ACCOUNT_AND_MODELS = (
    Scenario(f"{SDK}: key accepted", "key_accepted", {"name": "demo", "plan": "free"}),
    Scenario(
        f"{SDK}: key refused",
        "key_refused",
        refused(401),
        trace="GET *",
        requests=(request("GET", SUMMARY, 401),),
    ),
    Scenario(
        f"{SDK}: key malformed",
        "key_malformed",
        refused(401),
        refused(ITSELF),
        BEFORE,
        trace="*",
        requests=(request("GET", SUMMARY, 401),),
        our_requests=(),
    ),
    Scenario(
        f"{SDK}: its formats and GPUs, in order",
        "formats_and_gpus",
        {"formats": list(SUFFIXES), "gpus": GPU_TYPES},
    ),
    Scenario(
        f"{SDK}: models created, changed, cloned, deleted",
        "models",
        {
            "model": ["first", "obb", "changed", 5, "untrained"],
            "listed": ["copy", "first"],
            "whole": True,
            "gone": refused(404),
        },
        NONE,
    ),
    Scenario(
        f"{SDK}: every field that it can send",
        "every_field",
        {"model": "completed", "best": 2, "dataset": "Fuller", "tags": ["a"]},
        NONE,
    ),
    Scenario(
        f"{SDK}: model reset",
        "model_reset",
        {"status": "untrained"},
        trace="* /api/models/*",
        requests=(request("PATCH", MODEL, 200, status="untrained"), request("GET", MODEL, 200)),
    ),
)

EXPORTED = (
    Scenario(f"{SDK}: export of a missing model", "model_missing", refused(404)),
    Scenario(f"{SDK}: export of someone else's model", "model_of_others", refused(403)),
    Scenario(f"{SDK}: export without weights", "model_without_weights", refused(400)),
    Scenario(
        f"{SDK}: export started, with arguments",
        "export_started",
        {"format": "engine", "state": "queued", "gpu": "l4"},
        trace="POST *",
        requests=(request("POST", EXPORTS, 201, format="engine", gpuType="l4", args={"imgsz": 320, "quantize": 16}),),
    ),
    Scenario(
        f"{SDK}: format unknown",
        "format_unknown",
        refused(400),
        refused(ITSELF),
        BEFORE,
        trace="*",
        requests=(request("POST", EXPORTS, 400, format="tfjs"),),
        our_requests=(),
    ),
    Scenario(
        f"{SDK}: engine without a GPU",
        "gpu_missing",
        refused(400),
        refused(ITSELF),
        BEFORE,
        trace="*",
        requests=(request("POST", EXPORTS, 400, format="engine"),),
        our_requests=(),
    ),
    Scenario(
        f"{SDK}: equal export runs already",
        "export_twice",
        refused(409),
        {"joined": True},
        "ours takes the one that runs",
        trace="POST *",
        requests=tuple(request("POST", EXPORTS, status, format="onnx", args={"imgsz": 320}) for status in (201, 409)),
    ),
    Scenario(
        f"{SDK}: export polled until it is completed",
        "export_completes",
        {"states": ["queued", "starting", "running", "completed"], "size": 4438, "file": "yolo11n_openvino_model.zip"},
    ),
    Scenario(
        f"{SDK}: export fails",
        "export_fails",
        {"state": "failed", "error": "Opset 7 is too old"},
        knobs=FAILING,
    ),
    Scenario(
        f"{SDK}: newest completed export found",
        "export_found",
        {"args": {"imgsz": 640}, "state": "completed"},
    ),
    Scenario(
        f"{SDK}: file downloaded, without the key",
        "file_downloaded",
        {"file": "yolo11n.mlpackage.zip", "sha256": digest("coreml")},
    ),
    Scenario(
        f"{SDK}: export cancelled",
        "export_cancelled",
        {"done": "cancelled", "state": "cancelled"},
        trace="DELETE *",
        requests=(request("DELETE", f"{EXPORTS}/<id>", 200),),
    ),
    Scenario(f"{SDK}: export deleted", "export_deleted", {"done": "deleted", **refused(404)}, NONE),
    Scenario(f"{SDK}: link for a phone", "mobile_link", {"early": refused(409), "link": True}, NONE),
)

RETRIES = (
    Scenario(
        f"{SDK}: 429 with Retry-After on GET",
        "key_checked",
        refused(None),
        trace="GET *",
        requests=(request("GET", SUMMARY, 429), request("GET", SUMMARY, 200)),
        faults=(f"GET {SUMMARY} limit=1",),
    ),
    Scenario(
        f"{SDK}: 429 with Retry-After on POST",
        "export_tried",
        refused(None),
        trace="POST *",
        requests=(request("POST", EXPORTS, 429, format="onnx"), request("POST", EXPORTS, 201, format="onnx")),
        faults=(f"POST {EXPORTS} limit=1",),
    ),
    Scenario(
        f"{SDK}: 429 with headers that nobody can read",
        "key_checked",
        refused(None),
        trace="GET *",
        requests=(request("GET", SUMMARY, 429), request("GET", SUMMARY, 200)),
        faults=(f"GET {SUMMARY} limit=odd",),
    ),
    Scenario(
        f"{SDK}: 503 once on GET",
        "key_checked",
        refused(None),
        trace="GET *",
        requests=(request("GET", SUMMARY, 503), request("GET", SUMMARY, 200)),
        faults=(f"GET {SUMMARY} status=503",),
    ),
    Scenario(
        f"{SDK}: 503 on POST is not repeated",
        "export_tried",
        refused(503),
        trace="POST *",
        requests=(request("POST", EXPORTS, 503, format="onnx"),),
        faults=(f"POST {EXPORTS} status=503",),
    ),
    Scenario(f"{SDK}: 500 for ever", "key_checked", refused(500), faults=(f"GET {SUMMARY} status=500 always",)),
    Scenario(f"{SDK}: HTML from a proxy once", "key_checked", refused(None), faults=(f"GET {SUMMARY} html=502",)),
    Scenario(f"{SDK}: connection reset once", "key_checked", refused(None), faults=(f"GET {SUMMARY} reset",)),
    Scenario(
        f"{SDK}: 409 on GET",
        "key_checked",
        refused(None),
        refused(409),
        "the SDK tries again; for ours a conflict is an answer",
        faults=(f"GET {SUMMARY} status=409",),
    ),
)

DATASETS = (
    Scenario(
        f"{SDK}: dataset uploaded and read",
        "dataset_uploaded",
        SOUND,
        trace="POST /api/datasets*",
        requests=(CREATED, INGESTED),
    ),
    Scenario(f"{SDK}: folder packed by each, uploaded", "dataset_packed", SOUND),
    Scenario(f"{SDK}: faulty dataset", "dataset_faulty", FAULTY),
    Scenario(
        f"{SDK}: archive that is none",
        "dataset_unreadable",
        {"state": "failed", "problem": "The sandbox reads zip archives only."},
    ),
    Scenario(
        f"{SDK}: dataset exists",
        "dataset_exists",
        refused(409),
        {"new": [True, False]},
        "ours adds to the dataset that exists, and says so",
        trace="POST /api/datasets",
        requests=(CREATED, CREATED.replace("201", "409")),
    ),
    Scenario(
        f"{SDK}: dataset is still being read",
        "dataset_busy",
        refused(409),
        {"first": "processing", **refused(ITSELF)},
        "ours looks first and sends no second archive",
        trace="PUT *",
        requests=("PUT /storage/uploads/<id> 200 <186357 bytes>",) * 2,
        our_requests=("PUT /storage/uploads/<id> 200 <186357 bytes>",),
        knobs={"seconds": 60.0},
    ),
    Scenario(
        f"{SDK}: one PUT only, and for its own dataset",
        "upload_foreign",
        {"sent": True, "again": False, "whole": True, **refused(403)},
        NONE,
    ),
    Scenario(
        f"{SDK}: dataset exported, as it is and as a version",
        "dataset_exported",
        {"lines": 17, "version": 1, "listed": 1},
        NONE,
    ),
)

COMMAND_LINE = (
    Scenario(f"{UL}: key accepted", "ul_key_accepted", {"code": 0, "name": "demo"}),
    Scenario(f"{UL}: key refused", "ul_key_refused", {"fails": True, "told": True}),
    Scenario(
        f"{UL}: export, wait, download",
        "ul_export",
        {"fails": False, "files": {"yolo11n.onnx": digest("onnx", imgsz=320)}},
        knobs=AT_ONCE,
    ),
    Scenario(f"{UL}: export fails", "ul_export_fails", {"fails": True, "told": True}, knobs=FAILING),
)

SCENARIOS = (*ACCOUNT_AND_MODELS, *EXPORTED, *RETRIES, *DATASETS, *COMMAND_LINE)
