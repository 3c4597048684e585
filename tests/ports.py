"""Ports for servers of tests, which nobody else takes: not another lane or run, nor the system for a connection."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

# Below those that the kernel gives to connections: one of them may be a client's before a server has bound it.
RANGE = range(20_000, 30_000)
CLAIMS = Path(tempfile.gettempdir()) / f"huong-test-ports-{os.getuid()}"
_held: list[IO[str]] = []  # open files, whose locks go with this process


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on; it is this process's until its end."""
    CLAIMS.mkdir(exist_ok=True)
    for port in random.SystemRandom().sample(RANGE, len(RANGE)):
        claim = (CLAIMS / str(port)).open("w")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _held.append(claim)
        return port
    raise OSError("no port is free")
