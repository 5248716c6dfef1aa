"""Addresses: roots, origins and paths."""

from __future__ import annotations

import pytest

from hubaction.errors import UsageError
from hubaction.hub.address import checked_root, host_of, is_loopback, origin, path_of, split_address


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("https://hub.example.org", "https://hub.example.org"),
        (" https://hub.example.org/ ", "https://hub.example.org"),
        ("http://127.0.0.1:8080/hub//", "http://127.0.0.1:8080/hub"),
        ("https://[::1]:8080", "https://[::1]:8080"),
    ],
)
def test_roots(text: str, root: str) -> None:
    assert checked_root(text, "hub_api") == root


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hub.example.org",
        "ftp://hub.example.org",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://host:port",
        "https://host:0",
        "https://host:99999",
        "https://[::1",
        "https://ho st",
        "https://host\n.example",
        "https://hüb.example",
        "https://host/?key=1",
        "https://host/?",
        "https://host/#a",
        "https://user@host",
        "https://user:secretword@host",
        "user:secretword@host",
        "ftp://user:secretword@host",
    ],
)
def test_no_roots(text: str) -> None:
    with pytest.raises(UsageError, match=r"^hub_api ") as raised:
        checked_root(text, "hub_api")
    assert "secretword" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.fix


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:1", True),
        ("http://box.localhost", True),
        ("http://127.0.0.1", True),
        ("http://127.8.9.1/x", True),
        ("http://[::1]/", True),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("http://10.0.0.1", False),
        ("nonsense", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


def test_origins() -> None:
    assert origin("https://Host.example/a") == origin("https://host.example:443/b") == ("https", "host.example", 443)
    assert len({origin(f"{one}/a") for one in ("http://h", "https://h", "http://h:81", "http://g")}) == 4
    assert origin("javascript:alert(1)") is split_address("/relative") is None


def test_a_message_shows_the_host_only() -> None:
    assert host_of("https://user:pass@host.example:81/path?sig=1") == "host.example:81"
    assert host_of("nonsense?sig=1") == "an address that is none"


def test_parts_of_a_path_are_encoded_one_by_one() -> None:
    assert path_of(("api", "a/b", "c?d#e", "ü %2e")) == "/api/a%2Fb/c%3Fd%23e/%C3%BC%20%252e"
    assert path_of("/v1/auth") == path_of("v1/auth") == "/v1/auth"


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_no_part_leads_elsewhere(part: str) -> None:
    with pytest.raises(UsageError):
        path_of(("api", part, "x"))
