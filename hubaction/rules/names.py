"""Family Y, the part about class names: Y206 to Y208."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules.rule import ALL_TASKS, Case, Need, Option, Options, Repair, Rule

if TYPE_CHECKING:
    from hubaction.dataset.datayaml import DataYaml
    from hubaction.rules.collector import Collector
    from hubaction.rules.view import View


def pairs_of(data: DataYaml) -> list[tuple[Any, Any]]:
    """Key (or index) and value of each class in ``names``, as the file has them; empty where it is neither form."""
    names = data.values.get("names")
    if isinstance(names, dict):
        return list(names.items())
    return list(enumerate(names)) if isinstance(names, list) else []


def line_of(data: DataYaml, *keys: Any) -> int | None:
    """The line of a key path in data.yaml, or of the nearest key above it."""
    return next((data.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in data.lines), None)


def _names_invalid(view: View, options: Options, out: Collector) -> None:
    data = view.data
    if data is None or not data.loaded:
        return
    _check_nc(data, out)
    _check_bounds(view, data, options, out)
    pairs = pairs_of(data)
    for key, value in pairs:
        if isinstance(value, str) and not value.strip():
            message = f"class {key!s:.20} has a blank name; nobody can tell its objects apart from a mistake"
            out.add(Severity.ERROR, message, data.path, line=line_of(data, "names", key), key=f"blank {key!s:.20}")
        if isinstance(key, bool | float):
            message = f"the key {key!r:.40} of 'names' is no whole number; the loader rounds it to a class index"
            out.add(Severity.ERROR, message, data.path, line=line_of(data, "names", key), key=f"key {key!r:.40}")
    if pairs and len(view.names) not in {0, len(pairs)}:
        message = f"{len(pairs):,} names share {len(view.names):,} class indexes; the later ones replace the earlier"
        out.add(Severity.ERROR, message, data.path, line=line_of(data, "names"), key="collapsed")


def _check_bounds(view: View, data: DataYaml, options: Options, out: Collector) -> None:
    """Bounds that a service sets; 0 stands for none."""
    most, longest = int(options["most_classes"]), int(options["longest_name"])
    if most and len(view.names) > most:
        message = f"{len(view.names):,} classes, more than the {most:,} that are taken"
        out.add(Severity.ERROR, message, data.path, line=line_of(data, "names"), key="most_classes")
    for key, value in pairs_of(data) if longest else ():
        if len(str(value)) > longest:
            message = f"the name of class {key!s:.20} has {len(str(value)):,} characters, more than {longest:,}"
            out.add(Severity.ERROR, message, data.path, line=line_of(data, "names", key), key=f"long {key!s:.20}")


def _check_nc(data: DataYaml, out: Collector) -> None:
    nc, line = data.values.get("nc"), line_of(data, "nc")
    if isinstance(nc, bool) and data.values.get("names") is not None:
        out.add(Severity.ERROR, f"'nc' is {nc!r}, which the loader takes for {int(nc)}", data.path, line=line, key="nc")
    elif isinstance(nc, str | float) and _is_whole(nc):
        message = f"'nc' is {nc!r:.40}, no plain whole number; only lenient readers accept that"
        out.add(Severity.WARNING, message, data.path, line=line, key="nc")


def _is_whole(value: str | float) -> bool:
    try:
        return float(value).is_integer()
    except (ValueError, OverflowError):
        return False


def _named(view: View) -> Iterator[tuple[str, int | None, str, str]]:
    """Path, line and name of each class, and what to call it; blank names are left out."""
    if view.data is not None:
        for key, value in pairs_of(view.data):
            if str(value).strip():
                yield view.data.path, line_of(view.data, "names", key), str(value), f"class {key!s:.20}"
    elif view.tree is not None:
        for name in view.tree.names:
            yield f"train/{name}", None, name, "this folder"


def _names_duplicate(view: View, _: Options, out: Collector) -> None:
    exact: dict[str, str] = {}
    loose: dict[str, str] = {}
    for path, line, name, who in _named(view):
        plain = unicodedata.normalize("NFC", name.strip())
        what = f"class {name!r:.60}" if view.tree else who
        other, near = exact.setdefault(plain, what), loose.setdefault(plain.casefold(), what)
        if other is not what:
            message = (
                f"{who} has the name {plain!r:.60}, which {other} has already; training learns two classes for one"
            )
            out.add(Severity.ERROR, message, path, line=line, key=name)
        elif near is not what:
            message = f"{who} has the name {plain!r:.60}, which differs from that of {near} in case alone"
            out.add(Severity.WARNING, message, path, line=line, key=name)


def _names_coerced(view: View, _: Options, out: Collector) -> None:
    data = view.data
    for key, value in pairs_of(data) if data else ():
        if isinstance(value, str):
            continue
        assert data is not None
        text = data.texts.get(("names", key), "")
        written = f"written as {text:.40}" if text else "without text"
        message = f"class {key!s:.20}, {written}, is {_kind_of(value)} for YAML; it will be called {str(value)!r:.40}"
        out.add(Severity.WARNING, message, data.path, line=line_of(data, "names", key), key=f"{key!s:.20} {text:.40}")


def _kind_of(value: object) -> str:
    words = {bool: "a truth value", int: "a number", float: "a number", type(None): "nothing", list: "a list"}
    return words.get(type(value), "a mapping" if isinstance(value, dict) else f"a {type(value).__name__}")


RULES = (
    Rule(
        id="Y206",
        name="names-invalid",
        tasks="dspo",
        needs=(Need.YAML,),
        what="'names' and 'nc' do not give one name for each class index from 0.",
        why="The loader stops, or class indexes and names no longer belong together.",
        fix="List the names in index order, or number them from 0 without gaps, and drop 'nc'.",
        bad="names: {1: cat, 2: dog}",
        good="names: {0: cat, 1: dog}",
        source="The bounds on number and length are the Ultralytics Platform's (25,000 and 100).",
        repair=Repair.SAFE,
        options={
            "most_classes": Option(0, "classes beyond which the set is refused; 0 for no bound"),
            "longest_name": Option(0, "characters of the longest name that is taken; 0 for no bound"),
        },
        cases={
            Kind.NAMES_INVALID: Case(Consequence.REJECTS, "{reason}; the loader stops", Severity.ERROR),
            Kind.NAMES_KEYS_ODD: Case(
                Consequence.HARMS,
                "index {key} is no class index; the loader accepts it all the same",
                Severity.ERROR,
            ),
            Kind.NAMES_GENERATED: Case(
                Consequence.DOUBTFUL,
                "no 'names': the classes become class_0, class_1 and so on",
                Severity.WARNING,
            ),
            Kind.NAMES_IMAGENET: Case(
                Consequence.NOTE,
                "the former check replaces ImageNet codes such as {name} by English names; they are kept here",
            ),
        },
        check=_names_invalid,
    ),
    Rule(
        id="Y207",
        name="names-duplicate",
        tasks=ALL_TASKS,
        needs=(Need.YAML,),
        what="Two classes have the same name, or names that differ in case or outer blanks alone.",
        why="Training learns them as two classes that compete for the same objects; reports cannot tell them apart.",
        fix="Merge the two classes in the labels, or give each its own name.",
        bad="names: [person, person]",
        good="names: [person, rider]",
        check=_names_duplicate,
    ),
    Rule(
        id="Y208",
        name="names-coerced",
        tasks="dspo",
        needs=(Need.YAML,),
        what="YAML reads a class name as something other than text.",
        why="The class is saved under the text of that value: 'no' becomes False, 1.50 becomes 1.5.",
        fix="Put the name in quotes.",
        bad="names: [yes, no]",
        good="names: ['yes', 'no']",
        source="YAML 1.1: plain yes, no, on, off, null, numbers and dates are no strings",
        repair=Repair.SAFE,
        check=_names_coerced,
    ),
)
