"""Geometries in a filter: GML 2 to 3.2 as GeoJSON coordinates, which the filter language's own reader then checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree
from shapely.geometry.base import BaseGeometry

from gis_core.cql2 import faults, nodes
from gis_core.cql2.geometry import GeometryReader
from gis_core.cql2.limits import Limits
from gis_core.crs import CRS84, Crs, bbox_to_lonlat, densified, to_lonlat
from gis_core.words import Text
from ogc_api.wfs.documents import children, name_of, text_of
from ogc_api.wfs.names import crs_named

type Element = etree._Element
FILTER = "filter"
# Elements of several parts -> the GeoJSON type and the properties that hold the parts.
MULTIPLE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "MultiPoint": ("MultiPoint", ("pointMember", "pointMembers")),
    "MultiLineString": ("MultiLineString", ("lineStringMember",)),
    "MultiCurve": ("MultiLineString", ("curveMember", "curveMembers")),
    "MultiPolygon": ("MultiPolygon", ("polygonMember",)),
    "MultiSurface": ("MultiPolygon", ("surfaceMember", "surfaceMembers")),
}
PARTS = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}
ENVELOPES = ("Envelope", "Box")
GEOMETRIES = frozenset(
    {"Point", "LineString", "Curve", "LinearRing", "Polygon", "Surface", *MULTIPLE, *ENVELOPES}
)


class GmlReader:
    """Reads the geometries of one filter. ``default`` is the CRS of those that name none."""

    def __init__(self, default: Crs, limits: Limits) -> None:
        self.default = default
        self.limits = limits
        self.geometries = GeometryReader(limits)

    def read(self, element: Element) -> nodes.Shape | nodes.BoxLiteral:
        """The node of a geometry element, in longitude and latitude; a 400 on ``filter`` where it is none."""
        crs = self.crs_of(element)
        if name_of(element) in ENVELOPES:
            return self.envelope(element, crs)
        kind, coordinates = self.shape(element)
        geometry: BaseGeometry = self.geometries.read({"type": kind, "coordinates": coordinates})
        return nodes.Shape(to_lonlat(densified(geometry, crs), crs, parameter=FILTER))

    def crs_of(self, element: Element) -> Crs:
        """The CRS that the element, or the first below it that names one, is written in."""
        for each in element.iter(etree.Element):
            name = each.get("srsName")
            if name is not None:
                return crs_named(name, FILTER)
        return self.default

    def envelope(self, element: Element, crs: Crs) -> nodes.BoxLiteral:
        """An Envelope or Box; one of a projected CRS becomes the box around its curved edges, as in ``BBOX=``."""
        corners = children(element, "lowerCorner", "upperCorner")
        written = [self.numbers(text_of(corner).split()) for corner in corners]
        points = written or self.positions(element)
        if len(points) != 2 or any(len(point) < 2 for point in points):
            raise faults.bad_geometry("khung cần hai góc", "an envelope has two corners")
        boxes = bbox_to_lonlat([*points[0][:2], *points[1][:2]], crs, parameter=FILTER)
        west, south, _, north = boxes[0]
        return nodes.BoxLiteral((west, south, boxes[-1][2], north))

    def shape(self, element: Element) -> tuple[str, Any]:
        """GeoJSON type and coordinates."""
        match name_of(element):
            case "Point":
                return "Point", self.one(self.positions(element))
            case "LineString" | "LinearRing":
                return "LineString", self.positions(element)
            case "Curve":
                segments = [
                    s for part in children(element, "segments") for s in children(part, "LineStringSegment")
                ]
                return "LineString", self.positions(self.one(segments))
            case "Polygon":
                return "Polygon", self.rings(element)
            case "Surface":
                patches = [p for part in children(element, "patches") for p in children(part, "PolygonPatch")]
                return "Polygon", self.rings(self.one(patches))
            case name if name in MULTIPLE:
                return self.parts(element, *MULTIPLE[name])
        raise faults.bad_geometry(
            f"không có loại «{faults.shown(name_of(element))}»",
            f'no geometry type "{faults.shown(name_of(element))}"',
        )

    def parts(self, element: Element, kind: str, members: tuple[str, ...]) -> tuple[str, list[Any]]:
        found = []
        for member in children(element, *members):
            for part in children(member):
                part_kind, coordinates = self.shape(part)
                if part_kind != PARTS[kind]:
                    raise faults.bad_geometry(f"{kind} không chứa {part_kind}", f"a {part_kind} in a {kind}")
                found.append(coordinates)
        return kind, found

    def rings(self, element: Element) -> list[Any]:
        """The outer ring, then the inner ones."""
        outer = children(element, "exterior", "outerBoundaryIs")
        inner = children(element, "interior", "innerBoundaryIs")
        if len(outer) != 1:
            raise faults.bad_geometry("đa giác cần một vành ngoài", "a polygon has one outer ring")
        return [self.positions(self.one(children(each, "LinearRing"))) for each in (*outer, *inner)]

    def one[T](self, found: list[T]) -> T:
        """The only one of ``found``; geometries of several segments or patches are not read."""
        if len(found) != 1:
            raise faults.bad_geometry(
                "hình học quá phức tạp hoặc thiếu phần", "it has too many parts, or none"
            )
        return found[0]

    def positions(self, element: Element) -> list[list[float]]:
        """The positions of ``pos``, ``posList``, ``coordinates`` or ``coord`` children, in their order."""
        found: list[list[float]] = []
        for child in children(element):
            match name_of(child):
                case "pos":
                    found.append(self.numbers(text_of(child).split()))
                case "posList":
                    found += self.pairs(child, element)
                case "coordinates":
                    found += self.tuples(child)
                case "coord":
                    found.append(self.numbers([text_of(each) for each in children(child)]))
                case "pointProperty" | "pointRep":
                    found += self.positions(self.one(children(child, "Point")))
            if len(found) > self.limits.vertices:
                raise faults.too_large(
                    Text("số đỉnh hình học", "vertices of geometries"), self.limits.vertices
                )
        return found

    def pairs(self, child: Element, element: Element) -> list[list[float]]:
        """A posList, cut by its dimension."""
        dimension = 3 if "3" in (child.get("srsDimension"), element.get("srsDimension")) else 2
        numbers = self.numbers(text_of(child).split())
        if len(numbers) % dimension:
            raise faults.bad_geometry("posList thiếu số", "a posList ends in the middle of a position")
        return [numbers[at : at + 2] for at in range(0, len(numbers), dimension)]

    def tuples(self, child: Element) -> list[list[float]]:
        """GML 2's ``x,y x,y``, with the separators that the element declares."""
        between, apart = child.get("cs") or ",", child.get("ts") or " "
        text = text_of(child)
        tuples = text.split() if apart.isspace() else text.split(apart)
        return [self.numbers(each.split(between)) for each in tuples]

    def numbers(self, texts: list[str]) -> list[float]:
        try:
            return [float(text) for text in texts]
        except ValueError:
            raise faults.bad_geometry("tọa độ phải là số", "coordinates must be numbers") from None


LONLAT = CRS84
"""The CRS in which `GmlReader` leaves its nodes: what the compiler is told."""
