"""One request over kept connections. A failure comes back as a value, in words that hold no address and no key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import requests

from hubaction._version import __version__
from hubaction.hub.address import host_of, origin
from hubaction.hub.broken import NETWORK_ERRORS, Broken, lasting, why_broken
from hubaction.hub.quiet import QuietAdapter, unlogged

if TYPE_CHECKING:
    from hubaction.hub.stream import Stream

Timeouts = tuple[float, float]
"""Seconds to connect, and seconds between two pieces of an answer."""

AuthHeaders = Callable[[], dict[str, str]]
"""Gives the headers that hold the key. Called when a request is about to leave, and for no other purpose."""

MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOLLOWED = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. ``url`` may be signed and ``json`` may hold a key, so neither is ever printed."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, object] | None = field(default=None, repr=False)
    json: Mapping[str, object] | None = field(default=None, repr=False)
    stream: Stream | None = None


class _Session(requests.Session):
    """A session that leaves redirects alone. The original reads their whole body, even where it does not follow."""

    def get_redirect_target(self, _response: requests.Response) -> None:
        return None


class HttpClient:
    """Connections of one service. Proxies and certificates are those of the environment, as requests reads them."""

    def __init__(self) -> None:
        self._session = _Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, QuietAdapter())
        self._session.headers.update({"User-Agent": f"hub-action/{__version__}", "Accept-Encoding": "identity"})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def send(self, request: Request, timeouts: Timeouts, auth: AuthHeaders | None = None) -> requests.Response | Broken:
        """Send a request; the answer's body is still to be read and the answer to be closed.

        A GET follows five redirects at most. The key goes to the address's own origin only, and never again once a
        redirect has led elsewhere. Every other method leaves a redirect to the caller.
        """
        home, url = origin(request.url), request.url
        for _ in range(MOST_REDIRECTS + 1):
            auth = auth if origin(url) == home else None
            found = self._send_once(request, url, timeouts, auth)
            target = _target(request, found)
            if isinstance(found, Broken) or not target:
                return found
            found.close()
            if why_not := _refused(url, target):
                return lasting(f"{host_of(url)} redirects to {why_not}.", "Check the address of the service.")
            request, url = _without_query(request), target
        return lasting(f"{host_of(request.url)} redirects without end.", "Check the address of the service.")

    def _send_once(
        self, request: Request, url: str, timeouts: Timeouts, auth: AuthHeaders | None
    ) -> requests.Response | Broken:
        def sign(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
            prepared.headers.update(auth() if auth else {})
            return prepared  # being there at all, it also keeps requests from looking into ~/.netrc

        with unlogged():
            try:
                return self._session.request(
                    request.method,
                    url,
                    params={name: str(value) for name, value in (request.query or {}).items()},
                    json=request.json,
                    data=request.stream,
                    headers=request.headers,
                    auth=sign,
                    timeout=timeouts,
                    allow_redirects=False,
                    stream=True,
                )
            except NETWORK_ERRORS as error:
                return why_broken(error, host_of(url), timeouts)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()


def _target(request: Request, found: requests.Response | Broken) -> str:
    """Where a redirect that may be followed leads; '' where there is none."""
    if isinstance(found, Broken) or found.status_code not in _REDIRECTS or request.method not in _FOLLOWED:
        return ""
    location = found.headers.get("Location", "")
    try:
        return urljoin(found.url, location) if location else ""
    except ValueError:
        return location


def _refused(url: str, target: str) -> str:
    here, there = origin(url), origin(target)
    if there is None:
        return "an address that is none"
    return f"{host_of(target)} without encryption" if here and here[0] == "https" and there[0] == "http" else ""


def _without_query(request: Request) -> Request:
    """The same request for another address, which has a query of its own."""
    return Request(request.method, request.url, request.headers)
