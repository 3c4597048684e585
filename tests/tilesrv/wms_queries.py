"""What is asked of WMS in tests, and what its answers are."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
from lxml import etree
from PIL import Image

from tests.tilesrv.marks import (
    STEPS,
    box_about,
)

FLIPPED = "EPSG:4326"  # the one CRS that 1.3.0 writes with latitude first


def written(box: tuple[float, ...], code: str, version: str) -> str:
    """The box as a request of ``version`` writes it."""
    minx, miny, maxx, maxy = box
    if version == "1.3.0" and code == FLIPPED:
        return f"{miny!r},{minx!r},{maxy!r},{maxx!r}"
    return f"{minx!r},{miny!r},{maxx!r},{maxy!r}"


def map_query(code: str = "EPSG:3857", version: str = "1.3.0", **changes: Any) -> dict[str, str]:
    """A GetMap request for 201 by 201 px with the mark in the middle; ``changes`` replace parameters, None removes."""
    size = int(changes.get("width", 201)), int(changes.get("height", 201))
    step = STEPS.get(code, 1.0)
    box = box_about(code, size, (size[0] / 2, size[1] / 2), (step, step))
    query: dict[str, Any] = {
        "service": "WMS",
        "version": version,
        "request": "GetMap",
        "layers": "test_marks",
        "styles": "",
        "srs" if version == "1.1.1" else "crs": code,
        "bbox": written(box, code, version),
        "width": size[0],
        "height": size[1],
        "format": "image/png",
        **changes,
    }
    return {name: str(value) for name, value in query.items() if value is not None}


def code_of(answer: httpx.Response, version: str = "1.3.0") -> str | None:
    """The exception code of an answer that must be an exception report of this version."""
    wanted = "text/xml" if version == "1.3.0" else "application/vnd.ogc.se_xml"
    assert answer.headers["content-type"].partition(";")[0] == wanted, answer.text[:300]
    root = etree.fromstring(answer.content, etree.XMLParser(load_dtd=False))
    assert root.get("version") == version
    (exception,) = root
    assert " · " in (exception.text or ""), "the words are not in both languages"
    return exception.get("code")


def colours_of(image: Image.Image) -> set[tuple[int, ...]]:
    return {
        tuple(int(part) for part in pixel) for pixel in np.unique(np.asarray(image).reshape(-1, 4), axis=0)
    }


def info_query(code: str = "EPSG:3857", version: str = "1.3.0", **changes: Any) -> dict[str, str]:
    column, row = ("i", "j") if version == "1.3.0" else ("x", "y")
    query = {
        "request": "GetFeatureInfo",
        "query_layers": "test_marks",
        "info_format": "application/json",
        "feature_count": "10",
        column: "100",
        row: "100",
    }
    return map_query(code, version, **{**query, **changes})
