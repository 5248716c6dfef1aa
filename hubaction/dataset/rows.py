"""Label rows as whole columns, for rules that look at all of them at once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from hubaction.dataset.overlap import Pairs, find_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.dataset.config import Keypoints
    from hubaction.dataset.images import ImageFacts
    from hubaction.dataset.labels import LabelTable

_FIRST_TURNED = 5  # EXIF orientations 5 to 8 swap width and height


class Rows:
    """The rows of one split, m of them, in file order.

    Attributes:
        values: float64, all numbers of all rows; row i holds ``values[starts[i]:starts[i + 1]]``.
        image: int (m,), index of the image.
        line: int (m,), 1-based.
        count: int (m,), numbers in the row.
        cls: float64 (m,), first number; NaN in a row without any.
        finite: bool (m,), no number is NaN or infinite.
        is_box: bool (m,), 5 numbers. is_polygon: bool (m,), a class and three or more x y pairs.
        is_pose: bool (m,), a box and all keypoints; nowhere without a valid kpt_shape.
        is_cut: bool (m,), pose rows in a detect run, of which the loader keeps the box.
        fits: bool (m,), as many numbers as the task has use for. Without a valid kpt_shape a pose row fits when it
            begins with a box.
        usable: bool (m,), finite and fitting; geometry is only worth a look there.
    """

    def __init__(
        self, task: str, table: LabelTable, facts: list[ImageFacts], keypoints: Keypoints | None, pose_columns: int = -1
    ) -> None:
        """``pose_columns`` is what a pose row has by the kpt_shape in data.yaml, whatever the task."""
        self.task = task
        self.values = table.values
        self.starts = table.row_starts
        self.line = table.lines
        self.count = np.diff(table.row_starts)
        self.image = np.repeat(np.arange(len(facts)), np.diff(table.file_starts))
        self.keypoints = keypoints
        self._facts = facts
        self._pairs: dict[float, Pairs] = {}
        self._classify_rows(pose_columns)

    def __len__(self) -> int:
        return len(self.line)

    def _classify_rows(self, pose_columns: int) -> None:
        count = self.count
        self.cls = np.full(len(self), np.nan)
        some = count > 0
        self.cls[some] = self.values[self.starts[:-1][some]]
        self.finite = self._all_finite()
        self.is_box = count == 5
        known = self.task == "pose" and self.keypoints and self.keypoints.columns
        self.is_pose = count == (5 + known if known else -1)
        self.is_cut = (count == pose_columns) & (self.task == "detect") & (count > 5)
        self.is_polygon = (count >= 7) & (count % 2 == 1) & (self.task != "pose") & ~self.is_cut
        self.fits = {
            "pose": self.is_pose if known else count >= 5,
            "obb": self.is_box | (count == 9),
        }.get(self.task, self.is_box | self.is_polygon | self.is_cut)
        self.usable = self.fits & self.finite

    def _all_finite(self) -> NDArray[np.bool_]:
        finite = np.isfinite(self.values)
        if finite.all():
            return np.ones(len(self), dtype=bool)
        bad = np.concatenate([[0], np.cumsum(~finite)])
        return np.asarray(bad[self.starts[1:]] == bad[self.starts[:-1]])

    @functools.cached_property
    @np.errstate(over="ignore", invalid="ignore")
    def box(self) -> NDArray[np.float64]:
        """float64 (m, 4): cx cy w h, of polygons the enclosing box; NaN where not usable. Each column is contiguous."""
        if self.is_box.all() and self.usable.all():
            return np.asfortranarray(self.values.reshape(-1, 5)[:, 1:])
        box = np.full((len(self), 4), np.nan, order="F")
        plain = np.flatnonzero(self.usable & ~self.is_polygon)
        box[plain] = self.values[self.starts[plain, None] + np.arange(1, 5)]
        if len(self.polygon_rows):
            x1, y1, x2, y2 = self.polygon_bounds
            box[self.polygon_rows] = np.stack([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], axis=1)
        return box

    @functools.cached_property
    def lowest(self) -> NDArray[np.float64]:
        """float64 (m,): the smallest of cx cy w h; NaN where not usable."""
        return np.asarray(functools.reduce(np.minimum, self.box.T))

    @functools.cached_property
    def highest(self) -> NDArray[np.float64]:
        """float64 (m,): the largest of cx cy w h; NaN where not usable."""
        return np.asarray(functools.reduce(np.maximum, self.box.T))

    @functools.cached_property
    @np.errstate(over="ignore", invalid="ignore")
    def shorter_side(self) -> NDArray[np.float64]:
        """float64 (m,): of the box, in pixels; NaN where the image's size is unknown or the box has no area."""
        across, down = self.size.T
        shorter = np.minimum(self.box[:, 2] * across, self.box[:, 3] * down)
        return np.asarray(np.where(shorter > 0, shorter, np.nan))

    @functools.cached_property
    def box32(self) -> NDArray[np.float32]:
        """float32 (m, 5): class and box as the loader holds and compares them, rounded at every step."""
        with np.errstate(over="ignore", invalid="ignore"):
            held = np.column_stack([self.cls, self.box]).astype(np.float32)
            if len(self.polygon_rows):
                x1, y1, x2, y2 = (bound.astype(np.float32) for bound in self.polygon_bounds)
                held[self.polygon_rows, 1:] = np.stack([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], axis=1)
        return held

    @functools.cached_property
    def box_hash(self) -> NDArray[np.uint64]:
        """uint64 (m,): the same for usable rows with the same class and box, by ``box32``."""
        return _hash(np.zeros(len(self), dtype=np.uint64), self.box32)

    @functools.cached_property
    def _file_hash(self) -> NDArray[np.uint64]:
        """uint64 (m,): the same for usable rows of one file with the same class and box."""
        return _mixed(self.box_hash ^ _mixed(self.image.astype(np.uint64)))

    @functools.cached_property
    def repeats(self) -> NDArray[np.int64]:
        """int (r,): usable rows that the loader takes for a copy of an earlier row of their file: equal class and box,
        of pose rows equal keypoints as well.
        """
        ordered = np.sort(self._file_hash[self.usable])
        doubles = ordered[1:][ordered[1:] == ordered[:-1]]
        if not len(doubles):
            return np.zeros(0, dtype=np.int64)
        near = doubles[np.minimum(np.searchsorted(doubles, self._file_hash), len(doubles) - 1)]
        rows = np.flatnonzero((near == self._file_hash) & self.usable)
        hashes = self._file_hash[rows]
        if self.task == "pose":
            hashes = _hash(hashes, self._keypoints32(rows))
        order = np.argsort(hashes, kind="stable")
        return np.sort(rows[order[1:][hashes[order[1:]] == hashes[order[:-1]]]])

    def _keypoints32(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 (r, columns): what follows the box in pose rows, as the loader compares it."""
        columns = self.keypoints.columns if self.keypoints else 0
        with np.errstate(over="ignore"):
            return np.asarray(self.values[self.starts[rows, None] + np.arange(5, 5 + columns)], dtype=np.float32)

    def earlier(self, row: int) -> int:
        """The first row of the file that a row of ``repeats`` repeats."""
        start = int(np.searchsorted(self.image, self.image[row]))
        rows = start + np.flatnonzero(self._file_hash[start : row + 1] == self._file_hash[row])
        if self.task == "pose":
            known = self._keypoints32(rows)
            rows = rows[(known == known[-1]).all(axis=1)]
        return int(rows[0])

    def overlapping(self, least: float) -> Pairs:
        """Pairs of objects of one image whose intersection over union is at least ``least`` (0.5 to 1)."""
        if least not in self._pairs:
            self._pairs[least] = find_pairs(self, min(1.0, max(0.5, least)))
        return self._pairs[least]

    @functools.cached_property
    def polygon_rows(self) -> NDArray[np.int64]:
        """int (p,): usable rows that are polygons (of oriented boxes: their corners)."""
        return np.flatnonzero(self.usable & self.is_polygon)

    @functools.cached_property
    def _vertices(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """float64 (v, 2) vertices of all polygons in turn, and int (p + 1,) bounds of each polygon in them."""
        points = (self.count[self.polygon_rows] - 1) // 2
        bounds = np.concatenate([[0], np.cumsum(points)])
        if self._oriented:
            return self.values.reshape(-1, 9)[:, 1:].reshape(-1, 2), bounds
        within = np.arange(bounds[-1]) - np.repeat(bounds[:-1], points)
        at = np.repeat(self.starts[self.polygon_rows] + 1, points) + 2 * within
        return np.stack([self.values[at], self.values[at + 1]], axis=1), bounds

    @functools.cached_property
    def _oriented(self) -> bool:
        """Whether all rows are usable polygons of four corners, which lets us do without indexes."""
        return bool(len(self) and (self.count == 9).all() and len(self.polygon_rows) == len(self))

    @property
    def vertices(self) -> NDArray[np.float64]:
        """float64 (v, 2): vertices of all polygons, one polygon of ``polygon_rows`` after the other."""
        return self._vertices[0]

    @property
    def vertex_bounds(self) -> NDArray[np.int64]:
        """int (p + 1,): polygon i of ``polygon_rows`` has the vertices ``[bounds[i], bounds[i + 1])``."""
        return self._vertices[1]

    def polygon(self, row: int) -> NDArray[np.float64]:
        """float64 (n, 2): vertices of one row, normalised."""
        corners: NDArray[np.float64] = self.values[self.starts[row] + 1 : self.starts[row + 1]].reshape(-1, 2)
        return corners

    @functools.cached_property
    def polygon_bounds(self) -> tuple[NDArray[np.float64], ...]:
        """Four float64 (p,): least x, least y, greatest x, greatest y of each polygon of ``polygon_rows``."""
        if self._oriented:
            corners = [self.vertices[corner::4] for corner in range(4)]
            low, high = functools.reduce(np.minimum, corners), functools.reduce(np.maximum, corners)
        else:
            firsts = self.vertex_bounds[:-1]
            low = np.minimum.reduceat(self.vertices, firsts, axis=0)
            high = np.maximum.reduceat(self.vertices, firsts, axis=0)
        return low[:, 0], low[:, 1], high[:, 0], high[:, 1]

    @functools.cached_property
    def points(self) -> NDArray[np.float64]:
        """float64 (q, keypoints, dims): keypoints of the usable pose rows ``np.flatnonzero(usable)``."""
        count, dims = (self.keypoints.count, self.keypoints.dims) if self.keypoints else (0, 0)
        rows = np.flatnonzero(self.usable & self.is_pose)
        flat = self.values[self.starts[rows, None] + np.arange(5, 5 + count * dims)]
        return np.asarray(flat.reshape(len(rows), count, dims))

    @functools.cached_property
    def size(self) -> NDArray[np.float64]:
        """float64 (m, 2): width and height in pixels of each row's image, after EXIF orientation; NaN where unknown."""
        facts = self._facts
        sizes = np.array([[one.width for one in facts], [one.height for one in facts]], dtype=float).T.reshape(-1, 2)
        turned = np.flatnonzero(np.array([one.orientation for one in facts], dtype=int) >= _FIRST_TURNED)
        sizes[turned] = sizes[turned, ::-1]
        sizes[sizes == 0] = np.nan
        return np.asfortranarray(sizes[self.image])

    def class_index(self, class_count: int) -> NDArray[np.int64]:
        """int (m,): the class where it is a whole number from 0 to ``class_count`` - 1, else -1."""
        with np.errstate(invalid="ignore"):
            good = self.finite & (self.cls >= 0) & (self.cls < class_count) & (self.cls == np.floor(self.cls))
        return np.where(good, self.cls, -1).astype(np.int64)

    def key(self, row: int) -> str:
        """What identifies a row in a fingerprint: its numbers rounded to 6 decimals, never its line."""
        return " ".join(f"{value:.6f}" for value in self.values[self.starts[row] : self.starts[row + 1]])


_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio, odd


def _mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers that differ little as numbers that differ in many bits."""
    spread = hashes * _FACTOR
    return spread ^ (spread >> np.uint64(31))


def _hash(start: NDArray[np.uint64], columns: NDArray[np.float32]) -> NDArray[np.uint64]:
    """uint64 (m,): a hash of each row of a matrix, beginning with a hash for each."""
    bits = (columns + np.float32(0)).view(np.uint32)  # adding zero makes -0.0 and 0.0 the same bits
    hashes = start
    for column in range(bits.shape[1]):
        hashes = (hashes ^ bits[:, column]) * _FACTOR
        hashes ^= hashes >> np.uint64(29)
    return hashes
