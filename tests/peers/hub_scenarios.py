"""HUB: its official SDK, and the module ``hub`` of ultralytics."""

from __future__ import annotations

from scenario import FAILING, ITSELF, NONE, Scenario, digest, refused, request

HUB, MODULE = "hub-sdk", "ultralytics.hub"
MODEL = "Demo0Shapes0Yolo11n0"
HUB_EXPORT = f"/v1/models/{MODEL}/export"
HUB_FORMATS = (
    "torchscript onnx openvino engine coreml saved_model pb edgetpu paddle mnn ncnn imx rknn executorch axelera deepx "
    "qnn litert hailo ascend ultralytics_tflite ultralytics_coreml"
)

HUB_SDK = (
    Scenario(f"{HUB}: key accepted", "hub_key_accepted", {"accepted": True}),
    Scenario(f"{HUB}: key refused", "hub_key_refused", {"accepted": False}),
    Scenario(f"{HUB}: trained model read", "hub_model_read", [True, True, True, "yolo11n.yaml"], NONE),
    Scenario(
        f"{HUB}: models created, changed, deleted",
        "hub_models",
        {"name": "First", "trained": False, "changed": [True, "Second"], "deleted": [True, False], "left": {}},
        NONE,
    ),
    Scenario(
        f"{HUB}: export, polled until it is ready, and its file",
        "hub_export",
        {"ready": [False, False, False, True], "sha256": digest("onnx")},
        trace="POST /v1/models/*",
        requests=(request("POST", HUB_EXPORT, 200, format="onnx"),),
    ),
    Scenario(f"{HUB}: export fails, with status 200", "hub_export_fails", {"failed": True}, knobs=FAILING),
    Scenario(
        f"{HUB}: export fails, with status 400",
        "hub_export_fails",
        {"failed": True},
        knobs={**FAILING, "hub_failure_status": 400},
    ),
    Scenario(f"{HUB}: export that was not started", "hub_export_missing", refused(404)),
    Scenario(f"{HUB}: dataset uploaded, and its file", "hub_dataset", {"sent": True, "same": True}),
    Scenario(
        f"{HUB}: dataset changed and deleted",
        "hub_dataset_changed",
        {"changed": [True, "forms"], "deleted": True, "left": {}},
        NONE,
    ),
    Scenario(
        f"{HUB}: pages of a list, forth and back",
        "hub_pages",
        {"pages": 3, "seen": ["ab", "cd", "e", "e", "cd"], "second": 2},
        NONE,
    ),
    Scenario(
        f"{HUB}: 429",
        "hub_limited",
        {**refused(429), "knows when": True},
        refused(None),
        "hub-sdk only tells it; ours waits and asks again",
        faults=("* /v1/models/* limit=1", "POST /v1/auth limit=1"),
    ),
)

HUB_MODULE = (
    Scenario(f"{MODULE}: login", "login", {"accepted": True, "saved": True}),
    Scenario(f"{MODULE}: login without saving", "login_unsaved", {"accepted": True, "saved": False}),
    Scenario(f"{MODULE}: login refused", "login_refused", {"accepted": False, "saved": False}),
    Scenario(f"{MODULE}: logout", "logout", {"saved": False}),
    Scenario(
        f"{MODULE}: reset_model",
        "reset_model",
        refused(400),
        trace="POST *",
        requests=(
            request("POST", "/model-reset", 200, modelId=MODEL),
            request("POST", HUB_EXPORT, 400, format="onnx"),
        ),
    ),
    Scenario(
        f"{MODULE}: reset_model, unknown model",
        "reset_unknown_model",
        refused(None),
        refused(404),
        "the module only warns and returns None either way",
    ),
    Scenario(f"{MODULE}: export_fmts_hub", "export_fmts_hub", HUB_FORMATS.split()),
    Scenario(
        f"{MODULE}: export_model",
        "export_model",
        refused(None),
        trace="POST *",
        requests=(request("POST", HUB_EXPORT, 200, format="onnx"),),
    ),
    Scenario(f"{MODULE}: export_model, unknown model", "export_unknown_model", refused(404)),
    Scenario(f"{MODULE}: export_model, unknown format", "export_unknown_format", refused(ITSELF), trace="*"),
    Scenario(f"{MODULE}: export_model, wrong key", "export_with_wrong_key", refused(401)),
    Scenario(
        f"{MODULE}: get_export until it is ready, and its file",
        "get_export",
        {"ready": [False, False, False, True], "message": "Export ready!", "sha256": digest("coreml")},
        trace="POST /get-export",
        requests=(request("POST", "/get-export", 200, apiKey="***", modelId=MODEL, format="coreml"),) * 4,
    ),
    Scenario(
        f"{MODULE}: get_export of a failed one",
        "get_failed_export",
        {"told apart from a pending one": False},
        {"told apart from a pending one": True},
        "the module answers alike for a failed and a pending one",
        knobs=FAILING,
    ),
    Scenario(f"{MODULE}: get_export of one not started", "get_missing_export", refused(404)),
)

SCENARIOS = (*HUB_SDK, *HUB_MODULE)
