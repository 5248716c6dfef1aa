"""Fixers of family Y: data.yaml, changed as text at the marks of its nodes; everything else stays byte for byte."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from hubaction.dataset.datayaml import Loader, read_data_yaml
from hubaction.dataset.labels import LabelColumns
from hubaction.repair.edits import Proposal
from hubaction.repair.view import View

_STRING = "tag:yaml.org,2002:str"
_TAB_WIDTHS = (2, 4, 8)
_TABBED = re.compile(r"(?m)^[ ]*\t[ \t]*")  # an indentation with tabs
_FAILURES = (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)

Expect = Callable[[dict[Any, Any]], dict[Any, Any]]


class _Document:
    """The text of data.yaml, its values and its nodes. Raises YAMLError, also for a repeated key."""

    def __init__(self, raw: bytes) -> None:
        self.text = raw.decode("utf-8")
        self.values = yaml.safe_load(self.text)
        self.root = yaml.compose(self.text, yaml.SafeLoader)
        if not isinstance(self.root, yaml.MappingNode) or not isinstance(self.values, dict):
            raise yaml.YAMLError("no mapping")
        keys = [key.value for key, _ in self.root.value]
        if len(set(map(str, keys))) != len(keys):
            raise yaml.YAMLError("a key comes twice")

    def pair(self, name: str) -> tuple[yaml.Node, yaml.Node] | None:
        """Nodes of a top-level key and its value."""
        pairs = self.root.value if self.root else []
        return next(((key, value) for key, value in pairs if key.value == name), None)

    def replaced(self, node: yaml.Node, new: str) -> str:
        """The text with other words for a node."""
        return self.text[: node.start_mark.index] + new + self.text[node.end_mark.index :]

    def source_of(self, node: yaml.Node) -> str:
        return self.text[node.start_mark.index : node.end_mark.index]


def _document(view: View) -> _Document | None:
    data = view.layout.data
    raw = view.read(data.path) if data.loaded and data.path in view.source.files else None
    try:
        return _Document(raw) if raw is not None else None
    except _FAILURES:
        return None


def _proven(view: View, document: _Document, text: str, expected: dict[Any, Any]) -> Iterator[Proposal]:
    """Propose a new text if it reads as exactly the values expected, types and order included."""
    path = view.layout.data.path
    try:
        same = repr(yaml.safe_load(text)) == repr(expected)
    except _FAILURES:
        same = False
    if same and text != document.text:
        yield view.write(path, text.encode())
    else:
        yield view.leave(path, "the text cannot be changed without changing its meaning")


def byte_order_mark(view: View) -> Iterator[Proposal]:
    """Y201: a byte order mark goes. Proves that the rest is UTF-8 and reads as the same values."""
    path = read_data_yaml(view.source, Loader.CURRENT, view.limits).path
    raw = view.read(path) if path in view.source.files else None
    if raw is None or not raw.startswith(codecs.BOM_UTF8):
        return
    rest = raw.removeprefix(codecs.BOM_UTF8)
    if _read(raw.decode("utf-8", "replace")) == _read(rest.decode("utf-8", "replace")):
        yield view.write(path, rest)
    else:
        yield view.leave(path, "without its byte order mark it reads otherwise")


def tabs(view: View) -> Iterator[Proposal]:
    """Y201: tabs in the indentation become blanks. Proves that the file cannot be read with them, that it reads as a
    mapping with ``train`` or ``names`` without them, and as the same one for 2, 4 and 8 blanks a tab.
    """
    data = view.layout.data
    raw = view.read(data.path) if not data.loaded and data.path in view.source.files else None
    if raw is None or b"\t" not in raw or _read(raw.decode("utf-8", "replace")):
        return
    texts = [_expanded(raw.decode("utf-8", "replace"), width) for width in _TAB_WIDTHS]
    readings = {_read(text) for text in texts}
    if len(readings) == 1 and "" not in readings and texts[0].encode() != raw and "\ufffd" not in texts[0]:
        yield view.write(data.path, texts[0].encode(), len(_TABBED.findall(raw.decode())))
    else:
        yield view.leave(data.path, "what its tabs stand for is not certain")


def _expanded(text: str, width: int) -> str:
    return re.sub(r"(?m)^[ \t]+", lambda found: found.group().replace("\t", " " * width), text)


def _read(text: str) -> str:
    """The values of a sound data.yaml, written out; '' for anything else."""
    try:
        values = yaml.safe_load(text)
    except _FAILURES:
        return ""
    return repr(values) if isinstance(values, dict) and {"train", "names"} & values.keys() else ""


def validation_key(view: View) -> Iterator[Proposal]:
    """Y202: ``validation:`` becomes ``val:``. Proves that there is no ``val`` and that all values stay."""
    document = _document(view)
    pair = document.pair("validation") if document else None
    if document is None or pair is None or "val" in document.values:
        return
    written = document.source_of(pair[0])
    expected = {"val" if key == "validation" else key: value for key, value in document.values.items()}
    text = document.replaced(pair[0], written.replace("validation", "val"))
    yield from _proven(view, document, text, expected)


def path_key(view: View) -> Iterator[Proposal]:
    """Y204: ``path:`` goes where it points to the folder of data.yaml. Proves that its last part is that folder's name
    (or that it is ``.``), that nothing of this path lies in the folder, and that train and val are found without it.
    """
    document = _document(view)
    pair = document.pair("path") if document else None
    value = document.values.get("path") if document else None
    if (
        document is None
        or pair is None
        or not isinstance(value, str)
        or not value
        or re.match(r"[/~]|[A-Za-z]:", value)
    ):
        return
    if not _points_home(view, value) or not all(view.layout.splits.get(name) for name in ("train", "val")):
        yield view.leave(view.layout.data.path, "it is not certain that 'path' means the folder of data.yaml")
        return
    expected = {key: value for key, value in document.values.items() if key != "path"}
    yield from _proven(view, document, _without_line(document, pair), expected)


def _points_home(view: View, value: str) -> bool:
    folder = view.layout.data.folder
    home = folder.rpartition("/")[2] or view.source.top
    parts = [part for part in value.replace("\\", "/").split("/") if part not in {"", "."}]
    inside = "/".join([folder, *parts] if folder else parts)
    return not parts or (parts[-1] == home and inside not in view.source.folders)


def _without_line(document: _Document, pair: tuple[yaml.Node, yaml.Node]) -> str:
    """The text without the line of a pair; as it is where the pair takes more or less than one line."""
    key, value = pair
    lines = document.text.splitlines(keepends=True)
    at = key.start_mark.line
    if (
        key.start_mark.column
        or value.end_mark.line != at
        or len(lines) != document.text.count("\n") + (not document.text.endswith("\n"))
    ):
        return document.text
    return "".join(lines[:at] + lines[at + 1 :])


def class_count(view: View) -> Iterator[Proposal]:
    """Y206: ``nc`` becomes the number of names. Proves that the names are sound and that every class in every label of
    every split is below their number.
    """
    document = _document(view)
    pair = document.pair("nc") if document else None
    if document is None or pair is None:
        return
    names = document.values.get("names")
    if not isinstance(names, list | dict) or (document.values["nc"] == len(names) and _is_whole(document.values["nc"])):
        return
    sound = isinstance(names, list) or list(names) == list(range(len(names)))
    highest = _highest_class(view)
    if not sound or not names or highest is None or highest >= len(names):
        yield view.leave(view.layout.data.path, "the labels do not prove that 'names' is right and 'nc' wrong")
        return
    text = document.replaced(pair[1], str(len(names)))
    yield from _proven(view, document, text, {**document.values, "nc": len(names)})


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _highest_class(view: View) -> int | None:
    """The highest class of all labels; None where there is none, or one that is no class."""
    highest = -1
    for label in view.owners:
        columns = LabelColumns()
        raw = view.read(label)
        columns.add_text(b"\xff" if raw is None else raw)
        if columns.problems:
            return None
        starts = [0, *columns.row_stops[:-1]]
        for value in (columns.values[at] for at, stop in zip(starts, columns.row_stops, strict=True) if at < stop):
            if not value.is_integer() or value < 0:
                return None
            highest = max(highest, int(value))
    return highest if highest >= 0 else None


def coerced_names(view: View) -> Iterator[Proposal]:
    """Y208: names that YAML does not read as text (no, 1.0, a date) are quoted as they stand there. Proves that the
    names become exactly that text; a name without any text is left alone.
    """
    document = _document(view)
    pair = document.pair("names") if document else None
    names = document.values.get("names") if document else None
    if document is None or pair is None or not isinstance(names, list | dict):
        return
    nodes = _coerced(pair[1])
    keys = list(names) if isinstance(names, dict) else list(range(len(names)))
    text, expected = document.text, names.copy()
    for index, node in reversed(nodes):
        written = document.source_of(node)
        if written and written == node.value and index < len(keys):
            quoted = "'" + written.replace("'", "''") + "'"
            text = text[: node.start_mark.index] + quoted + text[node.end_mark.index :]
            expected[keys[index]] = written
    if text != document.text:
        yield from _proven(view, document, text, {**document.values, "names": expected})
    elif nodes:
        yield view.leave(view.layout.data.path, "a class name is empty")


def _coerced(names: yaml.Node) -> list[tuple[int, yaml.ScalarNode]]:
    """Place and node of each name that is a scalar but no text."""
    children = names.value if isinstance(names, yaml.SequenceNode) else [value for _, value in names.value]
    return [(at, node) for at, node in enumerate(children) if isinstance(node, yaml.ScalarNode) and node.tag != _STRING]
