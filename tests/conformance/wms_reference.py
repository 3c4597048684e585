"""A small WMS in memory, of both versions, that passes every check, so that one broken on purpose can be seen to fail.

`ReferenceWms.handle` is a function of a request; httpx's MockTransport calls it, no socket is opened. It draws
rectangles with Pillow.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

import httpx
from PIL import Image, ImageColor, ImageDraw

from tests.conformance.wms_client import WORDINGS, Box, WmsServer, Wording

URL = "http://wms.example/wms"
SEQUENCE = 7
LIMIT = 10
LARGEST = 1500
FORMATS = {"image/png": "png", "image/jpeg": "jpeg"}
INFO_FORMATS = ("text/plain", "application/json")
CRS = ("CRS:84", "EPSG:4326", "EPSG:3857")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
RADIUS = 6378137.0


class Refused(Exception):
    """An exception of the protocol."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Drawn:
    """A layer: a rectangle of degrees in a colour by style; an opaque one covers the picture."""

    name: str
    box: Box
    styles: dict[str, str]
    queryable: bool = True
    time: bool = False


LAYERS = {
    each.name: each
    for each in (
        Drawn("ground", (100.0, 8.0, 118.0, 24.0), {"day": "#eeeeee", "night": "#222222"}, queryable=False),
        Drawn("houses", (107.5, 16.4, 107.6, 16.5), {"plain": "#aa3300"}),
        Drawn("wards", (107.0, 16.0, 108.0, 16.8), {"plain": "#0033aa", "bold": "#000099"}, time=True),
    )
}


def mercator(lon: float, lat: float) -> tuple[float, float]:
    return math.radians(lon) * RADIUS, math.asinh(math.tan(math.radians(lat))) * RADIUS


def in_crs(box: Box, crs: str, version: str) -> Box:
    """A box of degrees as ``version`` writes it in ``crs``."""
    west, south, east, north = box
    if crs == "EPSG:3857":
        return (*mercator(west, south), *mercator(east, north))
    return (south, west, north, east) if crs == "EPSG:4326" and version == "1.3.0" else box


class ReferenceWms:
    """Three layers, in two groups."""

    def handle(self, request: httpx.Request) -> httpx.Response:
        given: dict[str, str] = {}
        for name, value in parse_qsl(request.url.query.decode(), keep_blank_values=True):
            given.setdefault(name.upper(), value)
        if request.url.path.startswith("/data/"):
            return httpx.Response(200, headers={"Content-Type": "application/json"}, content=b"{}")
        named = given.get("VERSION") or ("1.1.1" if "SRS" in given else "1.3.0")
        words = WORDINGS[
            named if named in WORDINGS else "1.3.0" if named >= "1" and named != "1.1.0" else "1.1.1"
        ]
        try:
            type_, body = self.answer(given, words)
        except Refused as refusal:
            type_, body = self.refusal(refusal, given, words)
        return httpx.Response(200, headers={"Content-Type": type_}, content=body)

    def answer(self, given: dict[str, str], words: Wording) -> tuple[str, bytes]:
        if given["REQUEST"] in ("GetMap", "GetFeatureInfo") and "VERSION" not in given:
            raise Refused("MissingParameterValue")
        if given["REQUEST"] == "GetCapabilities" and "SERVICE" not in given:
            raise Refused("MissingParameterValue")
        operations: dict[str, Callable[[dict[str, str], Wording], tuple[str, bytes]]] = {
            "GetCapabilities": self.capabilities,
            "GetMap": self.map,
            "GetFeatureInfo": self.info,
            "GetLegendGraphic": lambda *_: encoded(Image.new("RGB", (30, 20), "red"), "image/png"),
        }
        return operations[given["REQUEST"]](given, words)

    def refusal(self, refusal: Refused, given: dict[str, str], words: Wording) -> tuple[str, bytes]:
        code = "InvalidSRS" if refusal.code == "InvalidCRS" and words.number == "1.1.1" else refusal.code
        how = given.get("EXCEPTIONS", words.xml)
        if how in (words.inimage, words.blank):
            image = self.canvas(given)
            if how == words.inimage:
                ImageDraw.Draw(image).text((4, 4), code, "black")
            return encoded(image, given["FORMAT"])
        space = ' xmlns="http://www.opengis.net/ogc"' if words.number == "1.3.0" else ""
        return words.exception_type, (
            f'<ServiceExceptionReport version="{words.number}"{space}>'
            f'<ServiceException code="{code}">no</ServiceException></ServiceExceptionReport>'
        ).encode()

    # Capabilities -----------------------------------------------------------------------------------------------

    def capabilities(self, given: dict[str, str], words: Wording) -> tuple[str, bytes]:
        asked = given.get("UPDATESEQUENCE")
        if asked is not None and int(asked) >= SEQUENCE:
            raise Refused("CurrentUpdateSequence" if int(asked) == SEQUENCE else "InvalidUpdateSequence")
        space = ' xmlns="http://www.opengis.net/wms"' if words.number == "1.3.0" else ""
        link = 'xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href'
        formats = {
            "GetCapabilities": [words.capabilities_type],
            "GetMap": list(FORMATS),
            "GetFeatureInfo": list(INFO_FORMATS),
        }
        operations = "".join(
            f"<{name}>{''.join(f'<Format>{each}</Format>' for each in listed)}<DCPType><HTTP><Get>"
            f'<OnlineResource {link}="{URL}?"/></Get></HTTP></DCPType></{name}>'
            for name, listed in formats.items()
        )
        exceptions = "".join(f"<Format>{each}</Format>" for each in (words.xml, words.inimage, words.blank))
        ground, *others = (self.layer(each, words, link) for each in LAYERS.values())
        root = "".join(f"<{words.crs}>{crs}</{words.crs}>" for crs in CRS)
        body = (
            f'<{words.root}{space} version="{words.number}" updateSequence="{SEQUENCE}"><Service><Name>WMS</Name>'
            f"<LayerLimit>{LIMIT}</LayerLimit><MaxWidth>{LARGEST}</MaxWidth><MaxHeight>{LARGEST}</MaxHeight></Service>"
            f"<Capability><Request>{operations}</Request><Exception>{exceptions}</Exception><Layer><Title>All</Title>"
            f"{root}{boxes(LAYERS['ground'].box, words)}{ground}<Layer><Title>City</Title>{''.join(others)}</Layer>"
            f"</Layer></Capability></{words.root}>"
        )
        return words.capabilities_type, body.encode()

    def layer(self, drawn: Drawn, words: Wording, link: str) -> str:
        styles = "".join(
            f'<Style><Name>{style}</Name><LegendURL width="30" height="20"><Format>image/png</Format>'
            f'<OnlineResource {link}="{URL}?version={words.number}&amp;request=GetLegendGraphic"/>'
            "</LegendURL></Style>"
            for style in drawn.styles
        )
        time = (
            '<Dimension name="time" units="ISO8601">2020-01-01/2026-01-01/P1D</Dimension>'
            if drawn.time
            else ""
        )
        return (
            f'<Layer queryable="{int(drawn.queryable)}" opaque="{int(not drawn.queryable)}"><Name>{drawn.name}</Name>'
            f"{boxes(drawn.box, words)}{time}<DataURL><Format>application/json</Format>"
            f'<OnlineResource {link}="http://wms.example/data/{drawn.name}"/></DataURL>{styles}</Layer>'
        )

    # Maps -------------------------------------------------------------------------------------------------------

    def map(self, given: dict[str, str], words: Wording) -> tuple[str, bytes]:
        if given["FORMAT"] not in FORMATS:
            raise Refused("InvalidFormat")
        chosen = self.chosen(given)
        box = self.box(given, words)
        image = self.canvas(given)
        for layer, style in chosen:
            paint(image, box, layer, style)
        return encoded(image, given["FORMAT"])

    def chosen(self, given: dict[str, str]) -> list[tuple[Drawn, str]]:
        names = given["LAYERS"].split(",")
        if len(names) > LIMIT:
            raise Refused("LayerNotDefined")
        styles = given.get("STYLES", "").split(",") if given.get("STYLES") else [""] * len(names)
        found = []
        for name, style in zip(names, styles, strict=True):
            if name not in LAYERS:
                raise Refused("LayerNotDefined")
            known = LAYERS[name].styles
            if style and style not in known:
                raise Refused("StyleNotDefined")
            found.append((LAYERS[name], known[style or next(iter(known))]))
        return found

    def box(self, given: dict[str, str], words: Wording) -> Box:
        """The box in degrees, west, south, east, north."""
        crs = given[words.crs]
        if crs not in CRS:
            raise Refused("InvalidCRS")
        numbers = given["BBOX"].split(",")
        if len(numbers) != 4 or not all(NUMBER.fullmatch(each) for each in numbers):
            raise Refused("InvalidParameterValue")
        minx, miny, maxx, maxy = map(float, numbers)
        if minx >= maxx or miny >= maxy:
            raise Refused("InvalidParameterValue")
        if crs == "EPSG:4326" and words.number == "1.3.0":
            minx, miny, maxx, maxy = miny, minx, maxy, maxx
        if crs == "EPSG:3857":
            minx, maxx = (math.degrees(each / RADIUS) for each in (minx, maxx))
            miny, maxy = (math.degrees(math.atan(math.sinh(each / RADIUS))) for each in (miny, maxy))
        return minx, miny, maxx, maxy

    def canvas(self, given: dict[str, str]) -> Image.Image:
        size = int(given["WIDTH"]), int(given["HEIGHT"])
        if given.get("TRANSPARENT", "FALSE").upper() == "TRUE":
            return Image.new("RGBA", size)
        colour = "#" + given.get("BGCOLOR", "0xFFFFFF")[2:]
        return Image.new("RGBA", size, (*ImageColor.getrgb(colour)[:3], 255))

    def info(self, given: dict[str, str], words: Wording) -> tuple[str, bytes]:
        self.box(given, words)
        drawn = {layer.name: layer for layer, _ in self.chosen(given)}
        for name in given["QUERY_LAYERS"].split(","):
            if name not in drawn:
                raise Refused("LayerNotDefined")
            if not drawn[name].queryable:
                raise Refused("LayerNotQueryable")
        if given["INFO_FORMAT"] not in INFO_FORMATS:
            raise Refused("InvalidFormat")
        inside = int(given[words.column]) < int(given["WIDTH"]) and int(given[words.row]) < int(
            given["HEIGHT"]
        )
        if not inside:
            raise Refused("InvalidPoint")
        return given["INFO_FORMAT"], b"{}"


def boxes(box: Box, words: Wording) -> str:
    west, south, east, north = box
    if words.number == "1.3.0":
        names = ("westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude")
        values = zip(names, (west, east, south, north), strict=True)
        text = "".join(f"<{name}>{value}</{name}>" for name, value in values)
        text = f"<EX_GeographicBoundingBox>{text}</EX_GeographicBoundingBox>"
    else:
        text = f'<LatLonBoundingBox minx="{west}" miny="{south}" maxx="{east}" maxy="{north}"/>'
    for crs in CRS:
        minx, miny, maxx, maxy = in_crs(box, crs, words.number)
        text += f'<BoundingBox {words.crs}="{crs}" minx="{minx}" miny="{miny}" maxx="{maxx}" maxy="{maxy}"/>'
    return text


def paint(image: Image.Image, box: Box, layer: Drawn, colour: str) -> None:
    """The layer's rectangle, with a border, so that a picture of all of it has two colours."""
    west, south, east, north = box
    width, height = image.size
    left = (layer.box[0] - west) / (east - west) * width
    right = (layer.box[2] - west) / (east - west) * width
    top = (north - layer.box[3]) / (north - south) * height
    bottom = (north - layer.box[1]) / (north - south) * height
    if right <= 0 or left >= width or bottom <= 0 or top >= height:
        return
    ImageDraw.Draw(image).rectangle((left, top, right, bottom), fill=colour, outline="#123456", width=2)


def encoded(image: Image.Image, type_: str) -> tuple[str, bytes]:
    out = io.BytesIO()
    kind = FORMATS.get(type_, "png")
    (image.convert("RGB") if kind == "jpeg" else image).save(out, kind)
    return f"image/{kind}", out.getvalue()


def serve(handle: Callable[[httpx.Request], httpx.Response], version: str) -> WmsServer:
    return WmsServer(httpx.Client(transport=httpx.MockTransport(handle)), URL, version)
