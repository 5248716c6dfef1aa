"""What share of a check all reports together take: 10,000 images, all of them decoded, with 1,000 findings.

    python benchmarks/renderers.py          makes the set on the RAM disk, checks it twice, takes it away

The target is 15 % for all together, and 6 MB for the HTML report with 60 pictures.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar
from unittest import mock

import generate

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hubaction.operations import pictures
from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.operations.report_files import ReportFile
from hubaction.report.annotations import render_annotations
from hubaction.report.contact_sheet import render_sheets
from hubaction.report.model import Report
from hubaction.report.summary import render_summary
from hubaction.report.table import RENDERERS
from hubaction.report.text import render_text

RAM_DISK = Path("/dev/shm")
IMAGES = 10_000
EVERY = 10  # image has a box that leaves it, which is one finding each
RENDER: Mapping[str, Callable[[Report], object]] = {
    **{name: renderer.render for name, renderer in RENDERERS.items()},
    "summary": render_summary,
    "annotations": render_annotations,
    "text": render_text,
    "contact sheets": lambda report: list(render_sheets(report)),
}

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds of wall time by name."""

    seconds: dict[str, float] = field(default_factory=dict)

    def time(self, name: str, function: Callable[P, R]) -> Callable[P, R]:
        """The function, timed when it is called."""

        def timed(*arguments: P.args, **named: P.kwargs) -> R:
            start = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds[name] = time.perf_counter() - start

        return timed


def label(index: int) -> str:
    """The label of image number `index`; every tenth has a box that lies half outside."""
    return generate.label(index) + ("0 1.2 0.5 0.3 0.3\n" if index % EVERY == 0 else "")


def measure(folder: Path) -> tuple[float, Clock, Report, int]:
    """Seconds of a check without reports; what the reports add; the report, and the bytes of its HTML."""
    archive = generate.generate(IMAGES, folder / "set.zip", label).path
    clock = Clock()
    clock.time("check", check)(CheckOptions(archive, "detect", config=None))
    bare = clock.seconds.pop("check")
    page = folder / "report.html"
    with mock.patch.object(pictures, "with_pictures", clock.time("pictures", pictures.with_pictures)):
        report = check(CheckOptions(archive, "detect", config=None, reports=(ReportFile("html", page),)))
    for name, render in RENDER.items():
        clock.time(name, render)(report)
    return bare, clock, report, page.stat().st_size


def main() -> None:
    """The command line: prints a table."""
    with tempfile.TemporaryDirectory(dir=RAM_DISK, prefix="renderers-") as folder:
        bare, clock, report, size = measure(Path(folder))
    print(f"check of {report.images:,} images: {bare:.2f} s, {len(report.findings):,} findings in the report")
    for name, seconds in [*clock.seconds.items(), ("all", sum(clock.seconds.values()))]:
        print(f"{name:15} {seconds:6.3f} s {seconds / bare:7.1%}")
    print(f"HTML: {size / 1e6:.2f} MB with {len(report.gallery.pictures)} pictures")


if __name__ == "__main__":
    main()
