"""What is wrong with names of files: junk of operating systems, and names that not every system can hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from hubaction.report.finding import Severity

if TYPE_CHECKING:
    from hubaction.rules.collector import Collector
    from hubaction.rules.rule import Options
    from hubaction.rules.view import View

JUNK_FOLDERS = frozenset({"__MACOSX", ".ipynb_checkpoints"})
LONGEST_PATH = 259
"""Characters of a path that Windows takes unless told otherwise (MAX_PATH is 260 with the end mark)."""

_JUNK = re.compile(
    r"(?:^|/)(?:__MACOSX(?:/|$)|\.ipynb_checkpoints(?:/|$)|\._[^/]*$|(?:\.DS_Store|Thumbs\.db|desktop\.ini)$)"
)
_HINTS = ("__MACOSX", ".ipynb_checkpoints", "._", ".DS_Store", "Thumbs.db", "desktop.ini")
_END = "\0"  # between the paths of one long string: the only character that no name can hold
_ODD_CHARACTERS = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_DRIVE = re.compile(r"[A-Za-z]:")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_SUSPECT_PIECES = (
    *'<>:"|?*\\\x7f',
    *map(chr, range(1, 32)),
    *(f"{last}{next_}" for last in " ." for next_ in f"/.{_END}"),
)
_SUSPECT_WORD = re.compile(rf"/(?:{'|'.join(sorted(_RESERVED))})[/.{_END}]")
"""Both for the long string in lower case: where nothing of them occurs, no name can be at fault."""


def is_os_junk(path: str) -> bool:
    """Whether an operating system or an editor left the file or folder there; no other rule speaks about it.
    Folders like ``._a`` are not: the system writes files of such names only.
    """
    return bool(_JUNK.search(path))


def junk_in(paths: Iterable[str]) -> list[str]:
    """The junk among many paths; almost free where there is none."""
    listed = list(paths)
    together = "\n".join(listed)
    return [path for path in listed if is_os_junk(path)] if any(hint in together for hint in _HINTS) else []


def starts_with_drive(path: str) -> bool:
    """Whether a path begins like ``C:``."""
    return bool(_DRIVE.match(path))


def os_junk(view: View, _: Options, out: Collector) -> None:
    """A107: junk that the loader does not ignore; what it does ignore is a defect that reading records."""
    trained = f", and it counts as a class in {view.task}" if view.task == "classify" else ""
    folders = sorted(path for path in junk_in(view.folders) if path.rpartition("/")[2] in JUNK_FOLDERS)
    for path in folders:
        out.add(Severity.WARNING, f"a folder that an editor or system left behind{trained}", path, key=path)
    inside = tuple(f"{folder}/" for folder in folders)
    for path in sorted(junk_in(view.files)):
        if not path.startswith(inside):
            out.add(Severity.WARNING, "a file that the operating system left behind, no part of the data", path)


def name_not_portable(view: View, options: Options, out: Collector) -> None:
    """A108: names that some system cannot hold, that collide there, or that an archive stores without an encoding."""
    paths = [*view.files, *view.folders]
    junk = set(junk_in(paths))
    paths = [path for path in paths if path not in junk] if junk else paths
    together = "/" + f"{_END}/".join(paths) + _END
    _odd_names(paths, together, view, out)
    _long_paths(paths, int(options["longest_path"]), out)
    _collisions(paths, together, out)
    _unmarked_names(view, out)


def _odd_names(paths: list[str], together: str, view: View, out: Collector) -> None:
    folded = together.lower()
    if not any(piece in folded for piece in _SUSPECT_PIECES) and not _SUSPECT_WORD.search(folded):
        return
    for path in sorted(paths):
        if problem := _problem_of(path.rpartition("/")[2], backslash=not view.is_archive):
            out.add(Severity.WARNING, f"{problem}; it cannot be unpacked or checked out everywhere", path)


def _long_paths(paths: list[str], longest: int, out: Collector) -> None:
    if max(map(len, paths), default=0) > longest:
        for path in sorted(path for path in paths if len(path) > longest):
            out.add(Severity.WARNING, f"a path of {len(path)} characters; Windows takes {longest}", path)


def _problem_of(name: str, *, backslash: bool) -> str:
    """Why some system refuses a part of a path; '' where none does."""
    if (odd := _ODD_CHARACTERS.search(name)) and not starts_with_drive(name):
        shown = odd[0] if odd[0].isprintable() else f"a control character ({ord(odd[0])})"
        return f"its name holds {shown}, which Windows does not allow"
    if backslash and "\\" in name:
        return "its name holds a backslash, which separates folders on Windows"
    stem = name.rpartition(".")[0] or name
    if name[-1:] in {".", " "} or stem[-1:] in {".", " "}:
        return "its name, or the stem, ends in a dot or a blank, which Windows cuts off"
    if name.partition(".")[0].lower() in _RESERVED:
        return "Windows reserves this name for a device"
    return ""


def _collisions(paths: list[str], together: str, out: Collector) -> None:
    plain = together if together.isascii() else unicodedata.normalize("NFC", together)
    folded = plain.casefold().split(_END)[:-1]
    if len(set(folded)) == len(folded):
        return
    first: dict[tuple[str, str], str] = {}  # folders that collide speak for what lies in them
    for path, one in sorted(zip(paths, folded, strict=True)):
        other = first.setdefault((path.rpartition("/")[0], one), path)
        if other is not path:
            message = f"differs from {other} only in case or in how an accent is stored; one would replace the other"
            out.add(Severity.WARNING, message, path)


def _unmarked_names(view: View, out: Collector) -> None:
    if not view.is_archive or "".join(view.files).isascii():
        return
    unmarked = list(_without_flag(view))
    if unmarked:
        message = (
            f"{len(unmarked):,} names with letters beyond ASCII do not say that they are UTF-8; "
            "each unpacker guesses another spelling"
        )
        out.add(Severity.WARNING, message, unmarked[0], key="encoding")


def _without_flag(view: View) -> Iterator[str]:
    """Paths whose bytes in the archive are not the UTF-8 of what was read: they were taken for code page 437."""
    for path in view.files:
        if not path.isascii() and not view.stored_name(path).endswith(
            path.rpartition("/")[2].encode("utf-8", "replace")
        ):
            yield path
