"""Keeps the libraries from telling what is sent: their logs and traces hold keys and signed addresses."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from urllib3.poolmanager import PoolManager, ProxyManager


class _Connection(HTTPConnection):
    """A connection that stays silent where ``http.client``'s switch is on for the whole process."""

    debuglevel = 0


class _TlsConnection(HTTPSConnection):
    """The same with TLS."""

    debuglevel = 0


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class QuietAdapter(HTTPAdapter):
    """What a session of requests is to reach the network through."""

    poolmanager: PoolManager

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _hush(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)
        _hush(manager)
        return manager


def _hush(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


_here = threading.local()


class _Unlogged(logging.Filter):
    """urllib3 logs addresses, some of them even as warnings, and ours may be signed."""

    def filter(self, _record: logging.LogRecord) -> bool:
        return not getattr(_here, "quiet", False)


_FILTER = _Unlogged()


@contextlib.contextmanager
def unlogged() -> Iterator[None]:
    """Nothing that urllib3 says in this thread is logged."""
    logging.getLogger("urllib3.connectionpool").addFilter(_FILTER)
    _here.quiet = True
    try:
        yield
    finally:
        _here.quiet = False
