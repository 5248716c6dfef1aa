# SPDX-License-Identifier: Apache-2.0
"""Draw the two sample datasets of this folder: ``shapes`` (clean) and ``shapes-broken`` (with planted defects).

Usage: ``python examples/make_samples.py [OUTPUT_DIR]``

Needs Pillow and the standard library. Every random choice comes from a fixed seed, so a second run writes the same
sets again. Only the folders ``shapes`` and ``shapes-broken`` of the output directory are removed and rewritten.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

Colour = tuple[int, int, int]
Size = tuple[int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels

SEED = 20240229
CLASSES = ("circle", "square", "triangle")
SIZES: tuple[Size, ...] = ((320, 240), (320, 240), (320, 256), (320, 240), (256, 320))
COUNTS = (3, 5, 2, 4, 3, 4)  # objects per picture, in turn
SUPERSAMPLE = 4
JPEG_QUALITY = 80
MARGIN = 5.0  # least distance of a box from the border and from every other box
SMALLEST, LARGEST = 16.0, 56.0  # circumscribed radius of a shape in pixels
MARKER = "# YOLO detection set drawn by make_samples.py"

SHAPE_COLOURS: tuple[Colour, ...] = (
    (214, 64, 56),
    (240, 156, 44),
    (248, 208, 72),
    (88, 168, 84),
    (40, 150, 160),
    (52, 104, 190),
    (128, 84, 170),
    (226, 108, 150),
    (244, 240, 228),
    (66, 72, 84),
)

GROUND_COLOURS: tuple[tuple[Colour, Colour], ...] = (
    ((238, 228, 206), (214, 196, 164)),
    ((196, 154, 108), (158, 112, 72)),
    ((176, 200, 214), (128, 162, 188)),
    ((150, 172, 132), (108, 136, 100)),
    ((206, 180, 196), (168, 138, 166)),
    ((122, 132, 146), (84, 94, 112)),
    ((236, 206, 176), (210, 150, 128)),
)


class Layer(NamedTuple):
    """One layer of noise: the width and height of its grains in pixels, and how strongly it shows."""

    width: int
    height: int
    strength: float


TEXTURES: dict[str, tuple[Layer, ...]] = {
    "paper": (Layer(1, 1, 0.07), Layer(6, 6, 0.06), Layer(90, 90, 0.10)),
    "wood": (Layer(150, 3, 0.14), Layer(90, 13, 0.20), Layer(12, 1, 0.07)),
    "plaster": (Layer(48, 48, 0.20), Layer(14, 14, 0.13), Layer(2, 2, 0.08)),
    "linen": (Layer(30, 2, 0.14), Layer(2, 30, 0.14), Layer(70, 70, 0.08)),
    "stripes": (Layer(22, 900, 0.30), Layer(3, 60, 0.08), Layer(1, 1, 0.05)),
    "felt": (Layer(3, 3, 0.13), Layer(1, 1, 0.07), Layer(24, 24, 0.08)),
}


# --- what is in a picture ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """One object: its class, circumscribed circle, rotation in degrees, and colour."""

    kind: int
    centre: Point
    radius: float
    angle: float
    colour: Colour

    @cached_property
    def outline(self) -> tuple[Point, ...]:
        """The corners in pixels, on the grid of the supersampled drawing (a circle has many corners)."""
        corners = (96, 4, 3)[self.kind]
        turns = [math.radians(self.angle + 360 * i / corners) for i in range(corners)]
        return tuple((self._snap(0, math.cos(turn)), self._snap(1, math.sin(turn))) for turn in turns)

    def _snap(self, axis: int, factor: float) -> float:
        return round((self.centre[axis] + self.radius * factor) * SUPERSAMPLE) / SUPERSAMPLE

    @cached_property
    def box(self) -> Box:
        """The tight bounding box."""
        xs, ys = zip(*self.outline, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def row(self, size: Size) -> str:
        """The label row: class, centre and sides, as fractions of the image."""
        left, top, right, bottom = self.box
        pixels = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
        return " ".join([str(self.kind), *(f"{v / side:.6f}" for v, side in zip(pixels, size * 2, strict=True))])


@dataclass(frozen=True)
class Scene:
    """One picture: its size, ground and objects."""

    number: int
    size: Size
    texture: str
    colours: tuple[Colour, Colour]
    shapes: tuple[Shape, ...]

    @property
    def labels(self) -> str:
        """The text of the label file."""
        return "".join(shape.row(self.size) + "\n" for shape in self.shapes)


def source(number: int, purpose: str) -> random.Random:
    """The random numbers of one picture for one purpose, so that no purpose disturbs another."""
    return random.Random(f"{SEED}/{number}/{purpose}")


def make_scene(number: int) -> Scene:
    """Choose the contents of the picture with this number (one number, one picture, over both sets)."""
    rng = source(number, "scene")
    size = SIZES[number % len(SIZES)]
    colours = GROUND_COLOURS[number % len(GROUND_COLOURS)]
    texture = list(TEXTURES)[number % len(TEXTURES)]
    if rng.random() < 0.5:
        colours = colours[1], colours[0]
    shapes = place_shapes(rng, size, colours, COUNTS[number % len(COUNTS)])
    return Scene(number, size, texture, colours, shapes)


def place_shapes(rng: random.Random, size: Size, ground: tuple[Colour, Colour], count: int) -> tuple[Shape, ...]:
    """Choose objects that keep clear of the border and of each other."""
    kinds = rng.sample(range(len(CLASSES)), k=len(CLASSES)) + rng.choices(range(len(CLASSES)), k=count)
    colours = rng.sample(visible_colours(ground), k=count)
    shapes: list[Shape] = []
    while len(shapes) < count:
        shape = random_shape(rng, size, kinds[len(shapes)], colours[len(shapes)])
        if fits(shape.box, size) and all(apart(shape.box, other.box) for other in shapes):
            shapes.append(shape)
    return tuple(shapes)


def random_shape(rng: random.Random, size: Size, kind: int, colour: Colour) -> Shape:
    """Any shape of this class and colour whose centre lies in the image."""
    centre = rng.uniform(0, size[0]), rng.uniform(0, size[1])
    angle = (0.0, 45 + rng.uniform(-24, 24), rng.uniform(0, 360))[kind]
    return Shape(kind, centre, rng.uniform(SMALLEST, LARGEST), angle, colour)


def visible_colours(ground: tuple[Colour, Colour]) -> list[Colour]:
    """The shape colours that stand out from both colours of the ground."""
    return [colour for colour in SHAPE_COLOURS if min(math.dist(colour, other) for other in ground) > 75]


def fits(box: Box, size: Size) -> bool:
    """Whether the box lies well inside the image and is not too small."""
    left, top, right, bottom = box
    inside = min(left, top, size[0] - right, size[1] - bottom) >= MARGIN
    return inside and min(right - left, bottom - top) >= 22


def apart(one: Box, other: Box) -> bool:
    """Whether two boxes keep their distance."""
    gaps = other[0] - one[2], one[0] - other[2], other[1] - one[3], one[1] - other[3]
    return max(gaps) >= MARGIN


# --- drawing ----------------------------------------------------------------------------------------------------------


def draw(scene: Scene) -> Image.Image:
    """Paint the ground, then every shape on it."""
    rng = source(scene.number, "paint")
    picture = draw_ground(scene, rng)
    light = rng.uniform(-4, 4), rng.uniform(3, 6)
    for shape in scene.shapes:
        draw_shape(picture, shape, light)
    return ImageEnhance.Brightness(picture).enhance(rng.uniform(0.84, 1.02))


def draw_ground(scene: Scene, rng: random.Random) -> Image.Image:
    """A smooth change between two colours, roughened by the texture."""
    blend = ImageOps.autocontrast(noise(rng, scene.size, (3, 2)))
    ground = Image.composite(solid(scene.size, scene.colours[0]), solid(scene.size, scene.colours[1]), blend)
    for layer in TEXTURES[scene.texture]:
        ground = roughen(ground, layer, rng)
    return ground


def roughen(ground: Image.Image, layer: Layer, rng: random.Random) -> Image.Image:
    """Make the ground lighter and darker with one layer of noise."""
    cells = 2 + ground.width // layer.width, 2 + ground.height // layer.height
    grain = noise(rng, ground.size, cells).point([round(128 + (v - 128) * layer.strength) for v in range(256)])
    return ImageChops.add(ground, Image.merge("RGB", [grain] * 3), scale=1, offset=-128)


def noise(rng: random.Random, size: Size, cells: Size) -> Image.Image:
    """Random greys on a grid of cells, smoothly enlarged to the size."""
    grid = Image.frombytes("L", cells, rng.randbytes(cells[0] * cells[1]))
    return grid.resize(size, Image.Resampling.BICUBIC)


def solid(size: Size, colour: Colour) -> Image.Image:
    """An image of one colour."""
    return Image.new("RGB", size, colour)


def draw_shape(picture: Image.Image, shape: Shape, light: Point) -> None:
    """Paint one shape with its shadow; the light says where the shadow falls."""
    mask = shape_mask(shape, picture.size)
    shadow = shift(mask, light).filter(ImageFilter.GaussianBlur(3.5))
    picture.paste((24, 20, 28), mask=fade(shadow, 0.45))
    picture.paste(shaded_fill(shape, picture.size), mask=mask)
    lit, unlit = rims(mask, light)
    picture.paste((255, 255, 255), mask=fade(lit, 0.42))
    picture.paste((0, 0, 0), mask=fade(unlit, 0.28))


def shape_mask(shape: Shape, size: Size) -> Image.Image:
    """The anti-aliased area of the shape: 255 inside, 0 outside."""
    large = Image.new("L", (size[0] * SUPERSAMPLE, size[1] * SUPERSAMPLE))
    corners = [(x * SUPERSAMPLE - 0.5, y * SUPERSAMPLE - 0.5) for x, y in shape.outline]
    ImageDraw.Draw(large).polygon(corners, fill=255)
    return large.reduce(SUPERSAMPLE)


def shaded_fill(shape: Shape, size: Size) -> Image.Image:
    """The colour of the shape, lighter at its top and darker at its bottom."""
    left, top, right, bottom = (round(edge) for edge in shape.box)
    slope = Image.linear_gradient("L").resize((right - left + 4, bottom - top + 4))
    fill = solid(size, shape.colour)
    fill.paste(ImageOps.colorize(slope, tint(shape.colour, 0.16), tint(shape.colour, -0.16)), (left - 2, top - 2))
    return fill


def tint(colour: Colour, amount: float) -> Colour:
    """The colour moved towards white (amount above 0) or black (below 0)."""
    red, green, blue = (round(v + ((255 - v) if amount > 0 else v) * amount) for v in colour)
    return red, green, blue


def rims(mask: Image.Image, light: Point) -> tuple[Image.Image, Image.Image]:
    """The edges of the shape that face the light and those that turn away from it."""
    step = light[0] / 3, light[1] / 3
    lit = ImageChops.subtract(mask, shift(mask, step))
    unlit = ImageChops.subtract(mask, shift(mask, (-step[0], -step[1])))
    return lit, unlit


def shift(mask: Image.Image, by: Point) -> Image.Image:
    """The mask moved by whole pixels (no shape is so near to the border that it would come in on the other side)."""
    return ImageChops.offset(mask, round(by[0]), round(by[1]))


def fade(mask: Image.Image, opacity: float) -> Image.Image:
    """The mask made more transparent."""
    return mask.point([round(v * opacity) for v in range(256)])


# --- planted defects: label rows --------------------------------------------------------------------------------------

Plant = Callable[[Path, int], None]  # spoils the file at this path (at this line)
RowChange = Callable[[str, Size], list[str]]  # makes bad rows of a good one, for an image of this size


def change(how: RowChange) -> Plant:
    """A defect that replaces one row of a label file."""

    def plant(path: Path, line: int) -> None:
        rows = path.read_text(encoding="utf-8").splitlines()
        with Image.open(image_of(path)) as image:
            rows[line - 1 : line] = how(rows[line - 1], image.size)
        write_text(path, "".join(row + "\n" for row in rows))

    return plant


def with_class(number: int) -> RowChange:
    """Change the class id to this number."""
    return lambda row, _: [" ".join([str(number), *row.split()[1:]])]


def with_comma(row: str, _: Size) -> list[str]:
    """Write the decimals with a comma."""
    return [row.replace(".", ",")]


def with_confidence(row: str, _: Size) -> list[str]:
    """Add a sixth column, as predictions have it."""
    return [f"{row} 0.874"]


def in_pixels(row: str, size: Size) -> list[str]:
    """Give the box in pixels."""
    kind, *values = row.split()
    return [" ".join([kind, *(f"{float(v) * side:.1f}" for v, side in zip(values, size * 2, strict=True))])]


def with_nan(row: str, _: Size) -> list[str]:
    """Lose the width."""
    kind, x, y, _width, height = row.split()
    return [f"{kind} {x} {y} nan {height}"]


def repeat_above(path: Path, line: int) -> None:
    """Repeat the row above as a new row at this line."""
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    rows.insert(line - 1, rows[line - 2])
    write_text(path, "".join(rows))


# --- planted defects: files -------------------------------------------------------------------------------------------

ERROR_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><title>404 Not Found</title></head>
<body><h1>Not Found</h1><p>The requested image was not found on this server.</p></body>
</html>
"""


def cut_off(path: Path, _: int) -> None:
    """Keep the first part of the file only."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])


def make_empty(path: Path, _: int) -> None:
    """Leave a file of 0 bytes."""
    path.write_bytes(b"")


def make_error_page(path: Path, _: int) -> None:
    """Replace the image by the page of a web server."""
    write_text(path, ERROR_PAGE)


def make_gif(path: Path, _: int) -> None:
    """Write the image as a GIF, under the same name."""
    with Image.open(path) as image:
        calm = image.filter(ImageFilter.MedianFilter(5))
    plain = calm.quantize(32, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    plain.save(path, "GIF")


def make_tiny(path: Path, _: int) -> None:
    """Shrink the image to 8x8 pixels."""
    with Image.open(path) as image:
        tiny = image.resize((8, 8), Image.Resampling.BOX)
    tiny.save(path, "JPEG", quality=JPEG_QUALITY)


def lose_label(path: Path, _: int) -> None:
    """Remove the label file of this image."""
    label_of(path).unlink()


def capital_suffix(path: Path, _: int) -> None:
    """Rename the label file so that its suffix is in capitals."""
    path.with_suffix(".txt").rename(path)


def name_missing_folder(path: Path, line: int) -> None:
    """Let data.yaml name a test folder that does not exist."""
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    rows[line - 2 : line - 2] = ["# The pictures for a last test, never seen in training.\n", "test: images/test\n"]
    write_text(path, "".join(rows))


class Planted(NamedTuple):
    """One planted defect: the file, the line (None: the whole file), what is wrong, and what training makes of it."""

    path: str
    line: int | None
    what: str
    outcome: str
    plant: Plant


BAD_ROW = "one bad row drops the whole image"
BAD_FILE = "the image is dropped"
BACKGROUND = "the image counts as background, as if it held no object"

PLANTED: tuple[Planted, ...] = (
    Planted("data.yaml", 8, "`test:` names a folder that does not exist", "silently ignored", name_missing_folder),
    Planted("labels/train/scene_02.txt", 2, "class id 7, but the classes are 0 to 2", BAD_ROW, change(with_class(7))),
    Planted(
        "labels/train/scene_03.txt", 3, "decimal commas: the coordinates are no numbers", BAD_ROW, change(with_comma)
    ),
    Planted("labels/train/scene_05.txt", 2, "6 columns: a confidence after the box", BAD_ROW, change(with_confidence)),
    Planted("images/train/scene_06.jpg", None, "JPEG cut off: no end marker, not fully decodable", BAD_FILE, cut_off),
    Planted(
        "labels/train/scene_07.txt", 2, "box in pixels instead of fractions of the image", BAD_ROW, change(in_pixels)
    ),
    Planted("images/train/scene_09.jpg", None, "an HTML error page, saved as .jpg", BAD_FILE, make_error_page),
    Planted("labels/train/scene_10.txt", 3, "the same row as on line 2", "the second row is removed", repeat_above),
    Planted("images/train/scene_11.jpg", None, "8x8 pixels, below the least side of 10", BAD_FILE, make_tiny),
    Planted("labels/train/scene_13.txt", 2, "class id -1", BAD_ROW, change(with_class(-1))),
    Planted("images/train/scene_14.jpg", None, "no label file (labels/train/scene_14.txt)", BACKGROUND, lose_label),
    Planted("labels/val/scene_16.txt", 2, "`nan` as the width of the box", BAD_ROW, change(with_nan)),
    Planted("images/val/scene_17.jpg", None, "0 bytes", BAD_FILE, make_empty),
    Planted("images/val/scene_19.jpg", None, "a GIF, saved as .jpg", BAD_FILE, make_gif),
    Planted(
        "labels/val/scene_20.TXT",
        None,
        "suffix .TXT: not found as the label of scene_20.jpg",
        BACKGROUND,
        capital_suffix,
    ),
)


# --- texts ------------------------------------------------------------------------------------------------------------

DATA_YAML = f"""{MARKER}; paths are relative to the folder of this file.

# The pictures to learn from. Their labels are in labels/train, one .txt file per picture.
train: images/train
# The pictures to measure with after each epoch. Their labels are in labels/val.
val: images/val
# Class ids, as in the first column of a label row, and their names.
names:
{{names}}
"""

CLEAN_README = """# shapes

A small, clean YOLO detection set to try things out with: {train} pictures to train and {val} to validate, of circles,
squares and triangles. Each row of a label file is `class x_center y_center width height`, the box as fractions of the
image. Every box fits its shape exactly, no two boxes overlap, and no picture occurs twice.

`data.yaml` names the folders and the classes.

Licence: Apache-2.0. All pictures are drawn by `make_samples.py` in the folder above; run it to get this folder again.
"""

BROKEN_README = """# shapes-broken

A set like `shapes`, with other pictures ({train} to train, {val} to validate) and {count} planted defects, each in a
file of its own. All other files are in order.

| File | Line | What is wrong | What training makes of it |
| --- | ---: | --- | --- |
{table}

None of this stops a training: it drops {dropped} of the {images} pictures, takes {background} others for background,
and goes on with the rest.

Licence: Apache-2.0. All pictures are drawn by `make_samples.py` in the folder above, which also holds this table
(`PLANTED`); run it to get this folder again.
"""


def data_yaml() -> str:
    """The text of data.yaml, the same for both sets before the defects are planted."""
    return DATA_YAML.format(names="\n".join(f"  {i}: {name}" for i, name in enumerate(CLASSES)))


def clean_readme(train: int, val: int) -> str:
    """The README.md of the clean set."""
    return CLEAN_README.format(train=train, val=val)


def broken_readme(train: int, val: int) -> str:
    """The README.md of the broken set, with the table of its defects."""
    outcomes = [defect.outcome for defect in PLANTED]
    return BROKEN_README.format(
        train=train,
        val=val,
        images=train + val,
        count=len(PLANTED),
        table="\n".join(table_row(defect) for defect in PLANTED),
        dropped=outcomes.count(BAD_ROW) + outcomes.count(BAD_FILE),
        background=outcomes.count(BACKGROUND),
    )


def table_row(defect: Planted) -> str:
    """One defect as a row of a Markdown table."""
    line = "" if defect.line is None else str(defect.line)
    return f"| `{defect.path}` | {line} | {defect.what} | {defect.outcome} |"


# --- writing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dataset:
    """One set to write: its folder, the stem of its file names, how many pictures, and the first picture's number."""

    name: str
    stem: str
    train: int
    val: int
    first: int
    readme: Callable[[int, int], str]
    planted: Sequence[Planted] = ()

    def items(self) -> Iterator[tuple[str, str, Scene]]:
        """The split, file stem and scene of every picture."""
        for i in range(self.train + self.val):
            yield "train" if i < self.train else "val", f"{self.stem}_{i + 1:02}", make_scene(self.first + i)


DATASETS = (
    Dataset("shapes", "shapes", train=12, val=4, first=0, readme=clean_readme),
    Dataset("shapes-broken", "scene", train=14, val=6, first=16, readme=broken_readme, planted=PLANTED),
)


def write_dataset(dataset: Dataset, output: Path) -> None:
    """Write one set afresh, then spoil what is to be spoilt."""
    root = output / dataset.name
    remove_old(root)
    write_text(root / "data.yaml", data_yaml())
    write_text(root / "README.md", dataset.readme(dataset.train, dataset.val))
    for split, stem, scene in dataset.items():
        write_text(root / "labels" / split / f"{stem}.txt", scene.labels)
        write_image(root / "images" / split / f"{stem}.jpg", draw(scene))
    for defect in dataset.planted:
        defect.plant(root / defect.path, defect.line or 0)


def remove_old(root: Path) -> None:
    """Remove the folder of an earlier run, but nobody else's folder of that name."""
    if not root.exists():
        return
    config = root / "data.yaml"
    if not config.is_file() or not config.read_text(encoding="utf-8", errors="replace").startswith(MARKER):
        raise SystemExit(f"{root} was not written by this script: remove it yourself, or choose another OUTPUT_DIR")
    shutil.rmtree(root)


def write_image(path: Path, image: Image.Image) -> None:
    """Write a JPEG, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "JPEG", quality=JPEG_QUALITY)


def write_text(path: Path, text: str) -> None:
    """Write a text with line feeds on every platform, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def image_of(label: Path) -> Path:
    """The image a label file belongs to."""
    return label.parents[2] / "images" / label.parent.name / f"{label.stem}.jpg"


def label_of(image: Path) -> Path:
    """The label file of an image."""
    return image.parents[2] / "labels" / image.parent.name / f"{image.stem}.txt"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write both sets."""
    parser = argparse.ArgumentParser(description="Draw the sample datasets shapes and shapes-broken.")
    parser.add_argument("output", metavar="OUTPUT_DIR", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    output: Path = parser.parse_args(arguments).output
    for dataset in DATASETS:
        write_dataset(dataset, output)
        print(f"wrote {output / dataset.name}")


if __name__ == "__main__":
    main()
