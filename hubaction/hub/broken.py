"""Why a connection failed, in a sentence and a cure. The libraries' own texts hold addresses and are never shown."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import requests
import urllib3.exceptions as u3

NETWORK_ERRORS = (OSError, ValueError, u3.HTTPError)
"""What requests and urllib3 raise for a request that fails: each of their exceptions is one of these."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A request without a usable answer.

    Attributes:
        unsent: the connection failed before any byte of the request had left, so that it cannot have been carried out.
        lasting: trying again cannot help.
    """

    cause: str
    fix: str
    unsent: bool = False
    lasting: bool = False


def lasting(cause: str, fix: str) -> Broken:
    """What no second try can mend."""
    return Broken(cause, fix, lasting=True)


def why_broken(error: BaseException, host: str, timeouts: tuple[float, float]) -> Broken:
    """What an exception of requests, urllib3 or the system means."""
    chain = list(_chain(error))
    connect, read = (f"{seconds:.3g}" for seconds in timeouts)
    for kinds, cause, fix, flags in _MEANINGS:
        if any(isinstance(one, kinds) for one in chain):
            return Broken(cause.format(host=host, connect=connect, read=read), fix, **flags)
    if type(error) in {OSError, FileNotFoundError, PermissionError}:
        return lasting(
            "The file of trusted certificates cannot be read.", "Check REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE."
        )
    return Broken(f"The connection to {host} was cut before the answer was complete.", "Try again later.")


_Kinds = tuple[type[BaseException], ...]
_UNSENT, _LASTING = {"unsent": True}, {"lasting": True}
_BUNDLE = "If a proxy or an authority of your own signs it, name its certificates in REQUESTS_CA_BUNDLE."
_NETWORK = "Check the address and the network, and whether a proxy is needed (HTTPS_PROXY)."

_MEANINGS: tuple[tuple[_Kinds, str, str, dict[str, bool]], ...] = (
    (
        (u3.ProxyError, requests.exceptions.InvalidProxyURL, requests.exceptions.InvalidSchema),
        "The proxy on the way to {host} cannot be used.",
        "Check HTTPS_PROXY and HTTP_PROXY.",
        _UNSENT,
    ),
    ((ssl.SSLCertVerificationError,), "The TLS certificate of {host} cannot be trusted.", _BUNDLE, _UNSENT | _LASTING),
    (
        (ssl.SSLError, u3.SSLError),
        "No TLS connection to {host} could be made.",
        f"Check scheme and port of the address. {_BUNDLE}",
        {},
    ),
    ((u3.NameResolutionError,), "The name of {host} cannot be resolved (DNS).", _NETWORK, _UNSENT),
    ((ConnectionRefusedError,), "{host} refuses the connection.", "Check whether the service runs there.", _UNSENT),
    ((u3.NewConnectionError,), "{host} cannot be reached.", _NETWORK, _UNSENT),
    ((u3.ConnectTimeoutError,), "{host} took no connection within {connect} s.", _NETWORK, _UNSENT),
    ((u3.ReadTimeoutError, TimeoutError), "{host} was silent for {read} s.", "Try again later.", {}),
    (
        (requests.exceptions.InvalidURL, u3.LocationValueError, UnicodeError),
        "The address of {host} cannot be used.",
        "Check the address of the service.",
        _LASTING,
    ),
)
"""The first that fits counts. In a cause, ``connect`` and ``read`` stand for the seconds that were allowed."""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it: the libraries wrap one another's errors in three ways."""
    for _ in range(10):
        if error is None:
            return
        yield error
        wrapped = [getattr(error, "reason", None), *error.args, error.__cause__]
        error = next((one for one in wrapped if isinstance(one, BaseException)), None)
