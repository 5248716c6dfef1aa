"""Label rows as whole columns, for rules that look at all of them at once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.dataset.config import Keypoints
    from hubaction.dataset.images import ImageFacts
    from hubaction.dataset.labels import LabelTable

_TURNED = {5, 6, 7, 8}  # EXIF orientations that swap width and height


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
        is_pose: bool (m,), a box and all keypoints.
        usable: bool (m,), finite and of a kind that the task has use for; geometry is only worth a look there.
    """

    def __init__(self, task: str, table: LabelTable, facts: list[ImageFacts], keypoints: Keypoints | None) -> None:
        self.task = task
        self.values = table.values
        self.starts = table.row_starts
        self.line = table.lines
        self.count = np.diff(table.row_starts)
        self.image = np.repeat(np.arange(len(facts)), np.diff(table.file_starts))
        self.keypoints = keypoints
        self._facts = facts
        self._classify_rows()

    def __len__(self) -> int:
        return len(self.line)

    def _classify_rows(self) -> None:
        count = self.count
        self.cls = np.full(len(self), np.nan)
        some = count > 0
        self.cls[some] = self.values[self.starts[:-1][some]]
        bad = np.concatenate([[0], np.cumsum(~np.isfinite(self.values))])
        self.finite = bad[self.starts[1:]] == bad[self.starts[:-1]]
        self.is_box = count == 5
        pose_columns = 5 + self.keypoints.columns if self.task == "pose" and self.keypoints else -1
        self.is_pose = count == pose_columns
        self.is_polygon = (count >= 7) & (count % 2 == 1) & (self.task != "pose")
        fits = {"pose": self.is_pose, "obb": self.is_box | (count == 9)}.get(self.task, self.is_box | self.is_polygon)
        self.usable = fits & self.finite

    @functools.cached_property
    def box(self) -> NDArray[np.float64]:
        """float64 (m, 4): cx cy w h, of polygons the enclosing box; NaN where not usable."""
        box = np.full((len(self), 4), np.nan)
        plain = np.flatnonzero(self.usable & ~self.is_polygon)
        box[plain] = self.values[self.starts[plain, None] + np.arange(1, 5)]
        if len(self.polygon_rows):
            x1, y1, x2, y2 = self._polygon_bounds()
            box[self.polygon_rows] = np.stack([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], axis=1)
        return box

    @functools.cached_property
    def polygon_rows(self) -> NDArray[np.int64]:
        """int (p,): usable rows that are polygons (of oriented boxes: their corners)."""
        return np.flatnonzero(self.usable & self.is_polygon)

    @functools.cached_property
    def _vertices(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """float64 (v, 2) vertices of all polygons in turn, and int (p + 1,) bounds of each polygon in them."""
        points = (self.count[self.polygon_rows] - 1) // 2
        bounds = np.concatenate([[0], np.cumsum(points)])
        within = np.arange(bounds[-1]) - np.repeat(bounds[:-1], points)
        at = np.repeat(self.starts[self.polygon_rows] + 1, points) + 2 * within
        return np.stack([self.values[at], self.values[at + 1]], axis=1), bounds

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

    def _polygon_bounds(self) -> tuple[NDArray[np.float64], ...]:
        firsts = self.vertex_bounds[:-1]
        low = np.minimum.reduceat(self.vertices, firsts, axis=0)
        high = np.maximum.reduceat(self.vertices, firsts, axis=0)
        return low[:, 0], low[:, 1], high[:, 0], high[:, 1]

    @functools.cached_property
    def points(self) -> NDArray[np.float64]:
        """float64 (q, keypoints, dims): keypoints of the usable pose rows ``np.flatnonzero(usable)``."""
        assert self.keypoints is not None
        rows = np.flatnonzero(self.usable & self.is_pose)
        flat = self.values[self.starts[rows, None] + np.arange(5, 5 + self.keypoints.columns)]
        return flat.reshape(-1, self.keypoints.count, self.keypoints.dims)

    @functools.cached_property
    def size(self) -> NDArray[np.float64]:
        """float64 (m, 2): width and height in pixels of each row's image, after EXIF orientation; NaN where unknown."""
        sizes = np.array([_upright(facts) for facts in self._facts], dtype=float).reshape(-1, 2)
        sizes[sizes == 0] = np.nan
        return sizes[self.image]

    def class_index(self, class_count: int) -> NDArray[np.int64]:
        """int (m,): the class where it is a whole number from 0 to ``class_count`` - 1, else -1."""
        with np.errstate(invalid="ignore"):
            good = self.finite & (self.cls >= 0) & (self.cls < class_count) & (self.cls % 1 == 0)
        return np.where(good, np.nan_to_num(self.cls, nan=-1, posinf=-1, neginf=-1), -1).astype(np.int64)

    def key(self, row: int) -> str:
        """What identifies a row in a fingerprint: its numbers rounded to 6 decimals, never its line."""
        return " ".join(f"{value:.6f}" for value in self.values[self.starts[row] : self.starts[row + 1]])


def _upright(facts: ImageFacts) -> tuple[int, int]:
    turned = facts.orientation in _TURNED
    return (facts.height, facts.width) if turned else (facts.width, facts.height)
