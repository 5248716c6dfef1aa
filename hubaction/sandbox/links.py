"""Signed addresses of the storage: they hold a permission for one file, one method and a while, and no key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from urllib.parse import quote

from hubaction.sandbox.answers import Refusal


class Links:
    """Signs addresses and checks them again; every instance has a secret of its own.

    Args:
        root: the address by which the client of the moment knows the sandbox.
    """

    def __init__(self, root: Callable[[], str]) -> None:
        self._root = root
        self._secret = secrets.token_bytes(32)

    def sign(self, method: str, path: str, expires: float) -> str:
        """The address of a path below ``/storage/``, good until ``expires`` (seconds since 1970)."""
        until = str(int(expires))
        return f"{self._root()}{quote(path)}?expires={until}&signature={self._signature(method, path, until)}"

    def check(self, method: str, path: str, expires: str, signature: str, now: float) -> None:
        """Raises Refusal (403) unless the signature is ours and still good."""
        if not hmac.compare_digest(signature.encode(), self._signature(method, path, expires).encode()):
            raise Refusal(403, "SignatureDoesNotMatch")
        if now >= int(expires):
            raise Refusal(403, "ExpiredToken: Request has expired")

    def _signature(self, method: str, path: str, expires: str) -> str:
        text = f"{method}\n{path}\n{expires}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()
