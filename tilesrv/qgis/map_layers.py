"""Layers of a project: the elements ``maplayer`` of features, of pictures and of vector tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.registry import Published
from gis_core.styles.model import MapStyle
from gis_core.styles.standard import GEOMETRY_KINDS, KINDS
from gis_core.words import Language, Text
from tilesrv.qgis.crs_xml import spatial_ref_sys
from tilesrv.qgis.sources import Source
from tilesrv.qgis.vector_tiles import tile_labels, tile_renderer
from tilesrv.styles.book import layer_style, style_names
from tilesrv.styles.qml import layer_qml
from tilesrv.styles.scales import CSS_PX_M, scale_denominator

WIDEST_SCALE = "100000000"
FROM_AFAR = Text("{title}: nhìn từ xa (ảnh)", "{title}: from afar (pictures)")
GEOMETRIES = {"LineString": "Line"}  # QGIS's word where it is not that of the standard


@dataclass(frozen=True)
class MapLayer:
    """A layer as the tree of layers refers to it, and its element of the project."""

    id: str
    title: str
    source: Source
    element: Element
    shown: bool = False


def feature_layer(
    published: Published, caller: Caller, source: Source, language: Language, *, shown: bool
) -> MapLayer:
    """A layer of features with all its styles and its form; read-only where ``caller`` may not write."""
    layer = published.layer
    made = _map_layer(f"huong_layer_{layer.id}", "vector", layer.title.to(language), source)
    kind = GEOMETRY_KINDS[KINDS[layer.geometry.type]]
    made.element.set("geometry", GEOMETRIES.get(kind, kind))
    made.element.set("wkbType", layer.geometry.type if layer.geometry.type != "Geometry" else "Unknown")
    _describe(made.element, layer, language)
    styles = [
        (title, _styled(published, caller, style, language))
        for title, style in _named(layer, caller, published, language)
    ]
    made.element.append(_style_manager(styles))
    current = styles[0][1]
    made.element.attrib |= {name: text for name, text in current.attrib.items() if name != "version"}
    made.element.extend(current)
    return MapLayer(made.id, made.title, source, made.element, shown)


def picture_layer(name: str, title: Text, source: Source, credit: str, language: Language) -> MapLayer:
    """A layer of pictures made by the server."""
    made = _map_layer(f"huong_{name}", "raster", title.to(language), source)
    _attribute(made.element, credit)
    pipe = SubElement(made.element, "pipe")
    SubElement(pipe, "rasterrenderer", type="singlebandcolordata", band="1", opacity="1", alphaBand="-1")
    SubElement(
        pipe,
        "rasterresampler",
        maxOversampling="2",
        zoomedInResampler="bilinear",
        zoomedOutResampler="bilinear",
    )
    SubElement(pipe, "resamplingStage").text = "resamplingFilter"
    return made


def far_layer(layer: Layer, source: Source, language: Language, *, shown: bool) -> MapLayer | None:
    """Pictures of a full layer for the scales at which its features are not shown; None where they always are."""
    nearer = features_from(layer)
    if nearer is None:
        return None
    credit = layer.credit.to(language) if layer.credit else ""
    title = FROM_AFAR.format(title=layer.title.to(language))
    made = picture_layer(f"far_{layer.id}", title, source, credit, language)
    made.element.attrib |= {"hasScaleBasedVisibilityFlag": "1", "maxScale": nearer}
    return replace(made, shown=shown)


def tile_layer(published: Published, style: MapStyle, source: Source, language: Language) -> MapLayer:
    """A layer of vector tiles in the part of ``style`` that draws this collection."""
    layer = published.layer
    made = _map_layer(f"huong_tiles_{layer.id}", "vector-tile", layer.title.to(language), source)
    _attribute(made.element, layer.credit.to(language) if layer.credit else "")
    drawn = [each for each in style.layers if each.collection == layer.id]
    made.element.append(tile_renderer(drawn, layer))
    labels = tile_labels(drawn, layer)
    made.element.set("labelsEnabled", "1" if len(labels[0]) else "0")
    made.element.append(labels)
    return MapLayer(made.id, made.title, source, made.element, shown=True)


def _map_layer(id: str, type: str, title: str, source: Source) -> MapLayer:
    """``id`` has more than ten letters, or QGIS takes it for none and makes up another."""
    element = Element(
        "maplayer", type=type, maxScale="0", minScale=WIDEST_SCALE, hasScaleBasedVisibilityFlag="0"
    )
    for name, text in (("id", id), ("datasource", source.uri), ("layername", title)):
        SubElement(element, name).text = text
    SubElement(element, "srs").append(spatial_ref_sys(source.crs))
    provider = SubElement(element, "provider")
    provider.text = source.provider
    return MapLayer(id, title, source, element)


def _describe(element: Element, layer: Layer, language: Language) -> None:
    """What a layer's properties and tooltip in QGIS say of it."""
    said = [layer.description, *([layer.notice] if layer.notice else [])]
    credit = layer.credit.to(language) if layer.credit else ""
    metadata = SubElement(element, "resourceMetadata")
    for name, text in (
        ("identifier", layer.id),
        ("language", language),
        ("type", "dataset"),
        ("title", layer.title.to(language)),
        ("abstract", "\n".join(each.to(language) for each in said)),
        ("rights", credit),
    ):
        if text:
            SubElement(metadata, name).text = text
    SubElement(element, "abstract").text = "\n".join(each.to(language) for each in said)
    _attribute(element, credit)


def _attribute(element: Element, credit: str) -> None:
    """The source that must be named: QGIS's layouts and labels find it as ``@layer_attribution``."""
    if credit:
        SubElement(element, "attribution", href="").text = credit


def _named(
    layer: Layer, caller: Caller, published: Published, language: Language
) -> list[tuple[str, MapStyle]]:
    """The layer's styles by their titles, each different: QGIS knows styles by those."""
    found: dict[str, MapStyle] = {}
    for _, declared in style_names(layer):
        title = declared.title.to(language)
        while title in found:
            title = f"{title} ({declared.id})"
        found[title] = layer_style(published, caller, declared.id)
    return list(found.items())


def _styled(published: Published, caller: Caller, style: MapStyle, language: Language) -> Element:
    """The root of the style's QML, with what a project knows besides: who may write, and from where it is shown."""
    root = ET.fromstring(layer_qml(published, caller, style, language))
    root.set("readOnly", "0" if caller.may_write(published.layer) else "1")
    nearer = features_from(published.layer)
    if nearer is not None:
        root.attrib |= {"hasScaleBasedVisibilityFlag": "1", "minScale": nearer, "maxScale": "0"}
    return root


def features_from(layer: Layer) -> str | None:
    """The scale denominator below which the features of a layer are shown; None where tiles show them at any.

    From afar tiles of a full layer hold cells that sum features up. QGIS would load every feature there is.
    """
    if layer.overview is None:
        return None
    first = max(layer.zoom[0], layer.overview.max_zoom + 1) - 1
    return f"{scale_denominator(first, CSS_PX_M):.1f}"


def _style_manager(styles: Sequence[tuple[str, Element]]) -> Element:
    """The styles to choose from; that of the first, the current one, is written in the layer itself."""
    current = styles[0][0]
    made = Element("map-layer-style-manager", current=current)
    for title, root in styles:
        entry = SubElement(made, "map-layer-style", name=title)
        if title != current:
            entry.append(root)
    return made
