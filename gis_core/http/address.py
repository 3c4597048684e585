"""Which host is asked, and where the links of an answer begin: the address by which the client came, if it is ours."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from gis_core.problems import Problem, bad_request

OF_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "[::1]"})


def origin(host: str, scheme: str, public_url: str) -> str:
    """``scheme://host`` for a Host header that names this city, else the public address; without a trailing slash."""
    if not is_ours(host, public_url):
        return public_url
    return f"{'https' if scheme == 'https' else 'http'}://{host}"


@lru_cache(64)
def is_ours(host: str, public_url: str) -> bool:
    """Whether a Host header names this city, in any case of letters, with a port or without."""
    return without_port(host).lower().removesuffix(".") in hosts_of(public_url)


@lru_cache(8)
def hosts_of(public_url: str) -> frozenset[str]:
    """The names under which this city answers, without ports: that of its public address, and those of the machine."""
    return OF_THIS_MACHINE | {without_port(public_url.partition("://")[2].partition("/")[0]).lower()}


def unknown_host(public_url: str) -> Problem:
    """What is said to whoever asks this city by another's name: a page elsewhere whose name leads here.

    Files that the front door sends by itself (drawn tiles, the map's script) are the same under any name: nothing in
    them says where they are.
    """
    return bad_request(
        "unknown-host",
        f"Máy chủ này không trả lời dưới tên đó; địa chỉ của thành phố là {public_url}",
        f"This server does not answer to that name; the city's address is {public_url}",
    )


def without_port(host: str) -> str:
    """``host`` up to its port; what stands behind the last colon and is no number (``a:1@b``) is no port."""
    name, _, port = host.rpartition(":")
    return name if port.isascii() and port.isdecimal() else host


def fault_of(public_url: str) -> str | None:
    """Why ``public_url`` cannot be where the city is reached, in English for its operator; None if it can.

    A city has a host of its own: its pages, tiles and styles name each other from the root of it.
    """
    try:
        parts = urlsplit(public_url)
        port = parts.port
    except ValueError:
        return "it is no address"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "it must look like https://gis.example.org or http://10.0.0.5:8000"
    if parts.username is not None or parts.query or parts.fragment or not public_url.isascii():
        return (
            "it must hold a scheme, a host and a port alone, in ASCII (xn--... for a name with other letters)"
        )
    if parts.path:
        return (
            f"it has the path {parts.path!r}, and a city is served from the root of a host:"
            " give it a host name of its own (https://gis.example.org) and let the proxy pass that on"
        )
    return None


def without_slash(path: str) -> str:
    """The address of a program, the same with and without slashes at its end."""
    return path.rstrip("/") or "/"
