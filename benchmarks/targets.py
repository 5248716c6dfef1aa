"""The goals for speed and memory, and whether they are met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import commands
from bench import Results
from commands import DECODE, GROWN, HEADER, JPEGINFO, LARGE, REFERENCE, START, UNZIP


@dataclass(frozen=True, slots=True)
class Target:
    """A goal, the limit, what was measured, and whether the goal is met (None: not measured)."""

    goal: str
    limit: str
    measured: str
    met: bool | None


def targets(results: Results, cores: int, search_s: float | None) -> list[Target]:
    """The goals of the project; ``search_s`` is the time of the near-copy search, from a bench of its own."""

    def ratio(images: int, name: str, other: str, scale: float = 1.0) -> float | None:
        found = results.ratio(images, name, other)
        return None if found is None else found * scale

    large, decode = f"{LARGE:,} images", f"{LARGE:,} images, decode"
    return [
        _most(f"{large}, header: wall time, of the former check's", 1 / 12, ratio(LARGE, HEADER, REFERENCE)),
        _most(f"{large}, header: wall time, of that of `unzip -t`", 0.5, ratio(LARGE, HEADER, UNZIP)),
        _most(f"{decode}: of `jpeginfo -c` on one core / {cores} cores", 1.25, ratio(LARGE, DECODE, JPEGINFO, cores)),
        _most(f"{decode}: wall time, of the former check's", 0.5, ratio(LARGE, DECODE, REFERENCE)),
        _most(f"{large}, 1 % changed: wall time, of decode", 1 / 8, ratio(LARGE, commands.CACHE_CHANGED, DECODE)),
        _least(f"{decode}: 2 workers faster than 1 by", 1.8, ratio(LARGE, commands.DECODE_ALONE, DECODE)),
        _most(f"{decode}: peak memory, all processes", 250, _of(results, LARGE, DECODE, "peak_mb"), " MB"),
        _most(f"{GROWN:,} images, decode: peak memory", 600, _of(results, GROWN, DECODE, "peak_mb"), " MB"),
        _most(f"near-copy search on {GROWN:,} hashes", 1.5, search_s, " s"),
        _most("`hubaction --version`: wall time", 0.12, _of(results, START, commands.VERSION, "wall_s"), " s"),
        _most(f"{START} images: wall time", 0.25, _of(results, START, DECODE, "wall_s"), " s"),
    ]


def _of(results: Results, images: int, name: str, what: str) -> float | None:
    result = results.get(images, name)
    return None if result is None else float(getattr(result, what))


def _most(goal: str, limit: float, measured: float | None, unit: str = "") -> Target:
    return _target(goal, "at most", limit, measured, unit, lambda value: value <= limit)


def _least(goal: str, limit: float, measured: float | None) -> Target:
    return _target(goal, "at least", limit, measured, "", lambda value: value >= limit)


def _target(
    goal: str, word: str, limit: float, measured: float | None, unit: str, is_met: Callable[[float], bool]
) -> Target:
    text = "not measured" if measured is None else _shown(measured, unit)
    return Target(goal, f"{word} {_shown(limit, unit)}", text, None if measured is None else is_met(measured))


def _shown(value: float, unit: str) -> str:
    """Three digits; small ratios as 1/n."""
    return f"1/{1 / value:.3g}" if not unit and value < 0.3 else f"{value:.3g}{unit}"
