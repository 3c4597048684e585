"""What is asked of styles, legends, pictures, WMS, WMTS and OGC API - Maps when two states of the city are compared."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pyproj

from gis_core.styles.standard import styles_of
from tests.acceptance.asking import Call
from tests.acceptance.surfaces import FULL, LAT, LON, Subject
from tilesrv.grid import TileId, web_mercator
from tilesrv.matrix_sets import VN2000

INFO_FORMATS = ("text/plain", "text/html", "application/json", "application/vnd.ogc.gml")
FORMS = ("json", "sld", "qml")
AROUND_M = (150.0, 6000.0)  # to each side of a spot: features, and cells of an overview


def spots(subject: Subject) -> list[tuple[float, float]]:
    """Where features lie that the caller sees and that he does not; the citadel where there are none, and in full."""
    return [*subject.spots, (LON, LAT)] if FULL or not subject.spots else list(subject.spots)


def style_ids(subject: Subject) -> list[str]:
    return [style.id for style in styles_of(subject.published.layer)]


def services(subject: Subject) -> list[Call]:
    """Everything behind the one location of styles, pictures and map services."""
    return [*styles(subject), *pictures(subject), *wms(subject), *wmts(subject), *assets()]


def assets() -> list[Call]:
    return [
        Call("/sprites/huong.json"),
        Call("/fonts/Be Vietnam Pro Regular/0-255.pbf"),
        Call("/qgis/huong.qgz"),
    ]


def styles(subject: Subject) -> Iterator[Call]:
    layer = subject.published.layer.id
    yield Call("/styles/")
    for name in (layer, *(f"{layer}:{style}" for style in style_ids(subject)), "basemap"):
        for form in FORMS:
            yield Call(f"/styles/{name}.{form}")
        for form in ("json", "svg", "png"):
            yield Call(f"/legend/{name}.{form}")


def pictures(subject: Subject) -> Iterator[Call]:
    layer = subject.published.layer.id
    for lon, lat in spots(subject)[:3]:
        yield Call(f"/pictures/{layer}/{lon:.7f},{lat:.7f},15/200x150.png")


def map_query(subject: Subject, spot: tuple[float, float], reach: float, **more: str) -> dict[str, str]:
    x, y = web_mercator(*spot)
    return {
        "service": "WMS",
        "version": "1.3.0",
        "request": "GetMap",
        "layers": subject.published.layer.id,
        "styles": "",
        "crs": "EPSG:3857",
        "bbox": f"{x - reach},{y - reach},{x + reach},{y + reach}",
        "width": "201",
        "height": "201",
        "format": "image/png",
        **more,
    }


def wms(subject: Subject) -> Iterator[Call]:
    """Capabilities; maps and clicks about each spot; words of a refusal; what another audience's map would take."""

    def call(query: dict[str, str]) -> Call:
        return Call("/wms?" + urlencode(query))

    layer = subject.published.layer
    for version in ("1.3.0", "1.1.1"):
        yield call({"service": "WMS", "request": "GetCapabilities", "version": version})
    for spot in spots(subject):
        for reach in AROUND_M[: 2 if spot in subject.spots[:1] else 1]:
            yield call(map_query(subject, spot, reach))
        click = {
            "request": "GetFeatureInfo",
            "query_layers": layer.id,
            "i": "100",
            "j": "100",
            "feature_count": "20",
        }
        for format_ in INFO_FORMATS:
            yield call(map_query(subject, spot, AROUND_M[0], **click, info_format=format_))
        wide = map_query(subject, spot, AROUND_M[1], **click, info_format="application/json")
        yield call(wide)
        if layer.time:
            yield call(wide | {"time": "2025-07-01"})
    for style in style_ids(subject)[1:]:
        yield call(map_query(subject, spots(subject)[0], AROUND_M[0], styles=style))
    yield call({"service": "WMS", "version": "1.3.0", "request": "GetLegendGraphic", "layer": layer.id})
    yield call(map_query(subject, (LON, LAT), AROUND_M[0], layers="basemap"))
    yield call(map_query(subject, (LON, LAT), AROUND_M[0], layers="x"))


def wmts(subject: Subject) -> Iterator[Call]:
    layer, grid = subject.published.layer.id, VN2000.id
    yield Call("/wmts/1.0.0/WMTSCapabilities.xml")
    from_degrees = pyproj.Transformer.from_crs(4326, 9214, always_xy=True)
    for spot in spots(subject)[:2]:
        x, y = from_degrees.transform(*spot)
        z = 13
        side = VN2000.side(z)
        column, row = int((x - VN2000.corner[0]) // side), int((VN2000.corner[1] - y) // side)
        yield Call(f"/wmts/1.0.0/{layer}/{style_ids(subject)[0]}/{grid}/{z}/{row}/{column}.png")
        minx, _, _, maxy = VN2000.box(TileId(z, column, row))
        pixel = {"i": str(int((x - minx) * 256 / side)), "j": str(int((maxy - y) * 256 / side))}
        query = {
            "service": "WMTS",
            "request": "GetFeatureInfo",
            "version": "1.0.0",
            "layer": layer,
            "style": "",
            "tilematrixset": grid,
            "tilematrix": str(z),
            "tilerow": str(row),
            "tilecol": str(column),
            "infoformat": "application/json",
            **pixel,
        }
        yield Call("/wmts?" + urlencode(query))


def maps(subject: Subject) -> Iterator[Call]:
    """Maps of the OGC API: all of the collection, and about a spot."""
    here = f"{subject.here}/map"
    yield Call(f"{here}?width=300")
    for lon, lat in spots(subject)[:2]:
        yield Call(f"{here}?center={lon},{lat}&scale-denominator=5000&width=200&height=200")
        yield Call(
            f"/ogcapi/map?collections={subject.published.layer.id}&center={lon},{lat}&scale-denominator=5000"
        )
    for style in style_ids(subject):
        yield Call(f"{subject.here}/styles/{style}/map?center={LON},{LAT}&scale-denominator=9000&width=200")
