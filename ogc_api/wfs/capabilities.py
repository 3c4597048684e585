"""GetCapabilities: what the service can do and which feature types the caller may know of; made once per audience."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from gis_core.http.media import JSON
from gis_core.query import kept_original
from gis_core.query.gml_text import PREFIX, legal_xml
from gis_core.reading import registry
from gis_core.registry import Catalogue, Published
from ogc_api.answers import Answer
from ogc_api.common import DESCRIPTION, TITLE
from ogc_api.extents import Extents, extent_of, extents_of
from ogc_api.wfs.asked import Asked
from ogc_api.wfs.filters import COMPARISONS, SPATIAL, TEMPORAL_NAMES
from ogc_api.wfs.names import default_crs, other_crs
from ogc_api.wfs.queries import RESOLVED
from ogc_api.wfs.references import types_seen_by
from ogc_api.wfs.versions import LAYERS_NAMESPACE, V2

SECTIONS = (
    "ServiceIdentification",
    "ServiceProvider",
    "OperationsMetadata",
    "FeatureTypeList",
    "Filter_Capabilities",
)
# What of the standard is there (OGC 09-025r2, tables 13 and 14; OGC 09-026r2, table 7).
IMPLEMENTED = {
    "ImplementsBasicWFS": True,
    "ImplementsTransactionalWFS": False,
    "ImplementsLockingWFS": False,
    "KVPEncoding": True,
    "XMLEncoding": True,
    "SOAPEncoding": False,
    "ImplementsInheritance": False,
    "ImplementsRemoteResolve": False,
    "ImplementsResultPaging": True,
    "ImplementsStandardJoins": False,
    "ImplementsSpatialJoins": False,
    "ImplementsTemporalJoins": False,
    "ImplementsFeatureVersioning": False,
    "ManageStoredQueries": False,
    "PagingIsTransactionSafe": False,
}
FILTERS_IMPLEMENTED = {
    "ImplementsQuery": True,
    "ImplementsAdHocQuery": True,
    "ImplementsFunctions": False,
    "ImplementsResourceId": True,
    "ImplementsMinStandardFilter": True,
    "ImplementsStandardFilter": True,
    "ImplementsMinSpatialFilter": True,
    "ImplementsSpatialFilter": True,
    "ImplementsMinTemporalFilter": True,
    "ImplementsTemporalFilter": True,
    "ImplementsVersionNav": False,
    "ImplementsSorting": True,
    "ImplementsExtendedOperators": False,
    "ImplementsMinimumXPath": True,
    "ImplementsSchemaElementFunc": False,
}
OPERANDS = ("Envelope", "Point", "LineString", "Curve", "Polygon", "Surface")
KEPT = 64  # documents: audiences, languages, versions and the addresses that the city is called by

_made: OrderedDict[tuple[str, ...], tuple[Catalogue, Extents, bytes]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class FeatureType:
    """A feature type as the template writes it; numbers are texts, or the reader's language would put commas in."""

    id: str
    title: str
    description: str
    default_crs: str
    other_crs: list[str]
    lower: str
    upper: str


def get_capabilities(asked: Asked) -> Answer:
    """``REQUEST=GetCapabilities``"""
    catalogue, extents = registry().current(), extents_of(asked.caller)
    sections = asked_sections(asked.get("SECTIONS"))
    key = (asked.caller.key, asked.language, asked.version.number, asked.url, *sections)
    with _lock:
        held = _made.get(key)
        if held is not None and held[0] is catalogue and held[1] == extents:
            return Answer(held[2], media_type=f"{asked.version.media_type}; charset=utf-8")
    body = capabilities(asked, extents, sections)
    with _lock:
        _made[key] = (catalogue, extents, body)
        _made.move_to_end(key)
        while len(_made) > KEPT:
            _made.popitem(last=False)
    return Answer(body, media_type=f"{asked.version.media_type}; charset=utf-8")


def asked_sections(text: str | None) -> tuple[str, ...]:
    """The sections that are wanted; all where none is named, or one that is unknown."""
    wanted = {part.strip() for part in (text or "All").split(",")}
    return SECTIONS if not wanted <= set(SECTIONS) else tuple(s for s in SECTIONS if s in wanted)


def capabilities(asked: Asked, extents: Extents, sections: tuple[str, ...]) -> bytes:
    """The document of the asked version."""
    types = [feature_type(asked, published, extents) for published in types_seen_by(asked.caller)]
    template = "capabilities_2" if asked.version is V2 else "capabilities_1"
    body = render_to_string(
        f"ogc_api/wfs/{template}.xml", {**context(asked), "types": types, "sections": sections}
    )
    return legal_xml(body.encode("utf-8", "replace"))


def operations(asked: Asked) -> list[tuple[str, dict[str, list[str]]]]:
    """Operations, each with the values of the parameters that clients look for."""
    gml, formats = [asked.version.gml_format], [asked.version.gml_format, JSON]
    found: list[tuple[str, dict[str, list[str]]]] = [
        ("GetCapabilities", {"AcceptVersions": ["2.0.0", "1.1.0"], "Sections": list(SECTIONS)}),
        ("DescribeFeatureType", {"outputFormat": gml}),
        ("GetFeature", {"resultType": ["results", "hits"], "outputFormat": formats}),
    ]
    if asked.version is V2:
        found[-1][1]["resolve"] = list(RESOLVED)
        found.append(("GetPropertyValue", {"outputFormat": gml, "resolve": list(RESOLVED)}))
        found += [("ListStoredQueries", {}), ("DescribeStoredQueries", {})]
    return found


def truth(constraints: Mapping[str, bool]) -> list[tuple[str, str]]:
    return [(name, "TRUE" if there else "FALSE") for name, there in constraints.items()]


def context(asked: Asked) -> Mapping[str, Any]:
    return {
        "url": asked.url,
        "api": asked.url.removesuffix("/wfs") + "/ogcapi",
        "language": asked.language,
        "title": TITLE.to(asked.language),
        "abstract": DESCRIPTION.to(asked.language),
        "prefix": PREFIX,
        "namespace": LAYERS_NAMESPACE,
        "formats": [asked.version.gml_format, JSON],
        "count_default": str(asked.version.default_count),
        "operations": operations(asked),
        "constraints": truth(IMPLEMENTED),
        "filter_constraints": truth(FILTERS_IMPLEMENTED),
        "operands": [*OPERANDS, "MultiPoint", "MultiCurve", "MultiSurface"],
        "comparisons": [
            *COMPARISONS,
            "PropertyIsBetween",
            "PropertyIsLike",
            "PropertyIsNull",
            "PropertyIsNil",
        ],
        "spatial": [name for name in SPATIAL if name != "BBOX"],
        # AnyInteracts is understood, but the schema of these documents has no name for it.
        "temporal": [name for name in TEMPORAL_NAMES if name != "AnyInteracts"],
    }


def feature_type(asked: Asked, published: Published, extents: Extents) -> FeatureType:
    layer = published.layer
    description = [layer.description.to(asked.language)]
    description += [words.to(asked.language) for words in (layer.notice, layer.credit) if words]
    west, south, east, north = extent_of(published, extents)["spatial"]["bbox"][0]
    crs = default_crs(layer, exact=kept_original(published, asked.caller) is not None)
    return FeatureType(
        id=layer.id,
        title=layer.title.to(asked.language),
        description=" ".join(description),
        default_crs=crs.uri,
        other_crs=other_crs(crs),
        lower=f"{west} {south}",
        upper=f"{east} {north}",
    )
