"""Filters in XML select what the same filter in CQL2 selects by the OGC API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from gis_core.config import Config
from gis_core.days import CITY_ZONE
from tests.acceptance.asking import person
from tests.ogc_api.wfs.asking import (
    exception_of,
    features_of,
    fes,
    get_feature,
    items,
    literal,
    post,
    reference,
)

CITY = "demo"
KIND, NAME = reference("kind"), reference("huong:name")
LIKE = 'wildCard="*" singleChar="." escapeChar="!"'
RING = "107.55 16.44 107.6 16.44 107.6 16.48 107.55 16.48 107.55 16.44"
RING_LATLON = "16.44 107.55 16.44 107.6 16.48 107.6 16.48 107.55 16.44 107.55"
POLYGON = "POLYGON((107.55 16.44, 107.6 16.44, 107.6 16.48, 107.55 16.48, 107.55 16.44))"


def polygon(srs: str, ring: str) -> str:
    return (
        f'<gml:Polygon gml:id="p" srsName="{srs}"><gml:exterior><gml:LinearRing><gml:posList>{ring}</gml:posList>'
        "</gml:LinearRing></gml:exterior></gml:Polygon>"
    )


def period(start: str, end: str) -> str:
    return (
        '<gml:TimePeriod gml:id="t"><gml:begin><gml:TimeInstant gml:id="a"><gml:timePosition>'
        f"{start}</gml:timePosition></gml:TimeInstant></gml:begin><gml:endPosition>{end}</gml:endPosition>"
        "</gml:TimePeriod>"
    )


def instant(moment: str) -> str:
    return f'<gml:TimeInstant gml:id="t"><gml:timePosition>{moment}</gml:timePosition></gml:TimeInstant>'


def comparison(name: str, left: str, right: str, attributes: str = "") -> str:
    return f"<PropertyIs{name} {attributes}>{left}{right}</PropertyIs{name}>"


FACILITIES: dict[str, tuple[str, str]] = {
    "equal": (comparison("EqualTo", KIND, literal("committee")), "kind = 'committee'"),
    "the other way round": (comparison("EqualTo", literal("committee"), KIND), "kind = 'committee'"),
    "not equal": (comparison("NotEqualTo", KIND, literal("committee")), "kind <> 'committee'"),
    "any case": (
        comparison("EqualTo", KIND, literal("COMMITTEE"), 'matchCase="false"'),
        "CASEI(kind) = CASEI('COMMITTEE')",
    ),
    "a path": (
        comparison("EqualTo", reference("/huong:facilities/huong:kind"), literal("school")),
        "kind = 'school'",
    ),
    "less": (comparison("LessThan", KIND, literal("h")), "kind < 'h'"),
    "at least": (comparison("GreaterThanOrEqualTo", KIND, literal("h")), "kind >= 'h'"),
    "like": (comparison("Like", NAME, literal("*Đan*"), LIKE), "name LIKE '%Đan%'"),
    "like one letter": (comparison("Like", KIND, literal("sch..l"), LIKE), "kind LIKE 'sch__l'"),
    "like any case": (
        comparison("Like", NAME, literal("*ĐAN*"), f'{LIKE} matchCase="false"'),
        "CASEI(name) LIKE CASEI('%ĐAN%')",
    ),
    "like escaped": (comparison("Like", NAME, literal("*!**%_*"), LIKE), r"name LIKE '%*%\%\_%'"),
    "between": (
        (
            f"<PropertyIsBetween>{KIND}<LowerBoundary>{literal('c')}</LowerBoundary>"
            f"<UpperBoundary>{literal('d')}</UpperBoundary></PropertyIsBetween>"
        ),
        "kind BETWEEN 'c' AND 'd'",
    ),
    "null": (f"<PropertyIsNull>{reference('unit_code')}</PropertyIsNull>", "unit_code IS NULL"),
    "and or not": (
        (
            f"<And><Or>{comparison('EqualTo', KIND, literal('school'))}"
            f"{comparison('EqualTo', KIND, literal('committee'))}</Or>"
            f"<Not>{comparison('Like', NAME, literal('*A*'), LIKE)}</Not></And>"
        ),
        "(kind = 'school' OR kind = 'committee') AND NOT name LIKE '%A%'",
    ),
    "bbox": (
        (
            f'<BBOX>{reference("geom")}<gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>16.44 107.55'
            "</gml:lowerCorner><gml:upperCorner>16.48 107.6</gml:upperCorner></gml:Envelope></BBOX>"
        ),
        "S_INTERSECTS(geom, BBOX(107.55, 16.44, 107.6, 16.48))",
    ),
    "bbox without property or CRS": (
        (
            "<BBOX><gml:Envelope><gml:lowerCorner>16.44 107.55</gml:lowerCorner><gml:upperCorner>16.48 107.6"
            "</gml:upperCorner></gml:Envelope></BBOX>"
        ),
        "S_INTERSECTS(geom, BBOX(107.55, 16.44, 107.6, 16.48))",
    ),
    "within, by URN": (
        f"<Within>{reference('geom')}{polygon('urn:ogc:def:crs:EPSG::4326', RING_LATLON)}</Within>",
        f"S_WITHIN(geom, {POLYGON})",
    ),
    "within, by short name": (
        f"<Within>{reference('geom')}{polygon('EPSG:4326', RING)}</Within>",
        f"S_WITHIN(geom, {POLYGON})",
    ),
    "disjoint": (
        f"<Disjoint>{reference('geom')}{polygon('EPSG:4326', RING)}</Disjoint>",
        f"S_DISJOINT(geom, {POLYGON})",
    ),
    "intersects a curve": (
        (
            f'<Intersects>{reference("geom")}<gml:Curve gml:id="c" srsName="EPSG:4326"><gml:segments>'
            "<gml:LineStringSegment><gml:posList>107.5 16.4 107.6 16.5</gml:posList></gml:LineStringSegment>"
            "</gml:segments></gml:Curve></Intersects>"
        ),
        "S_INTERSECTS(geom, LINESTRING(107.5 16.4, 107.6 16.5))",
    ),
}
EMPTY = {"like escaped", "intersects a curve", "null"}  # nothing in the demo city is like that


def selected(layer: str, condition: str, **more: Any) -> set[int]:
    return {f.fid for f in features_of(get_feature(layer, COUNT=10000, FILTER=fes(condition), **more))}


@pytest.mark.parametrize("name", FACILITIES)
def test_it_selects_what_cql2_selects(city: Config, name: str) -> None:
    condition, cql2 = FACILITIES[name]
    wanted = {f["id"] for f in items("facilities", filter=cql2)}
    assert selected("facilities", condition) == wanted
    assert len(wanted) < len(items("facilities")) and (wanted or name in EMPTY)


@pytest.mark.parametrize(
    ("layer", "condition", "cql2"),
    [
        ("parcels", comparison("GreaterThan", reference("sheet"), literal("8")), "sheet > 8"),
        ("roads", comparison("LessThan", reference("width_m"), literal("7.5")), "width_m < 7.5"),
        (
            "cameras",
            comparison("EqualTo", reference("notice_posted"), literal("true")),
            "notice_posted = true",
        ),
        (
            "admin_units_history",
            f"<After>{reference('valid_from')}{instant('2025-01-02')}</After>",
            "T_AFTER(valid_from, DATE('2025-01-02'))",
        ),
        (
            "admin_units_history",
            f"<During>{reference('valid_from')}{period('2025-01-01', '2025-12-31')}</During>",
            "valid_from > DATE('2025-01-01') AND valid_from < DATE('2025-12-31')",
        ),
        (
            "admin_units_history",
            f"<During>{reference('valid_from')}{period('2025-01-01T00:00:00Z', '2025-12-31T00:00:00Z')}</During>",
            "valid_from > DATE('2025-01-01') AND valid_from < DATE('2025-12-31')",
        ),
        (
            "admin_units_history",
            f"<TEquals>{reference('valid_from')}{instant('2025-07-01')}</TEquals>",
            "valid_from = DATE('2025-07-01')",
        ),
    ],
)
def test_numbers_truths_and_times(city: Config, layer: str, condition: str, cql2: str) -> None:
    wanted = {f["id"] for f in items(layer, filter=cql2)}
    assert selected(layer, condition) == wanted
    assert 0 < len(wanted) < len(items(layer))


@pytest.mark.parametrize("name", ["After", "Before", "During"])
def test_moments_of_reports(city: Config, name: str) -> None:
    """A moment, which XML Schema lets one write without a zone: it is the city's then, as a day is."""
    who = person("operations")
    moments = sorted(f["properties"]["due_at"] for f in items("reports", who, filter="due_at IS NOT NULL"))
    middle, late = moments[len(moments) // 3], moments[2 * len(moments) // 3]
    local = datetime.fromisoformat(middle).astimezone(CITY_ZONE).replace(tzinfo=None).isoformat()
    when = period(middle, late) if name == "During" else instant(local)
    cql2 = {
        "After": f"due_at > TIMESTAMP('{middle}')",
        "Before": f"due_at < TIMESTAMP('{middle}')",
        "During": f"due_at > TIMESTAMP('{middle}') AND due_at < TIMESTAMP('{late}')",
    }[name]
    wanted = {f["id"] for f in items("reports", who, filter=cql2)}
    filter_ = fes(f"<{name}>{reference('due_at')}{when}</{name}>")
    assert {f.fid for f in features_of(get_feature("reports", who, COUNT=10000, FILTER=filter_))} == wanted
    assert 0 < len(wanted) < len(moments)


def test_a_polygon_in_the_cadastral_crs(city: Config) -> None:
    ring = "561000 1822000 562000 1822000 562000 1823000 561000 1823000 561000 1822000"
    condition = f"<Within>{reference('geom')}{polygon('urn:ogc:def:crs:EPSG::9214', ring)}</Within>"
    uri = "http://www.opengis.net/def/crs/EPSG/0/9214"
    cql2 = "S_WITHIN(geom, POLYGON((561000 1822000, 562000 1822000, 562000 1823000, 561000 1823000, 561000 1822000)))"
    wanted = {f["id"] for f in items("parcels", filter=cql2, **{"filter-crs": uri})}
    assert selected("parcels", condition) == wanted
    assert 0 < len(wanted) < len(items("parcels"))


def test_features_by_resource_id_and_ids_of_others(city: Config) -> None:
    one, two = (f["id"] for f in items("facilities")[:2])
    ids = f'<ResourceId rid="facilities.{one}"/><ResourceId rid="facilities.{two}"/><ResourceId rid="roads.{one}"/>'
    assert selected("facilities", ids) == {one, two}
    assert selected("facilities", '<ResourceId rid="roads.1"/>') == set()


def test_the_filters_of_the_older_version(city: Config) -> None:
    """Filter 1.1, as a 1.1.0 client posts it: other namespaces, PropertyName, GML 3.1.1."""
    body = (
        '<wfs:GetFeature xmlns:wfs="http://www.opengis.net/wfs" xmlns:ogc="http://www.opengis.net/ogc"'
        ' xmlns:gml="http://www.opengis.net/gml" service="WFS" version="1.1.0" maxFeatures="5000">'
        '<wfs:Query typeName="huong:facilities"><ogc:Filter><ogc:And><ogc:PropertyIsLike wildCard="%" singleChar="_"'
        ' escapeChar="!"><ogc:PropertyName>name</ogc:PropertyName><ogc:Literal>%a%</ogc:Literal>'
        "</ogc:PropertyIsLike><ogc:BBOX><ogc:PropertyName>geom</ogc:PropertyName>"
        '<gml:Envelope srsName="http://www.opengis.net/gml/srs/epsg.xml#4326"><gml:lowerCorner>107.55 16.44'
        "</gml:lowerCorner><gml:upperCorner>107.6 16.48</gml:upperCorner></gml:Envelope></ogc:BBOX></ogc:And>"
        "</ogc:Filter></wfs:Query></wfs:GetFeature>"
    )
    found = {f.fid for f in features_of(post(body), "1.1.0")}
    cql2 = "name LIKE '%a%' AND S_INTERSECTS(geom, BBOX(107.55, 16.44, 107.6, 16.48))"
    assert found == {f["id"] for f in items("facilities", filter=cql2)} != set()


@pytest.mark.parametrize(
    "condition",
    [
        comparison("EqualTo", reference("nosuch_prop"), literal("x")),
        comparison("EqualTo", reference("staff_note"), literal("x")),
        comparison("EqualTo", reference("created_at"), literal("x")),
        comparison("EqualTo", reference("state/../staff_note"), literal("x")),
        comparison("EqualTo", reference("state"), '<Function name="version"/>'),
        comparison("GreaterThan", reference("reported_on"), literal("yesterday")),
        comparison("EqualTo", reference("geom"), literal("x")),
        comparison("Like", reference("state"), literal("a*")),
        comparison("Like", reference("state"), literal("a!"), LIKE),
        (
            f"<DWithin>{reference('geom')}<gml:Point><gml:pos>16 107</gml:pos></gml:Point>"
            '<Distance uom="m">9</Distance></DWithin>'
        ),
        "<And/>",
        f"<Not>{comparison('EqualTo', KIND, literal('x'))}{comparison('EqualTo', KIND, literal('x'))}</Not>",
        f"<During>{reference('reported_on')}{instant('2025-01-01')}</During>",
        f"<Within>{reference('geom')}<gml:Point><gml:pos>a b</gml:pos></gml:Point></Within>",
        f"<Within>{reference('geom')}<gml:Point><gml:pos>inf nan</gml:pos></gml:Point></Within>",
        f"<Within>{reference('geom')}{polygon('EPSG:9999', RING)}</Within>",
        f"<Within>{reference('geom')}{polygon('EPSG:4326', '0 0 1 1 0 1 1 0 0 0')}</Within>",
        f"<Within>{reference('geom')}{polygon('EPSG:4326', '0 0 1')}</Within>",
        f"<Within>{reference('geom')}<gml:Polygon/></Within>",
        (
            f"<Within>{reference('geom')}<gml:MultiSurface><gml:surfaceMember><gml:Point/></gml:surfaceMember>"
            "</gml:MultiSurface></Within>"
        ),
        "<BBOX><gml:Envelope/></BBOX>",
        "",
    ],
)
def test_what_does_not_fit_is_refused(city: Config, condition: str) -> None:
    reply = get_feature("reports", FILTER=fes(condition))
    code, locator, words = exception_of(reply)
    assert (reply.status, locator) == (400, "filter"), reply.body.decode()
    assert code in ("InvalidParameterValue", "OperationParsingFailed") and len(set(words)) == 2


def test_a_private_property_is_refused_as_one_that_is_not_there(city: Config) -> None:
    """Another word in a refusal would tell that the property exists."""
    for question in ("FILTER", "SORTBY", "PROPERTYNAME"):
        replies = []
        for name in ("staff_note", "nosuch_prop"):
            value = (
                fes(comparison("EqualTo", reference(name), literal("x"))) if question == "FILTER" else name
            )
            reply = get_feature("reports", **{question: value})
            assert reply.status == 400
            replies.append(reply.body.replace(name.encode(), b"it"))
        assert replies[0] == replies[1]
    assert selected_by_staff()


def selected_by_staff() -> bool:
    """The operations centre sees the note: the refusal above is for the citizen, not for everybody."""
    reply = get_feature(
        "reports",
        person("operations"),
        FILTER=fes(f"<PropertyIsNull>{reference('staff_note')}</PropertyIsNull>"),
    )
    return reply.status == 200
