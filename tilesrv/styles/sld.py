"""A style as an OGC Styled Layer Descriptor 1.1 (05-078r4): what GeoServer, MapServer, QGIS and ArcGIS read.

The standard's readers agree on constant values behind filters and scales, and on little more. So every value that
differs by feature or by zoom becomes rules: exact for choices (``match``, ``case``, ``step``), in steps for curves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from gis_core.layer import FieldType, Layer
from gis_core.styles.model import MapStyle, StyleLayer
from gis_core.styles.nodes import Interpolate, Literal, Step, Zoom, walk
from gis_core.styles.standard import GEOMETRY_KINDS, KINDS
from tilesrv.styles.classes import Class
from tilesrv.styles.looks import Looks
from tilesrv.styles.ogc_filter import OGC, class_filter
from tilesrv.styles.scales import scale_denominator
from tilesrv.styles.sld_symbolizers import number, paint, point, se, symbolizers
from tilesrv.styles.words import class_label
from tilesrv.xml_names import SE, SLD, XLINK, XSI

SCHEMA_LOCATION = "http://www.opengis.net/sld http://schemas.opengis.net/sld/1.1.0/StyledLayerDescriptor.xsd"
SEEN = {f"{{{SE}}}{kind}Symbolizer" for kind in ("Point", "Line", "Polygon")}
# QGIS refuses a style that has names and nothing else: a point that is not seen.
NOTHING = point(
    [se("Mark", [se("WellKnownName", text="circle"), se("Fill", paint("#ffffff", 0))]), number("Size", 1)]
)

ET.register_namespace("sld", SLD)
ET.register_namespace("se", SE)
ET.register_namespace("ogc", OGC)
ET.register_namespace("xlink", XLINK)


@dataclass(frozen=True)
class SldContext:
    """What the documents speak of: the layers by id, the fields that the reader sees of each, our address."""

    layers: Mapping[str, Layer]
    fields: Mapping[str, Mapping[str, FieldType]]
    url: str
    language: str


def style_sld(style: MapStyle, context: SldContext) -> str:
    """The document of ``style``, which is for its reader and in colours (`book.style_named`)."""
    root = Element(f"{{{SLD}}}StyledLayerDescriptor", version="1.1.0")
    root.set(f"{{{XSI}}}schemaLocation", SCHEMA_LOCATION)
    for collection in style.collections():
        named = ET.SubElement(root, f"{{{SLD}}}NamedLayer")
        named.append(se("Name", text=collection))
        user = ET.SubElement(named, f"{{{SLD}}}UserStyle")
        user.append(se("Name", text=style.id))
        title = style.title.to(context.language)
        user.append(se("Description", [se("Title", text=title)]))
        drawn = [
            each
            for layer in style.layers
            if layer.collection == collection and layer.get("visibility") == Literal("visible")
            for each in feature_type_styles(layer, context)
        ]
        if not any(each.tag in SEEN for one in drawn for each in one.iter()):
            drawn.insert(0, se("FeatureTypeStyle", [se("Rule", [NOTHING])]))
        user.extend(drawn)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def feature_type_styles(layer: StyleLayer, context: SldContext) -> list[Element]:
    """The drawing of one style layer; nothing where no reader of this kind would see anything of it."""
    drawn = list(rules(layer, context))
    return [se("FeatureTypeStyle", [se("Name", text=layer.id), *drawn])] if drawn else []


def rules(layer: StyleLayer, context: SldContext) -> Iterator[Element]:
    assert layer.collection is not None
    declared, fields = context.layers[layer.collection], context.fields[layer.collection]
    count = 0
    for low, high, found in slices(layer, fields, GEOMETRY_KINDS[KINDS[declared.geometry.type]]):
        for each in found:
            if each.look is None:
                continue
            made = symbolizers(layer.type, dict(each.look), f"{context.url}/styles/icons")  # type: ignore[call-overload]
            if not made:
                continue
            count += 1
            title = class_label(declared, each).to(context.language)
            yield rule(f"{layer.id}-{count}", title, class_filter(each), low, high, made)


def rule(
    name: str, title: str, test: Element | None, low: float, high: float, drawn: Sequence[Element]
) -> Element:
    parts = [se("Name", text=name), se("Description", [se("Title", text=title)])]
    if test is not None:
        parts.append(test)
    if high < 24:
        parts.append(se("MinScaleDenominator", text=f"{scale_denominator(high):.0f}"))
    if low > 0:
        parts.append(se("MaxScaleDenominator", text=f"{scale_denominator(low):.0f}"))
    return se("Rule", [*parts, *drawn])


# Zooms ------------------------------------------------------------------------------------------------------------


def slices(
    layer: StyleLayer, fields: Mapping[str, FieldType], geometry: str
) -> Iterator[tuple[float, float, list[Class]]]:
    """Ranges of zooms, and the classes of features in each; neighbours that are alike are one."""
    held: tuple[float, float, list[Class]] | None = None
    for low, high in pairwise(zoom_marks(layer)):
        found = Looks(layer, (low + high) / 2, fields, geometry).classes()
        if held is not None and held[2] == found:
            held = (held[0], high, found)
            continue
        if held is not None:
            yield held
        held = (low, high, found)
    if held is not None:
        yield held


def zoom_marks(layer: StyleLayer) -> list[float]:
    """The zooms at which something of the layer changes, from its first to its last.

    Curves change half-way between whole zooms: at these, where maps mostly stand, the steps are on the curve.
    """
    marks = {layer.minzoom, layer.maxzoom}
    for expr in layer.properties.values():
        for node in walk(expr):
            if isinstance(node, Step) and node.input == Zoom():
                marks |= {at for at, _ in node.stops}
            elif isinstance(node, Interpolate) and node.input == Zoom():
                first, last = node.stops[0][0], node.stops[-1][0]
                halves = {floor(first) + 0.5 + step for step in range(ceil(last - first) + 1)}
                marks |= {first, last} | {half for half in halves if first < half < last}
    return sorted(mark for mark in marks if layer.minzoom <= mark <= layer.maxzoom)
