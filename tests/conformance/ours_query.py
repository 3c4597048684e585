"""Our own checks of paging and time: what the official suite stops looking at after four pages, or
never looks at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from shapely.geometry import shape

from tests.conformance.checks import (
    GEOJSON,
    Json,
    NothingToTry,
    Server,
    Suite,
    each,
    equal,
    find_links,
    ids_of,
    need,
)
from tests.conformance.features10_items import instant

SUITE = Suite("ours: paging and time")
CITY = ZoneInfo("Asia/Ho_Chi_Minh")  # a day without a zone is one of the city's
READ_WHOLE = 3_000  # collections up to this size are read to the end in small pages
LONG_AGO, FAR_OFF = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def sized(server: Server) -> Iterator[tuple[Json, int]]:
    """Collections with 2 to READ_WHOLE features, with their number."""
    for one in server.each_collection():
        count = server.items(one, limit=1).get("numberMatched")
        if count is not None and 2 <= count <= READ_WHOLE:
            yield one, count


def page_size(count: int) -> int:
    """So that there are at least three pages, the last one not full, and at most some sixty."""
    return max(1, count // 60, min(count // 3, 50))


def walk(server: Server, url: str, params: dict[str, Any], most: int) -> list[Json]:
    """Features of all pages by ``next``; CheckFailed when there are more than ``most`` features."""
    page = server.json(url, params, accept=GEOJSON)
    features: list[Json] = list(page["features"])
    while following := find_links(page["links"], "next"):
        page = server.json(server.absolute(following[0]["href"]), accept=GEOJSON)
        need(page["features"], f"{url}: next led to an empty page")
        features += page["features"]
        need(len(features) <= most, f"{url}: {len(features)} features by next, numberMatched is {most}")
    return features


@SUITE.check("next_to_the_end", "hole: all pages, none missing, none twice, no next on the last")
def next_to_the_end(server: Server) -> None:
    for one, count in each(sized(server), "no collection of a readable size"):
        ids = ids_of(walk(server, server.items_url(one), {"limit": page_size(count)}, count))
        equal(len(set(ids)), len(ids), f"{one['id']}: different ids in all pages")
        equal(len(ids), count, f"{one['id']}: features in all pages")


@SUITE.check("offset_is_next", "hole: offset gives the same features in the same order as next")
def offset_is_next(server: Server) -> None:
    for one, count in each(sized(server), "no collection of a readable size"):
        size = page_size(count)
        walked = ids_of(walk(server, server.items_url(one), {"limit": size}, count))
        for offset in sorted({0, size, count - 1, count}):
            got = ids_of(server.items(one, limit=size, offset=offset)["features"])
            equal(got, walked[offset : offset + size], f"{one['id']}: offset {offset}")


@SUITE.check("next_keeps_the_query", "hole: next keeps bbox, crs and limit")
def next_keeps_the_query(server: Server) -> None:
    for one, count in each(sized(server), "no collection of a readable size"):
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        half = {"bbox": f"{west},{south},{(west + east) / 2},{north}", "crs": server.crs_list(one)[-1]}
        whole = ids_of(server.items(one, limit=server.limit_schema["maximum"], **half)["features"])
        parts = walk(server, server.items_url(one), {**half, "limit": max(1, len(whole) // 3)}, count)
        equal(ids_of(parts), whole, f"{one['id']}: features of half the extent, in pages and at once")


@SUITE.check("same_order_twice", "hole: the order is stable, and in every CRS and box the same")
def same_order_twice(server: Server) -> None:
    for one in server.each_collection():
        bounds = ",".join(map(str, one["extent"]["spatial"]["bbox"][0]))
        first = ids_of(server.items(one, limit=20)["features"])
        equal(ids_of(server.items(one, limit=20)["features"]), first, f"{one['id']}: the same request twice")
        equal(
            ids_of(server.items(one, limit=20, bbox=bounds)["features"]),
            first,
            f"{one['id']}: with its extent",
        )


@SUITE.check("spoilt_cursor", "a cursor that the server did not make is refused")
def spoilt_cursor(server: Server) -> None:
    for one, count in each(sized(server), "no collection of a readable size"):
        page = server.items(one, limit=page_size(count))
        url = httpx.URL(server.absolute(find_links(page["links"], "next")[0]["href"]))
        names = [name for name in url.params if name not in ("limit", "f")]
        for name in each(names, "next has no cursor"):
            server.get(str(url.copy_set_param(name, "!spoilt!")), accept=GEOJSON, status=400)


# -- Time ----------------------------------------------------------------------------------------


def moment(value: object, *, end: bool) -> datetime | None:
    """A property as a moment; a date as its first or last microsecond in the city; None stays None."""
    if value is None:
        return None
    text = str(value)
    if len(text) == 10:
        edge = time.max if end else time.min
        return datetime.combine(date.fromisoformat(text), edge, CITY)
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def temporal_cases(server: Server) -> Iterator[tuple[Json, list[tuple[Any, datetime, datetime]]]]:
    """Collections with a temporal extent; (id, begin, end) of their features, by the roles of the schema."""
    for one in server.each_collection():
        if not one.get("extent", {}).get("temporal"):
            continue
        at = server.role_of(one, "primary-instant")
        begins, ends = (server.role_of(one, f"primary-interval-{which}") for which in ("start", "end"))
        need(at or begins, f"{one['id']} has a temporal extent and no property with a temporal role")
        spans = []
        for feature in server.all_features(one):
            properties = feature["properties"]
            low = moment(properties.get(at or begins), end=False)
            high = moment(properties.get(at or ends), end=bool(at))
            if at and low is None:
                low, high = (
                    LONG_AGO,
                    FAR_OFF,
                )  # no time at all: part of every answer (/req/core/fc-time-response)
            spans.append((feature["id"], low or LONG_AGO, high or FAR_OFF))
        yield one, spans


def need_interval(
    server: Server, one: Json, spans: list[Any], text: str, low: datetime, high: datetime
) -> None:
    """Validity is half-open, [begin, end): on the day that a unit is dissolved its successor is the one."""
    wanted = {f for f, begin, end in spans if begin <= high and (end > low or begin == end == low)}
    got = ids_of(server.all_features(one, datetime=text))
    equal(set(got), wanted, f"{one['id']}: datetime={text}")


@SUITE.check(
    "datetime_selects", "hole: instants, intervals, open ends; features without a time are in every answer"
)
def datetime_selects(server: Server) -> None:
    for one, spans in each(temporal_cases(server), "no collection has a temporal extent"):
        edges = sorted({m for _, begin, end in spans for m in (begin, end) if m not in (LONG_AGO, FAR_OFF)})
        for middle in each(
            edges[len(edges) // 2 : len(edges) // 2 + 1], f"{one['id']}: no feature has a time"
        ):
            low = middle.replace(microsecond=0)
            high = low + timedelta(days=40)
            for hours in (0, 1, 12, 23):  # of the city's day: at 1 o'clock it is still yesterday in UTC
                hour = low + timedelta(hours=hours)
                need_interval(server, one, spans, instant(hour), hour, hour)
            day = datetime.combine(low.astimezone(CITY).date(), time.min, CITY)
            last = day + timedelta(days=1) - timedelta(microseconds=1)
            need_interval(server, one, spans, f"{day:%Y-%m-%d}", day, last)
            need_interval(server, one, spans, f"{instant(low)}/{instant(high)}", low, high)
            need_interval(server, one, spans, f"{instant(low)}/..", low, FAR_OFF)
            need_interval(server, one, spans, f"../{instant(low)}", LONG_AGO, low)
            need_interval(server, one, spans, f"/{instant(low)}", LONG_AGO, low)
            before = edges[0].replace(microsecond=0) - timedelta(days=1)
            need_interval(server, one, spans, instant(before), before, before)


@SUITE.check("datetime_zone", "an instant with an offset is the same instant in UTC")
def datetime_zone(server: Server) -> None:
    for one, spans in each(temporal_cases(server), "no collection has a temporal extent"):
        begins = sorted(begin for _, begin, _ in spans if begin != LONG_AGO)
        for middle in each(begins[len(begins) // 2 :][:1], f"{one['id']}: no feature has a time"):
            low = middle.replace(microsecond=0)
            hue = low.astimezone(UTC) + timedelta(hours=7)
            need_interval(server, one, spans, f"{hue:%Y-%m-%dT%H:%M:%S}+07:00", low, low)


@SUITE.check(
    "datetime_refused", "hole: what is no date-time, no interval, or ends before it begins is refused"
)
def datetime_refused(server: Server) -> None:
    for one in server.each_collection():
        for text in (
            "yesterday",
            "2020-13-45",
            "2020-01-02T25:00:00Z",
            "2021-01-01/2020-01-01",
            "2020/2021/2022",
            "/",
        ):
            server.get(server.items_url(one), {"datetime": text}, accept=GEOJSON, status=400)


@SUITE.check("temporal_extent_holds", "the temporal extent includes the time of every feature")
def temporal_extent_holds(server: Server) -> None:
    for one, spans in each(temporal_cases(server), "no collection has a temporal extent"):
        interval = one["extent"]["temporal"]["interval"]
        low, high = interval[0]
        begin, end = (moment(low, end=False) or LONG_AGO, moment(high, end=True) or FAR_OFF)
        for fid, first, last in spans:
            ends = last == FAR_OFF or last <= end
            inside = (first == LONG_AGO or begin <= first) and ends
            need(inside, f"{one['id']}: feature {fid} ({first} to {last}) is outside {interval[0]}")


@SUITE.check("spatial_extent_holds", "the spatial extent includes every feature")
def spatial_extent_holds(server: Server) -> None:
    for one, _ in each(sized(server), "no collection of a readable size"):
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        for feature in server.all_features(one):
            if feature["geometry"]:
                a, b, c, d = shape(feature["geometry"]).bounds
                inside = west <= a and south <= b and c <= east and d <= north
                need(inside, f"{one['id']}: feature {feature['id']} is outside the extent")


@SUITE.check("number_matched_counts", "numberMatched is right also under bbox")
def number_matched_counts(server: Server) -> None:
    tried = False
    for one, _ in sized(server):
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        half = f"{west},{south},{(west + east) / 2},{north}"
        page = server.items(one, bbox=half, limit=1)
        if "numberMatched" in page:
            tried = True
            equal(
                len(server.all_features(one, bbox=half)), page["numberMatched"], f"{one['id']}: numberMatched"
            )
    if not tried:
        raise NothingToTry("no answer under bbox states a numberMatched")
