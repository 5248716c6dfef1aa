"""From a key and two addresses to a service, or to the message that fits. No request is ever sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubaction.errors import HubActionError, UsageError, WrongKey
from hubaction.hub.connect import PLATFORM, Settings, connect, read_settings
from hubaction.hub.credentials import save_key
from hubaction.hub.hub_server import HubServer
from hubaction.hub.platform import Platform
from hubaction.hub.secret import Secret

UL = "ul_" + "0123456789" * 4
HUB = "0123456789abcdef" * 2 + "0123456789"
SERVER = "http://127.0.0.1:1"


def settings(key: str = "", platform_url: str = PLATFORM, hub_api: str = "") -> Settings:
    return Settings(Secret(key) if key else None, platform_url, hub_api, "HUB_API_KEY")


def silent(_line: str) -> None:
    raise AssertionError


def refused(given: Settings, kind: type[HubActionError]) -> HubActionError:
    with pytest.raises(HubActionError) as raised:
        connect(given, silent)
    assert type(raised.value) is kind
    if given.key and len(given.key.reveal()) > 3:
        assert given.key.reveal()[-10:] not in str(raised.value).replace("a blank", "")
    assert raised.value.fix.endswith(".")
    return raised.value


def test_a_platform_key_means_the_platform() -> None:
    assert isinstance(connect(settings(UL), silent), Platform)
    assert isinstance(connect(settings(UL, platform_url=SERVER), silent), Platform)
    assert isinstance(connect(settings(UL, platform_url=SERVER, hub_api=SERVER), silent), Platform)


def test_any_other_key_means_the_server_that_was_named() -> None:
    assert isinstance(connect(settings(HUB, hub_api=SERVER), silent), HubServer)
    assert isinstance(connect(settings(HUB, platform_url=SERVER, hub_api=SERVER), silent), HubServer)


def test_headers_hold_the_key() -> None:
    platform = connect(settings(UL), silent)
    server = connect(settings(f"{HUB}_Demo0Shapes0Yolo11n0", hub_api=SERVER), silent)
    assert isinstance(platform, Platform)
    assert isinstance(server, HubServer)
    assert platform._transport._headers() == {"Authorization": f"Bearer {UL}"}
    assert server._transport._headers() == {"x-api-key": HUB}


def test_no_key() -> None:
    error = refused(settings(), UsageError)
    assert error.cause == "No API key was given."
    assert "hubaction login" in error.fix


def test_a_hub_key_without_a_server() -> None:
    for given in (settings(HUB), settings(HUB, platform_url=SERVER)):
        error = refused(given, WrongKey)
        assert "shut down on 2026-07-31" in error.cause
        assert "ULTRALYTICS_HUB_API" in error.fix
        assert "Create a key at https://platform.ultralytics.com" in error.fix


def test_a_platform_key_for_a_hub_server() -> None:
    error = refused(settings(UL, hub_api=SERVER), WrongKey)
    assert "hub_api names a HUB server" in error.cause
    assert "Leave hub_api" in error.fix


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("ul_", "3 characters"),
        (UL[:-1], "42 characters"),
        (UL + "0", "44 characters"),
        (UL[:-1] + "A", "other characters"),
        (UL[:-1] + "-", "other characters"),
        ("UL_" + UL[3:], "other characters"),
    ],
)
def test_a_malformed_platform_key(key: str, said: str) -> None:
    error = refused(settings(key), WrongKey)
    assert said in error.cause
    assert error.cause.startswith("The key (HUB_API_KEY) ")


@pytest.mark.parametrize(
    "key", [f"{UL}\nX-Other: 1", "a\tb", "a b", "schlüssel", "a\x00b", "a\x7fb", "a\u200bb", "k" * 513]
)
def test_a_key_that_is_none(key: str) -> None:
    refused(settings(key, hub_api=SERVER), WrongKey)


@pytest.mark.parametrize(
    "host", ["https://api.ultralytics.com", "https://hub.ultralytics.com/", "https://API.ultralytics.com:443/x"]
)
def test_the_hosts_that_were_shut_down(host: str) -> None:
    error = refused(settings(HUB, hub_api=host), UsageError)
    assert "Ultralytics HUB was shut down on 2026-07-31" in error.cause
    assert "leave hub_api" in error.fix
    assert "platform_url" in refused(settings(UL, platform_url=host), UsageError).cause


def test_addresses_are_checked() -> None:
    assert "platform_url" in refused(settings(UL, platform_url="nonsense"), UsageError).cause
    assert "hub_api" in refused(settings(HUB, hub_api="ftp://x"), UsageError).cause


def test_the_first_that_is_given_counts(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path)}
    assert read_settings(environment) == Settings(None, PLATFORM, "", "")
    save_key(Secret("saved"), environment)
    found = read_settings(environment)
    assert (found.key, found.source) == (Secret("saved"), "the saved key")
    environment |= {"ULTRALYTICS_API_KEY": " ultralytics ", "HUB_API_KEY": " \n"}
    found = read_settings(environment)
    assert (found.key, found.source) == (Secret("ultralytics"), "ULTRALYTICS_API_KEY")
    environment |= {"HUB_API_KEY": "hub\n"}
    found = read_settings(environment, key="  ")
    assert (found.key, found.source) == (Secret("hub"), "HUB_API_KEY")
    found = read_settings(environment, key=" given ")
    assert (found.key, found.source) == (Secret("given"), "api_key")


def test_addresses_of_the_environment() -> None:
    environment = {"ULTRALYTICS_PLATFORM_URL": " http://a ", "ULTRALYTICS_HUB_API": "http://b"}
    found = read_settings(environment)
    assert (found.platform_url, found.hub_api) == ("http://a", "http://b")
    found = read_settings(environment, platform_url="http://c", hub_api=" http://d")
    assert (found.platform_url, found.hub_api) == ("http://c", "http://d")
    found = read_settings({"ULTRALYTICS_PLATFORM_URL": "", "ULTRALYTICS_HUB_API": " "})
    assert (found.platform_url, found.hub_api) == (PLATFORM, "")


def test_settings_show_no_key() -> None:
    assert UL not in repr(settings(UL))
