"""Our own checks of Part 3 and CQL2: text and JSON agree, and both agree with the same filter worked
out here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shapely.geometry import box, mapping, shape

from tests.conformance.checks import (
    GEOJSON,
    SCHEMA,
    Json,
    NothingToTry,
    Server,
    Suite,
    each,
    equal,
    ids_of,
    need,
)
from tests.conformance.ours_crs import from_crs84
from tests.conformance.ours_query import LONG_AGO, instant, sized, temporal_cases

SUITE = Suite("ours: CQL2")
FEATURES3 = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
DECLARED = (
    *(f"{FEATURES3}/{name}" for name in ("queryables", "filter", "features-filter")),
    *(
        f"{CQL2}/{name}"
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "spatial-functions",
            "temporal-functions",
        )
    ),
)

Predicate = Callable[[Json], bool]


@dataclass(frozen=True)
class Filter:
    """One filter in both languages and as a Python predicate over a feature."""

    text: str
    json: Json
    holds: Predicate


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def plain(value: str) -> str:
    """Without diacritics and case, đ as d."""
    spread = unicodedata.normalize("NFD", value.casefold()).replace("đ", "d")
    return "".join(c for c in spread if not unicodedata.combining(c))


def queryables(server: Server, one: Json) -> Json:
    document = server.json(f"/collections/{one['id']}/queryables", accept=SCHEMA)
    return dict(document.get("properties", {}))


def geometry_name(server: Server, one: Json) -> str:
    """The queryable that is the geometry: QGIS knows it by its reference to the GeoJSON schema."""
    for name, schema in queryables(server, one).items():
        if str(schema.get("$ref", "")).startswith("https://geojson.org/schema/"):
            return name
    raise NothingToTry(f"{one['id']}: no queryable geometry")


def text_values(server: Server, one: Json, features: list[Json]) -> tuple[str, list[str]] | None:
    """A queryable text property with two different values, and its values."""
    for name, schema in queryables(server, one).items():
        if schema.get("type") == "string" and "format" not in schema:
            values = sorted({f["properties"].get(name) for f in features} - {None, ""})
            if len(values) >= 2:
                return name, values
    return None


def number_values(server: Server, one: Json, features: list[Json]) -> tuple[str, list[float]] | None:
    for name, schema in queryables(server, one).items():
        if schema.get("type") in ("integer", "number"):
            values = sorted({f["properties"].get(name) for f in features} - {None})
            if len(values) >= 3:
                return name, values
    return None


def having(name: str, test: Callable[[Any], bool]) -> Predicate:
    """SQL's rule: a comparison with NULL does not hold."""
    return lambda feature: (value := feature["properties"].get(name)) is not None and test(value)


def text_filters(name: str, values: list[str]) -> Iterator[Filter]:
    prop = {"property": name}
    low, high = values[0], values[-1]
    yield Filter(
        f"{name} = {quoted(low)}", {"op": "=", "args": [prop, low]}, having(name, lambda v: v == low)
    )
    yield Filter(
        f"{name} <> {quoted(low)}", {"op": "<>", "args": [prop, low]}, having(name, lambda v: v != low)
    )
    inside = {"op": "in", "args": [prop, [low, high]]}
    yield Filter(
        f"{name} IN ({quoted(low)}, {quoted(high)})", inside, having(name, lambda v: v in (low, high))
    )
    begin = re.sub(r"[%_\\]", "", low)[:3]
    like = {"op": "like", "args": [prop, f"{begin}%"]}
    yield Filter(f"{name} LIKE {quoted(begin + '%')}", like, having(name, lambda v: v.startswith(begin)))
    null = {"op": "isNull", "args": [prop]}
    yield Filter(f"{name} IS NULL", null, lambda f: f["properties"].get(name) is None)
    yield Filter(
        f"{name} IS NOT NULL", {"op": "not", "args": [null]}, lambda f: f["properties"].get(name) is not None
    )
    both = {"op": "or", "args": [{"op": "=", "args": [prop, low]}, {"op": "=", "args": [prop, high]}]}
    said = f"({name} = {quoted(low)}) OR ({name} = {quoted(high)})"
    yield Filter(said, both, having(name, lambda v: v in (low, high)))
    never = {"op": "and", "args": both["args"]}
    yield Filter(said.replace(" OR ", " AND "), never, lambda f: False)
    not_in = {"op": "not", "args": [inside]}
    yield Filter(
        f"NOT ({name} IN ({quoted(low)}, {quoted(high)}))",
        not_in,
        having(name, lambda v: v not in (low, high)),
    )


def folded_filters(name: str, values: list[str]) -> Iterator[Filter]:
    """Without regard to case, and without regard to diacritics."""
    value = max(values, key=lambda v: sum(map(ord, v)))
    shouted = value.upper()
    casei = {
        "op": "=",
        "args": [{"op": "casei", "args": [{"property": name}]}, {"op": "casei", "args": [shouted]}],
    }
    same_case = having(name, lambda v: v.casefold() == value.casefold())
    yield Filter(f"CASEI({name}) = CASEI({quoted(shouted)})", casei, same_case)
    bare = plain(value)
    both = {"op": "accenti", "args": [{"op": "casei", "args": [{"property": name}]}]}
    accenti = {"op": "=", "args": [both, {"op": "accenti", "args": [{"op": "casei", "args": [bare]}]}]}
    said = f"ACCENTI(CASEI({name})) = ACCENTI(CASEI({quoted(bare)}))"
    yield Filter(said, accenti, having(name, lambda v: plain(v) == bare))


def number_filters(name: str, values: list[float]) -> Iterator[Filter]:
    prop = {"property": name}
    low, middle, high = values[0], values[len(values) // 2], values[-1]
    for op, test in (
        ("<", lambda v: v < middle),
        ("<=", lambda v: v <= middle),
        (">", lambda v: v > middle),
        (">=", lambda v: v >= middle),
    ):
        yield Filter(f"{name} {op} {middle}", {"op": op, "args": [prop, middle]}, having(name, test))
    between = {"op": "between", "args": [prop, low, middle]}
    yield Filter(f"{name} BETWEEN {low} AND {middle}", between, having(name, lambda v: low <= v <= middle))
    outside = {"op": "not", "args": [between]}
    yield Filter(
        f"{name} NOT BETWEEN {low} AND {middle}", outside, having(name, lambda v: not low <= v <= middle)
    )
    yield Filter(f"{name} = {high}", {"op": "=", "args": [prop, high]}, having(name, lambda v: v == high))


def need_filter(server: Server, one: Json, features: list[Json], wanted: Filter) -> None:
    """Both languages select what the predicate selects."""
    ids = {f["id"] for f in features if wanted.holds(f)}
    for lang, said in (
        ("cql2-text", wanted.text),
        ("cql2-json", json.dumps(wanted.json, ensure_ascii=False)),
    ):
        got = set(ids_of(server.all_features(one, filter=said, filter_lang=lang)))
        more, fewer = sorted(map(str, got - ids))[:5], sorted(map(str, ids - got))[:5]
        need(got == ids, f"{one['id']}: {lang} {said}: too many {more}, missing {fewer}")


def readable(server: Server) -> Iterator[tuple[Json, list[Json]]]:
    """Up to four collections with all their features."""
    for number, (one, _) in enumerate(sized(server)):
        if number == 4:
            return
        yield one, server.all_features(one)


Values = tuple[str, list[Any]]


def need_filters(
    server: Server,
    values_of: Callable[[Server, Json, list[Json]], Values | None],
    filters: Callable[[str, list[Any]], Iterator[Filter]],
    what: str,
) -> None:
    cases = ((one, features, values_of(server, one, features)) for one, features in readable(server))
    for one, features, values in each((case for case in cases if case[2]), what):
        assert values
        for wanted in filters(*values):
            need_filter(server, one, features, wanted)


@SUITE.check("cql2_classes_declared", "every class that QGIS looks for, and what we have beyond")
def cql2_classes_declared(server: Server) -> None:
    missing = [name for name in DECLARED if name not in server.conforms_to]
    need(not missing, f"not declared: {missing}")


@SUITE.check("text_comparisons", "hole: = <> IN LIKE IS NULL NOT AND OR on text, in both languages")
def text_comparisons(server: Server) -> None:
    need_filters(server, text_values, text_filters, "no queryable text with two values")


@SUITE.check("number_comparisons", "hole: < <= > >= BETWEEN on numbers, in both languages")
def number_comparisons(server: Server) -> None:
    need_filters(server, number_values, number_filters, "no queryable number with three values")


@SUITE.check("case_and_accents", "hole: CASEI and ACCENTI: 'huong' finds Hương")
def case_and_accents(server: Server) -> None:
    need_filters(server, text_values, folded_filters, "no queryable text with two values")


def window(features: list[Json]) -> tuple[float, float, float, float]:
    """A box round the first feature with a geometry, as large as it is."""
    first = next(f for f in features if f["geometry"])
    west, south, east, north = shape(first["geometry"]).bounds
    wide, high = max(east - west, 1e-3), max(north - south, 1e-3)
    return west - wide / 3, south - high / 3, east + wide / 2, north + high


def spatial_filters(name: str, features: list[Json]) -> Iterator[Filter]:
    bounds = window(features)
    area = box(*bounds)
    numbers = ", ".join(f"{v:.9f}" for v in bounds)
    polygon = {"type": "Polygon", "coordinates": [[list(p) for p in mapping(area)["coordinates"][0]]]}
    wkt = area.wkt
    for op, test in (
        ("s_intersects", area.intersects),
        ("s_disjoint", area.disjoint),
        ("s_within", area.contains),
    ):

        def holds(feature: Json, test: Callable[[Any], bool] = test) -> bool:
            return bool(feature["geometry"]) and test(shape(feature["geometry"]))

        prop = {"property": name}
        yield Filter(
            f"{op.upper()}({name}, BBOX({numbers}))",
            {"op": op, "args": [prop, {"bbox": list(bounds)}]},
            holds,
        )
        yield Filter(f"{op.upper()}({name}, {wkt})", {"op": op, "args": [prop, polygon]}, holds)


@SUITE.check("spatial_operators", "hole: S_INTERSECTS, S_DISJOINT, S_WITHIN with BBOX and POLYGON")
def spatial_operators(server: Server) -> None:
    for one, features in each(readable(server), "no collection of a readable size"):
        for wanted in spatial_filters(geometry_name(server, one), features):
            need_filter(server, one, features, wanted)


@SUITE.check("filter_crs", "hole: filter-crs, axes in the authority's order")
def filter_crs(server: Server) -> None:
    for one, features in each(readable(server), "no collection of a readable size"):
        first = next(f for f in features if f["geometry"])
        point = shape(first["geometry"]).representative_point()
        for crs in server.crs_list(one):
            a, b = from_crs84(crs).transform(point.x, point.y)
            reach = 1e-5 if abs(a) <= 180 else 1.0
            numbers = ", ".join(f"{v:.9f}" for v in (a - reach, b - reach, a + reach, b + reach))
            said = f"S_INTERSECTS({geometry_name(server, one)}, BBOX({numbers}))"
            got = ids_of(server.all_features(one, filter=said, filter_lang="cql2-text", filter_crs=crs))
            need(first["id"] in got, f"{one['id']}: {said} in {crs} misses feature {first['id']}")


def temporal_filters(
    start: str, end: str | None, middle: Any, spans: list[Any], *, dates: bool
) -> Iterator[Filter]:
    """T_AFTER, T_BEFORE on the beginning; T_INTERSECTS where there is an end, too."""
    time = {fid: (low, high) for fid, low, high in spans}
    stamp, prop = (middle.date().isoformat() if dates else instant(middle)), {"property": start}
    kind = "date" if dates else "timestamp"
    moment = {kind: stamp}

    def known(feature: Json) -> bool:
        return feature["properties"].get(start) is not None

    for op, test in (("t_after", lambda low: low > middle), ("t_before", lambda low: low < middle)):
        said = f"{op.upper()}({start}, {kind.upper()}('{stamp}'))"

        def holds(feature: Json, test: Callable[[Any], bool] = test) -> bool:
            return known(feature) and test(time[feature["id"]][0])

        yield Filter(said, {"op": op, "args": [prop, moment]}, holds)
    if end:
        interval = {"interval": [{"property": start}, {"property": end}]}
        middle += timedelta(days=1)  # not on a bound: whether an interval has its end is left open by CQL2
        stamp = middle.date().isoformat() if dates else instant(middle)
        said = f"T_INTERSECTS(INTERVAL({start}, {end}), INTERVAL('{stamp}', '..'))"
        args = [interval, {"interval": [stamp, ".."]}]
        yield Filter(
            said,
            {"op": "t_intersects", "args": args},
            # A property without a value is NULL in an INTERVAL, and NULL is no answer: only '..' is open.
            lambda f: known(f) and f["properties"].get(end) is not None and time[f["id"]][1] >= middle,
        )


@SUITE.check("temporal_operators", "hole: T_AFTER, T_BEFORE, T_INTERSECTS")
def temporal_operators(server: Server) -> None:
    roles = ("primary-instant", "primary-interval-start", "primary-interval-end")
    known = (
        (one, spans, [server.role_of(one, role) for role in roles]) for one, spans in temporal_cases(server)
    )
    for one, spans, (at, begin, end) in each(known, "no collection has a temporal extent"):
        start = at or begin
        assert start
        dates = queryables(server, one).get(start, {}).get("format") == "date"
        begins = sorted(low for _, low, _ in spans if low != LONG_AGO)
        middle = begins[len(begins) // 2].replace(microsecond=0)
        features = server.all_features(one)
        for wanted in temporal_filters(start, end, middle, spans, dates=dates):
            need_filter(server, one, features, wanted)


@SUITE.check("filter_and_bbox", "filter, bbox and paging hold together")
def filter_and_bbox(server: Server) -> None:
    cases = ((one, features, text_values(server, one, features)) for one, features in readable(server))
    for one, features, values in each((case for case in cases if case[2]), "no queryable text"):
        assert values
        name, known = values
        bounds = window(features)
        said = f"{name} <> {quoted(known[0])}"
        params = {"filter": said, "filter_lang": "cql2-text", "bbox": ",".join(f"{v:.9f}" for v in bounds)}
        wanted = [
            f["id"]
            for f in features
            if f["geometry"]
            and box(*bounds).intersects(shape(f["geometry"]))
            and f["properties"].get(name) not in (None, known[0])
        ]
        placed = [f for f in server.all_features(one, limit=2, **params) if f["geometry"]]
        equal(ids_of(placed), wanted, f"{one['id']}: {said} in {bounds}")


REFUSED = (
    ("no_such_property = 1", "an unknown property"),
    ("upper({p}) = 'X'", "an unknown function"),
    ("{p} =", "no expression"),
    ("{p} = 'x' -- comment", "a comment"),
    ("S_INTERSECTS({p}, POINT(107 16))", "a place compared with a text"),
    ("{p} = 5", "a text compared with a number"),
    ("S_INTERSECTS({g}, POINT(107))", "a point with one number"),
    ("{p}", "a property that is no truth value"),
    ("(" * 400 + "{p} = 'x'" + ")" * 400, "four hundred parentheses"),
    (" OR ".join(["{p} = 'x'"] * 500), "five hundred terms"),
)


@SUITE.check(
    "filters_refused", "hole: what is wrong in a filter is a 400 and no 500; deep and long ones, too"
)
def filters_refused(server: Server) -> None:
    cases = ((one, text_values(server, one, features)) for one, features in readable(server))
    for one, values in each((case for case in cases if case[1]), "no queryable text"):
        assert values
        for said, what in REFUSED:
            text = said.replace("{p}", values[0]).replace("{g}", geometry_name(server, one))
            params = {"filter": text, "filter-lang": "cql2-text"}
            reply = server.request("GET", server.items_url(one), params=params, headers={"Accept": GEOJSON})
            allowed = (400, 414, 431) if len(text) > 4_000 else (400,)
            need(
                reply.status_code in allowed, f"{one['id']}: {what} ({text[:60]}): status {reply.status_code}"
            )
        wrong = ({"filter": "{", "filter-lang": "cql2-json"}, {"filter": "1=1", "filter-lang": "cql3"})
        for params in (
            *wrong,
            {"filter": "1=1", "filter-crs": "http://www.opengis.net/def/crs/0/unsupported"},
        ):
            server.get(server.items_url(one), params, accept=GEOJSON, status=400)
