"""Times our check, the former one, three others and two yardsticks, side by side; writes results.md and README's table.

    python benchmarks/run.py            everything: 8, 1,000, 10,000 and 100,000 images; about a quarter of an hour
    python benchmarks/run.py --quick    8 and 1,000 images, one round, nothing written; less than a minute

Who runs beside ours is named by the variables REFENV, CVFLOWENV, DATUMAROENV and CLEANVISIONENV. See README.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import commands
import machine
import report
import stages
from bench import Bench, Plan, Results
from search import search_time
from sets import RAM_DISK, make, say
from targets import targets

HERE = Path(__file__).resolve().parent
FULL = Plan(rounds={commands.START: 7, commands.SMALL: 3, commands.LARGE: 3}, times=10, patience_s=30)
QUICK = Plan(rounds={commands.START: 3, commands.SMALL: 1}, times=0, patience_s=3)


def measure_all(folder: Path, python: Path, plan: Plan) -> report.Report:
    """The whole benchmark, its files in `folder`."""
    field = commands.field(python)
    here = machine.machine(field.contestants)
    for sentence in field.missing:
        say(sentence)
    runner = Bench(folder, field.contestants, remarks=list(field.missing))
    results = Results(runner.run(plan))
    if runner.equal:
        runner.remarks.append(f"The statistics of our check equal the former check's in {runner.equal} comparisons.")
    images = max(plan.rounds)
    say(f"near-copy search, profile of {images:,} images")
    goals = targets(results, here.cores, search_time(python))
    profile = stages.profile(make(images, folder).archive, images, python)
    return report.Report(here, field.contestants, results, goals, profile, runner.failures, runner.remarks)


def near_copies(python: Path) -> bool:
    """Whether the bench of near copies came through; it writes near_copies.md and takes about a minute."""
    say("precision and recall of near copies")
    return subprocess.run([str(python), str(HERE / "near_copies.py")], stdout=sys.stderr, check=False).returncode == 0


@contextmanager
def working_folder(wanted: Path | None) -> Iterator[Path]:
    """The folder for sets and runs: the one that was asked for, or a temporary one on the RAM disk."""
    if wanted:
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted.resolve()
    else:
        with tempfile.TemporaryDirectory(
            dir=RAM_DISK if RAM_DISK.is_dir() else None, prefix="hubaction-benchmark-"
        ) as name:
            yield Path(name)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--quick", action="store_true", help="8 and 1,000 images, one round; writes nothing unless --output says where")
    add("--dir", type=Path, help="folder for sets and runs, kept (default: a temporary one on the RAM disk)")
    add("--python", type=Path, default=Path(sys.executable), help="interpreter that runs our check")
    add("--output", type=Path, help="folder for results.md and results.json (default: beside this file)")
    add("--readme", type=Path, help="file with the marks for the table (default: the project's README.md)")
    return parser.parse_args()


def write(finished: report.Report, output: Path, readme: Path) -> None:
    """Writes results.md, results.json and the readme's part."""
    output.mkdir(parents=True, exist_ok=True)
    (output / "results.md").write_text(finished.markdown(), encoding="utf-8")
    (output / "results.json").write_text(finished.json(), encoding="utf-8")
    report.put_into(readme, finished.readme())


def main() -> int:
    """Runs the benchmark; exit code 1 if a run fails or statistics differ, 0 otherwise, however slow anybody is."""
    asked = arguments()
    with working_folder(asked.dir) as folder:
        finished = measure_all(folder, asked.python, QUICK if asked.quick else FULL)
    sound = not finished.failures and (asked.quick or near_copies(asked.python))
    if asked.output or not asked.quick:
        write(finished, asked.output or HERE, asked.readme or HERE.parent / "README.md")
    print(finished.markdown())
    return int(not sound)


if __name__ == "__main__":
    sys.exit(main())
