"""data.yaml: found as the loader finds it, read without executing anything, every key with its line."""

from __future__ import annotations

import codecs
import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import yaml

from hubaction.dataset.defects import Defect, Detail, Kind
from hubaction.dataset.limits import Limits
from hubaction.dataset.source import DatasetSource, ReadError
from hubaction.dataset.texts import find_secrets

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
"""Characters outside YAML 1.1's printable set; the loader removes them when the first try to read fails."""

_MAX_DEPTH = 310
"""Deepest nesting read. The former check took 300 levels and failed at 330; libyaml crashes at some thousands."""

_STRING = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_LONGEST_NUMBER = 3500  # characters; Python itself refuses to print integers of more than 4,300 digits
_NUMBER = re.compile(r"[-+]?(0x[0-9a-fA-F_]+|0b[01_]+|[0-9][0-9_]*(:[0-9._]+)+)")

_PLAIN = (str, int, float, bool, list, dict, type(None))
_LOAD_ERRORS = (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)


class Loader(enum.Enum):
    """Whose rules decide what of a dataset is used."""

    FORMER = "ultralytics 8.4.114 and before, with hub.check_dataset"
    CURRENT = "today's loader: also .yml, lists of folders and image lists"


@dataclass(slots=True)
class DataYaml:
    """The mapping in data.yaml as the loader sees it.

    Attributes:
        path: relative to the dataset root; its folder is what split paths are relative to.
        values: top-level values; ``path:`` is left out of account, as by the former check.
        lines: 1-based line by key path, e.g. ``("train",)``, ``("names", 3)``.
        texts: of class names that YAML does not read as text (``no``, ``1.0``), what the file says, by key path.
        loaded: False when there is nothing to go on.
    """

    path: str = ""
    values: dict[Any, Any] = field(default_factory=dict)
    lines: dict[tuple[Any, ...], int] = field(default_factory=dict)
    texts: dict[tuple[Any, ...], str] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)
    loaded: bool = False

    @property
    def folder(self) -> str:
        """Folder of data.yaml, relative to the root."""
        return self.path.rpartition("/")[0]

    def add(self, kind: Kind, *keys: Any, split: str | None = None, **detail: str | int | float) -> None:
        """Record a defect on the line of a key, or of the nearest key above it."""
        line = next((self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), None)
        self.defects.append(Defect(kind, self.path, line, split=split, detail=detail))


def read_data_yaml(source: DatasetSource, loader: Loader, limits: Limits) -> DataYaml:
    """Find and read the data.yaml of a dataset; what is wrong lies in ``defects``."""
    found = DataYaml()
    candidates = [source.yaml_path] if source.yaml_path else _candidates(source, loader)
    if len(candidates) > 1:
        stem = PurePosixPath(source.top).stem
        candidates = [path for path in candidates if PurePosixPath(path).stem == stem] or candidates
    if len(candidates) != 1:
        kind = Kind.YAML_AMBIGUOUS if candidates else Kind.YAML_MISSING
        found.defects.append(Defect(kind, detail={"found": ", ".join(candidates[:5]) or _near_misses(source)}))
        return found
    found.path = candidates[0]
    if found.path.endswith(".yml") and not source.yaml_path:
        found.defects.append(Defect(Kind.YAML_ONLY_YML, found.path))
    _read(source, found, limits)
    return found


def read_yaml_at(source: DatasetSource, path: str, limits: Limits) -> DataYaml:
    """A file of the same kind at a known path."""
    found = DataYaml(path)
    _read(source, found, limits)
    return found


def _candidates(source: DatasetSource, loader: Loader) -> list[str]:
    """All ``*.yaml`` directly in the root, else at any depth; only then, for today's loader, ``*.yml`` likewise."""
    for suffix in (".yaml",) if loader is Loader.FORMER else (".yaml", ".yml"):
        everywhere = sorted(path for path in (*source.files, *source.folders) if path.endswith(suffix))
        if here := [path for path in everywhere if "/" not in path] or everywhere:
            return here
    return []


def _near_misses(source: DatasetSource) -> str:
    pattern = re.compile(r"\.(ya?ml|yalm|ymal|zip|json)$", re.IGNORECASE)
    close = sorted(path for path in source.files if pattern.search(path))[:3]
    return f"nearest: {', '.join(close)}" if close else f"{len(source.files):,} other files"


def _read(source: DatasetSource, found: DataYaml, limits: Limits) -> None:
    if found.path in source.folders:
        found.defects.append(Defect(Kind.YAML_INVALID, found.path, detail={"reason": "it is a folder"}))
        return
    member = source.files.get(found.path)
    if member is None:
        found.defects.append(Defect(Kind.YAML_MISSING, detail={"found": "it cannot be read"}))
        return
    if member.size > limits.max_yaml_bytes:
        reason = f"{member.size:,} bytes, more than max_yaml_bytes = {limits.max_yaml_bytes:,}"
        found.defects.append(Defect(Kind.YAML_TOO_LARGE, found.path, detail={"reason": reason}))
        return
    try:
        raw = source.read(member.path)
    except ReadError as error:
        found.defects.append(Defect(Kind.YAML_TOO_LARGE, found.path, detail={"reason": error.reason}))
        return
    _parse(raw, found, limits)


def _parse(raw: bytes, found: DataYaml, limits: Limits) -> None:
    text = raw.decode("utf-8", errors="ignore")
    _check_bytes(raw, text, found)
    try:
        try:
            values = _load(text, found, limits)
        except yaml.YAMLError:
            cleaned = _UNPRINTABLE.sub("", text)
            if cleaned == text:
                raise
            values = _load(cleaned, found, limits)
    except _TooManyNodesError as error:
        found.defects.append(Defect(Kind.YAML_TOO_LARGE, found.path, detail={"reason": str(error)}))
    except _LOAD_ERRORS as error:
        line, column, reason = _explain(error)
        found.defects.append(Defect(Kind.YAML_INVALID, found.path, line, column, detail={"reason": reason}))
    else:
        _accept(values, found)


def _check_bytes(raw: bytes, text: str, found: DataYaml) -> None:
    if text.encode() != raw:
        found.defects.append(Defect(Kind.YAML_NOT_UTF8, found.path, _first_bad_line(raw)))
    if raw.startswith(codecs.BOM_UTF8):
        found.defects.append(Defect(Kind.YAML_BOM, found.path, 1))
    if found.folder:  # what lies in the root has been searched
        found.defects += find_secrets(found.path, text)


def _first_bad_line(raw: bytes) -> int:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return raw.count(b"\n", 0, error.start) + 1
    return 1


def _accept(values: Any, found: DataYaml) -> None:
    """Keep a mapping as the loader would after writing it out and reading it again."""
    if values is None:
        values = {}
    if not isinstance(values, dict):
        reason = f"it holds a {type(values).__name__} instead of a mapping of keys to values"
        if isinstance(values, str) and values.startswith("version https://git-lfs"):
            reason = "it is a Git LFS pointer, check out with lfs: true"
        found.defects.append(Defect(Kind.YAML_INVALID, found.path, 1, detail={"reason": reason}))
        return
    plain = {key: value if isinstance(value, _PLAIN) else str(value) for key, value in values.items()}
    found.values = {key: None if value == "None" else value for key, value in plain.items()}
    found.loaded = True


class _TooManyNodesError(Exception):
    """Aliases unfold to more values than a data.yaml can need."""


def _load(text: str, found: DataYaml, limits: Limits) -> Any:
    """Values of the only document; fills ``found.lines``. Raises the errors of PyYAML and _TooManyNodesError."""
    _check_bounds(text)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _expanded_size(node, {}, limits.max_yaml_nodes + 1) > limits.max_yaml_nodes:
            raise _TooManyNodesError(f"more than max_yaml_nodes = {limits.max_yaml_nodes:,} values, aliases expanded")
        found.lines, found.texts = dict(_lines(node)), dict(_name_texts(node))
        repeated = list(_repeated_keys(node, found.path))  # before merge keys are worked out in place
        values = loader.construct_document(node)
        found.defects += repeated
        return values
    finally:
        loader.dispose()


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, which the former check uses too; it takes tabs in some places where PyYAML's own scanner refuses them."""


def _check_bounds(text: str) -> None:
    """Raise RecursionError before the parser would run out of stack, and ValueError for endless numbers."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                raise RecursionError
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.ScalarEvent) and _is_endless_number(event.value):
            raise ValueError("a number of thousands of digits")


def _is_endless_number(text: str) -> bool:
    """Whether converting the text to a number would take forever or fail (base 60 is quadratic in its length)."""
    return len(text) > _LONGEST_NUMBER and _NUMBER.fullmatch(text) is not None


def _expanded_size(node: yaml.Node, sizes: dict[int, int], most: int) -> int:
    """Number of nodes, an alias counted as often as it is used (a recursive one once), but never above ``most``.

    Linear in the nodes written.
    """
    known = sizes.get(id(node))
    if known is not None:
        return known
    sizes[id(node)] = 0
    size = 1
    if isinstance(node, yaml.SequenceNode):
        size += sum(_expanded_size(child, sizes, most) for child in node.value)
    elif isinstance(node, yaml.MappingNode):
        size += sum(_expanded_size(child, sizes, most) for pair in node.value for child in pair)
    sizes[id(node)] = min(size, most)
    return sizes[id(node)]


def _lines(node: yaml.Node) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Line of each top-level key and of each key or item one level below."""
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        yield (key.value,), key.start_mark.line + 1
        for inner_key, place, _ in _children(value):
            yield (key.value, inner_key), place.start_mark.line + 1


def _children(node: yaml.Node) -> Iterator[tuple[Any, yaml.Node, yaml.Node]]:
    """Key or index of each child, the node that stands for its place, and its value."""
    if isinstance(node, yaml.SequenceNode):
        yield from ((index, value, value) for index, value in enumerate(node.value))
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            number = isinstance(key.value, str) and key.value.lstrip("-").isdecimal()
            yield int(key.value) if number and len(key.value) < 20 else key.value, key, value


def _name_texts(node: yaml.Node) -> Iterator[tuple[tuple[Any, ...], str]]:
    """The source text of each class name that is a scalar but no string."""
    for key, names in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == "names":
            for index, _, value in _children(names):
                if isinstance(value, yaml.ScalarNode) and value.tag != _STRING:
                    yield ("names", index), value.value


def _repeated_keys(root: yaml.Node, path: str) -> Iterator[Defect]:
    """A defect for each key that a mapping, at any depth, holds already; of another kind where the values differ."""
    todo, seen = [root], set()
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.ScalarNode) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            todo += node.value
        if isinstance(node, yaml.MappingNode):
            todo += [value for _, value in node.value]
            yield from _repeated_in(node, path)


def _repeated_in(mapping: yaml.MappingNode, path: str) -> Iterator[Defect]:
    first: dict[tuple[str, str], tuple[yaml.Node, yaml.Node]] = {}
    for key, value in mapping.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
            continue
        before = first.setdefault((key.tag, key.value), (key, value))
        if before[0] is not key:
            kind = Kind.YAML_KEY_REPEATED if _same(before[1], value) else Kind.YAML_KEY_CONFLICT
            mark, earlier = key.start_mark, before[0].start_mark
            detail: dict[str, Detail] = {"key": key.value, "earlier": earlier.line + 1}
            yield Defect(kind, path, mark.line + 1, mark.column + 1, detail=detail)


def _same(one: yaml.Node, other: yaml.Node) -> bool:
    """Whether two values are written alike; aliases may run in circles, so a pair is compared once."""
    todo, compared = [(one, other)], set()
    while todo:
        left, right = todo.pop()
        if left is right or (id(left), id(right)) in compared:
            continue
        compared.add((id(left), id(right)))
        if left.tag != right.tag or len(left.value) != len(right.value):
            return False
        if isinstance(left, yaml.ScalarNode):
            if left.value != right.value:
                return False
        else:
            todo += zip(_parts(left), _parts(right), strict=True)
    return True


def _parts(node: yaml.Node) -> list[yaml.Node]:
    """The items of a sequence; the keys and values of a mapping."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else [part for pair in node.value for part in pair]


def _explain(error: Exception) -> tuple[int | None, int | None, str]:
    """Line, column and cause of a failure to load, in one line of text."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if isinstance(error, RecursionError):
        return None, None, "it is nested too deeply"
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return (mark.line + 1, mark.column + 1, str(reason)) if mark else (None, None, str(reason))
