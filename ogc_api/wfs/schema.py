"""DescribeFeatureType: the XML Schema of feature types, as the caller's audience sees them."""

from __future__ import annotations

from xml.sax.saxutils import escape

from gis_core.http.media import JSON
from gis_core.http.ows import INVALID, refused
from gis_core.layer import Field, FieldType, GeometryType
from gis_core.query.gml_text import PREFIX, legal_xml
from gis_core.registry import Published
from ogc_api.answers import Answer
from ogc_api.wfs.asked import Asked
from ogc_api.wfs.references import types_named
from ogc_api.wfs.versions import LAYERS_NAMESPACE, Version

XSD_TYPES: dict[FieldType, str] = {
    "text": "string",
    "integer": "long",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "dateTime",
}
GML_TYPES: dict[GeometryType, str] = {
    "Point": "PointPropertyType",
    "LineString": "CurvePropertyType",
    "Polygon": "SurfacePropertyType",
    "MultiPoint": "MultiPointPropertyType",
    "MultiLineString": "MultiCurvePropertyType",
    "MultiPolygon": "MultiSurfacePropertyType",
    "Geometry": "GeometryPropertyType",
}


def describe_feature_type(asked: Asked) -> Answer:
    """``REQUEST=DescribeFeatureType``"""
    named = (asked.get("OUTPUTFORMAT") or "xmlschema").lower()
    if named != "xmlschema" and asked.version.formats.get(named, JSON) == JSON:
        raise refused(
            INVALID,
            "outputFormat",
            "DescribeFeatureType chỉ có dạng XML Schema.",
            "DescribeFeatureType only has the form of an XML Schema.",
        )
    types = types_named(asked.get("TYPENAMES"), asked.caller, asked.namespaces)
    version = asked.version
    parts = [feature_type(published, asked) for published in types]
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:gml="{version.gml}"'
        f' xmlns:{PREFIX}="{LAYERS_NAMESPACE}" targetNamespace="{LAYERS_NAMESPACE}"'
        ' elementFormDefault="qualified" version="1.0">\n'
        f'<xsd:import namespace="{version.gml}" schemaLocation="{version.gml_schema}"/>\n'
        f"{''.join(parts)}</xsd:schema>\n"
    )
    return Answer(legal_xml(document.encode("utf-8", "replace")), media_type=media_type(version))


def media_type(version: Version) -> str:
    return version.gml_format if version.number == "2.0.0" else "text/xml; subtype=gml/3.1.1"


def feature_type(published: Published, asked: Asked) -> str:
    """Element and type of one layer; every property may be absent."""
    layer = published.layer
    fields = layer.fields_for(asked.caller.audience)
    elements = "".join(f"{property_element(field, asked.language)}\n" for field in fields)
    return (
        f'<xsd:element name="{layer.id}" type="{PREFIX}:{layer.id}Type"'
        f' substitutionGroup="{asked.version.base_element}"/>\n'
        f'<xsd:complexType name="{layer.id}Type">\n'
        '<xsd:complexContent><xsd:extension base="gml:AbstractFeatureType"><xsd:sequence>\n'
        f"{elements}"
        f'<xsd:element name="geom" type="gml:{GML_TYPES[layer.geometry.type]}" minOccurs="0" nillable="true"/>\n'
        "</xsd:sequence></xsd:extension></xsd:complexContent>\n"
        "</xsd:complexType>\n"
    )


def property_element(field: Field, language: str) -> str:
    words = field.label.to(language) + (f" ({field.unit})" if field.unit else "")
    return (
        f'<xsd:element name="{field.name}" type="xsd:{XSD_TYPES[field.type]}" minOccurs="0" nillable="true">'
        f"<xsd:annotation><xsd:documentation>{escape(words)}</xsd:documentation></xsd:annotation></xsd:element>"
    )
