"""What the loader keeps of a split: which images it drops and why, which rows it removes, what becomes of polygons.

All comparisons are those of the former check, in float32 (see docs/hub-parity.md); this is where its verdict,
its dropped images and its statistics come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.config import Keypoints
from hubaction.dataset.defects import Defect, Detail, Kind
from hubaction.dataset.images import ImageFacts, ImageStatus, image_defect
from hubaction.dataset.labels import LabelTable, token_column
from hubaction.dataset.layout import Split
from hubaction.dataset.source import DatasetSource, ReadError

if TYPE_CHECKING:
    from numpy.typing import NDArray

HIGHEST = np.float32(1.01)
"""Largest normalised coordinate that the loader takes (ultralytics 8.4.114)."""

LOWEST = np.float32(-0.01)
"""Smallest value of a row that the loader takes, class and visibility included (ultralytics 8.4.114)."""


@dataclass(slots=True)
class LoadedSplit:
    """A split after loading. Rows are those of kept images, in the order in which the loader holds them.

    Attributes:
        images: paths of all listed images; ``kept`` bool (images,) says which remain.
        row_image: int (rows,), index of each row's image.
        rows: int (rows,), each row's index in ``table``.
        matrix: float32 (rows, columns): class, then cx cy w h (of polygons: of their enclosing box), then keypoints.
        polygon: bool (rows,), rows that were read as polygons.
        keeps_polygons: False once the loader has thrown all polygons of the split away.
    """

    name: str
    images: list[str]
    table: LabelTable
    kept: NDArray[np.bool_]
    row_image: NDArray[np.int64]
    rows: NDArray[np.int64]
    matrix: NDArray[np.float32]
    polygon: NDArray[np.bool_]
    keeps_polygons: bool = True
    defects: list[Defect] = field(default_factory=list)

    @property
    def classes(self) -> NDArray[np.int64]:
        """int64 (rows,): class of each row, truncated toward zero as the loader's cast does."""
        return self.matrix[:, 0].astype(np.int64)


class SplitLoader:
    """Loads one split as the loader does, step by step."""

    def __init__(self, source: DatasetSource, task: str, class_count: int, keypoints: Keypoints) -> None:
        self.source = source
        self.task = task
        self.class_count = class_count
        self.keypoints = keypoints
        self.columns = 5 + keypoints.columns
        self.defects: list[Defect] = []

    def load(self, split: Split, images: list[ImageFacts], table: LabelTable) -> LoadedSplit:
        """Decide on every image and row of the split. ``images[i]`` and file ``i`` of ``table`` are its i-th pair."""
        self.split, self.table, self.defects = split, table, []
        self._v32 = to_float32(table.values)
        kept = np.array([self._keeps_image(i, facts) for i, facts in enumerate(images)], dtype=bool)
        labelled = self._labelled()
        found = int((kept & labelled).sum())
        self._note_backgrounds(kept & ~labelled)
        kept &= self._readable(kept)
        loaded = self._load_rows(kept)
        self._check_split(loaded, found)
        loaded.defects = self.defects
        return loaded

    # images

    def _keeps_image(self, index: int, facts: ImageFacts) -> bool:
        path = self.split.images[index]
        problem = image_defect(facts)
        if problem is None:
            if facts.unterminated:
                self._add(Kind.IMAGE_REWRITTEN, path)
            return True
        if facts.status is not ImageStatus.NOT_READ or facts.reason:
            self._add(problem[0], path, problem[1])
        return False

    # label files

    def _labelled(self) -> NDArray[np.bool_]:
        """bool (images,): a regular file lies where the loader looks for the label."""
        return np.array([label in self.source.files for label in self.split.labels], dtype=bool)

    def _note_backgrounds(self, missing: NDArray[np.bool_]) -> None:
        indexes = np.flatnonzero(missing)
        for i in indexes:
            if self.split.labels[i] in self.source.folders:
                self._add(Kind.LABEL_IS_FOLDER, self.split.labels[i])
        if len(indexes):
            first = self.split.images[indexes[0]]
            self._add(Kind.LABEL_MISSING, first, {"count": len(indexes), "label": self.split.labels[indexes[0]]})

    def _readable(self, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """bool (images,): the label file's text is numbers, or there is none."""
        readable = np.ones(len(kept), dtype=bool)
        for problem in self.table.problems:
            readable[problem.file] = False
            if kept[problem.file]:
                path = self.split.labels[problem.file]
                detail: dict[str, Detail] = {"value": problem.value, "reason": problem.value}
                self._add(problem.kind, path, detail, problem.line, problem.column)
        return readable

    # rows

    def _load_rows(self, kept: NDArray[np.bool_]) -> LoadedSplit:
        """Drop images with a bad row, then remove duplicate rows; changes ``kept``."""
        table = self.table
        counts = np.diff(table.row_starts)
        row_image = np.repeat(np.arange(len(kept)), np.diff(table.file_starts))
        polygon = self._polygon_files(counts, row_image, len(kept))[row_image]
        wrong = np.where(polygon, (counts < 3) | (counts % 2 == 0), counts != self.columns)
        self._drop_columns(wrong & kept[row_image], row_image, polygon, counts, kept)
        rows = np.flatnonzero(kept[row_image])
        matrix = self._matrix(rows, counts, polygon)
        self._drop_ranges(rows, row_image, matrix, polygon, kept)
        left = kept[row_image[rows]]
        if not left.all():
            rows, matrix = rows[left], matrix[left]
        order = self._without_duplicates(row_image[rows], matrix, rows)
        if order is not None:
            rows, matrix = rows[order], matrix[order]
        self._note_boxes_among_polygons(rows, counts, polygon, row_image)
        return LoadedSplit(
            self.split.name, self.split.images, table, kept, row_image[rows], rows, matrix, polygon[rows]
        )

    def _polygon_files(self, counts: NDArray[np.int64], row_image: NDArray[np.int64], files: int) -> NDArray[np.bool_]:
        """bool (files,): any row of more than six numbers makes the loader read the whole file as polygons."""
        found = np.zeros(files, dtype=bool)
        if self.task != "pose":
            found[row_image[counts > 6]] = True
        return found

    def _drop_columns(
        self,
        wrong: NDArray[np.bool_],
        row_image: NDArray[np.int64],
        polygon: NDArray[np.bool_],
        counts: NDArray[np.int64],
        kept: NDArray[np.bool_],
    ) -> None:
        for image, row, number in _first_per_image(np.flatnonzero(wrong), row_image):
            kept[image] = False
            kind = Kind.POLYGON_COLUMNS if polygon[row] else Kind.COLUMN_COUNT
            self._add_row(kind, image, row, None, found=int(counts[row]), expected=self.columns, rows=number)

    def _matrix(
        self, rows: NDArray[np.int64], counts: NDArray[np.int64], polygon: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """float32 (rows, columns): the numbers that the loader checks."""
        if len(rows) * self.columns == len(self._v32) and not polygon.any():
            return self._v32.reshape(-1, self.columns)  # the usual case: nothing but rows of the right length
        matrix = np.zeros((len(rows), self.columns), dtype=np.float32)
        starts = self.table.row_starts[rows]
        is_polygon = polygon[rows]
        boxes = ~is_polygon
        matrix[boxes] = self._v32[starts[boxes, None] + np.arange(self.columns)]
        if is_polygon.any():
            matrix[is_polygon, :5] = _enclosing_boxes(self._v32, starts[is_polygon], counts[rows[is_polygon]])
        return matrix

    def _drop_ranges(
        self,
        rows: NDArray[np.int64],
        row_image: NDArray[np.int64],
        matrix: NDArray[np.float32],
        polygon: NDArray[np.bool_],
        kept: NDArray[np.bool_],
    ) -> None:
        bad = self._out_of_range(matrix)
        position = np.zeros(len(self.table.lines), dtype=np.int64)
        position[rows] = np.arange(len(rows))
        for image, row, number in _first_per_image(rows[bad], row_image):
            kept[image] = False
            kind, token, value = self._explain(matrix[position[row]], row, bool(polygon[row]))
            self._add_row(kind, image, row, token, value=_shortest(value), classes=self.class_count, rows=number)

    def _out_of_range(self, matrix: NDArray[np.float32]) -> NDArray[np.bool_]:
        """bool (rows,): NaN fails every comparison, as in the loader."""
        high = matrix[:, self._coordinates()].max(axis=1, initial=-np.inf)
        low = matrix.min(axis=1, initial=np.inf)
        good: NDArray[np.bool_] = (high <= HIGHEST) & (low >= LOWEST) & (matrix[:, 0] < np.float32(self.class_count))
        return ~good

    def _coordinates(self) -> list[int]:
        """Columns that must not exceed 1.01: the box, or in pose only the keypoints' x and y."""
        if self.task != "pose":
            return [1, 2, 3, 4]
        return [5 + self.keypoints.dims * k + axis for k in range(self.keypoints.count) for axis in (0, 1)]

    def _explain(self, row: NDArray[np.float32], index: int, polygon: bool) -> tuple[Kind, int, float]:
        """Kind of the failure, index of the token to blame, and its value."""
        start, stop = self.table.row_starts[index : index + 2]
        tokens = self.table.values[start:stop]
        if np.isnan(row).any():
            token = int(np.argmin(np.isfinite(self._v32[start:stop])))
            return Kind.VALUE_NOT_FINITE, token, float(tokens[token])
        if not row[0] < self.class_count:
            return Kind.CLASS_TOO_LARGE, 0, float(tokens[0])
        if row[0] < LOWEST:
            return Kind.CLASS_NEGATIVE, 0, float(tokens[0])
        coordinates = self._coordinates()
        if row[coordinates].max() > HIGHEST:
            token = 1 + int(np.argmax(tokens[1:])) if polygon else coordinates[int(np.argmax(row[coordinates]))]
            return Kind.NOT_NORMALISED, token, float(tokens[token])
        token = int(np.argmin(tokens))
        return Kind.NEGATIVE_VALUE, token, float(tokens[token])

    def _without_duplicates(
        self, row_image: NDArray[np.int64], matrix: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> NDArray[np.int64] | None:
        """Order of the rows that remain, None for all as they are.

        A file that repeats a row keeps the first of each and is sorted by value.
        """
        order = np.arange(len(matrix))
        pieces: list[NDArray[np.int64]] = []
        done = 0
        for image in _images_with_repeats(row_image, matrix):
            start, stop = np.searchsorted(row_image, [image, image + 1])
            first = np.unique(matrix[start:stop], axis=0, return_index=True)[1]
            if len(first) == stop - start:
                continue
            repeat = np.setdiff1d(np.arange(stop - start), first)[0] + start
            self._add_row(Kind.ROW_DUPLICATE, int(image), int(rows[repeat]), None, rows=int(stop - start - len(first)))
            pieces += [order[done:start], start + first]
            done = stop
        return np.concatenate([*pieces, order[done:]]) if pieces else None

    def _note_boxes_among_polygons(
        self,
        rows: NDArray[np.int64],
        counts: NDArray[np.int64],
        polygon: NDArray[np.bool_],
        row_image: NDArray[np.int64],
    ) -> None:
        """A row of five numbers in a polygon file is read as two points: silently another box."""
        five = np.sort(rows[polygon[rows] & (counts[rows] == 5)])
        for image, row, number in _first_per_image(five, row_image):
            self._add_row(Kind.BOX_AMONG_POLYGONS, image, row, None, rows=number)

    # the split as a whole

    def _check_split(self, loaded: LoadedSplit, found: int) -> None:
        boxes, polygons = len(loaded.rows), int(loaded.polygon.sum())
        numbers: dict[str, Detail] = {"images": len(loaded.images), "boxes": boxes, "polygons": polygons}
        if not found:
            self._add(Kind.SPLIT_UNLABELLED, "", numbers)
        elif not loaded.kept.any():
            self._add(Kind.SPLIT_NO_IMAGE_LEFT, "", numbers)
        elif boxes != polygons and self.task == "segment":
            self._add(Kind.KINDS_MIXED, self._first_of(loaded, ~loaded.polygon), numbers)
        elif boxes != polygons and polygons:
            loaded.keeps_polygons = False
            self._add(Kind.POLYGONS_DISCARDED, self._first_of(loaded, ~loaded.polygon), numbers)
        if found and not boxes and loaded.kept.any():
            self._add(Kind.SPLIT_ALL_BACKGROUND, "", numbers)

    def _first_of(self, loaded: LoadedSplit, rows: NDArray[np.bool_]) -> str:
        return self.split.labels[int(loaded.row_image[np.flatnonzero(rows)[0]])]

    # defects

    def _add(
        self,
        kind: Kind,
        path: str,
        detail: dict[str, Detail] | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.defects.append(Defect(kind, path, line, column, self.split.name, detail or {}))

    def _add_row(self, kind: Kind, image: int, row: int, token: int | None, **detail: Detail) -> None:
        """A defect of a row; ``token`` is the index of the number to blame."""
        path, line = self.split.labels[image], int(self.table.lines[row])
        column = None if token is None else self._column(path, line, token)
        self._add(kind, path, detail, line, column)

    def _column(self, path: str, line: int, token: int) -> int | None:
        """1-based column of a token, from the text read once more: only rows with a defect need it."""
        try:
            return token_column(self.source.read(path), line, token)
        except (ReadError, IndexError):
            return None  # the file has changed since it was scanned; the line alone has to do


def to_float32(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """The nearest float32 of each value, infinite beyond 3.4e38."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def _shortest(value: float) -> str:
    return f"{value:.6g}"


def _first_per_image(rows: NDArray[np.int64], row_image: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """For each image with such rows: its index, the first of them, and their number."""
    images, first, numbers = np.unique(row_image[rows], return_index=True, return_counts=True)
    for image, at, number in zip(images.tolist(), first.tolist(), numbers.tolist(), strict=True):
        yield image, int(rows[at]), number


def _enclosing_boxes(
    v32: NDArray[np.float32], starts: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.float32]:
    """float32 (rows, 5): class cx cy w h of the box around each polygon, rounded at every step as the loader does."""
    points = (counts - 1) // 2
    point_stops = np.cumsum(points)
    firsts = point_stops - points
    within = np.arange(point_stops[-1]) - np.repeat(firsts, points)
    x_index = np.repeat(starts + 1, points) + 2 * within
    xs, ys = v32[x_index], v32[x_index + 1]
    x1, x2 = np.minimum.reduceat(xs, firsts), np.maximum.reduceat(xs, firsts)
    y1, y2 = np.minimum.reduceat(ys, firsts), np.maximum.reduceat(ys, firsts)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.stack([v32[starts], (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], axis=1)


def _images_with_repeats(row_image: NDArray[np.int64], matrix: NDArray[np.float32]) -> NDArray[np.int64]:
    """Images in which two rows may be equal: equal rows have equal hashes, so none is missed."""
    if len(matrix) < 2:
        return np.zeros(0, dtype=np.int64)
    bits = (matrix + np.float32(0)).view(np.uint32)  # adding zero makes -0.0 and 0.0 the same bits
    hashes = row_image.astype(np.uint64)
    for column in range(bits.shape[1]):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + bits[:, column]
        hashes ^= hashes >> np.uint64(29)
    order = np.argsort(hashes, kind="stable")
    equal = hashes[order[1:]] == hashes[order[:-1]]
    return np.unique(row_image[order[1:][equal]])
