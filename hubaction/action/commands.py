"""Workflow commands: the only place that prints lines which the runner acts on.

``actions_toolkit`` formats and escapes a command; it does not leave out empty properties, does not flush, and lets
lone surrogates through to an encoder that fails on them. That is done here.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable
from typing import TextIO

from actions_toolkit.command import Command

from hubaction.report.annotations import Annotation
from hubaction.report.escape import log_line


class Commands:
    """Prints to the one stream that the runner reads, each line flushed."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._masked: set[str] = set()

    def mask(self, secrets: Iterable[str]) -> None:
        """Have the runner replace secrets, as they are and as in a URL, by ``***`` in every later line."""
        for secret in secrets:
            for form in (secret, urllib.parse.quote(secret, safe="", errors="surrogateescape")):
                if form not in self._masked:
                    self._masked.add(form)
                    self._issue("add-mask", {}, form)

    def annotate(self, annotation: Annotation) -> None:
        """Show an annotation; without a file it is one of the step."""
        properties = {
            "title": annotation.title,
            "file": annotation.file,
            "line": "" if annotation.line is None else str(annotation.line),
            "col": "" if annotation.column is None else str(annotation.column),
        }
        self._issue(annotation.command, properties, annotation.message)

    def error(self, message: str) -> None:
        """An error of the step; the runner itself says nothing about a non-zero exit code."""
        self._issue("error", {}, message)

    def text(self, text: str) -> None:
        """Plain lines, none of which the runner can take for a command."""
        for line in text.split("\n"):
            self._write(log_line(line))

    def _issue(self, name: str, properties: dict[str, str], message: str) -> None:
        present = {key: encodable(value) for key, value in properties.items() if value}
        self._write(str(Command(name, present, encodable(message))))

    def _write(self, line: str) -> None:
        self.stream.write(f"{line}\n")
        self.stream.flush()


def encodable(text: str) -> str:
    """The text with lone surrogates escaped, so that UTF-8 can hold it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
