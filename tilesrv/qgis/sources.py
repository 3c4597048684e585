"""Where the layers of a project come from, in the words of QGIS's data providers.

An ``authcfg`` is the identifier of an authentication configuration that stands, with its secret, in the user's own
QGIS: a project names it and never holds a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from gis_core.crs import CRS84, Crs
from gis_core.registry import Published
from tilesrv.grid import MAX_ZOOM
from tilesrv.matrix_sets import MatrixSet
from tilesrv.qgis.crs_xml import authority_code
from tilesrv.styles.book import BASEMAP

MOST_LOADED_WHOLE = 5000  # features; five pages, a second or two. More come by the box of the view
TEMPLATE = "{z}/{x}/{y}"


@dataclass(frozen=True)
class Source:
    """A provider of QGIS by its key, and what it is asked for."""

    provider: str
    uri: str
    crs: Crs


def features(published: Published, url: str, crs: Crs = CRS84, authcfg: str | None = None) -> Source:
    """A layer by OGC API - Features in ``crs``; ``url`` is our address.

    QGIS takes the CRS of a layer from the project, whatever the server says: ``srsname`` makes newer versions ask for
    that same one (3.22 knows longitude and latitude alone).
    """
    known_small = 0 <= published.rows <= MOST_LOADED_WHOLE
    words = {
        "pagingEnabled": "true",
        "restrictToRequestBBOX": "0" if known_small else "1",
        "srsname": authority_code(crs),
        "typename": published.layer.id,
        "url": f"{url}/ogcapi",
        "version": "OGC_API_FEATURES",
    }
    uri = " ".join(f"{name}='{value}'" for name, value in words.items())
    return Source("OAPIF", f"authcfg={authcfg} {uri}" if authcfg else uri, crs)


def pictures(name: str, url: str, crs: Crs, authcfg: str | None = None) -> Source:
    """Picture tiles of 256 px of a style by name, WebMercatorQuad."""
    return Source("wms", xyz(f"{url}/tiles/{name}/{TEMPLATE}.png", 0, MAX_ZOOM, authcfg), crs)


def matrix_pictures(style: str, matrix_set: MatrixSet, url: str) -> Source:
    """The basemap by WMTS in one of its tile grids."""
    words = {
        "crs": authority_code(matrix_set.crs),
        "dpiMode": "7",
        "format": "image/png",
        "layers": BASEMAP,
        "styles": style,
        "tileMatrixSet": matrix_set.id,
        "url": f"{url}/wmts/1.0.0/WMTSCapabilities.xml",
    }
    return Source("wms", urlencode(words, safe=":/"), matrix_set.crs)


def vector_tiles(published: Published, url: str, crs: Crs) -> Source:
    """Vector tiles of one layer."""
    low, high = published.layer.zoom
    template = f"{url}/tiles/{published.layer.id}/{TEMPLATE}.mvt"
    return Source("vectortile", xyz(template, low, min(high, MAX_ZOOM), None), crs)


def xyz(template: str, low: int, high: int, authcfg: str | None) -> str:
    words = {"type": "xyz", "url": template, "zmin": str(low), "zmax": str(high)}
    if authcfg:
        words["authcfg"] = authcfg
    return urlencode(words, safe=":/", quote_via=quote)
