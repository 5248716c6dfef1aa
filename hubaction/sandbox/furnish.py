"""What a sandbox holds when it starts: one account with a trained model in both dialects, and an official model."""

from __future__ import annotations

from hubaction.sandbox.artifacts import exported
from hubaction.sandbox.world import HUB_MODEL, OFFICIAL, OWNER, Model, Project, World

_NAMES = ["circle", "square", "triangle"]


def furnish(world: World) -> None:
    """Put the first project, models and records in."""
    now = world.now
    world.projects[OWNER, "shapes"] = Project(OWNER, "shapes", "Shapes", now)
    world.projects[OFFICIAL, "yolo11"] = Project(OFFICIAL, "yolo11", "YOLO11", now, visibility="public")
    for owner, project in ((OWNER, "shapes"), (OFFICIAL, "yolo11")):
        model = Model(owner, project, "yolo11n", "YOLO11n", now, now, status="completed", weights=weights_size())
        model.details = {"classNames": _NAMES, "epochs": 3, "bestEpoch": 2, "bestFitness": 0.5}
        world.models[owner, project, "yolo11n"] = model
    world.hub["models"][HUB_MODEL] = hub_model(HUB_MODEL, "YOLO11n") | {
        "status": "trained",
        "has_best_weights": True,
        "has_last_weights": True,
        "is_pretrained": True,
    }


def weights_size() -> int:
    """Bytes of the checkpoint that every trained model here has."""
    return exported("best", "pt", {}, 0, 0).size


def hub_model(id: str, name: str) -> dict[str, object]:
    """The fields of a model of HUB that its clients read."""
    return {
        "id": id,
        "meta": {"name": name},
        "status": "untrained",
        "has_last_weights": False,
        "has_best_weights": False,
        "is_pretrained": False,
        "is_custom": False,
        "cfg": "yolo11n.yaml",
        "train_args": {},
        "batch_size": 16,
        "epochs": 3,
        "imgsz": 640,
        "patience": 100,
        "device": "",
        "cache": "ram",
    }
