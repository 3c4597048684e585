"""A WMS under test, of either version, and what its capabilities say, read alike for both."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx
from lxml import etree
from PIL import Image

from tests.conformance.checks import CheckFailed, NothingToTry, equal, need

WMS = "{http://www.opengis.net/wms}"
OGC = "{http://www.opengis.net/ogc}"
HREF = "{http://www.w3.org/1999/xlink}href"
PARSER = etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False)


@dataclass(frozen=True)
class Wording:
    """What one version calls things."""

    number: str
    root: str
    crs: str
    column: str
    row: str
    xml: str
    inimage: str
    blank: str
    exception_type: str
    capabilities_type: str
    geographic: str  # the CRS in which x is longitude

    def tag(self, name: str) -> str:
        return f"{WMS}{name}" if self.number == "1.3.0" else name


WORDINGS = {
    "1.3.0": Wording(
        "1.3.0",
        "WMS_Capabilities",
        "CRS",
        "I",
        "J",
        "XML",
        "INIMAGE",
        "BLANK",
        "text/xml",
        "text/xml",
        "CRS:84",
    ),
    "1.1.1": Wording(
        "1.1.1",
        "WMT_MS_Capabilities",
        "SRS",
        "X",
        "Y",
        "application/vnd.ogc.se_xml",
        "application/vnd.ogc.se_inimage",
        "application/vnd.ogc.se_blank",
        "application/vnd.ogc.se_xml",
        "application/vnd.ogc.wms_xml",
        "EPSG:4326",
    ),
}
Box = tuple[float, float, float, float]


@dataclass
class Layer:
    """A layer of the tree; ``element`` is its own, ``parents`` those above it, the root last."""

    element: etree._Element
    parents: list[etree._Element]
    words: Wording

    def own(self, name: str) -> list[etree._Element]:
        return self.element.findall(self.words.tag(name))

    def inherited(self, name: str) -> list[etree._Element]:
        """Its own elements and those of its parents."""
        return [each for one in (self.element, *self.parents) for each in one.findall(self.words.tag(name))]

    @property
    def name(self) -> str:
        return self.element.findtext(self.words.tag("Name")) or ""

    @property
    def is_queryable(self) -> bool:
        return self.element.get("queryable") in ("1", "true")

    @property
    def crs(self) -> list[str]:
        return [str(each.text) for each in self.inherited(self.words.crs)]

    @property
    def boxes(self) -> dict[str, Box]:
        """The boxes by CRS as they are written, its own before inherited ones."""
        found: dict[str, Box] = {}
        for each in self.inherited("BoundingBox"):
            values = tuple(float(each.get(name, "nan")) for name in ("minx", "miny", "maxx", "maxy"))
            found.setdefault(each.get(self.words.crs, ""), values)  # type: ignore[arg-type]
        return found

    @property
    def geographic(self) -> Box:
        """West, south, east, north."""
        if self.words.number == "1.1.1":
            (found, *_) = self.inherited("LatLonBoundingBox")
            return tuple(float(found.get(name, "nan")) for name in ("minx", "miny", "maxx", "maxy"))  # type: ignore[return-value]
        (found, *_) = self.inherited("EX_GeographicBoundingBox")
        names = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
        return tuple(float(found.findtext(f"{WMS}{name}") or "nan") for name in names)  # type: ignore[return-value]

    @property
    def styles(self) -> list[str]:
        return [each.findtext(self.words.tag("Name")) or "" for each in self.inherited("Style")]


@dataclass
class WmsServer:
    """The service under test; ``url`` has no query."""

    client: httpx.Client
    url: str
    version: str
    _memory: dict[object, Any] = field(default_factory=dict)

    @property
    def words(self) -> Wording:
        return WORDINGS[self.version]

    def ask(self, **parameters: object) -> httpx.Response:
        """GET with the names of parameters in mixed case, as the suite sends them."""
        sent = {mixed(name): str(value) for name, value in parameters.items() if value is not None}
        return self.client.get(self.url, params=sent)

    @cached_property
    def document(self) -> etree._Element:
        return self.capabilities(self.ask(service="WMS", request="GetCapabilities", version=self.version))

    def capabilities(self, answer: httpx.Response) -> etree._Element:
        """The root of a capabilities document; CheckFailed for anything else."""
        equal(media_type(answer), self.words.capabilities_type, "media type of the capabilities")
        root = etree.fromstring(answer.content, PARSER)
        equal(root.tag, self.words.tag(self.words.root), "root element of the capabilities")
        return root

    def path(self, path: str) -> list[etree._Element]:
        """Elements of the capabilities by a path of names."""
        return self.document.findall("/".join(self.words.tag(name) for name in path.split("/")))

    @cached_property
    def layers(self) -> list[Layer]:
        """All layers, the root first."""
        return list(self._walk(self.path("Capability/Layer")[0], []))

    def _walk(self, element: etree._Element, parents: list[etree._Element]) -> Iterator[Layer]:
        yield Layer(element, parents, self.words)
        for child in element.findall(self.words.tag("Layer")):
            yield from self._walk(child, [element, *parents])

    @property
    def named(self) -> list[Layer]:
        return [each for each in self.layers if each.name]

    @property
    def queryable(self) -> list[Layer]:
        return [each for each in self.named if each.is_queryable]

    def formats(self, operation: str) -> list[str]:
        return [str(each.text) for each in self.path(f"Capability/Request/{operation}/Format")]

    @property
    def local(self) -> Layer:
        """A named layer whose box is not the whole world, which the suite takes to ask beside it."""
        for layer in self.named:
            west, south, _, _ = layer.geographic
            if west > -180 and south > -90:
                return layer
        raise NothingToTry("every layer covers the world")

    # Asking -----------------------------------------------------------------------------------------------------

    def map_query(self, *layers: Layer, **changes: object) -> dict[str, object]:
        """A valid GetMap request of 200 by 200 px over the first layer's box, in the geographic CRS."""
        (first, *_) = layers or self.named
        names = ",".join(each.name for each in (layers or (first,)))
        query: dict[str, object] = {
            "version": self.version,
            "request": "GetMap",
            "layers": names,
            "styles": "",
            "crs": self.words.geographic,
            "bbox": written(first.geographic),
            "width": 200,
            "height": 200,
            "format": self.formats("GetMap")[0],
        }
        query |= changes
        query[self.words.crs.lower()] = query.pop("crs")
        return query

    def map(self, *layers: Layer, **changes: object) -> httpx.Response:
        return self.ask(**self.map_query(*layers, **changes))

    def info(self, *layers: Layer, **changes: object) -> httpx.Response:
        """GetFeatureInfo at the middle of that map."""
        (first, *_) = layers or self.queryable
        shown = layers or (first,)
        query: dict[str, object] = {
            "request": "GetFeatureInfo",
            "query_layers": ",".join(each.name for each in shown),
            "info_format": self.formats("GetFeatureInfo")[0],
            self.words.column.lower(): 100,
            self.words.row.lower(): 100,
        }
        return self.ask(**self.map_query(*shown, **(query | changes)))

    # Answers ----------------------------------------------------------------------------------------------------

    def need_exception(self, answer: httpx.Response, code: str | None = None) -> None:
        """The answer must be an exception report of this version, with ``code`` where one is given."""
        equal(media_type(answer), self.words.exception_type, "media type of the exception")
        root = etree.fromstring(answer.content, PARSER)
        space = OGC if self.version == "1.3.0" else ""
        equal(root.tag, f"{space}ServiceExceptionReport", "root element of the exception")
        found = root.findall(f"{space}ServiceException")
        need(found, "the report has no exception")
        if code == "InvalidCRS" and self.version == "1.1.1":
            code = "InvalidSRS"
        if code is not None:
            equal(found[0].get("code"), code, "exception code")

    def need_format(self, answer: httpx.Response, format_: str) -> None:
        equal(media_type(answer), format_.partition(";")[0].strip().lower(), "media type")

    def need_picture(self, answer: httpx.Response, size: tuple[int, int] = (200, 200)) -> Image.Image:
        """The answer must be a picture in the first format of maps and of the size that was asked for."""
        self.need_format(answer, self.formats("GetMap")[0])
        image = picture(answer)
        equal(image.size, size, "size of the picture")
        return image


def mixed(name: str) -> str:
    """``layers`` as ``LaYeRs``."""
    return "".join(letter.upper() if at % 2 == 0 else letter.lower() for at, letter in enumerate(name))


def written(box: tuple[float, ...]) -> str:
    return ",".join(repr(float(each)) for each in box)


def media_type(answer: httpx.Response) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def picture(answer: httpx.Response) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(answer.content))
        image.load()
        return image.convert("RGBA")
    except OSError as fault:
        raise CheckFailed(f"not a picture: {fault}") from fault


def colours(image: Image.Image) -> set[tuple[int, int, int, int]]:
    return {colour for _, colour in image.getcolors(image.width * image.height)}  # type: ignore[misc,union-attr]
