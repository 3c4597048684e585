"""Where the links of an answer begin: the address by which the client came, where it is one of ours."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

OF_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "[::1]"})


def origin(host: str, scheme: str, public_url: str) -> str:
    """``scheme://host`` for a Host header that names this city, else the public address; without a trailing slash."""
    if without_port(host) not in OF_THIS_MACHINE | {host_of(public_url)}:
        return public_url
    return f"{'https' if scheme == 'https' else 'http'}://{host}"


@lru_cache(8)
def host_of(url: str) -> str:
    """The host of an address, without its port."""
    return without_port(url.partition("://")[2].partition("/")[0])


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
