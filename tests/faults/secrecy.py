"""Finds secrets in what a run has produced, as they are and in the forms that programs give them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

ALLOWED = b"::add-mask::"
"""How a line begins that may hold a key: the runner reads it and shows nothing of it."""


def forms(secret: str) -> set[bytes]:
    """The secret itself, as in a URL, in base64 wherever it begins in the encoded text, in hexadecimal, and escaped."""
    plain = secret.encode()
    coded = {
        quote(secret, safe="").encode(),
        quote_plus(secret).encode(),
        plain.hex().encode(),
        repr(secret)[1:-1].encode(),
    }
    return {plain, *coded, *_base64(plain)}


def _base64(plain: bytes) -> Iterator[bytes]:
    """What is the same in the encoded text whatever stands before and after."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(before) + plain).rstrip(b"=")
            yield text[4 if before else 0 : -2]


def found(secrets: Iterable[str], produced: Mapping[str, bytes]) -> list[str]:
    """Where secrets show: name of the place and the line, cut."""
    wanted = {form for secret in secrets for form in forms(secret)}
    return [
        f"{name}: {line[:300]!r}"
        for name, data in produced.items()
        for line in [name.encode("utf-8", "surrogateescape"), *data.splitlines()]
        if not line.startswith(ALLOWED) and any(form in line for form in wanted)
    ]
