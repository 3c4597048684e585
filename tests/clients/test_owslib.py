"""OWSLib, the library of Python's own GIS programs, reads back what was imported."""

from __future__ import annotations

import json

import shapely
from owslib.ogcapi.features import Features

from tests.clients.conftest import Source, distance
from tests.live_city import LiveCity


def test_collections_queryables_and_conformance(real_city: LiveCity) -> None:
    service = Features(f"{real_city.url}/ogcapi/")
    assert "admin_units" in service.feature_collections()
    assert any(uri.endswith("ogcapi-features-1/1.0/conf/core") for uri in service.conformance()["conformsTo"])
    assert "code" in service.collection_queryables("admin_units")["properties"]


def test_the_wards_by_pages_of_seven(real_city: LiveCity, wards: Source) -> None:
    service = Features(f"{real_city.url}/ogcapi/")
    seen = {}
    for offset in range(0, 42, 7):
        page = service.collection_items("admin_units", limit=7, offset=offset)
        assert page["numberMatched"] == 40
        seen.update({feature["properties"]["code"]: feature for feature in page["features"]})
    assert set(seen) == set(wards.features)
    for code, feature in seen.items():
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert distance(shape, wards.features[code][1]) < 2e-7


def test_one_ward_and_a_filter(real_city: LiveCity) -> None:
    service = Features(f"{real_city.url}/ogcapi/")
    page = service.collection_items(
        "admin_units", filter="CASEI(ACCENTI(name)) = CASEI(ACCENTI('kim long'))", limit=5
    )
    (feature,) = page["features"]
    assert feature["properties"]["name"] == "Kim Long"
    assert service.collection_item("admin_units", feature["id"])["id"] == feature["id"]
