"""The landing page says where and when the whole dataset is (OGC 20-058, /rec/dataset-map/landingpage)."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.urls import resolve

from gis_core.config import Config
from ogc_api import views
from tests.acceptance.asking import person

CITY = "demo"


@pytest.mark.parametrize("who", ["citizen", "operations"])
def test_its_extent_is_around_every_collection(city: Config, who: str) -> None:
    asking = person(who)
    extent = asking.get("/ogcapi/").json["extent"]
    collections = asking.get("/ogcapi/collections").json["collections"]
    boxes = [each["extent"]["spatial"]["bbox"][0] for each in collections]
    known = [box for box in boxes if box[0] > -180]
    west, south, east, north = zip(*known, strict=True)
    assert extent["spatial"]["bbox"] == [[min(west), min(south), max(east), max(north)]]
    times = [
        each["extent"]["temporal"]["interval"][0] for each in collections if "temporal" in each["extent"]
    ]
    starts = [datetime.fromisoformat(low) for low, _ in times if low]
    assert len(times) >= 2 and datetime.fromisoformat(extent["temporal"]["interval"][0][0]) == min(starts)
    assert extent["temporal"]["interval"][0][1] is None, "some are valid still"


def test_addresses_of_programs_are_found_before_those_of_pages_are_tried() -> None:
    """To try those of sixty pages took a fifth of what the API itself takes for a page of features."""
    found = resolve("/ogcapi/collections/parcels/items")
    assert found.func is views.items
    assert not [tried for tried in found.tried or () if "web." in str(tried) or "accounts" in str(tried)]
