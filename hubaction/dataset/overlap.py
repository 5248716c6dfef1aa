"""Objects of one image that cover each other almost completely, found without comparing all with all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubaction.dataset.rows import Rows

_MOST_NEIGHBOURS = 256
"""Objects compared with one object. Centres lie so close only where an export went wrong thousands of times."""

_MOST_PAIRS = 250_000
"""Pairs looked at, which takes a tenth of a second. Nearest neighbours come first, those of all images alike."""

_MOST_CLIPPED = 20_000
"""Pairs of oriented boxes whose shared area is worked out."""

_SNAP = 1e-9
"""Distance, as a share of the image, below which a corner lies on a line."""

_OBB_BOXES = 0.5
"""Least intersection over union of the enclosing boxes of two oriented boxes that are worth comparing."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows, ``first`` before ``second``, ordered by ``second``.

    Attributes:
        first, second: int (p,), row indexes. iou: float64 (p,), intersection over union, 0 to 1.
        unfinished: images in which not all objects could be compared.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    iou: NDArray[np.float64]
    unfinished: int = 0


@dataclass(frozen=True, slots=True)
class _Objects:
    """Rows to compare: their image, centre, and how far off, across and down, the centre of a partner can be."""

    rows: NDArray[np.int64]
    image: NDArray[np.int64]
    centre: NDArray[np.float64]
    reach: NDArray[np.float64]


def find_pairs(rows: Rows, least: float) -> Pairs:
    """Pairs with an intersection over union of at least ``least`` (0.5 to 1). Copies of a row, and objects that are no
    area inside the image, are left out. Polygons count by their enclosing boxes, oriented boxes by their corners.
    """
    if rows.task == "obb":
        return _oriented_pairs(rows, least)
    box = rows.box
    objects = _worth_comparing(rows)
    # IoU of the intervals is at least that of the boxes, so centres differ by (1 - t) / 2t of the smaller side at most
    reach = box[objects, 2:] * ((1 - least) / (2 * least))
    first, second, unfinished = _close(_Objects(objects, rows.image[objects], box[objects, :2], reach))
    iou = _box_iou(box[first], box[second])
    return _keep(first, second, iou, least, unfinished)


def _worth_comparing(rows: Rows) -> NDArray[np.int64]:
    """int (n,): rows whose box has an area and lies near the image, without copies."""
    good = (rows.lowest > -0.5) & (rows.highest < 1.5) & (rows.box[:, 2] > 0) & (rows.box[:, 3] > 0)
    good[rows.repeats] = False
    return np.flatnonzero(good)


def _keep(
    first: NDArray[np.int64], second: NDArray[np.int64], iou: NDArray[np.float64], least: float, unfinished: int
) -> Pairs:
    good = iou >= least
    one, other = np.minimum(first[good], second[good]), np.maximum(first[good], second[good])
    order = np.lexsort((one, other))
    return Pairs(one[order], other[order], iou[good][order], unfinished)


def _close(objects: _Objects) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Pairs of rows of one image whose centres are within reach, and the number of images left unfinished.

    Sorted by image and x, partners stand close together: step by step each object is compared with the next but k,
    until that is out of its reach.
    """
    order = np.argsort(objects.image * 4.0 + objects.centre[:, 0])
    image, x, right = objects.image[order], objects.centre[order, 0], objects.reach[order, 0] + _SNAP
    active = np.flatnonzero((image[1:] == image[:-1]) & (x[1:] - x[:-1] <= right[:-1]))
    found = [np.zeros((2, 0), dtype=np.int64)]
    step, pairs = 1, 0
    while len(active) and step <= _MOST_NEIGHBOURS and pairs <= _MOST_PAIRS:
        one, other = order[active], order[active + step]
        near = abs(objects.centre[other, 1] - objects.centre[one, 1]) <= objects.reach[one, 1] + _SNAP
        found.append(np.stack([one[near], other[near]]))
        pairs += len(found[-1][0])
        step += 1
        active = active[active + step < len(order)]
        active = active[(image[active + step] == image[active]) & (x[active + step] - x[active] <= right[active])]
    both = objects.rows[np.concatenate(found, axis=1)]
    return both[0], both[1], _number_of_images(image[active])


def _number_of_images(images: NDArray[np.int64]) -> int:
    return len(set(images.tolist()))


def _box_iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (p,): of boxes cx cy w h, pair by pair."""
    low = np.maximum(a[:, :2] - a[:, 2:] / 2, b[:, :2] - b[:, 2:] / 2)
    high = np.minimum(a[:, :2] + a[:, 2:] / 2, b[:, :2] + b[:, 2:] / 2)
    both = np.prod(np.maximum(high - low, 0), axis=1)
    return np.asarray(both / (a[:, 2] * a[:, 3] + b[:, 2] * b[:, 3] - both))


# oriented boxes


def _oriented_pairs(rows: Rows, least: float) -> Pairs:
    objects = _worth_comparing(rows)
    objects = objects[rows.count[objects] == 9]
    centre, area = _centroids(rows, objects)
    inside = (np.abs(centre - 0.5) < 1).all(axis=1)
    objects, centre, area = objects[inside], centre[inside], np.abs(area[inside])
    # the centroids of two shapes differ by (1 - t) / t of the extent of both at most, here twice that of one box
    extent = np.hypot(rows.box[objects, 2], rows.box[objects, 3])
    reach = np.broadcast_to(extent[:, None] * (2 * (1 - least) / least), centre.shape)
    one, other, unfinished = _close(_Objects(np.arange(len(objects)), rows.image[objects], centre, reach))
    alike = np.minimum(area[one], area[other]) >= least * np.maximum(area[one], area[other])
    alike &= np.hypot(*(centre[one] - centre[other]).T) <= np.minimum(reach[one, 0], reach[other, 0])
    one, other = objects[one[alike]], objects[other[alike]]
    alike = _box_iou(rows.box[one], rows.box[other]) >= _OBB_BOXES
    one, other = one[alike], other[alike]
    unfinished = max(unfinished, _number_of_images(rows.image[one[_MOST_CLIPPED:]]))
    one, other = one[:_MOST_CLIPPED], other[:_MOST_CLIPPED]
    return _keep(one, other, _oriented_iou(_corners(rows, one), _corners(rows, other)), least, unfinished)


def _corners(rows: Rows, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 (n, 4, 2): corners of oriented boxes."""
    return np.asarray(rows.values[rows.starts[at, None] + np.arange(1, 9)].reshape(-1, 4, 2))


def _centroids(rows: Rows, at: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """float64 (n, 2) and (n,): centres of gravity and signed areas of oriented boxes, from their two triangles; of
    crossed ones nonsense.
    """
    numbers = [rows.values[rows.starts[at] + column] for column in range(1, 9)]
    (ax, bx, cx, dx), (ay, by, cy, dy) = numbers[::2], numbers[1::2]
    one = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    other = (cx - ax) * (dy - ay) - (cy - ay) * (dx - ax)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = one / (one + other)
        x, y = (bx * share + dx * (1 - share) + ax + cx) / 3, (by * share + dy * (1 - share) + ay + cy) / 3
    return np.stack([x, y], axis=1), (one + other) / 2


def _oriented_iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (p,): of quadrilaterals (p, 4, 2), pair by pair; NaN where one is not convex."""
    areas = []
    for corners in (a, b):
        along = np.roll(corners, -1, axis=1) - corners
        turns = _cross(along, np.roll(along, -1, axis=1))
        convex = (turns > 0).all(axis=1) | (turns < 0).all(axis=1)
        areas.append(
            np.where(convex, np.abs(_cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])) / 2, np.nan)
        )
        corners[turns[:, 0] < 0] = corners[turns[:, 0] < 0, ::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        both = shared_areas(a, b)
        return np.asarray(both / (areas[0] + areas[1] - both))


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def shared_areas(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (p,): areas that convex counter-clockwise quadrilaterals (p, 4, 2) share, pair by pair.

    The border of the shared part is made of the stretches of one border inside the other; each adds the cross product
    of its ends (Green's theorem). A stretch along which both run the same way is taken from ``a`` alone.
    """
    middle = a.mean(axis=1, keepdims=True)
    a, b = a - middle, b - middle
    return np.asarray((_border_inside(a, b, common=True) + _border_inside(b, a, common=False)) / 2)


def _border_inside(a: NDArray[np.float64], b: NDArray[np.float64], *, common: bool) -> NDArray[np.float64]:
    """float64 (p,): sum of the cross products along the part of each border of ``a`` that lies inside ``b``."""
    ends = np.roll(a, -1, axis=1)
    sides = np.roll(b, -1, axis=1) - b
    sides = sides / np.linalg.norm(sides, axis=2, keepdims=True)
    start = _inside(a, b, sides)
    stop = _inside(ends, b, sides)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = start / (start - stop)
    enter = np.where((start < 0) & (stop > 0), at, 0).max(axis=2)
    leave = np.where((start > 0) & (stop < 0), at, 1).min(axis=2)
    same_way = ((ends - a)[:, :, None] * sides[:, None]).sum(axis=3) > 0
    outside = (start <= 0) & (stop <= 0) & ~((start == 0) & (stop == 0) & same_way & common)
    share = np.where(outside.any(axis=2), 0, np.maximum(leave - enter, 0))
    return np.asarray((share * _cross(a, ends)).sum(axis=1))


def _inside(points: NDArray[np.float64], b: NDArray[np.float64], sides: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (p, 4, 4): how far each point lies on the inner side of each side of ``b``; 0 on the line."""
    offset = points[:, :, None, :] - b[:, None, :, :]
    distance = _cross(sides[:, None, :, :], offset)
    return np.asarray(np.where(abs(distance) < _SNAP, 0, distance))
