"""The inputs and outputs of action.yml, as tables, and the reader of the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Input:
    """One input of action.yml. ``variable`` is read from the environment where the input is blank."""

    name: str
    default: str = ""
    secret: bool = False
    variable: str = ""


INPUTS: tuple[Input, ...] = (
    Input("operation", "check-dataset"),
    Input("dataset_path", "."),
    Input("task"),
    Input("profile", variable="HUBACTION_PROFILE"),
    Input("fail_on", variable="HUBACTION_FAIL_ON"),
    Input("config"),
    Input("select"),
    Input("ignore"),
    Input("baseline"),
    Input("pixels"),
    Input("cache_dir"),
    Input("formats", "json,html"),
    Input("output_dir", "hub-action-report"),
    Input("report_images", "60"),
    Input("report_dir"),
    Input("workers"),
    Input("limits"),
    Input("dataset_id"),
    Input("conflict"),
    Input("allow_ingest_errors", "false"),
    Input("model_id"),
    Input("format"),
    Input("optional_formats"),
    Input("export_args"),
    Input("gpu_type"),
    Input("wait", "false"),
    Input("timeout", "55"),
    Input("download", "true"),
    Input("api_key", secret=True),
    Input("save_key", "false"),
    Input("platform_url"),
    Input("hub_api"),
)

OUTPUTS = (
    *("verdict", "errors", "warnings", "images", "instances", "task"),
    *("report_json", "report_html", "report_sarif", "report_junit", "stats_file"),
    *("state", "export_id", "file", "sha256", "results", "formats", "dataset"),
)

_SHORTEST_MASK = 8  # masking a shorter value would blank out ordinary text all over the log


def read_inputs(environment: Mapping[str, str]) -> dict[str, str]:
    """Value of every input: ``INPUT_<NAME>``, also in the spelling with hyphens; where it is blank, its variable, then
    its default.
    """
    return {
        one.name: _given(environment, one.name) or environment.get(one.variable, "").strip() or one.default
        for one in INPUTS
    }


def _given(environment: Mapping[str, str], name: str) -> str:
    spellings = (name.upper(), name.upper().replace("_", "-"))
    return next((value for s in spellings if (value := environment.get(f"INPUT_{s}", "").strip())), "")


def secrets(environment: Mapping[str, str], inputs: Mapping[str, str]) -> list[str]:
    """Every secret that this process can see, to be masked before anything else is printed."""
    found = {inputs[one.name] for one in INPUTS if one.secret}
    found |= {environment.get(name, "") for name in ("HUB_API_KEY", "ULTRALYTICS_API_KEY")}
    return sorted(secret for secret in found if is_maskable(secret))


def is_maskable(secret: str) -> bool:
    """Whether masking a value does more good than harm."""
    return len(secret) >= _SHORTEST_MASK
