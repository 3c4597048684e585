"""The one way out: a document fetched from an address that somebody sent, from hosts that the operator has named.

Who can make a server call addresses reaches what only the server can (its own services, the cloud's metadata, the
office behind the firewall). So: hosts of a list, empty by default; https on its own port and nothing else; a name is
resolved once, every address that it has must be public, and the connection goes to that address; no redirects, no
credentials, a bound of bytes and of time.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Collection
from urllib.parse import urlsplit

from gis_core.words import Text

MOST_BYTES = 1_000_000
WITHIN_S = 5.0
PORT = 443


class NotFetched(Exception):
    """Why nothing was fetched, in words for whoever sent the address."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


class PinnedConnection(http.client.HTTPSConnection):
    """HTTPS to ``address``, which the name ``host`` was resolved to, with the certificate of that name."""

    def __init__(self, host: str, address: str, deadline: float) -> None:
        super().__init__(host, PORT, timeout=WITHIN_S)
        self._address = address
        self._deadline = deadline

    def connect(self) -> None:
        plain = socket.create_connection((self._address, PORT), left(self._deadline))
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


def fetch(url: str, hosts: Collection[str], *, most_bytes: int = MOST_BYTES) -> bytes:
    """The body at ``url``, which must be https on one of ``hosts`` (lower case); NotFetched for anything else."""
    host, target = checked(url, hosts)
    deadline = time.monotonic() + WITHIN_S
    connection = PinnedConnection(host, public_address(host), deadline)
    try:
        connection.request("GET", target, headers={"Accept": "*/*", "User-Agent": "Huong"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise NotFetched(Text(f"nơi đó trả lời {answer.status}", f"it answers {answer.status}"))
        return read_body(answer, connection, deadline, most_bytes)
    except (OSError, http.client.HTTPException) as error:
        raise NotFetched(Text("không kết nối được", "there is no connection")) from error
    finally:
        connection.close()


def checked(url: str, hosts: Collection[str]) -> tuple[str, str]:
    """Host and request target of an address that may be fetched."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotFetched(Text("đó không phải một địa chỉ", "that is no address")) from None
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or port not in (None, PORT) or parts.username or parts.password:
        raise NotFetched(Text("chỉ lấy từ địa chỉ https://máy/…", "only https://host/… is fetched"))
    if host not in hosts:
        raise NotFetched(
            Text(
                "thành phố này không lấy dữ liệu từ máy đó; hãy gửi giá trị trong yêu cầu",
                "this city fetches nothing from that host; send the value itself",
            )
        )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii() or any(not letter.isprintable() or letter == " " for letter in target):
        raise NotFetched(Text("địa chỉ có ký tự lạ", "the address has characters that it must escape"))
    return host, target


def public_address(host: str) -> str:
    """An address of ``host``, all of which must be public: one that is not could be the next to be used."""
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise NotFetched(Text("không tìm thấy máy đó", "there is no such host")) from None
    if not found or not all(map(is_public, found)):
        raise NotFetched(Text("máy đó không ở mạng công cộng", "that host is not in the public network"))
    return min(found)


def is_public(address: str) -> bool:
    """Whether ``address`` is of the public network, also where it hides one of IPv4 in IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None or found in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return found.is_global and not found.is_multicast


def read_body(
    answer: http.client.HTTPResponse, connection: PinnedConnection, deadline: float, most_bytes: int
) -> bytes:
    """The body, which must be whole within the time and the bound."""
    body = b""
    while True:
        if connection.sock is not None:
            connection.sock.settimeout(left(deadline))
        part = answer.read1(65_536)
        if not part:
            return body
        body += part
        if len(body) > most_bytes:
            raise NotFetched(Text("dữ liệu ở đó quá lớn", "what is there is too large"))
        left(deadline)


def left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise NotFetched(Text("nơi đó trả lời quá chậm", "it takes too long to answer"))
    return seconds
