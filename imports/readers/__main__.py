"""The reader's process: ``python -I -m imports.readers FORMAT FILE OPTIONS``, frames on standard output.

It limits itself before it looks at the file, and imports a reader only then.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from gis_core.parting import end_with_parent
from gis_core.runtime.memory import look_seldom
from imports.frames import Message, Refusal, write_frame

READERS = {
    "geojson": "imports.readers.geojson",
    "geopackage": "imports.readers.geopackage",
    "geotiff": "imports.readers.heights",
    "hgt": "imports.readers.heights",
    "osm-pbf": "imports.readers.openstreetmap",
    "osm-xml": "imports.readers.openstreetmap",
}


def end_with(parent: int) -> None:
    """Be killed when the import is, of which ``parent`` is the process: who would read what we find?"""
    end_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(os.EX_TEMPFAIL)


def limit(memory_bytes: int, cpu_s: int) -> None:
    """No more memory, time, open files than given; no file written and none dumped."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    format_name, path, options = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
    end_with(int(options.pop("parent")))
    limit(int(options.pop("memory_bytes")), int(options.pop("cpu_s")))
    look_seldom()
    read: Callable[[Path, dict[str, str]], Iterator[Message]] = import_module(READERS[format_name]).read
    out = sys.stdout.buffer
    try:
        for message in read(path, options):
            write_frame(out, message)
    except MemoryError:
        write_frame(
            out,
            Refusal(
                "too-much-memory",
                "Đọc tệp cần quá nhiều bộ nhớ. Hãy chia nhỏ hoặc dùng GeoPackage.",
                "Reading the file takes too much memory. Split it, or use GeoPackage.",
            ),
        )
    out.flush()


if __name__ == "__main__":
    main()
