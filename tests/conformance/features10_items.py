"""Port of ets-ogcapi-features10 at a314c1e, Part 1, continued: features and one feature (see
`features10_core`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from shapely.geometry import box, shape

from tests.conformance.checks import (
    GEOJSON,
    CheckFailed,
    Json,
    NothingToTry,
    Server,
    each,
    equal,
    find_link,
    find_links,
    need,
    parsed,
)
from tests.conformance.features10_core import SUITE, need_self_and_alternates

NUMBER_MATCHED_LIMIT = 10_000
FEATURES_LIMIT = 100


# -- Features: the same requests in four classes of the suite ------------------------------------


@dataclass(frozen=True)
class Variant:
    """One request for features of one collection."""

    collection: Json
    params: dict[str, Any]
    maximum: int | None = None

    def reply(self, server: Server) -> httpx.Response:
        return server.once(server.items_url(self.collection), {"limit": 10, **self.params})

    def page(self, server: Server) -> Json:
        reply = self.reply(server)
        equal(reply.status_code, 200, f"status of GET {reply.request.url}")
        return parsed(reply)

    def __str__(self) -> str:
        return f"{self.collection['id']} {self.params}"


def plain(server: Server) -> Iterator[Variant]:
    for one in server.each_collection():
        yield Variant(one, {})


def extent_of(collection: Json) -> list[float] | None:
    boxes = collection.get("extent", {}).get("spatial", {}).get("bbox")
    return list(boxes[0]) if boxes else None


def box_text(bounds: list[float]) -> str:
    """Seven decimals and no zero before the point, as the suite prints a box."""
    numbers = [f"{value:.7f}" for value in bounds]
    return ",".join(n.replace("0.", ".", 1) if n.startswith(("0.", "-0.")) else n for n in numbers)


BOXES = (  # meridian, equator, 180 degrees, north and south pole
    [-1.5, 50.0, 1.5, 53.0],
    [-80.0, -5.0, -70.0, 5.0],
    [177.0, 65.0, -177.0, 70.0],
    [-180.0, 85.0, 180.0, 90.0],
    [-180.0, -90.0, 180.0, -85.0],
)


def boxed(server: Server) -> Iterator[Variant]:
    for one in server.each_collection():
        bounds = extent_of(one)
        for corner in [bounds, *BOXES] if bounds else ():
            yield Variant(one, {"bbox": box_text(corner)})


def limited(server: Server) -> Iterator[Variant]:
    low, high = server.limit_schema["minimum"], server.limit_schema["maximum"]
    for one in server.each_collection():
        for limit in sorted({low, min(FEATURES_LIMIT, low + (high - low) // 2)}):
            yield Variant(one, {"limit": limit}, high)


def timed(server: Server) -> Iterator[Variant]:
    """An instant, an interval and an interval of days, within the collection's own interval."""
    for one in server.each_collection():
        temporal = one.get("extent", {}).get("temporal")
        if not temporal or not temporal.get("interval"):
            continue
        start, end = temporal["interval"][0]
        begin = datetime.fromisoformat(start) if start else datetime(2020, 1, 1, tzinfo=UTC)
        finish = datetime.fromisoformat(end) if end else datetime.now(UTC)
        quarter = begin + (finish - begin) / 4
        half = begin + (finish - begin) / 2
        day = quarter.date()
        for text in (
            instant(begin),
            f"{instant(quarter)}/{instant(half)}",
            f"{day.isoformat()}/{(day + timedelta(days=2)).isoformat()}",
        ):
            yield Variant(one, {"datetime": text})


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def geometries(page: Json) -> Iterator[tuple[Any, Any]]:
    for one in page.get("features", [])[:FEATURES_LIMIT]:
        if one.get("geometry"):
            yield one.get("id"), shape(one["geometry"])


def check_crs84(server: Server, variant: Variant) -> None:
    for fid, geometry in geometries(variant.page(server)):
        west, south, east, north = geometry.bounds
        inside = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
        need(inside, f"{variant}: feature {fid} is not in CRS84: {geometry.bounds}")


def check_operation(server: Server, variant: Variant) -> None:
    equal(variant.reply(server).status_code, 200, f"status of {variant}")


def check_type(server: Server, variant: Variant) -> None:
    equal(variant.page(server).get("type"), "FeatureCollection", f"type of {variant}")


def check_features(server: Server, variant: Variant) -> None:
    need(isinstance(variant.page(server).get("features"), list), f"{variant}: no features")


def check_links(server: Server, variant: Variant) -> None:
    links = variant.page(server).get("links", [])
    need_self_and_alternates(server, links, features=True, rels=("self", "alternate"))


def check_time_stamp(server: Server, variant: Variant) -> None:
    stamp = variant.page(server).get("timeStamp")
    if stamp is None:
        raise NothingToTry(f"{variant}: no timeStamp")
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        raise CheckFailed(f"{variant}: timeStamp {stamp!r} is no date-time") from None
    need(moment.tzinfo, f"{variant}: timeStamp {stamp!r} has no zone")


def check_number_returned(server: Server, variant: Variant) -> None:
    page = variant.page(server)
    if "numberReturned" not in page:
        raise NothingToTry(f"{variant}: no numberReturned")
    equal(page["numberReturned"], len(page["features"]), f"{variant}: numberReturned")


def counted(server: Server, variant: Variant) -> bool:
    """Compare numberMatched with what four ``next`` links give at the largest limit; False if not stated."""
    page = variant.page(server)
    matched = page.get("numberMatched")
    if matched is None or matched > NUMBER_MATCHED_LIMIT:
        return False
    total, steps = len(page["features"]), 0
    while (following := find_links(page.get("links", []), "next")) and steps < 4:
        url = httpx.URL(server.absolute(following[0]["href"]))
        names = [(k, v) for k, v in url.params.multi_items() if k != "limit"]
        names.append(("limit", str(server.limit_schema["maximum"])))
        twice = httpx.QueryParams([*names, *names])  # the suite sends each parameter in the URL and once more
        page = parsed(server.get(str(url.copy_with(query=str(twice).encode())), accept=GEOJSON))
        total, steps = total + len(page["features"]), steps + 1
    equal(total, matched, f"{variant}: features in all pages against numberMatched")
    return True


Look = Callable[[Server, Variant], None]
LOOKS: tuple[tuple[str, str, Look], ...] = (
    ("{w}Operation", "Abstract Test 13 /ats/core/fc-op", check_operation),
    ("{g}_GeometryInCRS84", "Abstract Test 2 /ats/core/crs84", check_crs84),
    ("{r}_TypeProperty", "Abstract Test 22, method 1 /ats/core/fc-response", check_type),
    ("{r}_FeaturesProperty", "Abstract Test 22, method 2 /ats/core/fc-response", check_features),
    ("{r}_Links", "Abstract Tests 22, method 4, and 23 /ats/core/fc-links", check_links),
    ("{r}_TimeStamp", "Abstract Tests 22, method 5, and 24 /ats/core/fc-timeStamp", check_time_stamp),
    (
        "validateFeaturesResponse_NumberReturned",
        "Abstract Test 26 /ats/core/fc-numberReturned",
        check_number_returned,
    ),
)
FAMILIES: tuple[tuple[str, str, str, Callable[[Server], Iterator[Variant]]], ...] = (
    ("Features", "validateFeatures", "validateFeaturesResponse", plain),
    ("FeaturesBBox", "validateFeaturesWithBoundingBox", "validateFeaturesResponse", boxed),
    ("FeaturesLimit", "validateFeaturesWithLimit", "validateFeaturesWithLimitResponse", limited),
    ("FeaturesTime", "validateFeaturesWithDateTime", "validateFeaturesWithDateTimeResponse", timed),
)


def port_family(family: str, stem: str, crs84: str, variants: Callable[[Server], Iterator[Variant]]) -> None:
    """Register what the suite looks at in every answer of one class of requests."""
    nothing = f"no request of {family}"
    for pattern, covers, look in LOOKS:
        name = pattern.format(w=stem, r=f"{stem}Response", g=crs84)

        def run(server: Server, look: Look = look) -> None:
            for variant in each(variants(server), nothing):
                look(server, variant)

        SUITE.check(f"{family}.{name}", covers)(run)

    @SUITE.check(f"{family}.{stem}Response_NumberMatched", "Abstract Test 25 /ats/core/fc-numberMatched")
    def number_matched(server: Server) -> None:
        done = [counted(server, variant) for variant in each(variants(server), nothing)]
        if not any(done):
            raise NothingToTry(
                f"{family}: no answer states a numberMatched of at most {NUMBER_MATCHED_LIMIT}"
            )


for _family in FAMILIES:
    port_family(*_family)


def need_query_parameter(server: Server, name: str) -> Iterator[tuple[str, Json]]:
    """Every items path with its query parameter ``name``, which must be optional, form and not exploded."""
    for path in each(server.items_paths(), "no items path in the API definition"):
        parameter = server.parameter(path, name)
        need(parameter, f"{path}: no parameter {name}")
        assert parameter is not None
        equal(parameter.get("in"), "query", f"{path}: {name} in")
        need(not parameter.get("required"), f"{path}: {name} is required")
        equal(parameter.get("style", "form"), "form", f"{path}: style of {name}")
        equal(parameter.get("explode"), False, f"{path}: explode of {name}")
        yield path, parameter["schema"]


@SUITE.check("FeaturesBBox.boundingBoxParameterDefinition", "Abstract Test 14 /ats/core/fc-bbox-definition")
def bbox_definition(server: Server) -> None:
    for path, schema in need_query_parameter(server, "bbox"):
        wanted = {"type": "array", "minItems": 4, "maxItems": 6}
        equal({name: schema.get(name) for name in wanted}, wanted, f"{path}: schema of bbox")
        equal(schema.get("items", {}).get("type"), "number", f"{path}: items of bbox")


@SUITE.check(
    "FeaturesBBox.validateFeaturesWithBoundingBoxResponse", "Abstract Test 15 /ats/core/fc-bbox-response"
)
def bbox_response(server: Server) -> None:
    for variant in each(boxed(server), "no spatial extent"):
        west, south, east, north = (float(v) for v in variant.params["bbox"].split(","))
        areas = [box(west, south, east, north)]
        if west > east:
            areas = [box(west, south, 180, north), box(-180, south, east, north)]
        for fid, geometry in geometries(variant.page(server)):
            hit = any(area.intersects(geometry) for area in areas)
            need(hit, f"{variant}: feature {fid} does not intersect the box")


@SUITE.check("FeaturesLimit.limitParameterDefinition", "Abstract Test 16 /ats/core/fc-limit-definition")
def limit_definition(server: Server) -> None:
    for path, schema in need_query_parameter(server, "limit"):
        equal(schema.get("type"), "integer", f"{path}: type of limit")
        for bound in ("minimum", "maximum", "default"):
            value = schema.get(bound)
            need(isinstance(value, int) and value >= 0, f"{path}: {bound} of limit is {value!r}")


@SUITE.check(
    "FeaturesLimit.validateFeaturesWithLimitResponse", "Abstract Test 17 /ats/core/fc-limit-response"
)
def limit_response(server: Server) -> None:
    for variant in each(limited(server), "no collection"):
        count, limit = (
            len(variant.page(server)["features"]),
            min(variant.params["limit"], variant.maximum or 0),
        )
        need(count <= limit, f"{variant}: {count} features, more than the limit")


@SUITE.check("FeaturesTime.timeParameterDefinition", "Abstract Test 18 /ats/core/fc-time-definition")
def time_definition(server: Server) -> None:
    for path, schema in need_query_parameter(server, "datetime"):
        equal(schema.get("type"), "string", f"{path}: type of datetime")


@SUITE.check(
    "FeaturesErrorConditions.validateFeaturesOperation_QueryParamInvalid", "Abstract Tests 13 and 20"
)
def invalid_parameter(server: Server) -> None:
    for one in server.each_collection():
        server.get(server.items_url(one), {"limit": "unlimited"}, accept=GEOJSON, status=400)


@SUITE.check(
    "FeaturesErrorConditions.validateFeaturesOperation_QueryParamUnknown", "Abstract Tests 13 and 21"
)
def unknown_parameter(server: Server) -> None:
    for path in server.items_paths():
        for raw in server.api["paths"][path]["get"].get("parameters", []):
            schema = server.dereference(server.dereference(raw).get("schema", {}))
            if schema.get("additionalProperties") is True:
                raise NothingToTry(f"{path} declares free-form parameters")
    for one in server.each_collection():
        name = f"unknownQueryParameter1{secrets.randbelow(10_000):04d}"
        server.get(server.items_url(one), {name: 1}, accept=GEOJSON, status=400)


@SUITE.check("Feature.featureOperation", "Abstract Test 27 /ats/core/f-op")
def feature_operation(server: Server) -> None:
    found = [(one, server.first_feature(one)) for one in server.each_collection()]
    for one, feature in each([(c, f) for c, f in found if f], "no feature with an id in any collection"):
        reply = server.get(server.item_url(one, feature["id"]), accept=GEOJSON)
        equal(reply.headers.get("content-type", "").partition(";")[0], GEOJSON, f"{reply.request.url}: type")


@SUITE.check(
    "Feature.validateFeatureResponse", "Abstract Tests 28 and 29 /ats/core/f-success, /ats/core/f-links"
)
def feature_response(server: Server) -> None:
    found = [(one, server.first_feature(one)) for one in server.each_collection()]
    for one, feature in each([(c, f) for c, f in found if f], "no feature with an id in any collection"):
        links = server.json(server.item_url(one, feature["id"]), accept=GEOJSON).get("links", [])
        need_self_and_alternates(server, links, features=True, rels=("self", "alternate", "collection"))
        find_link(links, "collection")
