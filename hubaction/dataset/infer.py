"""Which task a dataset is labelled for, where the user did not say."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

from hubaction.dataset.config import read_keypoints
from hubaction.dataset.datayaml import DataYaml, Loader, read_data_yaml
from hubaction.dataset.labels import LabelColumns
from hubaction.dataset.limits import Limits
from hubaction.dataset.source import DatasetSource, Member, Reader, ReadError
from hubaction.errors import UsageError

_SAMPLE = 200  # label files looked at
_CURE = "Say which task it is: detect, segment, pose, obb or classify."


def infer_task(source: DatasetSource, loader: Loader, limits: Limits) -> tuple[str, str]:
    """The task and the reason for it.

    Raises:
        UsageError: the labels do not decide it.
    """
    data = read_data_yaml(source, loader, limits)
    if not data.path and "train" in source.folders:
        return "classify", "there is no data.yaml, but a folder 'train' with class folders"
    if not data.loaded:
        return "detect", "data.yaml cannot be read, so the labels cannot tell"
    columns = _column_counts(source, limits)
    if not columns:
        raise UsageError(f"The task cannot be inferred: no label row found in {source.path.name!r}.", _CURE)
    return _by_columns(data, columns, source.path.name)


def _by_columns(data: DataYaml, columns: Counter[int], path: str) -> tuple[str, str]:
    keypoints = read_keypoints(data, "pose") if data.values.get("kpt_shape") else None
    if keypoints and columns.keys() == {5 + keypoints.columns}:
        return "pose", f"every row has the {5 + keypoints.columns} columns that kpt_shape asks for"
    if columns.keys() == {5}:
        return "detect", "every row has 5 columns"
    if columns.keys() == {9}:
        return "obb", "every row has 9 columns, a class and 4 corners"
    if all(count >= 7 and count % 2 for count in columns):
        return "segment", "every row is a class and a polygon"
    task, share = _most_common(columns)
    if share >= 0.9:
        return task, f"{share:.0%} of the rows look like {task}"
    seen = ", ".join(f"{count} columns in {rows} rows" for count, rows in columns.most_common(4))
    raise UsageError(f"The task of {path!r} cannot be inferred: its label rows have {seen}.", _CURE)


def _most_common(columns: Counter[int]) -> tuple[str, float]:
    """The task that most rows fit, and their share of all rows (0 to 1)."""
    fits = {
        "detect": columns[5],
        "obb": columns[9],
        "segment": sum(rows for count, rows in columns.items() if count >= 7 and count % 2 and count != 9),
    }
    task = max(fits, key=lambda name: fits[name])
    return task, fits[task] / columns.total()


def _column_counts(source: DatasetSource, limits: Limits) -> Counter[int]:
    """How many rows have how many columns, in an even sample of the label files."""
    paths = sorted(path for path in source.files if path.endswith(".txt") and "/labels/" in f"/{path}")
    paths = paths or sorted(path for path in source.files if path.endswith(".txt"))
    columns = LabelColumns()
    with source.open() as reader:
        for path in paths[:: max(1, len(paths) // _SAMPLE)]:
            if source.files[path].size <= limits.max_label_bytes:
                _add(columns, reader, source.files[path])
    stops = columns.row_stops
    return Counter(stop - start for start, stop in zip([0, *stops], stops, strict=False) if stop > start)


def _add(columns: LabelColumns, reader: Reader, member: Member) -> None:
    with suppress(ReadError):  # the check itself reports what cannot be read
        columns.add_text(reader.read(member))
