"""The committed sample datasets are those the script draws, and are as clean or as broken as they say."""

from __future__ import annotations

import importlib.util
import itertools
import math
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SETS = ("shapes", "shapes-broken")


def load_script() -> ModuleType:
    """Import the script from its path."""
    spec = importlib.util.spec_from_file_location("make_samples", EXAMPLES / "make_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


script: Any = load_script()
PLANTED = script.PLANTED
ROW_DEFECTS = [defect for defect in PLANTED if defect.line is not None]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh run of the script."""
    output = tmp_path_factory.mktemp("samples")
    script.main([str(output)])
    return output


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def decoded(path: Path) -> Image.Image | None:
    """The pixels of an image file, or None if it cannot be decoded completely."""
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except OSError:
        return None


def pictures(name: str) -> list[Path]:
    return sorted((EXAMPLES / name / "images").rglob("*.jpg"))


def intact_pictures() -> list[Path]:
    """The pictures of the broken set that have no planted defect."""
    spoilt = {Path(defect.path).stem for defect in PLANTED}
    return [path for path in pictures("shapes-broken") if path.stem not in spoilt]


GOOD_PICTURES = pictures("shapes") + intact_pictures()


def boxes(image: Path) -> list[tuple[int, float, float, float, float]]:
    """The label rows of an image: class and box in pixels."""
    with Image.open(image) as opened:
        width, height = opened.size
    found = []
    for row in script.label_of(image).read_text(encoding="utf-8").splitlines():
        kind, *values = row.split(" ")
        assert all(len(value.partition(".")[2]) == 6 for value in values)
        x, y, w, h = (float(value) for value in values)
        found.append((int(kind), (x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height))
    return found


# --- the committed files are what the script writes -------------------------------------------------------------------


@pytest.mark.parametrize("name", SETS)
def test_same_file_names(drawn: Path, name: str) -> None:
    assert files(drawn / name) == files(EXAMPLES / name)


@pytest.mark.parametrize("name", SETS)
def test_same_texts(drawn: Path, name: str) -> None:
    texts = [path for path in files(drawn / name) if not path.endswith(".jpg")]
    assert len(texts) >= 2 + 16
    for path in texts:
        assert (drawn / name / path).read_bytes() == (EXAMPLES / name / path).read_bytes(), path


@pytest.mark.parametrize("name", SETS)
def test_same_pictures(drawn: Path, name: str) -> None:
    for path in pictures(name):
        old, new = decoded(path), decoded(drawn / path.relative_to(EXAMPLES))
        assert (old is None) == (new is None), path
        if old is not None and new is not None:
            assert old.size == new.size, path
            assert max(ImageStat.Stat(ImageChops.difference(old, new)).mean) < 3, path


def test_second_run_changes_nothing_and_removes_strays(tmp_path: Path) -> None:
    script.main([str(tmp_path)])
    (tmp_path / "other.txt").write_text("not the script's")
    first = {path: (tmp_path / path).read_bytes() for path in files(tmp_path)}
    (tmp_path / "shapes" / "stray.txt").write_text("stray")
    script.main([str(tmp_path)])
    assert {path: (tmp_path / path).read_bytes() for path in files(tmp_path)} == first


def test_folder_of_somebody_else_is_kept(tmp_path: Path) -> None:
    mine = tmp_path / "shapes" / "data.yaml"
    mine.parent.mkdir()
    mine.write_text("train: mine\n")
    with pytest.raises(SystemExit, match="was not written by this script"):
        script.main([str(tmp_path)])
    assert mine.read_text() == "train: mine\n"


def test_default_output_is_the_folder_of_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = []
    monkeypatch.setattr(script, "write_dataset", lambda _, output: outputs.append(output))
    script.main([])
    assert outputs == [EXAMPLES, EXAMPLES]


# --- the good pictures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("image", GOOD_PICTURES, ids=lambda path: path.stem)
def test_rows_are_good(image: Path) -> None:
    rows = boxes(image)
    assert 2 <= len(rows) <= 5
    with Image.open(image) as opened:
        width, height = opened.size
    for kind, left, top, right, bottom in rows:
        assert kind in range(3)
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
        assert min(right - left, bottom - top) >= 20


@pytest.mark.parametrize("image", GOOD_PICTURES, ids=lambda path: path.stem)
def test_boxes_do_not_overlap(image: Path) -> None:
    for (_, *one), (_, *other) in itertools.combinations(boxes(image), 2):
        assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]


@pytest.mark.parametrize("dataset", script.DATASETS, ids=lambda dataset: dataset.name)
def test_boxes_fit_the_drawn_shapes(dataset: Any) -> None:
    for _, _, scene in dataset.items():
        for shape in scene.shapes:
            drawn_box = script.shape_mask(shape, scene.size).point(lambda v: 255 * (v > 8)).getbbox()
            assert all(abs(edge - drawn_edge) <= 1 for edge, drawn_edge in zip(shape.box, drawn_box, strict=True))


@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize("chosen", [pictures("shapes"), intact_pictures()], ids=SETS)
def test_every_class_is_in_every_split(chosen: list[Path], split: str) -> None:
    kinds = {row[0] for image in chosen if image.parent.name == split for row in boxes(image)}
    assert kinds == {0, 1, 2}


@pytest.mark.parametrize("image", GOOD_PICTURES, ids=lambda path: path.stem)
def test_pictures_are_small_files_and_neither_dark_nor_glaring(image: Path) -> None:
    picture = decoded(image)
    assert picture is not None
    assert image.stat().st_size <= 20_000
    assert 60 < ImageStat.Stat(picture.convert("L")).mean[0] < 235


def test_no_two_pictures_are_alike() -> None:
    small = {
        path: image.resize((16, 16)) for name in SETS for path in pictures(name) if (image := decoded(path)) is not None
    }
    for one, other in itertools.combinations(small, 2):
        assert sum(ImageStat.Stat(ImageChops.difference(small[one], small[other])).mean) > 20, (one, other)


# --- the planted defects ----------------------------------------------------------------------------------------------


def broken(path: str) -> Path:
    return EXAMPLES / "shapes-broken" / path


@pytest.mark.parametrize("defect", PLANTED, ids=lambda defect: defect.path)
def test_defect_points_at_a_file_and_line(defect: Any) -> None:
    assert broken(defect.path).is_file()
    assert Path(defect.path).name in {path.name for path in broken(defect.path).parent.iterdir()}  # suffix as written
    if defect.line is not None:
        assert 2 <= defect.line <= len(broken(defect.path).read_text(encoding="utf-8").splitlines())


def test_every_defect_has_its_own_picture() -> None:
    stems = [Path(defect.path).stem for defect in PLANTED]
    assert len(set(stems)) == len(stems) == 15
    assert [sum(image.parent.name == split for image in intact_pictures()) for split in ("train", "val")] == [4, 2]


def test_readme_lists_every_defect() -> None:
    text = broken("README.md").read_text(encoding="utf-8")
    assert all(script.table_row(defect) in text for defect in PLANTED)


def is_good(row: str) -> bool:
    """Whether the row is 5 numbers, of a known class and a box as fractions of the image."""
    kind, *values = row.split(" ")
    try:
        return kind in {"0", "1", "2"} and len(values) == 4 and all(0 < float(value) < 1 for value in values)
    except ValueError:
        return False


@pytest.mark.parametrize("defect", ROW_DEFECTS, ids=lambda defect: defect.path)
def test_only_the_planted_line_is_bad(defect: Any) -> None:
    rows = broken(defect.path).read_text(encoding="utf-8").splitlines()
    bad = rows.pop(defect.line - 1)
    if defect.path == "data.yaml":
        assert bad == "test: images/test"
        assert not broken("images/test").exists()
        return
    assert bad in rows or not is_good(bad)
    assert rows
    assert all(map(is_good, rows))
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("labels/train/scene_02.txt", ("7", 5)),
        ("labels/train/scene_05.txt", (None, 6)),
        ("labels/train/scene_07.txt", (None, 5)),
        ("labels/train/scene_13.txt", ("-1", 5)),
        ("labels/val/scene_16.txt", (None, 5)),
    ],
)
def test_bad_rows_of_numbers(path: str, pattern: tuple[str | None, int]) -> None:
    (line,) = (defect.line for defect in PLANTED if defect.path == path)
    tokens = broken(path).read_text(encoding="utf-8").splitlines()[line - 1].split()
    kind, columns = pattern
    assert len(tokens) == columns
    assert tokens[0] in ({kind} if kind else {"0", "1", "2"})
    values = [float(token) for token in tokens[1:]]
    assert any(map(math.isnan, values)) == (path == "labels/val/scene_16.txt")
    assert any(value > 1 for value in values) == (path == "labels/train/scene_07.txt")


def test_decimal_commas() -> None:
    row = broken("labels/train/scene_03.txt").read_text(encoding="utf-8").splitlines()[2]
    assert "," in row
    assert "." not in row


def test_cut_off_jpeg() -> None:
    path = broken("images/train/scene_06.jpg")
    assert path.read_bytes().startswith(b"\xff\xd8")
    assert b"\xff\xd9" not in path.read_bytes()
    with Image.open(path) as image:
        assert image.size in script.SIZES
        with pytest.raises(OSError, match="truncated"):
            image.load()


def test_files_that_are_no_jpeg() -> None:
    assert broken("images/train/scene_09.jpg").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert broken("images/val/scene_17.jpg").read_bytes() == b""
    with Image.open(broken("images/val/scene_19.jpg")) as image:
        assert image.format == "GIF"
        assert image.size in script.SIZES


def test_tiny_jpeg() -> None:
    with Image.open(broken("images/train/scene_11.jpg")) as image:
        assert (image.format, image.size) == ("JPEG", (8, 8))


def test_missing_and_misnamed_labels() -> None:
    assert not broken("labels/train/scene_14.txt").exists()
    names = {path.name for path in broken("labels/val").iterdir()}
    assert "scene_20.TXT" in names
    assert "scene_20.txt" not in names
    assert all(map(is_good, broken("labels/val/scene_20.TXT").read_text(encoding="utf-8").splitlines()))
