"""The whole project: a document of QGIS 3.22, which newer versions read too, in an archive (``.qgz``)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

from gis_core.audiences import CITIZEN, Caller
from gis_core.crs import CRS84, EPSG3857, EPSG9214, SUPPORTED, Crs
from gis_core.layer import BASE_MAP, Layer
from gis_core.registry import Catalogue, Published
from gis_core.words import Language, Text
from tilesrv.maps.offered import MODE_TITLES
from tilesrv.matrix_sets import VN2000
from tilesrv.qgis import sources
from tilesrv.qgis.crs_xml import spatial_ref_sys
from tilesrv.qgis.map_layers import MapLayer, far_layer, feature_layer, picture_layer, tile_layer
from tilesrv.qgis.tree import Group, layer_tree
from tilesrv.styles.book import BASEMAP, basemap, ground_layers
from tilesrv.styles.qml import VERSION

FILE = "huong.qgs"
HEAD = b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
TITLE = Text("Hương: bản đồ thành phố Huế", "Hương: the map of the city of Huế")
ABSTRACT = Text(
    "Mọi lớp dữ liệu của thành phố Huế mà bạn được xem, theo kiểu hiển thị và biểu mẫu của thành phố.",
    "Every layer of the city of Huế that you may see, in the city's styles and with its forms.",
)
GROUNDS = Text("Chọn một nền", "One of these")
TILES = Text("Ô vectơ", "Vector tiles")
PICTURE = Text("{mode} (ảnh)", "{mode} (pictures)")
IN_VN2000 = Text("{mode} (WMTS, lưới VN-2000)", "{mode} (WMTS, VN-2000 grid)")
PROJECT_CRS = EPSG9214
SCALES = (250, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)
VIEW = (
    553_000.0,
    1_815_000.0,
    573_000.0,
    1_827_000.0,
)  # the city about the Citadel: x, y in metres of EPSG:9214
WRITTEN = (1980, 1, 1, 0, 0, 0)  # in the archive, so that equal projects are equal bytes


@dataclass(frozen=True)
class Asked:
    """``url``: our address without a trailing slash; ``authcfg``: an identifier that the user's QGIS knows.

    ``exact`` asks for layers that are kept in another CRS in that one, which QGIS 3.28 and newer can.
    """

    url: str
    language: Language
    authcfg: str | None = None
    exact: bool = False


def project_archive(catalogue: Catalogue, caller: Caller, asked: Asked) -> bytes:
    """The ``.qgz`` of what ``caller`` sees; equal for equal catalogues, callers and questions."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        entry = zipfile.ZipInfo(FILE, WRITTEN)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, project_document(catalogue, caller, asked))
    return body.getvalue()


def project_document(catalogue: Catalogue, caller: Caller, asked: Asked) -> bytes:
    """The ``.qgs``."""
    groups = [*data_groups(catalogue, caller, asked), ground_group(catalogue, caller, asked)]
    layers = [layer for group in groups for layer in group.layers()]
    language = asked.language
    root = Element("qgis", projectname=TITLE.to(language), version=VERSION)
    SubElement(root, "homePath", path="")
    SubElement(root, "title").text = TITLE.to(language)
    SubElement(root, "projectCrs").append(spatial_ref_sys(PROJECT_CRS))
    root.append(layer_tree(groups))
    root.append(map_canvas())
    SubElement(root, "projectlayers").extend(layer.element for layer in layers)
    order = SubElement(root, "layerorder")
    for layer in layers:
        SubElement(order, "layer", id=layer.id)
    credit = credits_of(catalogue, caller, language)
    root.append(properties(credit))
    root.append(metadata(credit, language))
    root.append(view_settings())
    ET.indent(root, space=" ")
    text: bytes = ET.tostring(root, "utf-8")
    return HEAD + text


# Groups -----------------------------------------------------------------------------------------------------------


def data_groups(catalogue: Catalogue, caller: Caller, asked: Asked) -> list[Group]:
    """The layers of the list by their groups, in the order of every list of ours; those of the ground are elsewhere."""
    listed = [each for each in seen(catalogue, caller) if each.layer.group != BASE_MAP]
    return [
        Group(title.to(asked.language), [layer for each in members for layer in drawn(each, caller, asked)])
        for title, members in groupby(listed, key=lambda each: each.layer.group)
    ]


def drawn(published: Published, caller: Caller, asked: Asked) -> list[MapLayer]:
    """A layer of features and, where it is too full to be loaded from afar, its pictures."""
    layer, shown = published.layer, opens_shown(published.layer)
    pictures = sources.pictures(layer.id, asked.url, EPSG3857, asked.authcfg)
    far = far_layer(layer, pictures, asked.language, shown=shown)
    return [features(published, caller, asked, shown=shown), *([far] if far else [])]


def opens_shown(layer: Layer) -> bool:
    """Not what the ground shows already, nor all the ages of a thing above each other."""
    return layer.ground is None and (layer.time is None or layer.time.end is None)


def seen(catalogue: Catalogue, caller: Caller) -> list[Published]:
    listed = [each for each in catalogue.seen_by(caller) if each.layer.listed]
    return sorted(listed, key=lambda each: (each.layer.group.vi, each.layer.title.vi, each.layer.id))


def features(published: Published, caller: Caller, asked: Asked, *, shown: bool) -> MapLayer:
    crs = storage_crs(published.layer) if asked.exact else CRS84
    source = sources.features(published, asked.url, crs, asked.authcfg)
    return feature_layer(published, caller, source, asked.language, shown=shown)


def storage_crs(layer: Layer) -> Crs:
    """The CRS in which a layer loses nothing."""
    return next((crs for crs in SUPPORTED if crs.srid == layer.geometry.original_srid), CRS84)


def ground_group(catalogue: Catalogue, caller: Caller, asked: Asked) -> Group:
    """What lies under the data: the ground's own layers, hidden, above a choice of drawings of it.

    The drawings are those of citizens, whoever asks: they need no sign-in and come from the fast cache.
    """
    language = asked.language
    own = [each for each in seen(catalogue, caller) if each.layer.group == BASE_MAP]
    credit = " · ".join(sorted(set(credits_among(ground_layers(catalogue, CITIZEN), language))))
    pictures = [
        picture_layer(
            f"picture_{mode}",
            PICTURE.format(mode=title.to(language)),
            sources.pictures(BASEMAP if mode == "day" else f"{BASEMAP}-{mode}", asked.url, EPSG3857),
            credit,
            language,
        )
        for mode, title in MODE_TITLES.items()
    ]
    day = IN_VN2000.format(mode=MODE_TITLES["day"].to(language))
    in_vn2000 = picture_layer(
        "picture_vn2000", day, sources.matrix_pictures("day", VN2000, asked.url), credit, language
    )
    choice: list[Group | MapLayer] = [*pictures, in_vn2000, tiles_group(catalogue, asked)]
    members = [features(each, caller, asked, shown=False) for each in own]
    return Group(BASE_MAP.to(language), [*members, Group(GROUNDS.to(language), choice, one_of=True)])


def tiles_group(catalogue: Catalogue, asked: Asked) -> Group:
    """The basemap in vector tiles, a layer of QGIS to each of ours since each has its own tiles."""
    style = basemap(catalogue, CITIZEN)
    ground = ground_layers(catalogue, CITIZEN)
    layers = [
        tile_layer(each, style, sources.vector_tiles(each, asked.url, EPSG3857), asked.language)
        for each in reversed(ground)
    ]
    return Group(TILES.to(asked.language), layers, expanded=False)


# The rest of the document -----------------------------------------------------------------------------------------


def credits_among(found: Sequence[Published], language: Language) -> list[str]:
    return [each.layer.credit.to(language) for each in found if each.layer.credit]


def credits_of(catalogue: Catalogue, caller: Caller, language: Language) -> str:
    """Every source to be named, each once."""
    return " · ".join(sorted(set(credits_among(seen(catalogue, caller), language))))


def map_canvas() -> Element:
    """Where the map opens."""
    made = Element("mapcanvas", name="theMapCanvas", annotationsVisible="1")
    SubElement(made, "units").text = "meters"
    extent = SubElement(made, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), VIEW, strict=True):
        SubElement(extent, name).text = f"{value:.0f}"
    SubElement(made, "rotation").text = "0"
    SubElement(made, "destinationsrs").append(spatial_ref_sys(PROJECT_CRS))
    return made


def view_settings() -> Element:
    """The scales that QGIS offers, and what "zoom full" shows."""
    made = Element("ProjectViewSettings", UseProjectScales="1", rotation="0")
    scales = SubElement(made, "Scales")
    for denominator in SCALES:
        SubElement(scales, "Scale", Value=str(denominator))
    west, south, east, north = (f"{value:.0f}" for value in VIEW)
    box = SubElement(made, "DefaultViewExtent", xmin=west, ymin=south, xmax=east, ymax=north)
    box.append(spatial_ref_sys(PROJECT_CRS))
    return made


def properties(credit: str) -> Element:
    """Units of measures, digits of coordinates, and the sources named in a corner of the map."""
    made = Element("properties")
    entries = (
        ("SpatialRefSys", (("ProjectionsEnabled", "int", "1"),)),
        ("Measurement", (("AreaUnits", "QString", "m2"), ("DistanceUnits", "QString", "meters"))),
        ("Measure", (("Ellipsoid", "QString", "EPSG:7030"),)),
        ("PositionPrecision", (("Automatic", "bool", "false"), ("DecimalPlaces", "int", "2"))),
        ("Paths", (("Absolute", "bool", "true"),)),
        (
            "CopyrightLabel",
            (("Enabled", "bool", "true" if credit else "false"), ("Label", "QString", credit)),
        ),
    )
    for scope, values in entries:
        section = SubElement(made, scope)
        for name, kind, text in values:
            SubElement(section, name, type=kind).text = text
    return made


def metadata(credit: str, language: Language) -> Element:
    made = Element("projectMetadata")
    for name, text in (
        ("identifier", "huong"),
        ("language", language),
        ("type", "dataset"),
        ("title", TITLE.to(language)),
        ("abstract", ABSTRACT.to(language)),
        ("rights", credit),
        ("author", "Hương"),
    ):
        SubElement(made, name).text = text
    return made
