"""Where a stranger's file is read: in a process of its own, with limits, which can only send back frames.

This is the seam for stronger walls (no network, an own user, a file system of its own): they belong around
`run_reader`, and nobody else starts a reader.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from gis_core.problems import Problem
from gis_core.words import Text
from imports.frames import Closing, Message, Opening, Refusal, Rows, read_frame
from imports.intake import Intake

log = logging.getLogger(__name__)


MOST_SAID = 20_000  # bytes of its standard error that are logged
READ_AHEAD = 1 << 20  # bytes that it may be ahead of us, as much as Linux lets any user have


@dataclass(frozen=True)
class Limits:
    """What one reader may use. Address space counts more than memory: libraries reserve what they never touch."""

    memory_bytes: int = 6 << 30
    cpu_s: int = 900
    wall_s: float = 3600.0


def run_reader(
    intake: Intake, options: Mapping[str, str], limits: Limits = Limits()
) -> Generator[Opening | Rows]:
    """What the reader of ``intake.format`` finds: one Opening, then Rows."""
    with contextlib.closing(run(intake.format, intake.path, options, limits)) as messages:
        for message in messages:
            assert isinstance(message, Opening | Rows)
            yield message


def run(
    format_name: str, path: Path, options: Mapping[str, str], limits: Limits = Limits()
) -> Generator[Message]:
    """What the reader of this format (`imports.readers`) says of ``path``, its Closing left out.

    Raises Problem 400 where the file is refused, or the reader died or passed a limit of it. The process ends with
    the iterator, however that ends.
    """
    with started(format_name, path, options, limits) as process:
        assert process.stderr is not None
        said = Said(process.stderr)
        deadline = threading.Timer(limits.wall_s, process.kill)
        deadline.start()
        try:
            while not isinstance(message := next_message(process), Closing):
                yield message
        finally:
            deadline.cancel()
            process.kill()
            process.wait()
            if words := said.words():
                log.info("reader of %s: %s", format_name, words)


class Said:
    """What a reader writes on its standard error, of which the end tells why it died.

    A pipe, since the reader may write no file, its standard error included; emptied all the time, or a reader that
    complains of each feature would wait for ever.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._end = b""
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed, as what it started may hold the other end
            while part := os.read(self._stream.fileno(), 65536):
                self._end = (self._end + part)[-MOST_SAID:]

    def words(self) -> str:
        """The last of it, once the reader has ended."""
        self._thread.join(timeout=5)
        return self._end.decode(errors="replace").strip()


@contextlib.contextmanager
def started(
    format_name: str, path: Path, options: Mapping[str, str], limits: Limits
) -> Iterator[subprocess.Popen[bytes]]:
    """The reader's process: isolated Python, an environment of three words, its own session (Ctrl-C is ours)."""
    carried = {**options, "memory_bytes": str(limits.memory_bytes), "cpu_s": str(limits.cpu_s)}
    carried["parent"] = str(os.getpid())
    process = subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-B",
            "-m",
            "imports.readers",
            format_name,
            str(path),
            json.dumps(carried),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=path.parent,
        env={"LANG": "C.UTF-8", "PROJ_NETWORK": "OFF", "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )
    with contextlib.suppress(OSError):  # a user who has too many pipes open
        assert process.stdout is not None
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, READ_AHEAD)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def next_message(process: subprocess.Popen[bytes]) -> Message:
    assert process.stdout is not None
    message: Message | None
    try:
        message = read_frame(process.stdout)  # type: ignore[arg-type]
    except (ValueError, msgspec.DecodeError):
        message = None
    if message is None:
        raise died(process)
    if isinstance(message, Refusal):
        raise Problem(400, message.code, Text(message.vi, message.en), parameter="file")
    return message


def died(process: subprocess.Popen[bytes]) -> Problem:
    """Why the reader ended before its file did, as far as its end tells."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    code = process.returncode or 0
    if code in (-signal.SIGXCPU, -signal.SIGKILL, os.EX_TEMPFAIL):
        why = Text("mất quá nhiều thời gian hoặc bộ nhớ", "it took too much time or memory")
    else:
        why = Text("trình đọc dừng giữa chừng", "the reader stopped half-way")
    return Problem(
        400,
        "reader-failed",
        Text(
            f"Không đọc được tệp: {why.vi}. Tệp có thể hỏng; chưa ghi gì.",
            f"The file could not be read: {why.en}. It may be broken; nothing was written.",
        ),
        parameter="file",
    )
