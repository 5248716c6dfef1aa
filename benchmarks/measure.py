"""Measures a command as a whole process: wall time, CPU time, memory of all its processes together.

The command is started by a small process of its own (this file, run as a script), because Linux counts the memory of
the process that starts another one into the peak of the new one. Time and memory are measured in separate runs: taking
the memory of a process halts it for a moment.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

INTERVAL_S = 0.02  # between two samples of memory
SHARE = 0.15  # of the time that sampling may take: a large process halts for longer while its pages are counted
SAMPLES = 200  # at least so many samples in a long run: what it holds for 1 / SAMPLES of its time is seen
NOTHING = (0, 0)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command.

    `wall_s` and `cpu_s` (user + system, the process and all its children) are seconds. `largest_mb` is the peak
    resident memory of the largest single process; `peak_mb` the peak of all processes of the tree together, pages that
    several share counted once; `anonymous_mb` the peak of the part of it that no file backs. All in MB (10**6 bytes).
    Peaks of the tree come from `samples` samples and are 0 where there are none.
    """

    exit_code: int
    wall_s: float
    cpu_s: float
    largest_mb: float
    peak_mb: float = 0.0
    anonymous_mb: float = 0.0
    samples: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """What to run: the words, the working folder, the whole environment, the file that takes what it prints."""

    words: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    log: Path


def time_run(command: Command) -> Run:
    """Runs the command once, undisturbed."""
    return _launch(command, "time")


def memory_run(command: Command) -> Run:
    """Runs the command once and samples the memory of its tree."""
    return _launch(command, "memory")


def alternate(contestants: Mapping[str, Callable[[], Run]], rounds: int) -> dict[str, list[Run]]:
    """Runs all contestants in turn (A B A B ...), so that a slow minute of the machine falls on all of them."""
    runs: dict[str, list[Run]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            runs[name].append(contestant())
    return runs


def paired_ratio(slow: Sequence[float], fast: Sequence[float]) -> float:
    """The median of slow / fast, taken pair by pair of runs of the same round."""
    return statistics.median(s / f for s, f in zip(slow, fast, strict=True))


def _launch(command: Command, mode: str) -> Run:
    """Starts this file as a script, which starts the command, and reads its report."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "run.json")
        launcher = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), mode, str(report), str(command.log)]
        environment = dict(command.environment)
        subprocess.run([*launcher, *command.words], cwd=command.folder, env=environment, check=True)
        return Run(**json.loads(report.read_text(encoding="utf-8")))


def _parents() -> dict[int, int]:
    """The parent of every process, by number."""
    parents: dict[int, int] = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            stat = Path("/proc", name, "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it has ended
        parents[int(name)] = int(stat.rpartition(")")[2].split()[1])
    return parents


def _tree(root: int) -> list[int]:
    """The process `root` and all its descendants."""
    parents, tree = _parents(), [root]
    for parent in tree:  # grows while it is walked
        tree.extend(child for child, its_parent in parents.items() if its_parent == parent)
    return tree


def _memory(process: int) -> tuple[int, int]:
    """The process's proportional share of memory, and the anonymous part of it, in bytes.

    A page that n processes map counts 1/n for each, so a sum over processes counts it once. What processes outside the
    tree share with it, chiefly the C library, is missing in their part.
    """
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return NOTHING  # it has ended
    fields = {line.split()[0]: int(line.split()[1]) * 1024 for line in text.splitlines()[1:]}
    return fields["Pss:"], fields["Pss_Anon:"]


def _sample_until_end(process: int) -> tuple[int, int, int, int]:
    """Samples until the process ends: wait status, peak in bytes, anonymous peak in bytes, number of samples."""
    peak = anonymous = samples = ended = status = 0
    begin = time.perf_counter()
    while not ended:
        start = time.perf_counter()
        parts = [_memory(member) for member in _tree(process)]
        peak = max(peak, sum(part[0] for part in parts))
        anonymous = max(anonymous, sum(part[1] for part in parts))
        samples += 1
        now = time.perf_counter()
        time.sleep(max(INTERVAL_S, (now - start) / SHARE, (now - begin) / SAMPLES))
        ended, status = os.waitpid(process, os.WNOHANG)
    return status, peak, anonymous, samples


def _run_here(words: Sequence[str], log: Path, *, sampled: bool) -> Run:
    """Runs the command as a child of this process, the only one it ever has."""
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT).pid
        if sampled:
            status, peak, anonymous, samples = _sample_until_end(process)
        else:
            status, peak, anonymous, samples = os.waitpid(process, 0)[1], 0, 0, 0
        wall = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = os.waitstatus_to_exitcode(status)
    largest = used.ru_maxrss * 1024 / 1e6
    return Run(code, wall, used.ru_utime + used.ru_stime, largest, peak / 1e6, anonymous / 1e6, samples)


def main() -> None:
    """The launcher: measure.py time|memory REPORT LOG COMMAND..."""
    mode, report, log, *words = sys.argv[1:]
    run = _run_here(words, Path(log), sampled=mode == "memory")
    Path(report).write_text(json.dumps(asdict(run)), encoding="utf-8")


if __name__ == "__main__":
    main()
