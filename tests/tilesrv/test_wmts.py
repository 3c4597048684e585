"""WMTS: the pictures of /tiles/ by other names, a grid in VN-2000 whose tiles lie where they say, its refusals."""

from __future__ import annotations

import time
from typing import Any

import httpx
import numpy as np
import pyproj
import pytest
from lxml import etree

from tests.tilesrv.conftest import TileCity, tile_at
from tests.tilesrv.marks import PLACE, centre_of_red, client, image_of, marked, place_in
from tilesrv.grid import TileId, web_mercator
from tilesrv.matrix_sets import MATRIX_SETS, VN2000, WEB_MERCATOR_QUAD, MatrixSet

__all__ = ["client", "marked"]

SPACES = {
    "w": "http://www.opengis.net/wmts/1.0",
    "o": "http://www.opengis.net/ows/1.1",
    "x": "http://www.w3.org/1999/xlink",
}


def tile_holding(matrix_set: MatrixSet, z: int, x: float, y: float) -> TileId:
    side = matrix_set.side(z)
    return TileId(z, int((x - matrix_set.corner[0]) // side), int((matrix_set.corner[1] - y) // side))


def address(
    tile: TileId,
    *,
    layer: str = "test_marks",
    style: str = "default",
    name: str = "WebMercatorQuad",
    ending: str = "png",
    time_: str = "",
) -> str:
    return f"/wmts/1.0.0/{layer}/{style}/{time_}{name}/{tile.z}/{tile.y}/{tile.x}.{ending}"


def pairs(tile: TileId, **changes: Any) -> dict[str, str]:
    query = {
        "service": "WMTS",
        "request": "GetTile",
        "version": "1.0.0",
        "layer": "test_marks",
        "style": "default",
        "tilematrixset": "WebMercatorQuad",
        "tilematrix": tile.z,
        "tilerow": tile.y,
        "tilecol": tile.x,
        "format": "image/png",
        **changes,
    }
    return {name.swapcase(): str(value) for name, value in query.items() if value is not None}


def exception_of(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and locator of an exception report."""
    root = etree.fromstring(answer.content)
    assert root.tag == f"{{{SPACES['o']}}}ExceptionReport", answer.text
    (exception,) = root
    assert len(exception) == 2, "the words are not in both languages"
    return answer.status_code, exception.get("exceptionCode"), exception.get("locator")


MARK = tile_holding(WEB_MERCATOR_QUAD, 16, *web_mercator(*PLACE))


def test_tiles_are_those_of_the_picture_address(client: httpx.Client) -> None:
    """Byte for byte, by address, by pairs, before and after there is a file of it."""
    for ending, media_type in (("png", "image/png"), ("webp", "image/webp"), ("jpg", "image/jpeg")):
        picture = client.get(f"/tiles/test_marks/{MARK.z}/{MARK.x}/{MARK.y}.{ending}")
        assert picture.status_code == 200
        for _ in range(2):
            by_address = client.get(address(MARK, ending=ending))
            by_pairs = client.get("/wmts", params=pairs(MARK, format=media_type))
            assert by_address.content == by_pairs.content == picture.content
            assert by_address.headers["content-type"] == media_type
            assert by_address.headers["etag"] == picture.headers["etag"]
            time.sleep(0.3)
    green = client.get(f"/tiles/test_marks:green/{MARK.z}/{MARK.x}/{MARK.y}.png")
    assert client.get(address(MARK, style="green")).content == green.content != picture.content


def test_a_changed_row_is_another_tile(client: httpx.Client, marked: TileCity) -> None:
    """What is kept is dropped with the change, in both grids."""
    place = tile_holding(VN2000, 14, *place_in("EPSG:9214"))
    urls = (address(MARK), address(place, name="VN2000TM3Hue"))
    before = [client.get(url).content for url in urls]
    with marked.owner() as owner:
        owner.execute("update public.test_marks set geom = st_translate(geom, 0.0002, 0)")
    try:
        deadline = time.monotonic() + 60
        while any(client.get(url).content == old for url, old in zip(urls, before, strict=True)):
            assert time.monotonic() < deadline, "the old picture stays"
            time.sleep(0.1)
    finally:
        with marked.owner() as owner:
            owner.execute("update public.test_marks set geom = st_translate(geom, -0.0002, 0)")
    deadline = time.monotonic() + 60
    while [client.get(url).content for url in urls] != before:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("z", [10, 14, 16])
def test_a_mark_lies_on_its_pixel_of_the_vn2000_grid(client: httpx.Client, z: int) -> None:
    x, y = place_in("EPSG:9214")
    tile = tile_holding(VN2000, z, x, y)
    minx, _, _, maxy = VN2000.box(tile)
    cell = VN2000.side(z) / 256
    image = image_of(client.get(address(tile, name="VN2000TM3Hue", ending="png")))
    assert image.size == (256, 256)
    assert centre_of_red(image) == pytest.approx(((x - minx) / cell, (maxy - y) / cell), abs=0.15)


def test_neighbouring_tiles_of_the_vn2000_grid_meet(client: httpx.Client) -> None:
    """The area's edge runs straight on from tile to tile, also where two blocks of tiles meet."""
    x, y = pyproj.Transformer.from_crs(4326, 9214, always_xy=True).transform(107.585, 16.465)
    west = tile_holding(VN2000, 13, x, y)
    rows = [
        np.hstack(
            [
                np.asarray(
                    image_of(
                        client.get(
                            address(
                                TileId(13, west.x + i, west.y + j), layer="test_areas", name="VN2000TM3Hue"
                            )
                        )
                    )
                )
                for i in range(-4, 5)
            ]
        )
        for j in (-1, 0, 1)
    ]
    blue = np.vstack(rows)[..., 3] > 127
    edges = np.abs(np.diff(blue.astype(int), axis=1)).sum(axis=1)
    assert set(edges[256:512]) <= {1, 2}, "a seam"


def test_the_first_matrix_holds_the_country() -> None:
    """From Lũng Cú to Cà Mau, A Pa Chải to the Spratlys: nobody's place is off the grid."""
    from_degrees = pyproj.Transformer.from_crs(4326, 9214, always_xy=True)
    for lon, lat in (
        (105.32, 23.39),
        (104.72, 8.56),
        (102.14, 22.4),
        (112.6, 16.9),
        (117.5, 8.0),
        (111.5, 7.0),
        (107.59, 16.46),
    ):
        for z in (0, VN2000.last):
            assert VN2000.has(tile_holding(VN2000, z, *from_degrees.transform(lon, lat))), (lon, lat)
    assert VN2000.denominator / (1 << 15) == 500
    assert VN2000.cell == pytest.approx(VN2000.denominator * 0.00028)


def test_capabilities_and_matrix_sets_say_the_same(client: httpx.Client) -> None:
    document = client.get("/wmts/1.0.0/WMTSCapabilities.xml")
    assert (
        document.content
        == client.get("/wmts", params={"service": "WMTS", "request": "GetCapabilities"}).content
    )
    root = etree.fromstring(document.content)
    names = root.xpath("//w:Layer/o:Identifier/text()", namespaces=SPACES)
    assert {"basemap", "test_marks", "test_areas", "test_epochs"} <= set(names)
    for name, matrix_set in MATRIX_SETS.items():
        described = client.get(f"/ogcapi/tileMatrixSets/{name}").json()
        (element,) = root.xpath(f"//w:TileMatrixSet[o:Identifier='{name}']", namespaces=SPACES)
        matrices = element.findall("w:TileMatrix", SPACES)
        assert len(matrices) == len(described["tileMatrices"]) == matrix_set.last + 1
        for matrix, other in zip(matrices, described["tileMatrices"], strict=True):
            assert float(matrix.findtext("w:ScaleDenominator", namespaces=SPACES)) == pytest.approx(
                other["scaleDenominator"]
            )
            assert [
                float(n) for n in matrix.findtext("w:TopLeftCorner", namespaces=SPACES).split()
            ] == pytest.approx(other["pointOfOrigin"])
            assert int(matrix.findtext("w:MatrixWidth", namespaces=SPACES)) == other["matrixWidth"]
            assert other["cellSize"] == pytest.approx(other["scaleDenominator"] * 0.00028, rel=1e-6)
    again = client.get(
        "/wmts/1.0.0/WMTSCapabilities.xml", headers={"If-None-Match": document.headers["etag"]}
    )
    assert again.status_code == 304


def test_every_address_of_the_capabilities_answers(client: httpx.Client) -> None:
    """Each template with its default style and each grid, at the tile of the mark; each legend."""
    root = etree.fromstring(client.get("/wmts/1.0.0/WMTSCapabilities.xml").content)
    for layer in root.findall(".//w:Layer", SPACES):
        style = layer.findtext("w:Style[@isDefault='true']/o:Identifier", namespaces=SPACES)
        for resource in layer.findall("w:ResourceURL", SPACES):
            for matrix_set in MATRIX_SETS.values():
                x, y = place_in(f"EPSG:{matrix_set.crs.srid}")
                tile = tile_holding(matrix_set, 10, x, y)
                values = {
                    "Style": style,
                    "TileMatrixSet": matrix_set.id,
                    "TileMatrix": "10",
                    "TileRow": tile.y,
                    "TileCol": tile.x,
                    "Time": "current",
                }
                url = resource.get("template")
                for name, value in values.items():
                    url = url.replace(f"{{{name}}}", str(value))
                answer = client.get(httpx.URL(url).raw_path.decode())
                assert answer.status_code == 200, url
                assert answer.headers["content-type"] == resource.get("format")
        for legend in layer.xpath("w:Style/w:LegendURL/@x:href", namespaces=SPACES):
            assert client.get(httpx.URL(legend).raw_path.decode()).headers["content-type"] == "image/png"


def test_time_stands_in_the_address(client: httpx.Client) -> None:
    tile = tile_at((107.575, 16.455), 10)
    then, now, later = (
        client.get(address(tile, layer="test_epochs", time_=f"{when}/")).content
        for when in ("2020-01-01", "current", "1980-01-01")
    )
    assert now == client.get(address(tile, layer="test_epochs")).content
    assert then != later


def test_what_lies_at_a_pixel_of_a_tile(client: httpx.Client) -> None:
    x, y = place_in("EPSG:9214")
    tile = tile_holding(VN2000, 14, x, y)
    minx, _, _, maxy = VN2000.box(tile)
    cell = VN2000.side(14) / 256
    i, j = int((x - minx) / cell), int((maxy - y) / cell)
    query = pairs(
        tile, request="GetFeatureInfo", tilematrixset="VN2000TM3Hue", infoformat="application/json", i=i, j=j
    )
    assert [each["id"] for each in client.get("/wmts", params=query).json()["features"]] == ["test_marks.1"]
    away = query | {"I": str(i + 20 if i < 200 else i - 20)}
    assert client.get("/wmts", params=away).json()["features"] == []
    assert exception_of(client.get("/wmts", params=query | {"I": "256"}))[:2] == (400, "PointIJOutOfRange")


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"layer": "nope"}, (400, "InvalidParameterValue", "Layer")),
        ({"layer": None}, (400, "MissingParameterValue", "Layer")),
        ({"style": "nope"}, (400, "InvalidParameterValue", "Style")),
        ({"tilematrixset": "nope"}, (400, "InvalidParameterValue", "TileMatrixSet")),
        ({"tilematrix": "99"}, (400, "InvalidParameterValue", "TileMatrix")),
        ({"tilematrix": "1e1"}, (400, "InvalidParameterValue", "TileMatrix")),
        ({"tilerow": 2**31 - 1}, (400, "TileOutOfRange", "TileRow")),
        ({"tilecol": "9" * 40}, (400, "TileOutOfRange", "TileCol")),
        ({"tilecol": "-1"}, (400, "InvalidParameterValue", "TileCol")),
        ({"format": "image/gif"}, (400, "InvalidParameterValue", "Format")),
        ({"format": None}, (400, "MissingParameterValue", "Format")),
        ({"time": "2025-99"}, (400, "InvalidParameterValue", "TIME")),
        ({"request": "GetAll"}, (400, "InvalidParameterValue", "Request")),
        ({"request": None}, (400, "MissingParameterValue", "Request")),
        ({"version": None}, (400, "MissingParameterValue", "Version")),
        ({"service": None}, (400, "MissingParameterValue", "Service")),
        ({"style": None}, (400, "MissingParameterValue", "Style")),
        ({"version": "2.0.0"}, (400, "InvalidParameterValue", "Version")),
        ({"service": "WMS"}, (400, "InvalidParameterValue", "Service")),
        ({"cql_filter": "x=1"}, (400, "InvalidParameterValue", "CQL_FILTER")),
        ({"request": "GetFeatureInfo", "filter": "x"}, (400, "InvalidParameterValue", "FILTER")),
    ],
)
def test_refusals(client: httpx.Client, changes: dict[str, Any], wanted: tuple[int, str, str]) -> None:
    assert exception_of(client.get("/wmts", params=pairs(MARK, **changes))) == wanted


@pytest.mark.parametrize("name", ["CQL_FILTER", "TIME"])
def test_an_address_with_a_filter_behind_it(client: httpx.Client, name: str) -> None:
    """Time stands in the address itself; behind it nobody would read it."""
    assert exception_of(client.get(f"{address(MARK)}?{name}=2020")) == (400, "InvalidParameterValue", name)
    assert client.get(f"{address(MARK)}?_=123&map=x").status_code == 200


def test_addresses_that_are_none(client: httpx.Client) -> None:
    for path in (
        "/wmts/2.0.0/x",
        "/wmts/1.0.0/test_marks",
        "/wmts/1.0.0/a/b/c/d/e/f/g/h",
        address(MARK, ending="gif"),
        address(MARK, layer="nope"),
        "/wmtsx",
    ):
        assert client.get(path).status_code == 404
    accepted = client.get(
        "/wmts", params={"service": "WMTS", "request": "GetCapabilities", "acceptversions": "2.0.0"}
    )
    assert exception_of(accepted)[1] == "VersionNegotiationFailed"
