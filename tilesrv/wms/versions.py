"""The two versions of the protocol: what their documents and parameters are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gis_core.http.ows import SCHEMAS, WMS_111, WMS_130, Dialect

XML = "text/xml"
WMS_SCHEMAS = f"{SCHEMAS}/wms"


@dataclass(frozen=True)
class Version:
    """One version of WMS. ``exceptions`` maps what EXCEPTIONS may say to what is done."""

    number: str
    crs_parameter: str
    column: str  # the parameters of a pixel in GetFeatureInfo
    row: str
    refusals: Dialect
    exceptions: Mapping[str, str]


V130 = Version(
    number="1.3.0",
    crs_parameter="CRS",
    column="I",
    row="J",
    refusals=WMS_130,
    exceptions={"XML": "xml", "INIMAGE": "inimage", "BLANK": "blank", "TEXT/XML": "xml"},
)
V111 = Version(
    number="1.1.1",
    crs_parameter="SRS",
    column="X",
    row="Y",
    refusals=WMS_111,
    exceptions={
        "APPLICATION/VND.OGC.SE_XML": "xml",
        "APPLICATION/VND.OGC.SE_INIMAGE": "inimage",
        "APPLICATION/VND.OGC.SE_BLANK": "blank",
    },
)
NUMBERS = {"1.3.0": V130, "1.1.1": V111, "1.1.0": V111}  # 1.1.0 differs in nothing that is asked for
DOTTED = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,2}")


def spoken(number: str | None) -> Version:
    """The version in which GetCapabilities is answered (negotiation, OGC 06-042 6.2.4): the one asked for, else the
    highest below it, else the lowest; the highest where none is asked for."""
    if number is None or not DOTTED.fullmatch(number):
        return V130
    asked = [int(part) for part in number.split(".")]
    return V130 if asked >= [1, 3] else V111
