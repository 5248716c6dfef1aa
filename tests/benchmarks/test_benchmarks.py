"""What the benchmark stands on: pictures that are what they should be, and functions of ours that it names."""

from __future__ import annotations

import importlib.util
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from hubaction.dataset.images import inspect_image

FOLDER = Path(__file__).parents[2] / "benchmarks"


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of the benchmark under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", FOLDER / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def generate(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = load("generate", monkeypatch)
    monkeypatch.setattr(module, "POOL", 3)  # drawing them takes longest
    return module


def pixels(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("L")).astype(int)


def test_a_rolled_picture_is_the_same_picture_with_its_rows_moved(generate: ModuleType) -> None:
    original = generate.jpeg(0)
    height = len(pixels(original))
    for share in (0.1, 0.5, 0.9):
        moved = generate.rolled(original, share)
        by = round(height / 16 * share) * 16
        difference = np.abs(np.roll(pixels(original), -by, axis=0) - pixels(moved))
        assert (difference > 12).mean() < 0.01  # colours are blended across rows of blocks
        seen = inspect_image(moved, pixels=True).pixels
        assert seen
        assert (seen.damage, seen.broken) == ("", "")


def test_a_picture_rolled_by_nothing_keeps_its_bytes(generate: ModuleType) -> None:
    assert generate.rolled(generate.jpeg(1), 0.0) == generate.jpeg(1)


def test_a_grown_set_repeats_no_picture(generate: ModuleType, tmp_path: Path) -> None:
    generate.generate(3, tmp_path / "small.zip")
    generate.grow(tmp_path / "small.zip", tmp_path / "grown.zip", 4)
    assert generate.count(tmp_path / "grown.zip") == 12
    assert len(set(generate.pictures(tmp_path / "grown.zip"))) == 12


def test_a_changed_set_differs_in_one_picture_of_a_hundred(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "jpeg", lambda index: b"picture %d" % index)
    generate.generate(300, tmp_path / "old.zip")
    generate.change(tmp_path / "old.zip", tmp_path / "new.zip")
    pairs = zip(generate.pictures(tmp_path / "old.zip"), generate.pictures(tmp_path / "new.zip"), strict=True)
    assert [number for number, (old, new) in enumerate(pairs) if old != new] == [0, 100, 200]
    assert len(set(generate.pictures(tmp_path / "new.zip"))) == 300


def test_every_stage_of_the_profile_is_a_function_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for stage in load("stages", monkeypatch).STAGES:
        owner, name = stage.find()
        assert callable(getattr(owner, name)), stage


def test_a_stopwatch_leaves_out_what_is_timed_within(monkeypatch: pytest.MonkeyPatch) -> None:
    stages = load("stages", monkeypatch)
    clock = iter([0.0, 1.0, 3.0, 7.0])
    monkeypatch.setattr(stages, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    watch = stages.Stopwatch(2)
    inner = watch.timed(1, lambda: "done")
    assert watch.timed(0, lambda: f"all {inner()}")() == "all done"
    assert list(watch.seconds) == [5.0, 2.0]


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Loads modules of the benchmark that import each other."""
    names = [path.stem for path in FOLDER.glob("*.py")]
    before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(before)


def test_a_ratio_is_the_median_over_rounds_or_that_of_the_first(together: Callable[[str], ModuleType]) -> None:
    bench, run = together("bench"), together("measure").Run

    def result(name: str, first: float, *walls: float) -> object:
        return bench.Result(8, name, run(0, first, 1.0, 1.0), [run(0, wall, 1.0, 1.0) for wall in walls])

    results = bench.Results([result("a", 9.0, 1.0, 6.0, 30.0), result("b", 3.0, 2.0, 3.0, 10.0), result("slow", 18.0)])
    assert results.ratio(8, "a", "b") == 2.0  # of 0.5, 2 and 3
    assert results.ratio(8, "slow", "a") == 2.0
    assert results.ratio(8, "a", "nobody") is None
    assert [results.get(8, name).wall_s for name in ("a", "slow")] == [6.0, 18.0]


def test_targets_are_met_missed_or_not_measured(together: Callable[[str], ModuleType]) -> None:
    bench, commands, run = together("bench"), together("commands"), together("measure").Run
    walls = {commands.DECODE: 4.0, commands.DECODE_ALONE: 7.6, commands.HEADER: 0.5, commands.REFERENCE: 5.0}
    results = [bench.Result(10_000, name, run(0, wall, 1.0, 1.0, peak_mb=251)) for name, wall in walls.items()]
    found = together("targets").targets(bench.Results(results), 2, 1.5)
    met = {target.goal: (target.measured, target.met) for target in found}
    assert met["10,000 images, header: wall time, of the former check's"] == ("1/10", False)
    assert met["10,000 images, decode: wall time, of the former check's"] == ("0.8", False)
    assert met["10,000 images, decode: 2 workers faster than 1 by"] == ("1.9", True)
    assert met["10,000 images, decode: peak memory, all processes"] == ("251 MB", False)
    assert met["near-copy search on 100,000 hashes"] == ("1.5 s", True)
    assert met["8 images: wall time"] == ("not measured", None)


def test_the_part_between_the_marks_is_replaced(together: Callable[[str], ModuleType], tmp_path: Path) -> None:
    put_into, file = together("report").put_into, tmp_path / "README.md"
    file.write_text("before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n", encoding="utf-8")
    put_into(file, "new \\1\n")
    assert file.read_text(encoding="utf-8") == "before\n<!-- bench -->\nnew \\1\n<!-- /bench -->\nafter\n"
    file.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="has no marks"):
        put_into(file, "new")
