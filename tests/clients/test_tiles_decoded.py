"""Vector tiles decoded by an independent decoder: ids, attributes and coordinates are those of the source."""

from __future__ import annotations

import math
from typing import Any

import mapbox_vector_tile
import numpy as np
import pyproj
import shapely

from tests.clients.conftest import Source
from tests.live_city import LiveCity

WORLD = 20037508.342789244
EXTENT = 4096
MERCATOR = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform


def tiles_over(bounds: tuple[float, float, float, float], z: int) -> list[tuple[int, int]]:
    """Tile columns and rows that cover lon/lat ``bounds``."""
    west, south = MERCATOR(bounds[0], bounds[1])
    east, north = MERCATOR(bounds[2], bounds[3])
    size = 2 * WORLD / 2**z

    def column(x: float) -> int:
        return math.floor((x + WORLD) / size)

    def row(y: float) -> int:
        return math.floor((WORLD - y) / size)

    return [(x, y) for x in range(column(west), column(east) + 1) for y in range(row(north), row(south) + 1)]


def decoded(city: LiveCity, layer: str, z: int, x: int, y: int) -> list[dict[str, Any]]:
    with city.client() as client:
        answer = client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt")
    assert answer.status_code in (200, 204), answer.text
    if answer.status_code == 204:
        return []
    tile = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    assert {name.partition(":")[0] for name in tile} == {layer}  # and what is drawn once over all tiles
    if layer not in tile:
        return []
    features: list[dict[str, Any]] = tile[layer]["features"]
    return features


def in_mercator(feature: dict[str, Any], z: int, x: int, y: int) -> Any:
    """The tile's integer coordinates as EPSG:3857."""
    size = 2 * WORLD / 2**z

    def place(u: Any, v: Any) -> tuple[Any, Any]:
        return x * size - WORLD + u * size / EXTENT, WORLD - y * size - v * size / EXTENT

    def placed(uv: Any) -> Any:
        return np.column_stack(place(uv[:, 0], uv[:, 1]))

    return shapely.transform(shapely.geometry.shape(feature["geometry"]), placed)


def test_every_ward_is_in_the_tiles_once_put_together(real_city: LiveCity, wards: Source) -> None:
    z = 9
    with real_city.client() as client:
        page = client.get("/ogcapi/collections/admin_units/items", params={"limit": 1000}).json()
    codes = {feature["id"]: feature["properties"]["code"] for feature in page["features"]}
    bounds = shapely.total_bounds([shape for _, shape in wards.features.values()])
    parts: dict[str, list[Any]] = {}
    ids: dict[str, set[int]] = {}
    for x, y in tiles_over(tuple(bounds), z):
        size = 2 * WORLD / 2**z
        frame = shapely.box(
            x * size - WORLD, WORLD - (y + 1) * size, (x + 1) * size - WORLD, WORLD - y * size
        )
        for feature in decoded(real_city, "admin_units", z, x, y):
            code = codes[feature["id"]]
            shape = shapely.make_valid(in_mercator(feature, z, x, y))
            parts.setdefault(code, []).append(shape.intersection(frame))
            ids.setdefault(code, set()).add(feature["id"])
    assert set(parts) == set(wards.features)
    assert all(len(found) == 1 for found in ids.values())
    for code, pieces in parts.items():
        source = shapely.transform(wards.features[code][1], lambda xy: np.column_stack(MERCATOR(*xy.T)))
        whole = shapely.union_all(pieces)
        assert whole.symmetric_difference(source).area / source.area < 0.03


def test_ids_and_attributes_are_those_of_the_items(real_city: LiveCity) -> None:
    with real_city.client() as client:
        page = client.get("/ogcapi/collections/roads/items", params={"limit": 10000}).json()
    items = {feature["id"]: feature["properties"] for feature in page["features"]}
    assert len(items) == 1615
    bounds = shapely.total_bounds([shapely.geometry.shape(f["geometry"]) for f in page["features"]])
    seen: dict[int, dict[str, Any]] = {}
    for x, y in tiles_over(tuple(bounds), 13):
        for feature in decoded(real_city, "roads", 13, x, y):
            seen[feature["id"]] = feature["properties"]
    assert set(seen) == set(items)
    for fid, properties in seen.items():
        assert set(properties) <= {"name", "kind"}  # what is drawn by, below zoom 16
        for name, value in properties.items():
            assert items[fid][name] == value


def test_from_zoom_16_a_tile_holds_every_attribute(real_city: LiveCity) -> None:
    """All that the items say and the layer has in its tiles: nothing left out but nulls."""
    with real_city.client() as client:
        page = client.get("/ogcapi/collections/roads/items", params={"limit": 10000}).json()
        tiled = client.get("/tiles/roads.json").json()["vector_layers"][0]["fields"]
    items = {feature["id"]: feature["properties"] for feature in page["features"]}
    places = [shapely.geometry.shape(f["geometry"]).representative_point() for f in page["features"][:40]]
    seen: dict[int, dict[str, Any]] = {}
    for x, y in {tile for place in places for tile in tiles_over((place.x, place.y, place.x, place.y), 16)}:
        for feature in decoded(real_city, "roads", 16, x, y):
            seen[feature["id"]] = feature["properties"]
    assert len(seen) >= 40
    for fid, properties in seen.items():
        wanted = {name: value for name, value in items[fid].items() if name in tiled and value is not None}
        assert properties == wanted
