"""From a key and two addresses to the service that they mean. Everything wrong with them is told before any request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hubaction.errors import UsageError, WrongKey
from hubaction.hub.address import checked_root, host_of
from hubaction.hub.clock import Clock, SystemClock
from hubaction.hub.credentials import saved_key
from hubaction.hub.secret import Secret
from hubaction.hub.service import Notify, Service
from hubaction.hub.storage import Storage
from hubaction.hub.transport import Transport

PLATFORM = "https://platform.ultralytics.com"
KEY_VARIABLES = ("HUB_API_KEY", "ULTRALYTICS_API_KEY")
PLATFORM_VARIABLE = "ULTRALYTICS_PLATFORM_URL"
HUB_VARIABLE = "ULTRALYTICS_HUB_API"

_PLATFORM_KEY = re.compile(r"ul_[0-9a-f]{40}")
_LONGEST_KEY = 512
_SHUT_DOWN = frozenset({"api.ultralytics.com", "hub.ultralytics.com"})
_NEW_KEY = f"Create a key at {PLATFORM} (Settings, API Keys)"


@dataclass(frozen=True, slots=True)
class Settings:
    """Whom to talk to.

    Attributes:
        key: None where there is none; ``source`` says where it came from.
        platform_url: root of the Platform. hub_api: root of a HUB server, '' for none. Neither is checked yet.
    """

    key: Secret | None
    platform_url: str = PLATFORM
    hub_api: str = ""
    source: str = ""


def read_settings(
    environment: Mapping[str, str], *, key: str = "", platform_url: str = "", hub_api: str = ""
) -> Settings:
    """The settings: what is given, else the environment, else the saved key and the Platform's own address.

    A key of the environment wins over a saved one, since a secret that was just set must win over an old file. (The
    former client looked at its saved key first, and at no variable.)

    Raises:
        UsageError: the saved key cannot be read.
    """
    found, source = _key(environment, key)
    return Settings(
        key=found,
        platform_url=platform_url.strip() or environment.get(PLATFORM_VARIABLE, "").strip() or PLATFORM,
        hub_api=hub_api.strip() or environment.get(HUB_VARIABLE, "").strip(),
        source=source,
    )


def _key(environment: Mapping[str, str], given: str) -> tuple[Secret | None, str]:
    if given.strip():
        return Secret(given.strip()), "api_key"
    for name in KEY_VARIABLES:
        if value := environment.get(name, "").strip():
            return Secret(value), name
    saved = saved_key(environment)
    return saved, "the saved key" if saved else ""


def connect(settings: Settings, notify: Notify, clock: Clock | None = None) -> Service:
    """The service that the key belongs to. No request is sent.

    Raises:
        UsageError: no key, or an address that is none.
        WrongKey: the key is malformed, or of the other kind than the service.
    """
    clock = clock or SystemClock()
    if settings.key is None:
        raise UsageError(
            "No API key was given.",
            f"{_NEW_KEY} and set it as the input api_key or the variable {KEY_VARIABLES[0]}, or run 'hubaction login'.",
        )
    text = settings.key.reveal()
    _check_characters(text, settings.source)
    if text[:3].lower() == "ul_":
        _check_platform_key(text, settings)
        return _platform(settings, notify, clock)
    _check_hub_key(settings)
    return _hub(settings, notify, clock)


def _check_characters(text: str, source: str) -> None:
    """A line break in a key would be a header of its own."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise WrongKey(
            f"The key ({source}) contains a blank, a line break or another character that no key has.", _COPY
        )
    if len(text) > _LONGEST_KEY:
        raise WrongKey(f"The key ({source}) is {len(text):,} characters long, which no key is.", _COPY)


_COPY = "Copy it again; nothing but the key may be in the secret."


def _check_platform_key(text: str, settings: Settings) -> None:
    what = f"The key ({settings.source}) begins with 'ul_' as a key of the Ultralytics Platform does"
    if len(text) != 43:
        raise WrongKey(f"{what}, but it is {len(text)} characters long, not 43.", _COPY)
    if not _PLATFORM_KEY.fullmatch(text):
        raise WrongKey(f"{what}, but other characters than 0-9 and a-f follow.", _COPY)
    if settings.hub_api and settings.platform_url == PLATFORM:
        raise WrongKey(
            f"The key ({settings.source}) is one of the Ultralytics Platform, and hub_api names a HUB server, which "
            "reads such a key up to its '_' only.",
            f"Leave hub_api ({HUB_VARIABLE}) empty to use the Platform, or give a key of that HUB server.",
        )


def _check_hub_key(settings: Settings) -> None:
    if not settings.hub_api:
        raise WrongKey(
            f"The key ({settings.source}) is none of the Ultralytics Platform: those are 'ul_' and 40 characters 0-9, "
            "a-f. Keys of other forms were Ultralytics HUB's, which was shut down on 2026-07-31.",
            f"{_NEW_KEY}, or give the root of a compatible server as hub_api ({HUB_VARIABLE}).",
        )


def _platform(settings: Settings, notify: Notify, clock: Clock) -> Service:
    from hubaction.hub.platform import Platform

    key = settings.key
    assert key is not None
    root = _living_root(settings.platform_url, f"platform_url ({PLATFORM_VARIABLE})")
    transport = Transport(root, lambda: {"Authorization": f"Bearer {key.reveal()}"}, notify=notify, clock=clock)
    return Platform(transport, Storage(notify, clock), notify, clock)


def _hub(settings: Settings, notify: Notify, clock: Clock) -> Service:
    from hubaction.hub.hub_server import HubServer

    assert settings.key is not None
    key = Secret(settings.key.reveal().partition("_")[0])
    root = _living_root(settings.hub_api, f"hub_api ({HUB_VARIABLE})")
    transport = Transport(root, lambda: {"x-api-key": key.reveal()}, notify=notify, clock=clock)
    return HubServer(transport, key, notify, clock)


def _living_root(text: str, source: str) -> str:
    root = checked_root(text, source)
    if host_of(root).partition(":")[0].lower() in _SHUT_DOWN:
        raise UsageError(
            f"{source} is {host_of(root)}: Ultralytics HUB was shut down on 2026-07-31.",
            f"{_NEW_KEY} and leave {source} empty, or give the root of a compatible server.",
        )
    return root
