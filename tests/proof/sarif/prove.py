"""Have Microsoft's validator read SARIF of many datasets, with its own rules and GitHub's.

    python tests/proof/sarif/prove.py NODE_MODULES FOLDER

The datasets are the broken sample, planted defects of each task in folders and zips, one with hostile names, and, where
HUBACTION_SHARED_DATA names their folder, some of the shared variants. The logs stay in FOLDER.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "action"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "rules"))
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from plants import Plant, all_plants
from sets import picture, sound
from test_plants import TASKS, checked, pack, write
from tricks import TRICKS, as_name, as_yaml

from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.report.model import Report
from hubaction.report.sarif import render_sarif

ROOT = Path(__file__).resolve().parents[3]
EACH = 4  # plants of a task, every second one in a zip
EVERY = 8  # of so many shared variants one is taken
VALIDATE = "validate --rule-kind Sarif;Ghas --level Error;Warning --log ForceOverwrite --output".split()
SPOILED = "spoiled"


def plants() -> Iterator[Plant]:
    for task in TASKS:
        own = [plant for plant in all_plants() if plant.task == task]
        for index, plant in enumerate(own[:: len(own) // EACH][:EACH]):
            yield replace(plant, archive=plant.archive or index % 2 == 1)


def hostile() -> dict[str, bytes]:
    """A dataset with every trick as a class, a folder, a file and a token of a label."""
    names = ", ".join(map(as_yaml, TRICKS.values()))
    files = sound("detect") | {"data.yaml": f"train: images/train\nval: images/val\nnames: [{names}]\n".encode()}
    for index, text in enumerate(TRICKS.values()):
        row = f"0 0.5 0.5 0.2 z{''.join(text.split())}\n"
        place = f"train/{as_name(text)}/{as_name(text)}"
        files[f"images/{place}.jpg"] = picture(2000 + index)
        files[f"labels/{place}.txt"] = row.encode("utf-8", "backslashreplace")
    return files


def reports(home: Path) -> Iterator[tuple[str, Report]]:
    """Names and reports; each dataset is written below ``home``."""
    yield "sample", check(CheckOptions(ROOT / "examples" / "shapes-broken", location="examples/shapes-broken"))
    for plant in plants():
        folder = home / f"{plant.rule}-{plant.id}"
        folder.mkdir()
        yield f"{plant.task}-{'zip' if plant.archive else 'folder'}-{plant.rule}-{plant.id}", checked(plant, folder)
    files, place = hostile(), "sets/a b/ü%20[1]"
    yield "hostile-folder", check(CheckOptions(write(files, home), "detect", location=place))
    archive = home / "hostile.zip"
    archive.write_bytes(pack({name: data for name, data in files.items() if is_text(name)}))
    yield "hostile-zip", check(CheckOptions(archive, "detect", location=f"{place}.zip"))
    if shared := os.environ.get("HUBACTION_SHARED_DATA"):
        yield from variants(Path(shared, "variants"))


def is_text(name: str) -> bool:
    """Whether a zip can be given the name by Python, which encodes no lone surrogate."""
    return name == name.encode("utf-8", "ignore").decode()


def variants(folder: Path) -> Iterator[tuple[str, Report]]:
    lines = (folder / "variants.jsonl").read_text(encoding="utf-8").splitlines()
    for variant in map(json.loads, lines[::EVERY]):
        yield f"shared-{variant['id']}", check(CheckOptions(folder / variant["file"], variant["task"], config=None))


def spoil(log: str) -> str:
    """What the validator must refuse, with a rule of its own and with one of GitHub's."""
    tree = json.loads(log)
    first, second = tree["runs"][0]["results"][:2]
    first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "a b"
    del second["locations"]
    return json.dumps(tree)


def write_logs(folder: Path) -> int:
    """Write all logs and return how many there are."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as home:
        for name, report in reports(Path(home)):
            (folder / f"{name}.sarif").write_text(render_sarif(report), encoding="utf-8")
    (folder / f"{SPOILED}.sarif").write_text(spoil((folder / "sample.sarif").read_text(encoding="utf-8")))
    return len(list(folder.iterdir()))


def validate(modules: Path, folder: Path) -> tuple[str, list[Any]]:
    """What the validator prints, and its results. It ends with 0 whatever it finds."""
    tool = next(modules.glob("@microsoft/sarif-multitool-*/Sarif.Multitool"))
    tool.chmod(0o755)  # as the package's script would do, which npm may leave out
    found = folder / "found.json"
    command = [str(tool), *VALIDATE, str(found), str(folder / "*.sarif")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout, json.loads(found.read_text(encoding="utf-8-sig"))["runs"][0]["results"]


def place(result: Any) -> str:
    return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def main(modules: Path, folder: Path) -> int:
    """0 where no log is refused but the spoiled one, which must be."""
    number = write_logs(folder)
    printed, results = validate(modules, folder)
    control = {result["ruleId"] for result in results if place(result).endswith(f"/{SPOILED}.sarif")}
    refused = {place(result) for result in results} - {f"{folder.resolve().as_uri()}/{SPOILED}.sarif"}
    all_read = f"{number} files scanned" in printed and control >= {"SARIF1002", "GH1015"}
    print(f"{number - 1} SARIF logs, {len(refused)} refused")
    if refused or not all_read:
        print(printed if refused else f"The validator did not do its work:\n{printed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*map(Path, sys.argv[1:])))
