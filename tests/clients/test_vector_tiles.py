"""Vector tiles in GDAL's MVT driver and in QGIS 3.22: parts are layers with names, fields and styles, as described.

A project has them styled already (`test_qgis_project`); what is in them is read by another decoder
(`test_tiles_decoded`).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pyogrio
import pyogrio.raw
import pytest

from tests.acceptance.tile_surfaces import tile_at
from tests.clients.installed_qgis import said_by_qgis
from tests.live_city import LiveCity

CITADEL = (107.5905, 16.4637)
# Of areas their names, and borders that are drawn once; of points what stands for many; and features with all fields.
TILES = [
    ("admin_units", 10),
    ("admin_units", 16),
    ("water_areas", 13),
    ("reports", 11),
    ("reports", 16),
    ("roads", 14),
]


def read(file: Path, layer: str) -> dict[str, Any]:
    """The columns of a layer as GDAL has them, its geometry type besides."""
    meta, _, _, columns = pyogrio.raw.read(file, layer=layer)
    return {"": meta["geometry_type"], **dict(zip(meta["fields"], columns, strict=True))}


@pytest.mark.parametrize(("layer", "zoom"), TILES)
def test_gdal_reads_every_part_with_its_fields(
    live_city: LiveCity, tmp_path: Path, layer: str, zoom: int
) -> None:
    """Would fail if a part had a name or a value that the driver drops, or lacked a word in the descriptions."""
    x, y = tile_at(zoom, *CITADEL)
    with live_city.client() as client:
        answer = client.get(f"/tiles/{layer}/{zoom}/{x}/{y}.mvt", headers={"Accept-Encoding": "identity"})
        described = client.get(f"/tiles/{layer}.json").json()["vector_layers"]
        tileset = client.get(f"/ogcapi/collections/{layer}/tiles/WebMercatorQuad").json()["layers"]
    assert answer.status_code == 200
    file = tmp_path / f"{y}.mvt"
    file.write_bytes(answer.content)
    decoded = mapbox_vector_tile.decode(answer.content)
    assert {name for name, _ in pyogrio.list_layers(file)} == decoded.keys()
    for name, found in decoded.items():
        said = next(each for each in described if each["id"] == name)
        schema = next(each for each in tileset if each["id"] == name)
        assert said["minzoom"] <= zoom <= said["maxzoom"]
        columns = read(file, name)
        carried = {key for feature in found["features"] for key in feature["properties"]}
        assert columns.keys() - {"", "mvt_id"} == carried <= said["fields"].keys()
        assert said["fields"].keys() == schema["propertiesSchema"]["properties"].keys()
        # The driver leaves out what lies in the tile's margin alone; of the rest it has every value.
        ours = {each["id"]: each["properties"] for each in found["features"] if each.get("id")}
        for place, number in enumerate(columns["mvt_id"].tolist()):
            if number in ours:
                values = {key: columns[key][place] for key in carried}
                there = {key: value for key, value in values.items() if value is not None and value == value}
                assert {key: there[key] for key in ours[number]} == ours[number]
        assert 0 < len(columns["mvt_id"]) <= len(found["features"])


def test_parts_are_points_and_lines(live_city: LiveCity, tmp_path: Path) -> None:
    """Names and counted squares are points, borders lines; else a client cannot style them."""
    wanted = {"admin_units:names": (10, "Point"), "reports:groups": (11, "Point")}
    with live_city.client() as client:
        for name, (zoom, kind) in wanted.items():
            column, row = tile_at(zoom, *CITADEL)
            around = [(column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
            bodies = [
                client.get(f"/tiles/{name.partition(':')[0]}/{zoom}/{x}/{y}.mvt").content for x, y in around
            ]
            tile = next(body for body in bodies if body and name in mapbox_vector_tile.decode(body))
            file = tmp_path / f"{zoom}.mvt"
            file.write_bytes(tile)
            assert kind in read(file, name)[""]


def test_gdal_finds_a_tile_where_it_lies(live_city: LiveCity) -> None:
    """By its address, as a person types it: the zoom, column and row in it give the tile its place."""
    zoom = 14
    x, y = tile_at(zoom, *CITADEL)
    info = pyogrio.read_info(
        f"MVT:{live_city.url}/tiles/roads/{zoom}/{x}/{y}.mvt", layer="roads", force_total_bounds=True
    )
    side = 2 * math.pi * 6378137 / 2**zoom
    west = x * side - math.pi * 6378137
    assert west - side / 8 <= info["total_bounds"][0] <= info["total_bounds"][2] <= west + side * 9 / 8
    assert info["crs"] == "EPSG:3857" and {"name", "kind"} <= set(info["fields"])


STYLED = ("admin_units", "water_areas", "reports", "roads", "parcels")


def test_qgis_draws_and_names_by_the_address_of_a_style(live_city: LiveCity) -> None:
    """Would fail if QGIS refused our MapLibre style, or the style spoke of a part that no description has."""
    said = said_by_qgis("qgis_vector_tiles.py", live_city.url, *STYLED)
    with live_city.client() as client:
        for name in STYLED:
            described = client.get(f"/tiles/{name}.json").json()["vector_layers"]
            style = client.get(f"/styles/{name}.json").json()["layers"]
            spoken = {each["source-layer"] for each in style if "source-layer" in each}
            found = said[name]
            assert found["valid"] and found["style"] == [True, ""]
            assert {*found["layers"], *found["named"]} == spoken <= {each["id"] for each in described}
            assert found["drawn"] > 0, f"nothing of {name} is to be seen"
    assert said["admin_units"]["named"] == ["admin_units", "admin_units:names"]
    assert "admin_units:edges" in said["admin_units"]["layers"]
