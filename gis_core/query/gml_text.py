"""GML made by PostgreSQL: the SQL expression whose value is the text of one feature (OGC 07-036, 10-129r1).

The text holds the prefixes ``gml`` and ``huong``, which the document around it binds: the same text is GML 3.1.1 and
GML 3.2, since both write the geometries of simple features alike.
"""

from __future__ import annotations

from gis_core.crs import Crs
from gis_core.layer import Field, FieldType, GeometryType
from gis_core.query.feature_text import NUMBER_TEXT, geometry_sql
from gis_core.time_text import date_text_sql, moment_text_sql

PREFIX = "huong"
# What XML 1.0 has no way to write and PostgreSQL holds.
CONTROLS = bytes({*range(32)} - {9, 10, 13})
NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
# Bits of st_asgml: 2 leaves srsDimension out, 4 writes <LineString> and not <Curve>.
AS_GML = 2 | 4

MULTIPLE = {
    "MultiPoint": ("MultiPoint", "pointMember"),
    "MultiLineString": ("MultiCurve", "curveMember"),
    "MultiPolygon": ("MultiSurface", "surfaceMember"),
    "GeometryCollection": ("MultiGeometry", "geometryMember"),
}
SINGLE = ("Point", "LineString", "Polygon")


def legal_xml(text: bytes) -> bytes:
    """UTF-8 ``text`` without the characters that XML 1.0 forbids (in the database that costs four times the row)."""
    for no_character in NO_CHARACTERS:
        if no_character in text:
            text = text.replace(no_character, b"")
    return text.translate(None, CONTROLS)


def escaped_sql(text: str) -> str:
    """SQL text expression ``text`` fit to stand between two tags, once `legal_xml` has seen it."""
    return f"replace(replace(replace({text}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"


def xml_value_sql(column: str, type_: FieldType) -> str:
    """SQL expression of ``column`` as the XML Schema type of ``type_``; NULL where there is nothing to write.

    Numbers and times that are not finite count as nothing, as they do in GeoJSON.
    """
    c = f'"{column}"'
    match type_:
        case "text":
            return escaped_sql(c)
        case "number":
            return NUMBER_TEXT.format(c=c)
        case "date":
            return date_text_sql(c)
        case "datetime":
            return moment_text_sql(c)
        case _:
            return f"{c}::text"


def property_sql(field: Field) -> str:
    """SQL expression of the element of one property; an empty text where the feature has no value."""
    name = f"{PREFIX}:{field.name}"
    return f"coalesce('<{name}>' || {xml_value_sql(field.name, field.type)} || '</{name}>', '')"


def place_sql(layer_id: str, type_: GeometryType, crs: Crs, original_srid: int | None = None) -> str:
    """SQL expression of the element ``geom``; an empty text where the feature has no place.

    The CRS is named as ``crs.uri``, and coordinates are in the order of ``crs``.
    """
    shape = f"st_setsrid({geometry_sql(crs, original_srid)}, 0)"
    if type_ == "Geometry":
        kinds = (*SINGLE, *MULTIPLE)
        branches = " ".join(f"when 'ST_{kind}' then {kind_sql(layer_id, kind, shape, crs)}" for kind in kinds)
        written = f'case st_geometrytype("geom") {branches} end'
    else:
        written = kind_sql(layer_id, type_, shape, crs)
    return f"coalesce('<{PREFIX}:geom>' || {written} || '</{PREFIX}:geom>', '')"


def kind_sql(layer_id: str, kind: str, shape: str, crs: Crs) -> str:
    """The text of ``shape``, an SQL expression of a geometry of ``kind`` without SRID.

    PostGIS 3.3 repeats the gml:id of a multi-part geometry in each of its parts, which is not valid: parts are
    written one by one, each with an id of its own.
    """
    srs = f' srsName="{crs.uri}"'
    id_ = f"""'{layer_id}.' || "fid" || '.geom'"""
    if kind in SINGLE:
        gml = f"st_asgml(3, {shape}, {crs.precision}, {AS_GML}, 'gml', {id_})"
        return f"'<gml:{kind}{srs}' || substr({gml}, {len(f'<gml:{kind}') + 1})"
    name, member = MULTIPLE[kind]
    part = f"st_asgml(3, _d.geom, {crs.precision}, {AS_GML}, 'gml', {id_} || '.' || array_to_string(_d.path, '.'))"
    parts = (
        f"(select string_agg('<gml:{member}>' || {part} || '</gml:{member}>', '' order by _d.path)"
        f" from st_dump({shape}) _d)"
    )
    return f"""'<gml:{name} gml:id="' || {id_} || '"{srs}>' || {parts} || '</gml:{name}>'"""


def feature_gml_sql(layer_id: str, fields: tuple[Field, ...], place: str | None) -> str:
    """SQL expression: the text of one feature from a row of a published view; ``place`` is a `place_sql` or None."""
    name = f"{PREFIX}:{layer_id}"
    parts = [f"""'<{name} gml:id="{layer_id}.' || "fid" || '">'""", *map(property_sql, fields)]
    return " || ".join([*parts, *([place] if place else []), f"'</{name}>'"])
