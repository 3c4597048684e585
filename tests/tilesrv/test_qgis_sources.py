"""What a project asks the server for, in the words of QGIS's providers."""

from __future__ import annotations

import pytest

from gis_core.crs import EPSG9214
from gis_core.layer import Field, Geometry, Layer
from gis_core.registry import Published
from gis_core.words import Text
from tilesrv.qgis import sources
from tilesrv.qgis.crs_xml import spatial_ref_sys

LAYER = Layer(
    id="wells",
    title=Text("Giếng", "Wells"),
    description=Text("Giếng", "Wells"),
    geometry=Geometry(type="Point"),
    fields=(Field(name="depth", label=Text("Sâu", "Depth"), type="number"),),
    table="public.wells",
)


@pytest.mark.parametrize(("rows", "by_view"), [(0, "0"), (5000, "0"), (5001, "1"), (200_000, "1"), (-1, "1")])
def test_a_large_layer_comes_by_the_box_of_the_view(rows: int, by_view: str) -> None:
    """-1 is a table that was never counted: it may be large."""
    uri = sources.features(Published(LAYER, 1, False, rows), "https://hue.example").uri
    assert f"restrictToRequestBBOX='{by_view}'" in uri
    assert "url='https://hue.example/ogcapi' version='OGC_API_FEATURES'" in uri


def test_an_identifier_stands_unquoted_where_qgis_looks_for_it() -> None:
    """QGIS puts the configuration in place of ``authcfg=[A-Za-z0-9]{7}``; in quotes it would find none."""
    uri = sources.features(Published(LAYER, 1, False, 1), "https://hue.example", authcfg="huong00").uri
    assert uri.startswith("authcfg=huong00 ")
    tiles = sources.pictures("wells", "https://hue.example", EPSG9214, "huong00").uri
    assert tiles.endswith("&authcfg=huong00")
    assert "url=https://hue.example/tiles/wells/%7Bz%7D/%7Bx%7D/%7By%7D.png" in tiles


def test_the_crs_of_the_project_is_whole() -> None:
    """A QGIS that does not know EPSG:9214 by number makes it from the text: the axis is 107° east, not 105°45'."""
    text = {each.tag: each.text or "" for each in spatial_ref_sys(EPSG9214)}
    assert text["authid"] == "EPSG:9214"
    assert "+lon_0=107 " in text["proj4"] and "+proj=tmerc" in text["proj4"]
    assert 'PARAMETER["Longitude of natural origin",107' in text["wkt"]
    assert (text["projectionacronym"], text["geographicflag"]) == ("tmerc", "false")
