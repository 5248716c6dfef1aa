"""A small YAML file from strangers: bounded, without aliases and tags, every value with its line.

Nothing is constructed but text and numbers, and messages quote values only shortened and escaped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from hubaction.errors import UsageError
from hubaction.policy.catalogue import did_you_mean, quoted

MOST_BYTES = 256 * 1024
MOST_DEPTH = 20

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_OPENING = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSING = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in "str int float bool null timestamp map seq".split())


@dataclass(frozen=True, slots=True)
class Value:
    """A value and where it stands. Its methods raise UsageError where it is not of the type that they give."""

    node: yaml.Node
    source: str
    key: yaml.Node | None = None

    def error(self, cause: str, fix: str = "") -> UsageError:
        """An error that names file and line."""
        return UsageError(f"{self.source}:{self.node.start_mark.line + 1}: {cause}", fix)

    def key_error(self, cause: str, fix: str = "") -> UsageError:
        """An error about the key of the value, whose line may be another."""
        return Value(self.key or self.node, self.source).error(cause, fix)

    def text(self) -> str:
        """A text that is not blank."""
        node = self.node
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":str") and node.value.strip():
            return str(node.value)
        raise self.error(f"{self._shown()} is no text.", "Write a text here, in quotes if it looks like a number.")

    def word(self, known: Iterable[str]) -> str:
        """One of the known words, which YAML may take for a truth value (``off``)."""
        words = list(known)
        if isinstance(self.node, yaml.ScalarNode) and self.node.value in words:
            return str(self.node.value)
        fix = f"Use one of {', '.join(words)}."
        raise self.error(f"{self._shown()} is not possible here.", f"{did_you_mean(self._raw(), words)} {fix}".strip())

    def number(self, *, least: float = -math.inf, most: float = math.inf) -> float:
        """A finite number between the two bounds, inclusive."""
        node = self.node
        plain = isinstance(node, yaml.ScalarNode) and node.style is None and _NUMBER.fullmatch(node.value)
        number = float(self._raw()) if plain else math.nan
        if math.isfinite(number) and least <= number <= most:
            return number
        bounds = "" if math.isinf(least) else f" from {least:g}" + ("" if math.isinf(most) else f" to {most:g}")
        raise self.error(f"{self._shown()} is no number{bounds}.", f"Write a number{bounds}.")

    def items(self) -> list[Value]:
        """The values of a list."""
        if isinstance(self.node, yaml.SequenceNode):
            return [Value(item, self.source) for item in self.node.value]
        raise self.error(f"{self._shown()} is no list.", "Write a list, such as [A, B].")

    def entries(self) -> dict[str, Value]:
        """The values of a mapping by their keys, each of them once."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"{self._shown()} is no mapping.", "Write 'key: value' lines, indented.")
        found: dict[str, Value] = {}
        for key, value in self.node.value:
            name = Value(key, self.source).text()
            if name in found:
                raise Value(key, self.source).error(f"The key {quoted(name)} stands here twice.", "Remove one of them.")
            found[name] = Value(value, self.source, key)
        return found

    def _raw(self) -> str:
        return self.node.value if isinstance(self.node, yaml.ScalarNode) else ""

    def _shown(self) -> str:
        if isinstance(self.node, yaml.ScalarNode):
            return quoted(self.node.value) if self.node.value else "An empty value"
        return "A list" if isinstance(self.node, yaml.SequenceNode) else "A mapping"


def read_bounded(path: Path, most: int) -> bytes:
    """The bytes of a regular file. Raises UsageError: none is there, it cannot be read, or it is too large."""
    try:
        if not path.is_file():
            raise UsageError(f"There is no file {str(path)!r}.", "Correct the path.")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}.", "Correct the path.") from error
    if len(data) > most:
        raise UsageError(f"{str(path)!r} is larger than {most:,} bytes.", "Name another file.")
    return data


def parse_yaml(data: bytes, source: str) -> Value | None:
    """The root value of the one document, None where there is nothing but comments. Raises UsageError."""
    try:
        text = data.decode("utf-8-sig")
        _check_bounds(text, source)
        root = yaml.compose(text, yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise UsageError(f"{source} is not UTF-8 text.", "Save it as UTF-8.") from error
    except yaml.YAMLError as error:
        raise _syntax_error(error, source) from error
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value):
        return None
    return Value(root, source)


def _check_bounds(text: str, source: str) -> None:
    """Events come one by one, without recursion, so this is safe before anything is built."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, _OPENING) - isinstance(event, _CLOSING)
        at = f"{source}:{event.start_mark.line + 1}" if event.start_mark else source
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise UsageError(f"{at}: anchors and aliases are not taken.", "Write the value out.")
        if getattr(event, "tag", None) not in {None, "!", *_PLAIN_TAGS}:
            raise UsageError(f"{at}: tags are not taken.", "Remove what begins with '!'.")
        if depth > MOST_DEPTH:
            raise UsageError(f"{at}: nested more than {MOST_DEPTH} levels deep.", "Nothing here needs that.")


def _syntax_error(error: yaml.YAMLError, source: str) -> UsageError:
    mark = getattr(error, "problem_mark", None)
    at = f"{source}:{mark.line + 1}" if mark else source
    problem = getattr(error, "problem", None) or "it holds a character that YAML does not allow"
    return UsageError(f"{at}: this is no YAML: {quoted(problem)}.", "Correct the syntax, indentation first.")
