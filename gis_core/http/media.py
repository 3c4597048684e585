"""Media types that more than one room speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
PROBLEM = "application/problem+json"
HTML = "text/html"
CSV = "text/csv"
FLATGEOBUF = "application/flatgeobuf"
MVT = "application/vnd.mapbox-vector-tile"
SVG = "image/svg+xml"

# The formats that a document comes in, by the value of ``f``: any kind of JSON asks for the one that it is.
DOCUMENTS: Mapping[str, Sequence[str]] = {
    "json": (JSON, "application/*+json"),
    "html": (HTML, "application/xhtml+xml"),
}
