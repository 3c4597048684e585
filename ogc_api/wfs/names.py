"""How clients name a coordinate reference system, and which order of axes each form stands for.

URN and URI mean the order of the authority (latitude first for EPSG:4326). ``EPSG:4326`` and the address of the old
GML dictionary come from a time when everybody wrote x before y, and every client of today still reads them so.
"""

from __future__ import annotations

import re
from dataclasses import replace

from gis_core.crs import CRS84, SUPPORTED, Crs
from gis_core.http.ows import INVALID, refused
from gis_core.layer import Layer
from ogc_api.crs_list import storage_crs

URN = "urn:ogc:def:crs:EPSG::"
CRS84_URN = "urn:ogc:def:crs:OGC:1.3:CRS84"
BY_CODE = {crs.uri.rsplit("/", 1)[1]: crs for crs in SUPPORTED if crs is not CRS84}
AUTHORITY_ORDER = re.compile(
    r"(?P<form>urn:(?:x-)?ogc:def:crs:EPSG:[0-9.]{0,10}:|https?://www\.opengis\.net/def/crs/EPSG/[0-9.]{1,10}/)"
    r"(?P<code>[0-9]{4,6})",
    re.IGNORECASE,
)
X_FIRST = re.compile(
    r"(?P<form>EPSG:|https?://www\.opengis\.net/gml/srs/epsg\.xml#)(?P<code>[0-9]{4,6})", re.IGNORECASE
)
CRS84_NAMES = re.compile(
    r"urn:(?:x-)?ogc:def:crs:OGC:[0-9.]{0,10}:CRS84|https?://www\.opengis\.net/def/crs/OGC/[0-9.]{1,10}/CRS84"
    r"|OGC:CRS84|CRS:84",
    re.IGNORECASE,
)


def crs_named(text: str, parameter: str = "srsName") -> Crs:
    """The CRS that ``text`` names, with the order of axes that this form of the name stands for.

    Its ``uri`` is ``text``: an answer names the CRS as the question did, so that the client reads the same order into
    it. Raises a 400 on ``parameter``.
    """
    name = text.strip()
    if CRS84_NAMES.fullmatch(name):
        return replace(CRS84, uri=name)
    for forms in (AUTHORITY_ORDER, X_FIRST):
        found = forms.fullmatch(name)
        if found and found["code"] in BY_CODE:
            crs = BY_CODE[found["code"]]
            return replace(crs, uri=name, axes="lonlat" if forms is X_FIRST else crs.axes)
    listed = ", ".join([CRS84_URN, *(URN + code for code in BY_CODE)])
    raise refused(
        INVALID,
        parameter,
        f"Không có hệ tọa độ “{name[:80]}”. Có: {listed}.",
        f"There is no CRS “{name[:80]}”. There are: {listed}.",
    )


def urn_of(crs: Crs) -> str:
    return CRS84_URN if crs.uri == CRS84.uri else URN + str(crs.srid)


def default_crs(layer: Layer, *, exact: bool) -> Crs:
    """The CRS of answers to a request that names none: the surveyed one for cadastre, else EPSG:4326, both by URN.

    ``exact`` is whether the caller sees the surveyed place.
    """
    stored = storage_crs(layer) if exact else CRS84
    return crs_named(urn_of(BY_CODE["4326"] if stored is CRS84 else stored))


def other_crs(default: Crs) -> list[str]:
    """The URNs of every CRS but ``default``."""
    return [urn_of(crs) for crs in SUPPORTED if urn_of(crs) != default.uri]
