"""Port of the tests of ets-wfs20 for spatial operators and for periods; they join the suite of `wfs20`."""

from __future__ import annotations

from collections.abc import Iterator

import shapely
from lxml import etree

from tests.conformance.checks import each, need
from tests.conformance.faulty import Service
from tests.conformance.wfs20 import BINDINGS, GML, SUITE, cases, ids, members, of_kind, query, sampled, values

DEGREES = "urn:ogc:def:crs:EPSG::4326"


def shapes(feature: etree._Element) -> Iterator[shapely.Geometry]:
    """The lines and outlines of areas of a feature, without holes, as they are written."""
    for written in feature.iter(f"{{{GML}}}posList"):
        if written.getparent().getparent().tag == f"{{{GML}}}interior":
            continue
        numbers = [float(number) for number in str(written.text).split()]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        is_ring = written.getparent().tag == f"{{{GML}}}LinearRing"
        yield shapely.Polygon(points) if is_ring else shapely.LineString(points)


def written_line(kind: str, line: shapely.LineString) -> str:
    numbers = " ".join(f"{value!r}" for point in line.coords for value in point)
    positions = f'<gml:posList srsDimension="2">{numbers}</gml:posList>'
    if kind == "Polygon":
        inside = f"<gml:exterior><gml:LinearRing>{positions}</gml:LinearRing></gml:exterior>"
    elif kind == "Curve":
        inside = f"<gml:segments><gml:LineStringSegment>{positions}</gml:LineStringSegment></gml:segments>"
    else:
        inside = positions
    return f'<gml:{kind} gml:id="g1" srsName="{DEGREES}">{inside}</gml:{kind}>'


@SUITE.check("Intersects.intersectsPolygon and intersectsCurve")
def intersects(service: Service) -> None:
    """The box round some features as an area, its diagonal as a line: what comes meets it, and they come."""
    for name in ("roads", "planning_zones"):
        for binding in BINDINGS:
            sample = members(query(service, name, binding, count="20", srsName=DEGREES), name)
            south, west, north, east = shapely.total_bounds(
                [shape for one in sample for shape in shapes(one)]
            )
            ring = shapely.LineString(
                [(south, west), (north, west), (north, east), (south, east), (south, west)]
            )
            diagonal = shapely.LineString([(south, west), (north, east)])
            for kind, line in (("Polygon", ring), ("LineString", diagonal), ("Curve", diagonal)):
                operand = shapely.Polygon(line.coords) if kind == "Polygon" else line
                inside = (
                    f"<fes:Intersects><fes:ValueReference>t:geom</fes:ValueReference>"
                    f"{written_line(kind, line)}</fes:Intersects>"
                )
                found = members(query(service, name, binding, inside, count="2000", srsName=DEGREES), name)
                for feature in found:
                    meets = any(shape.distance(operand) < 1e-6 for shape in shapes(feature))
                    need(meets, f"{feature.get(f'{{{GML}}}id')} does not meet the {kind}")
                met = {
                    fid
                    for fid, one in zip(ids(sample), sample, strict=True)
                    if any(
                        shape.intersects(operand.buffer(-1e-6) if kind == "Polygon" else operand)
                        for shape in shapes(one)
                    )
                }
                need(
                    len(found) == 2000 or met <= set(ids(found)),
                    f"{met - set(ids(found))} of {name} is missing",
                )


@SUITE.check("After.afterPeriod, Before.beforePeriod and During.duringPeriod")
def periods(service: Service) -> None:
    tried = 0
    for name, binding in cases():
        for property_, _ in list(of_kind(service, name, "xsd:date"))[:1]:
            days = sorted(set(values(sampled(service, name), property_)))
            first, last = days[len(days) // 4], days[3 * len(days) // 4]
            period = (
                f'<gml:TimePeriod gml:id="t1"><gml:beginPosition>{first}</gml:beginPosition>'
                f"<gml:endPosition>{last}</gml:endPosition></gml:TimePeriod>"
            )
            for operator, least, most in (
                ("After", last, "9999"),
                ("Before", "0000", first),
                ("During", first, last),
            ):
                inside = (
                    f"<fes:{operator}><fes:ValueReference>t:{property_}</fes:ValueReference>"
                    f"{period}</fes:{operator}>"
                )
                for value in values(members(query(service, name, binding, inside), name), property_):
                    need(least <= value <= most, f"{value} {operator} {first} to {last}")
                    tried += 1
    for _ in each(range(tried), "no property of a time"):
        return
