"""The only place that imports Mapnik.

The import overwrites PROJ_LIB and GDAL_DATA with folders of the wheel that hold no proj.db: any PROJ that starts
afterwards in the same process fails ("Cannot find proj.db"). Mapnik has its own inside and does not need them. What it
says of ICU_DATA stands: without it no text is broken into lines.
"""

from __future__ import annotations

import os

_NAMES = ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA")
_before = {name: os.environ.get(name) for name in _NAMES}

import mapnik  # noqa: E402

for _name, _value in _before.items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value

__all__ = ["mapnik"]
