"""The one way out: a document fetched from an address that somebody sent, from hosts that the operator has named.

Who can make a server call addresses reaches what only the server can (its own services, the cloud's metadata, the
office behind the firewall). So: hosts of a list, empty by default; https on its own port and nothing else; a name is
resolved once, every address that it has must be public, and the connection goes to that address; no redirects, no
credentials, a bound of bytes and of time.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Collection
from concurrent.futures import Future
from urllib.parse import urlsplit

from gis_core.words import Text

MOST_BYTES = 1_000_000
WITHIN_S = 5.0
PORT = 443
# Beside what the standard library calls not global: IPv4 within IPv6 (compatible, and what NAT64 translates), and
# the assignments of protocols, a few of which it takes for global.
NOT_PUBLIC = tuple(map(ipaddress.ip_network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "192.0.0.0/24")))
MOST_RESOLVING = 4
_resolving = threading.BoundedSemaphore(MOST_RESOLVING)


class NotFetched(Exception):
    """Why nothing was fetched, in words for whoever sent the address."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


class PinnedConnection(http.client.HTTPSConnection):
    """HTTPS to ``address``, which the name ``host`` was resolved to, with the certificate of that name."""

    def __init__(self, host: str, address: str, watch: Watch) -> None:
        super().__init__(host, PORT, timeout=WITHIN_S)
        self._address = address
        self._watch = watch

    def connect(self) -> None:
        plain = self._watch.over(socket.create_connection((self._address, PORT), self._watch.left()))
        # The greeting of TLS is a step of its own: whoever sends it byte by byte is to meet the watch.
        secure = ssl.create_default_context().wrap_socket(
            plain, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock = self._watch.over(secure)
        self.sock.do_handshake()


class Watch:
    """The one deadline of a fetch: at its end whatever socket it then has is shut, and so whoever reads it wakes.

    The time limit of a socket is one of every single read, which a byte now and then begins anew.
    """

    def __init__(self, within_s: float) -> None:
        self.deadline = time.monotonic() + within_s
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(within_s, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> Watch:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._shut()  # an answer that was not read to its end holds the socket beyond its connection

    def over[Some: socket.socket](self, opened: Some) -> Some:
        """``opened`` is what is shut from now on; NotFetched (and it is closed) where the time is over."""
        with self._lock:
            self._socket = opened
        try:
            self.left()
        except NotFetched:
            opened.close()
            raise
        return opened

    def left(self) -> float:
        """Seconds; NotFetched where there are none."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise too_slow()
        return seconds

    def _shut(self) -> None:
        with self._lock:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    # Past TLS, which would wait for its turn: the wire itself.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def fetch(url: str, hosts: Collection[str], *, most_bytes: int = MOST_BYTES) -> bytes:
    """The body at ``url``, which must be https on one of ``hosts`` (lower case); NotFetched for anything else."""
    host, target = checked(url, hosts)
    with Watch(WITHIN_S) as watch:
        connection = PinnedConnection(host, public_address(host, watch), watch)
        try:
            connection.request("GET", target, headers={"Accept": "*/*", "User-Agent": "Huong"})
            answer = connection.getresponse()
            watch.left()
            if answer.status != 200:
                raise NotFetched(Text(f"nơi đó trả lời {answer.status}", f"it answers {answer.status}"))
            return read_body(answer, watch, most_bytes)
        except (OSError, http.client.HTTPException) as error:
            watch.left()
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


def public_address(host: str, watch: Watch) -> str:
    """An address of ``host``, all of which must be public: one that is not could be the next to be used."""
    found = resolved(host, watch)
    if not found or not all(map(is_public, found)):
        raise NotFetched(Text("máy đó không ở mạng công cộng", "that host is not in the public network"))
    return min(found)


def resolved(host: str, watch: Watch) -> set[str]:
    """The addresses of ``host``. The system's resolver knows no time limit: it is asked in a thread, left behind at
    the deadline, of which there are never more than `MOST_RESOLVING`."""
    if not _resolving.acquire(timeout=watch.left()):
        raise too_slow()
    found: Future[set[str]] = Future()

    def ask() -> None:
        try:
            asked = socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)
            found.set_result({str(each[4][0]) for each in asked})
        except BaseException as error:
            found.set_exception(error)
        finally:
            _resolving.release()

    threading.Thread(target=ask, name="resolving", daemon=True).start()
    try:
        return found.result(watch.left())
    except TimeoutError:
        raise too_slow() from None
    except (OSError, UnicodeError):
        raise NotFetched(Text("không tìm thấy máy đó", "there is no such host")) from None


def is_public(address: str) -> bool:
    """Whether ``address`` is of the public network, also where it hides one of IPv4 in IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return False
    if any(found.version == network.version and found in network for network in NOT_PUBLIC):
        return False
    return found.is_global and not found.is_multicast


def read_body(answer: http.client.HTTPResponse, watch: Watch, most_bytes: int) -> bytes:
    """The body, which must be whole within the time and the bound."""
    body = b""
    while part := answer.read1(65_536):
        body += part
        if len(body) > most_bytes:
            raise NotFetched(Text("dữ liệu ở đó quá lớn", "what is there is too large"))
        watch.left()
    watch.left()  # the end may be that of the watch
    if answer.length:
        raise NotFetched(Text("dữ liệu ở đó bị cắt ngang", "what is there breaks off"))
    return body


def too_slow() -> NotFetched:
    return NotFetched(Text("nơi đó trả lời quá chậm", "it takes too long to answer"))
