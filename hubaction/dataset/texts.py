"""The few texts beside the data: whether they state a licence, and whether they give a credential away.

Only places are kept, never what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hubaction.dataset.defects import Defect, Kind
from hubaction.dataset.source import DatasetSource, ReadError

_READ = 64 << 10  # bytes of each text that are looked at
_LARGEST = 4 << 20  # bytes of the largest text that is opened for it
_MOST_LISTS = 20  # more .txt files than that in the root are labels
_MOST_PLACES = 20  # credentials reported of one file

_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|unlicense)(\.(md|txt|rst|pdf|html))?", re.IGNORECASE)
_LICENCE_README = re.compile(
    r"^[ \t]{0,20}#{1,6}[^\n]{0,80}\blicen[cs]|^[\W_]{0,20}licen[cs]\w{1,3}\b|\blicen[cs]ed under\b",
    re.IGNORECASE | re.MULTILINE,
)
_LICENCE_YAML = re.compile(
    r"^[ \t]{0,20}[\"']?licen[cs]e[\"']?[ \t]{0,20}:[ \t]{1,20}(?!null\b|~|#|''|\"\")\S", re.IGNORECASE | re.MULTILINE
)

_WORD = r"(?:api[_-]?key|(?:auth|access|refresh)[_-]?token|token|password|passwd|secret[_-]?key|client[_-]?secret)"
_SECRETS = (
    ("an Ultralytics API key", re.compile(r"(?<![A-Za-z0-9])(?P<value>ul_[0-9a-f]{40})(?![0-9a-f])")),
    ("a password in a URL", re.compile(r"://[^\s/:@]{1,100}:(?P<value>[^\s/:@]{1,200})@")),
    (
        "a key in a URL",
        re.compile(
            r"[?&](?:api_?key|key|(?:access_)?token|sig|(?:x-(?:amz|goog)-)?signature)=(?P<value>[^\s&\"'<>()\]]{8,})",
            re.IGNORECASE,
        ),
    ),
    (
        "a key or password",
        re.compile(rf"\b{_WORD}\b[\"'`*]{{0,3}}[ \t]{{0,20}}[:=][ \t]{{0,20}}(?P<value>[^\s,;]{{8,}})", re.IGNORECASE),
    ),
)
_YAML_SECRET = re.compile(
    rf"^[ \t]{{0,40}}(?:-[ \t]{{1,20}})?[\"']?(?P<prefix>\w{{1,40}}[_-])?{_WORD}[\"']?[ \t]{{0,20}}:[ \t]{{1,20}}"
    r"(?P<value>[^\s#]\S*)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"[\"'`]*(?:[<{$%(\[*.…&!|>-].*|x{3,}|~|null|none|true|false|your.*|my[_-].*|pass(word)?|pwd|token|secret|changeme"
    r"|example.*|env.*|os\..*|)[\"'`]*",
    re.IGNORECASE,
)


def check_texts(source: DatasetSource) -> list[Defect]:
    """Defects of README, YAML and list files in the root; one more where nothing there names a licence."""
    if not source.files:
        return []
    root = [path for path in source.files if "/" not in path]
    defects: list[Defect] = []
    licensed = any(_LICENCE_FILE.fullmatch(path) for path in root)
    for path in sorted(_texts(root)):
        text = _text_of(source, path)
        defects += find_secrets(path, text)
        licensed = licensed or _states_licence(path, text)
    return defects if licensed else [*defects, Defect(Kind.LICENCE_MISSING)]


def _texts(root: list[str]) -> list[str]:
    lists = [path for path in root if path.lower().endswith(".txt")]
    named = [path for path in root if path.lower().startswith("readme") or path.lower().endswith((".yaml", ".yml"))]
    return [*named, *(path for path in lists if len(lists) <= _MOST_LISTS and path not in named)]


def _states_licence(path: str, text: str) -> bool:
    """Whether a README has a section or line about it, or a YAML file a key with a value."""
    if path.lower().startswith("readme"):
        return bool(_LICENCE_README.search(text))
    return path.lower().endswith((".yaml", ".yml")) and bool(_LICENCE_YAML.search(text))


def _text_of(source: DatasetSource, path: str) -> str:
    if source.files[path].size > _LARGEST:
        return ""
    try:
        return source.read(path)[:_READ].decode("utf-8", "replace")
    except ReadError:
        return ""  # whatever must be read is read again later, and reported there


def find_secrets(path: str, text: str) -> list[Defect]:
    """A defect for each credential in the first 64 KiB of a text."""
    is_yaml = path.lower().endswith((".yaml", ".yml"))
    found: list[Defect] = []
    for number, line in enumerate(text[:_READ].split("\n"), 1):
        for what, column in _secrets_in(line, is_yaml=is_yaml):
            found.append(Defect(Kind.SECRET, path, number, column, detail={"what": what}))
            if len(found) == _MOST_PLACES:
                return found
    return found


def _secrets_in(line: str, *, is_yaml: bool) -> Iterator[tuple[str, int]]:
    """What the first credential of a line is, and its column."""
    for what, pattern in _SECRETS:
        for match in pattern.finditer(line):
            if _is_real(match["value"], told_by_key=what == "a password in a URL"):
                yield what, match.start("value") + 1
                return
    key = _YAML_SECRET.match(line) if is_yaml else None
    if key and _is_real(key["value"], told_by_key=not key["prefix"]):
        yield "a key or password", key.start("value") + 1


def _is_real(value: str, *, told_by_key: bool) -> bool:
    """No placeholder; and in running text a mix of letters and digits, since 'token: positional' is prose."""
    if _PLACEHOLDER.fullmatch(value):
        return False
    return told_by_key or (any(map(str.isdigit, value)) and any(map(str.isalpha, value)))
