"""Requests that two readers of HTTP may take for different ones, as bytes; and all that is answered to one."""

from __future__ import annotations

import socket

SECOND = b"GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
HEAD = b"POST /healthz HTTP/1.1\r\nHost: x\r\n"


def _body(headers: bytes, body: bytes) -> bytes:
    return HEAD + headers + b"\r\n" + body


# One reader sees one request with a body, another a request and, in its body, a second.
TWO_READINGS = {
    "length and chunks": _body(
        b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % (len(SECOND) + 5), b"0\r\n\r\n" + SECOND
    ),
    "chunks and length": _body(b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", b"0\r\n\r\n" + SECOND),
    "two lengths": _body(b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(SECOND), SECOND),
    "a list of lengths": _body(b"Content-Length: 0, %d\r\n" % len(SECOND), SECOND),
    "a length with a sign": _body(b"Content-Length: +0\r\n", SECOND),
    "an unknown coding": _body(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + SECOND),
    "a coding after chunks": _body(b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n" + SECOND),
    "a space before the colon": _body(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + SECOND),
    "a folded line": _body(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n" + SECOND),
}


def answers_to(wire: socket.socket, request: bytes) -> bytes:
    """Everything that is said until the other end closes the connection, or says nothing more."""
    wire.sendall(request)
    said = b""
    wire.settimeout(3)
    try:
        while part := wire.recv(65536):
            said += part
    except (TimeoutError, ConnectionResetError):
        pass
    return said
