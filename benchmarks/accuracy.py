"""How many of the shared variants' planted defects the former check noticed, and how many ours does, as a table.

    python benchmarks/accuracy.py                       prints the table
    python benchmarks/accuracy.py --readme README.md    and puts it between the marks in that file

The variable HUBACTION_SHARED_DATA names the folder of the data. What the former check did is on record in their table.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hubaction.operations.check_dataset import CheckOptions, check

CAUGHT, WARNED, MISSED = "caught", "warned", "missed"
GROUPS = {
    "y": "data.yaml",
    "l": "labels",
    "s": "segment",
    "o": "obb",
    "p": "pose",
    "i": "images",
    "n": "names",
    "z": "archive",
    "c": "classify",
    "x": "wrong task",
}
MARKS = re.compile(r"(<!-- accuracy -->\n).*?(<!-- /accuracy -->)", re.DOTALL)
HEAD = """\
| planted in | defects | former check: raises | warns only | misses | hub-action: error | warning | misses |
| :-- | --: | --: | --: | --: | --: | --: | --: |
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What both checks made of one variant."""

    group: str
    kind: str
    former: str
    ours: str


def outcome(folder: Path, variant: Mapping[str, Any]) -> Outcome:
    """Ours looks at it now, under the profile default; the former check's outcome was measured."""
    reference = variant["reference"]
    report = check(CheckOptions(folder / variant["file"], variant["task"], "default", config=None))
    return Outcome(
        variant["id"].partition("-")[0],
        variant["kind"],
        grade(caught=reference["raises"], warned=reference["warned"]),
        grade(caught=report.errors > 0, warned=report.warnings > 0),
    )


def grade(*, caught: bool, warned: bool) -> str:
    """The stronger of the two, or that nothing was said."""
    return CAUGHT if caught else WARNED if warned else MISSED


def table(outcomes: Sequence[Outcome]) -> str:
    """Defects by group, their total, and a sentence about what is sound."""
    defects = [one for one in outcomes if one.kind == "defect"]
    groups = {name: [one for one in defects if one.group == letter] for letter, name in GROUPS.items()}
    rows = [row(name, members) for name, members in groups.items() if members]
    return HEAD + "\n".join([*rows, row("**all**", defects), "", sound_sentence(outcomes), ""])


def row(name: str, members: Sequence[Outcome]) -> str:
    """One line of the table."""
    former, ours = Counter(one.former for one in members), Counter(one.ours for one in members)
    numbers = [len(members), *(counts[word] for counts in (former, ours) for word in (CAUGHT, WARNED, MISSED))]
    return f"| {name} | {' | '.join(map(str, numbers))} |"


def sound_sentence(outcomes: Sequence[Outcome]) -> str:
    """How often ours reports an error in what is sound."""
    sound = [one for one in outcomes if one.kind in {"control", "benign"}]
    return f"False errors of hub-action on the sound ones: {sum(one.ours == CAUGHT for one in sound)} of {len(sound)}."


def put_into(readme: Path, text: str) -> None:
    """Replace what stands between the marks. Raises SystemExit where there are none."""
    old = readme.read_text(encoding="utf-8")
    if not MARKS.search(old):
        sys.exit(f"{readme} has no marks <!-- accuracy --> and <!-- /accuracy -->.")
    new = MARKS.sub(lambda marks: f"{marks[1]}{text}{marks[2]}", old)
    readme.write_text(new, encoding="utf-8")


def main() -> None:
    """Check all variants and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readme", type=Path, help="file that gets the table between its marks")
    asked = parser.parse_args()
    if not (data := os.environ.get("HUBACTION_SHARED_DATA")):
        sys.exit("HUBACTION_SHARED_DATA is not set.")
    folder = Path(data) / "variants"
    lines = (folder / "variants.jsonl").read_text(encoding="utf-8").splitlines()
    text = table([outcome(folder, variant) for variant in map(json.loads, lines) if variant["kind"] != "odd"])
    print(text, end="")
    if asked.readme:
        put_into(asked.readme, text)


if __name__ == "__main__":
    main()
