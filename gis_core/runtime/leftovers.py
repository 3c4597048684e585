"""Processes that outlived the one that ruled them.

A master killed with SIGKILL leaves its workers behind, holding its port or its socket; the next start of the same
program would fail for ever. So each program is started through this module, which first ends what an earlier one
left: ``python -m gis_core.runtime.leftovers FOLDER NAME COMMAND...`` becomes COMMAND.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# In the environment of every child: the run folder of the instance, and the program's name.
INSTANCE, PROGRAM = "HUONG_INSTANCE", "HUONG_PROGRAM"


def leftovers(run: Path, program: str | None = None) -> Iterator[int]:
    """Ids of the processes of the instance whose run folder is ``run`` (only those of ``program``, if given).

    They are known by their environment; nginx, which overwrites that, by its working folder. Ourselves, and whoever
    started us, are not among them.
    """
    marks = {os.fsencode(f"{INSTANCE}={run}")}
    if program:
        marks.add(os.fsencode(f"{PROGRAM}={program}"))
    spared = {os.getpid(), os.getppid()}
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        with suppress(OSError):
            marked = marks <= set((folder / "environ").read_bytes().split(b"\0"))
            door = program in (None, "nginx") and _is_nginx_of(folder, run)
            if (marked or door) and pid not in spared:
                yield pid


def _is_nginx_of(folder: Path, run: Path) -> bool:
    program = (folder / "exe").readlink().name.removesuffix(" (deleted)")
    return program == "nginx" and (folder / "cwd").readlink() == run


def end(pids: list[int]) -> None:
    """Stop ``pids``: politely, and after ten seconds not."""
    for number, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 2.0)):
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        until = time.monotonic() + patience
        while pids and time.monotonic() < until:
            time.sleep(0.02)
            pids = [pid for pid in pids if _is_alive(pid)]


def _is_alive(pid: int) -> bool:
    """Whether ``pid`` still does anything; a zombie that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def main() -> None:
    run, program, *command = sys.argv[1:]
    end(list(leftovers(Path(run), program)))
    if "--uds" in command:  # uvicorn does not bind to a socket that is there
        Path(command[command.index("--uds") + 1]).unlink(missing_ok=True)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
