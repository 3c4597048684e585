"""What tiles cut, share or crowd is drawn once: names, borders, groups of points; over all tiles of a zoom."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import mapbox_vector_tile
import psycopg
import pytest
from shapely.geometry import shape
from shapely.ops import polylabel, unary_union

from gis_core.audiences import CITIZEN, Caller
from gis_core.config import Config
from gis_core.reading import registry
from gis_core.styles.parts import APART, COUNT, EDGES, GROUPS, NAMES
from gis_core.terrain import Terrain
from tilesrv.catalogue import Served
from tilesrv.grid import EXTENT, HALF_WORLD_M, TileId
from tilesrv.making import Statements, make_tile
from tilesrv.render.compiling import compile_picture
from tilesrv.render.picture import Drawing, Picture
from tilesrv.styles.book import basemap, layer_style
from tilesrv.tile_sql import extent_sql

CITY = "demo"
OFFICER = Caller("officer", units=("19774", "19789"))
Layers = dict[str, list[dict[str, Any]]]


def tiles(config: Config, layer_id: str, z: int, caller: Caller = CITIZEN) -> Iterator[tuple[TileId, Layers]]:
    """All tiles of a zoom that show anything of the layer, as the tile server makes them."""
    published, statements = registry().current().layers[layer_id], Statements()

    async def row(sql: str, values: Sequence[Any]) -> Any:
        return connection.execute(sql, values).fetchone()

    connection = psycopg.connect(**config.connection(caller.audience), cursor_factory=psycopg.RawCursor)  # type: ignore[arg-type]
    with connection:
        connection.execute("select set_config('huong.scope', $1, false)", [caller.scope])
        west, south, east, north = connection.execute(extent_sql(published, caller)).fetchone()  # type: ignore[misc]
        side = TileId(z, 0, 0).side
        first, last = (int((x + HALF_WORLD_M) // side) for x in (west, east))
        top, bottom = (int((HALF_WORLD_M - y) // side) for y in (north, south))
        for x in range(first - 1, last + 2):
            for y in range(top - 1, bottom + 2):
                tile = TileId(z, x, y)
                made = asyncio.run(make_tile(row, statements, published, caller, tile, view=None))
                decoded = mapbox_vector_tile.decode(made.body, default_options={"y_coord_down": True})
                if decoded:
                    yield tile, {name: layer["features"] for name, layer in decoded.items()}


def is_within(x: float, y: float) -> bool:
    """Whether a reader of the tile draws what stands there: it leaves what is in the buffer to the neighbour."""
    return 0 <= x < EXTENT and 0 <= y < EXTENT


@pytest.mark.parametrize(
    ("layer_id", "z"),
    [
        ("admin_units", 10),
        ("admin_units", 12),
        ("water_areas", 10),
        ("water_areas", 11),
        ("land_cover", 13),
        ("planning_zones", 17),
    ],
)
def test_each_area_is_named_once_over_all_tiles_of_a_zoom(city: Config, layer_id: str, z: int) -> None:
    """What no edge cuts is named by the reader where its outline is widest, once for each of its parts."""
    named: Counter[int] = Counter()
    cut = 0
    for _, found in tiles(city, layer_id, z):
        for feature in found.get(f"{layer_id}{NAMES}", []):
            assert is_within(*feature["geometry"]["coordinates"])
            named[feature["id"]] += 1
            cut += 1
        for feature in found.get(layer_id, []):
            if feature["properties"].get(APART):
                continue
            area = shape(feature["geometry"])
            for part in getattr(area, "geoms", [area]):
                place = polylabel(part, tolerance=16) if part.is_valid else part.representative_point()
                named[feature["id"]] += is_within(place.x, place.y)
    view = registry().current().layers[layer_id]
    with psycopg.connect(**city.connection("citizen")) as connection:  # type: ignore[arg-type]
        (count,) = connection.execute(f'select count(*) from citizen."{view.layer.id}"').fetchone()  # type: ignore[misc]
    assert cut > 0, "no tile cuts anything here"
    assert [fid for fid, times in named.items() if times != 1] == []
    # What is smaller than a unit or two is in no tile at all.
    assert count * 0.9 <= len(named) <= count


def test_a_border_that_two_areas_share_is_drawn_once(city: Config) -> None:
    """Drawn twice, the dashes of one lie in the gaps of the other."""
    shared = 0.0
    for _, found in tiles(city, "admin_units", 10):
        lines = [shape(each["geometry"]) for each in found[f"admin_units{EDGES}"]]
        drawn, once = sum(line.length for line in lines), unary_union(lines).length
        assert drawn == pytest.approx(once, rel=0.01)
        shared += sum(shape(each["geometry"]).length for each in found["admin_units"]) - drawn
    assert shared > EXTENT, "no two units meet here"


@pytest.mark.parametrize("caller", [CITIZEN, OFFICER], ids=lambda caller: caller.audience)
@pytest.mark.parametrize("z", [7, 10, 12])
@pytest.mark.parametrize("layer_id", ["reports", "facilities"])
def test_groups_count_every_point_that_the_caller_sees_once(
    city: Config, layer_id: str, z: int, caller: Caller
) -> None:
    counted, alone, largest = 0, 0, 0
    for _, found in tiles(city, layer_id, z, caller):
        for group in found.get(f"{layer_id}{GROUPS}", []):
            counted += group["properties"][COUNT]
            largest = max(largest, group["properties"][COUNT])
            if group["properties"][COUNT] == 1:
                alone += 1
                assert any(each["id"] == group["id"] for each in found[layer_id])
    with psycopg.connect(**city.connection(caller.audience)) as connection:  # type: ignore[arg-type]
        connection.execute("select set_config('huong.scope', %s, false)", [caller.scope])
        view = f'"{caller.audience}"."{layer_id}"'
        (count,) = connection.execute(f"select count(*) from {view}").fetchone()  # type: ignore[misc]
    assert counted == count > 0
    assert largest > 1 or z > 7


def test_names_stand_above_pins_in_pictures_and_lines_of_one_name_are_one(city: Config) -> None:
    """As on the live map: words over marks, whichever collection they are of."""
    catalogue = registry().current()
    ground = basemap(catalogue, CITIZEN)
    pins = layer_style(catalogue.layers["reports"], CITIZEN)
    drawings = tuple(
        Drawing(style, tuple(catalogue.layers[each] for each in style.collections()))
        for style in (ground, pins)
    )
    x, y, half = 11976000.0, 1858000.0, 2000.0
    picture = Picture(drawings, 3857, (x - half, y - half, x + half, y + half), 800, 800, zoom=15)
    job = compile_picture(picture, Served(catalogue), CITIZEN, city.connection("citizen"), Terrain(city.var))
    written = {style.split('"', 1)[0]: style for style in job.styles.split('<Style name="')[1:]}
    words = [
        (source.name, any("TextSymbolizer" in written[style] for style in source.styles))
        for source in job.sources
    ]
    first = next(at for at, (_, is_text) in enumerate(words) if is_text)
    assert all(is_text for _, is_text in words[first:])
    assert ("reports", False) in words[:first] and ("reports", True) in words[first:]
    roads = [source.table for source, (_, is_text) in zip(job.sources, words, strict=True) if is_text]
    assert any('"roads"' in table and "st_linemerge" in table for table in roads)
