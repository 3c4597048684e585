"""What a tile is, and what is answered instead of one."""

from __future__ import annotations

import gzip
import json
from datetime import date
from html import unescape

import httpx
import mapbox_vector_tile
import psycopg
import pytest
from shapely.geometry import shape

from tests.framed import ways_in
from tests.tilesrv.conftest import A_LUOI, THUAN_AN, TileCity, path_of, plots, publish, speaking_of, tile_at
from tests.waiting import wait_until
from tilesrv.grid import HALF_WORLD_M, TileId

IDENTITY = {"Accept-Encoding": "identity"}


def decoded(body: bytes, layer_id: str = "test_plots") -> dict[int, dict[str, object]]:
    """Features of a tile by id, decoded by a library that knows nothing of ours."""
    tile = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})
    return {feature["id"]: feature for feature in tile[layer_id]["features"]}


def test_a_tile_holds_what_the_database_holds(tile_city: TileCity) -> None:
    """Would fail if a column, a row or a coordinate got lost between table and tile."""
    tile = tile_at(A_LUOI, 15)
    with tile_city.client() as client:
        answer = client.get(path_of("test_plots", tile))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    found = decoded(answer.content)
    with tile_city.owner() as owner:
        rows = owner.execute(
            "select fid, code, kind, area, since, st_xmin(geom3857), st_ymax(geom3857) from test_plots"
            " where geom3857 && st_tileenvelope(%s, %s, %s)",
            tile,
        ).fetchall()
    assert len(rows) > 100
    assert {row[0] for row in rows} <= set(found)
    for fid, code, kind, area, since, west, north in rows:
        feature = found[fid]
        properties = feature["properties"]
        assert properties["code"] == code and properties["kind"] == kind and properties["area"] == area
        assert properties["since"] == since.isoformat() and properties["seen_at"] == "2024-05-06T00:08:09Z"
        assert "note" not in properties and "holder" not in properties and "version" not in properties
        bounds = shape(feature["geometry"]).bounds
        unit = tile.side / 4096
        # Small areas are whole in every tile that shows any of them.
        assert abs(bounds[0] - (west + HALF_WORLD_M - tile.x * tile.side) / unit) <= 1
        assert abs(bounds[1] - (HALF_WORLD_M - north - tile.y * tile.side) / unit) <= 1


def test_time_chooses_who_is_valid(tile_city: TileCity) -> None:
    """Validity is half-open: on the day of the change the new one is there and the old one is not."""
    from tilesrv.grid import tiles_showing, web_mercator

    x, y = web_mercator(107.58, 16.46)
    here = tiles_showing((x, y, x, y), 10)
    path = f"/tiles/test_epochs/10/{here.min_x}/{here.min_y}.mvt"
    ogc = f"/ogcapi/collections/test_epochs/tiles/WebMercatorQuad/10/{here.min_y}/{here.min_x}"
    with tile_city.client() as client:

        def names(url: str) -> list[object]:
            features = decoded(client.get(url).content, "test_epochs").values()
            return sorted(f["properties"]["name"] for f in features)  # type: ignore[index]

        assert names(path) == ["new", "old"]
        assert names(f"{path}?t=2025-06-30") == names(f"{path}?t=2025-06-30T16:59:59Z") == ["old"]
        assert names(f"{path}?t=2025-07-01") == names(f"{path}?t=2025-06-30T17:00:00Z") == ["new"]
        assert names(f"{ogc}?datetime=2025-07-01&f=mvt") == ["new"]
        assert client.get(f"{path}?t=1990-01-01").status_code == 204
        for bad in ("t=yesterday", "t=2025-13-01", "t=2025-07-01T00:00:00", "t=", "datetime=2025-07-01"):
            assert client.get(f"{path}?{bad}").status_code == 400
        document = client.get("/tiles/test_epochs.json?t=2025-07-01").json()
        assert document["tiles"][0].endswith("/tiles/test_epochs/{z}/{x}/{y}.mvt?t=2025-07-01")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/tiles/nothing/0/0/0.mvt", 404, "no-such-collection"),
        ("/tiles/TEST/0/0/0.mvt", 404, "no-such-collection"),
        ("/tiles/test_plots/1/2/0.mvt", 404, "no-such-tile"),
        ("/tiles/test_plots/25/0/0.mvt", 404, "no-such-tile"),
        ("/tiles/test_plots/2147483647/2147483647/2147483647.mvt", 404, "no-such-tile"),
        (f"/tiles/test_plots/1/{'9' * 4000}/0.mvt", 404, "no-such-tile"),
        ("/tiles/test_plots/-1/0/0.mvt", 404, "no-such-tile"),
        ("/tiles/test_plots/0x1/0/0.mvt", 404, "no-such-tile"),
        ("/tiles/test_plots/00/0/0.mvt", 404, "no-such-tile"),
        ("/tiles/test_plots/١/0/0.mvt", 404, "no-such-tile"),
        ("/tiles/test_plots/0/0.mvt", 404, "no-such-page"),
        ("/tiles/test_plots/12/0/0.mvt", 404, "no-such-tile"),
        ("/tiles/test_epochs/5/25/14.mvt", 404, "no-such-tile"),
        ("/tiles/test_plots/0/0/0.mvt?v=1", 400, "unknown-parameter"),
        ("/tiles/test_plots/0/0/0.mvt?t=2025-01-01", 400, "unknown-parameter"),
        ("/tiles/test_plots/0/0/0.mvt?%ff=1", 400, "bad-query"),
        ("/tiles/nothing.json", 404, "no-such-collection"),
        ("/tiles/test_plots.json?x=1", 400, "unknown-parameter"),
        ("/tiles/test_plots.json?f=xml", 400, "bad-f"),
        ("/ogcapi/collections/test_plots/tiles/WebMercatorQuad/0/0/2147483647", 404, "no-such-tile"),
        ("/ogcapi/collections/test_plots/tiles/WebMercatorQuad/0/0/0?f=png", 400, "bad-f"),
        ("/ogcapi/collections/test_plots/tiles/Nothing/0/0/0", 404, "no-such-page"),
        ("/ogcapi/tileMatrixSets/Nothing", 404, "no-such-page"),
        ("/events/?layers=test_plots,nothing", 400, "no-such-collection"),
        ("/events/?bbox=1,2,3", 400, "bad-bbox"),
        ("/events/?bbox=nan,0,1,1", 400, "bad-bbox"),
        ("/events/?since=1", 400, "unknown-parameter"),
        ("/elsewhere", 404, "no-such-page"),
    ],
)
def test_refusals(tile_city: TileCity, path: str, status: int, code: str) -> None:
    """Every refusal is a problem document that names the fault, in the reader's language."""
    with tile_city.client(headers={"Accept-Language": "en"}) as client:
        answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code and problem["title"] in ("Not found", "Bad request")


def test_methods(tile_city: TileCity) -> None:
    with tile_city.client() as client:
        path = path_of("test_plots", tile_at(A_LUOI, 14))
        head, get = client.head(path), client.get(path)
        assert head.status_code == 200 and head.content == b"" and head.headers["etag"] == get.headers["etag"]
        options = client.options(path)
        assert options.status_code == 204 and "GET" in options.headers["allow"]
        refused = client.post(path)
        assert refused.status_code == 405 and "GET" in refused.headers["allow"]
        assert refused.json()["title"] == "Thao tác không được hỗ trợ"


def test_empty_inside_the_limits(tile_city: TileCity) -> None:
    """Between the two places nothing lies: 204; outside of both: 404."""
    tile = tile_at(((A_LUOI[0] + THUAN_AN[0]) / 2, (A_LUOI[1] + THUAN_AN[1]) / 2), 14)
    with tile_city.client() as client:
        answer = client.get(path_of("test_plots", tile))
        assert answer.status_code == 204 and answer.content == b""
        assert client.get(path_of("test_plots", tile_at((105.8, 21.0), 14))).status_code == 404


def test_entity_tags(tile_city: TileCity) -> None:
    """Strong, one for each encoding, the same from both processes; the one who holds it is sent nothing."""
    path = path_of("test_plots", tile_at(A_LUOI, 14))
    with tile_city.client(0) as one, tile_city.client(1) as other:
        packed, plain = one.get(path), one.get(path, headers=IDENTITY)
        assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
        assert packed.content == plain.content
        assert packed.headers["etag"] != plain.headers["etag"]
        assert other.get(path).headers["etag"] == packed.headers["etag"]
        for answer, headers in ((packed, {}), (plain, IDENTITY)):
            held = {"If-None-Match": f'"x", W/{answer.headers["etag"]}'} | headers
            again = one.get(path, headers=held)
            assert again.status_code == 304 and again.content == b""
            assert again.headers["etag"] == answer.headers["etag"]
        assert packed.headers["cache-control"] == "no-cache"
        assert packed.headers["access-control-allow-origin"] == "*"


def test_the_file_has_the_entity_tag_of_the_answer(tile_city: TileCity) -> None:
    """nginx makes its ETag from the file's time and size: it must be the one that the process gives."""
    tile = tile_at(A_LUOI, 13)
    with tile_city.client() as client:
        packed = tile_city.kept("test_plots", tile, client)
        answer = client.get(path_of("test_plots", tile))
    stat = tile_city.file("test_plots", tile).stat()
    assert answer.headers["etag"] == f'"{int(stat.st_mtime):x}-{stat.st_size:x}"'
    assert gzip.decompress(packed) == answer.content
    assert packed[4:8] == b"\0\0\0\0", "a time in the gzip header would make equal tiles differ"


def test_credentials_that_are_refused(tile_city: TileCity) -> None:
    """A wrong token is no citizen; a dead session is one, but is kept in no shared cache."""
    path = path_of("test_plots", tile_at(A_LUOI, 14))
    with tile_city.client() as client:
        refused = client.get(path, headers={"Authorization": "Bearer nothing"})
        assert refused.status_code == 401
        ended = client.get(path, headers={"Cookie": f"sessionid={'a' * 32}"})
        assert ended.status_code == 200 and ended.headers["cache-control"] == "private, no-store"
        # A browser hands a page of another origin nothing that came for a cookie where anybody (``*``) may read.
        assert ended.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in ended.headers


def test_tilejson(tile_city: TileCity) -> None:
    with tile_city.client(headers={"Accept-Language": "en"}) as client:
        document = client.get("/tiles/test_plots.json").json()
        listed = {each["id"]: each for each in client.get("/tiles/").json()["layers"]}
        assert client.get(listed["test_plots"]["tilejson"]).json() == document
        page = client.get("/tiles/test_plots.json", headers={"Accept": "text/html"})
    assert document["tilejson"] == "3.0.0" and document["tiles"][0].startswith(f"{tile_city.urls[0]}/tiles/")
    assert document["attribution"] == "Source &lt;test&gt;"
    layer, names = document["vector_layers"]
    assert names["id"] == "test_plots:names" and names["description"] == "Test plots: where names stand"
    assert layer["minzoom"] <= names["minzoom"] <= names["maxzoom"] == layer["maxzoom"]
    assert names["fields"] and names["fields"].keys() < layer["fields"].keys()
    assert "_apart" in layer["fields"] and "_apart" not in names["fields"]
    assert layer["fields"].keys() >= {"code", "kind"} and "holder" not in layer["fields"]
    west, south, east, north = document["bounds"]
    assert west <= A_LUOI[0] <= east and south <= THUAN_AN[1] <= north
    assert A_LUOI[0] - west < 1e-4, "the bounds are those of the data"
    assert "text/html" in page.headers["content-type"] and "<script" not in page.text
    assert page.headers["cache-control"] == "no-cache" and "Cookie" in page.headers["vary"]


def test_tilesets_and_their_limits(tile_city: TileCity) -> None:
    """A tile on the edge of the limits is answered, one beyond is not there."""
    with tile_city.client() as client:
        listed = client.get("/ogcapi/collections/test_plots/tiles").json()
        (entry,) = listed["tilesets"]
        link = next(each for each in entry["links"] if each["rel"] == "self")
        tileset = client.get(link["href"]).json()
        said = {
            each["id"]: each["fields"]
            for each in client.get("/tiles/test_plots.json").json()["vector_layers"]
        }
        known = {each["id"]: each["propertiesSchema"]["properties"] for each in tileset["layers"]}
        assert {name: list(fields) for name, fields in known.items()} == {n: list(f) for n, f in said.items()}
        template = next(each["href"] for each in tileset["links"] if "{tileMatrix}" in each["href"])
        limit = next(each for each in tileset["tileMatrixSetLimits"] if each["tileMatrix"] == "15")

        def status(row: int, column: int) -> int:
            url = template.replace("{tileMatrix}", "15").replace("{tileRow}", str(row))
            return client.get(url.replace("{tileCol}", str(column))).status_code

        rows, columns = (limit["minTileRow"], limit["maxTileRow"]), (limit["minTileCol"], limit["maxTileCol"])
        assert {status(row, column) for row in rows for column in columns} <= {200, 204}
        for row, column in ((rows[0] - 1, columns[0]), (rows[1] + 1, columns[0]), (rows[0], columns[1] + 1)):
            assert status(row, column) == 404
        assert client.get("/ogcapi/tiles").json()["tilesets"]
        matrix = client.get("/ogcapi/tileMatrixSets/WebMercatorQuad").json()["tileMatrices"][15]
        assert matrix["matrixWidth"] == 2**15
        assert matrix["cellSize"] * 256 == pytest.approx(TileId(15, 0, 0).side)


def test_a_feature_outside_moves_the_limits(tile_city: TileCity) -> None:
    """Would fail if extents were measured once: the first report in a new place would be a 404."""
    place = (106.9000, 16.9000)
    tile = tile_at(place, 14)
    with tile_city.client(0) as one, tile_city.client(1) as other, tile_city.owner() as owner:
        assert one.get(path_of("test_plots", tile)).status_code == 404
        owner.execute(
            "insert into test_plots (code, kind, geom) values ('new', 'shop',"
            " st_multi(st_buffer(st_point(%s, %s, 4326), 0.002)))",
            [place[0] + 0.005, place[1] + 0.005],
        )
        wait_until(
            lambda: {c.get(path_of("test_plots", tile)).status_code for c in (one, other)} == {200},
            "after COMMIT the tile is not there",
        )
        owner.execute("delete from test_plots where code = 'new'")


def test_a_layer_published_anew_is_served_anew(tile_city: TileCity) -> None:
    """The new view is used, though statements were prepared and files were kept of the old one."""
    tile = tile_at(A_LUOI, 14)
    path = path_of("test_plots", tile)

    def areas(body: bytes) -> bool:
        return any("area" in f["properties"] for f in decoded(body).values())  # type: ignore[operator]

    with tile_city.client(0) as one, tile_city.client(1) as other:
        assert areas(gzip.decompress(tile_city.kept("test_plots", tile, one))) and areas(
            other.get(path).content
        )
        before = plots()
        fewer = plots(fields=tuple(f for f in before.fields if f.name != "area"))
        try:
            publish(tile_city.config, fewer)
            wait_until(
                lambda: not (areas(one.get(path).content) or areas(other.get(path).content)),
                "the old publication is still served",
            )
            kept = tile_city.kept("test_plots", tile, one)
            assert not areas(gzip.decompress(kept)), "the old file outlives its publication"
        finally:
            publish(tile_city.config, before)


def test_too_many_features_keep_the_largest(tile_city: TileCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap keeps the largest by area; a tile below the cap is complete."""
    from gis_core.audiences import CITIZEN
    from gis_core.registry import Published
    from tilesrv import tile_sql

    monkeypatch.setattr(tile_sql, "MOST_FEATURES", 7)
    published = Published(plots(), 1, False, 0)
    fields = tile_sql.tiled_fields(published, CITIZEN)
    sql, _ = tile_sql.features_sql(published, CITIZEN, fields, largest=True)
    numbers = sql.replace("$1", "%(z)s").replace("$2", "%(x)s").replace("$3", "%(y)s").replace("%%", "%")
    from gis_core.config import Config

    tile = tile_at(A_LUOI, 12)
    with psycopg.connect(**Config.from_env().connection("owner")) as owner:  # type: ignore[arg-type]
        owner.execute(
            "insert into test_plots (code, kind, geom) values ('large', 'shop', st_multi(st_makeenvelope("
            "%s, %s, %s, %s, 4326)))",
            [A_LUOI[0], A_LUOI[1], A_LUOI[0] + 0.01, A_LUOI[1] + 0.01],
        )
        row = owner.execute(numbers, dict(zip("zxy", tile, strict=True)), binary=True).fetchone()
        assert row is not None and row[1] == 7
        codes = [f["properties"]["code"] for f in decoded(bytes(row[0])).values()]  # type: ignore[index]
        assert codes[0] == "large"
        owner.rollback()


def test_a_tile_is_the_same_bytes_wherever_its_rows_lie(tile_city: TileCity) -> None:
    """A row that is written lies behind all others; whoever may not know of the writing sees nothing of it."""
    from gis_core.audiences import CITIZEN
    from gis_core.config import Config
    from gis_core.registry import Published
    from tilesrv import tile_sql

    published = Published(plots(), 1, False, 0)
    sql, _ = tile_sql.features_sql(published, CITIZEN, tile_sql.tiled_fields(published, CITIZEN))
    numbers = sql.replace("$1", "%(z)s").replace("$2", "%(x)s").replace("$3", "%(y)s").replace("%%", "%")
    tile = dict(zip("zxy", tile_at(A_LUOI, 12), strict=True))
    with psycopg.connect(**Config.from_env().connection("owner")) as owner:  # type: ignore[arg-type]
        before = owner.execute(numbers, tile, binary=True).fetchone()
        owner.execute("update test_plots set code = code where fid = (select min(fid) from test_plots)")
        assert owner.execute("select fid from test_plots").fetchone() != (1,), "the row has not moved"
        assert owner.execute(numbers, tile, binary=True).fetchone() == before
        owner.rollback()


def test_dates_are_dates(tile_city: TileCity) -> None:
    with tile_city.client() as client:
        found = decoded(client.get(path_of("test_plots", tile_at(A_LUOI, 15))).content)
    assert all(date.fromisoformat(f["properties"]["since"]) for f in found.values())  # type: ignore[index]


def test_documents_are_revalidated(tile_city: TileCity) -> None:
    with tile_city.client() as client:
        first = client.get("/tiles/test_plots.json")
        again = client.get("/tiles/test_plots.json", headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304
        assert json.loads(first.content)["id"] == "test_plots"


def test_a_query_that_cannot_be_answered_in_time(tile_city: TileCity) -> None:
    """503 with Retry-After, soon, and a tile again as soon as the table can be read."""
    path = path_of("test_plots", tile_at(A_LUOI, 14))
    with tile_city.client() as client, psycopg.connect(**tile_city.config.connection("owner")) as locker:  # type: ignore[arg-type]
        locker.execute("lock table test_plots in access exclusive mode")
        answer = client.get(path)  # while the lock is held
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
        locker.rollback()
        assert client.get(path).status_code == 200


def test_low_zooms_carry_what_is_drawn_by(tile_city: TileCity) -> None:
    """Below zoom 16 only the fields of the styles and the label; a style by another field brings that one at once."""
    by_kind, by_code = speaking_of("kind"), speaking_of("code")
    low, high = (path_of("test_plots", tile_at(A_LUOI, z)) for z in (15, 16))

    def fields(client: httpx.Client, path: str) -> set[str]:
        return {name for each in decoded(client.get(path).content).values() for name in each["properties"]}  # type: ignore[index]

    with tile_city.client() as client:
        for style, drawn in ((by_kind, {"kind"}), (by_code, {"code"})):
            tile_city.publish(plots(styles=(style,)))
            assert fields(client, low) == drawn
            assert fields(client, high) == {"code", "kind", "area", "since", "seen_at"}
    tile_city.publish(plots())


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "path", ["/tiles/", "/styles/", "/ogcapi/tiles?f=html", "/tiles/test_plots.json?f=html"]
)
def test_pages_of_the_tile_process_stand_in_the_frame_of_all(
    tile_city: TileCity, language: str, path: str
) -> None:
    """Would fail if these pages, which no template makes, led elsewhere, or forgot the language that was chosen."""
    with tile_city.client() as client:
        other = "en" if language == "vi" else "vi"
        page = client.get(
            path,
            headers={"Accept": "text/html", "Accept-Language": other, "Cookie": f"language={language}"},
        )
        ways_in(unescape(page.text), language)
        assert f'<html lang="{language}">' in page.text
        assert 'href="/accounts/login/?next=' in page.text
