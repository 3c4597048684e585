"""What tiles cut, share or crowd is drawn once: names, borders, groups of points; over all tiles of a zoom."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import mapbox_vector_tile
import psycopg
import pytest
from psycopg import Connection
from shapely.geometry import shape
from shapely.ops import polylabel, unary_union

from gis_core.audiences import CITIZEN, Caller
from gis_core.config import Config
from gis_core.query.point_on import point_on
from gis_core.reading import registry
from gis_core.registry import Published
from gis_core.styles.parts import APART, COUNT, EDGES, GROUPS, NAMES
from gis_core.terrain import Terrain
from tilesrv.catalogue import OverviewState, Served
from tilesrv.grid import EXTENT, HALF_WORLD_M, MAX_ZOOM, Box, TileId
from tilesrv.making import Statements, make_tile
from tilesrv.render.compiling import compile_picture
from tilesrv.render.picture import Drawing, Picture
from tilesrv.styles.book import basemap, layer_style
from tilesrv.tile_layers import CELL_FIELDS
from tilesrv.tile_parts import LARGE, parts_at
from tilesrv.tile_sql import extent_sql, fields_at
from tilesrv.tilesets import Described, tilejson, tileset

CITY = "demo"
WHOLE_TO = 9  # the zoom
OFFICER = Caller("officer", units=("19774", "19789"))
Layers = dict[str, list[dict[str, Any]]]


def tiles(
    config: Config, layer_id: str, z: int, caller: Caller = CITIZEN, asked: list[str] | None = None
) -> Iterator[tuple[TileId, Layers]]:
    """All tiles of a zoom that show anything of the layer, as the tile server makes them by what it has ``asked``."""
    published, statements = registry().current().layers[layer_id], Statements()

    async def row(sql: str, values: Sequence[Any]) -> Any:
        if asked is not None:
            asked.append(sql)
        return connection.execute(sql, values).fetchone()

    loop = asyncio.new_event_loop()
    connection = psycopg.connect(**config.connection(caller.audience), cursor_factory=psycopg.RawCursor)  # type: ignore[arg-type]
    with connection:
        connection.execute("select set_config('huong.scope', $1, false)", [caller.scope])
        west, south, east, north = box_of(connection, published, caller, z)
        side = TileId(z, 0, 0).side
        first, last = (int((x + HALF_WORLD_M) // side) for x in (west, east))
        top, bottom = (int((HALF_WORLD_M - y) // side) for y in (north, south))
        place = "geom3857"
        of_x = (
            f"floor((st_xmin({place}) + {HALF_WORLD_M}) / $6 - 0.02)::int",
            (f"floor((st_xmax({place}) + {HALF_WORLD_M}) / $6 + 0.02)::int"),
        )
        of_y = (
            f"floor(({HALF_WORLD_M} - st_ymax({place})) / $6 - 0.02)::int",
            (f"floor(({HALF_WORLD_M} - st_ymin({place})) / $6 + 0.02)::int"),
        )
        showing = connection.execute(
            f'select distinct _x, _y from "{caller.audience}"."{layer_id}",'
            f" generate_series(greatest($2::int, {of_x[0]}), least($3::int, {of_x[1]})) _x,"
            f" generate_series(greatest($4::int, {of_y[0]}), least($5::int, {of_y[1]})) _y"
            f" where st_intersects({place}, st_tileenvelope($1, _x, _y, margin => 0.02::float8)) order by 1, 2",
            [z, first, last, top, bottom, side],
        ).fetchall()
        for x, y in showing:
            tile = TileId(z, x, y)
            made = loop.run_until_complete(make_tile(row, statements, published, caller, tile, view=None))
            decoded = mapbox_vector_tile.decode(made.body, default_options={"y_coord_down": True})
            if decoded:
                yield tile, {name: layer["features"] for name, layer in decoded.items()}
    loop.close()


def box_of(connection: Connection[Any], published: Published, caller: Caller, z: int) -> Box:
    """What is looked at: from afar all that there is, deeper the city, since the sea fills 300,000 tiles of zoom 13."""
    of = published if z <= WHOLE_TO else registry().current().layers["admin_units"]
    west, south, east, north = connection.execute(extent_sql(of, caller)).fetchone()  # type: ignore[misc]
    return west, south, east, north


def is_within(x: float, y: float) -> bool:
    """Whether a reader of the tile draws what stands there: it leaves what is in the buffer to the neighbour."""
    return 0 <= x < EXTENT and 0 <= y < EXTENT


@pytest.mark.parametrize(
    ("layer_id", "z"),
    [
        ("admin_units", 10),
        ("admin_units", 12),
        ("water_areas", 9),
        ("water_areas", 13),
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
    published = registry().current().layers[layer_id]
    with psycopg.connect(**city.connection("citizen"), cursor_factory=psycopg.RawCursor) as connection:  # type: ignore[arg-type]
        box = box_of(connection, published, CITIZEN, z)
        here = f'select fid from citizen."{layer_id}" where {point_on("geom3857")} && $1::box2d'
        wanted = {fid for (fid,) in connection.execute(here, [f"BOX({box[0]} {box[1]}, {box[2]} {box[3]})"])}
    assert cut > 0, "no tile cuts anything here"
    assert [fid for fid, times in named.items() if times > 1] == []
    # What is smaller than a unit or two is in no tile at all.
    assert len(wanted - {fid for fid, times in named.items() if times}) <= len(wanted) * 0.1


def test_the_place_of_a_large_area_is_looked_for_once_and_not_by_every_tile(city: Config) -> None:
    """That of the sea costs more than all else in a tile, and many hundred tiles show some of it."""
    asked: list[str] = []
    sea = [0, 0]
    for _, found in tiles(city, "water_areas", WHOLE_TO, asked=asked):
        for at, name in enumerate(("water_areas", f"water_areas{NAMES}")):
            sea[at] += any(each["properties"].get("name") == "Biển Đông" for each in found.get(name, []))
    assert sea[0] > 20 and sea[1] == 1
    looked = [sql for sql in asked if "array_agg(_key)" in sql]
    with psycopg.connect(**city.connection("citizen")) as connection:  # type: ignore[arg-type]
        large = f"select count(*) from citizen.water_areas where {LARGE}"
        (count,) = connection.execute(large).fetchone()  # type: ignore[arg-type, misc]
    assert 1 <= len(looked) <= count
    named = Counter(asked)  # a tile that may hold one is asked again for its names, with that one
    features = sum(times for sql, times in named.items() if "count(*)" in sql)
    names = sum(times for sql, times in named.items() if "_keys" in sql)
    assert names - features <= count


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


@pytest.mark.parametrize(("layer_id", "z"), [("admin_units", 10), ("water_areas", 13), ("reports", 12)])
def test_tiles_have_what_their_description_says_of_their_parts(city: Config, layer_id: str, z: int) -> None:
    """A client that draws by TileJSON looks for no part where there is none, and knows every attribute."""
    published = registry().current().layers[layer_id]
    fields = fields_at(published, CITIZEN, MAX_ZOOM)
    described = tilejson(Described(published, fields, None, None), "https://hue.example", "vi")
    layers = {each["id"]: each for each in described["vector_layers"]}
    seen: dict[str, set[str]] = {}
    for _, found in tiles(city, layer_id, z):
        for name, features in found.items():
            seen.setdefault(name, set()).update(key for each in features for key in each["properties"])
    assert seen.keys() == {name for name, each in layers.items() if each["minzoom"] <= z <= each["maxzoom"]}
    for name, keys in seen.items():
        assert keys <= layers[name]["fields"].keys(), name
    for name, each in layers.items():
        parts = parts_at(published, each["minzoom"]) if ":" in name else ""
        assert ":" not in name or f":{name.partition(':')[2]}" in parts
        assert each["maxzoom"] == 12 or not name.endswith(GROUPS)


def test_cells_are_described_where_there_are_some(city: Config) -> None:
    """The tileset of OGC API left out what the cells of low zooms carry; TileJSON did not."""
    published = registry().current().layers["reports"]
    fields = fields_at(published, CITIZEN, MAX_ZOOM)
    counted = OverviewState(published.version, 12, None, {"citizen": "citizen"})
    for overview, there in ((None, False), (counted, True)):
        described = Described(published, fields, None, overview)
        known = tileset(described, "https://hue.example/ogcapi", "vi")["layers"][0]["propertiesSchema"][
            "properties"
        ]
        fields_said = tilejson(described, "https://hue.example", "vi")["vector_layers"][0]["fields"]
        assert known.keys() == fields_said.keys()
        assert (known.keys() >= CELL_FIELDS.keys()) is there
    assert {name: known[name]["type"] for name in ("n", "share", "class", "_cell")} == {
        **{"n": "integer", "share": "number", "class": "string", "_cell": "boolean"}
    }


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
