"""Every address of the web process: what is asked of it when two states of the city are compared, or why nothing is.

The list is held against Django's own routes (`routes`), so that a new address fails until somebody says here how it
could show a feature.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.urls import URLResolver, get_resolver

from gis_core.audiences import Caller
from gis_core.layer import Field
from gis_core.registry import Published
from tests.acceptance.asking import Call

LON, LAT = 107.5905, 16.4637  # the citadel: demo features of every layer lie around it
AROUND = f"{LON - 0.15},{LAT - 0.15},{LON + 0.15},{LAT + 0.15}"
HTML = {"Accept": "text/html"}
FULL = os.environ.get("HUONG_TEST_FULL") == "1"


@dataclass(frozen=True)
class Subject:
    """A layer as a caller sees it: some features that he sees, some that he does not, words found in the data.

    ``spots`` are longitudes and latitudes of points on those features; ``number`` tells layers asked together apart.
    """

    caller: Caller
    published: Published
    seen: tuple[int, ...]
    unseen: tuple[int, ...]
    words: tuple[str, ...]
    spots: tuple[tuple[float, float], ...] = ()
    number: int = 0

    @property
    def here(self) -> str:
        return f"/ogcapi/collections/{self.published.layer.id}"

    @property
    def fields(self) -> tuple[Field, ...]:
        return self.published.layer.fields_for(self.caller.audience)

    @property
    def hidden_names(self) -> list[str]:
        """Properties of others, and columns that are no property of anybody."""
        seen = {f.name for f in self.fields}
        return [f.name for f in self.published.layer.fields if f.name not in seen] + [
            "created_at",
            "geom_original",
        ]


def routes() -> Iterator[str]:
    """Every route of the URLconf as Django writes it."""

    def walk(resolver: URLResolver, before: str) -> Iterator[str]:
        for pattern in resolver.url_patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, route)
            else:
                yield route

    return walk(get_resolver(), "")


def items_calls(subject: Subject) -> Iterator[Call]:
    """Formats, pages, boxes, times, CRSs, sorts, filters and filters that are refused."""
    items, layer = f"{subject.here}/items", subject.published.layer
    questions: list[dict[str, str]] = [
        {},
        *({"f": form} for form in ("json", "html", "csv", "fgb")),
        {"limit": "3", "offset": "2"},
        {"bbox": AROUND},
        {"bbox": f"{LON},{LAT},{LON + 0.01},{LAT + 0.01}"},
        {"crs": "http://www.opengis.net/def/crs/EPSG/0/9214"},
        {"crs": "http://www.opengis.net/def/crs/EPSG/0/4326", "limit": "20"},
        {"datetime": "2025-01-01T00:00:00Z/.."},
        {"filter": f"S_INTERSECTS(geom, POINT({LON} {LAT}))"},
        *({"sortby": f"{way}{f.name}"} for f in subject.fields if f.sortable for way in ("", "-")),
        *(question for f in subject.fields if f.queryable for question in by_field(f)),
        *({"filter": f"{name} IS NULL"} for name in subject.hidden_names),
        *({"sortby": name} for name in subject.hidden_names),
        *({name: "x"} for name in subject.hidden_names),
    ]
    if layer.id == "reports":
        questions.append({"filter": "category IN ('environment', 'order')", "limit": "5"})
    for question in questions:
        yield Call(f"{items}?{urlencode(question)}" if question else items)
    yield Call(items, headers=HTML)
    yield Call(items, "OPTIONS")


def by_field(field: Field) -> Iterator[dict[str, str]]:
    yield {"filter": f'"{field.name}" IS NOT NULL', "limit": "50"}
    if field.type == "text":
        yield {"filter": f"CASEI(\"{field.name}\") LIKE CASEI('%a%')", "limit": "20"}
    if field.type in ("integer", "number"):
        comparison = {"op": ">", "args": [{"property": field.name}, 3]}
        yield {"filter": json.dumps(comparison), "filter-lang": "cql2-json", "limit": "20"}


def item_calls(subject: Subject) -> Iterator[Call]:
    for fid in (*subject.seen[:2], *subject.unseen[:2]):
        item = f"{subject.here}/items/{fid}"
        yield from (Call(item), Call(item, headers=HTML), Call(f"{item}?f=html"))
        yield Call(f"{item}?crs={quote('http://www.opengis.net/def/crs/EPSG/0/3857', safe='')}")
        yield Call(item, "OPTIONS")


def document(path: str) -> Callable[[Subject], list[Call]]:
    """A document in both forms, in both languages."""

    def calls(subject: Subject) -> list[Call]:
        address = path.replace("<layer>", subject.published.layer.id)
        english = {"Accept-Language": "en"}
        return [Call(address), Call(address, headers=HTML), Call(address, headers=english)]

    return calls


def what_is_here(subject: Subject) -> list[Call]:
    asked = [
        {"lon": LON, "lat": LAT, "distance_m": 0},
        {"lon": LON, "lat": LAT, "distance_m": 3000, "limit": 20},
    ]
    path = "/ogcapi/processes/what-is-here/execution"
    return [Call(path, "POST", {"inputs": inputs}) for inputs in asked]


def own_jobs(subject: Subject) -> list[Call]:
    """Nobody's are none; of somebody known those of a day without any, since asking leaves some."""
    jobs = "/ogcapi/jobs" if subject.caller.audience == "citizen" else "/ogcapi/jobs?datetime=2000-01-01"
    return [Call(jobs), Call(jobs, headers=HTML)]


def spots_of(subject: Subject) -> list[tuple[float, float]]:
    return [*subject.spots[:1], (LON, LAT)]


def pages(prefix: str) -> dict[str, Callable[[Subject], Any]]:
    """The citizen's pages in one language, each over this subject's layer.

    The English ones say the same of the same rows in other words: each is asked about every third layer, in full about
    all of them.
    """
    at = f"z=12.00&lat={LAT}&lon={LON}"
    box = f"box={AROUND}"

    def home(s: Subject) -> list[Call]:
        own = Call(f"/{prefix}?{at}&layers={s.published.layer.id}")
        if prefix:  # the same in other words
            return [own]
        fids = (*s.seen[:1], *s.unseen[:1])
        return [own, Call("/"), *(Call(f"/?feature={s.published.layer.id}/{fid}") for fid in fids)]

    def found(s: Subject) -> list[Call]:
        words = s.words[-1:] if prefix else s.words
        return [Call(f"/{prefix}search?{urlencode({'q': word})}") for word in words]

    def feature(s: Subject) -> list[Call]:
        return [
            Call(f"/{prefix}feature/{s.published.layer.id}/{fid}") for fid in (*s.seen[:1], *s.unseen[:1])
        ]

    def printing(s: Subject) -> list[Call]:
        layer = s.published.layer.id
        form = f"/{prefix}print?paper=A4&scale=5000&layers=basemap,{layer}"
        fids = (*s.seen[:1], *s.unseen[:1])
        return [
            Call(f"/{prefix}print?{at}&layers={layer}"),
            *(Call(f"/{prefix}print?feature={layer}/{fid}") for fid in fids),
            *(Call(f"{form}&pick={layer}/{fid}") for fid in fids),
            *(Call(f"{form}&{urlencode({'place': word})}") for word in s.words[-1:]),
        ]

    found_in: dict[str, Callable[[Subject], Any]] = {
        prefix: home,
        f"{prefix}print": printing,
        f"{prefix}print/check": lambda s: [Call(f"/{prefix}print/check?code=AAAA")],
        f"{prefix}list": lambda s: [Call(f"/{prefix}list?{at}&layers={s.published.layer.id}")],
        f"{prefix}beside": lambda s: [Call(f"/{prefix}beside?{box}&layers={s.published.layer.id}")],
        f"{prefix}near": lambda s: [Call(f"/{prefix}near?lon={lon}&lat={lat}") for lon, lat in spots_of(s)],
        f"{prefix}map-names.json": lambda s: [Call(f"/{prefix}map-names.json")],
        f"{prefix}help": lambda s: [Call(f"/{prefix}help")],
        f"{prefix}search": found,
        f"{prefix}suggest": lambda s: [
            Call(f"/{prefix}suggest?{urlencode({'q': word})}") for word in s.words[-1:]
        ],
        f"{prefix}place": lambda s: [Call(f"/{prefix}place?at={lat},{lon}") for lon, lat in spots_of(s)],
        f"{prefix}feature/<slug:layer>/<int:fid>": feature,
        f"{prefix}feature/<slug:layer>/<int:fid>/all": lambda s: [
            Call(f"{each.path}/all") for each in feature(s)
        ],
        f"{prefix}manifest.webmanifest": lambda s: [Call(f"/{prefix}manifest.webmanifest")],
    }
    if FULL or not prefix:
        return found_in
    return {route: in_turn(turn, questions) for turn, (route, questions) in enumerate(found_in.items())}


def in_turn(turn: int, questions: Callable[[Subject], Any]) -> Callable[[Subject], Any]:
    """``questions`` about every third layer, beginning with another one for each page."""
    return lambda subject: questions(subject) if (subject.number + turn) % 3 == 0 else []


def wfs_calls(subject: Subject) -> Iterator[Call]:
    """Documents, features in every format, boxes, filters, orders, ids; and what is refused."""
    layer = subject.published.layer
    english = {"Accept-Language": "en"}
    yield from (
        wfs_call("GetCapabilities", headers=english, version=version) for version in ("2.0.0", "1.1.0")
    )
    yield from (
        wfs_call(name) for name in ("ListStoredQueries", "DescribeStoredQueries", "DescribeFeatureType")
    )
    yield wfs_call("DescribeFeatureType", typeNames=layer.id)
    of_layer: list[dict[str, str]] = [
        {},
        {"version": "1.1.0"},
        {"resultType": "hits"},
        {"outputFormat": "application/json", "count": "20"},
        {"startIndex": "2", "count": "3"},
        {"srsName": "urn:ogc:def:crs:EPSG::9214", "count": "20"},
        {"bbox": f"{AROUND},CRS:84"},
        {
            "filter": wfs_filter(
                "BBOX",
                f"<g:Envelope><g:lowerCorner>{LAT - 0.02} {LON - 0.02}</g:lowerCorner>"
                f"<g:upperCorner>{LAT + 0.02} {LON + 0.02}</g:upperCorner></g:Envelope>",
            )
        },
        *({"sortBy": f"{f.name} {way}"} for f in subject.fields if f.sortable for way in ("ASC", "DESC")),
        *({"filter": wfs_is_null(f.name), "count": "50"} for f in subject.fields),
        *({"filter": wfs_is_null(name)} for name in subject.hidden_names),
        *({word: name} for name in subject.hidden_names for word in ("sortBy", "propertyName")),
    ]
    yield from (wfs_call("GetFeature", typeNames=layer.id, **question) for question in of_layer)
    names = [f.name for f in subject.fields[:3]] + subject.hidden_names
    yield from (wfs_call("GetPropertyValue", typeNames=layer.id, valueReference=name) for name in names)
    ids = [f"{layer.id}.{fid}" for fid in (*subject.seen[:2], *subject.unseen[:2])]
    yield from (wfs_call("GetFeature", storedQuery_id=BY_ID, id=id_) for id_ in ids)
    yield wfs_call("GetFeature", resourceId=",".join(ids))
    query = f'<GetFeature service="WFS" version="2.0.0"><Query typeNames="{layer.id}"/></GetFeature>'
    yield Call("/wfs", "POST", query.encode(), media_type="text/xml")


BY_ID = "urn:ogc:def:query:OGC-WFS::GetFeatureById"


def wfs_call(request: str, *, headers: Mapping[str, str] | None = None, **parameters: str) -> Call:
    pairs = {"service": "WFS", "version": "2.0.0", "request": request, **parameters}
    return Call(f"/wfs?{urlencode(pairs)}", headers=headers or {})


def wfs_filter(operator: str, inside: str) -> str:
    return f'<Filter xmlns:g="http://www.opengis.net/gml/3.2"><{operator}>{inside}</{operator}></Filter>'


def wfs_is_null(name: str) -> str:
    return wfs_filter("PropertyIsNull", f"<ValueReference>{name}</ValueReference>")


def same(*paths: str) -> Callable[[Subject], list[Call]]:
    return lambda subject: [Call(path) for path in paths]


COLLECTION = "ogcapi/collections/<str:layer_id>"
SURFACES: dict[str, Callable[[Subject], Any]] = {
    "healthz": same("/healthz"),
    "readyz": same("/readyz"),
    "metrics": same("/metrics"),
    **pages(""),
    **pages("en/"),
    "en": same("/en"),
    "map-style.json": same("/map-style.json", "/map-style.json?mode=night"),
    "robots.txt": same("/robots.txt"),
    "favicon.ico": same("/favicon.ico"),
    "ogcapi": document("/ogcapi"),
    "ogcapi/": document("/ogcapi/"),
    "ogcapi/api": document("/ogcapi/api"),
    "ogcapi/conformance": document("/ogcapi/conformance"),
    "ogcapi/collections": document("/ogcapi/collections"),
    COLLECTION: document("/ogcapi/collections/<layer>"),
    f"{COLLECTION}/queryables": document("/ogcapi/collections/<layer>/queryables"),
    f"{COLLECTION}/sortables": document("/ogcapi/collections/<layer>/sortables"),
    f"{COLLECTION}/schema": document("/ogcapi/collections/<layer>/schema"),
    f"{COLLECTION}/items": items_calls,
    f"{COLLECTION}/items/<str:feature_id>": item_calls,
    "ogcapi/page.css": same("/ogcapi/page.css"),
    "ogcapi/processes": same("/ogcapi/processes"),
    "ogcapi/processes/<str:process_id>": same("/ogcapi/processes/what-is-here"),
    "ogcapi/processes/<str:process_id>/execution": what_is_here,
    "ogcapi/jobs": own_jobs,
    "ogcapi/jobs/<str:job_id>": same("/ogcapi/jobs/1"),
    "ogcapi/jobs/<str:job_id>/results": same("/ogcapi/jobs/1/results"),
    "^ogcapi/.*$": same("/ogcapi/nothing"),
    "wfs": wfs_calls,
}

# Addresses that are not compared, each with the reason. A prefix stands for all below it.
ELSEWHERE: dict[str, str] = {
    "admin/": "pages of the layers' tables are asked by a session (`desk_surfaces`); the others read no layer",
    "place/check": "says what a typed text means; no layer is read there",
    "accounts/": "a user's own account; no layer is read there",
    "^accounts/": "a user's own account; no layer is read there",
}


def surface_of(route: str) -> Callable[[Subject], Any] | None:
    """The questions of a route; None where it is `ELSEWHERE`; KeyError where nobody has said."""
    if any(route.startswith(prefix) for prefix in ELSEWHERE):
        return None
    return SURFACES[route]
