"""What a report shows of a dataset besides words: pictures with their objects drawn in, and charts. Values only."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class ShapeKind(enum.Enum):
    """How the points of a shape are meant."""

    BOX = "box"
    POLYGON = "polygon"
    ORIENTED = "obb"
    KEYPOINTS = "keypoints"


@dataclass(frozen=True, slots=True)
class Shape:
    """One object, or the keypoints of one.

    Attributes:
        points: x1 y1 x2 y2 ... as shares of the image's width and height; of a box, two opposite corners. What lies
            far outside the image is moved to its margin, so every number is from -0.08 to 1.08.
        index: class index; -1 where it is none.
        line: 1-based line in the label file.
        bad: a finding blames this line.
    """

    kind: ShapeKind
    points: tuple[float, ...]
    index: int
    line: int
    bad: bool = False

    @property
    def sticks_out(self) -> bool:
        """Whether a part of it lies outside the image."""
        return min(self.points) < 0 or max(self.points) > 1


@dataclass(frozen=True, slots=True)
class Picture:
    """One image of the dataset, made small.

    Attributes:
        width, height: of the image in pixels, after EXIF orientation; 0 where unknown.
        thumbnail: JPEG without metadata; b'' where there is none, and ``reason`` says why.
        shapes: bad ones last, so that they are drawn on top; ``more`` is how many others are left out.
        findings: indexes into the report's ``new_findings``, worst first.
        label: path of its label file; '' where it has none.
        caption: for classify, the name of its class folder.
    """

    path: str
    split: str
    width: int = 0
    height: int = 0
    thumbnail: bytes = b""
    reason: str = ""
    shapes: tuple[Shape, ...] = ()
    more: int = 0
    findings: tuple[int, ...] = ()
    label: str = ""
    caption: str = ""

    @property
    def sticks_out(self) -> bool:
        """Whether a shape lies partly outside the image, so that a margin has to be drawn."""
        return any(shape.sticks_out for shape in self.shapes)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two images that are the same picture, or nearly so; ``likeness`` says in words how alike they are."""

    left: Picture
    right: Picture
    likeness: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """The pictures of a report.

    Attributes:
        pictures: images with a finding, worst first.
        affected: how many images have a finding, shown or not.
        pairs: images that are alike; ``alike`` is how many such pairs there are, shown or not.
        classes: for each of the report's ``new_findings`` the class index that it is about; -1 for none.
    """

    pictures: tuple[Picture, ...] = ()
    affected: int = 0
    pairs: tuple[Pair, ...] = ()
    alike: int = 0
    classes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a histogram."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class SizeCount:
    """So many images are of this width and height in pixels."""

    width: int
    height: int
    count: int


@dataclass(frozen=True, slots=True)
class Charts:
    """Distributions over the whole dataset. Objects per class and split stand in the report's ``splits``.

    Attributes:
        centres: object centres per cell of a square grid over the image, row by row from the top left.
        objects_per_image, object_sizes: histograms; a size is the square root of the share of the image's area that an
            object's enclosing box takes.
        image_sizes: the most frequent sizes, most frequent first; ``other_sizes`` is how many images have another one.
    """

    centres: tuple[tuple[int, ...], ...] = ()
    objects_per_image: tuple[Bar, ...] = ()
    object_sizes: tuple[Bar, ...] = ()
    image_sizes: tuple[SizeCount, ...] = ()
    other_sizes: int = 0
