"""A folder that is gone when its maker is, however that ends."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Waits for the end of its input, which nobody holds open but the process that started it, then clears away.
WATCH = 'cd / && cat >/dev/null; rm -rf -- "$1"'


@contextmanager
def own_folder() -> Iterator[Path]:
    """A private temporary folder, removed at the end; by a second process, so that a killed import leaves none."""
    folder = Path(tempfile.mkdtemp(prefix="huong-import-")).resolve()
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
