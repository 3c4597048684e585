"""The relief of our pictures beside that of MapLibre, in a real browser, by the same style document."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from gis_core.terrain import Terrain
from imports.terrain.run import TerrainRequest, import_terrain
from tests.clients.same_picture.maplibre import opened_page
from tests.tilesrv.conftest import TileCity
from tests.tilesrv.terrain import roof
from tests.tilesrv.terrain.test_elevation import SRTM, needs_srtm

SIDE = 256  # of MapLibre's page
PYRENEES = (1.5734, 42.5512)
Pixels = NDArray[np.int64]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    yield from opened_page(SIDE)


@pytest.fixture(scope="module")
def mountains(published: TileCity) -> Iterator[TileCity]:
    import_terrain(TerrainRequest(files=(SRTM,), fill_gaps=20), published.var)
    yield published
    Terrain(published.var).remove()


def both(
    page: Page, city: TileCity, name: str, place: tuple[float, float], zoom: float
) -> tuple[Pixels, Pixels]:
    """MapLibre's picture and ours, RGB; whatever MapLibre complains of fails the test."""
    with city.client() as client:
        style = client.get(f"/styles/{name}.json").json()
        lon, lat = place
        ours = client.get(f"/pictures/{name}/{lon:.8f},{lat:.8f},{zoom:g}/{SIDE}x{SIDE}.png")
    drawn = page.evaluate(
        "([style, center, zoom]) => window.drawn(style, center, zoom)", [style, place, zoom]
    )
    assert drawn["errors"] == []
    theirs = base64.b64decode(drawn["picture"].partition(",")[2])
    found = [Image.open(io.BytesIO(each)).convert("RGB") for each in (theirs, ours.content)]
    assert found[0].size == found[1].size
    return np.asarray(found[0]).astype(np.int64), np.asarray(found[1]).astype(np.int64)


@pytest.mark.parametrize("name", ["bare", "faint", "strong", "from-north-west"])
@pytest.mark.parametrize("zoom", [10.0, 11.4, 12.0, 14.0])
def test_slopes_have_the_light_of_maplibre(page: Page, relief: TileCity, name: str, zoom: float) -> None:
    """MapLibre rounds slopes to 8 bits, by which its colours differ by as much as the tolerance."""
    theirs, ours = both(page, relief, f"test_plots:{name}", roof.place(200), zoom)
    assert np.ptp(theirs[..., 0]) > 15
    assert np.median(np.abs(theirs - ours)) <= 1
    assert (np.abs(theirs - ours).max(axis=2) > 12).mean() < 0.03  # where slopes break


@needs_srtm
@pytest.mark.parametrize("name", ["test_plots:bare", "basemap", "basemap-night", "basemap-print"])
@pytest.mark.parametrize("zoom", [8.0, 9.7, 10.0, 12.3])
def test_real_mountains_look_the_same(page: Page, mountains: TileCity, name: str, zoom: float) -> None:
    theirs, ours = both(page, mountains, name, PYRENEES, zoom)
    apart = np.abs(theirs - ours)
    spread = theirs[..., 0].std()
    assert spread > 4
    assert apart.mean() < 0.2 * spread + 1
    likeness = np.corrcoef(theirs[..., 0].ravel(), ours[..., 0].ravel())[0, 1]
    assert likeness > 0.97
    moved = [
        np.corrcoef(theirs[8:-8, 8:-8, 0].ravel(), np.roll(ours[..., 0], by, (0, 1))[8:-8, 8:-8].ravel())[
            0, 1
        ]
        for by in ((2, 0), (-2, 0), (0, 2), (0, -2))
    ]
    assert likeness > max(moved)  # nowhere else does it fit better
