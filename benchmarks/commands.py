"""Who is timed: our command line in several settings, the former check, three other checks, and two yardsticks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contestants import Cached, Contestant

ROOT = Path(__file__).resolve().parent.parent
REFERENCE_SCRIPT = """
import json, sys
from ultralytics.hub import HUBDatasetStats
stats = HUBDatasetStats(path=sys.argv[1], task="detect").get_json()
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(stats, file)
"""
DATUMARO_SCRIPT = """
import sys
from datumaro.components.dataset import Dataset
from datumaro.plugins.validators import DetectionValidator as Validator
dataset = Dataset.import_from(sys.argv[1], format="yolo")
validator = Validator(
    few_samples_thr=Validator.DEFAULT_FEW_SAMPLES_THR,
    imbalance_ratio_thr=Validator.DEFAULT_IMBALANCE_RATIO_THR,
    far_from_mean_thr=Validator.DEFAULT_FAR_FROM_MEAN_THR,
    dominance_ratio_thr=Validator.DEFAULT_DOMINANCE_RATIO_THR,
    topk_bins=Validator.DEFAULT_TOPK_BINS,
)
print(len(dataset), validator.validate(dataset)["summary"])
"""
CLEANVISION_SCRIPT = """
import sys
from cleanvision import Imagelab
lab = Imagelab(data_path=sys.argv[1])
lab.find_issues(verbose=False)
lab.report()
"""

START, SMALL, LARGE, GROWN = 8, 1_000, 10_000, 100_000
USUAL = (SMALL, LARGE)
"""Numbers of images of the sets, and on which of them nearly everybody runs."""

VERSION = "hubaction --version"
LABELS = "hubaction, labels only"
HEADER = "hubaction, header"
HEADER_ALONE = "hubaction, header, 1 worker"
DECODE = "hubaction, decode"
DECODE_ALONE = "hubaction, decode, 1 worker"
DECODE_FOLDER = "hubaction, decode, from a folder"
CACHE_FIRST = "hubaction, cache, first run"
CACHE_CHANGED = "hubaction, cache, 1 % changed"
CACHE_CHANGED_ALONE = "hubaction, cache, 1 % changed, 1 worker"
CACHE_SAME = "hubaction, cache, nothing changed"
REFERENCE = "former check"
CVFLOW = "cvflow"
CVFLOW_LABELS = "cvflow, labels only"
DATUMARO = "datumaro"
CLEANVISION = "cleanvision"
UNZIP = "unzip -t"
JPEGINFO = "jpeginfo -c"


@dataclass(frozen=True, slots=True)
class Field:
    """Who runs, in the order of a round, and a sentence about each who could not."""

    contestants: Sequence[Contestant]
    missing: Sequence[str]


def field(python: Path) -> Field:
    """Ours by that interpreter, and of the others those that the environment names or this machine has."""
    others = [_reference(), *_cvflow(), _datumaro(), _cleanvision(), _unzip(), _jpeginfo()]
    missing = [one for one in others if isinstance(one, str)]
    return Field([*_ours(python), *(one for one in others if isinstance(one, Contestant))], missing)


def _ours(python: Path) -> list[Contestant]:
    """Our command line from the working tree, with everything that the action writes too."""
    labels, header, decode = "labels and names", "as above, and every image's bytes and header", "every picture decoded"
    changed = "every image read, one in a hundred decoded"
    return [
        _of_ours(python, VERSION, "start-up alone", ("--version",), sizes=(START,)),
        _check(python, LABELS, labels, "--pixels", "off", sizes=(*USUAL, GROWN)),
        _check(python, HEADER, header, "--pixels", "header", sizes=(*USUAL, GROWN)),
        _check(python, HEADER_ALONE, header, "--pixels", "header", workers=1),
        _check(python, DECODE, f"the default: {decode}, near copies sought", sizes=(START, *USUAL, GROWN)),
        _check(python, DECODE_ALONE, f"the same, {decode}", workers=1),
        _check(python, DECODE_FOLDER, "the same, of an unpacked dataset", path="{folder}"),
        _check(python, CACHE_FIRST, f"{decode} and remembered", cached=Cached.EMPTY),
        _check(python, CACHE_CHANGED, changed, path="{changed}", cached=Cached.FILLED),
        _check(python, CACHE_CHANGED_ALONE, changed, workers=1, path="{changed}", cached=Cached.FILLED),
        _check(python, CACHE_SAME, "every image read, none decoded", cached=Cached.FILLED),
    ]


def _check(
    python: Path,
    name: str,
    does: str,
    *options: str,
    workers: int = 2,
    path: str = "{zip}",
    sizes: tuple[int, ...] = USUAL,
    cached: Cached = Cached.NONE,
) -> Contestant:
    """A check of ours; with `--pixels off` there are no image sizes for statistics."""
    statistics = () if "off" in options else ("--stats", "{stats}")
    cache = () if cached is Cached.NONE else ("--cache-dir", "{cache}")
    written = ("--task", "detect", "--workers", str(workers), "--report-json", "{report}", *statistics)
    return _of_ours(python, name, does, ("check-dataset", path, *written, *cache, *options), sizes, cached)


def _of_ours(
    python: Path, name: str, does: str, words: tuple[str, ...], sizes: tuple[int, ...], cached: Cached = Cached.NONE
) -> Contestant:
    return Contestant(
        name,
        does,
        (str(python), "-m", "hubaction", *words),
        sizes,
        variables={"PYTHONPATH": str(ROOT)},
        packages=("numpy", "Pillow", "simplejpeg", "PyYAML", "rich"),
        cached=cached,
    )


def _reference() -> Contestant | str:
    """The former check in the virtual environment that REFENV names."""
    python = _python_of(REFERENCE, "REFENV")
    if isinstance(python, str):
        return python
    settings = os.environ.get("YOLO_CONFIG_DIR", str(python.parents[1] / "yolo-config"))
    return Contestant(
        REFERENCE,
        "unpacks the zip, reads labels and headers, decodes no JPEG whose end is there",
        (str(python), "-c", REFERENCE_SCRIPT, "{zip}", "{stats}"),
        (START, *USUAL),
        variables={"YOLO_CONFIG_DIR": settings, "YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "0"},
        packages=("ultralytics", "torch", "numpy", "opencv-python-headless", "Pillow"),
    )


def _cvflow() -> list[Contestant | str]:
    python = _python_of(CVFLOW, "CVFLOWENV")
    if isinstance(python, str):
        return [python]
    words = (str(python), "-m", "cvflow", "inspect", "{folder}", "--format", "yolo")
    everything = (
        "of a folder: labels; each image opened by Pillow's verify, hashed (SHA-256), and decoded twice for a hash "
        "of its looks, of which all pairs are compared"
    )
    packages = ("cvflow", "Pillow")
    return [
        Contestant(CVFLOW, everything, words, USUAL, packages=packages),
        Contestant(CVFLOW_LABELS, "of a folder: labels", (*words, "--no-images"), USUAL, packages=packages),
    ]


def _datumaro() -> Contestant | str:
    python = _python_of(DATUMARO, "DATUMAROENV")
    if isinstance(python, str):
        return python
    does = "of a folder: labels and headers; statistics of classes and boxes (DetectionValidator); no pixels"
    words = (str(python), "-c", DATUMARO_SCRIPT, "{folder}")
    return Contestant(DATUMARO, does, words, USUAL, packages=("datumaro", "numpy", "Pillow"))


def _cleanvision() -> Contestant | str:
    python = _python_of(CLEANVISION, "CLEANVISIONENV")
    if isinstance(python, str):
        return python
    does = "of a folder: every picture decoded twice, for scores and for hashes, one process per core; no labels"
    words = (str(python), "-c", CLEANVISION_SCRIPT, "{images}")
    return Contestant(CLEANVISION, does, words, USUAL, packages=("cleanvision", "numpy", "Pillow"))


def _unzip() -> Contestant | str:
    does = "yardstick: every byte of the zip read and its CRC-32 compared, one core"
    return _tool(Contestant(UNZIP, does, ("unzip", "-tqq", "{zip}"), (*USUAL, GROWN), about=("unzip", "-v")))


def _jpeginfo() -> Contestant | str:
    does = "yardstick: every JPEG of a folder decoded for errors, one core; no CRC, no labels, no hashes"
    words = ("jpeginfo", "-c", "-q", "-f", "{listing}")
    return _tool(Contestant(JPEGINFO, does, words, USUAL, about=("jpeginfo", "--version")))


def _python_of(name: str, variable: str) -> Path | str:
    """The interpreter of the virtual environment that the variable names, or why there is none."""
    home = os.environ.get(variable)
    if not home:
        return f"{name} did not run: {variable} names no virtual environment"
    python = Path(home, "bin", "python").absolute()
    return python if python.exists() else f"{name} did not run: there is no {python}"


def _tool(contestant: Contestant) -> Contestant | str:
    program = contestant.words[0]
    return contestant if shutil.which(program) else f"{contestant.name} did not run: {program} is not installed"
