"""Folders that are gone when their maker is, however that ends.

What lies in them is somebody's: a copy of a file that is imported, a dump of the whole database.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gis_core.config import Config
from gis_core.terrain import Terrain

IMPORT, RESTORE, BACKUP, HEIGHTS, HELD_HEIGHTS = "import-", "restore-", ".huong-backup-", "import-", "backup-"
UNLOCKED = ".new-"
# Waits for the end of its input, which nobody holds open but the process that started it, then clears away.
WATCH = 'cd / && cat >/dev/null; rm -rf -- "$1"'


def imports_folder(config: Config) -> Path:
    return config.var / "imports"


@contextmanager
def own_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A private folder ``parent``/``prefix``..., removed at the end.

    Where we are killed, a second process removes it. Where all processes are, as by the end of a container or of the
    machine, it is the next one who makes a folder of this kind, or the next start (`sweep`): the folder is locked for
    as long as its maker lives.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(parent, prefix)
    made = Path(tempfile.mkdtemp(prefix=UNLOCKED, dir=parent)).resolve()
    lock = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a file system without locks: there nobody sweeps either
            fcntl.flock(lock, fcntl.LOCK_EX)
        folder = made.rename(made.with_name(prefix + made.name.removeprefix(UNLOCKED)))
        watcher = subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "sh", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield folder
        finally:
            watcher.communicate()
            shutil.rmtree(folder, ignore_errors=True)  # where the second process was ended
    finally:
        os.close(lock)


def sweep(parent: Path, prefix: str) -> None:
    """Remove what own folders of this kind have been left without a maker that lives."""
    for folder in list(parent.glob(f"{prefix}*")):
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def sweep_all(config: Config) -> None:
    """`sweep` wherever this city makes such folders, but beside backups, whose place is the operator's."""
    heights = Terrain(config.var).folder
    places = (
        (imports_folder(config), IMPORT),
        (config.var, RESTORE),
        (heights, HEIGHTS),
        (heights, HELD_HEIGHTS),
    )
    for parent, prefix in places:
        sweep(parent, prefix)
