"""Which paths a glob means: ``*`` and ``?`` within one part of a path, ``**`` across parts, as in .gitignore."""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Callable, Sequence

_ANY = "**"


def path_matcher(globs: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path (posix, relative to the dataset) is meant by one of the globs.

    A glob without a slash means files of that name in every folder; one that ends in a slash, all below a folder.
    The dataset as a whole ('') is meant by none. Matching takes at most (parts of the glob) x (parts of the path)
    steps, whatever the glob looks like.
    """
    parts = [_parts(glob) for glob in globs]
    return functools.cache(lambda path: bool(path) and any(_match(one, path.split("/")) for one in parts))


def _parts(glob: str) -> list[str | re.Pattern[str]]:
    glob = f"{glob}**" if glob.endswith("/") else glob
    anchored = glob if "/" in glob else f"**/{glob}"
    return [part if part == _ANY else re.compile(fnmatch.translate(part)) for part in anchored.strip("/").split("/")]


def _match(glob: list[str | re.Pattern[str]], path: list[str]) -> bool:
    """Row by row over the parts of the path: ``reached[i]`` tells whether the first i parts of the glob are used up."""
    reached = [True] + [False] * len(glob)
    for index, part in enumerate(glob):
        reached[index + 1] = reached[index] and part == _ANY
    for name in path:
        before, reached = reached, [False] * (len(glob) + 1)
        for index, part in enumerate(glob):
            if isinstance(part, str):
                reached[index + 1] = before[index + 1] or reached[index] or before[index]
            else:
                reached[index + 1] = before[index] and part.match(name) is not None
    return reached[-1]
