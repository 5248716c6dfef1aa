"""Addresses of services and of their storage: which may be used, and which two are of one place."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import SplitResult, quote, urlsplit

from hubaction.errors import UsageError
from hubaction.report.escape import visible

_PORTS = {"http": 80, "https": 443}


def split_address(url: str) -> SplitResult | None:
    """The parts of an http or https address; None for anything that is none."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or a bracketed host that is none
        return None
    return parts if usable else None


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port: what a key belongs to. None for anything that is no http or https address."""
    parts = split_address(url)
    return parts and (parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme])


def host_of(url: str) -> str:
    """Host and, where it is given, port of an address: what messages show of it, and all that they show."""
    parts = split_address(url)
    return visible(parts.netloc.rpartition("@")[2], most=100) if parts else "an address that is none"


def is_loopback(url: str) -> bool:
    """Whether an address leads to this very machine, so that nobody else can listen."""
    host = (split_address(url) or urlsplit("")).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_root(text: str, source: str) -> str:
    """The root of a service without its trailing slash. ``source`` says where it was given.

    Raises:
        UsageError: no http or https address, or one with a password, a query or a fragment.
    """
    root = text.strip()
    parts = split_address(root)
    if parts is None:
        shown = "that is no http or https address" if "@" in root else f"{visible(root, most=100)!r}"
        raise UsageError(f"{source} is {shown}.", "Give an address such as https://hub.example.org.")
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"{source} contains a user name or password.", "Give the address without them.")
    if parts.query or parts.fragment or root.endswith(("?", "#")):
        raise UsageError(f"{source} contains a query or a fragment.", "Give the address up to its path only.")
    return root.rstrip("/")


def path_of(path: str | Sequence[str]) -> str:
    """A path from its parts, each percent-encoded; a text is taken as it is.

    Raises:
        UsageError: a part that would lead elsewhere: empty, ``.`` or ``..``.
    """
    if isinstance(path, str):
        return path if path.startswith("/") else f"/{path}"
    for part in path:
        if part in {"", ".", ".."}:
            raise UsageError(f"{part!r} cannot be a part of an address.", "Check the id of the model or dataset.")
    return "".join(f"/{quote(part, safe='')}" for part in path)
