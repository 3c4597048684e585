"""Where an instance keeps its files, and the name that it is known by on the machine."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gis_core.config import Config
from gis_core.runtime.console import Failure

# A Unix socket's path holds 107 bytes; the longest of our names under the folder is ".s.PGSQL.65535.lock".
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.65535.lock")


@dataclass(frozen=True)
class Place:
    """The folders of one instance below ``var``."""

    var: Path

    @classmethod
    def of(cls, config: Config) -> Place:
        return cls(config.var)

    @property
    def id(self) -> str:
        """Twelve hex digits that tell this instance from others on the machine."""
        return hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]

    @property
    def run(self) -> Path:
        """Generated configuration and pid files."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        """What the processes write; only our own user reads there."""
        return self.var / "log"

    @property
    def metrics(self) -> Path:
        """Counters that the processes share (prometheus_client's multiprocess mode)."""
        return self.run / "metrics"

    @cached_property
    def sockets(self) -> Path:
        """Folder of the Unix sockets, in ``run``, or under /tmp where that path would be too long.

        Only our own user enters it: whoever speaks to a process past nginx chooses the address he is known by, and
        uvicorn lets everybody use its socket (mode 0666, not to be changed). nginx runs as the same user.
        """
        own = self.run / "sock"
        folder = own if fits_sockets(own) else Path(tempfile.gettempdir()) / f"huong-{self.id}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder == own:
            folder.chmod(0o700)
            return folder
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
            raise Failure(
                f"Thư mục {folder} thuộc người khác; hãy xoá nó hoặc đặt HUONG_VAR ngắn hơn.",
                f"The folder {folder} is somebody else's; remove it or set a shorter HUONG_VAR.",
            )
        return folder

    def make(self) -> None:
        """Create the folders that every process expects."""
        for folder in (self.var, self.run, self.log, self.metrics):
            folder.mkdir(parents=True, exist_ok=True)
        self.log.chmod(0o700)
        for file in self.log.iterdir():
            file.chmod(0o600)


def fits_sockets(folder: Path) -> bool:
    """Whether Unix sockets can be made in ``folder``."""
    return len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER
