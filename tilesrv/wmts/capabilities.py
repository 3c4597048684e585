"""The capabilities document: operations, layers with their styles, the two grids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lxml import etree

from gis_core.words import Text
from tilesrv.grid import Box, TileId
from tilesrv.maps.boxes import in_crs
from tilesrv.maps.drawings import picture_name
from tilesrv.maps.offered import Offer, Offered
from tilesrv.maps.times import time_span
from tilesrv.matrix_sets import MATRIX_SETS, TILE_PX, MatrixSet
from tilesrv.wmts.request import EXTENSIONS, INFO_FORMATS, VERSION
from tilesrv.xml_names import XLINK, XSI

WMTS = "http://www.opengis.net/wmts/1.0"
OWS = "http://www.opengis.net/ows/1.1"
SCHEMA_LOCATION = f"{WMTS} http://schemas.opengis.net/wmts/1.0/wmtsGetCapabilities_response.xsd"
TITLE = Text("Hương: ô ảnh bản đồ thành phố Huế", "Hương: map tiles of the city of Huế")
ABSTRACT = Text(
    "Mọi lớp dữ liệu của thành phố, vẽ sẵn thành ô; lưới bản đồ web và lưới VN-2000.",
    "Every layer of the city, drawn in tiles; in the grid of web maps and in one of VN-2000.",
)
FILE = f"{VERSION}/WMTSCapabilities.xml"
SECTIONS = ("ServiceIdentification", "ServiceProvider", "OperationsMetadata", "Contents")


@dataclass(frozen=True)
class Described:
    """What the document is made of; ``url`` is that of the service, ``sections`` what of the document is wanted."""

    offer: Offer
    url: str
    origin: str
    language: str
    today: date
    sections: tuple[str, ...] = SECTIONS
    sequence: str | None = None


def capabilities(described: Described) -> bytes:
    """The document in UTF-8."""
    document = Document(described)
    written: bytes = etree.tostring(document.root(), xml_declaration=True, encoding="UTF-8")
    return written


def ows(name: str) -> str:
    return f"{{{OWS}}}{name}"


def add(parent: etree._Element, name: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    """A child: in the namespace of WMTS unless ``name`` brings its own."""
    child = etree.SubElement(parent, name if name.startswith("{") else f"{{{WMTS}}}{name}", attributes)
    child.text = text
    return child


class Document:
    """Writes elements of one document, whose language it holds."""

    def __init__(self, described: Described) -> None:
        self._d = described

    def said(self, parent: etree._Element, name: str, words: Text) -> None:
        add(parent, ows(name), words.to(self._d.language))

    def root(self) -> etree._Element:
        root = etree.Element(
            f"{{{WMTS}}}Capabilities", nsmap={None: WMTS, "ows": OWS, "xlink": XLINK, "xsi": XSI}
        )
        root.set(f"{{{XSI}}}schemaLocation", SCHEMA_LOCATION)
        root.set("version", VERSION)
        if self._d.sequence is not None:
            root.set("updateSequence", self._d.sequence)
        writers = (self.identification, self.provider, self.operations, self.contents)
        for section, write in zip(SECTIONS, writers, strict=True):
            if section in self._d.sections:
                write(root)
        if self._d.sections:
            add(root, "ServiceMetadataURL", **{f"{{{XLINK}}}href": f"{self._d.url}/{FILE}"})
        return root

    def identification(self, root: etree._Element) -> None:
        service = add(root, ows("ServiceIdentification"))
        self.said(service, "Title", TITLE)
        self.said(service, "Abstract", ABSTRACT)
        add(service, ows("ServiceType"), "OGC WMTS")
        add(service, ows("ServiceTypeVersion"), VERSION)
        add(service, ows("Fees"), "none")
        add(service, ows("AccessConstraints"), "none")

    def provider(self, root: etree._Element) -> None:
        provider = add(root, ows("ServiceProvider"))
        add(provider, ows("ProviderName"), "Hương")
        add(provider, ows("ProviderSite"), **{f"{{{XLINK}}}href": f"{self._d.origin}/"})
        add(provider, ows("ServiceContact"))

    def contents(self, root: etree._Element) -> None:
        contents = add(root, "Contents")
        for offered in self._d.offer.all:
            self.layer(contents, offered)
        for matrix_set in MATRIX_SETS.values():
            self.matrix_set(contents, matrix_set)

    def operations(self, root: etree._Element) -> None:
        """Every operation by key-value pairs; addresses are in each layer's templates."""
        operations = add(root, ows("OperationsMetadata"))
        for name in ("GetCapabilities", "GetTile", "GetFeatureInfo"):
            operation = add(operations, ows("Operation"), name=name)
            http = add(add(operation, ows("DCP")), ows("HTTP"))
            get = add(http, ows("Get"), **{f"{{{XLINK}}}href": f"{self._d.url}?"})
            allowed = add(add(get, ows("Constraint"), name="GetEncoding"), ows("AllowedValues"))
            add(allowed, ows("Value"), "KVP")

    def layer(self, contents: etree._Element, offered: Offered) -> None:
        layer = add(contents, "Layer")
        self.said(layer, "Title", offered.title)
        self.said(layer, "Abstract", offered.abstract)
        west, south, east, north = self._d.offer.box_of(offered)
        box = add(layer, ows("WGS84BoundingBox"))
        add(box, ows("LowerCorner"), f"{west:.6f} {south:.6f}")
        add(box, ows("UpperCorner"), f"{east:.6f} {north:.6f}")
        add(layer, ows("Identifier"), offered.name)
        for matrix_set in MATRIX_SETS.values():
            self.box_in(layer, matrix_set, (west, south, east, north))
        for at, each in enumerate(offered.styles):
            style = add(layer, "Style", **({"isDefault": "true"} if at == 0 else {}))
            self.said(style, "Title", each.title)
            add(style, ows("Identifier"), each.id)
            legend = f"{self._d.origin}/legend/{picture_name(offered.name, each.id)}.png"
            add(style, "LegendURL", format="image/png", **{f"{{{XLINK}}}href": legend})
        for format_ in EXTENSIONS:
            add(layer, "Format", format_)
        if offered.is_queryable:
            for format_ in INFO_FORMATS:
                add(layer, "InfoFormat", format_)
        span = time_span(offered, self._d.today)
        if span is not None:
            self.time(layer, span)
        for name in MATRIX_SETS:
            add(add(layer, "TileMatrixSetLink"), "TileMatrixSet", name)
        self.addresses(layer, offered.name, timed=span is not None)

    def box_in(self, layer: etree._Element, matrix_set: MatrixSet, degrees: Box) -> None:
        """The layer's box in the CRS of a set, as far as the set reaches: the box in degrees would have GDAL ask for
        tiles beyond it."""
        said = in_crs(degrees, matrix_set.crs)
        if said is None:
            return
        grid = matrix_set.box(TileId(0, 0, 0), matrix_set.across)
        west, south = max(said[0], grid[0]), max(said[1], grid[1])
        east, north = min(said[2], grid[2]), min(said[3], grid[3])
        if west < east and south < north:
            box = add(layer, ows("BoundingBox"), crs=crs_urn(matrix_set))
            add(box, ows("LowerCorner"), " ".join(numbers((west, south))))
            add(box, ows("UpperCorner"), " ".join(numbers((east, north))))

    def time(self, layer: etree._Element, said: str) -> None:
        """The dimension ``Time``."""
        dimension = add(layer, "Dimension")
        add(dimension, ows("Identifier"), "Time")
        add(dimension, ows("UOM"), "ISO8601")
        add(dimension, "Default", "current")
        add(dimension, "Current", "true")
        add(dimension, "Value", said)

    def addresses(self, layer: etree._Element, name: str, *, timed: bool) -> None:
        time = "{Time}/" if timed else ""
        for format_, extension in EXTENSIONS.items():
            template = (
                f"{self._d.url}/{VERSION}/{name}/{{Style}}/{time}{{TileMatrixSet}}/{{TileMatrix}}"
                f"/{{TileRow}}/{{TileCol}}.{extension}"
            )
            add(layer, "ResourceURL", format=format_, resourceType="tile", template=template)

    def matrix_set(self, contents: etree._Element, matrix_set: MatrixSet) -> None:
        element = add(contents, "TileMatrixSet")
        self.said(element, "Title", matrix_set.title)
        add(element, ows("Identifier"), matrix_set.id)
        add(element, ows("SupportedCRS"), crs_urn(matrix_set))
        if matrix_set.scale_set:
            add(element, "WellKnownScaleSet", "urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible")
        corner = " ".join(numbers(matrix_set.corner))
        for z in range(matrix_set.last + 1):
            matrix = add(element, "TileMatrix")
            add(matrix, ows("Identifier"), str(z))
            add(matrix, "ScaleDenominator", repr(matrix_set.denominator / (1 << z)))
            add(matrix, "TopLeftCorner", corner)
            for dimension in ("TileWidth", "TileHeight"):
                add(matrix, dimension, str(TILE_PX))
            for dimension in ("MatrixWidth", "MatrixHeight"):
                add(matrix, dimension, str(matrix_set.tiles_across(z)))


def crs_urn(matrix_set: MatrixSet) -> str:
    """The CRS of a set; that of a well-known scale set is named as OGC 07-057r7, annex E, names it."""
    edition = "6.18:3" if matrix_set.scale_set else ""
    return f"urn:ogc:def:crs:EPSG:{edition}:{matrix_set.srid}"


def numbers(values: Iterable[float]) -> list[str]:
    return [f"{value:.7f}".rstrip("0").rstrip(".") for value in values]
