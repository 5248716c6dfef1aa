"""Checks YOLO datasets as a gate, and runs model operations, from Python, a shell or a GitHub workflow.

>>> from hubaction import check_dataset
>>> report = check_dataset("coco8.zip", task="detect")  # raises DatasetError where the dataset fails
>>> report.stats["train"]["image_stats"]["total"]
4
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubaction._version import __version__
from hubaction.errors import DatasetError, DatasetUnreadable, HubActionError, UsageError

if TYPE_CHECKING:
    import os

    from hubaction.report.model import Report

__all__ = ["DatasetError", "DatasetUnreadable", "HubActionError", "UsageError", "__version__", "check_dataset"]


def check_dataset(
    path: str | os.PathLike[str], task: str | None = None, *, profile: str = "hub", workers: int | None = None
) -> Report:
    """Check a dataset; a drop-in for ``ultralytics.hub.check_dataset``. No configuration file is looked for.

    Args:
        path: a zip, a folder or a data.yaml.
        task: detect, segment, pose, obb or classify; None to infer it from the labels.
        profile: ``hub`` judges as the former function did, ``default`` is the gate's own judgement.
        workers: processes for reading; None for one per core.

    Returns:
        The report; ``report.stats`` is the former statistics dict, ``report.findings`` what was found, worst first.

    Raises:
        DatasetError: the dataset fails; ``error.report`` holds the report.
        DatasetUnreadable: there is no dataset at the path, or nothing of it can be read.
        UsageError: an unknown task or profile, or a task that cannot be inferred.
    """
    from pathlib import Path

    from hubaction.operations.check_dataset import CheckOptions, check, raise_if_failed

    report = check(CheckOptions(Path(path), task, profile, workers=workers, config=None))
    raise_if_failed(report)
    return report
