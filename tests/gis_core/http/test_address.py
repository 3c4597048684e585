"""Where links begin, and which public addresses a city can have."""

from __future__ import annotations

import pytest

from gis_core.config import Config, SettingError
from gis_core.http.address import hosts_of, is_ours, origin

PUBLIC = "https://ban-do.example.org:8443"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "[::1]:8000", "[::1]", "ban-do.example.org"])
def test_links_lead_back_by_the_way_one_came(host: str) -> None:
    assert origin(host, "http", PUBLIC) == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "", "localhost:80@evil.example", "ban-do.example.org:1@evil.example",
     'localhost:"><script>', "localhost:", "localhost:80:80", "localhost.evil.example", "x@localhost:80",
     "localhost:²"],
)  # fmt: skip
def test_a_host_that_is_not_ours_is_in_no_link(host: str) -> None:
    """``localhost:80@evil.example`` is somebody else's machine, with a user called localhost."""
    assert origin(host, "http", PUBLIC) == PUBLIC


def test_the_hosts_of_a_city() -> None:
    assert hosts_of(PUBLIC) - {"127.0.0.1", "localhost", "[::1]"} == {"ban-do.example.org"}
    assert "[2001:db8::1]" in hosts_of("http://[2001:db8::1]:80")
    assert is_ours("Ban-Do.Example.ORG.:80", PUBLIC) and not is_ours("", PUBLIC)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://hue.example.org/gis", "served from the root of a host"),
        ("https://hue.example.org/gis/", "served from the root of a host"),
        ("ftp://hue.example.org", "must look like"),
        ("hue.example.org", "must look like"),
        ("https://user@hue.example.org", "alone"),
        ("https://hue.example.org?x=1", "alone"),
        ("https://huế.example.org", "xn--"),
        ("https://hue.example.org:99999", "no address"),
    ],
)
def test_a_public_address_that_links_could_not_carry_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    """A prefix was dropped by pages, tiles and styles, which name each other from the root of the host."""
    monkeypatch.setenv("HUONG_PUBLIC_URL", url)
    with pytest.raises(SettingError, match=said) as refused:
        Config.from_env()
    assert "HUONG_PUBLIC_URL" in str(refused.value)


@pytest.mark.parametrize(
    "url", ["https://hue.example.org", "https://hue.example.org/", "http://[2001:db8::1]:8000"]
)
def test_public_addresses_that_are_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HUONG_PUBLIC_URL", url)
    assert Config.from_env().public_url == url.rstrip("/")
