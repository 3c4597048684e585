"""The two versions of the protocol that are spoken: namespaces, formats, and which one a client gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gis_core.http.media import JSON
from gis_core.http.ows import INVALID, MISSING, NEGOTIATION_FAILED, OwsException, refused
from gis_core.words import Text

LAYERS_NAMESPACE = "urn:huong:layers"


@dataclass(frozen=True)
class Version:
    """One version of WFS: what its documents are called and where their schemas are."""

    number: str
    wfs: str
    schema: str
    gml: str
    gml_schema: str
    gml_format: str
    ows: str
    media_type: str
    base_element: str  # what a feature type substitutes
    default_count: int  # clients of 1.1.0 cannot page: they get all that one answer may hold
    formats: Mapping[str, str]  # what may stand in outputFormat -> the format, in lower case


def _names(format_: str, *others: str) -> dict[str, str]:
    """The names of a format; a plus sign that nobody encoded arrives as a space."""
    names = (format_, *others)
    return {form: format_ for name in names for form in (name.lower(), name.lower().replace("+", " "))}


GEOJSON_NAMES = _names(JSON, "application/geo+json", "application/vnd.geo+json", "json", "geojson")
GML32 = "application/gml+xml; version=3.2"
GML31 = "text/xml; subtype=gml/3.1.1"

V2 = Version(
    number="2.0.0",
    wfs="http://www.opengis.net/wfs/2.0",
    schema="http://schemas.opengis.net/wfs/2.0/wfs.xsd",
    gml="http://www.opengis.net/gml/3.2",
    gml_schema="http://schemas.opengis.net/gml/3.2.1/gml.xsd",
    gml_format=GML32,
    ows="http://www.opengis.net/ows/1.1",
    media_type="application/xml",
    base_element="gml:AbstractFeature",
    default_count=1000,
    formats={
        **_names(GML32, "application/gml+xml", "text/xml; subtype=gml/3.2.1", "text/xml; subtype=gml/3.2"),
        **_names(GML32, "text/xml", "application/xml", "gml32", "gml3.2"),
        **GEOJSON_NAMES,
    },
)
V1 = Version(
    number="1.1.0",
    wfs="http://www.opengis.net/wfs",
    schema="http://schemas.opengis.net/wfs/1.1.0/wfs.xsd",
    gml="http://www.opengis.net/gml",
    gml_schema="http://schemas.opengis.net/gml/3.1.1/base/gml.xsd",
    gml_format=GML31,
    ows="http://www.opengis.net/ows",
    media_type="text/xml",
    base_element="gml:_Feature",
    default_count=10_000,
    formats={**_names(GML31, "text/xml", "application/xml", "gml3", "gml31"), **GEOJSON_NAMES},
)
VERSIONS = {"2.0.0": V2, "2.0.2": V2, "1.1.0": V1}


def version_of(parameters: Mapping[str, str]) -> Version:
    """The version of a request other than GetCapabilities, which has to name it."""
    named = parameters.get("VERSION")
    if named is None:
        raise refused(MISSING, "version", "Thiếu VERSION=2.0.0.", "VERSION=2.0.0 is missing.")
    found = VERSIONS.get(named)
    if found is None:
        raise refused(
            INVALID,
            "version",
            f"Không có phiên bản “{named[:20]}”; có 2.0.0 và 1.1.0.",
            f"There is no version “{named[:20]}”; there are 2.0.0 and 1.1.0.",
        )
    return found


def negotiated(parameters: Mapping[str, str]) -> Version:
    """The version of a GetCapabilities (OGC 06-121r3, 7.3.2 and D.11)."""
    accepted = parameters.get("ACCEPTVERSIONS")
    if accepted is not None:
        for each in accepted.split(","):
            if each.strip() in VERSIONS:
                return VERSIONS[each.strip()]
        words = Text(
            "Không có phiên bản nào trong ACCEPTVERSIONS; có 2.0.0 và 1.1.0.",
            "None of ACCEPTVERSIONS is spoken here; there are 2.0.0 and 1.1.0.",
        )
        raise OwsException(NEGOTIATION_FAILED, words)  # without a locator: OGC 06-121r3, table 27
    # The older way: a client names what it would like, and gets that, or the nearest below it, or the lowest.
    named = parameters.get("VERSION", "2.0.0")
    return VERSIONS.get(named) or (V2 if named >= "2" else V1)
