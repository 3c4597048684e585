"""The front door: which process each address reaches, files that it serves itself, headers, settings."""

from __future__ import annotations

import gzip
from dataclasses import replace

import httpx
import pytest

from gis_core.config import Config, SettingError
from gis_core.runtime.nginx import local_door, quotable
from gis_core.runtime.place import Place
from tests.ports import free_port
from tests.runtime.front_door import (
    TILE,
    FrontDoor,
    door,
    ready,
    running_nginx,
    write,
)

__all__ = ["door"]


@pytest.mark.parametrize(
    ("path", "process"),
    [
        ("/", "web"),
        ("/en/", "web"),
        ("/healthz", "web"),
        ("/ogcapi/collections/wards/items?limit=10", "web"),
        ("/ogcapi/collections/wards/tiles", "tiles"),
        ("/ogcapi/collections/wards/tiles/WebMercatorQuad", "tiles"),
        ("/ogcapi/collections/wards/tiles/WebMercatorQuad/14/7410/13086", "tiles"),
        ("/tiles/wards.json", "tiles"),
        ("/tiles/wards/14/1/1.mvt", "tiles"),
        ("/events/", "tiles"),
    ],
)
def test_each_path_reaches_its_process(door: FrontDoor, path: str, process: str) -> None:
    """Would fail if a page were asked of the tile server or a tile of the page server."""
    told = door.client.get(path).json()
    assert (told["from"], told["path"]) == (process, path)


def test_client_address_cannot_be_forged(door: FrontDoor) -> None:
    """Would fail if a caller could choose the address that login limits are counted by."""
    headers = door.client.get(
        "/", headers={"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}
    ).json()["headers"]
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"


def test_open_tile_is_a_file(door: FrontDoor) -> None:
    """Would fail if an anonymous tile went through a process, or said something else to a client without gzip."""
    answer = door.client.get("/tiles/wards/14/13086/7410.mvt")
    assert answer.content == TILE
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == f'"{1_000_000:x}-{len(gzip.compress(TILE)):x}"'
    assert "Last-Modified" not in answer.headers
    assert door.raw.get("/tiles/wards/14/13086/7410.mvt").content == TILE


def test_open_tile_is_revalidated_by_etag_alone(door: FrontDoor) -> None:
    """Would fail if an unchanged tile were sent again, or a changed one of the same second were taken for unchanged."""
    path = "/tiles/wards/14/13086/7410.mvt"
    etag = door.client.get(path).headers["ETag"]
    assert door.client.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert door.client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert (
        door.client.get(path, headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("?t=2026-01-01", {}),
        ("", {"Authorization": "Bearer x"}),
        ("", {"Cookie": "a=b; sessionid=x"}),
    ],
)
def test_known_caller_gets_no_open_tile(door: FrontDoor, query: str, headers: dict[str, str]) -> None:
    """Would fail if an officer were shown the citizen's tile, or a date were ignored."""
    answer = door.client.get(f"/tiles/wards/14/13086/7410.mvt{query}", headers=headers)
    assert answer.json()["from"] == "tiles"


def test_unlinked_tile_is_asked_for_at_once(door: FrontDoor) -> None:
    """Would fail if nginx kept a tile open after a change had removed it."""
    file = door.var / "tilecache" / "citizen" / "wards" / "3" / "1" / "1.mvt.gz"
    file.parent.mkdir(parents=True)
    for _ in range(3):
        file.write_bytes(gzip.compress(TILE))
        assert door.client.get("/tiles/wards/3/1/1.mvt").content == TILE
        file.unlink()
        assert door.client.get("/tiles/wards/3/1/1.mvt").json()["from"] == "tiles"


def test_nothing_outside_the_tile_folder(door: FrontDoor) -> None:
    """Would fail if a crafted path reached another file of the instance."""
    (door.var / "secret.mvt.gz").write_bytes(gzip.compress(b"secret"))
    for path in (
        "/tiles/../secret.mvt",
        "/tiles/%2e%2e/%2e%2e/secret.mvt",
        "/static/../secret.mvt.gz",
        "/static/%2e%2e/secret",
    ):
        assert b"secret" not in door.raw.get(path).content.replace(b"/secret", b"")


def test_static_files(door: FrontDoor) -> None:
    """Would fail if hashed names were asked for again, or a name without a hash were kept for a year."""
    hashed = door.client.get("/static/assets/city-abcdef12.js")
    assert hashed.text == "precompressed"
    assert "immutable" in hashed.headers["Cache-Control"]
    assert "immutable" in door.client.get("/static/admin.0123456789ab.css").headers["Cache-Control"]
    assert door.client.get("/static/admin.css").headers["Cache-Control"] == "public, max-age=300"
    assert hashed.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/ogcapi/", "/ogcapi/collections/wards/items/7", "/tiles/wards.json"])
def test_names_of_headers_go_out_as_clients_know_them(door: FrontDoor, path: str) -> None:
    """The libraries behind write them in lower case; QGIS looks for "Location" to the letter."""
    with door.raw.stream("GET", path) as reply:
        names = [name.decode() for name, _ in reply.headers.raw]
    assert {"Location", "Content-Crs", "ETag"} <= set(names)
    assert not {"location", "content-crs", "etag"} & set(names)
    assert "Link" not in names  # nothing is said that the process behind did not say


def test_one_feature_keeps_its_strong_etag(door: FrontDoor) -> None:
    """Would fail if compressing weakened the ETag that an editor sends back in If-Match."""
    assert door.client.get("/ogcapi/collections/wards/items/7").headers["ETag"] == '"strong"'
    listed = door.client.get("/ogcapi/collections/wards/items")
    assert listed.headers["Content-Encoding"] == "gzip"


def test_headers_of_every_answer(door: FrontDoor) -> None:
    """Would fail if a header were doubled, missing, or told the server's version."""
    for path in ("/", "/tiles/wards.json", "/metrics", "/static/admin.css"):
        headers = door.client.get(path).headers
        assert headers.get_list("X-Content-Type-Options") == ["nosniff"], path
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Server"] == "nginx"


def test_metrics_only_through_the_scrapers_door(door: FrontDoor) -> None:
    """Would fail if the figures of the city were public."""
    assert door.client.get("/metrics").status_code == 404
    told = door.metrics.get("/metrics").json()
    assert told["from"] == "web"
    assert not told["headers"].get("X-Forwarded-For")
    assert door.metrics.get("/").status_code == 404


def test_dead_process_is_a_503(instance: Config, door: FrontDoor) -> None:
    """Would fail if a restart of a process showed as a broken page instead of 'try again'."""
    config = replace(instance, var=door.var.parent / "dead", port=free_port())
    place = Place.of(config)
    place.make()
    (place.run / "nginx").mkdir()
    write(place, local_door(config))
    with running_nginx(place):
        client = ready(httpx.Client(base_url=f"http://127.0.0.1:{config.port}"))
        for path in ("/", "/tiles/roads/3/6/3.mvt", "/tiles/roads/3/6/3.png", "/tiles/roads.json", "/wms"):
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert answer.headers["Retry-After"] == "2"
            assert answer.json()["code"] == "starting-or-busy"


@pytest.mark.parametrize("path", ["/a;b", "/a'b", '/a"b', "/a$b", "/a{b"])
def test_path_that_nginx_would_misread(path: str) -> None:
    """Would fail if a folder's name could add a directive to the configuration."""
    with pytest.raises(SettingError):
        quotable(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUONG_METRICS_PORT", "x"),
        ("HUONG_METRICS_PORT", "70000"),
        ("HUONG_TRUSTED_PROXY", "everyone; }"),
        ("HUONG_LIMIT_QUERIES", "many"),
        ("HUONG_LIMIT_STREAMS", "-1"),
        ("HUONG_UNLIMITED", "10.0.0.0/8, nobody"),
    ],
)
def test_bad_setting_is_named(
    instance: Config, clean_environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Would fail if a mistyped setting ended as nginx's own complaint, or in its configuration."""
    clean_environment.setenv(name, value)
    with pytest.raises(SettingError, match=name):
        local_door(instance)
