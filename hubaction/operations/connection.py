"""From inputs and variables to a service: which one, and by which key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubaction.hub.secret import Secret
from hubaction.hub.service import Service
from hubaction.operations.outcome import Context

if TYPE_CHECKING:
    from hubaction.hub.connect import Settings

NO_KEY = Secret("")


@dataclass(frozen=True, slots=True)
class Connection:
    """What a caller says about the service; what is empty comes from the environment, the key at last from a login.

    Attributes:
        platform_url, hub_api: roots of the Platform and of a server that speaks HUB's protocol.
    """

    api_key: Secret = NO_KEY
    platform_url: str = ""
    hub_api: str = ""


def connection_from(inputs: Mapping[str, str]) -> Connection:
    """The inputs of the action about the service."""
    return Connection(Secret(inputs["api_key"]), inputs["platform_url"], inputs["hub_api"])


def settings_for(connection: Connection, context: Context) -> Settings:
    """The key and the roots to use; the key is masked from here on. Raises UsageError."""
    from hubaction.hub.connect import read_settings

    settings = read_settings(
        context.environment,
        key=connection.api_key.reveal(),
        platform_url=connection.platform_url,
        hub_api=connection.hub_api,
    )
    if settings.key:
        context.mask(settings.key.reveal())
    return settings


def open_service(connection: Connection, context: Context) -> Service:
    """The service; nothing has been asked of it yet.

    Raises:
        UsageError: there is no key, or a root is no address.
        WrongKey: the key is of the wrong kind for the service.
    """
    from hubaction.hub.connect import connect

    return connect(settings_for(connection, context), context.notify, context.clock)
