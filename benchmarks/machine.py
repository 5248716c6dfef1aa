"""Where it ran: the machine, and the versions of everyone."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contestants import Contestant

VERSIONS_SCRIPT = """
import importlib.metadata, json, platform, sys
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
print(json.dumps({"Python": platform.python_version(), **{name: version(name) for name in sys.argv[1:]}}))
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """Processor, cores, memory in GB, system, load before the first run, versions by program."""

    date: str
    processor: str
    cores: int
    memory_gb: float
    system: str
    load: float
    versions: Mapping[str, str]


def machine(contestants: Sequence[Contestant]) -> Machine:
    """Look at the machine we are on."""
    return Machine(
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        system=f"{platform.system()} {platform.machine()}",
        load=round(os.getloadavg()[0], 2),
        versions={one.program: _tool_version(one) if one.about else _versions(one) for one in contestants},
    )


def _processor() -> str:
    """The processor's name as Linux gives it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _versions(contestant: Contestant) -> str:
    """Versions of the contestant's Python and of those of its packages that are installed."""
    words = [contestant.words[0], "-c", VERSIONS_SCRIPT, *contestant.packages]
    printed = subprocess.run(words, capture_output=True, check=True, text=True).stdout
    return ", ".join(f"{name} {version}" for name, version in json.loads(printed).items() if version)


def _tool_version(contestant: Contestant) -> str:
    """The first words that a tool prints about itself, up to the date or the copyright."""
    done = subprocess.run(contestant.about, capture_output=True, check=False, text=True)
    first = next(filter(None, (done.stdout + done.stderr).splitlines()), "")
    return " ".join(first.partition(" of ")[0].split()[:2])
