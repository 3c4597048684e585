"""Files of the wild: columns called as our SQL calls things, shapes that nobody expects, no columns at all.

Each is imported as an operator imports it, and then every surface of both processes is asked: one bad dataset must take
nothing down, and shows what is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from click.testing import CliRunner
from django.db import connections

from gis_core.config import Config
from gis_core.reading import registry
from imports.run import run_import
from tests.acceptance.asking import Call, Reply, citizen
from tests.acceptance.map_surfaces import map_query
from tests.acceptance.own_words import words
from tests.acceptance.surfaces import LAT, LON, Subject, routes, surface_of
from tests.acceptance.tile_surfaces import TILE_SURFACES, TilesProcess, tile_at
from tests.imports.files import feature, geojson, point, request, rows, square
from tilesrv.commands import tiles as tiles_command

HERE = (LON, LAT)
SHAPES: dict[str, dict[str, Any]] = {
    "plain": {"type": "GeometryCollection", "geometries": [point(*HERE), square(*HERE)]},
    "nested": {
        "type": "GeometryCollection",
        "geometries": [
            point(*HERE),
            {"type": "GeometryCollection", "geometries": [square(*HERE), square(LON + 0.002, LAT)]},
        ],
    },
    "deep": {
        "type": "GeometryCollection",
        "geometries": [
            {
                "type": "GeometryCollection",
                "geometries": [{"type": "GeometryCollection", "geometries": [square(*HERE)]}],
            }
        ],
    },
    "empty part": {
        "type": "GeometryCollection",
        "geometries": [point(*HERE), {"type": "Polygon", "coordinates": []}],
    },
    "empty within": {
        "type": "GeometryCollection",
        "geometries": [
            point(*HERE),
            {"type": "LineString", "coordinates": [list(HERE), [LON + 0.001, LAT]]},
            {"type": "GeometryCollection", "geometries": []},
        ],
    },
    "point": point(*HERE),
}
LAYERS = ("numbers", "texts", "shapes", "bare")


@pytest.fixture(scope="module")
def strange(_database_of_module: None, django_db_blocker: Any, tmp_path_factory: Any) -> None:
    """The datasets, imported."""
    folder: Path = tmp_path_factory.mktemp("strange")
    names = words()
    numbers = [
        feature(square(LON, LAT + 0.0005 * n, 0.01), **dict.fromkeys(names, n + 0.5)) for n in range(2)
    ]
    texts = [feature(point(*HERE), ten="Chợ lạ", **{name: f"{name} {n}" for name in names}) for n in range(2)]
    shapes = [feature(shape, ten=f"Hình {name}") for name, shape in SHAPES.items()]
    with django_db_blocker.unblock():
        for name, found in (("numbers", numbers), ("texts", texts), ("shapes", shapes)):
            run_import(request(geojson(folder, *found, name=f"{name}.geojson")))
        run_import(
            request(geojson(folder, feature(point(*HERE)), feature(square(*HERE)), name="bare.geojson"))
        )


@pytest.fixture(scope="module")
def tiles(strange: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TilesProcess]:
    process = TilesProcess(tmp_path_factory.mktemp("tiles"))
    yield process
    process.stop()


def subject_of(layer_id: str) -> Subject:
    published = registry().current(fresh=True).layers[layer_id]
    fids = tuple(row[0] for row in rows(f"select fid from dataset.{layer_id} order by fid"))
    return Subject(citizen().caller, published, fids, (), ("chợ", "hình"), (HERE,))


def asked(subject: Subject, tiles: TilesProcess) -> dict[str, Reply]:
    """Every call of every surface, answered."""
    who = citizen()
    surfaces = [surface_of(route) for route in routes()]
    found = {
        str(call): who.ask(call) for surface in surfaces if surface is not None for call in surface(subject)
    }
    maps = [call for surface in TILE_SURFACES.values() for call in surface(subject)]
    return found | {f"tiles: {call}": tiles.ask(who, call) for call in maps}


@pytest.mark.parametrize("layer_id", LAYERS)
def test_no_surface_fails(city: Config, tiles: TilesProcess, layer_id: str) -> None:
    replies = asked(subject_of(layer_id), tiles)
    assert [
        (call, reply.status, reply.body[:300]) for call, reply in replies.items() if reply.status >= 500
    ] == []
    # What was made of a name that is not there is refused, and nothing else is.
    refused = [
        (call, reply.status, reply.body[:300])
        for call, reply in replies.items()
        if reply.status >= 400 and f"/{layer_id}" in call and not any(word in call for word in REFUSED)
    ]
    assert refused == []


# What the surfaces ask in order to be refused: names of others, tiles beyond the edge, forms that a layer has not.
REFUSED = (
    ".json?t=",
    "created_at",
    "geom_original",
    "/22/0/0",
    "OPTIONS",
    "execution",
    "=x",
    "picks",
    "place=",
)


def test_no_name_of_ours_or_of_postgresql_is_lost(city: Config, strange: None) -> None:
    """Columns that can be kept are; those that the house or PostgreSQL has taken get another name, never a refusal."""
    layer = registry().current(fresh=True).layers["numbers"].layer
    by_label = {field.label.vi: field.name for field in layer.fields}
    assert set(by_label) == set(words())
    assert by_label["xmin"] == "xmin_2" and by_label["ctid"] == "ctid_2" and by_label["g"] == "g"


def test_values_come_out_as_they_went_in(city: Config, tiles: TilesProcess) -> None:
    names = [field.name for field in registry().current(fresh=True).layers["numbers"].layer.fields]
    answer = citizen().get("/ogcapi/collections/numbers/items?limit=1").json
    assert {name: answer["features"][0]["properties"][name] for name in names} == dict.fromkeys(names, 0.5)
    z = 16
    x, y = tile_at(z, LON + 0.001, LAT + 0.001)
    body = tiles.ask(citizen(), Call(f"/tiles/numbers/{z}/{x}/{y}.mvt")).body
    drawn = mapbox_vector_tile.decode(body)["numbers"]["features"]
    assert {each["id"]: each["properties"]["g"] for each in drawn} == {1: 0.5, 2: 1.5}
    assert all(each["properties"] == dict.fromkeys(names, each["properties"]["g"]) for each in drawn)


def test_they_are_printed_and_packed(city: Config, tiles: TilesProcess, tmp_path: Path) -> None:
    names = ",".join(LAYERS)
    sheet = tiles.ask(
        citizen(), Call(f"/print/map.pdf?center={LON},{LAT}&scale=5000&paper=A4&layers={names}")
    )
    assert sheet.status == 200 and sheet.body.startswith(b"%PDF")
    archive = tmp_path / "strange.pmtiles"
    done = CliRunner().invoke(
        tiles_command, ["export", *LAYERS, str(archive), "--zoom", "12-16"], catch_exceptions=False
    )
    assert done.exit_code == 0 and archive.stat().st_size > 1000, done.output


@pytest.mark.parametrize("path", ["/", "/en/", "/list?layers=numbers,texts,shapes,bare"])
def test_the_map_shows_them(city: Config, strange: None, path: str) -> None:
    page = citizen().get(path)
    assert page.status == 200
    for name in LAYERS:
        assert f"/feature/{name}/" in page.body.decode(), name


def test_the_picture_draws_every_part_of_a_collection(city: Config, strange: None) -> None:
    """Points, lines and areas as paths: would fail with what ST_AsSVG makes of a collection (``x="..."``)."""
    page = citizen().get(f"/?z=16.00&lat={LAT}&lon={LON}&layers=shapes").body.decode()
    paths = [part.split('"')[0] for part in page.split(' d="')[1:]]
    assert len([path for path in paths if path.startswith("M")]) >= len(SHAPES)
    assert not any("x=" in path or "&quot;" in path for path in paths)


def test_search_finds_a_name_beside_such_columns(city: Config, strange: None) -> None:
    page = citizen().get("/search?q=cho+la")
    assert page.status == 200 and "/feature/texts/1" in page.body.decode()


def test_collections_come_out_in_one_level_without_empty_parts(city: Config, strange: None) -> None:
    features = citizen().get("/ogcapi/collections/shapes/items").json["features"]
    found = {f["properties"]["ten"].removeprefix("Hình "): f["geometry"] for f in features}
    parts = {
        name: [part["type"] for part in shape.get("geometries", [shape])] for name, shape in found.items()
    }
    assert parts == {
        "plain": ["Point", "Polygon"],
        "nested": ["Point", "Polygon", "Polygon"],
        "deep": ["Polygon"],
        "empty part": ["Point"],
        "empty within": ["Point", "LineString"],
        "point": ["Point"],
    }


def test_a_multi_part_shape_with_an_empty_part_does_not_end_the_server(city: Config, tmp_path: Path) -> None:
    """GEOS 3.11 crashes in ST_PointOnSurface of one, and with it every connection of the city."""
    parts = {"type": "MultiLineString", "coordinates": [[list(HERE), [LON + 0.001, LAT]], []]}
    run_import(request(geojson(tmp_path, feature(parts, ten="Đường đứt"), name="broken_line.geojson")))
    assert rows("select st_numgeometries(geom) from dataset.broken_line") == [(1,)]
    registry().current(fresh=True)
    assert "/feature/broken_line/1" in citizen().get("/search?q=dut").body.decode()


@pytest.mark.parametrize(
    "format_", ["text/plain", "text/html", "application/json", "application/vnd.ogc.gml"]
)
def test_a_click_on_what_has_no_properties_says_what_it_is(
    city: Config, tiles: TilesProcess, format_: str
) -> None:
    click = {
        "request": "GetFeatureInfo",
        "query_layers": "bare",
        "i": "100",
        "j": "100",
        "feature_count": "9",
    }
    query = map_query(subject_of("bare"), (LON + 0.0004, LAT + 0.0004), 100.0, **click, info_format=format_)
    reply = tiles.ask(citizen(), Call("/wms?" + "&".join(f"{k}={v}" for k, v in query.items())))
    assert reply.status == 200 and b"bare" in reply.body and b"Exception" not in reply.body


RAW = (
    "MULTIPOINT(107.5905 16.4637, EMPTY)",
    "MULTILINESTRING(EMPTY, (107.5905 16.4637, 107.5915 16.4637))",
    "GEOMETRYCOLLECTION(MULTILINESTRING((107.5905 16.4637, 107.5915 16.4637), EMPTY))",
)


def test_raw_sql_brings_no_shape_that_ends_the_server(city: Config, strange: None) -> None:
    """No door of ours stands before it."""
    with connections["owner"].cursor() as cursor:
        for n, shape in enumerate(RAW):
            cursor.execute(
                "insert into dataset.shapes (ten, geom) values (%s, st_geomfromtext(%s, 4326))",
                [f"Thô {n}", shape],
            )
    registry().current(fresh=True)
    fids = [row[0] for row in rows("select fid from dataset.shapes where ten like 'Thô%'")]
    page = citizen().get("/search?q=tho").body.decode()
    assert all(f"/feature/shapes/{fid}" in page for fid in fids)
    assert citizen().get("/list?layers=shapes").status == 200
    assert {citizen().get(f"/feature/shapes/{fid}").status for fid in fids} == {200}
    assert len(rows("delete from dataset.shapes where ten like 'Thô%' returning 1")) == len(RAW)


def test_a_dataset_is_not_called_as_the_schemas_own_views(city: Config, tmp_path: Path) -> None:
    for name in ("change_feed", "overview_cell"):
        with pytest.raises(Exception, match="|".join((name, "Choose", "reserved"))) as refused:
            run_import(request(geojson(tmp_path, feature(ten="a"), name=f"{name}.geojson")))
        assert type(refused.value).__name__ == "Problem" and nothing_of_dataset(name)


def nothing_of_dataset(name: str) -> bool:
    return not rows(f"select 1 from huong.published where layer = '{name}'") and (
        rows(f"select to_regclass('dataset.{name}')") == [(None,)]
    )
