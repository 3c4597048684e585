"""The midnight of 1 July 2025 in Huế through every protocol with a time, and maps for which none is named."""

from __future__ import annotations

import io
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
from lxml import etree
from PIL import Image

from tests.acceptance.tile_surfaces import tile_at
from tests.live_city import LiveCity

LAYER = "admin_units_history"
LON, LAT = 107.5905, 16.4637
BOX = "107.55,16.43,107.63,16.5"
MIDNIGHT, BEFORE = "2025-06-30T17:00:00Z", "2025-06-30T16:59:59Z"
MAP = {
    "service": "WMS",
    "version": "1.3.0",
    "request": "GetMap",
    "layers": LAYER,
    "styles": "",
    "crs": "CRS:84",
    "bbox": BOX,
    "width": "300",
    "height": "300",
    "format": "image/png",
}
INFO = {**MAP, "request": "GetFeatureInfo", "query_layers": LAYER, "info_format": "application/json"}
INFO |= {"i": "150", "j": "150", "feature_count": "100"}


def levels(features: list[dict[str, Any]]) -> set[tuple[str, bool]]:
    """Levels of what is there, and whether it is of today."""
    return {(f["properties"]["level"], f["properties"]["valid_to"] is None) for f in features}


NEW = {("commune", True), ("province", True)}
OLD = {("commune", False), ("district", False), ("province", True)}


@pytest.mark.parametrize(("moment", "wanted"), [(MIDNIGHT, True), (BEFORE, False)])
def test_one_moment_in_every_protocol(live_city: LiveCity, moment: str, wanted: bool) -> None:
    x, y = tile_at(13, LON, LAT)
    with live_city.client() as client:
        here = f"/ogcapi/collections/{LAYER}"
        items = client.get(f"{here}/items", params={"datetime": moment, "bbox": BOX}).json()["features"]
        everywhere = client.get(f"{here}/items", params={"datetime": moment, "limit": "1000"}).json()[
            "features"
        ]
        valid = {f["id"] for f in everywhere}
        assert len(valid) == (41 if wanted else 143)
        tiles = [
            client.get(f"/tiles/{LAYER}/13/{x}/{y}.mvt", params={"t": moment}),
            client.get(f"{here}/tiles/WebMercatorQuad/13/{y}/{x}", params={"datetime": moment}),
        ]
        info = client.get("/wms", params=INFO | {"time": moment}).json()["features"]
        wfs = client.get(
            "/wfs",
            params={
                "service": "WFS",
                "version": "2.0.0",
                "request": "GetFeature",
                "typenames": f"huong:{LAYER}",
                "count": "1000",
                "filter": (
                    '<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0"'
                    ' xmlns:gml="http://www.opengis.net/gml/3.2"><fes:PropertyIsEqualTo>'
                    "<fes:ValueReference>valid_from</fes:ValueReference><fes:Literal><gml:TimeInstant"
                    f' gml:id="t"><gml:timePosition>{moment}</gml:timePosition></gml:TimeInstant></fes:Literal>'
                    "</fes:PropertyIsEqualTo></fes:Filter>"
                ),
            },
        )
    assert levels(items) == (NEW if wanted else OLD)
    assert levels(info) == (NEW if wanted else OLD)
    for tile in tiles:
        assert tile.status_code == 200, tile.text
        features = mapbox_vector_tile.decode(tile.content)[LAYER]["features"]
        assert features and {f["id"] for f in features} <= valid
    root = etree.fromstring(wfs.content)
    assert wfs.status_code == 200 and root.tag.endswith("FeatureCollection"), wfs.text[:500]
    begun = root.get("numberReturned")
    assert begun == ("40" if wanted else "0"), "a moment beside a date is its day in the city"


def test_a_map_without_time_shows_the_current_state(live_city: LiveCity) -> None:
    """As the capabilities say (default="current"): not every unit that there ever was, one over the other."""
    with live_city.client() as client:
        capabilities = client.get("/wms", params={"service": "WMS", "request": "GetCapabilities"}).text
        assert 'default="current"' in capabilities
        for now in ({}, {"time": ""}, {"time": "current"}, {"time": "default"}):
            assert levels(client.get("/wms", params=INFO | now).json()["features"]) == NEW, now

        def picture(**more: str) -> Any:
            answer = client.get("/wms", params=MAP | more)
            assert answer.headers["content-type"] == "image/png", answer.text
            return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"))

        now = picture()
        assert (now == picture(time="current")).all() and (now == picture(time="2025-07-01")).all()
        assert (now != picture(time="2025-06-30")).any()

        x, y = tile_at(13, LON, LAT)
        tile = f"/wmts/1.0.0/{LAYER}/default/%s/WebMercatorQuad/13/{y}/{x}.png"
        assert client.get(tile % "current").content == client.get(tile % "2025-07-01").content
        assert client.get(tile % "current").content != client.get(tile % "2025-06-30").content

        over = f"/ogcapi/collections/{LAYER}/map?bbox={BOX}&width=300&height=300"
        answer = client.get(over)
        assert answer.content == client.get(f"{over}&datetime=2025-07-01").content
        assert answer.content != client.get(f"{over}&datetime=2025-06-30").content


def test_what_merely_happened_is_all_drawn(live_city: LiveCity) -> None:
    """Reports have a day and no end: the current state of them is every one of them."""
    query = MAP | {"layers": "reports", "bbox": "107.4,16.3,107.8,16.6"}
    with live_city.client() as client:
        now = client.get("/wms", params=query).content
        assert now == client.get("/wms", params=query | {"time": "2000/2100"}).content
        assert now != client.get("/wms", params=query | {"time": "2000/2001"}).content
