"""Distributions over a dataset, counted for charts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from hubaction.report.picture import Bar, Charts, SizeCount

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.dataset.images import ImageFacts
    from hubaction.rules.view import View

GRID = 32
"""Cells of the map of centres across and down."""

_PER_IMAGE = ((0, "0"), (1, "1"), (2, "2"), (3, "3 to 5"), (6, "6 to 10"), (11, "11 to 20"), (21, "21 to 50"))
_MANY_PER_IMAGE = (51, "more than 50")
_SIZES = ((0.0, "below 1 %"), (0.01, "1 to 2 %"), (0.02, "2 to 5 %"), (0.05, "5 to 10 %"), (0.1, "10 to 20 %"))
_LARGE_SIZES = ((0.2, "20 to 50 %"), (0.5, "50 % and more"))
_MOST_SIZES = 200  # image sizes drawn


def charts_of(view: View) -> Charts:
    """Count centres, sizes and objects of all splits. Rows that no loader could use are left out."""
    sizes = Counter(_upright(facts) for _, _, facts in view.readable_images)
    common = sizes.most_common(_MOST_SIZES)
    image_sizes = tuple(SizeCount(*size, count) for size, count in common)
    other = sizes.total() - sum(count for _, count in common)
    if view.task == "classify":
        return Charts(image_sizes=image_sizes, other_sizes=other)
    boxes = [split.rows.box[split.rows.usable] for split in view.splits.values()]
    box = np.concatenate([np.zeros((0, 4)), *boxes])
    per_image = [np.bincount(s.rows.image[s.rows.usable], minlength=len(s.images)) for s in view.splits.values()]
    objects = np.concatenate([np.zeros(0, dtype=np.int64), *per_image])
    return Charts(
        centres=_centres(box),
        objects_per_image=_bars(objects, (*_PER_IMAGE, _MANY_PER_IMAGE)),
        object_sizes=_bars(_side(box), (*_SIZES, *_LARGE_SIZES)),
        image_sizes=image_sizes,
        other_sizes=other,
    )


def _upright(facts: ImageFacts) -> tuple[int, int]:
    """Width and height in pixels after EXIF orientation."""
    size = (facts.width, facts.height)
    return size if facts.orientation < 5 else size[::-1]


def _centres(box: NDArray[np.float64]) -> tuple[tuple[int, ...], ...]:
    """Centres per cell; those outside the image are left out."""
    inside = box[((box[:, :2] >= 0) & (box[:, :2] <= 1)).all(axis=1), :2]
    column, row = np.minimum((inside * GRID).astype(np.int64), GRID - 1).T
    cells = np.bincount(row * GRID + column, minlength=GRID * GRID).reshape(GRID, GRID)
    return tuple(map(tuple, cells.tolist()))


@np.errstate(over="ignore", invalid="ignore")
def _side(box: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (m,): the square root of each box's share of the area."""
    return np.asarray(np.sqrt(np.maximum(box[:, 2], 0) * np.maximum(box[:, 3], 0)))


def _bars(values: NDArray[np.int64] | NDArray[np.float64], bins: tuple[tuple[float, str], ...]) -> tuple[Bar, ...]:
    """How many values lie in each bin, which reaches from its number up to the next bin's."""
    starts = np.array([start for start, _ in bins])
    counts = np.bincount(np.searchsorted(starts, values, side="right") - 1, minlength=len(bins)).tolist()
    return tuple(Bar(label, number) for (_, label), number in zip(bins, counts, strict=True))
