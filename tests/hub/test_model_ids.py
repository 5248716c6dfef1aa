"""Every form in which people name a model."""

from __future__ import annotations

import pytest

from hubaction.errors import UsageError
from hubaction.hub.model_ids import hub_model, platform_model

ROOT = "http://127.0.0.1:8080/base"
PARTS = ("demo", "shapes", "yolo11n")
ID = "Demo0Shapes0Yolo11n0"
KEY = "0123456789abcdef" * 2 + "0123456789"
UL = "ul_" + "0123456789" * 4


@pytest.mark.parametrize(
    "text",
    [
        "demo/shapes/yolo11n",
        " demo/shapes/yolo11n/ ",
        "ul://demo/shapes/yolo11n",
        f"{ROOT}/demo/shapes/yolo11n",
        f"{ROOT}/demo/shapes/yolo11n/?tab=export#top",
        "https://platform.ultralytics.com/demo/shapes/yolo11n",
        "http://Platform.Ultralytics.com/demo/shapes/yolo11n",
        "https://127.0.0.1:8080/base/demo/shapes/yolo11n",
    ],
)
def test_models_of_the_platform(text: str) -> None:
    found = platform_model(text, ROOT)
    assert (found.shown, found.parts) == ("demo/shapes/yolo11n", PARTS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "No model is given."),
        (" ?x=1", "No model is given."),
        ("demo", "does not name a model"),
        ("demo/shapes", "does not name a model"),
        ("demo/shapes/yolo11n/exports", "does not name a model"),
        ("demo/Shapes/yolo11n", "its project is 'Shapes'"),
        ("demo/shapes/yolo--11n", "its model is"),
        ("-demo/shapes/yolo11n", "its owner is"),
        ("demo/shapes/" + "y" * 129, "its model is"),
        ("demo//yolo11n", "its project is ''"),
        ("demo/../yolo11n", "its project is '..'"),
        ("demo/a%2Fb/yolo11n", "its project is"),
        ("ul://demo/datasets/shapes", "is a dataset, not a model"),
        ("0123456789abcdef01234567", "is a bare id"),
        (ID, "of Ultralytics HUB, and the key is one of the Platform"),
        (f"{KEY}_{ID}", "of Ultralytics HUB, and the key is one of the Platform"),
        (f"https://hub.ultralytics.com/models/{ID}?api_key={KEY}", "which was shut down on 2026-07-31"),
        ("https://example.org/demo/shapes/yolo11n", "is no address of the Platform at http://127.0.0.1:8080/base."),
        ("https://platform.ultralytics.com.example.org/demo/shapes/yolo11n", "is no address of the Platform"),
        ("https://example.org/https://platform.ultralytics.com/a/b/c", "is no address of the Platform"),
        ("demo/sh\x1b[31mapes/yolo11n", "its project is"),
        (UL, "does not name a model"),
    ],
)
def test_no_models_of_the_platform(text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        platform_model(text, ROOT)
    assert said in raised.value.cause
    assert raised.value.fix.endswith(".")
    assert str(raised.value).isprintable()
    assert KEY not in str(raised.value)
    assert UL not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f" {ID} ",
        f"{KEY}_{ID}",
        f"https://hub.ultralytics.com/models/{ID}",
        f"http://127.0.0.1:1/models/{ID}/?api_key={KEY}",
    ],
)
def test_models_of_hub(text: str) -> None:
    found = hub_model(text)
    assert (found.shown, found.parts) == (ID, (ID,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "No model is given."),
        ("?api_key=x", "No model is given."),
        (ID[1:], "is no id of a model"),
        (ID + "0", "is no id of a model"),
        (f"{KEY}_{ID}0", "is no id of a model"),
        (KEY, "is no id of a model"),
        (UL, "is no id of a model"),
        (f"https://hub.ultralytics.com/datasets/{ID}", "is no id of a model"),
        (f"https://hub.ultralytics.com/models/{ID}/x", "is no id of a model"),
        ("http://[::1", "is no id of a model"),
        ("demo/shapes/yolo11n", "is a model of the Ultralytics Platform"),
        ("ul://demo/shapes/yolo11n", "is a model of the Ultralytics Platform"),
        ("https://platform.ultralytics.com/demo/shapes/yolo11n", "is a model of the Ultralytics Platform"),
    ],
)
def test_no_models_of_hub(text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        hub_model(text)
    assert said in raised.value.cause
    assert raised.value.fix.endswith(".")
    assert KEY not in str(raised.value)
    assert UL[3:] not in str(raised.value)
