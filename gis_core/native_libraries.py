"""The GDAL and GEOS that GeoDjango loads: those that already came with pyogrio and shapely.

A distribution's GDAL draws some hundred libraries into each process (29 MB of resident memory against 14), and is
another version on each distribution; the wheels' are the versions of the lock file, and GEOS is shared with shapely.
"""

from __future__ import annotations

import ctypes
from importlib.util import find_spec
from pathlib import Path


def bundled(package: str, pattern: str) -> str | None:
    """The library ``pattern`` that a wheel of ``package`` brought; None where it was built against the system's."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    found = sorted(Path(spec.origin).parents[1].glob(f"{package}.libs/{pattern}"))
    return str(found[0]) if found else None


GDAL = bundled("pyogrio", "libgdal-*.so*")
GEOS = bundled("shapely", "libgeos_c-*.so*")


def show_projections() -> None:
    """Tell the bundled GDAL where its database of coordinate systems lies; the system's knows. Once a process."""
    spec = find_spec("pyogrio")
    if GDAL is None or spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "proj_data"
    paths = (ctypes.c_char_p * 2)(str(folder).encode(), None)
    ctypes.CDLL(GDAL).OSRSetPROJSearchPaths(paths)
