"""The capabilities document of either version: what the service can do, then the tree of layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from urllib.parse import quote

from lxml import etree

from gis_core.words import Text
from tilesrv.grid import Box
from tilesrv.maps.boxes import in_crs
from tilesrv.maps.offered import Offer, Offered
from tilesrv.maps.times import time_span
from tilesrv.wms.feature_answers import FORMATS as INFO_FORMATS
from tilesrv.wms.legends import Sizes
from tilesrv.wms.map import MOST_LAYERS
from tilesrv.wms.parameters import CRS_NAMES, FORMATS, MOST_PIXELS, NamedCrs
from tilesrv.wms.versions import V130, WMS_SCHEMAS, XML, Version
from tilesrv.xml_names import SLD, XLINK, XSI

WMS = "http://www.opengis.net/wms"
SCHEMA_LOCATIONS = (
    f"{WMS} {WMS_SCHEMAS}/1.3.0/capabilities_1_3_0.xsd"
    f" {SLD} http://schemas.opengis.net/sld/1.1.0/sld_capabilities.xsd"
)
DOCTYPE = f'<!DOCTYPE WMT_MS_Capabilities SYSTEM "{WMS_SCHEMAS}/1.1.1/WMS_MS_Capabilities.dtd">'
CAPABILITIES_111 = "application/vnd.ogc.wms_xml"

TITLE = Text("Hương: bản đồ thành phố Huế", "Hương: maps of the city of Huế")
ABSTRACT = Text(
    "Mọi lớp dữ liệu của thành phố, vẽ theo kiểu của từng lớp. Cùng dữ liệu ở dạng đối tượng: OGC API tại /ogcapi/.",
    "Every layer of the city, drawn in the layer's own style. The same data as features: OGC API at /ogcapi/.",
)
KEYWORDS = ("Huế", "OGC", "WMS")

# Metres of EPSG:3857 to a px of 0.28 mm at the style's zoom 0, as a scale denominator.
DENOMINATOR_0 = 78271.516964020485 / 0.00028
# A metre of Web Mercator is less on the ground, by the cosine of the latitude: 0.91 at the north of Việt Nam.
LEAST_GROUND = 0.9


@dataclass(frozen=True)
class Described:
    """What a capabilities document is made of."""

    version: Version
    offer: Offer
    url: str  # of the service, without a query
    origin: str
    language: str
    sequence: str  # updateSequence
    today: date
    legends: Sizes


def capabilities(described: Described) -> bytes:
    """The document in UTF-8."""
    document = Document(described)
    root = document.root()
    doctype = None if described.version is V130 else DOCTYPE
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", doctype=doctype)
    return written


class Document:
    """Writes elements of one document, whose version and language it holds."""

    def __init__(self, described: Described) -> None:
        self._is_130 = described.version is V130
        self._d = described
        self._crs = [
            NamedCrs(name, crs, self._is_130 and crs.flipped)
            for name, crs in CRS_NAMES.items()
            if self._is_130 or name != "CRS:84"  # in 1.1.1 EPSG:4326 is x, y already
        ]

    # Small things ---------------------------------------------------------------------------------------------

    def tag(self, name: str) -> str:
        return f"{{{WMS}}}{name}" if self._is_130 else name

    def add(
        self, parent: etree._Element, name: str, text: str | None = None, /, **attributes: str
    ) -> etree._Element:
        """A child in the document's namespace."""
        child = etree.SubElement(parent, self.tag(name), attributes)
        child.text = text
        return child

    def said(self, parent: etree._Element, name: str, words: Text) -> None:
        self.add(parent, name, words.to(self._d.language))

    def link(self, parent: etree._Element, href: str) -> None:
        # The document type of 1.1.1 has the namespace declared on each of these, and nowhere else.
        child = etree.SubElement(parent, self.tag("OnlineResource"), nsmap={"xlink": XLINK})
        child.set(f"{{{XLINK}}}type", "simple")
        child.set(f"{{{XLINK}}}href", href)

    # Service --------------------------------------------------------------------------------------------------

    def root(self) -> etree._Element:
        number, sequence = self._d.version.number, self._d.sequence
        if self._is_130:
            spaces = {None: WMS, "xlink": XLINK, "sld": SLD, "xsi": XSI}
            root = etree.Element(self.tag("WMS_Capabilities"), nsmap=spaces)
            root.set(f"{{{XSI}}}schemaLocation", SCHEMA_LOCATIONS)
        else:
            root = etree.Element("WMT_MS_Capabilities")
        root.set("version", number)
        root.set("updateSequence", sequence)
        self.service(root)
        self.capability(root)
        return root

    def service(self, root: etree._Element) -> None:
        service = self.add(root, "Service")
        self.add(service, "Name", "WMS" if self._is_130 else "OGC:WMS")
        self.said(service, "Title", TITLE)
        self.said(service, "Abstract", ABSTRACT)
        keywords = self.add(service, "KeywordList")
        for word in KEYWORDS:
            self.add(keywords, "Keyword", word)
        self.link(service, f"{self._d.origin}/")
        self.add(service, "Fees", "none")
        self.add(service, "AccessConstraints", "none")
        if self._is_130:
            self.add(service, "LayerLimit", str(MOST_LAYERS))
            self.add(service, "MaxWidth", str(MOST_PIXELS))
            self.add(service, "MaxHeight", str(MOST_PIXELS))

    def capability(self, root: etree._Element) -> None:
        capability = self.add(root, "Capability")
        request = self.add(capability, "Request")
        self.operation(request, "GetCapabilities", [XML if self._is_130 else CAPABILITIES_111])
        self.operation(request, "GetMap", FORMATS)
        self.operation(request, "GetFeatureInfo", INFO_FORMATS)
        name = f"{{{SLD}}}GetLegendGraphic" if self._is_130 else "GetLegendGraphic"
        self.operation(request, name, ["image/png"])
        exception = self.add(capability, "Exception")
        for format_ in self._d.version.exceptions:
            if format_ != "TEXT/XML":
                self.add(exception, "Format", format_ if self._is_130 else format_.lower())
        if not self._is_130:
            refused = dict.fromkeys(("SupportSLD", "UserLayer", "UserStyle", "RemoteWFS"), "0")
            self.add(capability, "UserDefinedSymbolization", **refused)
        self.layers(capability)

    def operation(self, request: etree._Element, name: str, formats: Iterable[str]) -> None:
        operation = etree.SubElement(request, name if name.startswith("{") else self.tag(name))
        for format_ in formats:
            self.add(operation, "Format", format_)
        http = self.add(self.add(operation, "DCPType"), "HTTP")
        self.link(self.add(http, "Get"), f"{self._d.url}?")

    # Layers ---------------------------------------------------------------------------------------------------

    def layers(self, capability: etree._Element) -> None:
        root = self.add(capability, "Layer")
        self.said(root, "Title", TITLE)
        for crs in self._crs:
            self.add(root, self._d.version.crs_parameter, crs.name)
        self.boxes(root, self._d.offer.box)
        self.layer(root, self._d.offer.basemap)
        for title, members in self._d.offer.groups:
            group = self.add(root, "Layer")
            self.said(group, "Title", title)
            for member in members:
                self.layer(group, member)

    def layer(self, parent: etree._Element, offered: Offered) -> None:
        element = self.add(parent, "Layer", queryable=str(int(offered.is_queryable)))
        if offered.published is None:
            element.set("opaque", "1")
        self.add(element, "Name", offered.name)
        self.said(element, "Title", offered.title)
        self.said(element, "Abstract", offered.abstract)
        self.boxes(element, self._d.offer.box_of(offered))
        layer = offered.published.layer if offered.published else None
        span = time_span(offered, self._d.today)
        if span is not None:
            self.time(element, span)
        if layer is not None and layer.credit:
            self.said(self.add(element, "Attribution"), "Title", layer.credit)
        if layer is not None:
            data = self.add(element, "DataURL")
            self.add(data, "Format", "application/json")
            self.link(data, f"{self._d.origin}/ogcapi/collections/{layer.id}?f=json")
        self.styles(element, offered)
        self.scales(element, offered)

    def styles(self, element: etree._Element, offered: Offered) -> None:
        for each in offered.styles:
            style = self.add(element, "Style")
            self.add(style, "Name", each.id)
            self.said(style, "Title", each.title)
            width, height = self._d.legends[offered.name, each.id]
            url = self.add(style, "LegendURL", width=str(width), height=str(height))
            self.add(url, "Format", "image/png")
            self.link(url, legend_url(self._d.url, self._d.version, offered.name, each.id))

    def boxes(self, element: etree._Element, box: Box) -> None:
        """The box in degrees, then in every CRS in which it can be said."""
        names = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
        if self._is_130:
            geographic = self.add(element, "EX_GeographicBoundingBox")
            for at in (0, 2, 1, 3):
                self.add(geographic, names[at], number(box[at]))
        else:
            self.add(element, "LatLonBoundingBox", **bounds(box))
        for crs in self._crs:
            said = in_crs(box, crs.crs)
            if said is not None:
                attributes = {self._d.version.crs_parameter: crs.name, **bounds(crs.in_xy(said))}
                self.add(element, "BoundingBox", **attributes)

    def time(self, element: etree._Element, said: str) -> None:
        """The dimension ``time``."""
        if self._is_130:
            self.add(element, "Dimension", said, name="time", units="ISO8601", default="current", current="1")
        else:
            self.add(element, "Dimension", name="time", units="ISO8601")
            self.add(element, "Extent", said, name="time", default="current")

    def scales(self, element: etree._Element, offered: Offered) -> None:
        """The scales between which something is drawn, if that is not all of them."""
        low, high = offered.zooms
        largest = DENOMINATOR_0 / 2**low if low > 0 else None
        smallest = DENOMINATOR_0 / 2**high * LEAST_GROUND if high < 20 else None
        if self._is_130:
            if smallest:
                self.add(element, "MinScaleDenominator", f"{smallest:.0f}")
            if largest:
                self.add(element, "MaxScaleDenominator", f"{largest:.0f}")
        elif smallest or largest:
            hints = {"min": smallest or 0.0, "max": largest or 1e9}
            self.add(element, "ScaleHint", **{k: f"{diagonal(v):.4f}" for k, v in hints.items()})


def bounds(box: Box) -> Mapping[str, str]:
    return dict(zip(("minx", "miny", "maxx", "maxy"), map(number, box), strict=True))


def number(value: float) -> str:
    """Seven decimals at most: a centimetre of a degree."""
    return f"{value:.7f}".rstrip("0").rstrip(".")


def diagonal(denominator: float) -> float:
    """ScaleHint of 1.1.1: the diagonal of a pixel of 0.28 mm on the ground, in metres."""
    return denominator * 0.00028 * sqrt(2)


def legend_url(url: str, version: Version, layer: str, style: str) -> str:
    return (
        f"{url}?service=WMS&version={version.number}&request=GetLegendGraphic&format=image/png"
        f"&layer={quote(layer)}&style={quote(style)}"
    )
