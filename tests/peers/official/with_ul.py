"""``ul``, the official command line of the Platform."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from steps import Place, step


def ul(place: Place, *words: str, key: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``ul cloud`` and wait for its end."""
    command = [Path(sys.executable).with_name("ul"), "cloud", *words]
    variables = {"ULTRALYTICS_API_KEY": key or place.platform_key, "ULTRALYTICS_PLATFORM_URL": place.url}
    environment = {**os.environ, **variables}
    return subprocess.run(
        command, check=False, env=environment, cwd=place.work, capture_output=True, text=True, timeout=50
    )


@step
def ul_key_accepted(place: Place) -> object:
    run = ul(place, "account", "summary")
    return {"code": run.returncode, "name": json.loads(run.stdout)["username"]}


@step
def ul_key_refused(place: Place) -> object:
    run = ul(place, "account", "summary", key="ul_" + "0" * 40)
    return {"fails": run.returncode != 0, "told": "401" in run.stderr}


@step
def ul_export(place: Place) -> object:
    run = ul(place, "export", "model=ul://demo/shapes/yolo11n", "format=onnx", "imgsz=320", "save_dir=out")
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (place.work / "out").iterdir()}
    return {"fails": run.returncode != 0, "files": files}


@step
def ul_export_fails(place: Place) -> object:
    run = ul(place, "export", "model=ul://demo/shapes/yolo11n", "format=onnx", "save_dir=out")
    return {"fails": run.returncode != 0, "told": "Opset 7" in run.stderr}
