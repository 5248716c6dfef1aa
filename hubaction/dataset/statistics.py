"""The former check's statistics, value for value: ``HUBDatasetStats(path, task).get_json()`` of 8.4.114."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from hubaction.dataset.classify import ClassSplit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hubaction.dataset.dataset import Dataset
    from hubaction.dataset.loading import LoadedSplit

Row = list[int | float]


def statistics(dataset: Dataset) -> dict[str, Any]:
    """``{"nc", "names", "train", "val", "test"}``; a split without images is None.

    Per split: ``instance_stats`` {total, per_class [nc]}, ``image_stats`` {total, unlabelled, per_class [nc]} and
    ``labels``, one ``{file name: [[class, values ...], ...]}`` per kept image (classify: ``{file name: class index}``).
    Values are the float32 of the text, widened and rounded to 4 decimals.
    """
    result: dict[str, Any] = {"nc": len(dataset.names), "names": dataset.names}
    for name in ("train", "val", "test"):
        split = dataset.splits.get(name)
        result[name] = None if split is None else {**split_totals(dataset, split), "labels": _labels(dataset, split)}
    return result


def write_statistics(dataset: Dataset, file: IO[str]) -> None:
    """The same as JSON, image by image, in memory that does not grow with the dataset."""
    dump = json.dumps
    file.write(f'{{"nc": {dump(len(dataset.names))}, "names": {dump(dataset.names)}')
    for name in ("train", "val", "test"):
        split = dataset.splits.get(name)
        if split is None:
            file.write(f', "{name}": null')
        else:
            file.write(f', "{name}": {dump(split_totals(dataset, split))[:-1]}, "labels": ')
            _write_labels(dataset, split, file)
    file.write("}\n")


def _write_labels(dataset: Dataset, split: LoadedSplit | ClassSplit, file: IO[str]) -> None:
    if isinstance(split, ClassSplit) and split.random:
        file.write("null}")
        return
    opening = "["
    for image in _each_label(dataset, split):
        file.write(f"{opening}{json.dumps(image)}")
        opening = ", "
    file.write("[]}" if opening == "[" else "]}")


def split_totals(dataset: Dataset, split: LoadedSplit | ClassSplit) -> dict[str, Any]:
    """``instance_stats`` and ``image_stats`` of one split."""
    if isinstance(split, ClassSplit):
        total = sum(split.counts)
        return {
            "instance_stats": {"total": total, "per_class": list(split.counts)},
            "image_stats": {"total": total, "unlabelled": 0, "per_class": list(split.counts)},
        }
    import numpy as np

    classes, kept = split.classes, int(split.kept.sum())
    in_range = (classes >= 0) & (classes < dataset.nc)
    per_class = np.bincount(classes[in_range], minlength=dataset.nc)
    pairs = np.unique(split.row_image * (dataset.nc + 1) + classes)
    images = np.bincount(pairs % (dataset.nc + 1), minlength=dataset.nc)[: dataset.nc]
    return {
        "instance_stats": {"total": len(classes), "per_class": per_class.tolist()},
        "image_stats": {
            "total": kept,
            "unlabelled": kept - len(np.unique(split.row_image)),
            "per_class": images.tolist(),
        },
    }


def _labels(dataset: Dataset, split: LoadedSplit | ClassSplit) -> list[dict[str, Any]] | None:
    if isinstance(split, ClassSplit) and split.random:
        return None
    return list(_each_label(dataset, split))


def _each_label(dataset: Dataset, split: LoadedSplit | ClassSplit) -> Iterator[dict[str, Any]]:
    if isinstance(split, ClassSplit):
        for path, index in zip(split.images, split.indexes, strict=True):
            yield {path.rpartition("/")[2]: index}
        return
    import numpy as np

    kept = np.flatnonzero(split.kept)
    bounds = np.searchsorted(split.row_image, np.append(kept, len(split.kept))).tolist()
    rows = _rows(dataset, split)
    for at, image in enumerate(kept.tolist()):
        yield {split.images[image].rpartition("/")[2]: list(itertools.islice(rows, bounds[at + 1] - bounds[at]))}


def _rows(dataset: Dataset, split: LoadedSplit) -> Iterator[Row]:
    """All rows of a split, each ``[class, values ...]``; for obb none where the loader has no polygons left."""
    if dataset.task not in {"segment", "obb"}:
        values = _box_values(dataset, split)
    elif split.keeps_polygons and split.polygon.all():
        values = _vertices(split)
    else:
        return
    for cls, row in zip(split.classes.tolist(), values, strict=True):
        yield [cls, *row]


def _box_values(dataset: Dataset, split: LoadedSplit) -> Iterator[list[float]]:
    """cx cy w h of each row, in pose followed by x y visibility of each keypoint."""
    values = split.matrix[:, 1:]
    if dataset.task == "pose" and dataset.keypoints.dims == 2:
        values = _with_visibility(values)
    for row in _rounded(values):
        yield row.tolist()


def _with_visibility(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Box and x y pairs, each with the third value that the loader appends: 0.0 where one is negative, else 1.0."""
    import numpy as np

    points = values[:, 4:].reshape(len(values), -1, 2)
    visible = (points >= 0).all(axis=2, keepdims=True).astype("f4")
    return np.hstack([values[:, :4], np.concatenate([points, visible], axis=2).reshape(len(values), -1)])


def _vertices(split: LoadedSplit) -> Iterator[list[float]]:
    """x1 y1 x2 y2 ... of each row."""
    from hubaction.dataset.loading import to_float32

    values, starts = _rounded(to_float32(split.table.values)), split.table.row_starts
    for row in split.rows.tolist():
        yield values[starts[row] + 1 : starts[row + 1]].tolist()


def _rounded(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """The float32 values widened and rounded to 4 decimals, bit for bit as Python's ``round`` does.

    A float32 has 24 significant bits and 10,000 has 10, so the product is exact in a double; rint then rounds half to
    even, and the division is correctly rounded.
    """
    import numpy as np

    return np.rint(values.astype("f8") * 1e4) / 1e4
