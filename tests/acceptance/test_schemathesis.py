"""What the API says of itself is true of every answer: Schemathesis asks each operation, seeded from the running city.

In three cases of four, what it makes up is replaced by values that exist there, so that at least half of the answers
are 2xx and the tests see more than refusals. ``HUONG_TEST_FULL=1`` asks each operation 2,000 times.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ogc_api.openapi import api_document
from ogc_api.parts import parts
from tests.acceptance import places
from tests.acceptance.test_live import TREES, remove
from tests.acceptance.tile_surfaces import tile_at
from tests.live_city import LiveCity

FULL = os.environ.get("HUONG_TEST_FULL") == "1"
CASES = 2000 if FULL else 24
LAYER = "fuzzed_trees"
LON, LAT = 107.5905, 16.4637
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Values that the running city knows; each stands for what is made up under its name, most of the time.
KNOWN: dict[str, list[Any]] = {
    "limit": [1, 7, 1000],
    "offset": [0, 3],
    "bbox": ["107,16,108,17", "107,16,0,108,17,9", "170,-20,-170,20"],
    "bbox-crs": [f"{EPSG}4326", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
    "crs": [f"{EPSG}9214", f"{EPSG}4326", f"{EPSG}3857"],
    "filter-crs": [f"{EPSG}4326"],
    "datetime": ["2024-01-05", "2024-01-01T00:00:00Z/..", "../2030-01-01"],
    "sortby": ["stems", "-species", "+planted_on"],
    "filter": ["stems > 5", "species LIKE '%1%' OR stems IS NULL", "S_INTERSECTS(geom, POINT(107.59 16.46))"],
    "filter-lang": ["cql2-text"],
    "f": ["json"],
}
OF_A_TILE = {"f": "mvt", "datetime": "2024-01-05"}
OF_A_MAP = {"f": "webp", "bbox": "107,16,108,17", "width": 64, "height": 48, "collections": LAYER, "bgcolor": "navy",
            "transparent": "true", "crs": f"{EPSG}9214", "datetime": "2024-01-05"}  # fmt: skip
OF_A_STYLE = {"f": "sld", "mode": "night"}
NEVER = ("cursor",)  # a cursor belongs to one order; those made up are refused, which is tested elsewhere
JOBS: dict[str, str] = {}
OPERATIONS = sorted(
    (path, method) for path, item in api_document(parts(), "", "en", "")["paths"].items() for method in item
)


@pytest.fixture(scope="module")
def fuzzed(live_city: LiveCity) -> Iterator[LiveCity]:
    """The running city with a dataset of the test's own, which anything may be done to."""
    places.publish(live_city.config, places.dataset(LAYER), TREES.replace("live_trees", LAYER))
    for _ in range(100):
        if all(httpx.get(f"{live_city.url}/ogcapi/collections/{LAYER}").status_code == 200 for _ in range(8)):
            break
    yield live_city
    remove(live_city, LAYER)


@pytest.fixture(scope="module")
def schema(fuzzed: LiveCity) -> Any:
    return schemathesis.openapi.from_url(f"{fuzzed.url}/ogcapi/api")


def test_the_definition_has_these_operations(fuzzed: LiveCity) -> None:
    served = httpx.get(f"{fuzzed.url}/ogcapi/api").json()["paths"]
    assert sorted((path, method) for path, item in served.items() for method in item) == OPERATIONS
    names = [item[method]["operationId"] for item in served.values() for method in item]
    assert len(set(names)) == len(names)


def feature(data: Any) -> dict[str, Any]:
    number = data.draw(st.integers(0, 10_000))
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [LON + number * 1e-6, LAT]},
        "properties": {"species": data.draw(st.sampled_from(["Bàng", "Sấu", "Ngô đồng"])), "stems": number},
    }


def seed(case: Any, data: Any, city: LiveCity) -> dict[str, str]:
    """Put known values in the place of most made-up ones; the headers that the request then needs."""
    x, y = tile_at(14, LON, LAT)
    paths = {"collectionId": LAYER, "featureId": fresh_feature(case, city), "tileMatrixSetId": "WebMercatorQuad",
             "tileMatrix": 14, "tileRow": y, "tileCol": x, "processId": "what-is-here", "jobId": job_of(case, city),
             "styleId": "default" if "/map" in case.operation.path else LAYER}  # fmt: skip
    for name in case.path_parameters or {}:
        case.path_parameters[name] = paths[name]
    case.query = {
        name: data.draw(st.sampled_from(KNOWN[name])) if name in KNOWN else value
        for name, value in (case.query or {}).items()
        if name not in NEVER
    }
    if "{tileRow}" in case.operation.path:
        case.query |= {name: value for name, value in OF_A_TILE.items() if name in case.query}
    if case.operation.path.endswith("/map"):
        case.query = {name: value for name, value in OF_A_MAP.items() if name in case.query}
    if case.operation.path == "/styles/{styleId}":
        case.query |= {name: value for name, value in OF_A_STYLE.items() if name in case.query}
    if "filter-crs" in case.query and "filter" not in case.query:
        del case.query["filter-crs"]
    if case.operation.method.upper() in ("POST", "PUT", "PATCH"):
        case.body = body_of(case, data)
    return {"If-Match": "*"} if case.operation.method.upper() in ("PUT", "PATCH", "DELETE") else {}


def job_of(case: Any, city: LiveCity) -> str:
    """A run of the asker's, as only these are told of; one for each city."""
    if "jobId" not in (case.path_parameters or {}):
        return ""
    if city.url not in JOBS:
        run = httpx.post(f"{city.url}/ogcapi/processes/what-is-here/execution", headers=city.headers("operations"),
                         json={"inputs": {"lon": LON, "lat": LAT}}, timeout=60)  # fmt: skip
        JOBS[city.url] = str(run.links["monitor"]["url"]).rpartition("/")[2]
    return JOBS[city.url]


def body_of(case: Any, data: Any) -> Any:
    if "processes" in case.operation.path:
        return {"inputs": {"lon": LON, "lat": LAT, "distance_m": data.draw(st.integers(0, 5000))}}
    made = feature(data)
    return {"properties": made["properties"]} if case.operation.method.upper() == "PATCH" else made


def fresh_feature(case: Any, city: LiveCity) -> str:
    """A feature that is there; for a deletion one of its own."""
    if case.operation.method.upper() != "DELETE":
        return "5"
    with city.client("operations") as editor:
        body = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [LON, LAT]},
                "properties": {"species": "để xóa"}}  # fmt: skip
        return (
            editor.post(f"/ogcapi/collections/{LAYER}/items", json=body).headers["Location"].rsplit("/", 1)[1]
        )


@pytest.mark.timeout(7200 if FULL else 600)
@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=[f"{m} {p}" for p, m in OPERATIONS])
def test_answers_are_as_the_definition_says(fuzzed: LiveCity, schema: Any, path: str, method: str) -> None:
    operation = schema[path][method.upper()]
    answers: Counter[int] = Counter()
    is_ones_own = method != "get" or path.startswith("/jobs")
    headers = fuzzed.headers("operations") if is_ones_own else {}

    @hypothesis.seed(20250701)
    @settings(max_examples=CASES, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @hypothesis.given(case=operation.as_strategy(), data=st.data())
    def ask(case: Any, data: Any) -> None:
        made_up = dict(case.path_parameters or {}), dict(case.query or {}), case.body
        more = seed(case, data, fuzzed)
        if sum(answers.values()) % 4 == 0:
            (case.path_parameters, case.query, case.body), more = made_up, {}
        reply = case.call(headers={**headers, **more})
        answers[reply.status_code] += 1
        case.validate_response(reply, checks=CHECKS)

    ask()
    good = sum(count for status, count in answers.items() if 200 <= status < 300)
    if all(status >= "300" for status in operation.definition.raw["responses"]):
        return  # there is nothing at the address yet, and the definition says so
    assert good * 2 >= sum(answers.values()), f"mostly refusals: {dict(answers)}"
