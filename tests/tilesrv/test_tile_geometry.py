"""Polygons that go into a tile without ST_AsMVTGeom are what it would have made of them, and valid."""

from __future__ import annotations

import math
import random

import psycopg
import pytest
from shapely import Polygon, affinity, box

from gis_core.config import Config
from tilesrv.grid import BUFFER, EXTENT, HALF_WORLD_M, TileId, web_mercator
from tilesrv.tile_parts import GENERAL, PLAIN_POLYGON, POLYGON


def star(chance: random.Random, x: float, y: float, size: float) -> Polygon:
    """A valid polygon of 3 to 40 corners around a point, now and then squeezed or with a hole."""
    corners = chance.choice([3, 4, 5, 8, 12, 40])
    turns = sorted(chance.uniform(0, 2 * math.pi) for _ in range(corners))
    reach = [size * chance.uniform(0.3, 1) for _ in turns]
    ring = [(r * math.cos(t), r * math.sin(t)) for t, r in zip(turns, reach, strict=True)]
    made = Polygon(ring)
    if chance.random() < 0.2 and made.is_valid:
        inner = affinity.scale(made, 0.3, 0.3)
        if made.contains(inner):
            made = made.difference(inner)
    made = affinity.scale(made, 1, chance.choice([1, 1, 0.3, 0.05]))
    made = affinity.translate(affinity.rotate(made, chance.uniform(0, 360)), x, y)
    return made.normalize() if chance.random() < 0.5 else made.reverse()


@pytest.mark.parametrize("z", [10, 14, 17])
def test_the_short_way_makes_the_same_polygons(city: Config, z: int) -> None:
    """In both orientations, with holes, thin and small ones, on the edge of the tile and beyond it."""
    chance = random.Random(z)
    x, y = web_mercator(107.43, 16.4)
    side = TileId(z, 0, 0).side
    tile = TileId(z, int((x + HALF_WORLD_M) // side), int((HALF_WORLD_M - y) // side))
    west, north = tile.x * tile.side - HALF_WORLD_M, HALF_WORLD_M - tile.y * tile.side
    unit = tile.side / 4096
    shapes = []
    while len(shapes) < 4000:
        x, y = west + chance.uniform(-0.05, 1.05) * tile.side, north - chance.uniform(-0.05, 1.05) * tile.side
        shape = star(chance, x, y, unit * 10 ** chance.uniform(0, 2.5))
        if isinstance(shape, Polygon) and shape.is_valid and not shape.is_empty:
            shapes.append(shape.wkb)
    with psycopg.connect(**city.connection("owner"), cursor_factory=psycopg.RawCursor) as connection:  # type: ignore[arg-type]
        connection.execute("create temporary table shapes (geom3857 geometry(Polygon, 3857))")
        with connection.cursor().copy("copy shapes from stdin") as copy:
            for wkb in shapes:
                copy.write_row([wkb.hex()])
        connection.execute("update shapes set geom3857 = st_setsrid(geom3857, 3857)")
        rows = connection.execute(
            f"select {PLAIN_POLYGON} as plain, st_asbinary({POLYGON}), st_asbinary({GENERAL}) from shapes",
            tile,
        ).fetchall()
    from shapely import from_wkb

    # A small one is whole, where ST_AsMVTGeom clips it.
    shown = box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    plain = [
        (from_wkb(ours), from_wkb(theirs))
        for is_plain, ours, theirs in rows
        if is_plain and theirs is not None
    ]
    assert 300 < len(plain) < 4000
    broken = [ours for ours, _ in plain if not ours.is_valid]
    assert len(broken) <= len(plain) * 0.005, broken[:3]
    for ours, theirs in plain:
        # The repair of ST_AsMVTGeom takes thin spikes away; nothing more may be missing.
        on_edge = not shown.contains(ours)  # cut anew, each of its corners there is rounded
        part = ours.intersection(shown) if ours.is_valid else ours
        assert abs(part.area - theirs.area) <= max(1, 0.05 * theirs.area, on_edge * theirs.length), (
            "a polygon lost a part"
        )
        for part in getattr(ours, "geoms", [ours]):
            assert part.exterior.is_ccw, "an outer ring runs the wrong way round"
            assert all(not ring.is_ccw for ring in part.interiors)
    within = [(ours, theirs) for ours, theirs in plain if shown.contains(ours)]
    same = sum(ours.equals(theirs) for ours, theirs in within)
    assert same >= 0.9 * len(within) > 0
    assert len(within) < len(plain), "none lies on the edge"
    others = [(ours, theirs) for is_plain, ours, theirs in rows if not is_plain]
    assert all(ours == theirs for ours, theirs in others)
